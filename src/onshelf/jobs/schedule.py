"""What runs again and again: schedule rows, claimed like lines, and the loop that runs them.

Missed runs collapse into one; a run that raises is pushed ahead and recorded, and never stops the loop.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol, cast

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, Error, LeaseLost, StoreError
from onshelf.jobs.failure import Wait, backoff_s, decide
from onshelf.jobs.waker import Crew, Waker
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks

log = structlog.get_logger()

_COLUMNS = (
    "name, kind, payload, every_us, run_at_us, lease_until_us, fence, failures, last_error, last_run_us"
)
_CLAIMABLE_FROM = "CASE WHEN lease_until_us > run_at_us THEN lease_until_us ELSE run_at_us END"
_HELD_BY_US = "name = ? AND fence = ? AND lease_until_us > 0"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the schedule."""

    name: str  # unique: "watch:my-shop"
    kind: str  # which handler runs it
    payload: str  # JSON, the kind's own
    every_us: int
    run_at_us: int  # of the next run, or of the one in hand
    lease_until_us: int  # 0 when nobody runs it
    fence: int
    failures: int  # in a row, since the last good run
    last_error: str  # of the last run; empty when it was good
    last_run_us: int  # when the last good run ended; 0: never


def next_run_us(run_at_us: int, every_us: int, now_us: int) -> int:
    """Gives the first of run_at + every, run_at + 2 every, … that is after now: missed runs collapse into one."""
    missed = max(0, now_us - run_at_us) // every_us
    return run_at_us + (missed + 1) * every_us


class Schedules:
    """Verbs over the schedule. `lease_s`: how long a claimed entry is held unless renewed."""

    def __init__(self, db: Database, clock: Clock, lease_s: float) -> None:
        self.db = db
        self.lease_s = lease_s
        self._clock = clock

    def ensure(self, name: str, *, kind: str, every_s: float, payload: str = "{}") -> Write:
        """Makes an entry, first run at once, or gives an existing one this rhythm and payload.

        A changed rhythm counts from the last good run; an unchanged one keeps its next run.
        """
        every_us = round(every_s * SECOND_US)
        if every_us <= 0:
            raise ValueError(f"every_s must be above 0, not {every_s}")
        return Write(
            "INSERT INTO schedule (name, kind, every_us, payload, run_at_us) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, payload = excluded.payload,"
            " run_at_us = CASE WHEN schedule.every_us = excluded.every_us THEN schedule.run_at_us"
            " ELSE schedule.last_run_us + excluded.every_us END, every_us = excluded.every_us",
            (name, kind, every_us, payload, self._clock.now_us()),
        )

    def take_over(self) -> Write:
        """Ends every lease now. Only for a worker that knows all earlier ones to be dead."""
        return Write("UPDATE schedule SET lease_until_us = 0 WHERE lease_until_us > 0")

    def remove(self, name: str) -> Write:
        """Takes an entry away; a run in hand ends without a trace."""
        return Write("DELETE FROM schedule WHERE name = ?", (name,))

    async def entries(self) -> list[Entry]:
        """Returns the whole schedule by name."""
        rows = await self.db.fetch(f"SELECT {_COLUMNS} FROM schedule ORDER BY name")  # noqa: S608
        return [_entry(row) for row in rows]

    async def next_us(self, kinds: Sequence[str]) -> int | None:
        """Tells when the next entry of these kinds may be claimed; None: there is none."""
        rows = await self.db.fetch(
            f"SELECT MIN({_CLAIMABLE_FROM}) FROM schedule WHERE kind IN ({marks(kinds)})",  # noqa: S608
            kinds,
        )
        return cast("int | None", rows[0][0])

    async def claim(self, kinds: Sequence[str], limit: int) -> list[Entry]:
        """Takes due entries of these kinds for a lease, longest due first; durable."""
        now_us = self._clock.now_us()
        rows = await self.db.claim(
            "schedule",
            set_sql="lease_until_us = ?, fence = fence + 1",
            where_sql=f"run_at_us <= ? AND lease_until_us <= ? AND kind IN ({marks(kinds)})",
            order_by="run_at_us, name",
            limit=limit,
            returning=_COLUMNS,
            args=(self._lease_end_us(), now_us, now_us, *kinds),
        )
        return sorted((_entry(row) for row in rows), key=lambda entry: (entry.run_at_us, entry.name))

    async def renew(self, entry: Entry) -> Entry:
        """Prolongs the lease; raises LeaseLost when another worker has the entry or it was removed."""
        until_us = self._lease_end_us()
        try:
            await self.db.commit([self._update(entry, "lease_until_us = ?", until_us)])
        except Conflict as lost:
            raise LeaseLost(entry.name) from lost
        return replace(entry, lease_until_us=until_us)

    def succeed(self, entry: Entry) -> Write:
        """Ends a good run and plans the next. Conflict at commit when the lease was lost."""
        now_us = self._clock.now_us()
        return self._update(
            entry,
            "run_at_us = ?, lease_until_us = 0, failures = 0, last_error = '', last_run_us = ?",
            next_run_us(entry.run_at_us, entry.every_us, now_us),
            now_us,
        )

    def fail(self, entry: Entry, why: str, *, run_at_us: int) -> Write:
        """Ends a bad run, to be tried again at a time. Conflict at commit when the lease was lost."""
        return self._update(
            entry,
            "run_at_us = ?, lease_until_us = 0, failures = failures + 1, last_error = ?",
            run_at_us,
            why,
        )

    def give_back(self, entry: Entry) -> Write:
        """Ends a run that was broken off: it stays due."""
        return self._update(entry, "lease_until_us = 0")

    def _lease_end_us(self) -> int:
        return self._clock.now_us() + round(self.lease_s * SECOND_US)

    def _update(self, entry: Entry, set_sql: str, *args: Value) -> Write:
        return Write(
            f"UPDATE schedule SET {set_sql} WHERE {_HELD_BY_US}",  # noqa: S608
            (*args, entry.name, entry.fence),
            expect_rows=1,
        )


