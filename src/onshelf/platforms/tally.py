"""Counts of what passes between a process and its platforms, in plain numbers that cost next to nothing to keep.

Nothing here knows how they are shown: whoever is asked for them (`web/metrics.py`) reads the numbers then.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from onshelf.clock import SECOND_US
from onshelf.platforms.port import CallRecord, Lane, Observer

BOUNDS_US = tuple(
    round(bound_s * SECOND_US) for bound_s in (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
)


class Spread:
    """How often a time was of which size. The last count is of those above the highest bound."""

    __slots__ = ("bounds_us", "counts", "sum_us")

    def __init__(self, bounds_us: Sequence[int] = BOUNDS_US) -> None:
        self.bounds_us = bounds_us
        self.counts = [0] * (len(bounds_us) + 1)
        self.sum_us = 0

    def note(self, took_us: int) -> None:
        """Counts one; a time at a bound is not above it."""
        self.counts[bisect_left(self.bounds_us, took_us)] += 1
        self.sum_us += took_us


class CallTally:
    """An `Observer` that counts attempts on the wire."""

    def __init__(self) -> None:
        self.calls: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        """By method, outcome and the platform's code (0: none)."""
        self.took: defaultdict[str, Spread] = defaultdict(Spread)
        """By method: from the send to the reply, or until it was given up."""

    def called(self, record: CallRecord) -> None:
        self.calls[record.method, record.outcome, record.platform_code] += 1
        if record.outcome != "not_sent":
            self.took[record.method].note(record.took_us)


class Observers:
    """Lets several hear of every attempt, in order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def called(self, record: CallRecord) -> None:
        for observer in self._observers:
            observer.called(record)


class Waits:
    """How long calls waited for their slot in a quota, and how many were told to come again later."""

    def __init__(self) -> None:
        self.waited: dict[Lane, Spread] = {lane: Spread() for lane in Lane}
        """Calls that had to wait and then went; those that went at once are not in it."""
        self.given_up: dict[Lane, int] = dict.fromkeys(Lane, 0)

    def went(self, lane: Lane, seconds: float) -> None:
        self.waited[lane].note(round(seconds * SECOND_US))

    def gave_up(self, lane: Lane) -> None:
        self.given_up[lane] += 1


@dataclass(frozen=True, slots=True)
class Tally:
    """What a process has counted since it began; what its quotas and its cache count, they hold themselves."""

    calls: CallTally = field(default_factory=CallTally)
    messages: Counter[str] = field(default_factory=Counter)
    """Pushed messages that were kept, by topic; repeats count again."""
