"""Enqueues a publish job and tells how far it is."""

from collections.abc import Collection
from random import Random

import msgspec

from onshelf.clock import Clock
from onshelf.ids import JobId, new_id
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.lists import open_keys
from onshelf.jobs.pace import Progress, progress_of
from onshelf.jobs.queue import NewLine, Queue
from onshelf.listing.intent import Doing
from onshelf.listing.preview import TO_DO, planned
from onshelf.listing.work import PUBLISH
from onshelf.store.db import Database


async def start(
    db: Database,
    queue: Queue,
    shop_id: str,
    clock: Clock,
    random: Random,
    *,
    by: str = "",
    only: Collection[str] | None = None,
    at_most: int | None = None,
) -> JobId | None:
    """Enqueues every product that has something to do; wake the worker afterwards.

    Products that an unfinished publish job has already are left to it: when none is left over, that job is returned.
    None: there is nothing to do at all. `by`: who starts it, as the audit log names them. `only`: these codes, None for
    the whole shop. `at_most`: the first so many in the order of the codes, a canary; None for all.
    """
    under_way = await open_keys(db, PUBLISH, shop_id)
    codes = [
        one.stored.product.outer_id
        async for one in planned(db, shop_id, read_new=False, only=only)
        if one.action.kind in TO_DO and not one.stored.held
    ]
    new = [code for code in codes if code not in under_way][:at_most]
    if new:
        return await _enqueue(db, queue, shop_id, new, "publish", clock=clock, random=random, by=by)
    return next((JobId(under_way[code]) for code in codes), None)


async def act(
    db: Database,
    queue: Queue,
    shop_id: str,
    codes: Collection[str],
    doing: Doing,
    *,
    clock: Clock,
    random: Random,
    by: str = "",
) -> JobId:
    """Enqueues the listing, delisting or deletion of the items of these codes; `by` as in `start`."""
    return await _enqueue(db, queue, shop_id, list(codes), doing.value, clock=clock, random=random, by=by)


async def progress(queue: Queue, job_id: JobId) -> Progress:
    """Counts the lines of a job for a progress bar."""
    return progress_of(await queue.counts(job_id))


async def _enqueue(
    db: Database,
    queue: Queue,
    shop_id: str,
    codes: Collection[str],
    do: str,
    *,
    clock: Clock,
    random: Random,
    by: str,
) -> JobId:
    now_us = clock.now_us()
    job_id = JobId(new_id(now_us, random))
    payload = msgspec.json.encode({"do": do}).decode()
    job = Job(job_id, PUBLISH, shop_id, JobState.QUEUED, now_us, payload, by)
    await db.commit(queue.enqueue(job, [NewLine(code, payload) for code in codes]))
    return job_id
