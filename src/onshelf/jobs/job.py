"""A job, its lines and the arrows between their states. Pure.

A line:  queued → running → succeeded | failed | waiting | queued (given back)
         running → running is another worker's claim after the lease has lapsed; waiting → running when `run_at` has come
         queued | waiting | running → paused → queued;  queued | waiting | paused | running → cancelled
         failed → queued when a person asks
A running line pauses or is cancelled only at its own next step, or when its lease has lapsed.
A job's state follows from its lines; what a person asked (pause, cancel) has changed those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onshelf.ids import JobId


class JobState(StrEnum):
    """State of a job or of one of its lines."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"  # goes on by itself: at a time, or when a cause has passed
    PAUSED = "paused"  # a person, or a dead token, stopped it
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})

ARROWS: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(JobState),
    JobState.PAUSED: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED, JobState.PAUSED}),
    JobState.CANCELLED: frozenset(),
}
"""From a line's state to those it may go to (FAILED → PAUSED: retried while its shop is held)."""

SHOWN_FIRST = (
    JobState.RUNNING,
    JobState.QUEUED,
    JobState.WAITING,
    JobState.PAUSED,
    JobState.FAILED,
    JobState.CANCELLED,
)
"""The first of these in which a line stands is the job's state; without such a line it has succeeded."""


def job_state(counts: Mapping[JobState, int]) -> JobState:
    """Derives a job's state from how many lines stand in each: the liveliest open one, else the worst ended one.

    A job without lines has SUCCEEDED: nothing was left to do.
    """
    return next((state for state in SHOWN_FIRST if counts.get(state)), JobState.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Job:
    """Work a person can name, pause and read a report of."""

    job_id: JobId
    kind: str  # which room's verb runs its lines: "publish", "call", …
    shop_id: str
    state: JobState
    created_us: int
    payload: str  # JSON, the kind's own
    started_by: str = ""  # as the audit log names people and keys; empty for jobs of before that was kept
    # what a person asked of it: "paused", "cancelled"; running lines follow at their next step
    held: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of a job, held by a lease while it runs."""

    job_id: JobId
    number: int  # from 1, order of work
    kind: str
    shop_id: str
    key: str  # what it is about: an outer_id, a method; unique in a job
    state: JobState
    run_at_us: int  # not before; the lease's end while it runs
    lease_until_us: int  # 0 when not running
    fence: int  # grows with each claim; a write with an older fence is refused
    attempt: int  # from 1, once claimed
    payload: str  # JSON, the kind's own
