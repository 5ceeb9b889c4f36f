"""An import as a person goes through it: upload, say what the columns are, check, mend, bring in; durable step by step.

The good rows of a checked import lie aside (`staging.py`), the faulty ones are kept with their cells (`faulty.py`); bringing in
makes the former the shop's products in one unit.
"""

import asyncio
from collections.abc import AsyncIterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import cast

from onshelf.catalog import runs, staging
from onshelf.catalog.check import Terms
from onshelf.catalog.faulty import (
    Faulty,
    drop_faulty,
    faulty_by_code,
    get_faulty,
    mend_cells,
    mended_cells,
    recount,
    set_faulty,
)
from onshelf.catalog.intake import (
    Intake,
    Progress,
    Report,
    Tally,
    compare_all,
    counted,
    import_file,
    stage_all,
)
from onshelf.catalog.mend import Again, Reading, check_again, group_of
from onshelf.catalog.pictures import PictureFolder
from onshelf.catalog.readers import Changes, Guide, understand
from onshelf.catalog.readers.head import Head, read_head
from onshelf.catalog.readers.table import Note
from onshelf.catalog.runs import Run, RunState
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import load_profile
from onshelf.catalog.stream import Stream
from onshelf.catalog.uploads import Uploads
from onshelf.clock import Clock
from onshelf.errors import Conflict, Unreadable
from onshelf.ids import new_id
from onshelf.store.db import Database, Write

