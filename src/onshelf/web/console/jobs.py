"""The pages of jobs: what is under way, how one job goes, and what a person does about it. Progress is shown without reload."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.guard.roles import Permission
from onshelf.jobs import lists
from onshelf.jobs.acts import Act, Verdict, possible
from onshelf.jobs.job import ENDED, Job, JobState
from onshelf.jobs.lists import Listed, Wanted
from onshelf.jobs.outcome import Said, cause_of, said
from onshelf.jobs.pace import Pace, Progress, progress_of
from onshelf.listing.mend import failed_rows
from onshelf.listing.report import report
from onshelf.listing.store import count_questions
from onshelf.shops.shop import Shop
from onshelf.texts import Lang
from onshelf.web.api.jobs import do, job_of, pace_now, seen_shops
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.workbooks import workbook_answer

router = APIRouter()
JOBS_A_PAGE, LINES_A_PAGE = 30, 50
Reads = Annotated[Visit, Opens(Permission.READ)]
Publishes = Annotated[Visit, Opens(Permission.PUBLISH)]
Word = Annotated[str, Query(max_length=200)]
After = Annotated[int, Query(ge=0, lt=1 << 62)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as a page shows it."""

    job: Job
    doing: str  # text key under `web.jobs.doing.`
    now: Progress
    counts: dict[str, int]  # by state
    can: tuple[Act, ...]

    @property
    def moving(self) -> bool:
        """Tells whether it goes on by itself now."""
        return any(self.counts[state] for state in (JobState.QUEUED, JobState.RUNNING, JobState.WAITING))

    @property
    def every(self) -> str:
        """Returns how often a page looks again by itself; empty: never, the job has ended."""
        if self.moving:
            return "2s"
        return "" if self.job.state in ENDED else "10s"

    @classmethod
    def of(cls, listed: Listed) -> "Shown":
        counts = {state.value: listed.counts.get(state, 0) for state in JobState}
        return cls(listed.job, doing_of(listed.job), progress_of(listed.counts), counts, possible(listed))


def doing_of(job: Job) -> str:
    """Names what a job does: an act of publishing, else its kind."""
    told = msgspec.json.decode(job.payload)
    done = told.get("do", job.kind) if isinstance(told, dict) else job.kind
    return str(done) if done in ("publish", "list", "delist", "delete", "call") else "other"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty: nothing."""

    state: JobState | None
    shop: str

    def query(self, **more: str) -> str:
        """Returns the address of the list with these filters."""
        return _query({"state": self.state or "", "shop": self.shop, **more})


@dataclass(frozen=True, slots=True)
class Asking:
    """A shop with products that wait for a decision."""

    shop: Shop
    count: int


@router.get("/jobs")
async def jobs(
    request: Request,
    visit: Reads,
    state: Word = "",
    shop: Word = "",
    cursor: str | None = None,
    part: str = "",
) -> Response:
    """Lists jobs, the newest first; `part=rows` gives the table alone, to be put in place of the one shown."""
    door = visit.door
    filters = Filters(_state(state), shop)
    wanted = Wanted(shop_ids=seen_shops(door, shop), state=filters.state)
    found = await lists.jobs(door.app.db, wanted, before=place_of(cursor, int, str), limit=JOBS_A_PAGE + 1)
    shown = [Shown.of(one) for one in found[:JOBS_A_PAGE]]
    last = shown[-1].job if len(found) > JOBS_A_PAGE else None
    values: dict[str, Any] = {
        "current": "jobs",
        "jobs": shown,
        "filters": filters,
        "again": filters.query(part="rows", cursor=cursor or ""),
        "every": min((one.every for one in shown if one.every), default="", key=len),
        "next": last and filters.query(cursor=cursor_text((last.created_us, last.job_id))),
    }
    if part == "rows":
        return views_of(request).page(request, "jobs_rows.html", visit, **values)
    shops = await door.shops()
    counts = await count_questions(door.app.db, [one.shop_id for one in shops])
    asking = [Asking(one, counts[one.shop_id]) for one in shops if one.shop_id in counts]
    return views_of(request).page(
        request, "jobs.html", visit, **values, shops=shops, asking=asking, states=list(JobState)
    )


def _state(given: str) -> JobState | None:
    return JobState(given) if given in set(JobState) else None


@router.get("/jobs/{job}")
async def show_job(
    request: Request,
    job: str,
    visit: Reads,
    state: Word = "",
    cause: Word = "",
    after: After = 0,
    act: str = "",
    told: str = "",
) -> Response:
    """Shows a job with its lines; `act` and `told` say what has just been done to it."""
    listed = await job_of(visit.door, job)
    return views_of(request).page(
        request,
        "job.html",
        visit,
        current="jobs",
        **await _live(visit, listed),
        **await _lines(visit, listed, _state(state), cause, after),
        act=act if act in set(Act) else "",
        verdict=told if told in set(Verdict) else "",
    )


@router.get("/jobs/{job}/lines")
async def lines(
    request: Request, job: str, visit: Reads, state: Word = "", cause: Word = "", after: After = 0
) -> Response:
    """Gives the table of a job's lines, to be put in place of the one shown while they change."""
    listed = await job_of(visit.door, job)
    found = await _lines(visit, listed, _state(state), cause, after)
    return views_of(request).page(request, "job_lines.html", visit, one=Shown.of(listed), **found)


