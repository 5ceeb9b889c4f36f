"""Checks of whole files: asked for durably, carried out beside whoever asked, gone on with after a restart.

A check is the state `checking` of an import with a lease. The process that was asked begins at once; the home's worker takes
over what a process left that is gone. What an order writes into cells comes before the check, so doing it twice is harmless.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

import msgspec
from structlog import get_logger

from onshelf.catalog.check import Terms
from onshelf.catalog.imports import runs
from onshelf.catalog.imports.faulty import mended_cells
from onshelf.catalog.imports.intake import Intake, Progress, counted, stage_all
from onshelf.catalog.imports.mend import Reading
from onshelf.catalog.imports.orders import CHECK, Order, decode_order, encode_order, wanted
from onshelf.catalog.imports.runs import Run, RunState
from onshelf.catalog.imports.uploads import Uploads
from onshelf.catalog.pictures import PictureFolder
from onshelf.catalog.readers import Guide, understand
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import load_profile
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, Unreadable
from onshelf.store.db import Database, Write

LEASE_US = 120 * SECOND_US
"""Longer than a chunk of rows with all its pictures takes."""
TICK_S = 5.0
_ROUNDS = 3  # a cell with several faults gets what is suggested for the next once the first is mended
_WRITTEN_AT_ONCE = 2_000  # cells

_log = get_logger()


class Broken(msgspec.Struct, frozen=True):
    """Why a file could not be checked, as the record of the import keeps it."""

    where: str
    why: str  # text key under `unreadable.`
    values: dict[str, str | int | float | None] = {}

    def error(self) -> Unreadable:
        return Unreadable(self.where, self.why, **self.values)


def problem_of(run: Run) -> Unreadable | None:
    """Returns why the last check of an import could not be done; None: it could, or there was none."""
    return msgspec.json.decode(run.problem, type=Broken).error() if run.problem else None


class Checks:
    """The checks that this process carries out."""

    def __init__(self, db: Database, uploads: Uploads, pictures: ShopPictures, clock: Clock) -> None:
        self._db = db
        self._uploads = uploads
        self._pictures = pictures
        self._clock = clock
        self._tasks: dict[str, tuple[asyncio.Task[Run], _Lease]] = {}

    async def check(self, run: Run, order: Order = CHECK, progress: Progress | None = None) -> Run:
        """Carries an order out and checks the whole file; returns how it ended.

        Raises Unreadable, and Conflict: another check of it is under way, or the import was given up meanwhile.
        """
        lease = await self._ask(run, order, progress)
        try:
            return await self._carry_out(run, order, lease)
        except asyncio.CancelledError:
            await lease.let_go()
            raise

    async def begin(self, run: Run, order: Order = CHECK) -> None:
        """Asks for a check and begins it; it outlives the caller, and this process too. Raises Unreadable, Conflict."""
        self._start(run, order, await self._ask(run, order))

    async def settled(self, import_id: str, within_s: float) -> None:
        """Waits until the check of an import ends that this process carries out, but no longer than told."""
        if found := self._tasks.get(import_id):
            await asyncio.wait([found[0]], timeout=within_s)

    async def run(self, stop: asyncio.Event) -> None:
        """Takes over, until `stop` is set, checks whose process is gone; then lets its own go, for others to end."""
        while not stop.is_set():
            await self.take_up()
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await stop.wait()

    async def take_up(self) -> None:
        """Begins the checks that nobody has in hand and whose file lies here."""
        now_us = self._clock.now_us()
        for run in await runs.due_checks(self._db, now_us):
            if run.import_id in self._tasks or self._uploads.path(run.import_id) is None:
                continue
            lease = _Lease(self._db, self._clock, run.import_id, now_us + LEASE_US)
            with suppress(Conflict):
                await self._db.commit([runs.take_check(run.import_id, lease.until_us, now_us)])
                self._start(run, decode_order(run.asked), lease)

    async def close(self) -> None:
        """Breaks off what is under way; whoever is the worker next goes on with it."""
        mine = tuple(self._tasks.values())
        for task, _ in mine:
            task.cancel()
        await asyncio.gather(*(task for task, _ in mine), return_exceptions=True)
        for _, lease in mine:
            await lease.let_go()

    async def reading(self, run: Run) -> Reading:
        """Returns how the rows of an import are read by the shop's profile of now."""
        profile = await load_profile(self._db, run.shop_id)
        folder = PictureFolder(self._pictures.of(run.shop_id), flat=True)
        return Reading(run.file, understand(run.header, run.chosen), Terms.of(profile), folder.look)

    async def _ask(self, run: Run, order: Order, progress: Progress | None = None) -> "_Lease":
        if self._uploads.path(run.import_id) is None:
            raise Unreadable(run.file, "missing")
        now_us = self._clock.now_us()
        lease = _Lease(self._db, self._clock, run.import_id, now_us + LEASE_US, progress)
        await self._db.commit([runs.begin_check(run.import_id, encode_order(order), lease.until_us, now_us)])
        return lease

    def _start(self, run: Run, order: Order, lease: "_Lease") -> None:
        task = asyncio.create_task(self._carry_out(run, order, lease))
        self._tasks[run.import_id] = task, lease
        task.add_done_callback(lambda ended: self._ended(run.import_id, ended))

    def _ended(self, import_id: str, task: asyncio.Task[Run]) -> None:
        del self._tasks[import_id]
        if (
            not task.cancelled()
            and (error := task.exception())
            and not isinstance(error, Unreadable | Conflict)
        ):
            _log.error("import.check_failed", import_id=import_id, exc_info=error)

    async def _carry_out(self, run: Run, order: Order, lease: "_Lease") -> Run:
        try:
            return await self._mend_and_check(run, order, lease)
        except Conflict:
            raise
        except Exception as error:
            failed = runs.fail_check(run.import_id, lease.until_us, _broken(run, error))
            with suppress(Conflict):
                await self._db.commit([failed, *runs.forget_rows(run.import_id)])
            raise

    async def _mend_and_check(self, run: Run, order: Order, lease: "_Lease") -> Run:
        await self._write(run, order)
        ended = await self._read(run, lease)
        for _ in range(_ROUNDS - 1):
            if not await self._write(run, order):
                break
            ended = await self._read(run, lease)
        await self._db.commit([runs.end_check(ended, lease.until_us)])
        return replace(ended, state=RunState.CHECKED, asked="", problem="")

    async def _write(self, run: Run, order: Order) -> int:
        """Writes what an order says into cells, and returns how many cells."""
        count, writes = 0, list[Write]()
        async for one in wanted(self._db, run, order):
            writes += one.writes
            count += len(one.writes)
            if len(writes) >= _WRITTEN_AT_ONCE:
                await self._db.commit(writes)
                writes = []
        if writes:
            await self._db.commit(writes)
        return count

    async def _read(self, run: Run, lease: "_Lease") -> Run:
        """Reads the file from its top to its end and puts its good rows aside."""
        path = self._uploads.path(run.import_id)
        if path is None:
            raise Unreadable(run.file, "missing")
        began_us = self._clock.now_us()
        await lease.go_on(0)
        await self._db.commit(runs.forget_rows(run.import_id))
        profile = await load_profile(self._db, run.shop_id)
        guide = Guide(run.chosen, await mended_cells(self._db, run.import_id))
        intake = await asyncio.to_thread(
            Intake, path, profile, guide=guide, pictures=self._pictures.of(run.shop_id)
        )
        async for rows in stage_all(self._db, run.import_id, intake):
            await lease.go_on(rows)
        return counted(run, intake.tally, began_us)


