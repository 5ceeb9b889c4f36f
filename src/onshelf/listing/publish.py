"""Runs the lines of publish jobs: 50 a batch, their reads shared, their writes side by side, each settled by itself.

The order for one line: plan → prior look-up → look for what is unanswered → read what stands → pictures → fence and
send → read back → settled. Whatever stops a line on the way settles that line alone.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import LeaseLost
from onshelf.jobs.job import Line
from onshelf.jobs.queue import Queue
from onshelf.listing.batch import Batch
from onshelf.listing.decide import Timing
from onshelf.listing.pictures import PictureSpace
from onshelf.listing.send import Sender
from onshelf.listing.settle import Settlement
from onshelf.listing.together import Together
from onshelf.platforms.port import ShopPort
from onshelf.store.db import Database

log = structlog.get_logger()


class Publisher:
    """The handler of jobs of kind `publish`. `stop`: lines that are not on the wire are left when it is set."""

    def __init__(
        self,
        db: Database,
        queue: Queue,
        port_for: Callable[[str], ShopPort],
        clock: Clock,
        *,
        timing: Timing,
        random: Random,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._db = db
        self._queue = queue
        self._port_for = port_for
        self._clock = clock
        self._timing = timing
        self._random = random
        self._stop = stop or asyncio.Event()
        self._together = Together(db, clock)
        self._space = PictureSpace(self._together, clock, timing)

    async def run(self, lines: Sequence[Line]) -> None:
        """Settles the lines of one shop. Raises SessionExpired, with the lines it stopped left open."""
        port = self._port_for(lines[0].shop_id)
        batch = Batch(
            self._db,
            port,
            self._clock,
            timing=self._timing,
            sender=Sender(
                self._together,
                self._queue,
                port,
                self._clock,
                timing=self._timing,
                space=self._space,
                stop=self._stop,
            ),
            settlement=Settlement(
                self._together, self._queue, self._clock, timing=self._timing, random=self._random
            ),
            stop=self._stop,
            lines=lines,
        )
        await self._beside(self._keep_leases(batch), batch.run())

    async def _keep_leases(self, batch: Batch) -> None:
        """Prolongs the leases of unsettled lines at every third of their time."""
        while open_works := batch.open():
            left_us = min(work.line.lease_until_us for work in open_works) - self._clock.now_us()
            await self._clock.sleep(max(left_us / 3 / SECOND_US, 0.05))
            for work in batch.open():
                try:
                    (work.line,) = await self._queue.renew([work.line])
                except LeaseLost:
                    log.warning("listing.lease_lost", shop_id=work.line.shop_id, outer_id=work.line.key)
                    work.settled = True

    @staticmethod
    async def _beside(helper: Coroutine[Any, Any, None], main: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(helper)
        try:
            await main
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
