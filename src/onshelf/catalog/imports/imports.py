"""An import as a person goes through it: upload, say what the columns are, check, mend, bring in; durable step by step.

The good rows of a checked import lie aside (`staging.py`), the faulty ones are kept with their cells (`faulty.py`); bringing in
makes the former the shop's products in one unit.
"""

import asyncio
from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import cast

from onshelf.catalog.imports import runs, staging
from onshelf.catalog.imports.checks import Checks
from onshelf.catalog.imports.faulty import Faulty, How, get_faulty
from onshelf.catalog.imports.intake import Intake, Progress, Report, Tally, compare_all, counted, import_file
from onshelf.catalog.imports.mending import mend_product
from onshelf.catalog.imports.orders import CHECK, Order, wanted
from onshelf.catalog.imports.runs import Run, RunState
from onshelf.catalog.imports.stream import Stream
from onshelf.catalog.imports.uploads import Uploads
from onshelf.catalog.readers import Changes, Guide
from onshelf.catalog.readers.head import Head, read_head
from onshelf.catalog.readers.table import Note
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import load_profile
from onshelf.clock import DAY_US, Clock
from onshelf.errors import Conflict, Unreadable
from onshelf.ids import new_id
from onshelf.store.db import Database, Write

ONE_BY_ONE = 100
"""Faulty products up to which each is checked by itself; of more the whole file is read again."""
_ROUNDS = 3  # a cell with several faults gets what is suggested for the next once the first is mended


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was uploaded."""

    run: Run
    head: Head
    is_known: bool  # a person said before what the columns of such a file are


@dataclass(frozen=True, slots=True)
class Tried:
    """What an import of a file would come to."""

    run: Run  # as it would end, without an id
    report: Report


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken in."""

    run: Run
    tally: Tally
    notes: tuple[Note, ...]  # what the reader decided by itself


