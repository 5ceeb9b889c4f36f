"""The record of all work in the database: jobs and their lines, with leases and fences.

A settled line is written by a compare-and-set on its fence, as a `Write` that a room joins with its own; so the work and
its record become durable together, and a worker that lost its lease writes neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, LeaseLost
from onshelf.events import JobStarted
from onshelf.ids import JobId
from onshelf.jobs import lists
from onshelf.jobs import statements as sql
from onshelf.jobs.job import Job, JobState, Line
from onshelf.jobs.lists import LineReport
from onshelf.jobs.statements import NewLine
from onshelf.store import log
from onshelf.store.db import Database, Write

__all__ = ["Due", "LineReport", "NewLine", "Queue"]

_LINES_A_WRITE = 500  # multi-row INSERT; 8 values a line stay below the 32,766 variables of SQLite
_CLAIM_FIRST = (JobState.RUNNING, JobState.WAITING, JobState.QUEUED)  # what was begun before what was not


@dataclass(frozen=True, slots=True)
class Due:
    """When the next line of a shop may be claimed."""

    shop_id: str
    at_us: int


class Queue:
    """Verbs over jobs and lines. `lease_s`: how long a claimed line is held before another worker may take it.

    Many verbs for one class: the workers' (enqueue to give_back) and the people's (job to resume_shop) over one record.
    """

    def __init__(self, db: Database, clock: Clock, lease_s: float) -> None:
        self.db = db
        self._clock = clock
        self._lease_us = round(lease_s * SECOND_US)

    def enqueue(self, job: Job, lines: Sequence[NewLine]) -> list[Write]:
        """Stores a job with its lines, numbered from 1 in the order given; wake the worker once it is committed.

        Lines of a shop on hold begin paused. A job id or a key that is there already is a Conflict at commit.
        """
        now_us = self._clock.now_us()
        chunks = [
            sql.insert_lines(job, lines[start : start + _LINES_A_WRITE], start + 1, now_us)
            for start in range(0, len(lines), _LINES_A_WRITE)
        ]
        started = JobStarted(job.shop_id, job.job_id, job.kind, len(lines), now_us)
        return [sql.insert_job(job), *chunks, sql.pause_if_held(job), log.append(started, now_us)]

    async def due(self, kind: str) -> list[Due]:
        """Returns, for each shop with open lines of this kind, when the first may be claimed; shops on hold are left out."""
        rows = await self.db.fetch(sql.DUE, (kind,) * 5)
        return [
            Due(str(shop_id), min(cast("int", at) for at in times if at is not None))
            for shop_id, *times in rows
            if any(at is not None for at in times)
        ]

    async def claim(self, kind: str, limit: int, *, shop_id: str | None = None) -> list[Line]:
        """Takes due lines of one shop, lapsed and waiting ones first, and holds them for a lease; durable.

        Without `shop_id` the shop whose line fell due first is served. Fence and attempt grow by one. An empty
        list: nothing is due, or another worker was faster.
        """
        if shop_id is None:
            now_us = self._clock.now_us()
            due = [shop for shop in await self.due(kind) if shop.at_us <= now_us]
            if not due:
                return []
            shop_id = min(due, key=lambda shop: shop.at_us).shop_id
        lines: list[Line] = []
        for state in _CLAIM_FIRST:
            if len(lines) < limit:
                lines += await self._claim_state(kind, shop_id, state, limit - len(lines))
        return lines

    async def _claim_state(self, kind: str, shop_id: str, state: JobState, limit: int) -> list[Line]:
        now_us = self._clock.now_us()
        rows = await self.db.claim(
            "job_line",
            set_sql=sql.CLAIM_SET,
            where_sql=sql.CLAIM_WHERE,
            order_by=sql.CLAIM_ORDER,
            limit=limit,
            returning=sql.LINE_COLUMNS,
            args=(now_us + self._lease_us, now_us, kind, shop_id, state, now_us),
        )
        return sorted(map(sql.line_of, rows), key=lambda line: (line.job_id, line.number))

    async def reap(self) -> None:
        """Pauses or cancels the lines a hold did not reach, for their worker died or they slipped past; for a worker's tick."""
        now_us = self._clock.now_us()
        await self.db.commit([sql.reap_running(now_us), sql.reap_open(now_us)])

    def take_over(self) -> Write:
        """Ends every lease now. Only for a worker that knows all earlier ones to be dead: it holds the lock of the home."""
        now_us = self._clock.now_us()
        return Write(
            "UPDATE job_line SET run_at_us = ? WHERE state = 'running' AND run_at_us > ?", (now_us, now_us)
        )

    async def renew(self, lines: Sequence[Line]) -> list[Line]:
        """Prolongs the leases of running lines, all or none.

        Raises:
            LeaseLost: another worker has one of them, or it was paused after its lease had lapsed.
        """
        until_us = self._clock.now_us() + self._lease_us
        try:
            await self.db.commit([sql.renew(line, until_us) for line in lines])
        except Conflict as lost:
            line = lines[lost.index]
            raise LeaseLost(f"{line.job_id}/{line.number}") from lost
        return [replace(line, run_at_us=until_us, lease_until_us=until_us) for line in lines]

    def hold(self, line: Line) -> Write:
        """The fence before a send: Conflict when the lease has passed on, or when the job or shop is held meanwhile."""
        return sql.hold(line)

    def succeed(self, line: Line, outcome: Mapping[str, object]) -> Write:
        """Ends a line well. Refused at commit (Conflict) when the lease has passed to another worker."""
        return self._settle(line, "'succeeded'", 0, outcome)

    def fail(self, line: Line, outcome: Mapping[str, object]) -> Write:
        """Ends a line badly; a person may have it retried. Conflict as in `succeed`."""
        return self._settle(line, "'failed'", 0, outcome)

    def wait(self, line: Line, *, run_at_us: int, outcome: Mapping[str, object]) -> Write:
        """Puts a line aside until a time, without a lease. Conflict as in `succeed`.

        It is paused or cancelled instead when its job or shop is held by then.
        """
        return self._settle(line, sql.open_state("waiting"), run_at_us, outcome)

    def give_back(self, line: Line) -> Write:
        """Returns a line untouched, for the next worker to take at once. Conflict as in `succeed`."""
        return sql.give_back(line, self._clock.now_us())

    def _settle(self, line: Line, state_sql: str, run_at_us: int, outcome: Mapping[str, object]) -> Write:
        now_us = self._clock.now_us()
        return sql.settle(line, state_sql, run_at_us=run_at_us, outcome=outcome, now_us=now_us)

    async def job(self, job_id: JobId) -> Job | None:
        """Returns a job with its present state, or None when there is no such job."""
        found = await lists.job(self.db, job_id)
        return found.job if found else None

    async def jobs(
        self, *, kind: str | None = None, shop_id: str | None = None, limit: int = 50
    ) -> list[Job]:
        """Returns the latest jobs, newest first, of one kind or shop when named."""
        wanted = lists.Wanted(kind=kind, shop_ids=None if shop_id is None else (shop_id,))
        return [listed.job for listed in await lists.jobs(self.db, wanted, limit=limit)]

    async def has_open_lines(self, job_id: JobId) -> bool:
        """Tells whether the job goes on by itself: a line is queued, running or waiting."""
        sql_text = (
            "SELECT 1 FROM job_line WHERE job_id = ? AND state IN ('queued', 'running', 'waiting') LIMIT 1"
        )
        return bool(await self.db.fetch(sql_text, (job_id,)))

    async def counts(self, job_id: JobId) -> dict[JobState, int]:
        """Counts the lines of a job by state; states without lines are left out."""
        return (await lists.counts(self.db, [job_id]))[job_id]

    async def lines(
        self, job_id: JobId, *, state: JobState | None = None, after: int = 0, limit: int = 100
    ) -> list[LineReport]:
        """Returns lines of a job in order, those with a number above `after`, of one state when named."""
        return await lists.lines(self.db, job_id, state=state, after=after, limit=limit)

    async def pause(self, job_id: JobId, *joined: Write) -> Job | None:
        """Stops a job: open lines pause now, running ones at their next step. None: no such job.

        `joined`: writes that must go through with it, as of the other verbs of a person.
        """
        hold = Write("UPDATE job SET held = 'paused' WHERE job_id = ? AND held = ''", (job_id,))
        open_lines = self._move("'paused'", f"{sql.OF_JOB} AND state IN ('queued', 'waiting')", job_id)
        await self.db.commit([*joined, hold, open_lines])
        return await self.job(job_id)

    async def resume(self, job_id: JobId, *joined: Write) -> Job | None:
        """Lets a paused job go on, unless its shop is on hold. None: no such job."""
        release = Write("UPDATE job SET held = '' WHERE job_id = ? AND held = 'paused'", (job_id,))
        await self.db.commit([*joined, release, self._wake_paused(job_id)])
        return await self.job(job_id)

    async def cancel(self, job_id: JobId, *joined: Write) -> Job | None:
        """Ends a job for good: open lines are cancelled now, running ones at their next step. None: no such job."""
        hold = Write("UPDATE job SET held = 'cancelled' WHERE job_id = ?", (job_id,))
        open_lines = f"{sql.OF_JOB} AND state IN ('queued', 'waiting', 'paused')"
        await self.db.commit([*joined, hold, self._move("'cancelled'", open_lines, job_id)])
        return await self.job(job_id)

    async def retry_failed(self, job_id: JobId, *joined: Write) -> Job | None:
        """Queues the failed lines again, counting attempts anew; a paused job goes on. None: no such job."""
        release = Write("UPDATE job SET held = '', ended_us = 0 WHERE job_id = ?", (job_id,))
        again = f"{sql.open_state('queued')}, attempt = 0"
        failed = self._move(again, f"{sql.OF_JOB} AND state = 'failed'", job_id)
        await self.db.commit([*joined, release, self._wake_paused(job_id), failed])
        return await self.job(job_id)

    def pause_shop(self, shop_id: str, why: str) -> list[Write]:
        """Holds every open line of a shop, and those enqueued later, for a reason (a text key) until that is lifted."""
        hold = Write(
            "INSERT INTO held_shop (shop_id, why, since_us) VALUES (?, ?, ?) ON CONFLICT (shop_id, why) DO NOTHING",
            (shop_id, why, self._clock.now_us()),
        )
        return [hold, self._move("'paused'", f"{sql.OF_SHOP} AND state IN ('queued', 'waiting')", shop_id)]

    def resume_shop(self, shop_id: str, why: str) -> list[Write]:
        """Lifts one reason; without another the lines go on, except those of jobs a person paused."""
        lift = Write("DELETE FROM held_shop WHERE shop_id = ? AND why = ?", (shop_id, why))
        paused = f"{sql.OF_SHOP} AND state = 'paused' AND NOT {sql.JOB_HELD} AND NOT {sql.SHOP_HELD}"
        return [lift, self._move("'queued'", paused, shop_id)]

    async def held_shops(self) -> dict[str, list[str]]:
        """Returns the shops on hold, each with the text keys of its reasons."""
        held: dict[str, list[str]] = {}
        for shop_id, why in await self.db.fetch("SELECT shop_id, why FROM held_shop ORDER BY shop_id, why"):
            held.setdefault(str(shop_id), []).append(str(why))
        return held

    def _wake_paused(self, job_id: JobId) -> Write:
        paused = f"{sql.OF_JOB} AND state = 'paused' AND NOT {sql.JOB_HELD} AND NOT {sql.SHOP_HELD}"
        return self._move("'queued'", paused, job_id)

    def _move(self, set_sql: str, where_sql: str, subject: str) -> Write:
        return sql.move(set_sql, where_sql, subject, self._clock.now_us())
