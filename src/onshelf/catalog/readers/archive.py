"""What a workbook's archive would unfold to, measured before it is opened: bombs, one stray cell far away, encryption."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from onshelf.errors import Unreadable

_UNFOLDED_LIMIT = 1 << 30  # bytes; 100,000 rows of 15 columns unfold to less than a tenth
_RATIO_LIMIT = 400  # unfolded to packed; deflate itself cannot pass about 1,030
_RATIO_MATTERS = 64 << 20  # bytes; below this no ratio harms
_ENTRIES_LIMIT = 2_000
_CELLS_LIMIT = 20_000_000  # the reader lays out the whole rectangle up to the last cell, 24 bytes each
_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls and of encrypted workbooks
_SHEETS = "xl/worksheets/"
_PIECE = 1 << 20
_OVERLAP = 16  # bytes; longer than any reference of a cell
_REFERENCE = re.compile(rb"([A-Z]{0,3})(\d{1,7})").match


def check_archive(path: Path) -> None:
    """Raises Unreadable when the workbook is encrypted, broken, or would unfold to more than a workbook has any use for.

    The directory is asked first; then each entry is unfolded piece by piece into nothing, for a directory may lie.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise Unreadable(path.name, "old_xls")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Unreadable(path.name, "not_xlsx", detail=str(error)) from None
    unfolded = sum(entry.file_size for entry in entries)
    if why := _bomb(len(entries), unfolded, path.stat().st_size):
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
    if entry.flag_bits & 1:
        raise Unreadable(path.name, "old_xls")
    extent = Extent()
    is_sheet = entry.filename.startswith(_SHEETS)
    size = 0
    try:
        for piece in _pieces(path, entry):
            size += len(piece)
            if size > entry.file_size:
                why = f"{entry.filename} > {entry.file_size}"
                raise Unreadable(path.name, "zip_bomb", size=size, reason=why)
            if is_sheet:
                extent.add(piece)
    except (zlib.error, OSError) as error:
        raise Unreadable(path.name, "not_xlsx", detail=f"{entry.filename}: {error}") from None
    if extent.cells > _CELLS_LIMIT:
        raise Unreadable(path.name, "far_cell", rows=extent.height, columns=extent.width)


def _pieces(path: Path, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yields an entry's content, at most a piece at a time. Source: the ZIP file format, local file header."""
    if entry.compress_type not in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        raise Unreadable(path.name, "not_xlsx", detail=f"{entry.filename}: method {entry.compress_type}")
    with path.open("rb") as file:
        file.seek(entry.header_offset + 26)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
        if entry.compress_type == zipfile.ZIP_STORED:
            yield file.read(min(entry.file_size, _UNFOLDED_LIMIT))
            return
        unfold = zlib.decompressobj(-zlib.MAX_WBITS)
        while not unfold.eof and (packed := unfold.unconsumed_tail or file.read(_PIECE)):
            yield unfold.decompress(packed, _PIECE)


class Extent:
    """The rectangle a sheet's cells span, from the references that programs write with them, in order."""

    def __init__(self) -> None:
        self.height = 0  # row of the last reference
        self._columns: set[bytes] = set()
        self._tail = b""

    def add(self, piece: bytes) -> None:
        """Looks through the next piece of the sheet."""
        seen = self._tail + piece
        parts = seen.split(b' r="')
        self._tail = seen[-_OVERLAP:]
        self._columns.update(part[:3] for part in parts[1:])
        for part in reversed(parts[1:]):
            if found := _REFERENCE(part):
                self.height = int(found[2])
                return

    @property
    def width(self) -> int:
        """Number of columns up to the last one used."""
        letters = {found[1] for start in self._columns if (found := re.match(rb"([A-Z]+)", start))}
        return max(map(_column, letters), default=0)

    @property
    def cells(self) -> int:
        return self.height * self.width


def _column(letters: bytes) -> int:
    """Turns `A`, `Z`, `AA` … into 1, 26, 27 …"""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
