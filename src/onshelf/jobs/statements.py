"""The SQL of the queue: one builder or constant for each sentence it says to the database. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.ids import JobId
from onshelf.jobs.job import SHOWN_FIRST, Job, JobState, Line
from onshelf.jobs.outcome import cause_of
from onshelf.store.db import Row, Value, Write

LINE_COLUMNS = "job_id, number, kind, shop_id, key, state, run_at_us, fence, attempt, payload"

_JOB = "FROM job WHERE job.job_id = job_line.job_id"
JOB_HELD = f"EXISTS (SELECT 1 {_JOB} AND job.held <> '')"
_JOB_CANCELLED = f"EXISTS (SELECT 1 {_JOB} AND job.held = 'cancelled')"
SHOP_HELD = "EXISTS (SELECT 1 FROM held_shop WHERE held_shop.shop_id = job_line.shop_id)"

_HELD_BY_US = "job_id = ? AND number = ? AND fence = ? AND state = 'running'"
_OPEN_LINES = "FROM job_line WHERE job_line.kind = ? AND job_line.shop_id = shop.shop_id"

DUE = f"""
WITH RECURSIVE shop (shop_id) AS (
  SELECT MIN(shop_id) FROM job_line WHERE kind = ?
  UNION ALL
  SELECT (SELECT MIN(job_line.shop_id) FROM job_line WHERE kind = ? AND job_line.shop_id > shop.shop_id)
  FROM shop WHERE shop.shop_id IS NOT NULL
)
SELECT shop_id,
  (SELECT MIN(run_at_us) {_OPEN_LINES} AND state = 'queued'),
  (SELECT MIN(run_at_us) {_OPEN_LINES} AND state = 'waiting'),
  (SELECT MIN(run_at_us) {_OPEN_LINES} AND state = 'running')
FROM shop
WHERE shop_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM held_shop WHERE held_shop.shop_id = shop.shop_id)
"""  # noqa: S608
"""Steps from shop to shop through the index instead of reading every line for a DISTINCT. Takes the kind five times."""

CLAIM_SET = "state = 'running', run_at_us = ?, fence = fence + 1, attempt = attempt + 1, changed_us = ?"
CLAIM_WHERE = (
    f"kind = ? AND shop_id = ? AND state = ? AND run_at_us <= ? AND NOT {JOB_HELD} AND NOT {SHOP_HELD}"
)
CLAIM_ORDER = "run_at_us, job_id, number"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to enqueue."""

    key: str  # what it is about, unique in the job
    payload: str = "{}"  # JSON, the kind's own
    run_at_us: int = 0  # not before; 0: at once


def open_state(state: str) -> str:
    """Gives the SQL of the state an open line gets: `state`, unless its job or shop is held meanwhile."""
    return (
        f"CASE WHEN {_JOB_CANCELLED} THEN 'cancelled'"
        f" WHEN {JOB_HELD} OR {SHOP_HELD} THEN 'paused' ELSE '{state}' END"
    )


def insert_job(job: Job) -> Write:
    """Stores the job itself; its state is never stored, it follows from the lines."""
    return Write(
        "INSERT INTO job (job_id, kind, shop_id, held, created_us, payload, started_by) VALUES (?, ?, ?, '', ?, ?, ?)",
        (job.job_id, job.kind, job.shop_id, job.created_us, job.payload, job.started_by),
    )


def insert_lines(job: Job, chunk: Sequence[NewLine], first: int, now_us: int) -> Write:
    """Stores lines numbered from `first`, in one statement."""
    marks = ", ".join(["(?, ?, ?, ?, ?, 'queued', ?, ?, ?)"] * len(chunk))
    args: list[Value] = []
    for number, line in enumerate(chunk, first):
        run_at_us = line.run_at_us or now_us
        args += (job.job_id, number, job.kind, job.shop_id, line.key, run_at_us, line.payload, now_us)
    columns = "job_id, number, kind, shop_id, key, state, run_at_us, payload, changed_us"
    return Write(f"INSERT INTO job_line ({columns}) VALUES {marks}", args)  # noqa: S608


def pause_if_held(job: Job) -> Write:
    """Pauses the lines just stored when their shop is on hold."""
    return Write(f"UPDATE job_line SET state = 'paused' WHERE job_id = ? AND {SHOP_HELD}", (job.job_id,))  # noqa: S608


