"""Files to rows: one reader a format, one line each in `READERS`; a row holds texts under our own field names.

Rows of one product are neighbours. A row goes with the row before it when it has the same Handle, or, in a file with option
columns, names an option value and repeats the code above or leaves both code and title blank.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from onshelf.catalog.readers import csv, excel, json, shopify
from onshelf.catalog.readers.columns import PICTURE, Columns, Option, read_header, remap
from onshelf.catalog.readers.table import HEADER_LOOK, Note, Table
from onshelf.errors import Unreadable

READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": csv.read_table,
    ".tsv": csv.read_table,
    ".txt": csv.read_table,
    ".xlsx": excel.read_table,
    ".xlsm": excel.read_table,
    ".json": json.read_table,
    ".jsonl": json.read_table,
}
"""Suffix of a file name -> its reader."""


@dataclass(slots=True)
class Row:
    """One row of a file."""

    number: int  # as a spreadsheet shows it, from 1; the header is mostly row 1
    cells: dict[str, str]  # every field the file has a column for, as written
    pictures: tuple[str, ...] = ()  # cells of the picture columns that are not blank
    # (name, value); a blank name stands for that of the product's first row
    options: tuple[tuple[str, str], ...] = ()
    values: Sequence[str] = field(default=(), compare=False)  # every cell, as it stands in the file


Group = list[Row]
"""The rows of one product, at least one."""

Changes = Mapping[str, str]
"""Field -> what a person wrote there instead. `option.颜色` is an option's value; `picture` replaces all pictures of the row."""
OPTION_FIELD = "option."


@dataclass(frozen=True, slots=True)
class Guide:
    """What people said about a file, beside what it says itself."""

    chosen: Mapping[str, str] = field(default_factory=dict)  # header -> what its column is, one of `CHOICES`
    changes: Mapping[int, Changes] = field(default_factory=dict)  # row number -> cells mended in it


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file whose header is understood."""

    path: Path
    columns: Columns
    groups: Iterator[Group]  # read as they are asked for, once
    encoding: str
    notes: tuple[Note, ...]
    shopify: bool


def open_source(path: Path, guide: Guide | None = None) -> Source:
    """Opens a file and reads its header. Raises Unreadable: no such file, unknown kind, broken, or a required column missing."""
    guide = guide or Guide()
    table = open_table(path)
    number, header, rows = _find_header(table, guide.chosen)
    is_shopify = shopify.recognises(header)
    columns = understand(header, guide.chosen)
    _require(path, columns)
    read = (row_of(number, values, columns) for number, values in rows if any(values))
    if guide.changes:
        read = (amend(row, guide.changes.get(row.number, {})) for row in read)
    notes = (*table.notes, *_notes(number, columns, is_shopify))
    return Source(path, columns, _groups(read), table.encoding, notes, is_shopify)


def open_table(path: Path) -> Table:
    """Opens a file by the suffix of its name. Raises Unreadable."""
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise Unreadable(path.name, "unknown_kind", kind=path.suffix or path.name, known=" ".join(READERS))
    if path.is_dir():
        raise Unreadable(path.name, "folder")
    try:
        if path.stat().st_size == 0:
            raise Unreadable(path.name, "empty")
        return read(path)
    except FileNotFoundError:
        raise Unreadable(str(path), "missing") from None
    except OSError as error:
        raise Unreadable(str(path), "denied", detail=error.strerror or str(error)) from None


def understand(header: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Finds out what a header's columns mean; what a person chose counts first."""
    found = shopify.read_header(header) if shopify.recognises(header) else read_header(header)
    return remap(found, chosen)


def amend(row: Row, changes: Changes) -> Row:
    """Returns a row with what a person wrote into it."""
    if not changes:
        return row
    cells = {name: value for name, value in changes.items() if not name.startswith(OPTION_FIELD)}
    picture = cells.pop(PICTURE, None)
    options = dict(row.options) | {
        name.removeprefix(OPTION_FIELD): value
        for name, value in changes.items()
        if name.startswith(OPTION_FIELD)
    }
    return replace(
        row,
        cells={**row.cells, **cells},
        pictures=row.pictures if picture is None else ((picture,) if picture else ()),
        options=tuple((name, value) for name, value in options.items() if value),
    )


def _find_header(
    table: Table, chosen: Mapping[str, str]
) -> tuple[int, list[str], Iterator[tuple[int, list[str]]]]:
    """Returns the header's row number, the header and the rows after it: the first of the top rows with a title column."""
    top = list(islice(table.rows, HEADER_LOOK))
    for index, (number, values) in enumerate(top):
        if "title" in understand(values, chosen).fields:
            return number, values, chain(top[index + 1 :], table.rows)
    filled = [values for _, values in top if sum(map(bool, values)) > 1]
    if filled:
        raise Unreadable(
            table.path.name, "missing_column", columns="title (标题)", found="、".join(filled[0])
        )
    raise Unreadable(table.path.name, "header", looked=len(top))


def _require(path: Path, columns: Columns) -> None:
    if not {"price", "cost"} & set(columns.fields):
        found = "、".join(filter(None, columns.header))
        raise Unreadable(path.name, "missing_column", columns="price / cost (价格 / 成本)", found=found)


def _notes(number: int, columns: Columns, is_shopify: bool) -> Iterator[Note]:
    if is_shopify:
        yield Note("shopify")
    if number > 1:
        yield Note("header_row", {"row": number})
    if columns.unknown:
        yield Note("unknown_columns", {"columns": "、".join(columns.unknown)})
    if columns.repeated:
        yield Note("repeated_columns", {"columns": "、".join(columns.repeated)})


def row_of(number: int, values: Sequence[str], columns: Columns) -> Row:
    """Reads the cells of one row."""
    if len(values) < len(columns.header):
        values = [*values, *[""] * (len(columns.header) - len(values))]
    return Row(
        number,
        {field: values[column] for field, column in columns.fields.items()},
        tuple(values[column] for column in columns.pictures if values[column]),
        _options(values, columns.options) if columns.options else (),
        values,
    )


def _options(values: Sequence[str], options: tuple[Option, ...]) -> tuple[tuple[str, str], ...]:
    """Reads the option values a row has; a numbered option without a name in this row has a blank one."""
    return tuple(
        (option.name if option.name_column is None else values[option.name_column].strip(), value)
        for option in options
        if (value := values[option.value_column].strip()) and value != shopify.NO_OPTION
    )


def _groups(rows: Iterator[Row]) -> Iterator[Group]:
    group: Group = []
    for row in rows:
        if group and _goes_with(row, group[0]):
            group.append(row)
            continue
        if group:
            yield group
        group = [row]
    if group:
        yield group


def _goes_with(row: Row, first: Row) -> bool:
    handle = row.cells.get("handle")
    if handle:
        return handle == first.cells.get("handle")
    if not row.options or not first.options:
        return False
    code = row.cells.get("outer_id", "")
    return code == first.cells.get("outer_id", "") if code else not row.cells["title"]