TWICE = "outer_id_twice"


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
        self._clock = clock
        self._random = random

    def over(self, db: Database) -> "Imports":
        """Returns the same imports over another database."""
        return Imports(db, self._uploads, self._pictures, self._clock, self._random)

    def pictures(self, shop_id: str) -> Path:
        """Returns the folder in which the pictures that a shop's rows name are looked for."""
        return self._pictures.of(shop_id)

    async def keep(
        self, shop_id: str, name: str, parts: AsyncIterable[bytes], *, made_by: str
    ) -> tuple[Run, Head]:
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
            chosen = await runs.remembered_columns(self._db, shop_id, plain.header)
            head = await asyncio.to_thread(read_head, path, chosen) if chosen else plain
            await self._db.commit([*runs.open_run(run), runs.note_columns(import_id, head.header, chosen)])
        except BaseException:
            self._uploads.drop(import_id)
            raise
        return replace(run, header=head.header, chosen=chosen), head

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
                guide=await self._guide(shop_id, path),
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
                guide=await self._guide(shop_id, path),
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

    async def _guide(self, shop_id: str, path: Path) -> Guide:
        head = await asyncio.to_thread(read_head, path, {})
        return Guide(await runs.remembered_columns(self._db, shop_id, head.header))

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

    async def check(self, run: Run, *, progress: Progress | None = None) -> Run:
        """Checks the whole file by the shop's profile of now and puts its good rows aside; returns how it ended.

        Raises Unreadable, and Conflict while another check of it is under way.
        """
        self._must_be_open(run)
        path, import_id = self._file(run), run.import_id
        began_us = self._clock.now_us()
        await self._db.commit([runs.begin_check(import_id, began_us), *runs.forget_rows(import_id)])
        try:
            profile = await load_profile(self._db, run.shop_id)
            guide = Guide(run.chosen, await mended_cells(self._db, import_id))
            intake = await asyncio.to_thread(
                Intake, path, profile, guide=guide, pictures=self.pictures(run.shop_id)
            )
            await stage_all(self._db, import_id, intake, progress)
        except BaseException:
            await self._db.commit([*runs.forget_rows(import_id), runs.set_state(run, RunState.UPLOADED)])
            raise
        ended = counted(run, intake.tally, began_us)
        await self._db.commit([runs.end_check(ended)])
        return replace(ended, state=RunState.CHECKED)

    async def outlook(self, run: Run) -> staging.Outlook:
        """Tells what bringing in a checked import would do."""
        return await staging.outlook(self._db, run)

    async def mend(self, run: Run, row: int, changes: Mapping[int, Changes]) -> Faulty | None:
        """Writes into cells of one faulty product and checks it at once; returns what is still wrong, None when nothing is.

        `row`: the product's first; `changes`: row -> field -> text. Another product with the same code is checked again too.
        Raises Conflict: the import is not in a state to be mended.
        """
        if run.state != RunState.CHECKED:
            raise Conflict(f"import {run.import_id} is {run.state}, not checked")
        faulty = await get_faulty(self._db, run.import_id, row)
        if faulty is None or not faulty.lines:
            return None
        reading = await self._reading(run)
        own = {number: cells for number, cells in changes.items() if number in faulty.finding.rows}
        again = await self._check_again(run, faulty, reading, own)
        await self._db.commit(
            [*mend_cells(run.import_id, own), *_settle(run, faulty, again), recount(run.import_id)]
        )
        if faulty.finding.outer_id != again.outer_id:
            await self._release(run, faulty.finding.outer_id, reading)
        return await get_faulty(self._db, run.import_id, row) if again.finding else None

    async def bring_in(self, run: Run) -> Run:
        """Makes the good rows of an import the shop's products, all in one unit; nothing is listed by it. Returns how it ended.

        A file that was not checked yet, or by another profile than the shop has now, is checked first. Raises Unreadable,
        Conflict.
        """
        self._must_be_open(run)
        if run.state != RunState.CHECKED or await self._profile_us(run.shop_id) > run.ended_us:
            run = await self.check(run)
        await self._db.commit(staging.finish(replace(run, ended_us=self._clock.now_us())))
        self._uploads.drop(run.import_id)
        done = await runs.get_run(self._db, run.import_id)
        return done or run

    async def drop(self, run: Run) -> None:
        """Gives an open import up: file and rows are deleted. Harmless to repeat."""
        if run.state in runs.OPEN:
            await self._db.commit(runs.end_run(run.import_id, RunState.DROPPED, self._clock.now_us()))
        self._uploads.drop(run.import_id)

    async def _check_again(
        self, run: Run, faulty: Faulty, reading: Reading, changes: Mapping[int, Changes]
    ) -> Again:
        group = group_of(faulty, reading.columns, changes)
        plain = await asyncio.to_thread(check_again, group, reading, lambda _: 0)
        other = await self._other_row(run, plain.outer_id, faulty.finding.row) if plain.outer_id else 0
        return await asyncio.to_thread(check_again, group, reading, lambda _: other) if other else plain

    async def _other_row(self, run: Run, outer_id: str, row: int) -> int:
        """Returns a row of the file with the same code that is not `row`; 0: there is none."""
        others = [one.finding.row for one in await faulty_by_code(self._db, run.import_id, outer_id)]
        aside = await self._db.fetch(
            "SELECT source FROM staged WHERE import_id = ? AND outer_id = ?", (run.import_id, outer_id)
        )
        others += [int(cast("str", source).rpartition(":")[2]) for (source,) in aside]
        return next((other for other in sorted(others) if other != row), 0)

    async def _release(self, run: Run, outer_id: str, reading: Reading) -> None:
        """Checks the product again that now has a code for itself."""
        left = await faulty_by_code(self._db, run.import_id, outer_id)
        if len(left) == 1 and any(fault.rule == TWICE for fault in left[0].finding.faults):
            again = await self._check_again(run, left[0], reading, {})
            await self._db.commit([*_settle(run, left[0], again), recount(run.import_id)])

    async def _reading(self, run: Run) -> Reading:
        profile = await load_profile(self._db, run.shop_id)
        folder = PictureFolder(self.pictures(run.shop_id), flat=True)
        return Reading(run.file, understand(run.header, run.chosen), Terms.of(profile), folder.look)

    async def _profile_us(self, shop_id: str) -> int:
        rows = await self._db.fetch("SELECT changed_us FROM profile WHERE shop_id = ?", (shop_id,))
        return cast("int", rows[0][0]) if rows else 0

    async def _sweep(self) -> None:
        a_day_ago = new_id(self._clock.now_us() - runs.DAY_US, self._random)
        with suppress(OSError):
            await asyncio.to_thread(self._uploads.sweep, a_day_ago)

    def _file(self, run: Run) -> Path:
        path = self._uploads.path(run.import_id)
        if path is None:
            raise Unreadable(run.file, "missing")
        return path

    def _must_be_open(self, run: Run) -> None:
        if run.state not in runs.OPEN or run.started_us < self._clock.now_us() - runs.DAY_US:
            raise Conflict(f"import {run.import_id} is {run.state}")


def _settle(run: Run, faulty: Faulty, again: Again) -> Sequence[Write]:
    """Writes down what a product came to when it was checked again."""
    old, row = faulty.finding, faulty.finding.row
    writes = [
        Write(
            "DELETE FROM staged WHERE import_id = ? AND outer_id = ? AND source = ?",
            (run.import_id, old.outer_id, f"{run.file}:{row}"),
        )
    ]
    if again.finding is None:
        writes += drop_faulty(run.import_id, row)
    else:
        writes += set_faulty(run.import_id, again.finding, faulty.lines)
    if again.product is not None:
        writes.append(staging.put_aside(run.import_id, again.product))
    return writes
