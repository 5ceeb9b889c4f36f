"""Descriptions: cut to named tags, and what was cut is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.markup import clean


@pytest.mark.parametrize(
    ("text", "html", "removed"),
    [
        ("<p>好<b>看</b></p>", "<p>好<b>看</b></p>", ()),
        ("<p onclick='x()'>好<script>track()</script></p>", "<p>好</p>", ("<script>", "onclick=")),
        ('<P STYLE="color:red">x</P>', "<p>x</p>", ("style=",)),
        ('<a href="http://x">去看</a>', "去看", ("<a>",)),
        ("<p>没有结尾", "<p>没有结尾</p>", ()),
        ('<img src="https://img.alicdn.com/a.jpg">', '<img src="https://img.alicdn.com/a.jpg">', ()),
        ('<p>x</p><img src="http://other.example/b.jpg">', "<p>x</p>", ("<img>",)),
    ],
)
def test_html_is_cut_to_the_named_tags_and_the_rest_is_told(
    text: str, html: str, removed: tuple[str, ...]
) -> None:
    cleaned = clean(text)

    assert (cleaned.html, cleaned.removed) == (html, removed)


def test_plain_text_keeps_its_look() -> None:
    assert clean("5 < 6 & 7\n第二行").html == "5 &lt; 6 &amp; 7<br>第二行"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(f"<p>{text}</p>").html

    assert clean(once).html == once
