"""What a cache of reads promises whatever overlaps: no reply older than its reader accepts, none that our write made untrue."""

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, FakeClock
from onshelf.platforms.cache import OVERHEAD_BYTES, Asked, Kept, MemoryStore, ReadCache

ASKED = Asked("key", frozenset({"tag"}))
MOMENTS = st.floats(0, 3)


def on_fake_time(play: Callable[[FakeClock], Awaitable[None]]) -> None:
    """Runs a play in which all waiting is virtual."""

    async def run() -> None:
        await play(FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))

    asyncio.run(run())


@dataclass
class Platform:
    """Tells one number, which writes count up."""

    clock: FakeClock
    number: int = 0
    calls: int = 0

    async def read(self, there_s: float, back_s: float) -> Kept:
        self.calls += 1
        asked_us = self.clock.now_us()
        await self.clock.sleep(there_s)
        told = str(self.number).encode()
        await self.clock.sleep(back_s)
        return Kept(told, asked_us, self.clock.now_us())

    async def write(self, there_s: float, back_s: float) -> int:
        await self.clock.sleep(there_s)
        self.number += 1
        wrote = self.number
        await self.clock.sleep(back_s)
        return wrote


CALLS = st.lists(st.tuples(MOMENTS, MOMENTS, MOMENTS), min_size=1, max_size=8)


@given(reads=CALLS, writes=CALLS)
def test_who_asks_after_our_write_has_ended_never_hears_of_the_time_before_it(
    reads: list[tuple[float, float, float]], writes: list[tuple[float, float, float]]
) -> None:
    """Whatever reads and writes are under way at the same time. Each is: when it begins, its way there, its way back."""

    async def play(clock: FakeClock) -> None:
        platform, cache, ended = Platform(clock), ReadCache(clock), 0

        async def write(begin_s: float, there_s: float, back_s: float) -> None:
            nonlocal ended
            await clock.sleep(begin_s)
            wrote = await platform.write(there_s, back_s)
            await cache.drop(["tag"])
            ended = max(ended, wrote)

        async def read(begin_s: float, there_s: float, back_s: float) -> None:
            await clock.sleep(begin_s)
            least = ended
            told = await cache.read(ASKED, lambda: platform.read(there_s, back_s))
            assert int(told.value) >= least

        await asyncio.gather(*(read(*one) for one in reads), *(write(*one) for one in writes))
        await cache.close()

    on_fake_time(play)


@given(readers=st.lists(st.tuples(MOMENTS, MOMENTS, MOMENTS, st.floats(0, 2)), min_size=1, max_size=10))
def test_no_reply_is_older_than_its_reader_accepts(readers: list[tuple[float, float, float, float]]) -> None:
    """Also where the reader joins a call that has been under way for long. Each: begin, way there, way back, age."""

    async def play(clock: FakeClock) -> None:
        platform, cache = Platform(clock), ReadCache(clock)

        async def read(begin_s: float, there_s: float, back_s: float, age_s: float) -> None:
            await clock.sleep(begin_s)
            oldest_us = clock.now_us() - round(age_s * SECOND_US)
            told = await cache.read(ASKED, lambda: platform.read(there_s, back_s), age_s)
            assert told.asked_us >= oldest_us

        await asyncio.gather(*(read(*one) for one in readers))
        await cache.close()

    on_fake_time(play)


def test_a_hundred_equal_reads_at_one_time_are_one_call() -> None:
    async def play(clock: FakeClock) -> None:
        platform, cache = Platform(clock), ReadCache(clock)

        await asyncio.gather(*(cache.read(ASKED, lambda: platform.read(1, 1)) for _ in range(100)))

        assert (platform.calls, cache.counts.misses, cache.counts.shared) == (1, 1, 99)
        assert cache.counts.hit_rate == 0.99

    on_fake_time(play)


def test_a_clock_that_is_set_back_makes_no_old_reply_young() -> None:
    async def play(clock: FakeClock) -> None:
        platform, memory = Platform(clock), MemoryStore()
        await ReadCache(clock, memory=memory).read(ASKED, lambda: platform.read(0, 0))
        earlier = FakeClock(datetime(2025, 12, 31, tzinfo=UTC))

        await ReadCache(earlier, memory=memory).read(ASKED, lambda: platform.read(0, 0))

        assert platform.calls == 2

    on_fake_time(play)


def test_a_small_reply_counts_with_what_it_takes_besides_itself() -> None:
    """Or a million replies of a hundred bytes would fill many times the memory they are allowed."""

    async def play(clock: FakeClock) -> None:
        store, most = MemoryStore(), 2000
        tracemalloc.start()
        for number in range(most):
            tags = frozenset(f"my-shop|{what} {number}" for what in ("item", "of", "all", "lists"))
            key = f"https://eco.taobao.com/router/rest|12345678|my-shop|{number:064x}"
            await store.put(Asked(key, tags), Kept(b"x" * 100, 0, 0), 0)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert taken / most < (OVERHEAD_BYTES + 100) * 1.5
        assert taken / most > (OVERHEAD_BYTES + 100) / 2

    on_fake_time(play)
