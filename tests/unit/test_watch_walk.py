"""Walking through a list that moves meanwhile loses no row."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, to_us
from onshelf.ids import ItemId
from onshelf.platforms.port import Bucket, Page, SeenItem, Slice
from onshelf.watch.walk import BEGINNING_US, PAGE_SIZE, PAGES, Walk, Window, after, wanted

START_S = BEGINNING_US // SECOND_US
BUCKET = Bucket.TAKEN_OFF


@dataclass
class List:
    """A list of the platform, oldest change first: item id → second of its change."""

    rows: dict[int, int]
    newest_first: bool = False
    knows_windows: bool = True
    calls: int = 0

    def answer(self, asked: Slice) -> Page:
        self.calls += 1
        assert 1 <= asked.page <= PAGES
        windowed = self.knows_windows and asked.modified_from and asked.modified_to
        low = to_us(asked.modified_from) // SECOND_US if windowed and asked.modified_from else 0
        high = to_us(asked.modified_to) // SECOND_US if windowed and asked.modified_to else 1 << 62
        found = sorted((second, one) for one, second in self.rows.items() if low <= second <= high)
        found = found[::-1] if self.newest_first else found
        skip = (asked.page - 1) * asked.page_size
        items = [SeenItem(ItemId(one), 0, 0) for _, one in found[skip : skip + asked.page_size]]
        return Page(tuple(items), len(found))


def read_all(source: List, walk: Walk, between: random.Random | None = None) -> tuple[set[int], Walk]:
    """Walks to the end; with `between`, rows leave and newer ones come in between two pages."""
    seen: set[int] = set()
    while asked := wanted(walk, BUCKET):
        page = source.answer(asked)
        seen |= {row.item_id for row in page.items}
        walk = after(walk, page)
        if between is not None:
            for one in between.sample(sorted(source.rows), k=min(len(source.rows), between.randint(0, 30))):
                del source.rows[one]
            newest = max(source.rows.values(), default=START_S)
            for _ in range(between.randint(0, 30) if source.calls < 40 else 0):
                source.rows[10_000_000 + len(source.rows) + source.calls * 1000] = newest + 1
    return seen, walk


def whole_list(source: List) -> Walk:
    return Walk((Window(None, (max(source.rows.values(), default=START_S) + 5) * SECOND_US),))


@pytest.mark.parametrize(("rows", "calls"), [(0, 1), (1, 1), (200, 1), (201, 3), (5000, 26)], ids=str)
def test_a_list_that_stands_still_costs_its_pages_and_one_call(rows: int, calls: int) -> None:
    source = List({one: START_S + one for one in range(rows)})

    seen, walk = read_all(source, whole_list(source))

    assert seen == set(range(rows))
    assert source.calls == calls
    assert (walk.counted, walk.whole) == (rows, True)


@settings(max_examples=150)
@given(rows=st.integers(0, 2500), seed=st.integers(0, 1 << 30), newest_first=st.booleans())
def test_rows_that_stay_are_seen_or_the_walk_owns_up(rows: int, seed: int, newest_first: bool) -> None:
    """Others leave and come between any two pages, sometimes as many as leave."""
    source = List({one: START_S + one for one in range(rows)}, newest_first)
    before = set(source.rows)

    seen, walk = read_all(source, whole_list(source), random.Random(seed))

    assert before & set(source.rows) <= seen or not walk.whole
    if not newest_first:
        assert before & set(source.rows) <= seen


def test_one_row_leaving_as_another_comes_in_is_noticed() -> None:
    """The total stays the same, and the rows between shift towards pages already read."""
    source = List({one: START_S + one for one in range(600)}, newest_first=True)
    walk = whole_list(source)
    seen: set[int] = set()
    while asked := wanted(walk, BUCKET):
        if source.calls == 2:
            del source.rows[0]
            source.rows[999_999] = START_S + 600
        page = source.answer(asked)
        seen |= {row.item_id for row in page.items}
        walk = after(walk, page)

    assert set(source.rows) <= seen
    assert walk.whole


def test_a_window_of_more_rows_than_can_be_paged_is_split_by_time() -> None:
    source = List({one: START_S + one // 7 * 3600 for one in range(PAGES * PAGE_SIZE + 4321)})

    seen, walk = read_all(source, whole_list(source))

    assert seen == set(source.rows)
    assert walk.counted == len(source.rows)
    assert walk.whole


def test_a_list_that_ignores_windows_is_not_read_for_ever() -> None:
    source = List({one: START_S + one for one in range(PAGES * PAGE_SIZE + 1)}, knows_windows=False)

    seen, walk = read_all(source, whole_list(source))

    assert len(seen) == PAGES * PAGE_SIZE
    assert source.calls < 3 * PAGES
    assert not walk.whole


def test_more_rows_in_one_second_than_can_be_paged_are_owned_up_to() -> None:
    source = List(dict.fromkeys(range(PAGES * PAGE_SIZE + 1), START_S))

    seen, walk = read_all(source, Walk((Window(START_S * SECOND_US, START_S * SECOND_US),)))

    assert len(seen) == PAGES * PAGE_SIZE
    assert not walk.whole


def test_a_window_that_never_stops_growing_is_left_and_owned_up_to() -> None:
    source = List({one: START_S + one for one in range(450)})
    walk = whole_list(source)
    while asked := wanted(walk, BUCKET):
        walk = after(walk, source.answer(asked))
        source.rows |= {len(source.rows) + one: START_S + 1 for one in range(3)}
        assert source.calls < 100

    assert not walk.whole
