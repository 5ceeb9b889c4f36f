"""The lists and counts of items, over every database: filters, orders, pages, and counts that are never counted."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.item_list import (
    ItemFilter,
    Sort,
    count_by_cause,
    count_left,
    count_on_sale,
    find_items,
)
from onshelf.catalog.store import add_item, count_held, count_items, known_items, write_item
from onshelf.store.db import Database, Write
from onshelf.store.migrate import migrate, steps
from onshelf.watch.figures import Day, day_of, figures_of

SHOP = "店铺"
WORDS = ("连衣裙", "T恤 Cotton", "50%_off", "牛仔裤")


def items(count: int = 60) -> list[Item]:
    """Items that differ in all that is filtered by; several changed at the same moment."""
    random = Random(3)
    return [
        Item(
            SHOP,
            number,
            1,
            random.choice(list(State)),
            random.choice(list(Reason)),
            f"{random.choice('AB')}-{number % 7}",
            f"夏季 {random.choice(WORDS)} {number}",
            None,
            number,
            100,
            100,
            random.randrange(20),
            doubt=int(random.random() < 0.2),
        )
        for number in range(1, count + 1)
    ]


async def keep(db: Database, *kept: Item) -> None:
    await db.commit([add_item(item) for item in kept])


async def whole(
    db: Database, wanted: ItemFilter, *, sort: Sort = Sort.CHANGED, looked_at: int = 20_000, limit: int = 7
) -> list[Item]:
    """Reads a list page by page."""
    found, after = [], None
    while True:
        page = await find_items(db, SHOP, wanted, sort=sort, after=after, limit=limit, looked_at=looked_at)
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            return found
        after = page.next


def fits(item: Item, wanted: ItemFilter) -> bool:
    """Says in Python what the filter says in SQL."""
    return (
        wanted.state in (None, item.state)
        and wanted.reason in (None, item.reason)
        and item.outer_id.startswith(wanted.code)
        and all(word.lower() in item.title.lower() for word in wanted.words)
        and item.changed_us >= wanted.since_us
        and wanted.doubtful in (None, item.doubt > 0)
    )


FILTERS = [
    ItemFilter(),
    ItemFilter(state=State.ONSALE),
    ItemFilter(reason=Reason.VIOLATION),
    ItemFilter(state=State.INSTOCK, reason=Reason.SOLD_OUT, since_us=5),
    ItemFilter(code="A-"),
    ItemFilter(code="B-3", state=State.DELETED),
    ItemFilter(words=("连衣",)),
    ItemFilter(words=("cotton", "夏季"), state=State.ONSALE),
    ItemFilter(words=("%_",)),
    ItemFilter(since_us=12),
    ItemFilter(doubtful=True),
    ItemFilter(doubtful=False, reason=Reason.UNKNOWN),
    ItemFilter(doubtful=True, state=State.INSTOCK),
]


@pytest.mark.parametrize("looked_at", [3, 20_000])
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("wanted", FILTERS, ids=str)
async def test_pages_together_hold_what_the_filter_lets_through_once_and_in_order(
    database: Database, wanted: ItemFilter, sort: Sort, looked_at: int
) -> None:
    await keep(database, *items())
    await keep(database, replace(items()[0], shop_id="another"))

    found = await whole(database, wanted, sort=sort, looked_at=looked_at)

    assert sorted(item.item_id for item in found) == [i.item_id for i in items() if fits(i, wanted)]
    keys = [
        (item.outer_id, item.item_id)
        if wanted.code
        else (item.item_id, 0)
        if sort is Sort.ID
        else (-item.changed_us, -item.item_id)
        for item in found
    ]
    assert all(one < other for one, other in pairwise(keys))


async def test_counts_follow_every_item_that_comes_moves_or_goes(database: Database) -> None:
    first, second, third = items()[:3]
    first = replace(first, state=State.ONSALE, reason=Reason.LISTED, doubt=0)
    second, third = replace(first, item_id=2), replace(first, item_id=3, doubt=1)
    await keep(database, first, second, third)
    await keep(database, replace(first, state=State.DELETED))  # it is there already: nothing comes
    sold_out = replace(second, version=2, state=State.INSTOCK, reason=Reason.SOLD_OUT)
    await database.commit([write_item(sold_out, expect_version=1)])

    counts = await count_by_cause(database, SHOP)

    assert counts.by_cause == {(State.ONSALE, Reason.LISTED): 2, (State.INSTOCK, Reason.SOLD_OUT): 1}
    assert (counts.of(State.ONSALE), counts.of(State.DELETED), counts.doubtful) == (2, 0, 1)
    await database.commit([Write("DELETE FROM item WHERE item_id = 3")])
    assert await count_items(database, SHOP) == {State.ONSALE: 1, State.INSTOCK: 1}
    assert len(await known_items(database, SHOP, [1, 2, 3])) == 2


INSERT_CHANGE = (
    "INSERT INTO change (shop_id, item_id, version, outer_id, title, old, new, reason, happened_us, seen_us, ours, "
    "evidence) VALUES (?, ?, ?, '', '', ?, ?, 'sold_out', ?, ?, 0, 'push')"
)


def seen(item_id: int, version: int, old: str, new: str, seen_us: int) -> Write:
    """A change as watching keeps it, noticed a while after it happened."""
    return Write(INSERT_CHANGE, (SHOP, item_id, version, old, new, seen_us - 7, seen_us))


async def left_on_three_days(db: Database) -> None:
    """Item 1 left yesterday, 2 to 5 today; 3 came back, 4 was deleted besides, 5 came back and left again; 6 never left."""
    stood = [
        replace(one, item_id=number, state=state, reason=Reason.SOLD_OUT, title=f"裙 {number}")
        for number, state, one in zip(
            range(1, 7),
            (
                State.INSTOCK,
                State.INSTOCK,
                State.ONSALE,
                State.DELETED,
                State.INSTOCK,
                State.DELETED,
            ),
            items(),
            strict=False,
        )
    ]
    await keep(db, *stood, replace(stood[0], shop_id="another"))
    await db.commit(
        [
            seen(1, 2, "onsale", "instock", 99),
            seen(2, 2, "onsale", "instock", 100),
            seen(3, 2, "onsale", "instock", 101),
            seen(3, 3, "instock", "onsale", 102),
            seen(4, 2, "onsale", "instock", 103),
            seen(4, 3, "instock", "deleted", 104),
            seen(5, 2, "onsale", "instock", 105),
            seen(5, 3, "instock", "onsale", 106),
            seen(5, 4, "onsale", "instock", 107),
            seen(6, 2, "instock", "deleted", 108),
        ]
    )


@pytest.mark.parametrize("looked_at", [3, 20_000])
async def test_what_left_the_shelf_since_and_is_still_off_is_listed_last_first(
    database: Database, looked_at: int
) -> None:
    await left_on_three_days(database)
    wanted = ItemFilter(left_since_us=100)

    found = await whole(database, wanted, looked_at=looked_at, limit=2)

    assert [item.item_id for item in found] == [5, 4, 2]
    for narrower, ids in [
        (replace(wanted, words=("裙 4",)), [4]),
        (replace(wanted, state=State.INSTOCK), [5, 2]),
        (replace(wanted, code=items()[4].outer_id[:1]), None),
        (replace(wanted, reason=Reason.VIOLATION), []),
    ]:
        listed = [item.item_id for item in await whole(database, narrower, looked_at=looked_at, limit=2)]
        assert listed == ids if ids is not None else set(listed) <= {5, 4, 2}
    by_id = await whole(database, wanted, sort=Sort.ID, looked_at=looked_at, limit=2)
    assert [item.item_id for item in by_id] == [2, 4, 5]


async def test_what_left_the_shelf_is_counted_by_shop_and_cause(database: Database) -> None:
    await left_on_three_days(database)

    assert await count_left(database, [SHOP, "another"], 100) == {SHOP: {Reason.SOLD_OUT: 3}}
    assert await count_left(database, [], 0) == {}


async def test_what_is_on_sale_is_counted_over_shops(database: Database) -> None:
    on_sale = replace(items()[0], state=State.ONSALE)
    await keep(database, on_sale, replace(on_sale, shop_id="b"), replace(on_sale, shop_id="c"))

    assert await count_on_sale(database, [SHOP, "c", "d"]) == 2
    assert await count_on_sale(database, ["d"]) == await count_on_sale(database, []) == 0


async def test_products_held_back_are_counted_by_shop(database: Database) -> None:
    columns = ("shop_id", "outer_id", "title", "price", "stock", "category_id", "description", "goods_condition",
               "province", "city", "properties", "property_alias", "skus", "pictures", "source", "outer_id_derived",
               "digest", "held", "changed_us")  # fmt: skip
    rows = [
        (shop, code, "裙", "1", 1, 1, "", "new", "", "", "", "", "[]", "[]", "", 0, "", held, 1)
        for shop, code, held in [("a", "1", 1), ("a", "2", 1), ("a", "3", 0), ("b", "1", 0), ("c", "1", 1)]
    ]
    await database.upsert_many("product", key=("shop_id", "outer_id"), columns=columns, rows=rows)

    assert await count_held(database, ["a", "b", "d"]) == {"a": 2}


async def test_counts_begin_with_what_was_there_before_they_were_kept(empty_database: Database) -> None:
    """A home of an earlier version, brought to this one."""
    first = next(step.number for step in steps() if step.name == "shelf")
    await migrate(empty_database, upto=first - 1)
    kept = [
        replace(items()[0], item_id=number, state=State.ONSALE, reason=Reason.LISTED) for number in (1, 2)
    ]
    await keep(empty_database, *kept)
    day_us, seen_us = 86_400_000_000, 20_000 * 86_400_000_000
    await empty_database.commit([seen(1, 2, "onsale", "instock", seen_us)])

    await migrate(empty_database)

    assert await count_items(empty_database, SHOP) == {State.ONSALE: 2}
    day = await figures_of(empty_database, [SHOP], day_of(seen_us))
    assert (day.left, day.slowest_us) == ({Reason.SOLD_OUT: 1}, 7)
    assert await figures_of(empty_database, [SHOP], day_of(seen_us + day_us)) == Day()


async def test_what_had_left_before_it_was_noted_is_listed_too(empty_database: Database) -> None:
    """A home of an earlier version, brought to this one."""
    await migrate(empty_database, upto=next(step.number for step in steps() if step.name == "left") - 1)
    await left_on_three_days(empty_database)

    await migrate(empty_database)

    found = await whole(empty_database, ItemFilter(left_since_us=100))
    assert [item.item_id for item in found] == [5, 4, 2]
