"""One reading of the event log for all who follow it live. It reads while somebody follows, and not otherwise.

The newest events are kept once for all; nobody has a queue of its own, only a place. Who falls behind what is kept reads
on from the database at its own pace.
"""

import asyncio
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from onshelf.clock import Clock
from onshelf.errors import StoreError
from onshelf.hooks.told import Told, streamed, told
from onshelf.store import log as event_log
from onshelf.store.db import Database
from onshelf.store.log import Cursor, Entry

TICK_S = 0.25
HEARTBEAT_S = 15.0
KEPT = 2000  # events, about a megabyte
MOST_EACH, MOST = 10, 500
"""Followers of one caller, and of all."""
_PAGE = 200
_FAILED_REST_S = 5.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Frame:
    """An event, written once for all who follow."""

    cursor: Cursor
    told: Told
    wire: bytes

    @classmethod
    def of(cls, entry: Entry) -> "Frame":
        what = told(entry)
        return cls(entry.cursor, what, streamed(place_text(entry.cursor), what))


class Hub:
    """Hands the events of the log to whoever follows."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        tick_s: float = TICK_S,
        kept: int = KEPT,
        beat_s: float = HEARTBEAT_S,
    ) -> None:
        self._db = db
        self._clock = clock
        self._tick_s = tick_s
        self._beat_s = beat_s
        self._frames: deque[Frame] = deque()
        self._kept = kept
        self._begin = self._end = event_log.START  # what is kept came after `begin`, up to `end`
        self._news = asyncio.Event()  # set once, then replaced: whoever waits on the old one goes on
        self._tail: asyncio.Task[None] | None = None
        self._started = asyncio.Lock()
        self.callers: Counter[str] = Counter()

    def has_room(self, caller: str) -> bool:
        """Tells whether a caller may follow once more."""
        return self.callers[caller] < MOST_EACH

    @property
    def is_full(self) -> bool:
        """Tells whether nobody may follow any more."""
        return self.callers.total() >= MOST

    async def follow(
        self, caller: str, wants: Callable[[Told], bool], place: Cursor | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yields what is wanted as it happens, as server-sent events, and a sign of life when there was nothing for long.

        `place`: the last event the follower has seen; None: only what is to come. A follower that comes back with the
        `id` it saw last misses nothing and sees nothing twice. Of many who come at once those there is no room for hear nothing.
        """
        if self.is_full or not self.has_room(caller):
            return
        with self._present(caller):
            await self._start()
            place = min(place or self._end, self._end)
            yield b"retry: 3000\n" + _sign(place)
            said_s = self._clock.monotonic()
            while True:
                news = self._news
                frames = await self._after(place)
                if frames:
                    place = frames[-1].cursor
                    chunk = b"".join(frame.wire for frame in frames if wants(frame.told))
                else:
                    await news.wait()
                    chunk = b""
                if not chunk and self._clock.monotonic() - said_s >= self._beat_s:
                    chunk = _sign(place)
                if chunk:
                    said_s = self._clock.monotonic()
                    yield chunk

    async def _after(self, place: Cursor) -> Sequence[Frame]:
        """Returns what comes next after a place: from what is kept, else a page of the log."""
        if place >= self._begin:
            first = bisect_right(self._frames, place, key=_cursor)
            return [self._frames[number] for number in range(first, len(self._frames))]
        entries = await event_log.read_from(self._db, place, _PAGE)
        return [Frame.of(entry) for entry in entries]

    @contextmanager
    def _present(self, caller: str) -> Iterator[None]:
        self.callers[caller] += 1
        try:
            yield
        finally:
            self.callers -= Counter({caller: 1})
            if not self.callers and self._tail is not None:
                self._tail.cancel()
                self._tail = None

    async def _start(self) -> None:
        async with self._started:
            if self._tail is None:
                self._frames.clear()
                self._begin = self._end = await event_log.end(self._db)
                self._tail = asyncio.create_task(self._read_on())

    async def _read_on(self) -> None:
        rung_s = self._clock.monotonic()
        while True:
            try:
                more = await self._read()
            except StoreError as error:
                log.warning("hooks.tail_failed", error=str(error), again_in_s=_FAILED_REST_S)
                await self._clock.sleep(_FAILED_REST_S)
                continue
            if more or self._clock.monotonic() - rung_s >= self._beat_s / 2:
                rung_s = self._clock.monotonic()
                self._news.set()
                self._news = asyncio.Event()
            if more < _PAGE:
                await self._clock.sleep(self._tick_s)

    async def _read(self) -> int:
        entries = await event_log.read_from(self._db, self._end, _PAGE)
        self._frames.extend(map(Frame.of, entries))
        if entries:
            self._end = entries[-1].cursor
        while len(self._frames) > self._kept:
            self._begin = self._frames.popleft().cursor
        return len(entries)


def place_text(place: Cursor) -> str:
    """Writes a place as a follower keeps it."""
    return f"{place.xid}-{place.id}"


def place_of(text: str) -> Cursor:
    """Reads what `place_text` wrote. Raises ValueError."""
    xid, dash, number = text.partition("-")
    if not dash or not (xid.isdecimal() and number.isdecimal() and text.isascii()) or len(text) > 40:
        raise ValueError(text)
    place = Cursor(int(xid), int(number))
    if max(place.xid, place.id) >= 1 << 63:
        raise ValueError(text)
    return place


def _cursor(frame: Frame) -> Cursor:
    return frame.cursor


def _sign(place: Cursor) -> bytes:
    """A sign of life that is no event; it carries the place, so that who comes back later need not read far."""
    return f": alive\nid: {place_text(place)}\n\n".encode()
