"""Names of people: one form of each, all of it visible, none that passes for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.guard.names import fault_of, looks, name_of


@pytest.mark.parametrize(
    ("given_", "kept"),
    [("ｌｉｎ", "lin"), ("  林  小\t姐 ", "林 小 姐"), ("ﬁona", "fiona"), ("①号店", "1号店"), ("lin", "lin")],
)
def test_a_name_has_one_form_however_it_was_typed(given_: str, kept: str) -> None:
    assert name_of(given_) == kept


@pytest.mark.parametrize(
    "name",
    [
        "lin\0",
        "li\u202en",
        "lin\u200b",
        "\u2066boss\u2069",
        "lin\x1b[31m",
        "lin\u3164",
        "a\ufe0f",
        "\ud800a",
        "---",
        "⠀",
    ],
    ids=ascii,
)
def test_a_name_that_holds_what_nobody_sees_is_refused(name: str) -> None:
    assert fault_of(name_of(name)) == "odd_name"


@pytest.mark.parametrize("name", ["", " \u3000 ", "林" * 65])
def test_a_name_is_neither_nothing_nor_a_novel(name: str) -> None:
    assert fault_of(name_of(name)) == "no_name"


@pytest.mark.parametrize(
    "name", ["林小姐", "lin", "O'Brien", "José", "Николай", "सीमा", "张三（运营）", "erp-1", "林" * 64]
)
def test_a_name_of_any_language_will_do(name: str) -> None:
    assert fault_of(name_of(name)) == ""


@pytest.mark.parametrize(
    "copy",
    ["Boss", "BOSS", "bоss", "b0ss", "ＢＯＳＳ", "bo ss", "bóss", "βoss"],
)
def test_a_name_that_passes_for_anothers_is_known(copy: str) -> None:
    assert looks(name_of(copy)) & looks("boss")


@pytest.mark.parametrize(("one", "other"), [("lin", "Iin"), ("lin", "1in"), ("wang.rn", "wang.m")])
def test_letters_of_the_same_strokes_are_the_same(one: str, other: str) -> None:
    assert looks(one) & looks(other)


@pytest.mark.parametrize(
    ("one", "other"), [("kai", "kal"), ("lin", "林"), ("erp-1", "erp-2"), ("wang", "wong")]
)
def test_names_that_differ_to_the_eye_are_two(one: str, other: str) -> None:
    assert not looks(one) & looks(other)


@given(st.text(max_size=80))
def test_the_form_of_a_name_is_its_own_form(name: str) -> None:
    assert name_of(name_of(name)) == name_of(name)
