"""Telling a worker that there is work, and the tasks a worker has in flight. A lost or doubled wake-up is harmless."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Hashable
from typing import Any, Protocol

from onshelf.clock import Clock


class Waker(Protocol):
    """Carries wake-ups from whoever enqueued to the workers; the database stays the record."""

    def wake(self) -> None:
        """Says that something may be due; must not wait."""
        ...

    async def wait(self) -> None:
        """Returns once somebody has called `wake` since the last wait."""
        ...


class LocalWaker:
    """Wakes one worker loop of this process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        await self._event.wait()
        self._event.clear()


class Crew:
    """The tasks a worker loop has in flight, counted by slot, and its rest between two looks."""

    def __init__(self, clock: Clock, waker: Waker) -> None:
        self._clock = clock
        self._waker = waker
        self._tasks: dict[asyncio.Task[None], Hashable] = {}
        self._slots: Counter[Hashable] = Counter()

    def start(self, work: Coroutine[Any, Any, None], slot: Hashable) -> None:
        """Runs `work` in a task of its own; it must not raise."""
        task = asyncio.create_task(work)
        self._tasks[task] = slot
        self._slots[slot] += 1
        task.add_done_callback(self._ended)

    def in_flight(self, slot: Hashable) -> int:
        """Counts the tasks of a slot."""
        return self._slots[slot]

    async def rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Waits until a task ends, somebody wakes the worker, `stop` is set or the time is over."""
        signals = [
            asyncio.ensure_future(signal)
            for signal in (stop.wait(), self._waker.wait(), self._clock.sleep(seconds))
        ]
        try:
            await asyncio.wait([*signals, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for signal in signals:
                signal.cancel()
            await asyncio.gather(*signals, return_exceptions=True)

    async def finish(self) -> None:
        """Waits for all tasks; raises what one of them raised."""
        await asyncio.gather(*self._tasks)

    async def abandon(self) -> None:
        """Breaks off all tasks and waits until they are gone; what they raise is of no interest any more."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        slot = self._tasks.pop(task)
        self._slots[slot] -= 1
        if not self._slots[slot]:
            del self._slots[slot]