async def _lines(
    visit: Visit, listed: Listed, state: JobState | None, cause: str, after: int
) -> dict[str, Any]:
    found = await lists.lines(
        visit.door.app.db,
        listed.job.job_id,
        state=state,
        cause=cause or None,
        after=after,
        limit=LINES_A_PAGE + 1,
    )
    shown = [Line.of(one, visit.door.lang) for one in found[:LINES_A_PAGE]]
    wanted = {"state": state or "", "cause": cause}
    more = {**wanted, "after": shown[-1].number} if len(found) > LINES_A_PAGE else {}
    return {
        "lines": shown,
        "state": state,
        "cause": cause,
        "again": _query({**wanted, "after": after}),
        "next": _query(more),
    }


def _query(given: Mapping[str, object]) -> str:
    return urlencode({name: str(value) for name, value in given.items() if value})


@router.get("/jobs/{job}/live")
async def live(request: Request, job: str, visit: Reads) -> Response:
    """Gives the part of a job's page that changes while it runs."""
    listed = await job_of(visit.door, job)
    return views_of(request).page(request, "job_live.html", visit, **await _live(visit, listed))


async def _live(visit: Visit, listed: Listed) -> dict[str, Any]:
    db, lang = visit.door.app.db, visit.door.lang
    shown, shop_id = Shown.of(listed), listed.job.shop_id
    held = (await visit.door.app.queue.held_shops()).get(shop_id, [])
    causes = await lists.causes(db, listed.job.job_id)
    questions = await count_questions(db, [shop_id]) if listed.job.kind == "publish" else {}
    pace = await pace_now(visit.door, listed) if shown.moving else Pace(None, None)
    return {
        "one": shown,
        "pace": pace,
        "causes": [(one, said(one.example.outcome, lang)) for one in causes],
        "held": held,
        "questions": questions.get(shop_id, 0),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the table shows it."""

    number: int
    key: str
    state: JobState
    told: Said
    cause: str
    item_id: object
    changed_us: int

    @classmethod
    def of(cls, one: lists.LineReport, lang: Lang) -> "Line":
        told = said(one.outcome, lang)
        item_id = one.outcome.get("item_id")
        return cls(
            one.line.number,
            one.line.key,
            one.line.state,
            told,
            cause_of(one.outcome),
            item_id,
            one.changed_us,
        )


@router.post("/jobs/{job}/{act}")
async def act_on(job: str, act: Act, visit: Publishes) -> Response:
    """Does one thing to a job and says on its page what came of it."""
    done = await do(visit.door, job, act)
    query = urlencode({"act": act.value, "told": done.verdict.value})
    return RedirectResponse(f"/jobs/{quote(job, safe='')}?{query}", 303)


@router.get("/jobs/{job}/report.xlsx")
async def report_of(job: str, visit: Reads) -> Response:
    """Gives every line with its outcome as a workbook."""
    listed = await job_of(visit.door, job)
    return workbook_answer(await report(visit.door.app.db, listed.job, visit.door.lang), f"report-{job}.xlsx")


@router.get("/jobs/{job}/failed-rows.xlsx")
async def failed_rows_of(job: str, visit: Reads) -> Response:
    """Gives the failed products as a workbook to mend and import again."""
    listed = await job_of(visit.door, job)
    body = await failed_rows(visit.door.app.db, listed.job, visit.door.lang)
    return workbook_answer(body, f"failed-{job}.xlsx")
