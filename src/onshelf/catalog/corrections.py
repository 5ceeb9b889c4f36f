"""What a person may write instead of a faulty cell, and where it goes; the same correction for every row with the same fault.

Built on the import's own verb that mends one product (`imports.py`).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from onshelf.catalog.faulty import Faulty, list_faulty, mend_cells
from onshelf.catalog.imports import Imports
from onshelf.catalog.mend import group_of
from onshelf.catalog.product import Fault, Finding
from onshelf.catalog.readers import OPTION_FIELD, understand
from onshelf.catalog.readers.columns import Columns
from onshelf.catalog.runs import Run
from onshelf.catalog.suggest import suggest
from onshelf.store.db import Database

OF_VARIANTS = frozenset({"price", "cost", "floor", "list_price", "stock"})
"""Fields that each row of a product has for itself."""
OF_PRODUCT = frozenset(
    {"title", "outer_id", "category", "condition", "province", "city", "delivery_template", "description", "properties", "picture"}
)  # fmt: skip
ALIKE = frozenset({"category", "condition", "province", "city", "delivery_template", "stock", "properties"})
"""Fields in which many products may well say the same."""
_PAGE = 200
_ONE_BY_ONE = 100  # products; to check more of them the whole file is read again
Changes = dict[int, dict[str, str]]
"""Row -> field -> what is written there."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One fault of a product as a person sees and mends it."""

    fault: Fault
    rows: tuple[
        int, ...
    ]  # rows of the file into which a new value is written; empty: it cannot be mended in one cell
    field: str  # their field
    value: str  # what stands there now, whole
    suggestion: str  # "": only a person can know

    @property
    def changes(self) -> Changes:
        """Returns what accepting the suggestion writes."""
        return self.writing(self.suggestion)

    def writing(self, value: str) -> Changes:
        """Returns what writing a value here changes: row -> field -> value."""
        return {row: {self.field: value} for row in self.rows}


def place_of(fault: Fault, finding: Finding) -> tuple[tuple[int, ...], str]:
    """Tells in which rows and under which field a fault is mended; no rows: not in one cell (variants that clash, long lists)."""
    if fault.field in OF_PRODUCT:
        return (finding.row,), fault.field
    if fault.field in OF_VARIANTS:
        named = tuple(int(row) for row in fault.rows.split(", ") if row.isdigit())
        return (named if named and "…" not in fault.rows else finding.rows), fault.field
    if fault.rule == "sku_option_blank":
        return (int(fault.facts["row"]),), f"{OPTION_FIELD}{fault.facts['option']}"
    return (), fault.field


def corrections(faulty: Faulty, columns: Columns) -> list[Correction]:
    """Puts each fault of a product beside the cell that holds it and what could stand there instead."""
    cells = cells_of(faulty, columns)
    found = []
    for fault in faulty.finding.faults:
        rows, field = place_of(fault, faulty.finding)
        rows = tuple(row for row in rows if row in cells)
        own = cells[rows[0]] if rows else {}
        better = suggest(fault, {**own, **_of_first(cells, faulty)}, faulty.finding.row) if rows else None
        value = own.get(field, fault.value) if own else fault.value
        found.append(Correction(fault, rows, field, value, better.value if better else ""))
    return found


def cells_of(faulty: Faulty, columns: Columns) -> dict[int, dict[str, str]]:
    """Reads the cells of a faulty product by our field names, with what was mended: row -> field -> text."""
    return {
        row.number: {**row.cells, "picture": "\n".join(row.pictures)} for row in group_of(faulty, columns, {})
    }


def _of_first(cells: Mapping[int, Mapping[str, str]], faulty: Faulty) -> dict[str, str]:
    """Returns what only the product's first row says."""
    first = cells.get(faulty.finding.row, {})
    return {
        name: first[name]
        for name in ("title", "description", "category", "type", "outer_id")
        if name in first
    }


async def accept_all(db: Database, imports: Imports, run: Run, rule: str) -> int:
    """Accepts the suggestion for every product that breaks a rule; returns how many got one. Raises Conflict."""
    return await _for_all(db, imports, run, rule, lambda one: one.changes if one.suggestion else {})


async def write_all(db: Database, imports: Imports, run: Run, rule: str, *, bad: str, value: str) -> int:
    """Writes one value into every product that breaks a rule with the same bad value; returns how many. Raises Conflict."""
    return await _for_all(
        db, imports, run, rule, lambda one: one.writing(value) if one.fault.value == bad else {}
    )


async def _for_all(
    db: Database, imports: Imports, run: Run, rule: str, decide: Callable[[Correction], Changes]
) -> int:
    """Writes what `decide` says for every product that breaks a rule: few are checked one by one, many with the whole file."""
    wanted = {
        row: changes
        async for faulty in _all_faulty(db, run, rule)
        for row, changes in ((faulty.finding.row, _decided(faulty, run, rule, decide)),)
        if changes
    }
    if len(wanted) > _ONE_BY_ONE:
        for start in range(0, len(wanted), _PAGE):
            part = list(wanted.values())[start : start + _PAGE]
            await db.commit([write for changes in part for write in mend_cells(run.import_id, changes)])
        await imports.check(run)
    else:
        for row, changes in wanted.items():
            await imports.mend(run, row, changes)
    return len(wanted)


def _decided(faulty: Faulty, run: Run, rule: str, decide: Callable[[Correction], Changes]) -> Changes:
    merged: Changes = {}
    for one in corrections(faulty, understand(run.header, run.chosen)):
        for row, cells in decide(one).items() if one.fault.rule == rule else ():
            merged.setdefault(row, {}).update(cells)
    return merged


async def _all_faulty(db: Database, run: Run, rule: str) -> AsyncIterator[Faulty]:
    after = 0
    while page := await list_faulty(db, run.import_id, stopped=True, rule=rule, after=after, limit=_PAGE):
        for faulty in page:
            yield faulty
        after = page[-1].finding.row
