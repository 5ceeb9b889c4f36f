"""What is kept of a change: fields that differ, in short; never a secret, never a buyer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.guard.chain import digest_of, is_told_right, json_of
from onshelf.guard.change import LONGEST, MOST_FIELDS, change_of, shop_of
from onshelf.settings import Secret


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": ["1", "2"]}),
        ({}, {"a": True}, {"a": [None, "True"]}),
        ({"shops": ["b", "a"]}, {}, {"shops": ["b、a", None]}),
        ({"shops": {"b", "a"}}, {}, {"shops": ["a、b", None]}),
        ({"app_secret": "x"}, {"app_secret": "y"}, {"app_secret": ["•••", "•••"]}),
        ({"receiver_name": "陈"}, {"receiver_name": "林"}, {}),
        (
            {"rule": {"token": "x", "buyer_nick": "陈", "n": 1}},
            {},
            {"rule.token": ["•••", None], "rule.n": ["1", None]},
        ),
        ({"url": Secret("https://x/a")}, {"url": Secret("https://x/b")}, {"url": ["•••", "•••"]}),
        ({"url": Secret("https://x/a")}, {"url": Secret("https://x/a")}, {}),
        ({"city": "", "rest": 0}, {"city": "杭州", "rest": 1}, {"city": [None, "杭州"], "rest": ["0", "1"]}),
        ({"city": "", "pin": Secret("")}, {}, {}),
        ({"categories": {"手机壳": 1}}, {"categories": {"手机壳": 2}}, {"categories.手机壳": ["1", "2"]}),
        (
            {"url": "https://x/?access_token=abc"},
            {"url": "https://x/"},
            {"url": ["https://x/?access_token=•••", "https://x/"]},
        ),
    ],
)
def test_what_differs_is_told_and_nothing_that_must_not_be(
    before: dict[str, Any], after: dict[str, Any], told: dict[str, Any]
) -> None:
    assert change_of(before, after) == told


def test_of_fields_within_a_field_those_that_differ_are_told() -> None:
    before = {"price_rule": {"markup": 0.4, "ending": ".90"}, "city": "杭州"}
    after = {"price_rule": {"markup": 0.5, "ending": ".90"}, "city": "杭州"}

    assert change_of(before, after) == {"price_rule.markup": ["0.4", "0.5"]}


@pytest.mark.parametrize(
    ("action", "subject", "details", "shop"),
    [
        ("shop.paused", "a", {}, "a"),
        ("product.changed", "a/B-1", {}, "a"),
        ("jobs.pause", "01h", {"shop": "a"}, "a"),
        ("alert.acknowledged", "a:7:left_the_shelf", {}, "a"),
        ("alert.silenced", "01s", {}, ""),
        ("person.ended", "林", {}, ""),
        ("key.made", "a", {"shop": ""}, ""),
    ],
)
def test_an_act_is_found_by_the_shop_it_concerned(
    action: str, subject: str, details: dict[str, object], shop: str
) -> None:
    assert shop_of(action, subject, details) == shop


def test_what_is_long_is_cut_and_what_is_many_is_counted() -> None:
    told = change_of({}, {f"f{number:03}": "x" * 500 for number in range(MOST_FIELDS + 7)})

    assert len(told) == MOST_FIELDS + 1
    assert told["…"] == [None, "7"]
    assert all(len(after or "") <= LONGEST for _, after in told.values())


VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5)
)


@given(st.dictionaries(st.text(max_size=20), VALUES), st.dictionaries(st.text(max_size=20), VALUES))
def test_any_change_can_be_kept_and_proved(before: dict[str, Any], after: dict[str, Any]) -> None:
    told = change_of(before, after)

    assert is_told_right(json_of(told).decode(), digest_of(told))
