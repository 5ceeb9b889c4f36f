"""Whom a call counts for, and how callers are told apart."""

from typing import Any

import pytest

from onshelf.web.pace import Calls
from onshelf.web.shown import address_of, caller_of


def scope(address: str = "203.0.113.1", scheme: str = "http", **headers: str) -> dict[str, Any]:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": scheme, "client": (address, 1), "headers": raw}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scope(authorization="Bearer k"), scope(authorization="bearer    k ")),
        (scope(authorization="Bearer k"), scope(authorization="Bearer k", cookie="a=b")),
        (scope(cookie="onshelf_session=s"), scope(cookie="x=1; onshelf_session=s; y=2")),
        (scope(cookie="onshelf_session=s"), scope(cookie="onshelf_session=s", authorization="Basic x")),
        (scope(cookie="a=b"), scope()),
    ],
)
def test_what_does_not_count_makes_no_other_caller(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Else a caller has as many minutes as there are ways to write its key."""
    assert caller_of(one) == caller_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scope(authorization="Bearer k"), scope(authorization="Bearer l")),
        (scope(authorization="Bearer s"), scope(cookie="onshelf_session=s")),
        (scope(cookie="onshelf_session=s"), scope(cookie="onshelf_session=s", scheme="https")),
        (scope(cookie="onshelf_session=s"), scope()),
    ],
)
def test_callers_that_differ_are_two(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert caller_of(one) != caller_of(other)


def test_whoever_has_many_addresses_of_one_network_is_one_stranger() -> None:
    mine = {address_of(scope(f"2001:db8:1:2::{number:x}")) for number in range(100)}

    assert len(mine) == 1
    assert address_of(scope("2001:db8:1:3::1")) not in mine
    assert address_of(scope("203.0.113.1")) != address_of(scope("203.0.113.2"))


def test_a_minute_slides() -> None:
    calls = Calls(2)

    assert [calls.take(at_s)[0] for at_s in (0.0, 30.0, 59.9, 60.0, 89.0, 90.0)] == [1, 0, -1, 0, -1, 0]
