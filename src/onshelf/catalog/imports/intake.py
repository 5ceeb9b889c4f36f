"""Takes a product file in: read, fill, check, and, for an import, save. A check writes nothing anywhere."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from onshelf.catalog.check import Checked, Terms, check
from onshelf.catalog.fill import Candidate, fill
from onshelf.catalog.imports import runs, staging
from onshelf.catalog.imports.memory import Memory
from onshelf.catalog.pictures import PictureFolder
from onshelf.catalog.product import Finding, Line, Product
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import Group, Guide, Source, open_source
from onshelf.catalog.readers.table import Note
from onshelf.catalog.rules import broken, show
from onshelf.catalog.store import get_products, product_values
from onshelf.clock import Clock
from onshelf.errors import Unreadable
from onshelf.store.db import Database

_CHUNK = 2_000  # products that are checked, then saved, at a time
Progress = Callable[[int], None]
"""Told how many rows have been read so far."""


@dataclass(slots=True)
class Tally:
    """What a file came to, counted while it is read."""

    rows: int = 0  # rows of the file, header and blank rows left out
    good: int = 0  # products without a fault
    faulty: int = 0  # products stopped by a fault
    warned: int = 0  # good products with a warning
    derived: int = 0  # products whose code was derived
    by_rule: Counter[str] = field(default_factory=Counter)  # faults and warnings by rule


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check or an import."""

    path: Path
    notes: tuple[Note, ...]  # what the reader decided by itself
    tally: Tally
    findings: tuple[Finding, ...]  # products with a fault or a warning, in the order of the file
    run: runs.Run | None = None  # the import; None for a check


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some products of a file, checked."""

    products: tuple[Product, ...]
    findings: tuple[Finding, ...]
    # of stopped products: their rows as they stand in the file, by the finding's row
    lines: dict[int, list[Line]]


class Intake:
    """One pass over a file; it knows the codes and titles that came before."""

    def __init__(
        self,
        path: Path,
        profile: Profile,
        *,
        guide: Guide | None = None,
        pictures: Path | None = None,
        flat: bool = True,
        open_pictures: bool = True,
    ) -> None:
        """Opens the file and reads its header. Raises Unreadable.

        `pictures`: where pictures lie; None: beside the file. `flat`: of a name with folders the last part counts there.
        """
        self.source: Source = open_source(path, guide)
        self._guide = guide
        self.tally = Tally()
        self._name = show(path.name)
        self._profile = profile
        self._terms = Terms.of(profile, encoding=self.source.encoding)
        self._folder = PictureFolder(
            pictures or path.parent, flat=flat and pictures is not None, open_pictures=open_pictures
        )
        self._memory = Memory()
        self._findings: dict[int, Finding] = {}

    def chunks(self) -> Iterator[Chunk]:
        """Checks the file chunk by chunk, once; raises Unreadable where it breaks off, or when it has no row at all."""
        groups = self.source.groups
        while taken := list(islice(groups, _CHUNK)):
            yield self._chunk(taken)
        if not self.tally.rows:
            raise Unreadable(self.source.path.name, "no_rows")
        if self._memory.repeated:
            stopped = tuple(self._stop_first(code) for code in self._memory.repeated)
            yield Chunk((), stopped, self._lines_again({finding.row for finding in stopped}))

    def findings(self) -> tuple[Finding, ...]:
        """Returns the products with a fault or a warning so far, in the order of the file."""
        return tuple(self._findings[row] for row in sorted(self._findings))

    def notes(self) -> tuple[Note, ...]:
        """Returns what the reader decided by itself; whole when the file is read."""
        derived = (Note("derived", {"count": self.tally.derived}),) if self.tally.derived else ()
        return (*self.source.notes, *derived)

    def _chunk(self, groups: list[Group]) -> Chunk:
        products: list[Product] = []
        findings: list[Finding] = []
        lines: dict[int, list[Line]] = {}
        for group in groups:
            candidate = fill(group, self._profile, self._memory.occurrence)
            self._memory.meet(candidate)
            looks = [self._folder.look(name) for name in candidate.pictures]
            source = f"{self._name}:{candidate.row}"
            checked = check(candidate, looks, self._terms, source=source)
            if checked.product:
                products.append(checked.product)
                self._memory.codes[candidate.outer_id].passed = True
            else:
                lines[candidate.row] = lines_of(group)
            if checked.faults:
                findings.append(finding_of(candidate, checked))
            self._count(candidate, checked)
        self._findings.update((finding.row, finding) for finding in findings)
        return Chunk(tuple(products), tuple(findings), lines)

    def _lines_again(self, rows: set[int]) -> dict[int, list[Line]]:
        """Reads the file once more for products that were found wrong only at its end."""
        groups = open_source(self.source.path, self._guide).groups
        return {group[0].number: lines_of(group) for group in groups if group[0].number in rows}

    def _stop_first(self, code: str) -> Finding:
        """Stops the first product of a code that came again: which of the rows is meant, only a person can tell."""
        first = self._memory.codes[code]
        row = first.rows[0]
        known = self._findings.get(row)
        earlier = known.faults if known else ()
        fault = broken("outer_id_twice", "outer_id", code, row=first.second_row)
        finding = Finding(row, first.rows, show(code), show(first.title), (*earlier, fault))
        self._findings[row] = finding
        self.tally.by_rule[fault.rule] += 1
        if first.passed:
            self.tally.good -= 1
            self.tally.faulty += 1
            self.tally.warned -= bool(earlier)
        return finding

    def _count(self, candidate: Candidate, checked: Checked) -> None:
        tally = self.tally
        tally.rows += len(candidate.rows)
        tally.derived += candidate.outer_id_derived and bool(candidate.outer_id)
        if checked.product:
            tally.good += 1
            tally.warned += bool(checked.faults)
        else:
            tally.faulty += 1
        for fault in checked.faults:
            tally.by_rule[fault.rule] += 1


def check_file(
    path: Path,
    profile: Profile,
    *,
    guide: Guide | None = None,
    pictures: Path | None = None,
    flat: bool = True,
    open_pictures: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Reads and checks a whole file, and writes nothing. Raises Unreadable."""
    intake = Intake(path, profile, guide=guide, pictures=pictures, flat=flat, open_pictures=open_pictures)
    for _ in intake.chunks():
        if progress:
            progress(intake.tally.rows)
    return Report(path, intake.notes(), intake.tally, intake.findings())


