"""The list of changes and the figures of a day, over every database."""

from dataclasses import replace
from random import Random

import pytest

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.store import add_item
from onshelf.clock import SECOND_US
from onshelf.events import ItemChanged
from onshelf.platforms.port import Bucket
from onshelf.store.db import Database
from onshelf.watch import store
from onshelf.watch.changes import ChangeFilter, Order, list_changes, place_of_change
from onshelf.watch.compare import Nomination, Verdict
from onshelf.watch.figures import Day, LastLook, begin_of, day_of, figures_of, last_looks
from onshelf.watch.plan import Memory, blinded, looked
from onshelf.watch.store import Decision

SHOPS = ("a", "b", "c")
NOON_US = begin_of(20_000) + 12 * 3600 * SECOND_US


def made(count: int = 90) -> list[ItemChanged]:
    """Changes of three shops, many of them seen at the same moment."""
    random = Random(5)
    changes = []
    for number in range(count):
        reason = random.choice(list(Reason))
        changes.append(
            ItemChanged(
                random.choice(SHOPS),
                random.randrange(5),
                number,
                "A",
                "裙",
                "" if reason is Reason.FIRST_SEEN else "onsale",
                random.choice(list(State)).value,
                reason.value,
                90,
                100 + random.randrange(12),
                reason is Reason.OURS,
                "slice",
            )
        )
    return changes


async def keep(db: Database, changes: list[ItemChanged]) -> None:
    for change in changes:
        decision = Decision(Nomination(change.item_id, "slice"), Verdict(None, change), None)
        await store.settle(db, change.shop_id, [decision])


def fits(change: ItemChanged, wanted: ChangeFilter) -> bool:
    return (
        wanted.state in (None, change.new)
        and (change.reason == wanted.reason if wanted.reason else change.reason != Reason.FIRST_SEEN)
        and wanted.ours in (None, change.ours)
        and change.seen_us >= wanted.since_us
    )


FILTERS = [
    ChangeFilter(),
    ChangeFilter(state=State.ONSALE),
    ChangeFilter(reason=Reason.VIOLATION),
    ChangeFilter(reason=Reason.FIRST_SEEN),
    ChangeFilter(ours=True, state=State.INSTOCK),
    ChangeFilter(ours=True, reason=Reason.DELETED),
    ChangeFilter(ours=False, since_us=106),
    ChangeFilter(reason=Reason.SOLD_OUT, state=State.DELETED, ours=False),
]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("wanted", FILTERS, ids=str)
async def test_pages_of_several_shops_hold_each_change_once_and_in_order(
    database: Database, wanted: ChangeFilter, order: Order
) -> None:
    await keep(database, made())
    found: list[ItemChanged] = []
    after = None

    while page := await list_changes(database, SHOPS, wanted, order=order, after=after, limit=4):
        found += page
        after = place_of_change(page[-1])

    expected = sorted((one for one in made() if fits(one, wanted)), key=place_of_change)
    assert found == (expected[::-1] if order is Order.NEWEST else expected)


async def test_other_shops_are_left_out(database: Database) -> None:
    await keep(database, made())

    found = await list_changes(database, ["b"], ChangeFilter(), limit=100)

    assert {one.shop_id for one in found} == {"b"}
    assert await list_changes(database, [], ChangeFilter()) == []


def change(item_id: int, old: str, new: str, reason: Reason, took_s: float, at_us: int) -> ItemChanged:
    ours = reason is Reason.OURS
    happened_us = at_us - round(took_s * SECOND_US)
    return ItemChanged("a", item_id, 1, "A", "裙", old, new, reason.value, happened_us, at_us, ours, "push")


async def test_a_day_is_summed_by_cause_and_knows_how_fast_we_were(database: Database) -> None:
    day = day_of(NOON_US)
    changes = [
        change(1, "onsale", "instock", Reason.SOLD_OUT, 2, NOON_US),
        change(2, "onsale", "deleted", Reason.DELETED, 40, NOON_US),
        change(3, "onsale", "instock", Reason.SOLD_OUT, 4, NOON_US),
        change(4, "onsale", "instock", Reason.OURS, 900, NOON_US),  # no detection: we knew
        change(5, "instock", "onsale", Reason.LISTED, 3, NOON_US),
        change(6, "", "onsale", Reason.FIRST_SEEN, 5000, NOON_US),  # nobody knows since when
        change(7, "onsale", "instock", Reason.VIOLATION, 9000, begin_of(day) - 1),  # yesterday
    ]
    await keep(database, changes)
    published = Item("a", 8, 1, State.ONSALE, Reason.OURS, "A", "裙", None, 1, NOON_US, NOON_US, NOON_US)
    await database.commit(
        [add_item(published), add_item(replace(published, item_id=9, reason=Reason.LISTED))]
    )

    found = await figures_of(database, ["a", "b"], day)

    left = {Reason.SOLD_OUT: 2, Reason.DELETED: 1, Reason.OURS: 1}
    assert (found.left, found.listed) == (left, 2)
    assert (found.median_us, found.slowest_us) == (3_500_000, 40_000_000)
    assert await figures_of(database, ["a"], day + 1) == Day()
    assert (await figures_of(database, ["a"], day - 1)).left == {Reason.VIOLATION: 1}
    assert await figures_of(database, [], day) == Day()


def test_a_day_begins_at_midnight_of_beijing() -> None:
    begin = begin_of(20_000)

    assert (day_of(begin), day_of(begin - 1)) == (20_000, 19_999)
    assert (begin // SECOND_US + 8 * 3600) % 86_400 == 0


async def test_the_last_look_is_told_with_what_hinders_it(database: Database) -> None:
    memory = looked(looked(Memory(), Bucket.ONSALE, 7), Bucket.SOLD_OUT, 5)
    await store.remember(database, "a", blinded(memory, "session_expired", 9))

    found = await last_looks(database, ["a", "b"])

    assert found == {"a": LastLook(7, 9, "session_expired"), "b": LastLook(0, 0, "")}
