"""The only reader of time. Times are aware UTC datetimes in values, integer microseconds since the epoch in the database."""

import asyncio
import contextlib
import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
BEIJING = timezone(timedelta(hours=8))
"""The zone of the platform, and of those who run its shops."""


class Clock(Protocol):
    """Wall time, monotonic time and waiting, passed to whoever needs them."""

    def now(self) -> datetime:
        """Returns the wall time, aware, UTC."""
        ...

    def now_us(self) -> int:
        """Returns the wall time in microseconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Returns seconds of a clock that never goes back; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits; zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class FakeClock:
    """Time that stands still until every task waits, then jumps to the next sleeper: virtual days in real milliseconds.

    `busy` tells of work the event loop cannot see (a database thread): while it returns true, time does not jump.
    """

    def __init__(self, start: datetime, busy: Callable[[], bool] = lambda: False) -> None:
        self._now = to_us(start)
        self._busy = busy
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._slept = 0  # sleeps begun so far; of two due at once the one begun first wakes first
        self._jumper: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return from_us(self._now)

    def now_us(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._now / SECOND_US

    def jump(self, seconds: float) -> None:
        """Moves time forward by hand and wakes whoever is due."""
        self._now += round(seconds * SECOND_US)
        self._wake()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._slept += 1
        heapq.heappush(self._sleepers, (self._now + round(seconds * SECOND_US), self._slept, future))
        if self._jumper is None or self._jumper.done():
            self._jumper = asyncio.create_task(self._run())
        await future

    async def _run(self) -> None:
        """Jumps whenever nothing else can run: after many idle turns of the loop with no busy work outside."""
        while self._sleepers:
            before = self._slept
            for _ in range(_IDLE_TURNS):
                await asyncio.sleep(0)
                if self._busy():  # asked at every turn: when it ends, who waited for it needs turns to go on
                    break
            if self._slept != before:
                continue  # somebody has only just begun to wait, so work was going on in these turns
            if self._busy():
                await asyncio.sleep(_OUTSIDE_WORK_S)
                continue
            self._forget_cancelled()
            if self._sleepers:
                self._now = max(self._now, self._sleepers[0][0])
                self._wake()

    def _forget_cancelled(self) -> None:
        """Drops sleeps nobody waits for any more, or time would jump to the end of every time-out that was not needed."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)

    def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)


class FollowedClock:
    """Time that somebody else tells: it runs as the machine's does, stands still and jumps as it is told, and sleepers follow.

    Time told may go back; `monotonic` then stands, and goes on from there.
    """

    def __init__(self) -> None:
        self._real = SystemClock()
        self._told_us = self._real.now_us()  # what the time was when it was last told
        self._told_at = self._real.monotonic()
        self._monotonic = 0.0  # then
        self._paused = False
        self._told = asyncio.Event()

    def now(self) -> datetime:
        return from_us(self.now_us())

    def now_us(self) -> int:
        return self._told_us + round(self._since_told() * SECOND_US)

    def monotonic(self) -> float:
        return self._monotonic + self._since_told()

    def _since_told(self) -> float:
        return 0.0 if self._paused else self._real.monotonic() - self._told_at

    def tell(self, now_us: int, *, paused: bool) -> None:
        """Sets the time; where it only runs on, less than a few milliseconds of difference are the way of the message."""
        before_us, monotonic = self.now_us(), self.monotonic()
        if paused == self._paused and not paused and abs(now_us - before_us) < _TOLD_ROUGHLY_US:
            return
        self._monotonic = monotonic + max(0, now_us - before_us) / SECOND_US
        self._told_us, self._told_at, self._paused = now_us, self._real.monotonic(), paused
        self._told.set()
        self._told = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        due = self.monotonic() + seconds
        while (left := due - self.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), None if self._paused else left)


_TOLD_ROUGHLY_US = 5_000
_IDLE_TURNS = 50  # more turns than any chain of ready callbacks in this program
_OUTSIDE_WORK_S = 0.0005  # real seconds between looks at work outside the loop


def to_us(moment: datetime) -> int:
    """Turns an aware datetime into microseconds since the epoch; a naive one is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on the time line: give it a time zone")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(moment_us: int) -> datetime:
    """Turns microseconds since the epoch into an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=moment_us)
