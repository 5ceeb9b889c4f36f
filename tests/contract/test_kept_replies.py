"""Kept replies of the slow-moving, over every database."""

from datetime import UTC, datetime

from onshelf.clock import SECOND_US, FakeClock
from onshelf.platforms.cache import Asked, Kept, ReadCache
from onshelf.shops.kept import DatabaseStore
from onshelf.store.db import Database

CATEGORIES = Asked("categories", frozenset({"slow"}), slow=True)
DAY_S = 86_400


class Platform:
    """Answers each call with its number."""

    def __init__(self, clock: FakeClock) -> None:
        self.calls = 0
        self._clock = clock

    async def load(self) -> Kept:
        self.calls += 1
        now_us = self._clock.now_us()
        return Kept(f"{self.calls}".encode(), now_us, now_us)


async def test_a_later_process_need_not_ask_again(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, tzinfo=UTC), database.busy)
    platform = Platform(clock)
    first = await ReadCache(clock, disk=DatabaseStore(database)).read(CATEGORIES, platform.load)

    after_a_restart = await ReadCache(clock, disk=DatabaseStore(database)).read(CATEGORIES, platform.load)

    assert after_a_restart == first
    assert platform.calls == 1


async def test_what_is_old_is_asked_for_again_and_thrown_away(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, tzinfo=UTC), database.busy)
    platform, store = Platform(clock), DatabaseStore(database)
    cache = ReadCache(clock, disk=store)
    other = Asked("schema", frozenset({"slow"}), slow=True)
    await cache.read(CATEGORIES, platform.load)

    clock.jump(DAY_S + 1)
    await cache.read(other, platform.load)

    assert await store.get("categories") is None
    assert (await cache.read(CATEGORIES, platform.load)).value == b"3"


async def test_what_moves_fast_never_lies_on_disk(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, tzinfo=UTC), database.busy)
    store = DatabaseStore(database)

    await ReadCache(clock, disk=store).read(Asked("item", frozenset({"items"})), Platform(clock).load)

    assert await store.get("item") is None


async def test_a_newer_reply_replaces_an_older(database: Database) -> None:
    store = DatabaseStore(database)
    for number in (1, 2):
        await store.put(CATEGORIES, Kept(f"{number}".encode(), number, number), 10 * SECOND_US)

    assert await store.get("categories") == Kept(b"2", 2, 2)
