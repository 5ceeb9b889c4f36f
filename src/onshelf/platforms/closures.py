"""Closures at work: the gate of a span of time in which the platform shuts some methods, or wants fewer calls of them. Pure."""

import math
from collections.abc import Sequence

from onshelf.clock import SECOND_US
from onshelf.platforms.port import Closure, Lane
from onshelf.platforms.window import Gate, Limit, SlidingLog

MINUTE_S = 60.0


class ClosedGate(Gate):
    """A gate that stands in the way only from one moment to another: shut, or with logs of its own."""

    def __init__(self, begins: float, ends: float, logs: Sequence[SlidingLog] = ()) -> None:
        super().__init__(logs)
        self._begins, self._ends = begins, ends

    def opens_at(self, lane: Lane, now: float) -> float:
        if not self._begins <= now < self._ends:
            return -math.inf
        return min(super().opens_at(lane, now), self._ends) if self.logs else self._ends

    @property
    def idle(self) -> bool:
        return False


def gate_of(closure: Closure, now_us: int, now: float, log: SlidingLog | None = None) -> ClosedGate:
    """Returns the gate of a closure; `now_us` and `now` are the same moment of both clocks. `log`: what is counted already."""
    begins, ends = (now + (moment - now_us) / SECOND_US for moment in (closure.from_us, closure.to_us))
    logs = [log or SlidingLog(limit_of(closure))] if closure.per_minute else []
    return ClosedGate(begins, ends, logs)


def limit_of(closure: Closure) -> Limit:
    """Returns what a closure that only slows permits."""
    return Limit(closure.per_minute, MINUTE_S, closure.scope)
