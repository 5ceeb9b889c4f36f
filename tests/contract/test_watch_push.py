"""Pushed messages become nominations that are due at once, over every database."""

from datetime import UTC, datetime

import pytest

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.store import write_item
from onshelf.clock import SECOND_US, FakeClock
from onshelf.ids import ShopId
from onshelf.platforms.port import Bucket
from onshelf.store.db import Database
from onshelf.store.log import Message
from onshelf.watch import store
from onshelf.watch.compare import NOTHING, Nomination
from onshelf.watch.push import TOPICS, PushedItems

SHOP = ShopId("店")


@pytest.fixture
def clock(database: Database) -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=database.busy)


def told(topic: str, item_id: int) -> Message:
    content = b'{"num_iid":%d}' % item_id
    return Message("1", "default", f"{topic}{item_id}", TOPICS + topic, content, 9)


async def push(db: Database, clock: FakeClock, *messages: Message) -> None:
    async def look(shop_id: ShopId) -> None: ...

    await db.commit(await PushedItems(db, clock, look).writes(SHOP, messages))


async def due(db: Database, clock: FakeClock) -> list[Nomination]:
    return await store.due(db, SHOP, now_us=clock.now_us(), limit=100)


async def test_a_pushed_item_is_due_at_once_and_once(database: Database, clock: FakeClock) -> None:
    await push(database, clock, told("ItemAdd", 7), told("ItemUpshelf", 7), told("ItemDownshelf", 8))
    await push(database, clock, told("ItemPunishDownshelf", 8), told("ItemDelete", 9))

    assert await due(database, clock) == [
        Nomination(7, "push"),
        Nomination(8, "push", Bucket.VIOLATION),
        Nomination(9, "push", gone=True),
    ]


async def test_what_we_know_already_is_not_read_again(database: Database, clock: FakeClock) -> None:
    """Our own listing job makes thousands of such messages."""
    record = Item(SHOP, 7, 1, State.ONSALE, Reason.OURS, "", "", None, 5, 1, 1, 1)
    await database.commit([write_item(record, expect_version=None)])

    await push(database, clock, told("ItemUpshelf", 7))
    assert await due(database, clock) == []

    await push(database, clock, told("ItemDownshelf", 7))
    assert await due(database, clock) == [Nomination(7, "push")]


async def test_an_item_whose_read_broke_rests_on(database: Database, clock: FakeClock) -> None:
    broken, later_us = Nomination(7, "slice", failures=2), clock.now_us() + 30 * SECOND_US
    await database.commit([store.put_off(SHOP, broken, later_us)])

    await push(database, clock, told("ItemDownshelf", 7))

    assert await due(database, clock) == []
    assert await store.next_due_us(database, SHOP) == later_us


async def test_an_item_named_while_it_is_read_is_read_again(database: Database, clock: FakeClock) -> None:
    """The seller puts an item back while the read of its delisting is under way: that read may show either."""
    await push(database, clock, told("ItemDownshelf", 7))
    asked_us = clock.now_us()
    clock.jump(0.01)
    await push(database, clock, told("ItemUpshelf", 7))
    clock.jump(0.01)

    await store.settle(database, SHOP, [decided(7, asked_us)])
    assert await due(database, clock) == [Nomination(7, "push")]

    await store.settle(database, SHOP, [decided(7, clock.now_us())])
    assert await due(database, clock) == []


def decided(item_id: int, asked_us: int) -> store.Decision:
    return store.Decision(Nomination(item_id, "push"), NOTHING, None, asked_us=asked_us)
