"""Products that a program sends one a line, by the hundred thousand: checked and saved batch by batch, each line with its own fate.

What was answered is durable. A line that is faulty, or no product at all, stops nothing but itself; of two lines with the same
code the first is taken, and held as soon as the second comes. A stream has bounds: beyond them it is given up.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from onshelf.catalog.check import Terms
from onshelf.catalog.given import HEADER, check_given, lines_of, read_line, unreadable
from onshelf.catalog.imports import runs
from onshelf.catalog.imports.faulty import put_faulty
from onshelf.catalog.imports.runs import Run, RunState
from onshelf.catalog.pictures import PictureFolder
from onshelf.catalog.product import Fault, Finding, Line
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import PRODUCT_COLUMNS, product_values
from onshelf.clock import Clock
from onshelf.errors import Unreadable
from onshelf.events import ImportEnded
from onshelf.store import log
from onshelf.store.db import Database, Value, Write
from onshelf.store.sql import marks

BATCH = 500
LONGEST_LINE = 1 << 20  # bytes; what is longer is a faulty line
MOST_LINES = 1_000_000  # blank ones too
MOST_FAULTS = 2_000_000
"""What a stream may be told in all; each is some hundred bytes of an answer that waits on disk until it is read."""
NAME = "products.ndjson"


class Fate(StrEnum):
    """What became of a line."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"  # it was here already, just so
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Told:
    """One line's outcome."""

    number: int  # of the line, from 1; blank lines count
    outer_id: str
    fate: Fate
    faults: tuple[Fault, ...] = ()  # what stops it; warnings are not told


@dataclass(slots=True)
class Sum:
    """What a stream came to."""

    lines: int = 0  # blank ones left out
    fates: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))

    def add(self, told: Sequence[Told]) -> None:
        self.lines += len(told)
        for one in told:
            self.fates[one.fate] += 1


@dataclass(frozen=True, slots=True)
class _Checked:
    """One line after the rules."""

    number: int
    outer_id: str
    values: tuple[Value, ...]  # as `product_values` has them; empty: it is faulty
    finding: Finding | None  # of a faulty one; warnings are not kept: a shop may have one a line
    lines: list[Line]  # of a faulty product: its rows for the workbook


