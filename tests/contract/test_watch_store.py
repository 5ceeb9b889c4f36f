"""Changes are stored once, with record and event, over every database."""

import asyncio
from dataclasses import replace

import pytest

from onshelf.catalog.item import Expected, Item, Reason, State
from onshelf.catalog.store import expect, known_items, write_item
from onshelf.errors import Conflict
from onshelf.events import ItemChanged
from onshelf.platforms.port import Bucket
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.watch import store
from onshelf.watch.compare import Nomination, Verdict
from onshelf.watch.plan import Memory, Pace, begin_first, blinded, looked
from onshelf.watch.store import Decision

SHOP = "店铺"


def record(item_id: int = 7, version: int = 1, **fields: object) -> Item:
    base = Item(SHOP, item_id, version, State.ONSALE, Reason.LISTED, "A-7", "连衣裙", None, 5, 100, 100, 100)
    return replace(base, **fields)  # type: ignore[arg-type]


def change(item_id: int = 7, version: int = 2, seen_us: int = 200) -> ItemChanged:
    return ItemChanged(
        SHOP, item_id, version, "A-7", "连衣裙", "onsale", "instock", "sold_out", 150, seen_us, False, "slice"
    )


def left(item_id: int = 7, **verdict: object) -> Decision:
    """The decision that an item on record at version 1 has sold out."""
    gone = record(item_id, 2, state=State.INSTOCK, reason=Reason.SOLD_OUT)
    base = Verdict(gone, change(item_id))
    return Decision(Nomination(item_id, "slice"), replace(base, **verdict), known_version=1)  # type: ignore[arg-type]


async def keep(db: Database, *items: Item) -> None:
    await db.commit([write_item(item, expect_version=None) for item in items])


async def test_a_change_its_record_and_its_event_are_written_together(database: Database) -> None:
    await keep(database, record())

    assert await store.settle(database, SHOP, [left()]) == [change()]

    assert (await known_items(database, SHOP, [7]))[7].state is State.INSTOCK
    assert await store.history(database, SHOP) == [change()]
    assert [entry.event for entry in await log.read(database, "test", 10)] == [change()]


async def test_a_decision_on_an_old_record_is_dropped_and_the_others_stand(database: Database) -> None:
    await keep(database, record(7), record(8, version=5), record(9))

    written = await store.settle(database, SHOP, [left(7), left(8), left(9)])

    assert [one.item_id for one in written] == [7, 9]
    assert (await known_items(database, SHOP, [8]))[8] == record(8, version=5)
    assert len(await log.read(database, "test", 10)) == 2


async def test_of_many_that_decide_the_same_change_one_writes_it(database: Database) -> None:
    await keep(database, record())

    written = await asyncio.gather(*(store.settle(database, SHOP, [left()]) for _ in range(8)))

    assert sum(len(one) for one in written) == 1
    assert len(await store.history(database, SHOP)) == 1
    assert len(await log.read(database, "test", 10)) == 1


async def test_an_expectation_is_taken_back_unless_a_job_has_set_another(database: Database) -> None:
    ours, newer = Expected(State.INSTOCK, "job-1", 500), Expected(State.DELETED, "job-2", 900)
    await keep(database, record(7, expected=ours), record(8, expected=ours))
    await database.commit([expect(SHOP, 8, newer)])

    await store.settle(database, SHOP, [left(7, spent=ours), left(8, spent=ours)])

    known = await known_items(database, SHOP, [7, 8])
    assert (known[7].expected, known[8].expected) == (None, newer)


async def test_a_doubt_is_kept_until_it_is_due_and_dropped_by_a_decision(database: Database) -> None:
    await keep(database, record())
    named = Nomination(7, "count", Bucket.SOLD_OUT, 123)
    doubt = Decision(named, Verdict(record(doubt=1), again_us=1000), known_version=1)

    await store.settle(database, SHOP, [doubt])

    assert await store.next_due_us(database, SHOP) == 1000
    assert await store.due(database, SHOP, now_us=999, limit=10) == []
    assert await store.due(database, SHOP, now_us=1000, limit=10) == [named]
    assert await store.count_sure(database, SHOP) == {}
    await store.settle(database, SHOP, [left()])
    assert await store.next_due_us(database, SHOP) is None


async def test_items_whose_read_broke_rest_until_they_are_due(database: Database) -> None:
    names = [Nomination(7, "slice", failures=2), Nomination(8, "slice", failures=1), Nomination(9, "sweep")]
    await database.commit(
        [store.put_off(SHOP, name, due) for name, due in zip(names, (50, 90, 50), strict=True)]
    )

    assert await store.resting(database, SHOP, [7, 8, 9, 10], now_us=60) == {7: 2, 8: -1}
    assert [name.item_id for name in await store.due(database, SHOP, now_us=60, limit=10)] == [9, 7]
    assert await store.any_undecided(database, SHOP, now_us=10)


async def test_what_no_sweep_met_and_no_read_decided_is_found(database: Database) -> None:
    items = [
        record(1),
        record(2),
        record(3, asked_us=1000),
        record(4, doubt=1),
        record(5, state=State.INSTOCK),
        record(6),
    ]
    await keep(database, *items)
    await store.mark_listed(database, SHOP, [2], 600)
    await store.mark_listed(database, SHOP, [6], 400)

    async def found(after: int, limit: int) -> list[int]:
        return await store.unlisted(database, SHOP, State.ONSALE, since_us=500, after=after, limit=limit)

    assert await found(0, 10) == [1, 6]
    assert await found(0, 1) == [1]
    assert await found(1, 10) == [6]
    assert await store.any_sure(database, SHOP) == 6


async def test_history_is_of_an_item_or_of_the_shop_and_oldest_first(database: Database) -> None:
    await keep(database, record(7), record(8))
    later = left(7, change=change(7, seen_us=300))
    await store.settle(database, SHOP, [later, left(8)])

    assert [one.item_id for one in await store.history(database, SHOP)] == [8, 7]
    assert [one.item_id for one in await store.history(database, SHOP, item_id=7)] == [7]
    assert [one.item_id for one in await store.history(database, SHOP, since_us=201)] == [7]
    assert await store.history(database, "another") == []


async def test_the_memory_of_a_shop_comes_back_whole(database: Database) -> None:
    assert await store.recall(database, SHOP) == Memory()
    memory = blinded(begin_first(Memory(), Pace(), 1_800_000_000_000_000), "session_expired", 5)
    memory = looked(memory, Bucket.SOLD_OUT, 7)

    kept = await store.remember(database, SHOP, memory)

    assert kept == replace(memory, round=1)
    assert await store.recall(database, SHOP) == kept
    assert (await store.remember(database, SHOP, kept)).round == 2


@pytest.mark.parametrize("rounds", [0, 1], ids=["the first look", "a later look"])
async def test_of_two_looks_at_once_one_keeps_its_memory(database: Database, rounds: int) -> None:
    memory = Memory()
    for _ in range(rounds):
        memory = await store.remember(database, SHOP, memory)
    await store.remember(database, SHOP, memory)

    with pytest.raises(Conflict):
        await store.remember(database, SHOP, memory)
