"""A seeded catalogue behaves as if every item of it were kept, whatever is written to it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.filters import ANY, Filter
from onshelf.sandbox.seeded import FIRST_ID, PERIOD, Seeded, Spec
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.shelf import FOR_SHELVED, ONSALE, SOLD_OUT, VIOLATION, Item, Query, Shelf
from onshelf.sandbox.state import World

START = 1_800_000_000.0
COUNT = 220  # more than two blocks
BLOCK = 100
BUCKETS = (ONSALE, FOR_SHELVED, "off_shelf", "never_on_shelf", SOLD_OUT, VIOLATION)


def seeded(count: int = COUNT) -> Seeded:
    return Seeded(Spec(count, FIRST_ID, seed=7, start=START, seller_cids=(11, 12), block=BLOCK), "小店")


def all_kept() -> Shelf:
    """The same catalogue with every item kept one by one."""
    return Shelf(Item(one.num_iid, one.banner, one.wire, [*one.events]) for one in made_once())


@cache
def made_once() -> list[Item]:
    shelf = Shelf(seeded=seeded())
    return [shelf.items[one] for one in shelf.items]


def changed(item: Item, banner: str, second: int, code: str, *, deleted: bool) -> Item:
    stamp = wire_time(START + second * 1000)
    wire = {**item.wire, "modified": stamp, "list_time": stamp, "outer_id": code}
    return Item(item.num_iid, banner, wire, item.events, deleted)


writes = st.lists(
    st.tuples(
        st.integers(0, COUNT + 5),
        st.sampled_from(BUCKETS[:1] + BUCKETS[2:]),
        st.integers(0, 20_000),
        st.sampled_from(("S-0000003", "S-0000100", "X")),
        st.booleans(),
    ),
    max_size=30,
)
queries = st.builds(
    Query,
    bucket=st.sampled_from(BUCKETS),
    order=st.sampled_from(("list_time", "modified", "num", "delist_time", "sold_quantity")),
    descending=st.booleans(),
    page_no=st.integers(1, 30),
    page_size=st.integers(1, 60),
    start=st.sampled_from(("", wire_time(START), wire_time(START + 10_000_000))),
    end=st.sampled_from(("", wire_time(START + 20_000_000))),
    wanted=st.sampled_from(
        (
            ANY,
            Filter(word="连衣裙"),
            Filter(word="7"),
            Filter(cid=1623),
            Filter(cid=1),
            Filter(word="棉", seller_cids=frozenset(("11", "13"))),
            Filter(flags=(("has_showcase", True),)),
            Filter(flags=(("is_ex", False), ("has_discount", False))),
        )
    ),
)


def write_all(shelf: Shelf, history: list[tuple[int, str, int, str, bool]]) -> Shelf:
    made = seeded(COUNT + 6)
    for number, banner, second, code, deleted in history:
        item = shelf.items.get(FIRST_ID + number) or Item(FIRST_ID + number, banner, made.wire(number), [])
        shelf.write(changed(item, banner, second, code, deleted=deleted), 0.0)
    return shelf


@given(writes, queries)
def test_every_page_and_count_is_as_if_all_items_were_kept(history: list[Any], query: Query) -> None:
    lazy, kept = write_all(Shelf(seeded=seeded()), history), write_all(all_kept(), history)

    found, total = lazy.index.page(query)

    assert ([item.wire for item in found], total) == (
        [item.wire for item in kept.index.page(query)[0]],
        kept.index.page(query)[1],
    )


@given(writes, st.integers(-10, 32_000), st.integers(-10, 32_000), st.sampled_from(BUCKETS))
def test_every_slice_by_time_is_as_if_all_items_were_kept(
    history: list[Any], first: int, last: int, bucket: str
) -> None:
    lazy, kept = write_all(Shelf(seeded=seeded()), history), write_all(all_kept(), history)
    start, end = wire_time(START + first * 1000), wire_time(START + last * 1000)
    query = Query(bucket, "modified", page_size=200, start=start, end=end)

    assert [item.wire for item in lazy.index.page(query)[0]] == [
        item.wire for item in kept.index.page(query)[0]
    ]
    assert lazy.index.page(query)[1] == kept.index.page(query)[1]


@given(writes, st.sampled_from(("S-0000003", "S-0000100", "S-0000100-1", "X", "S-0000999", "S-٣")))
def test_every_look_up_by_code_is_as_if_all_items_were_kept(history: list[Any], code: str) -> None:
    lazy, kept = write_all(Shelf(seeded=seeded()), history), write_all(all_kept(), history)
    looks: list[Callable[[Shelf], list[Item]]] = [
        lambda shelf: shelf.index.by_code(code),
        lambda shelf: shelf.index.by_sku_code(code),
        lambda shelf: sorted(shelf.coded(code), key=lambda one: one.num_iid),
    ]

    for look in looks:
        assert [item.wire for item in look(lazy)] == [item.wire for item in look(kept)]
    assert sorted(lazy.doubles()) == sorted(kept.doubles())
    assert len(lazy.items) == len(list(lazy.items)) == len(kept.items)


def test_an_item_of_the_seed_is_the_same_each_time_and_with_another_seed_another() -> None:
    other = Seeded(Spec(COUNT, FIRST_ID, seed=8, start=START, block=BLOCK), "小店")

    assert seeded().wire(42) == seeded().wire(42)
    assert seeded().wire(42)["title"] != other.wire(42)["title"]


@pytest.mark.parametrize("number", [0, 1, 4, 99, 219])
def test_an_item_is_found_by_its_own_id_code_and_sku(number: int) -> None:
    shelf, wire = Shelf(seeded=seeded()), seeded().wire(number)

    assert shelf.items[wire["num_iid"]].wire == wire
    assert [one.wire for one in shelf.index.by_code(wire["outer_id"])] == [wire]
    for sku in wire.get("skus", {}).get("sku", ()):
        found = shelf.with_sku(sku["sku_id"])
        assert found is not None
        assert found.wire == wire
        assert [one.wire for one in shelf.index.by_sku_code(sku["outer_id"])] == [wire]


def test_ids_and_codes_the_seed_does_not_make_are_unknown() -> None:
    shelf = Shelf(seeded=seeded())

    assert shelf.items.get(FIRST_ID + COUNT) is None
    assert shelf.items.get(1) is None
    assert shelf.with_sku(1) is None
    assert shelf.index.by_code(f"S-{COUNT:07}") == []
    with pytest.raises(KeyError):
        shelf.items[FIRST_ID - 1]


def test_a_seeded_item_can_be_taken_off_sold_out_and_deleted_like_any_other() -> None:
    world = World()
    shop = world.add_shop("小店", items=COUNT, start=START)
    counter = Counter(world, shop, Cause(START + 10**8, "seller"))
    on_sale, _ = shop.shelf.index.page(Query(ONSALE, page_size=3))
    before = {bucket: shop.shelf.index.size(bucket) for bucket in BUCKETS}

    counter.take_off(on_sale[0])
    counter.sell_out(on_sale[1])
    counter.delete(on_sale[2])

    after = {bucket: shop.shelf.index.size(bucket) - before[bucket] for bucket in BUCKETS}
    assert after == {
        ONSALE: -3,
        FOR_SHELVED: 1,
        "off_shelf": 1,
        "never_on_shelf": 0,
        SOLD_OUT: 1,
        VIOLATION: 0,
    }
    assert [event["what"] for event in shop.shelf.items[on_sale[0].num_iid].events] == ["created", "delisted"]


def test_saving_keeps_what_was_touched_and_loading_brings_all_back() -> None:
    world = World()
    shop = world.add_shop("小店", items=COUNT, start=START)
    (first, *_), total = shop.shelf.index.page(Query(ONSALE))
    Counter(world, shop, Cause(START + 10**8, "seller")).take_off(first)

    saved = world.save()
    other = World()
    other.load(saved)

    assert len(saved.items["小店"]) == 1
    assert other.shops["小店"].shelf.index.size(ONSALE) == total - 1
    assert other.shops["小店"].shelf.items[first.num_iid].banner == "off_shelf"


def test_states_repeat_in_a_pattern_of_fixed_shares() -> None:
    index = Shelf(seeded=seeded(PERIOD * 3)).index

    assert [index.size(bucket) for bucket in BUCKETS] == [240, 42, 27, 15, 12, 6]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("order", ["list_time", "delist_time", "num", "sold_quantity"])
@pytest.mark.parametrize(
    "wanted",
    [Filter(cid=1623), Filter(word="雪纺"), Filter(word="42"), Filter(seller_cids=frozenset(("11",)))],
)
def test_a_filtered_page_of_ten_million_items_does_not_look_at_them(order: str, wanted: Filter) -> None:
    """Looking at each takes far longer than the time limit."""
    shelf = Shelf(seeded=Seeded(Spec(10_000_000, FIRST_ID, seed=7, start=START, seller_cids=(11,)), "小店"))
    for num_iid in range(FIRST_ID, FIRST_ID + 50):
        shelf.write(changed(shelf.items[num_iid], SOLD_OUT, 1, "X", deleted=False), 0.0)

    for page_no in (1, 40, 90):
        items, total = shelf.index.page(Query(ONSALE, order, page_no=page_no, page_size=200, wanted=wanted))

        assert len({item.num_iid for item in items}) == 200
        assert all(wanted.fits(item.wire) and item.on_sale for item in items)
        assert 100_000 < total < 5_000_000
