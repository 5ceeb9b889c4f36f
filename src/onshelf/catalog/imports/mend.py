"""One faulty product checked again after somebody wrote into its rows. Pure but for the looks at its pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onshelf.catalog.check import Checked, Look, Terms, check
from onshelf.catalog.fill import fill
from onshelf.catalog.imports.faulty import Faulty
from onshelf.catalog.product import Finding, Product
from onshelf.catalog.readers import OPTION_FIELD, Changes, Group, amend, row_of
from onshelf.catalog.readers.columns import PICTURE, Columns
from onshelf.catalog.rules import show


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one file are read and held to the rules."""

    file: str  # its name, for people
    columns: Columns
    terms: Terms
    look: Callable[[str], Look]  # at a picture


@dataclass(frozen=True, slots=True)
class Again:
    """What a product came to when it was checked again."""

    outer_id: str
    product: Product | None  # None: something stops it
    finding: Finding | None  # None: nothing is wrong with it


def group_of(faulty: Faulty, columns: Columns, changes: Mapping[int, Changes]) -> Group:
    """Reads the rows of a faulty product, with what people wrote into them before, and now."""
    return [
        amend(
            row_of(number, values, columns),
            {**faulty.changes.get(number, {}), **changes.get(number, {})},
        )
        for number, values in faulty.lines
    ]


def cells_of(faulty: Faulty, columns: Columns) -> dict[int, dict[str, str]]:
    """Reads the cells of a faulty product by our field names, with what was mended: row -> field -> text."""
    return {
        row.number: {
            **row.cells,
            **{f"{OPTION_FIELD}{name}": value for name, value in row.options},
            PICTURE: "\n".join(row.pictures),
        }
        for row in group_of(faulty, columns, {})
    }


def check_again(group: Group, reading: Reading, twice: Callable[[str], int]) -> Again:
    """Checks the rows of one product. `twice`: tells which other row of the file has a code; 0: none has."""
    candidate = fill(group, reading.terms.profile, lambda _: 1)
    candidate.code_row = twice(candidate.outer_id) if candidate.outer_id else 0
    looks = [reading.look(name) for name in candidate.pictures]
    checked = check(candidate, looks, reading.terms, source=f"{reading.file}:{candidate.row}")
    return _again(candidate.outer_id, candidate.row, candidate.rows, candidate.title, checked)


def _again(outer_id: str, row: int, rows: tuple[int, ...], title: str, checked: Checked) -> Again:
    finding = Finding(row, rows, show(outer_id), show(title), checked.faults) if checked.faults else None
    return Again(outer_id, checked.product, finding)
