"""Replies of reads, kept for whoever accepts one that is not fresh; equal reads at the same time become one call.

Where replies lie is a small port: memory here, `cache_redis.py` for several processes, `shops/kept.py` on disk. A cache
never fails a call: a store that is away is passed by, and the log says so.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

import msgspec
import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import StoreError

log = structlog.get_logger()

MAX_AGE_S = 300.0
SLOW_MAX_AGE_S = 86_400.0
MOST_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 2 * 1024 * 1024  # a larger reply is not kept in memory
OVERHEAD_BYTES = 1500  # what a kept reply takes in memory besides itself: its key, its tags, and where they lead (measured)


class Kept(msgspec.Struct, frozen=True):
    """A reply in a store."""

    value: bytes  # JSON
    asked_us: int  # our clock, before the call: what its age counts from
    answered_us: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A read, as a cache knows it."""

    key: str  # equal for equal reads, and for no others
    tags: frozenset[str]  # what it tells of; dropping any of them drops it
    slow: bool = False  # moves slowly: may lie on disk and be old


class KeepingStore(Protocol):
    """Keeps replies by key until they are old. Every verb may raise StoreError."""

    async def get(self, key: str) -> Kept | None: ...

    async def put(self, asked: Asked, kept: Kept, until_us: int, mark: str = "") -> None:
        """Stores or replaces; after `until_us` it may be thrown away. `mark`: what the store gave before the call."""
        ...


class CacheStore(KeepingStore, Protocol):
    """Keeps replies that can become untrue before they are old."""

    async def mark(self, asked: Asked) -> str:
        """Returns what lets `put` see whether anybody has dropped one of the read's tags since; asked for before the call."""
        ...

    async def drop(self, tags: Sequence[str]) -> None:
        """Throws away all that carries one of the tags."""
        ...

    async def close(self) -> None: ...