class _Lease:
    """One process's hold on a check; it lasts as long as the check goes on."""

    def __init__(
        self, db: Database, clock: Clock, import_id: str, until_us: int, progress: Progress | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._import_id = import_id
        self._progress = progress
        self.until_us = until_us
        self._next_us = until_us  # what it becomes while that is being written

    async def go_on(self, rows: int) -> None:
        """Notes how many rows were read and holds on. Raises Conflict when the hold was lost."""
        self._next_us = max(self._clock.now_us() + LEASE_US, self.until_us)
        await self._db.commit([runs.go_on(self._import_id, self.until_us, rows, self._next_us)])
        self.until_us = self._next_us
        if self._progress and rows:
            self._progress(rows)

    async def let_go(self) -> None:
        """Lets anybody go on with the check, if it is still ours."""
        await self._db.commit(
            [runs.let_go(self._import_id, until_us) for until_us in {self.until_us, self._next_us}]
        )


def _broken(run: Run, error: BaseException) -> str:
    """Writes down why a check could not be done; of a defect of ours no more than that there was one."""
    if isinstance(error, Unreadable):
        values = {
            name: value if isinstance(value, int | float | None) else str(value)
            for name, value in error.context.items()
            if name != "where"
        }
        return msgspec.json.encode(Broken(error.where, error.why, values)).decode()
    return msgspec.json.encode(Broken(run.file, "check_failed")).decode()
