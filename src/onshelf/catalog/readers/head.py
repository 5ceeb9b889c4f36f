"""The head of a file, for a person who says what its columns are: each header with samples and our guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from onshelf.catalog.readers import open_table, understand
from onshelf.catalog.readers.columns import roles
from onshelf.catalog.readers.table import HEADER_LOOK, Note
from onshelf.errors import Unreadable

SAMPLES = 5
_LOOKED_AT = 200  # rows in which samples are looked for
_SHOWN = 80  # characters of a sample

Line = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column of a file."""

    header: str
    samples: tuple[str, ...]  # its first values that are not blank, at most `SAMPLES`, shortened
    field: str  # what it is taken for, as people chose or we guessed; "" for nothing
    guess: str  # what we alone would take it for


@dataclass(frozen=True, slots=True)
class Head:
    """What a file looks like at its top."""

    row: int  # where the header stands, from 1
    columns: tuple[ColumnLook, ...]
    missing: tuple[str, ...]  # fields without which nothing can be read: "title", "price" (a cost will do)
    encoding: str
    notes: tuple[Note, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)


def read_head(path: Path, chosen: Mapping[str, str]) -> Head:
    """Reads the top of a file; a header that nobody understands yet is found as well. Raises Unreadable."""
    table = open_table(path)
    top = list(islice(table.rows, HEADER_LOOK))
    place = _find(top, chosen)
    if place is None:
        raise Unreadable(path.name, "header", looked=len(top))
    number, header = top[place]
    below = islice(chain(top[place + 1 :], table.rows), _LOOKED_AT)
    return _look(number, header, [values for _, values in below], chosen, table.encoding, table.notes)


def _find(top: Sequence[Line], chosen: Mapping[str, str]) -> int | None:
    """Takes the first row with a title column, else that with the most known names, else the first with two cells."""
    known = [understand(values, chosen) for _, values in top]
    for place, columns in enumerate(known):
        if "title" in columns.fields:
            return place
    filled = [place for place, (_, values) in enumerate(top) if sum(map(bool, values)) > 1]
    return max(filled, key=lambda place: (len(known[place].fields), -place), default=None)


def _look(
    number: int,
    header: Sequence[str],
    below: Sequence[Sequence[str]],
    chosen: Mapping[str, str],
    encoding: str,
    notes: tuple[Note, ...],
) -> Head:
    columns = understand(header, chosen)
    guessed = roles(understand(header, {}))
    looks = tuple(
        ColumnLook(name, _samples(below, column), field, guessed[column])
        for column, (name, field) in enumerate(zip(header, roles(columns), strict=True))
    )
    missing = [] if "title" in columns.fields else ["title"]
    missing += [] if {"price", "cost"} & set(columns.fields) else ["price"]
    return Head(number, looks, tuple(missing), encoding, notes)


def _samples(below: Sequence[Sequence[str]], column: int) -> tuple[str, ...]:
    cells = (values[column].strip() for values in below if column < len(values))
    return tuple(islice((cell[:_SHOWN] for cell in cells if cell), SAMPLES))
