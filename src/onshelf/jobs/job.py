"""A job, its lines and the arrows between their states. Pure.

A line:  queued → running → succeeded | failed | waiting | queued (lease lost)
         waiting → queued is not a step: a waiting line is claimed again when `run_at` has come
         queued | waiting → paused → queued;  queued | waiting | paused → cancelled
A job's state follows from its lines and from what a person asked (pause, cancel).
"""

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


@dataclass(frozen=True, slots=True)
class Job:
    """Work a person can name, pause and read a report of."""

    job_id: JobId
    kind: str  # which room's verb runs its lines: "publish", "call", …
    shop_id: str
    state: JobState
    created_us: int
    payload: str  # JSON, the kind's own


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of a job, held by a lease while it runs."""

    job_id: JobId
    number: int  # from 1, order of work
    kind: str
    shop_id: str
    key: str  # what it is about: an outer_id, a method; unique in a job
    state: JobState
    run_at_us: int  # not before
    lease_until_us: int  # 0 when not running
    fence: int  # grows with each claim; a write with an older fence is refused
    attempt: int  # from 1, once claimed
    payload: str  # JSON, the kind's own
