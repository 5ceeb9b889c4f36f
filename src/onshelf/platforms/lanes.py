"""Who of those that wait goes next: lanes by priority with a share for each, and the shops of an app in turn. Pure.

Within a lane, shops go round robin and the calls of one shop in order; a call that its own method or shop holds up
holds up no other.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from onshelf.platforms.port import Lane
from onshelf.platforms.window import LANES, SHARES


@dataclass(slots=True, eq=False)
class Waiter:
    """A call that waits for its slot."""

    number: int  # order of arrival
    method: str
    shop_id: str
    lane: Lane
    turn: int = 0  # grants made before it came


W = TypeVar("W", bound=Waiter)


@dataclass(slots=True)
class _Queue(Generic[W]):
    lines: dict[tuple[str, str], deque[W]] = field(default_factory=dict)  # by shop and method, in order
    credit: float = 0.0  # grants owed to this lane because higher ones went first


class Waiting(Generic[W]):
    """All waiting calls of an app."""

    def __init__(self) -> None:
        self._queues: dict[Lane, _Queue[W]] = {lane: _Queue() for lane in LANES}
        self._last_turn: dict[tuple[Lane, str], int] = {}  # of shops that still wait
        self._turns = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, waiter: W) -> bool:
        return waiter in self._queues[waiter.lane].lines.get((waiter.shop_id, waiter.method), ())

    def add(self, waiter: W) -> None:
        waiter.turn = self._turns
        self._queues[waiter.lane].lines.setdefault((waiter.shop_id, waiter.method), deque()).append(waiter)
        self._count += 1

    def remove(self, waiter: W) -> None:
        lines, key = self._queues[waiter.lane].lines, (waiter.shop_id, waiter.method)
        lines[key].remove(waiter)
        self._count -= 1
        if not lines[key]:
            del lines[key]
            if all(shop_id != waiter.shop_id for shop_id, _ in lines):
                self._last_turn.pop((waiter.lane, waiter.shop_id), None)

    def all(self) -> list[W]:
        """Returns all who wait, lane by lane."""
        return [waiter for queue in self._queues.values() for line in queue.lines.values() for waiter in line]

    def heads(self, lane: Lane) -> Iterator[W]:
        """Yields the first of each line, the shop whose turn is longest ago first."""
        return iter(sorted((line[0] for line in self._queues[lane].lines.values()), key=self._order))

    def choose(self, ready: Callable[[W], bool]) -> W | None:
        """Returns who goes next: a lane that is owed a whole grant, else the highest lane that can go at all."""
        first: W | None = None
        for lane, queue in self._queues.items():
            if not queue.lines or (first is not None and queue.credit < 1.0):
                continue
            head = next((waiter for waiter in self.heads(lane) if ready(waiter)), None)
            if head is not None and queue.credit >= 1.0:
                return head
            first = first or head
        return first

    def went(self, waiter: W) -> None:
        """Takes out who was let go, gives every lower lane that waits its share, and takes one from a lane that was owed it."""
        self._turns += 1
        self._last_turn[waiter.lane, waiter.shop_id] = self._turns
        self.remove(waiter)
        own = self._queues[waiter.lane]
        own.credit = max(0.0, own.credit - 1.0)
        for lane in LANES[LANES.index(waiter.lane) + 1 :]:
            if self._queues[lane].lines:
                self._queues[lane].credit += SHARES[lane]

    def _order(self, waiter: W) -> tuple[int, int]:
        """A shop that comes anew starts where the others are: it neither waits for them all nor passes them for ever."""
        return max(waiter.turn, self._last_turn.get((waiter.lane, waiter.shop_id), 0)), waiter.number


class Deadlines(Generic[W]):
    """Until when each waiting call is of use; those that wait no longer are skipped by who asks."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, W]] = []

    def add(self, deadline: float, waiter: W) -> None:
        heapq.heappush(self._heap, (deadline, waiter.number, waiter))

    def next(self) -> float:
        """Returns the soonest; infinite when there is none."""
        return self._heap[0][0] if self._heap else math.inf

    def passed(self, now: float) -> Iterator[W]:
        """Yields, and forgets, those whose time is over."""
        while self._heap and self._heap[0][0] < now:
            yield heapq.heappop(self._heap)[2]