def reap_running(now_us: int) -> Write:
    """Pauses or cancels lines whose worker died while their job or shop was held: nobody would claim them."""
    return Write(
        f"UPDATE job_line SET state = {open_state('queued')}, changed_us = ?"  # noqa: S608
        f" WHERE state = 'running' AND run_at_us <= ? AND ({JOB_HELD} OR {SHOP_HELD})",
        (now_us, now_us),
    )


def reap_open(now_us: int) -> Write:
    """Pauses or cancels open lines that slipped past a hold: on PostgreSQL a unit does not see one that is being committed."""
    return Write(
        f"UPDATE job_line SET state = {open_state('queued')}, changed_us = ?"  # noqa: S608
        " WHERE state IN ('queued', 'waiting') AND job_id IN (SELECT job.job_id FROM job WHERE job.held <> ''"
        " OR job.shop_id IN (SELECT held_shop.shop_id FROM held_shop))",
        (now_us,),
    )


def renew(line: Line, until_us: int) -> Write:
    """Prolongs a lease."""
    return Write(
        f"UPDATE job_line SET run_at_us = ? WHERE {_HELD_BY_US}",  # noqa: S608
        (until_us, line.job_id, line.number, line.fence),
        expect_rows=1,
    )


def hold(line: Line) -> Write:
    """Proves, as part of another room's unit, that a line is still ours and that nobody has paused it."""
    return Write(
        f"UPDATE job_line SET fence = fence WHERE {_HELD_BY_US} AND NOT {JOB_HELD} AND NOT {SHOP_HELD}",  # noqa: S608
        (line.job_id, line.number, line.fence),
        expect_rows=1,
    )


def settle(
    line: Line, state_sql: str, *, run_at_us: int, outcome: Mapping[str, object], now_us: int
) -> Write:
    """Ends a line's step with what came of it."""
    return Write(
        f"UPDATE job_line SET state = {state_sql}, run_at_us = ?, outcome = ?, cause = ?, changed_us = ?"  # noqa: S608
        f" WHERE {_HELD_BY_US}",
        (
            run_at_us,
            msgspec.json.encode(outcome).decode(),
            cause_of(outcome),
            now_us,
            line.job_id,
            line.number,
            line.fence,
        ),
        expect_rows=1,
    )


def give_back(line: Line, now_us: int) -> Write:
    """Undoes a claim, but for the fence."""
    return Write(
        f"UPDATE job_line SET state = {open_state('queued')}, run_at_us = ?, attempt = attempt - 1,"  # noqa: S608
        f" changed_us = ? WHERE {_HELD_BY_US}",
        (now_us, now_us, line.job_id, line.number, line.fence),
        expect_rows=1,
    )


def move(set_sql: str, where_sql: str, subject: str, now_us: int) -> Write:
    """Changes the state of lines of a job or shop (`subject`: the one argument of `where_sql`, see `OF_JOB`)."""
    return Write(
        f"UPDATE job_line SET state = {set_sql}, changed_us = ? WHERE {where_sql}",  # noqa: S608
        (now_us, subject),
    )


def stands_in(state: JobState) -> str:
    """Gives the condition that a job stands in a state, as `job_state` derives it: a few probes of one index a job."""
    before = SHOWN_FIRST[: SHOWN_FIRST.index(state)] if state in SHOWN_FIRST else SHOWN_FIRST
    parts = [f"NOT {_has_line(before)}"] if before else []
    return " AND ".join([*parts, _has_line((state,))] if state in SHOWN_FIRST else parts)


def _has_line(states: Sequence[JobState]) -> str:
    named = ", ".join(f"'{state}'" for state in states)
    return (
        f"EXISTS (SELECT 1 FROM job_line WHERE job_line.job_id = job.job_id AND job_line.state IN ({named}))"  # noqa: S608
    )


OF_JOB = "job_id = ?"
OF_SHOP = "job_id IN (SELECT job.job_id FROM job WHERE job.shop_id = ?)"
"""Conditions for `move`; by the job's id, for which there is an index."""


def line_of(row: Row) -> Line:
    """Makes a line of the `LINE_COLUMNS`."""
    job_id, number, kind, shop_id, key, state, run_at_us, fence, attempt, payload = cast(
        "tuple[Any, ...]", row
    )
    return Line(
        job_id=JobId(job_id),
        number=number,
        kind=kind,
        shop_id=shop_id,
        key=key,
        state=JobState(state),
        run_at_us=run_at_us,
        lease_until_us=run_at_us if state == JobState.RUNNING else 0,
        fence=fence,
        attempt=attempt,
        payload=payload,
    )