class Imports:
    """The imports of all shops of a home."""

    def __init__(
        self, db: Database, uploads: Uploads, pictures: ShopPictures, clock: Clock, random: Random
    ) -> None:
        self._db = db
        self._uploads = uploads
        self._pictures = pictures
        self.checks = Checks(db, uploads, pictures, clock)
        self._clock = clock
        self._random = random

    def over(self, db: Database) -> "Imports":
        """Returns the same imports over another database."""
        return Imports(db, self._uploads, self._pictures, self._clock, self._random)

    def pictures(self, shop_id: str) -> Path:
        """Returns the folder in which the pictures that a shop's rows name are looked for."""
        return self._pictures.of(shop_id)

    async def keep(self, shop_id: str, name: str, parts: AsyncIterable[bytes], *, made_by: str) -> "Kept":
        """Keeps an upload and reads its head; columns are as they were chosen for these headers last time.

        Raises Unreadable: too large, or no table that anybody could read.
        """
        await self._sweep()
        now_us = self._clock.now_us()
        import_id = new_id(now_us, self._random)
        path = await self._uploads.keep(import_id, name, parts)
        run = Run(import_id, shop_id, path.name, RunState.UPLOADED, now_us, 0, 0, 0, 0, 0, 0, made_by)
        try:
            plain = await asyncio.to_thread(read_head, path, {})
            known = await runs.remembered_columns(self._db, shop_id, plain.header)
            chosen = known or {}
            head = await asyncio.to_thread(read_head, path, chosen) if chosen else plain
            await self._db.commit([*runs.open_run(run), runs.note_columns(import_id, head.header, chosen)])
        except BaseException:
            self._uploads.drop(import_id)
            raise
        return Kept(replace(run, header=head.header, chosen=chosen), head, known is not None)

    async def take(self, shop_id: str, name: str, parts: AsyncIterable[bytes], *, made_by: str) -> Taken:
        """Takes a file in at one go, its columns as they were chosen for these headers last time. Raises Unreadable."""
        await self._sweep()
        import_id = new_id(self._clock.now_us(), self._random)
        path = await self._uploads.keep(import_id, name, parts)
        try:
            report = await import_file(
                self._db,
                path,
                await load_profile(self._db, shop_id),
                shop_id=shop_id,
                import_id=import_id,
                clock=self._clock,
                made_by=made_by,
                guide=await self.guide(shop_id, path),
                pictures=self.pictures(shop_id),
            )
        finally:
            self._uploads.drop(import_id)
        return Taken(cast("Run", report.run), report.tally, report.notes)

    async def look_through(self, shop_id: str, name: str, parts: AsyncIterable[bytes]) -> Tried:
        """Tells what `take` would do, and keeps nothing. Raises Unreadable."""
        now_us = self._clock.now_us()
        folder = new_id(now_us, self._random)
        path = await self._uploads.keep(folder, name, parts)
        try:
            profile = await load_profile(self._db, shop_id)
            intake = await asyncio.to_thread(
                Intake,
                path,
                profile,
                guide=await self.guide(shop_id, path),
                pictures=self.pictures(shop_id),
            )
            fates = await compare_all(self._db, shop_id, intake)
        finally:
            self._uploads.drop(folder)
        report = Report(path, intake.notes(), intake.tally, intake.findings())
        run = counted(
            Run("", shop_id, path.name, RunState.DONE, now_us, 0, 0, 0, 0, *fates), intake.tally, now_us
        )
        return Tried(run, report)

    async def stream(self, shop_id: str, *, made_by: str, dry_run: bool = False) -> Stream:
        """Makes ready to take products in line by line, by the shop's profile of now."""
        return Stream(
            self._db,
            await load_profile(self._db, shop_id),
            shop_id=shop_id,
            import_id="" if dry_run else new_id(self._clock.now_us(), self._random),
            folder=self.pictures(shop_id),
            clock=self._clock,
            made_by=made_by,
            dry_run=dry_run,
        )

    async def guide(
        self, shop_id: str, path: Path, chosen: Mapping[str, str] | None = None, *, remember: bool = False
    ) -> Guide:
        """Tells how a file is read: as `chosen` says, else as its columns were chosen for these headers last time.

        `remember`: keeps what was chosen for the shop's next file with these headers. Raises Unreadable.
        """
        head = await asyncio.to_thread(read_head, path, chosen or {})
        known = await runs.remembered_columns(self._db, shop_id, head.header) or {}
        said = {**known, **(chosen or {})}
        if chosen and remember:
            kept = runs.remember_columns(shop_id, head.header, said, self._clock.now_us())
            await self._db.commit([kept])
        return Guide(said)

    async def get(self, shop_id: str, import_id: str) -> Run | None:
        """Returns an import of a shop; None: it has none of that id."""
        run = await runs.get_run(self._db, import_id)
        return run if run is not None and run.shop_id == shop_id else None

    async def head(self, run: Run) -> Head:
        """Reads the top of the file, with its columns as they are chosen now. Raises Unreadable: the file is gone."""
        return await asyncio.to_thread(read_head, self._file(run), run.chosen)

    async def choose(self, run: Run, chosen: Mapping[str, str]) -> tuple[Run, Head]:
        """Takes a person's word for what the columns are, and remembers it for the shop's next file with these headers.

        What was checked before is out of date; cells that were mended stay mended. `chosen`: header -> one of `CHOICES`.
        """
        self._must_be_open(run)
        head = await asyncio.to_thread(read_head, self._file(run), chosen)
        said = {name: field for name, field in chosen.items() if name in head.header}
        await self._db.commit(
            [
                *runs.forget_rows(run.import_id),
                runs.note_columns(run.import_id, head.header, said),
                runs.remember_columns(run.shop_id, head.header, said, self._clock.now_us()),
                runs.set_state(run, RunState.UPLOADED),
            ]
        )
        return replace(run, state=RunState.UPLOADED, header=head.header, chosen=said), head

    async def check(self, run: Run, order: Order = CHECK, *, progress: Progress | None = None) -> Run:
        """Checks the whole file by the shop's profile of now and puts its good rows aside; returns how it ended.

        `order`: what is written into cells before. Raises Unreadable, and Conflict while another check is under way.
        """
        self._must_be_open(run)
        return await self.checks.check(run, order, progress)

    async def begin_check(self, run: Run, order: Order = CHECK, *, within_s: float) -> None:
        """Like `check`, but waits no longer than told: the check goes on beside the caller. Raises Unreadable, Conflict."""
        self._must_be_open(run)
        await self.checks.begin(run, order)
        await self.checks.settled(run.import_id, within_s)

    async def outlook(self, run: Run) -> staging.Outlook:
        """Tells what bringing in a checked import would do."""
        return await staging.outlook(self._db, run)

    async def mend(
        self, run: Run, row: int, changes: Mapping[int, Changes], how: How = How.WRITTEN
    ) -> Faulty | None:
        """Writes into cells of one faulty product and checks it at once; returns what is still wrong, None when nothing is.

        `row`: the product's first; `changes`: row -> field -> text. Raises Conflict: the import is not in a state to be mended.
        """
        _must_be_checked(run)
        faulty = await get_faulty(self._db, run.import_id, row)
        if faulty is None or not faulty.lines:
            return None
        reading = await self.checks.reading(run)
        return await mend_product(self._db, run, faulty, changes, reading=reading, how=how)

    async def mend_alike(self, run: Run, order: Order, *, within_s: float | None = None) -> int | None:
        """Carries an order out; returns how many products it wrote into. Raises Conflict, Unreadable.

        Few products are checked one by one. For many the whole file is checked again; None: that outlasts `within_s`, or ended
        in it (`within_s` None: it is waited for).
        """
        _must_be_checked(run)
        if run.faulty <= ONE_BY_ONE:
            return await self._mend_one_by_one(run, order)
        if within_s is not None:
            await self.begin_check(run, order, within_s=within_s)
            return None
        await self.check(run, order)
        return None

    async def restore(self, run: Run, cells: Write, *, within_s: float) -> None:
        """Lets cells say again what the file says (`restore_cell`, `restore_cells`), and checks the file. As `begin_check`."""
        _must_be_checked(run)
        self._must_be_open(run)
        await self._db.commit([cells])
        await self.begin_check(run, within_s=within_s)

    async def bring_in(self, run: Run) -> Run:
        """Makes the good rows of an import the shop's products, all in one unit; nothing is listed by it. Returns how it ended.

        A file that was not checked yet, or by another profile than the shop has now, is checked first. Raises Unreadable,
        Conflict.
        """
        self._must_be_open(run)
        if await self.is_outdated(run):
            run = await self.check(run)
        await self._db.commit(staging.finish(replace(run, ended_us=self._clock.now_us())))
        self._uploads.drop(run.import_id)
        done = await runs.get_run(self._db, run.import_id)
        return done or run

    async def is_outdated(self, run: Run) -> bool:
        """Tells whether the file must be checked before it is brought in: it was not yet, or by another profile than now."""
        return run.state != RunState.CHECKED or await self._profile_us(run.shop_id) > run.ended_us

    async def drop(self, run: Run) -> None:
        """Gives an open import up: file and rows are deleted. Harmless to repeat."""
        if run.state in runs.OPEN:
            await self._db.commit(runs.end_run(run.import_id, RunState.DROPPED, self._clock.now_us()))
        self._uploads.drop(run.import_id)

    async def _mend_one_by_one(self, run: Run, order: Order) -> int:
        reading = await self.checks.reading(run)
        mended: set[int] = set()
        for _ in range(_ROUNDS):
            found = [one async for one in wanted(self._db, run, order)]
            for one in found:
                faulty = await get_faulty(self._db, run.import_id, one.faulty.finding.row)
                if faulty is not None:
                    await mend_product(self._db, run, faulty, one.changes, reading=reading, how=order.how)
            mended |= {one.faulty.finding.row for one in found}
            if not found:
                break
        return len(mended)

    async def _profile_us(self, shop_id: str) -> int:
        rows = await self._db.fetch("SELECT changed_us FROM profile WHERE shop_id = ?", (shop_id,))
        return cast("int", rows[0][0]) if rows else 0

    async def _sweep(self) -> None:
        a_day_ago = new_id(self._clock.now_us() - DAY_US, self._random)
        with suppress(OSError):
            await asyncio.to_thread(self._uploads.sweep, a_day_ago)

    def _file(self, run: Run) -> Path:
        path = self._uploads.path(run.import_id)
        if path is None:
            raise Unreadable(run.file, "missing")
        return path

    def _must_be_open(self, run: Run) -> None:
        if run.state not in runs.OPEN or run.started_us < self._clock.now_us() - DAY_US:
            raise Conflict(f"import {run.import_id} is {run.state}")


def _must_be_checked(run: Run) -> None:
    if run.state != RunState.CHECKED:
        raise Conflict(f"import {run.import_id} is {run.state}, not checked")