async def import_file(
    db: Database,
    path: Path,
    profile: Profile,
    *,
    shop_id: str,
    import_id: str,
    clock: Clock,
    made_by: str = "",
    guide: Guide | None = None,
    pictures: Path | None = None,
    flat: bool = True,
    open_pictures: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Checks a file and makes its good rows the shop's products, all at once at the end; nothing is listed by it.

    Durable when it returns. A file that breaks off, or a process that is killed, changes no product. Repeating an import is
    harmless. Raises Unreadable.
    """
    intake = await asyncio.to_thread(
        Intake, path, profile, guide=guide, pictures=pictures, flat=flat, open_pictures=open_pictures
    )
    run = runs.Run(
        import_id, shop_id, show(path.name), runs.RunState.READING, clock.now_us(), 0, 0, 0, 0, 0, 0, made_by
    )
    header = intake.source.columns.header
    await db.commit(
        [*runs.open_run(run), runs.note_columns(import_id, header, dict(guide.chosen) if guide else {})]
    )
    try:
        async for rows in stage_all(db, import_id, intake):
            if progress:
                progress(rows)
    except Unreadable:
        await db.commit(runs.end_run(import_id, runs.RunState.FAILED, clock.now_us()))
        raise
    await db.commit(staging.finish(counted(run, intake.tally, clock.now_us())))
    done = await runs.get_run(db, import_id)
    return Report(path, intake.notes(), intake.tally, intake.findings(), done)


def counted(run: runs.Run, tally: Tally, now_us: int) -> runs.Run:
    """Returns an import as a pass over its file ended."""
    return replace(
        run, ended_us=now_us, rows=tally.rows, good=tally.good, faulty=tally.faulty, warned=tally.warned
    )


async def stage_all(db: Database, import_id: str, intake: Intake) -> AsyncIterator[int]:
    """Saves chunk after chunk, and yields how many rows have been read after each.

    One at a time: reading the next meanwhile costs more in hand-overs than it wins.
    """
    chunks = intake.chunks()
    while chunk := await asyncio.to_thread(next, chunks, None):
        await staging.stage(db, import_id, chunk.products, chunk.findings, chunk.lines)
        yield intake.tally.rows


async def compare_all(db: Database, shop_id: str, intake: Intake) -> tuple[int, int]:
    """Reads a file to its end, and counts the products that the shop does not have, and those that would become others.

    A code that turns out to be used twice only at the end is counted with the first of its rows.
    """
    added = changed = 0
    chunks = intake.chunks()
    while chunk := await asyncio.to_thread(next, chunks, None):
        known = await get_products(db, shop_id, [product.outer_id for product in chunk.products])
        added += sum(product.outer_id not in known for product in chunk.products)
        changed += sum(
            product.outer_id in known and known[product.outer_id].digest != product_values(product)[-1]
            for product in chunk.products
        )
    return added, changed


def lines_of(group: Group) -> list[Line]:
    """Returns the rows of a product as they stand in the file."""
    return [(row.number, tuple(row.values)) for row in group]


def finding_of(candidate: Candidate, checked: Checked) -> Finding:
    """Says what is wrong with a product, and where it stands."""
    return Finding(
        candidate.row, candidate.rows, show(candidate.outer_id), show(candidate.title), checked.faults
    )
