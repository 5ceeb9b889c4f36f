"""In which calls a long list is read: batches, windows and pages, none too large, nothing left out."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.top.generated.lists import ItemsInventoryGet, ItemsSellerListGet
from onshelf.platforms.top.generated.picture_space import PictureGet
from onshelf.platforms.top.generated.trades import TradesSoldIncrementGet
from onshelf.platforms.top.request import checked
from onshelf.platforms.top.walk import fits, halves, page, parts

DAY = datetime(2026, 11, 10, tzinfo=UTC)
NOW = DAY + timedelta(days=30)


@given(ids=st.lists(st.integers(min_value=1), max_size=90))
def test_batches_hold_every_id_once_in_order_and_never_too_many(ids: list[int]) -> None:
    batches = [list(part.num_iids) for part in parts(ItemsSellerListGet(fields="num_iid", num_iids=ids), NOW)]

    assert [one for batch in batches for one in batch] == ids
    assert all(1 <= len(batch) <= 20 for batch in batches)


def test_ids_may_be_joined_already() -> None:
    joined = ",".join(map(str, range(25)))

    sizes = [len(part.num_iids) for part in parts(ItemsSellerListGet(fields="num_iid", num_iids=joined), NOW)]

    assert sizes == [20, 5]


@given(hours=st.integers(min_value=1, max_value=200))
def test_windows_of_at_most_a_day_follow_each_other_without_a_gap(hours: int) -> None:
    end = DAY + timedelta(hours=hours)
    wanted = TradesSoldIncrementGet(fields="tid", start_modified=DAY, end_modified=end)

    windows = [(part.start_modified, part.end_modified) for part in parts(wanted, NOW)]

    assert windows[0][0] == DAY
    assert windows[-1][1] == end
    assert all(stop - start <= timedelta(days=1) for start, stop in windows)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(windows))


def test_a_window_of_trades_ends_now_at_the_latest() -> None:
    wanted = TradesSoldIncrementGet(fields="tid", start_modified=DAY, end_modified=DAY + timedelta(days=3))

    windows = list(parts(wanted, DAY + timedelta(hours=30)))

    assert [part.end_modified for part in windows] == [DAY + timedelta(hours=24), DAY + timedelta(hours=30)]


@pytest.mark.parametrize("end", [DAY, DAY - timedelta(hours=1)])
def test_a_window_of_a_moment_or_reversed_is_left_to_the_platform(end: datetime) -> None:
    wanted = TradesSoldIncrementGet(fields="tid", start_modified=DAY, end_modified=end)

    assert list(parts(wanted, NOW)) == [wanted]


def test_a_page_is_as_large_as_it_may_be_and_counts_all_rows() -> None:
    wanted = TradesSoldIncrementGet(
        fields="tid", start_modified=DAY, end_modified=DAY + timedelta(hours=1), use_has_next=True
    )

    params, _, _ = checked(page(wanted, 3))

    assert params["page_no"] == "3"
    assert params["page_size"] == "100"
    assert "use_has_next" not in params


def test_a_page_size_of_the_callers_own_is_kept() -> None:
    assert page(PictureGet(page_size=7), 1).page_size == 7


def test_a_list_deeper_than_its_pages_does_not_fit() -> None:
    walk = ItemsInventoryGet.WALK

    assert fits(walk, 20_200, 200)
    assert not fits(walk, 20_201, 200)


@given(seconds=st.integers(min_value=2, max_value=10**7))
def test_halves_of_a_window_are_shorter_and_meet(seconds: int) -> None:
    end = DAY + timedelta(seconds=seconds)
    wanted = ItemsInventoryGet(fields="num_iid", start_modified=DAY, end_modified=end)

    cut = halves(wanted)

    assert cut is not None
    assert (cut[0].start_modified, cut[1].end_modified) == (DAY, end)
    assert cut[0].end_modified == cut[1].start_modified
    assert DAY < (cut[0].end_modified or DAY) < end


def test_what_has_no_window_or_only_a_second_cannot_be_halved() -> None:
    second = DAY + timedelta(seconds=1)

    assert halves(ItemsInventoryGet(fields="num_iid")) is None
    assert halves(ItemsInventoryGet(fields="num_iid", start_modified=DAY, end_modified=second)) is None
