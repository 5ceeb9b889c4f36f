"""Writing a workbook row by row into memory. Every cell is text or a number: nothing is computed when it is opened."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]

from onshelf.catalog.sheets import TEXT_ONLY, fit

Cells = Sequence[str | int]


async def workbook(
    name: str,
    header: Sequence[str],
    pages: AsyncIterator[list[Cells]],
    *,
    widths: Sequence[int],
    made: datetime,
) -> bytes:
    """Writes one sheet; `pages`: rows, some hundred at a time, written while others work. `made`: noted in the file."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, TEXT_ONLY)
    book.set_properties({"created": made.replace(tzinfo=None)})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    _write(sheet, 0, [header], book.add_format({"bold": True}))
    row = 1
    async for page in pages:
        await asyncio.to_thread(_write, sheet, row, page)
        row += len(page)
    await asyncio.to_thread(book.close)
    return file.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, first: int, rows: Sequence[Cells], form: object = None
) -> None:
    for row, cells in enumerate(rows, first):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell, form)
            elif cell:
                sheet.write_string(row, column, fit(cell), form)
