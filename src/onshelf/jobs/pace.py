"""How fast a job's lines end, and how long the rest takes at that pace. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.clock import SECOND_US
from onshelf.jobs.job import ENDED, JobState

WINDOW_S = 60.0
LEAST = 3
"""As many lines tell a pace; from fewer none is guessed."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What the last minute tells; None: nothing ended in it, or too little to tell."""

    per_minute: float | None
    left_s: float | None  # for the lines that go on by themselves


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, in lines."""

    total: int
    succeeded: int
    failed: int
    waiting: int  # go on by themselves later: quota, or an unanswered write that is being looked up
    open: int  # neither ended nor waiting

    @property
    def ended(self) -> int:
        return self.total - self.waiting - self.open


def progress_of(counts: Mapping[JobState, int]) -> Progress:
    """Sums a job's counts by state."""
    total = sum(counts.values())
    waiting = counts.get(JobState.WAITING, 0)
    ended = sum(counts.get(state, 0) for state in ENDED)
    return Progress(
        total=total,
        succeeded=counts.get(JobState.SUCCEEDED, 0),
        failed=counts.get(JobState.FAILED, 0),
        waiting=waiting,
        open=total - waiting - ended,
    )


def pace_of(ended_us: Sequence[int], left: int, now_us: int) -> Pace:
    """Reckons from when lines ended (any order; the latest few hundred are enough) and how many are left.

    When all that were given ended within the minute, only the time since the first of them is known: it counts instead.
    """
    since_us = now_us - round(WINDOW_S * SECOND_US)
    lately = [at_us for at_us in ended_us if at_us > since_us]
    if len(lately) < LEAST:
        return Pace(None, None)
    span_us = now_us - (min(lately) if len(lately) == len(ended_us) else since_us)
    per_second = len(lately) / max(span_us / SECOND_US, 1.0)
    return Pace(per_second * 60, left / per_second)
