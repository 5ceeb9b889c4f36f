"""CSV files: encoding and delimiter are found out strictly and told; a byte that does not fit becomes a fault of its row."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from onshelf.catalog.readers.table import Note, Table
from onshelf.errors import Unreadable

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_DELIMITERS = (",", "\t", ";", "，")
_LONGEST_CELL = 1_000_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """Which encoding a file is in, and how many of its lines do not fit it."""

    name: str
    bad_lines: int = 0


def read_table(path: Path) -> Table:
    """Opens a CSV; raises Unreadable when it is neither UTF-8, UTF-16 with a mark, nor GB18030 (GBK)."""
    encoding = find_encoding(path)
    delimiter = _find_delimiter(path, encoding.name)
    return Table(
        path, _rows(path, encoding.name, delimiter), encoding.name, tuple(_notes(encoding, delimiter))
    )


def find_encoding(path: Path) -> Encoding:
    """Decides by the lines that are not plain ASCII: the encoding that most of them fit, UTF-8 first.

    Chinese text in GBK almost never forms valid UTF-8, so a file whose lines mostly do is UTF-8 with some broken bytes.
    """
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return Encoding(name)
    lines, not_utf8 = _count(path, "utf-8")
    if not_utf8 * 2 < lines or not lines:
        return Encoding("utf-8", not_utf8)
    _, not_gb = _count(path, "gb18030")
    if not_gb * 2 < lines:
        return Encoding("gb18030", not_gb)
    raise Unreadable(path.name, "encoding", bad=min(not_utf8, not_gb))


def _count(path: Path, encoding: str) -> tuple[int, int]:
    """Counts the lines beyond ASCII, and those of them that the encoding cannot read."""
    lines = bad = 0
    with path.open("rb") as file:
        for line in file:
            if _BEYOND_ASCII.search(line):
                lines += 1
                try:
                    line.decode(encoding)
                except UnicodeDecodeError:
                    bad += 1
    return lines, bad


def _open(path: Path, encoding: str) -> TextIO:
    """Opens the file so that no byte can stop it: UTF-16, whose codec knows no surrogates, gets U+FFFD instead."""
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return path.open(encoding=encoding, errors=errors, newline="")


def _find_delimiter(path: Path, encoding: str) -> str:
    """Takes the delimiter that splits the first line into the most cells; a single column has a comma."""
    with _open(path, encoding) as file:
        head = "".join(islice(file, 1))
    return max(_DELIMITERS, key=lambda delimiter: (head.count(delimiter), -_DELIMITERS.index(delimiter)))


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows; an unpaired quote is an error, for it would swallow the rows after it."""
    csv.field_size_limit(_LONGEST_CELL)
    with _open(path, encoding) as file:
        number = 0
        try:
            for number, row in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                yield number, row
        except csv.Error as error:
            raise Unreadable(f"{path.name}:{number + 1}", "csv_broken", detail=str(error)) from None


def _notes(encoding: Encoding, delimiter: str) -> Iterator[Note]:
    if encoding.bad_lines:
        yield Note("mixed_encoding", {"encoding": encoding.name, "bad": encoding.bad_lines})
    elif not encoding.name.startswith("utf-8"):
        yield Note("encoding", {"encoding": encoding.name})
    if delimiter != ",":
        yield Note("delimiter", {"delimiter": "TAB" if delimiter == "\t" else delimiter})
