"""Workbooks (.xlsx): what the archive would unfold to is measured before it is opened, then the first sheet is read."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from onshelf.catalog.readers.table import Note, Table
from onshelf.errors import Unreadable

_UNFOLDED_LIMIT = 1 << 30  # bytes; 100,000 rows of 15 columns unfold to less than a tenth
_RATIO_LIMIT = 400  # unfolded to packed; deflate itself cannot pass about 1,030
_RATIO_MATTERS = 64 << 20  # bytes; below this no ratio harms
_ENTRIES_LIMIT = 2_000
_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls and of encrypted workbooks
_PIECE = 1 << 20

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


def check_archive(path: Path) -> None:
    """Measures what the archive unfolds to, by its directory first and then by unfolding it piece by piece into nothing."""
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise Unreadable(path.name, "old_xls")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Unreadable(path.name, "not_xlsx", detail=str(error)) from None
    unfolded = sum(entry.file_size for entry in entries)
    packed = path.stat().st_size
    if why := _bomb(len(entries), unfolded, packed):
        raise Unreadable(path.name, "zip_bomb", size=unfolded, reason=why)
    for entry in entries:
        _check_entry(path, entry)


def _bomb(entries: int, unfolded: int, packed: int) -> str:
    if entries > _ENTRIES_LIMIT:
        return f"{entries} entries > {_ENTRIES_LIMIT}"
    if unfolded > _UNFOLDED_LIMIT:
        return f"> {_UNFOLDED_LIMIT}"
    if unfolded > _RATIO_MATTERS and unfolded > packed * _RATIO_LIMIT:
        return f"1 : {unfolded // max(packed, 1)}"
    return ""


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    """Unfolds one entry without keeping it: the directory may lie about its size."""
    if entry.flag_bits & 1:
        raise Unreadable(path.name, "old_xls")
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        return
    try:
        size = _unfolded_size(path, entry)
    except (zlib.error, OSError) as error:
        raise Unreadable(path.name, "not_xlsx", detail=f"{entry.filename}: {error}") from None
    if size > entry.file_size:
        raise Unreadable(path.name, "zip_bomb", size=size, reason=f"{entry.filename} > {entry.file_size}")


def _unfolded_size(path: Path, entry: zipfile.ZipInfo) -> int:
    """Counts the bytes an entry unfolds to, and stops as soon as it passes the size its directory states."""
    unfold = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    with path.open("rb") as file:
        file.seek(entry.header_offset + 26)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
        while not unfold.eof and size <= entry.file_size:
            packed = unfold.unconsumed_tail or file.read(_PIECE)
            if not packed:
                break
            size += len(unfold.decompress(packed, _PIECE))
    return size


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
