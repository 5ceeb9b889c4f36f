"""What a store of kept replies owes that can become untrue, in memory and on Redis; and what Redis owes to two processes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import pytest
from redis_server import redis_server

from onshelf.clock import SECOND_US, FakeClock, SystemClock
from onshelf.errors import SettingsError, StoreError
from onshelf.platforms.cache import LARGEST_BYTES, Asked, CacheStore, Kept, MemoryStore, ReadCache
from onshelf.platforms.cache_redis import RedisStore

CLOCK = SystemClock()
RUNS = count(1)
KINDS = ["memory", "redis"]


@pytest.fixture
def run() -> str:
    """Makes the keys of a test its own: the tests share one server."""
    return f"run-{next(RUNS)}"


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[CacheStore]:
    made: CacheStore = MemoryStore()
    if request.param == "redis":
        made = RedisStore(request.getfixturevalue("redis_url"), CLOCK)
    yield made
    await made.close()


def asked(run: str, key: str, *tags: str) -> Asked:
    return Asked(f"{run}|{key}", frozenset(f"{run}|{tag}" for tag in tags))


def kept(value: bytes = b"{}", ago_s: float = 0.0) -> Kept:
    at_us = CLOCK.now_us() - round(ago_s * SECOND_US)
    return Kept(value, at_us, at_us)


def later_us() -> int:
    return CLOCK.now_us() + 60 * SECOND_US


async def test_what_was_put_is_found_and_a_newer_one_replaces_it(store: CacheStore, run: str) -> None:
    one = asked(run, "店铺 1", "items")
    first, second = kept(b"1"), kept('"新"'.encode())

    await store.put(one, first, later_us(), await store.mark(one))
    found = await store.get(one.key)
    await store.put(one, second, later_us(), await store.mark(one))

    assert (found, await store.get(one.key)) == (first, second)
    assert await store.get(asked(run, "other").key) is None


async def test_a_drop_takes_all_that_carries_one_of_its_tags(store: CacheStore, run: str) -> None:
    item, listed, trade = (
        asked(run, "item", "items", "item 1"),
        asked(run, "list", "items", "lists"),
        asked(run, "trade", "trades"),
    )
    for one in (item, listed, trade):
        await store.put(one, kept(), later_us(), await store.mark(one))

    await store.drop([f"{run}|lists", f"{run}|item 1"])

    assert [await store.get(one.key) is None for one in (item, listed, trade)] == [True, True, False]


async def test_what_is_asked_for_after_a_drop_is_kept(store: CacheStore, run: str) -> None:
    one = asked(run, "item", "items", "item 1")
    await store.drop([f"{run}|items"])

    await store.put(one, kept(), later_us(), await store.mark(one))

    assert await store.get(one.key)


async def test_a_reply_that_is_too_large_is_not_kept(store: CacheStore, run: str) -> None:
    one = asked(run, "item", "items")

    await store.put(one, kept(b"x" * (LARGEST_BYTES + 1)), later_us())

    assert await store.get(one.key) is None


async def test_a_drop_of_nothing_does_nothing(store: CacheStore) -> None:
    await store.drop([])


async def test_a_reply_overtaken_by_another_processs_write_is_not_kept(redis_url: str, run: str) -> None:
    reader, writer = RedisStore(redis_url, CLOCK), RedisStore(redis_url, CLOCK)
    one = asked(run, "item", "items")

    mark = await reader.mark(one)
    await writer.drop([f"{run}|items"])
    await reader.put(one, kept(), later_us(), mark)
    overtaken = await reader.get(one.key)
    await reader.put(one, kept(), later_us(), await reader.mark(one))

    assert overtaken is None
    assert await reader.get(one.key)
    for store in (reader, writer):
        await store.close()


@pytest.mark.parametrize("apart_s", [-3600, 3600])
async def test_a_drop_is_heard_of_though_the_clocks_of_two_machines_are_apart(
    redis_url: str, run: str, apart_s: float
) -> None:
    """The reader's read is under way while the writer's write ends: whichever clock is ahead."""
    reader = ReadCache(CLOCK, memory=RedisStore(redis_url, CLOCK))
    writer = RedisStore(redis_url, FakeClock(CLOCK.now() + timedelta(seconds=apart_s)))
    one, calls = asked(run, "item", "items"), count(1)

    async def load() -> Kept:
        before = kept(str(next(calls)).encode())
        await writer.drop([f"{run}|items"])
        return before

    first, second = [(await reader.read(one, load)).value for _ in range(2)]

    assert (first, second) == (b"1", b"2")
    await reader.close()
    await writer.close()


async def test_a_write_while_redis_is_away_is_not_forgotten_when_it_is_back(run: str) -> None:
    one = asked(run, "item", "items")
    with redis_server() as server:
        cache = ReadCache(CLOCK, memory=RedisStore(server.url, CLOCK))
        await cache.read(one, _answer)
        with server.away():
            await cache.drop([f"{run}|items"])
        await cache.read(one, _answer)
        await cache.read(one, _answer)
        await cache.close()

    assert (cache.counts.misses, cache.counts.hits) == (2, 1)


async def test_two_processes_make_one_call_and_hear_of_each_others_writes(redis_url: str, run: str) -> None:
    caches = [ReadCache(CLOCK, memory=RedisStore(redis_url, CLOCK)) for _ in range(2)]
    one, calls = asked(run, "item", "items"), count(1)

    async def load() -> Kept:
        return kept(str(next(calls)).encode())

    first = [(await cache.read(one, load)).value for cache in caches]
    await caches[1].drop([f"{run}|items"])
    second = (await caches[0].read(one, load)).value

    assert (first, second) == ([b"1", b"1"], b"2")
    for cache in caches:
        await cache.close()


async def test_a_redis_that_is_away_is_told_and_costs_a_call_only() -> None:
    with redis_server() as server:
        store = RedisStore(server.url, CLOCK)
        server.stop()

        with pytest.raises(StoreError):
            await store.get("x")
        found = await ReadCache(CLOCK, memory=store).read(Asked("x", frozenset({"t"})), _answer)
        await store.close()

    assert found.value == b"{}"


async def _answer() -> Kept:
    return kept()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError):
        RedisStore("nonsense", CLOCK)
