"""The worker: claims due lines shop by shop and hands them in batches to the handler of their kind."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Protocol

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, LeaseLost, StoreError
from onshelf.ids import JobId
from onshelf.jobs.failure import Fail, PauseShop, Wait, decide, outcome_of
from onshelf.jobs.job import JobState, Line
from onshelf.jobs.queue import Due, Queue
from onshelf.jobs.waker import Crew, Waker
from onshelf.store.db import Write

log = structlog.get_logger()


class Handler(Protocol):
    """Runs the lines of one kind."""

    async def run(self, lines: Sequence[Line]) -> None:
        """Settles every line by the queue's Writes, joined with its own.

        `lines`: of one shop, perhaps of several jobs. A line left unsettled is claimed again when its lease
        lapses, or at once when the worker is stopping. What is raised settles the lines that are still open.
        """
        ...


class Drain:
    """Claims and runs. `batch`: lines a handler gets at once; `parallel`: batches in flight for each shop and kind.

    The limit is each shop's own, so a slow shop never holds up another.
    """

    def __init__(
        self,
        queue: Queue,
        handlers: Mapping[str, Handler],
        clock: Clock,
        waker: Waker,
        *,
        random: Random,
        batch: int = 50,
        parallel: int = 4,
        tick_s: float = 1.0,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._clock = clock
        self._random = random
        self._batch = batch
        self._parallel = parallel
        self._tick_s = tick_s  # longest rest: other processes enqueue without waking this one
        self._reap_at_us = 0
        self._crew = Crew(clock, waker)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then lets the handlers in flight return and gives back what they left."""
        while not stop.is_set():
            await self._round(stop)
        await self._crew.finish()

    async def until_ended(self, job_id: JobId, stop: asyncio.Event) -> JobState | None:
        """Works, on all that is due, until this job has ended or is paused, or `stop` is set.

        Returns its state; None: there is no such job.
        """
        while not stop.is_set() and await self._queue.has_open_lines(job_id):
            await self._round(stop)
        await self._crew.finish()
        job = await self._queue.job(job_id)
        return job.state if job else None

    async def _round(self, stop: asyncio.Event) -> None:
        """Looks once, starts what is due, and rests; a database in trouble is looked at again later."""
        rest_s = self._tick_s
        try:
            await self._reap()
            for kind in self._handlers:
                rest_s = min(rest_s, await self._start_due(kind, stop))
        except StoreError as error:
            log.warning("jobs.claim_failed", error=str(error))
        await self._crew.rest(stop, rest_s)

    async def _reap(self) -> None:
        """Reaps once a tick."""
        now_us = self._clock.now_us()
        if now_us >= self._reap_at_us:
            self._reap_at_us = now_us + round(self._tick_s * SECOND_US)
            await self._queue.reap()

    async def _start_due(self, kind: str, stop: asyncio.Event) -> float:
        """Starts batches for every shop that is due; returns the seconds until the next is."""
        now_us = self._clock.now_us()
        due = sorted(await self._queue.due(kind), key=lambda shop: shop.at_us)
        for shop in due:
            if shop.at_us <= now_us:
                await self._start_shop(kind, shop, stop)
        later = [shop.at_us - now_us for shop in due if shop.at_us > now_us]
        return min(later, default=round(self._tick_s * SECOND_US)) / SECOND_US

    async def _start_shop(self, kind: str, shop: Due, stop: asyncio.Event) -> None:
        slot = (kind, shop.shop_id)
        more = True
        while more and self._crew.in_flight(slot) < self._parallel and not stop.is_set():
            lines = await self._queue.claim(kind, self._batch, shop_id=shop.shop_id)
            more = len(lines) == self._batch
            if stop.is_set():
                await self._write([self._queue.give_back(line) for line in lines])
            elif lines:
                self._crew.start(self._run_batch(kind, lines, stop), slot)

    async def _run_batch(self, kind: str, lines: Sequence[Line], stop: asyncio.Event) -> None:
        try:
            await self._handlers[kind].run(lines)
        except (LeaseLost, Conflict) as error:
            log.warning("jobs.lease_lost", kind=kind, job_id=lines[0].job_id, error=str(error))
        except Exception as error:  # the worker's one catch-all: no handler may stop it
            log.warning("jobs.batch_failed", kind=kind, job_id=lines[0].job_id, exc_info=error)
            await self._write(self._after(error, lines))
        else:
            if stop.is_set():
                await self._write([self._queue.give_back(line) for line in lines])

    def _after(self, error: Exception, lines: Sequence[Line]) -> list[Write]:
        """Gives the writes that settle a batch whose handler raised."""
        now_us = self._clock.now_us()
        outcome = outcome_of(error)
        pauses: list[Write] = []
        writes: list[Write] = []
        for line in lines:
            match decide(error, attempt=line.attempt, now_us=now_us, spread=self._random.random()):
                case Fail():
                    writes.append(self._queue.fail(line, outcome))
                case Wait(run_at_us):
                    writes.append(self._queue.wait(line, run_at_us=run_at_us, outcome=outcome))
                case PauseShop(why):
                    writes.append(self._queue.wait(line, run_at_us=now_us, outcome=outcome))
                    pauses = self._queue.pause_shop(line.shop_id, why)
        return writes + pauses

    async def _write(self, writes: Sequence[Write]) -> None:
        """Writes for the lines that are still ours; the others were settled by their handler or taken by another worker."""
        try:
            await self._queue.db.commit([replace(write, expect_rows=None) for write in writes])
        except StoreError as error:
            log.warning("jobs.settle_failed", error=str(error))  # their leases lapse
