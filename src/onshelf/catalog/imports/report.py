"""The rows that a check stopped, as a workbook with a reason column: to be mended and imported again."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from onshelf.catalog.imports.faulty import Faulty, list_faulty, mended_fields
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.product import Fault, Finding
from onshelf.catalog.readers import OPTION_FIELD, Changes, Guide, open_source, open_table, understand
from onshelf.catalog.readers.columns import PICTURE, REASON, Columns
from onshelf.catalog.sheets import TEXT_ONLY, fit
from onshelf.errors import Unreadable
from onshelf.store.db import Database
from onshelf.texts import Lang, text

_PAGE = 500  # products read at a time
_WIDTH = 80  # of the reason column, in characters


def write_faults(
    source: Path, findings: Sequence[Finding], out: Path, *, lang: Lang, guide: Guide | None = None
) -> int:
    """Writes the faulty rows as they stand in `source`, with a reason column, and returns how many rows they are.

    `guide`: what was said of the columns. The reason column is ignored when the workbook is imported again. A code that was
    derived is written out, so that a mended title does not make another product of the row. Every cell is text: nothing is
    computed when the workbook is opened. Pictures are named relative to their file, so the workbook belongs into that folder.
    """
    if out.suffix.lower() != ".xlsx":
        raise Unreadable(out.name, "unknown_kind", kind=out.suffix or out.name, known=".xlsx")
    if out.resolve() == source.resolve():
        raise Unreadable(out.name, "report_is_source")
    columns = open_source(source, guide).columns
    by_row = {row: finding for finding in findings if finding.stopped for row in finding.rows}
    stopped = (
        (by_row[number], number, values) for number, values in open_table(source).rows if number in by_row
    )
    lines = _lines(stopped, columns, lang)
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            count = _write_workbook(file, lines, text("catalog.report.sheet", lang))
        part.replace(out)
    except OSError as error:
        raise Unreadable(str(out), "not_written", detail=str(error)) from None
    return count


def _write_workbook(file: BinaryIO, lines: Iterator[list[str]], name: str) -> int:
    with xlsxwriter.Workbook(file, TEXT_ONLY) as workbook:
        sheet = workbook.add_worksheet(name)
        bold, wrapped = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True})
        header = next(lines)
        sheet.freeze_panes(1, 0)
        sheet.set_column(len(header) - 1, len(header) - 1, _WIDTH, wrapped)
        _write(sheet, 0, header, bold)
        count = 0
        for count, cells in enumerate(lines, 1):
            _write(sheet, count, cells, None)
    return count


async def failed_rows(db: Database, run: Run, *, lang: Lang) -> bytes:
    """Returns the same workbook of an import that is over, or open with its cells as they were mended so far.

    A mended field that the file had no column for gets one. Of an import of a month ago nothing but the header is left.
    """
    columns = understand(run.header, run.chosen)
    placed = _places(columns)
    added = [field for field in await mended_fields(db, run.import_id) if field not in placed]
    wider = Columns(
        (*columns.header, *(_name(field, lang) for field in added)),
        {**columns.fields, **{field: len(columns.header) + place for place, field in enumerate(added)}},
        columns.pictures,
        columns.options,
        (),
        (),
    )
    found: list[list[str]] = list(_lines((), wider, lang))
    after = 0
    while page := await list_faulty(db, run.import_id, stopped=True, after=after, limit=_PAGE):
        after = page[-1].finding.row
        found += list(_lines(_mended(page, wider), wider, lang))[1:]
    book = BytesIO()
    await asyncio.to_thread(_write_workbook, book, iter(found), text("catalog.report.sheet", lang))
    return book.getvalue()


def _places(columns: Columns) -> dict[str, int]:
    """Tells in which column each field stands that a person can mend."""
    options = {f"{OPTION_FIELD}{one.name}": one.value_column for one in columns.options}
    pictures = {PICTURE: columns.pictures[0]} if columns.pictures else {}
    return {**columns.fields, **options, **pictures}


def _name(field: str, lang: Lang) -> str:
    """Names an added column so that the next import understands it."""
    label = field.removeprefix(OPTION_FIELD)
    return label if field.startswith(OPTION_FIELD) else Fault(field, "", "").label(lang)


def _mended(page: Iterable[Faulty], columns: Columns) -> Iterator[tuple[Finding, int, Sequence[str]]]:
    for faulty in page:
        for number, values in faulty.lines:
            yield faulty.finding, number, _amended(values, faulty.changes.get(number, {}), columns)


def _amended(values: Sequence[str], changes: Changes, columns: Columns) -> list[str]:
    cells = _filled(values, columns)
    placed = _places(columns)
    if PICTURE in changes:
        for column in columns.pictures:
            cells[column] = ""
    for field, value in changes.items():
        cells[placed[field]] = value
    return cells


def _filled(values: Sequence[str], columns: Columns) -> list[str]:
    return [*values, *[""] * (len(columns.header) - len(values))][: len(columns.header)]


def _lines(
    stopped: Iterable[tuple[Finding, int, Sequence[str]]], columns: Columns, lang: Lang
) -> Iterator[list[str]]:
    """Yields the header, then the faulty rows, each with its code and reason."""
    code = columns.fields.get("outer_id")
    adds_code = code is None and "handle" not in columns.fields
    old_reason = columns.fields.get(REASON)
    extra = [text("catalog.report.outer_id", lang)] if adds_code else []
    yield [*_without(columns.header, old_reason), *extra, text("catalog.report.reason", lang)]
    for finding, number, values in stopped:
        cells = _filled(values, columns)
        if code is not None and number == finding.row and not cells[code].strip():
            cells[code] = finding.outer_id
        reason = _reason(finding, lang) if number == finding.row else ""
        yield [*_without(cells, old_reason), *([finding.outer_id] if adds_code else []), reason]


def _without(cells: Sequence[str], column: int | None) -> list[str]:
    return [cell for place, cell in enumerate(cells) if place != column]


def _reason(finding: Finding, lang: Lang) -> str:
    return "\n".join(
        text("catalog.report.line", lang, message=fault.message(lang), remedy=fault.remedy(lang))
        for fault in finding.faults
    )


def _write(sheet: Worksheet, row: int, cells: Sequence[str], form: object) -> None:
    for column, cell in enumerate(cells):
        if cell:
            sheet.write_string(row, column, fit(cell), form)
