"""Pages of a list that changes while it is read: whatever was there throughout is read."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.top.unread import Unread

Rows = list[int]


def read(rows: Rows, size: int, change: Callable[[Rows], None], *, last_first: bool) -> list[int]:
    """Reads a list page by page as `Typed.rows` does; the list changes after every page."""
    unread, seen = Unread(len(rows), size, last_first=last_first), []
    while number := unread.next_page():
        assert not unread.is_restless
        seen += rows[(number - 1) * size : number * size]
        unread.heard(number, len(rows))
        change(rows)
    return seen


def still(_: Rows) -> None: ...


@pytest.mark.parametrize(
    ("total", "size", "last_first", "pages"),
    [
        (0, 50, False, []),
        (50, 50, False, [1]),
        (51, 50, False, [1, 2]),
        (150, 50, False, [1, 2, 3]),
        (0, 50, True, []),
        (50, 50, True, [1]),
        (101, 50, True, [3, 2, 1]),
    ],
)
def test_every_page_of_a_quiet_list_is_read_once(
    total: int, size: int, last_first: bool, pages: list[int]
) -> None:
    unread, asked = Unread(total, size, last_first=last_first), []
    while number := unread.next_page():
        asked.append(number)
        unread.heard(number, total)

    assert asked == pages


@given(
    count=st.integers(1, 60),
    size=st.integers(5, 20),
    seed=st.integers(0, 10**6),
    last_first=st.booleans(),
)
def test_no_row_is_missed_that_stays_while_others_leave(
    count: int, size: int, seed: int, last_first: bool
) -> None:
    rows, chance = list(range(count)), Random(seed)

    def leave(rows: Rows) -> None:
        for _ in range(chance.randint(0, min(2, len(rows)))):
            rows.pop(chance.randrange(len(rows)))

    seen = read(rows, size, leave, last_first=last_first)

    assert set(rows) <= set(seen)


@given(
    count=st.integers(1, 60),
    size=st.integers(5, 20),
    seed=st.integers(0, 10**6),
    last_first=st.booleans(),
)
def test_no_row_is_missed_while_others_come_in_at_the_front(
    count: int, size: int, seed: int, last_first: bool
) -> None:
    rows, chance = list(range(count)), Random(seed)

    def come(rows: Rows) -> None:
        for _ in range(chance.randint(0, 2)):
            rows.insert(0, -len(rows))

    seen = read(rows, size, come, last_first=last_first)

    assert set(range(count)) <= set(seen)


def test_a_list_that_grows_faster_than_it_is_read_is_given_up() -> None:
    unread, total = Unread(10, 1, last_first=True), 10
    while (number := unread.next_page()) and not unread.is_restless:
        total += 1
        unread.heard(number, total)

    assert unread.is_restless


def test_a_quiet_list_costs_no_page_more() -> None:
    rows = list(range(1000))

    assert read(rows, 40, still, last_first=False) == rows