class Stream:
    """One stream of products into one shop. In a dry run nothing is kept, not even that it was."""

    def __init__(
        self,
        db: Database,
        profile: Profile,
        *,
        shop_id: str,
        import_id: str,
        folder: Path,
        clock: Clock,
        made_by: str,
        dry_run: bool = False,
        most_lines: int = MOST_LINES,
        most_faults: int = MOST_FAULTS,
    ) -> None:
        self.sum = Sum()
        self._most_lines = most_lines
        self._faults_left = most_faults
        self._db = db
        self._terms = Terms.of(profile)
        self._look = PictureFolder(folder, flat=True).look
        self._clock = clock
        self._dry_run = dry_run
        self._first_line: dict[str, int] = {}
        self._run = Run(
            import_id, shop_id, NAME, RunState.READING, clock.now_us(), 0, 0, 0, 0, 0, 0, made_by, 0, HEADER
        )

    @property
    def import_id(self) -> str:
        """Id of the import that this stream is; in a dry run of none."""
        return self._run.import_id

    @property
    def run(self) -> Run:
        """The import that this stream is, as far as it has come."""
        fates = self.sum.fates
        return replace(
            self._run,
            rows=self.sum.lines,
            good=self.sum.lines - fates[Fate.FAULTY],
            faulty=fates[Fate.FAULTY],
            added=fates[Fate.ADDED],
            changed=fates[Fate.CHANGED],
        )

    async def take(self, parts: AsyncIterable[bytes]) -> AsyncIterator[list[Told]]:
        """Takes all lines in, and yields what became of each, batch by batch, in their order.

        When the sender goes away, or the caller stops, what was yielded stays and the import ends as failed.
        Raises Unreadable when there are more lines, or more faults, than a stream may have; so then.
        """
        if not self._dry_run:
            await self._db.commit([*runs.open_run(self._run), runs.note_columns(self.import_id, HEADER, {})])
        state = RunState.FAILED
        try:
            async for batch in _batches(parts, self._most_lines):
                checked = await asyncio.to_thread(self._check, batch)
                told = await self._save(checked)
                self.sum.add(told)
                yield told
                self._faults_left -= sum(len(one.faults) for one in told)
                if self._faults_left < 0:
                    raise Unreadable(NAME, "too_many_faults")
            state = RunState.DONE
        finally:
            if not self._dry_run:
                await asyncio.shield(self._end(state))

    def _check(self, batch: Sequence[tuple[int, bytes]]) -> list[_Checked]:
        return [self._check_line(number, line) for number, line in batch]

    def _check_line(self, number: int, line: bytes) -> _Checked:
        given = f"> {LONGEST_LINE} bytes" if len(line) > LONGEST_LINE else read_line(line)
        if isinstance(given, str):
            return _Checked(number, "", (), unreadable(number, given, line), [])
        first = self._first_line.setdefault(given.outer_id, number) if given.outer_id else number
        outcome = check_given(
            given,
            self._terms,
            self._look,
            number=number,
            source=f"{NAME}:{number}",
            twice=0 if first == number else first,
        )
        if outcome.product is None:
            return _Checked(number, given.outer_id, (), outcome.finding, lines_of(given, number))
        return _Checked(number, given.outer_id, product_values(outcome.product), None, [])

    async def _save(self, checked: Sequence[_Checked]) -> list[Told]:
        known = await self._known([one.outer_id for one in checked if one.outer_id])
        fates = [_fate(one, known) for one in checked]
        if not self._dry_run:
            await self._keep(checked, fates, known)
        return [
            Told(one.number, one.outer_id, fate, _stopping(one.finding) if fate is Fate.FAULTY else ())
            for one, fate in zip(checked, fates, strict=True)
        ]

    async def _known(self, codes: Sequence[str]) -> dict[str, tuple[str, bool, int]]:
        """Reads digest, hold and time of change of the products the shop has already."""
        if not codes:
            return {}
        rows = await self._db.fetch(
            f"SELECT outer_id, digest, held, changed_us FROM product WHERE shop_id = ? AND outer_id IN ({marks(codes)})",  # noqa: S608 - placeholders
            (self._run.shop_id, *codes),
        )
        return {
            cast("str", code): (cast("str", digest), bool(held), cast("int", changed_us))
            for code, digest, held, changed_us in rows
        }

    async def _keep(
        self, checked: Sequence[_Checked], fates: Sequence[Fate], known: dict[str, tuple[str, bool, int]]
    ) -> None:
        now_us = self._clock.now_us()
        rows: list[tuple[Value, ...]] = []
        for one, fate in zip(checked, fates, strict=True):
            if fate in (Fate.ADDED, Fate.CHANGED):
                rows.append((self._run.shop_id, *one.values, 0, now_us))
            elif fate is Fate.SAME and known[one.outer_id][1]:
                rows.append((self._run.shop_id, *one.values, 0, known[one.outer_id][2]))
        if rows:
            await self._db.upsert_many("product", key=_KEY, columns=_COLUMNS, rows=rows)
        findings = [one.finding for one in checked if one.finding is not None]
        if findings:
            await put_faulty(self._db, self.import_id, findings, {one.number: one.lines for one in checked})
        faulty = [one.outer_id for one, fate in zip(checked, fates, strict=True) if fate is Fate.FAULTY]
        if faulty:
            await self._db.commit([_hold(self._run.shop_id, faulty)])

    async def _end(self, state: RunState) -> None:
        now_us = self._clock.now_us()
        ended = replace(self.run, state=state, ended_us=now_us)
        told = ImportEnded(ended.shop_id, ended.import_id, NAME, ended.rows, ended.good, ended.faulty, now_us)
        await self._db.commit(
            [runs.close_run(ended), *([log.append(told, now_us)] if state is RunState.DONE else [])]
        )


_KEY = ("shop_id", "outer_id")
_COLUMNS = ("shop_id", *PRODUCT_COLUMNS, "held", "changed_us")


def _fate(one: _Checked, known: dict[str, tuple[str, bool, int]]) -> Fate:
    if not one.values:
        return Fate.FAULTY
    before = known.get(one.outer_id)
    if before is None:
        return Fate.ADDED
    return Fate.SAME if before[0] == one.values[-1] else Fate.CHANGED


def _stopping(finding: Finding | None) -> tuple[Fault, ...]:
    return tuple(fault for fault in finding.faults if fault.severity == "fault") if finding else ()


def _hold(shop_id: str, codes: Sequence[str]) -> Write:
    return Write(
        f"UPDATE product SET held = 1 WHERE shop_id = ? AND held = 0 AND outer_id IN ({marks(codes)})",  # noqa: S608 - placeholders
        (shop_id, *codes),
    )


async def _batches(parts: AsyncIterable[bytes], most: int) -> AsyncIterator[list[tuple[int, bytes]]]:
    """Cuts a stream into lines that are not blank, with their numbers, and those into batches.

    Raises Unreadable after the last line there may be, if more come.
    """
    batch: list[tuple[int, bytes]] = []
    number = 0
    async for number, line in _lines(parts):
        if number > most:
            break
        if line.strip():
            batch.append((number, line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
    if number > most:
        raise Unreadable(NAME, "too_many_lines", most=most)


async def _lines(parts: AsyncIterable[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """Yields lines; of one that is too long, only enough to see that it is."""
    number, rest = 0, b""
    async for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            number += 1
            yield number, line
        rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield number + 1, rest
