"""Reading the record of work: jobs and their lines page by page, counted, and grouped by why they failed or wait."""
# ruff: noqa: S608 - what is put into SQL here is names and placeholders of this room, never a value

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.ids import JobId
from onshelf.jobs import statements as sql
from onshelf.jobs.job import SHOWN_FIRST, Job, JobState, Line, job_state
from onshelf.store.db import Database, Row, Value
from onshelf.store.sql import marks

_JOB_COLUMNS = "job_id, kind, shop_id, created_us, payload, started_by, held"
_CAUSED = "state IN ('failed', 'waiting')"
"""As the index `job_line_cause` says it: a database uses a partial index only where it finds these very words."""


@dataclass(frozen=True, slots=True)
class LineReport:
    """A line and what came of it so far."""

    line: Line
    outcome: dict[str, Any]  # as its handler wrote it; empty before the first step ended
    changed_us: int  # when its state last changed


@dataclass(frozen=True, slots=True)
class Listed:
    """A job and how its lines stand."""

    job: Job
    counts: Mapping[JobState, int]  # states without lines are left out


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs are asked for; None: any."""

    kind: str | None = None
    shop_ids: Sequence[str] | None = None  # an empty list finds nothing
    state: JobState | None = None
    since_us: int | None = None  # created then or later


@dataclass(frozen=True, slots=True)
class Cause:
    """Why lines of a job failed, or wait."""

    state: JobState  # FAILED or WAITING
    cause: str  # see `outcome.cause_of`
    lines: int
    example: LineReport  # the first of them


@dataclass(frozen=True, slots=True)
class LeftFailed:
    """What failed in a shop, and nothing came of since."""

    shop_id: str
    count: int  # of what the lines are about: a product counts once, however often it failed
    jobs: int  # in which it failed last
    job_id: str  # the latest of them


async def jobs(
    db: Database, wanted: Wanted, *, before: tuple[int, str] | None = None, limit: int = 50
) -> list[Listed]:
    """Returns jobs newest first; `before`: those after this (created_us, job_id) of the page before."""
    parts, args = _conditions(wanted, before)
    where = f"WHERE {' AND '.join(parts)} " if parts else ""
    return await _read(db, f"{where}ORDER BY created_us DESC, job_id DESC LIMIT ?", (*args, limit))


async def job(db: Database, job_id: str) -> Listed | None:
    """Returns one job; None: there is no such job."""
    found = await _read(db, "WHERE job_id = ?", (job_id,))
    return found[0] if found else None


def _conditions(wanted: Wanted, before: tuple[int, str] | None) -> tuple[list[str], list[Value]]:
    parts: list[str] = []
    args: list[Value] = []
    if wanted.kind is not None:
        parts.append("kind = ?")
        args.append(wanted.kind)
    if wanted.shop_ids is not None:
        parts.append(f"shop_id IN ({marks(wanted.shop_ids)})")
        args += wanted.shop_ids
    if wanted.since_us is not None:
        parts.append("created_us >= ?")
        args.append(wanted.since_us)
    if before is not None:
        parts.append("(created_us, job_id) < (?, ?)")
        args += before
    if wanted.state is not None:
        parts.append(sql.stands_in(wanted.state))
    return parts, args


async def _read(db: Database, tail: str, args: Sequence[Value]) -> list[Listed]:
    rows = await db.fetch(f"SELECT {_JOB_COLUMNS} FROM job {tail}", args)
    by_job = await counts(db, [str(row[0]) for row in rows])
    return [_listed(row, by_job[str(row[0])]) for row in rows]


def _listed(row: Row, found: Mapping[JobState, int]) -> Listed:
    job_id, kind, shop_id, created_us, payload, started_by, held = cast("tuple[Any, ...]", row)
    state = job_state(found)
    return Listed(Job(JobId(job_id), kind, shop_id, state, created_us, payload, started_by, held), found)


async def counts(db: Database, job_ids: Sequence[str]) -> dict[str, dict[JobState, int]]:
    """Counts the lines of jobs by state.

    Lines that succeeded are not walked over, though they are nearly all of an ended job: lines are numbered from 1 without
    a gap, so the highest number is their total, and what is in no other state has succeeded.
    """
    found: dict[str, dict[JobState, int]] = {job_id: {} for job_id in job_ids}
    if not job_ids:
        return found
    others = ", ".join(f"'{state}'" for state in SHOWN_FIRST)
    rows = await db.fetch(
        f"SELECT job_id, state, COUNT(*) FROM job_line WHERE job_id IN ({marks(job_ids)}) AND state IN ({others}) "
        "GROUP BY job_id, state UNION ALL "
        "SELECT job_id, '', (SELECT MAX(number) FROM job_line WHERE job_line.job_id = job.job_id) FROM job "
        f"WHERE job_id IN ({marks(job_ids)})",
        (*job_ids, *job_ids),
    )
    totals = {str(job_id): cast("int | None", total) or 0 for job_id, state, total in rows if not state}
    for job_id, state, count in rows:
        if state:
            found[str(job_id)][JobState(str(state))] = cast("int", count)
    for job_id, total in totals.items():
        if rest := total - sum(found[job_id].values()):
            found[job_id][JobState.SUCCEEDED] = rest
    return found


async def lines(
    db: Database,
    job_id: str,
    *,
    state: JobState | None = None,
    cause: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[LineReport]:
    """Returns lines in order, those with a number above `after`; of one state, of one cause when named.

    Only lines that failed or wait have a cause to be found by.
    """
    parts = ["job_id = ?", "number > ?"]
    args: list[Value] = [job_id, after]
    if state is not None:
        parts.append("state = ?")
        args.append(state)
    if cause is not None:
        parts += [_CAUSED, "cause = ?"]
        args.append(cause)
    rows = await db.fetch(
        f"SELECT {sql.LINE_COLUMNS}, outcome, changed_us FROM job_line WHERE {' AND '.join(parts)}"
        " ORDER BY number LIMIT ?",
        (*args, limit),
    )
    return [_report(row) for row in rows]


async def causes(db: Database, job_id: str) -> list[Cause]:
    """Groups the lines that failed or wait by their cause, the failed ones and the most frequent first."""
    rows = await db.fetch(
        f"SELECT state, cause, COUNT(*), MIN(number) FROM job_line WHERE job_id = ? AND {_CAUSED} GROUP BY state, cause",
        (job_id,),
    )
    found = []
    for state, cause, count, first in cast("list[tuple[str, str, int, int]]", rows):
        examples = await lines(db, job_id, after=first - 1, limit=1)
        found.append(Cause(JobState(state), cause, count, examples[0]))
    return sorted(found, key=lambda one: (one.state, -one.lines, one.cause))


async def left_failed(db: Database, job_ids: Sequence[str], *, since_us: int) -> list[LeftFailed]:
    """Counts by shop what failed in these jobs and has not ended since, well or badly, in any job created at `since_us` or later.

    The latest jobs are asked first: what was mended was mended in one of them, mostly.
    """
    if not job_ids:
        return []
    ended_since = (
        "SELECT 1 FROM job AS other JOIN job_line AS since ON since.job_id = other.job_id AND since.key = line.key"
        " WHERE other.shop_id = line.shop_id AND other.created_us >= ?"
        " AND (other.ended_us = 0 OR other.ended_us >= line.changed_us)"
        " AND since.kind = line.kind AND since.state IN ('succeeded', 'failed')"
        " AND (since.changed_us, since.job_id) > (line.changed_us, line.job_id)"
        " ORDER BY other.created_us DESC LIMIT 1"
    )
    rows = await db.fetch(
        "SELECT shop_id, COUNT(*), COUNT(DISTINCT job_id), MAX(job_id) FROM job_line AS line"
        f" WHERE job_id IN ({marks(job_ids)}) AND state = 'failed' AND ({ended_since}) IS NULL GROUP BY shop_id",
        (*job_ids, since_us),
    )
    return [LeftFailed(*row) for row in cast("list[tuple[str, int, int, str]]", rows)]


async def open_keys(db: Database, kind: str, shop_id: str) -> dict[str, str]:
    """Maps what the unfinished jobs of a shop and kind are about to the latest job that has it."""
    rows = await db.fetch(
        "SELECT key, MAX(job_id) FROM job_line WHERE kind = ? AND shop_id = ?"
        " AND state IN ('running', 'queued', 'waiting', 'paused') GROUP BY key",
        (kind, shop_id),
    )
    return {str(key): str(job_id) for key, job_id in rows}


async def ended_lately(db: Database, job_id: str, *, limit: int = 300) -> list[int]:
    """Returns when the furthest lines of a job ended, in µs: those with the highest numbers that succeeded or failed."""
    found: list[int] = []
    for state in (JobState.SUCCEEDED, JobState.FAILED):
        rows = await db.fetch(
            "SELECT changed_us FROM job_line WHERE job_id = ? AND state = ? ORDER BY number DESC LIMIT ?",
            (job_id, state, limit),
        )
        found += [cast("int", at_us) for (at_us,) in rows]
    return found


def _report(row: Row) -> LineReport:
    return LineReport(sql.line_of(row[:-2]), msgspec.json.decode(cast("str", row[-2])), cast("int", row[-1]))