class Handler(Protocol):
    """Runs the entries of one kind; whatever it raises is recorded and tried again later."""

    async def run(self, entry: Entry) -> None: ...


class Scheduler:
    """Claims and runs entries, each in a task of its own, its lease kept alive meanwhile."""

    def __init__(
        self,
        schedules: Schedules,
        handlers: Mapping[str, Handler],
        clock: Clock,
        waker: Waker,
        *,
        random: Random,
        parallel: int = 16,
        tick_s: float = 1.0,
    ) -> None:
        self._schedules = schedules
        self._handlers = handlers
        self._kinds = tuple(handlers)
        self._clock = clock
        self._random = random
        self._parallel = parallel  # runs in flight
        self._tick_s = tick_s  # longest rest
        self._crew = Crew(clock, waker)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then breaks off the runs in flight and gives them back."""
        while not stop.is_set():
            rest_s = self._tick_s
            try:
                await self._start_due(stop)
                rest_s = await self._rest_s()
            except StoreError as error:
                log.warning("schedule.claim_failed", error=str(error))
            await self._crew.rest(stop, rest_s)
        await self._crew.finish()

    async def _start_due(self, stop: asyncio.Event) -> None:
        free = self._parallel - self._crew.in_flight("run")
        if free > 0:
            for entry in await self._schedules.claim(self._kinds, free):
                self._crew.start(self._run_entry(entry, stop), "run")

    async def _rest_s(self) -> float:
        next_us = await self._schedules.next_us(self._kinds)
        if next_us is None:
            return self._tick_s
        seconds = (next_us - self._clock.now_us()) / SECOND_US
        return min(self._tick_s, seconds) if seconds > 0 else self._tick_s

    async def _run_entry(self, entry: Entry, stop: asyncio.Event) -> None:
        try:
            finished = await self._run_kept(entry, stop)
            end = self._schedules.succeed(entry) if finished else self._schedules.give_back(entry)
        except LeaseLost as error:
            log.warning("schedule.lease_lost", name=entry.name, error=str(error))
            return
        except Exception as error:  # the poll loop's catch-all: no run may stop it
            log.warning("schedule.run_failed", name=entry.name, failures=entry.failures + 1, exc_info=error)
            end = self._schedules.fail(entry, _short(error), run_at_us=self._again_us(entry, error))
        try:
            await self._schedules.db.commit([end])
        except StoreError as error:
            log.warning("schedule.settle_failed", name=entry.name, error=str(error))

    async def _run_kept(self, entry: Entry, stop: asyncio.Event) -> bool:
        """Runs the handler while its lease is renewed; returns false when `stop` broke it off."""
        run = asyncio.ensure_future(self._handlers[entry.kind].run(entry))
        keep = asyncio.ensure_future(self._keep(entry))
        stopped = asyncio.ensure_future(stop.wait())
        async with _cancelled_at_exit(run, keep, stopped):
            done, _ = await asyncio.wait({run, keep, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in (run, keep):
                if task in done:
                    task.result()
            return run in done

    async def _keep(self, entry: Entry) -> None:
        """Renews the lease for ever; ends only by raising LeaseLost or StoreError."""
        while True:
            await self._clock.sleep(self._schedules.lease_s / 3)
            await self._schedules.renew(entry)

    def _again_us(self, entry: Entry, error: Exception) -> int:
        """Decides when a failed run is tried again: when the platform says, else after a growing rest."""
        now_us, spread = self._clock.now_us(), self._random.random()
        attempt = entry.failures + 1
        match decide(error, attempt=attempt, now_us=now_us, spread=spread):
            case Wait(run_at_us):
                return run_at_us
            case _:
                return now_us + round(backoff_s(attempt, spread) * SECOND_US)


@contextlib.asynccontextmanager
async def _cancelled_at_exit(*tasks: asyncio.Future[Any]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _short(error: Exception) -> str:
    """Names an error for the record; a foreign one by its type only, for its text may hold a secret."""
    return str(error) if isinstance(error, Error) else type(error).__name__


def _entry(row: Row) -> Entry:
    return Entry(*cast("tuple[Any, ...]", row))