class MemoryStore:
    """The least recently used goes first when there are too many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Asked, Kept]] = OrderedDict()
        self._by_tag: dict[str, set[str]] = {}

    async def get(self, key: str) -> Kept | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[1]

    async def mark(self, asked: Asked) -> str:
        """Returns nothing: only its own process drops here, and `ReadCache` keeps no reply it has dropped meanwhile."""
        return ""

    async def put(self, asked: Asked, kept: Kept, until_us: int, mark: str = "") -> None:
        self._forget(asked.key)
        if len(kept.value) > LARGEST_BYTES or _size(kept) > self._most_bytes:
            return
        self._kept[asked.key] = asked, kept
        self._bytes += _size(kept)
        for tag in asked.tags:
            self._by_tag.setdefault(tag, set()).add(asked.key)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))

    async def drop(self, tags: Sequence[str]) -> None:
        for tag in tags:
            for key in tuple(self._by_tag.get(tag, ())):
                self._forget(key)

    async def close(self) -> None:
        """Does nothing: there is nothing to close."""

    def _forget(self, key: str) -> None:
        if (found := self._kept.pop(key, None)) is None:
            return
        asked, kept = found
        self._bytes -= _size(kept)
        for tag in asked.tags:
            self._by_tag[tag].discard(key)
            if not self._by_tag[tag]:
                del self._by_tag[tag]


def _size(kept: Kept) -> int:
    return len(kept.value) + OVERHEAD_BYTES


@dataclass(slots=True)
class CacheCounts:
    """What became of the reads that accepted a kept reply."""

    hits: int = 0  # answered from a store
    shared: int = 0  # answered by somebody else's call that was under way
    misses: int = 0  # called

    @property
    def asked(self) -> int:
        return self.hits + self.shared + self.misses

    @property
    def hit_rate(self) -> float:
        """Returns the share of reads that cost no call; 0 before the first."""
        return (self.hits + self.shared) / self.asked if self.asked else 0.0


@dataclass(slots=True, eq=False)
class _Flight:
    """A call under way. One that a drop has taken off the list is neither shared any more nor kept."""

    tags: frozenset[str]
    task: asyncio.Task[Kept] = field(init=False)


class ReadCache:
    """Answers reads from its stores, and keeps what was called."""

    def __init__(
        self,
        clock: Clock,
        *,
        memory: CacheStore | None = None,
        disk: KeepingStore | None = None,
        max_age_s: float = MAX_AGE_S,
        slow_max_age_s: float = SLOW_MAX_AGE_S,
    ) -> None:
        """`disk`: for what moves slowly and no write changes, besides memory. Ages: what a read accepts unless it says."""
        self.counts = CacheCounts()
        self._clock = clock
        self._memory = memory or MemoryStore()
        self._disk = disk
        self._max_age_s = max_age_s
        self._slow_max_age_s = slow_max_age_s
        self._flights: dict[str, _Flight] = {}

    async def read(
        self, asked: Asked, load: Callable[[], Awaitable[Kept]], max_age_s: float | None = None
    ) -> Kept:
        """Returns a reply at most `max_age_s` old (None: the cache's own), calling `load` when there is none.

        Whoever asks the same meanwhile waits for that call, and gets its error too; it goes on when its caller gives up.
        A call that was sent longer ago than a waiting reader accepts does not answer that reader.
        """
        age_s = self._age_s(asked) if max_age_s is None else max_age_s
        oldest_us = self._clock.now_us() - round(age_s * SECOND_US)
        if kept := await self._find(asked, oldest_us):
            self.counts.hits += 1
            return kept
        while (flight := self._flights.get(asked.key)) is not None:
            kept = await asyncio.shield(flight.task)
            if kept.asked_us >= oldest_us:
                self.counts.shared += 1
                return kept
        self.counts.misses += 1
        flight = self._start(asked, load, max(age_s, self._age_s(asked)))
        return await asyncio.shield(flight.task)

    async def drop(self, tags: Sequence[str]) -> None:
        """Forgets what carries one of the tags, and keeps no reply that was asked for before."""
        for key, flight in tuple(self._flights.items()):
            if not flight.tags.isdisjoint(tags):
                del self._flights[key]
        with _passed_by("drop"):
            await self._memory.drop(tags)

    async def close(self) -> None:
        """Breaks off the calls nobody waits for any more, closes the memory, and logs what it was good for."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._memory.close()
        if self.counts.asked:
            log.info("cache.counts", **asdict(self.counts), hit_rate=round(self.counts.hit_rate, 3))

    def _age_s(self, asked: Asked) -> float:
        return self._slow_max_age_s if asked.slow else self._max_age_s

    def _stores(self, asked: Asked) -> tuple[KeepingStore, ...]:
        return (self._memory, self._disk) if asked.slow and self._disk is not None else (self._memory,)

    async def _find(self, asked: Asked, oldest_us: int) -> Kept | None:
        """Looks into the stores; a reply from the future is one of a clock that was set back, and of unknown age."""
        for store in self._stores(asked):
            with _passed_by("get"):
                kept = await store.get(asked.key)
                if kept is not None and oldest_us <= kept.asked_us <= self._clock.now_us():
                    return kept
        return None

    def _start(self, asked: Asked, load: Callable[[], Awaitable[Kept]], age_s: float) -> _Flight:
        flight = _Flight(asked.tags)
        self._flights[asked.key] = flight
        flight.task = asyncio.create_task(self._load(asked, load, flight, age_s))
        flight.task.add_done_callback(_heard)
        return flight

    async def _load(
        self, asked: Asked, load: Callable[[], Awaitable[Kept]], flight: _Flight, age_s: float
    ) -> Kept:
        try:
            mark = await self._mark(asked)
            kept = await load()
            await self._keep(asked, kept, flight, kept.asked_us + round(age_s * SECOND_US), mark)
            return kept
        finally:
            if self._is_good(asked, flight):
                del self._flights[asked.key]

    async def _mark(self, asked: Asked) -> str | None:
        """Returns the memory's mark; None when it is away: then nothing would tell a reply that was overtaken."""
        try:
            return await self._memory.mark(asked)
        except StoreError as error:
            log.warning("cache.store_failed", verb="mark", error=str(error))
            return None

    async def _keep(self, asked: Asked, kept: Kept, flight: _Flight, until_us: int, mark: str | None) -> None:
        if not self._is_good(asked, flight):
            return
        for store in self._stores(asked):
            if store is self._memory and mark is None:
                continue
            with _passed_by("put"):
                await store.put(asked, kept, until_us, mark or "")
        # dropped while a store was writing: which of the two came last is not known
        if not self._is_good(asked, flight):
            with _passed_by("drop"):
                await self._memory.drop(tuple(asked.tags))

    def _is_good(self, asked: Asked, flight: _Flight) -> bool:
        """Tells whether nothing has been dropped since the call began that it tells of."""
        return self._flights.get(asked.key) is flight


def _heard(task: asyncio.Task[Kept]) -> None:
    """Takes note of an error, or one that nobody waits for would be reported at exit."""
    if not task.cancelled():
        task.exception()


@contextlib.contextmanager
def _passed_by(verb: str) -> Iterator[None]:
    """Goes on without a store that fails."""
    try:
        yield
    except StoreError as error:
        log.warning("cache.store_failed", verb=verb, error=str(error))
