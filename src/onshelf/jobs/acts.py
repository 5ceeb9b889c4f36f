"""What a person does to a job: whether it can be done as the job stands now, and doing it once when several try.

Every door calls `act`; `judge` alone decides, from the record as it is, not from the page somebody still looks at.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from onshelf.errors import Conflict
from onshelf.ids import JobId
from onshelf.jobs import lists
from onshelf.jobs.job import ENDED, Job, JobState
from onshelf.jobs.lists import Listed
from onshelf.jobs.queue import Queue
from onshelf.store.db import Write


class Act(StrEnum):
    """What can be asked of a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"  # its failed lines


class Verdict(StrEnum):
    """What came of it, or why nothing did."""

    DONE = "done"
    ALREADY = "already"  # it was so already, or somebody else was faster: nothing was changed
    ENDED = "ended"  # the job has ended meanwhile
    SHOP_HELD = "shop_held"  # only the shop's authorisation, or its own resume, lets the job go on
    NONE_FAILED = "none_failed"  # nothing to retry


@dataclass(frozen=True, slots=True)
class Acted:
    """How the job stands after the act."""

    listed: Listed
    verdict: Verdict


_HOLDS = {Act.PAUSE: "paused", Act.CANCEL: "cancelled"}


def judge(act: Act, job: Job, counts: Mapping[JobState, int]) -> Verdict:
    """Tells what an act would come to; DONE: it may be done."""
    if act is Act.RETRY:
        return Verdict.DONE if counts.get(JobState.FAILED) else Verdict.NONE_FAILED
    if job.state is JobState.CANCELLED or job.held == "cancelled":
        return Verdict.ALREADY if act is Act.CANCEL else Verdict.ENDED
    if job.state in ENDED:
        return Verdict.ENDED
    if act is Act.RESUME and not job.held:
        return Verdict.SHOP_HELD if job.state is JobState.PAUSED else Verdict.ALREADY
    return Verdict.ALREADY if job.held == _HOLDS.get(act, "-") else Verdict.DONE


def possible(listed: Listed) -> tuple[Act, ...]:
    """Names the acts that would change something now."""
    return tuple(act for act in Act if judge(act, listed.job, listed.counts) is Verdict.DONE)


async def act(queue: Queue, job_id: JobId, act: Act) -> Acted | None:
    """Does one thing to a job, durably; wake the worker afterwards. None: there is no such job."""
    found = await lists.job(queue.db, job_id)
    if found is None:
        return None
    verdict = judge(act, found.job, found.counts)
    if verdict is Verdict.DONE:
        try:
            await _verb(queue, act)(job_id, _still(found.job))
        except Conflict:
            verdict = Verdict.ALREADY
    return Acted(await lists.job(queue.db, job_id) or found, verdict)


def _verb(queue: Queue, act: Act) -> Callable[[JobId, Write], Awaitable[Job | None]]:
    return {
        Act.PAUSE: queue.pause,
        Act.RESUME: queue.resume,
        Act.CANCEL: queue.cancel,
        Act.RETRY: queue.retry_failed,
    }[act]


def _still(job: Job) -> Write:
    """Proves that nobody has held or released the job since it was looked at."""
    return Write(
        "UPDATE job SET held = held WHERE job_id = ? AND held = ?", (job.job_id, job.held), expect_rows=1
    )
