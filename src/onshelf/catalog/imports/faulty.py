"""The faulty rows of an import as the database keeps them: what is wrong, the cells as they stood, and what was mended."""
# ruff: noqa: S608 - what is put into SQL here is conditions of this file, never a value

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import msgspec

from onshelf.catalog.product import Finding, Line
from onshelf.store.db import Database, Write

_LONE = re.compile("[\ud800-\udfff]")
_encode = msgspec.json.Encoder().encode
_finding = msgspec.json.Decoder(Finding).decode
_lines = msgspec.json.Decoder(tuple[Line, ...]).decode


class How(StrEnum):
    """How a cell came to say something else than its file."""

    WRITTEN = "written"  # by a person
    ACCEPTED = "accepted"  # a suggestion that a person accepted


@dataclass(frozen=True, slots=True)
class Faulty:
    """A product with a fault or a warning, and its rows."""

    finding: Finding
    lines: tuple[Line, ...]  # as they stand in the file; empty for a product with warnings only
    changes: dict[int, dict[str, str]]  # row -> field -> what a person wrote there


async def put_faulty(
    db: Database, import_id: str, findings: Sequence[Finding], lines: Mapping[int, Sequence[Line]]
) -> None:
    """Keeps findings: durable. `lines`: by the finding's row; of products with warnings none are needed."""
    await db.upsert_many(
        "faulty_row",
        key=("import_id", "row_number"),
        columns=("import_id", "row_number", "outer_id", "stopped", "finding", "cells"),
        rows=[_values(import_id, finding, lines.get(finding.row, ())) for finding in findings],
    )
    await db.upsert_many(
        "faulty_rule",
        key=("import_id", "rule", "row_number"),
        columns=("import_id", "rule", "row_number"),
        rows=[row for finding in findings for row in _rules(import_id, finding)],
    )


def set_faulty(import_id: str, finding: Finding, lines: Sequence[Line]) -> list[Write]:
    """Sets what is wrong with one product."""
    return [
        *drop_faulty(import_id, finding.row),
        Write(
            "INSERT INTO faulty_row (import_id, row_number, outer_id, stopped, finding, cells) VALUES (?, ?, ?, ?, ?, ?)",
            _values(import_id, finding, lines),
        ),
        *(
            Write("INSERT INTO faulty_rule (import_id, rule, row_number) VALUES (?, ?, ?)", row)
            for row in _rules(import_id, finding)
        ),
    ]


def drop_faulty(import_id: str, row: int) -> list[Write]:
    """Takes a product off the faulty ones."""
    return [
        Write(f"DELETE FROM {table} WHERE import_id = ? AND row_number = ?", (import_id, row))
        for table in ("faulty_row", "faulty_rule")
    ]


def recount(import_id: str) -> Write:
    """Counts anew which products of a checked import are faulty; the others are good."""
    stopped, warned = (
        f"(SELECT COUNT(*) FROM faulty_row WHERE import_id = ? AND stopped = {flag})" for flag in (1, 0)
    )
    return Write(
        f"UPDATE import_run SET good = good + faulty - {stopped}, faulty = {stopped}, warned = {warned} "
        "WHERE import_id = ?",
        (import_id,) * 4,
    )


def mend_cells(
    import_id: str,
    changes: Mapping[int, Mapping[str, str]],
    was: Mapping[int, Mapping[str, str]],
    how: How = How.WRITTEN,
) -> list[Write]:
    """Keeps what was written into cells, beside what the file said there. `was`: the cells as they stand, by our field names."""
    return [
        Write(
            "INSERT INTO mended_cell (import_id, row_number, field, value, was, how) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (import_id, row_number, field) DO UPDATE SET value = excluded.value, how = excluded.how",
            (import_id, row, field, _text(value), _text(was.get(row, {}).get(field, "")), how.value),
        )
        for row, cells in changes.items()
        for field, value in cells.items()
    ]


@dataclass(frozen=True, slots=True)
class Mended:
    """A cell that says something else than its file."""

    row: int
    field: str  # ours; `option.颜色` for an option of the variants
    was: str  # in the file
    value: str
    how: How


async def list_mended(
    db: Database, import_id: str, *, after: tuple[int, str] = (0, ""), limit: int = 100
) -> list[Mended]:
    """Reads a page of the mended cells of an import in the order of rows, those after (row, field)."""
    rows = await db.fetch(
        "SELECT row_number, field, was, value, how FROM mended_cell WHERE import_id = ? "
        "AND (row_number, field) > (?, ?) ORDER BY row_number, field LIMIT ?",
        (import_id, *after, limit),
    )
    return [
        Mended(
            cast("int", row), cast("str", field), cast("str", was), cast("str", value), How(cast("str", how))
        )
        for row, field, was, value, how in rows
    ]


async def count_mended(db: Database, import_id: str) -> dict[How, int]:
    """Counts the mended cells of an import by how they were mended."""
    rows = await db.fetch(
        "SELECT how, COUNT(*) FROM mended_cell WHERE import_id = ? GROUP BY how", (import_id,)
    )
    found = {How(cast("str", how)): cast("int", count) for how, count in rows}
    return {how: found.get(how, 0) for how in How}


