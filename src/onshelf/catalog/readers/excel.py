"""Workbooks (.xlsx): the first sheet, every cell as the text people see."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from onshelf.catalog.readers.archive import check_archive
from onshelf.catalog.readers.table import Note, Table
from onshelf.errors import Unreadable

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_table(path: Path) -> Table:
    """Opens a workbook; raises Unreadable when it is a bomb, encrypted, an old .xls or broken."""
    check_archive(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, IndexError, OSError) as error:
        raise Unreadable(path.name, "not_xlsx", detail=str(error)) from None
    names = workbook.sheet_names
    notes = (Note("sheet", {"count": len(names), "sheet": names[0]}),) if len(names) > 1 else ()
    return Table(path, _rows(sheet), "utf-8", notes)


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [cell if type(cell) is str else as_text(cell) for cell in row]


def as_text(cell: Cell) -> str:
    """Writes a cell as its sheet shows it: fifteen digits, no `.0`, dates in ISO form."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    return str(cell)
