"""The sandbox's time: the machine's, paused and jumped on demand, or somebody else's clock shared in one process."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate
from functools import lru_cache
from typing import Protocol

import msgspec

PLATFORM_ZONE = timezone(timedelta(hours=8))
_GRAIN_S = 1e-6  # shared clocks count microseconds: less than one is no time left
WIRE_FORMAT = "%Y-%m-%d %H:%M:%S"


class TimeSource(Protocol):
    """Any clock a test shares with its client: an aware wall time and a wait."""

    def now(self) -> datetime:
        """Returns the wall time, aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits that many seconds of this clock."""
        ...


class SystemTime:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SavedClock(msgspec.Struct):
    """A clock as a value."""

    offset_s: float = 0.0
    paused_at: float | None = None


class SandboxClock:
    """Seconds since the epoch, which a person may pause, jump or set; waiters follow."""

    def __init__(self, source: TimeSource | None = None) -> None:
        self._source = source
        self._offset_s = 0.0
        self._paused_at: float | None = None
        self._set_back_s = 0.0  # what jumps into the past came to, 0 or less: waiters do not wait for it
        self._changed = asyncio.Event()
        self.ending = False
        self.version = 1  # moves on with every pause, jump and resumption

    def now(self) -> float:
        """Returns seconds since the epoch."""
        if self._paused_at is not None:
            return self._paused_at
        return self._running()

    def _running(self) -> float:
        base = time.time() if self._source is None else self._source.now().timestamp()
        return base + self._offset_s

    @property
    def paused(self) -> bool:
        """Tells whether time stands still until `resume` or `jump`."""
        return self._paused_at is not None

    def pause(self) -> None:
        """Stops time; a second pause changes nothing."""
        if self._paused_at is None:
            self._paused_at = self._running()
            self._wake()

    def resume(self) -> None:
        """Lets time run on from where it stands."""
        if self._paused_at is not None:
            self._offset_s += self._paused_at - self._running()
            self._paused_at = None
            self._wake()

    def reset(self) -> None:
        """Goes back to the time of its source, running."""
        self._stand(0.0, None)

    def save(self) -> "SavedClock":
        """Returns how this time stands to that of its source."""
        return SavedClock(self._offset_s, self._paused_at)

    def load(self, saved: "SavedClock") -> None:
        """Goes on as saved: a paused clock from where it stood, a running one as if it had run all the time."""
        self._stand(saved.offset_s, saved.paused_at)

    def jump(self, seconds: float) -> None:
        """Moves time by `seconds`, paused or not; below 0 into the past."""
        if self._paused_at is None:
            self._stand(self._offset_s + seconds, None)
        else:
            self._stand(self._offset_s, self._paused_at + seconds)

    def _stand(self, offset_s: float, paused_at: float | None) -> None:
        before = self.now()
        self._offset_s, self._paused_at = offset_s, paused_at
        self._set_back_s += min(0.0, self.now() - before)
        self._wake()

    def _wake(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        """Lets nobody wait for a change any more."""
        self.ending = True
        self._wake()

    async def moved(self, since: int, longest_s: float) -> None:
        """Waits until the version is another than `since`, at most so many real seconds; not once the sandbox ends."""
        if self.version == since and not self.ending:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), longest_s)

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of this clock: a jump shortens it, a pause holds it, one into the past changes nothing."""
        due = self.now() - self._set_back_s + seconds
        while (left := due - self.now() + self._set_back_s) > _GRAIN_S:
            if self._source is not None and not self.paused:
                await self._source.sleep(left)
                continue
            try:
                await asyncio.wait_for(self._changed.wait(), None if self.paused else left)
            except TimeoutError:
                continue


_cached: tuple[int, str] = (0, "1970-01-01 08:00:00")


def wire_time(at: float) -> str:
    """Writes a time as the platform does: whole seconds, GMT+8; such texts sort as the times do."""
    global _cached  # noqa: PLW0603 a pure function's memory of its last answer: nearly all calls ask the present second
    second = int(at)
    if _cached[0] != second:
        _cached = (second, datetime.fromtimestamp(second, PLATFORM_ZONE).strftime(WIRE_FORMAT))
    return _cached[1]


@lru_cache(maxsize=2)
def http_date(second: int) -> bytes:
    """Writes a time as the `Date` header of HTTP does."""
    return formatdate(second, usegmt=True).encode()


@lru_cache(maxsize=256)
def read_time(text: str) -> float:
    """Reads `yyyy-MM-dd HH:mm:ss` in GMT+8. Raises: ValueError on anything else."""
    if len(text) != 19:
        raise ValueError(text)
    return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=PLATFORM_ZONE).timestamp()