def restore_cell(import_id: str, row: int, field: str) -> Write:
    """Lets a cell say again what its file says."""
    return Write(
        "DELETE FROM mended_cell WHERE import_id = ? AND row_number = ? AND field = ?",
        (import_id, row, field),
    )


def restore_cells(import_id: str, how: How) -> Write:
    """Lets all cells that were mended in one way say again what their file says."""
    return Write("DELETE FROM mended_cell WHERE import_id = ? AND how = ?", (import_id, how.value))


async def mended_cells(db: Database, import_id: str) -> dict[int, dict[str, str]]:
    """Reads all that people wrote into cells of an import: row -> field -> value."""
    rows = await db.fetch(
        "SELECT row_number, field, value FROM mended_cell WHERE import_id = ?", (import_id,)
    )
    return _by_row(cast("list[tuple[int, str, str]]", rows))


async def mended_fields(db: Database, import_id: str) -> list[str]:
    """Returns the fields that people wrote into anywhere in an import."""
    rows = await db.fetch(
        "SELECT DISTINCT field FROM mended_cell WHERE import_id = ? ORDER BY field", (import_id,)
    )
    return [cast("str", row[0]) for row in rows]


async def list_faulty(
    db: Database,
    import_id: str,
    *,
    stopped: bool | None = None,
    rule: str | None = None,
    after: int = 0,
    limit: int = 500,
) -> list[Faulty]:
    """Reads a page of what is wrong, in the order of rows, those after the row `after`.

    `stopped` None: warnings too; `rule`: only products that break it.
    """
    wanted, args = ("", ()) if stopped is None else (" AND f.stopped = ?", (int(stopped),))
    source, named = "faulty_row f", [] if rule is None else [rule]
    if rule is not None:
        joined = "f.import_id = r.import_id AND f.row_number = r.row_number"
        source = f"(SELECT * FROM faulty_rule WHERE rule = ?) r JOIN faulty_row f ON {joined}"
    first = "f" if rule is None else "r"
    rows = await db.fetch(
        f"SELECT f.finding, f.cells FROM {source} WHERE {first}.import_id = ? AND {first}.row_number > ?{wanted} "
        f"ORDER BY {first}.row_number LIMIT ?",
        (*named, import_id, after, *args, limit),
    )
    return await _with_changes(db, import_id, cast("list[tuple[str, str]]", rows))


async def get_faulty(db: Database, import_id: str, row: int) -> Faulty | None:
    """Reads what is wrong with the product that begins at a row; None: nothing is."""
    rows = await db.fetch(
        "SELECT finding, cells FROM faulty_row WHERE import_id = ? AND row_number = ?", (import_id, row)
    )
    found = await _with_changes(db, import_id, cast("list[tuple[str, str]]", rows))
    return found[0] if found else None


async def faulty_by_code(db: Database, import_id: str, outer_id: str) -> list[Faulty]:
    """Reads the stopped products of an import that carry a code."""
    rows = await db.fetch(
        "SELECT finding, cells FROM faulty_row WHERE import_id = ? AND outer_id = ? AND stopped = 1 "
        "ORDER BY row_number",
        (import_id, outer_id),
    )
    return await _with_changes(db, import_id, cast("list[tuple[str, str]]", rows))


async def count_rules(db: Database, import_id: str) -> dict[str, int]:
    """Counts the products that break each rule, most first; warnings too."""
    rows = await db.fetch(
        "SELECT rule, COUNT(*) FROM faulty_rule WHERE import_id = ? GROUP BY rule ORDER BY 2 DESC, 1",
        (import_id,),
    )
    return {cast("str", rule): cast("int", count) for rule, count in rows}


async def _with_changes(db: Database, import_id: str, rows: Sequence[tuple[str, str]]) -> list[Faulty]:
    found = [(_finding(finding), _lines(cells)) for finding, cells in rows]
    numbers = [number for finding, _ in found for number in finding.rows]
    if not numbers:
        return []
    changed = await db.fetch(
        "SELECT row_number, field, value FROM mended_cell WHERE import_id = ? AND row_number >= ? AND row_number <= ?",
        (import_id, min(numbers), max(numbers)),
    )
    changes = _by_row(cast("list[tuple[int, str, str]]", changed))
    return [
        Faulty(finding, lines, {row: changes[row] for row in finding.rows if row in changes})
        for finding, lines in found
    ]


def _by_row(rows: Iterable[tuple[int, str, str]]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row, field, value in rows:
        found.setdefault(row, {})[field] = value
    return found


def _values(import_id: str, finding: Finding, lines: Sequence[Line]) -> tuple[str | int, ...]:
    cells = _encode([(number, [_text(cell) for cell in values]) for number, values in lines])
    return (
        import_id,
        finding.row,
        finding.outer_id,
        int(finding.stopped),
        _encode(finding).decode(),
        cells.decode(),
    )


def _text(cell: str) -> str:
    """What UTF-8 cannot hold, bytes that were no text, becomes U+FFFD: a later check finds it again."""
    return cell if cell.isascii() else _LONE.sub("\ufffd", cell)


def _rules(import_id: str, finding: Finding) -> list[tuple[str, str, int]]:
    return [(import_id, rule, finding.row) for rule in dict.fromkeys(fault.rule for fault in finding.faults)]
