"""Enqueues a publish job and tells how far it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import Random

import msgspec

from onshelf.clock import Clock
from onshelf.ids import JobId, new_id
from onshelf.jobs.job import ENDED, Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.listing.intent import Doing
from onshelf.listing.preview import TO_DO, planned
from onshelf.listing.work import PUBLISH
from onshelf.store.db import Database

_OPEN = (JobState.RUNNING, JobState.QUEUED, JobState.WAITING, JobState.PAUSED)
_LINES_A_PAGE = 2000


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


async def start(db: Database, queue: Queue, shop_id: str, clock: Clock, random: Random) -> JobId | None:
    """Enqueues every product that has something to do; wake the worker afterwards.

    Products that an unfinished publish job has already are left to it: when none is left over, that job is returned.
    None: there is nothing to do at all.
    """
    under_way = await _under_way(queue, shop_id)
    codes = [
        one.stored.product.outer_id
        async for one in planned(db, shop_id, read_new=False)
        if one.action.kind in TO_DO and not one.stored.held
    ]
    new = [code for code in codes if code not in under_way]
    if new:
        return await _enqueue(db, queue, shop_id, new, "publish", clock, random)
    return next((under_way[code] for code in codes), None)


async def act(
    db: Database,
    queue: Queue,
    shop_id: str,
    codes: Collection[str],
    doing: Doing,
    *,
    clock: Clock,
    random: Random,
) -> JobId:
    """Enqueues the listing, delisting or deletion of the items of these codes."""
    return await _enqueue(db, queue, shop_id, list(codes), doing.value, clock, random)


async def progress(queue: Queue, job_id: JobId) -> Progress:
    """Counts the lines of a job for a progress bar."""
    return progress_of(await queue.counts(job_id))


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


async def _under_way(queue: Queue, shop_id: str) -> dict[str, JobId]:
    """Maps the codes of unfinished publish jobs to their job."""
    found: dict[str, JobId] = {}
    for job in await queue.jobs(kind=PUBLISH, shop_id=shop_id):
        if job.state in ENDED:
            continue
        for state in _OPEN:
            after = 0
            while lines := await queue.lines(job.job_id, state=state, after=after, limit=_LINES_A_PAGE):
                found.update((report.line.key, job.job_id) for report in lines)
                after = lines[-1].line.number
    return found


async def _enqueue(
    db: Database,
    queue: Queue,
    shop_id: str,
    codes: Collection[str],
    do: str,
    clock: Clock,
    random: Random,
) -> JobId:
    now_us = clock.now_us()
    job_id = JobId(new_id(now_us, random))
    payload = msgspec.json.encode({"do": do}).decode()
    job = Job(job_id, PUBLISH, shop_id, JobState.QUEUED, now_us, payload)
    await db.commit(queue.enqueue(job, [NewLine(code, payload) for code in codes]))
    return job_id
