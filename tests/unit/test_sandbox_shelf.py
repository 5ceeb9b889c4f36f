"""The shelf's index: what lists show, compared with a plain scan, and how late it may be."""

from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.shelf import FOR_SHELVED, NEVER_LISTED, OFF_SHELF, ONSALE, SOLD_OUT, Item, Query, Shelf

BANNERS = (ONSALE, NEVER_LISTED, OFF_SHELF, SOLD_OUT)


def item(num_iid: int, banner: str = ONSALE, second: int = 0, code: str = "A", deleted: bool = False) -> Item:
    stamp = f"2026-01-01 12:{second // 60:02}:{second % 60:02}"
    wire = {"num_iid": num_iid, "modified": stamp, "list_time": stamp, "outer_id": code, "num": second}
    return Item(num_iid, banner, wire, [], deleted)


writes = st.lists(
    st.builds(
        item,
        st.integers(1, 20),
        st.sampled_from(BANNERS),
        st.integers(0, 3000),
        st.sampled_from("ABC"),
        st.booleans(),
    ),
    max_size=60,
)


@given(
    writes,
    st.sampled_from((*BANNERS, FOR_SHELVED)),
    st.sampled_from(("list_time", "modified", "num")),
    st.booleans(),
)
def test_a_page_is_what_a_scan_would_find(history: list[Item], bucket: str, order: str, down: bool) -> None:
    shelf = Shelf()
    for version in history:
        shelf.write(version, 0.0)

    found, total = shelf.index.page(Query(bucket, order, down, page_no=1, page_size=100))

    expected = [one for one in shelf.items.values() if bucket in one.buckets()]
    expected.sort(key=lambda one: (one.wire[order], one.num_iid), reverse=down)
    assert found == expected
    assert total == len(expected)


@given(writes, st.integers(0, 3000), st.integers(0, 3000))
def test_a_slice_by_modified_time_includes_both_ends(history: list[Item], first: int, last: int) -> None:
    shelf = Shelf()
    for version in history:
        shelf.write(version, 0.0)
    start, end = item(1, second=first).wire["modified"], item(1, second=last).wire["modified"]

    _, total = shelf.index.page(Query(ONSALE, "modified", start=start, end=end))

    on_sale = [one for one in shelf.items.values() if ONSALE in one.buckets()]
    assert total == sum(start <= one.wire["modified"] <= end for one in on_sale)


@given(writes, st.integers(1, 7))
def test_pages_together_are_the_whole_list(history: list[Item], size: int) -> None:
    shelf = Shelf()
    for version in history:
        shelf.write(version, 0.0)

    pages = [shelf.index.page(Query(ONSALE, page_no=number, page_size=size))[0] for number in range(1, 30)]

    assert [one for page in pages for one in page] == shelf.index.page(Query(ONSALE, page_size=100))[0]


@given(writes)
def test_a_code_finds_every_living_item_that_carries_it(history: list[Item]) -> None:
    shelf = Shelf()
    for version in history:
        shelf.write(version, 0.0)

    found = {one.num_iid for one in shelf.index.by_code("A")}

    living = (one for one in shelf.items.values() if not one.deleted)
    assert found == {one.num_iid for one in living if one.wire["outer_id"] == "A"}


def test_a_lagging_write_is_read_by_id_at_once_and_listed_later() -> None:
    shelf = Shelf()
    shelf.lag_s = 3.0

    shelf.write(item(1), now=10.0)
    shelf.settle(12.9)
    before = shelf.index.by_code("A")
    shelf.settle(13.0)

    assert shelf.find(1) is not None
    assert before == []
    assert [one.num_iid for one in shelf.index.by_code("A")] == [1]


def test_writes_reach_the_index_in_their_order_even_when_a_later_one_does_not_lag() -> None:
    shelf = Shelf()
    shelf.lag_s = 3.0
    shelf.write(item(1, ONSALE), now=10.0)

    shelf.lag_s = 0.0
    shelf.write(item(1, OFF_SHELF), now=11.0)
    shelf.settle(13.0)

    assert shelf.index.items[1].banner == OFF_SHELF


def test_reads_by_id_lag_when_told_to() -> None:
    shelf = Shelf()
    shelf.lag_s, shelf.lag_ids = 3.0, True

    shelf.write(item(1), now=10.0)

    assert shelf.find(1) is None
