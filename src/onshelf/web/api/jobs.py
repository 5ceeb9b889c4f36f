"""`/jobs`: what is being done in your shops, line by line, and what you may do about it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from onshelf.acts import job_changed
from onshelf.clock import to_us
from onshelf.guard.roles import Permission
from onshelf.ids import JobId
from onshelf.jobs import acts, lists
from onshelf.jobs.acts import Act, Acted, Verdict
from onshelf.jobs.job import JobState
from onshelf.jobs.lists import Listed, Wanted
from onshelf.jobs.pace import Pace, pace_of, progress_of
from onshelf.listing.mend import failed_rows
from onshelf.listing.report import report
from onshelf.web.api.job_forms import ActOut, JobDetail, JobOut, LineOut
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, page, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/jobs", tags=["jobs"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "A workbook.", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}
Reads = Annotated[Door, Needs(Permission.READ)]
Publishes = Annotated[Door, Needs(Permission.PUBLISH)]
_REFUSED = {
    Verdict.ENDED: "job_ended",
    Verdict.SHOP_HELD: "job_shop_held",
    Verdict.NONE_FAILED: "job_none_failed",
}


async def job_of(door: Door, job_id: str) -> Listed:
    """Returns a job of a shop of the principal's. Raises Problem 404, for somebody else's job too."""
    found = await lists.job(door.app.db, job_id)
    if found is None or not door.who.sees(found.job.shop_id):
        raise Problem(404, "no_job", job=job_id[:40])
    return found


async def do(door: Door, job_id: str, act: Act) -> Acted:
    """Does one thing to a job for the principal, notes it, and wakes the worker. Raises Problem 404."""
    listed = await job_of(door, job_id)
    done = await acts.act(door.app.queue, JobId(job_id), act)
    if done is None:
        raise Problem(404, "no_job", job=job_id)
    if done.verdict is Verdict.DONE:
        door.acted(job_changed(act, listed.job, done.listed.job))
        door.app.wakers.jobs.wake()
    return done


async def pace_now(door: Door, listed: Listed) -> Pace:
    """Returns how fast a job is now."""
    now = progress_of(listed.counts)
    ended = await lists.ended_lately(door.app.db, listed.job.job_id)
    paused = listed.counts.get(JobState.PAUSED, 0)
    return pace_of(ended, now.total - now.ended - paused, door.app.clock.now_us())


@router.get("", response_model=Page[JobOut])
async def list_jobs(
    door: Reads,
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[JobState | None, Query(description="only jobs in this state")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="only jobs of this kind")] = None,
    shop: Annotated[str | None, Query(max_length=200, description="only jobs of this shop")] = None,
    since: Annotated[datetime | None, Query(description="only jobs created then or later")] = None,
) -> JSONResponse:
    """Lists the jobs of your shops, the newest first."""
    wanted = Wanted(kind, seen_shops(door, shop), state, moment_us(since))
    found = await lists.jobs(door.app.db, wanted, before=place_of(cursor, int, str), limit=limit + 1)
    return page([JobOut.of(one) for one in found], limit, lambda row: (to_us(row.created), row.job), fields)


def seen_shops(door: Door, shop: str | None) -> tuple[str, ...] | None:
    """Returns the shops whose jobs are asked for; None: all there are."""
    if shop:
        return (shop,)
    return None if door.who.shops is None else tuple(sorted(door.who.shops))


def moment_us(moment: datetime | None) -> int | None:
    """Reads a time of a query; one without a zone is Problem 422."""
    if moment is not None and moment.tzinfo is None:
        raise Problem(422, "no_zone", given=moment.isoformat())
    return None if moment is None else to_us(moment)


@router.get("/{job}")
async def show_job(job: str, door: Reads) -> JobDetail:
    """Shows one job: counts, pace, and why lines failed or wait."""
    listed = await job_of(door, job)
    causes = await lists.causes(door.app.db, job)
    return JobDetail.whole(listed, await pace_now(door, listed), causes, door.lang)


@router.get("/{job}/lines", response_model=Page[LineOut])
async def list_job_lines(
    job: str,
    door: Reads,
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[JobState | None, Query(description="only lines in this state")] = None,
    cause: Annotated[
        str | None, Query(max_length=200, description="only lines that failed or wait for this cause")
    ] = None,
) -> JSONResponse:
    """Lists the lines of a job in the order of work."""
    await job_of(door, job)
    (after,) = place_of(cursor, int) or (0,)
    found = await lists.lines(door.app.db, job, state=state, cause=cause, after=after, limit=limit + 1)
    return page([LineOut.of(one, door.lang) for one in found], limit, lambda row: (row.number,), fields)


@router.post("/{job}/pause")
async def pause_job(job: str, door: Publishes, dry_run: DryRun = False) -> ActOut:
    """Stops a job until it is resumed: what is being sent ends first. Harmless to repeat."""
    return _told(await do(door, job, Act.PAUSE))


@router.post("/{job}/resume")
async def resume_job(job: str, door: Publishes, dry_run: DryRun = False) -> ActOut:
    """Lets a paused job go on. Harmless to repeat."""
    return _told(await do(door, job, Act.RESUME))


@router.post("/{job}/cancel")
async def cancel_job(job: str, door: Publishes, dry_run: DryRun = False) -> ActOut:
    """Ends a job for good: what has not begun is not done, what was sent stays. Harmless to repeat."""
    return _told(await do(door, job, Act.CANCEL))


@router.post("/{job}/retry")
async def retry_job(job: str, door: Publishes, dry_run: DryRun = False) -> ActOut:
    """Queues the failed lines again; what succeeded is left alone."""
    return _told(await do(door, job, Act.RETRY))


def _told(done: Acted) -> ActOut:
    if done.verdict in _REFUSED:
        raise Problem(409, _REFUSED[done.verdict], job=done.listed.job.job_id, state=done.listed.job.state)
    return ActOut(**dict(JobOut.of(done.listed)), verdict=done.verdict)


@router.get("/{job}/report.xlsx", response_class=Response, responses=WORKBOOK)
async def show_job_report(job: str, door: Reads) -> Response:
    """Gives every line with its outcome as a workbook."""
    listed = await job_of(door, job)
    return workbook_answer(await report(door.app.db, listed.job, door.lang), f"report-{job}.xlsx")


@router.get("/{job}/failed-rows.xlsx", response_class=Response, responses=WORKBOOK)
async def show_job_failed_rows(job: str, door: Reads) -> Response:
    """Gives the products whose lines failed as a workbook, with the reason in each row: to mend and import again."""
    listed = await job_of(door, job)
    return workbook_answer(await failed_rows(door.app.db, listed.job, door.lang), f"failed-{job}.xlsx")


def workbook_answer(body: bytes, name: str) -> Response:
    """Hands a workbook to be saved."""
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
