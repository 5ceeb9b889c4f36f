"""What a person may write instead of a faulty cell, and where it goes; the same correction for every row with the same fault.

Built on the import's own verb that mends one product (`imports.py`).
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass

from onshelf.catalog.faulty import Faulty, list_faulty, mend_cells
from onshelf.catalog.imports import Imports
from onshelf.catalog.mend import group_of
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.product import Fault, Finding
from onshelf.catalog.readers import OPTION_FIELD, understand
from onshelf.catalog.readers.columns import Columns
from onshelf.catalog.runs import Run
from onshelf.catalog.store import load_profile
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
_ROUNDS = 3
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


def corrections(faulty: Faulty, columns: Columns, rule: PriceRule | None = None) -> list[Correction]:
    """Puts each fault of a product beside the cell that holds it and what could stand there instead. `rule`: the shop's."""
    cells = cells_of(faulty, columns)
    found = []
    for fault in faulty.finding.faults:
        rows, field = place_of(fault, faulty.finding)
        rows = tuple(row for row in rows if row in cells)
        own = cells[rows[0]] if rows else {}
        said = {**own, **_of_first(cells, faulty)}
        better = suggest(fault, said, faulty.finding.row, rule) if rows else None
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


async def accept_all(db: Database, imports: Imports, run: Run, rule: str | None = None) -> int:
    """Accepts what is suggested for all stopped products, or those that break a rule; returns how many got something.

    A cell with two faults gets what is suggested for the second once the first is mended. Raises Conflict.
    """

    def accept(one: Correction) -> Changes:
        return one.changes if one.suggestion and one.fault.severity == "fault" else {}

    mended: set[int] = set()
    for _ in range(_ROUNDS):
        rows = await _for_all(db, imports, run, rule, accept)
        mended |= rows
        if not rows:
            break
    return len(mended)


async def write_all(db: Database, imports: Imports, run: Run, rule: str, *, bad: str, value: str) -> int:
    """Writes one value into every product that breaks a rule with the same bad value; returns how many. Raises Conflict."""

    def write(one: Correction) -> Changes:
        return one.writing(value) if one.fault.value == bad else {}

    return len(await _for_all(db, imports, run, rule, write))


async def _for_all(
    db: Database, imports: Imports, run: Run, rule: str | None, decide: Callable[[Correction], Changes]
) -> set[int]:
    """Writes what `decide` says for stopped products, and returns their first rows.

    Few are checked one by one; for many the whole file is checked again.
    """
    columns = understand(run.header, run.chosen)
    prices = (await load_profile(db, run.shop_id)).price_rule
    wanted: dict[int, Changes] = {}
    async for faulty in _all_faulty(db, run, rule):
        found = [one for one in corrections(faulty, columns, prices) if rule in (None, one.fault.rule)]
        if changes := _merged(decide(one) for one in found):
            wanted[faulty.finding.row] = changes
    if len(wanted) <= _ONE_BY_ONE:
        for row, changes in wanted.items():
            await imports.mend(run, row, changes)
        return set(wanted)
    every = list(wanted.values())
    for start in range(0, len(every), _PAGE):
        part = every[start : start + _PAGE]
        await db.commit([write for changes in part for write in mend_cells(run.import_id, changes)])
    await imports.check(run)
    return set(wanted)


def _merged(all_changes: Iterable[Changes]) -> Changes:
    """Puts the changes of one product together; of two for the same cell the first counts."""
    merged: Changes = {}
    for changes in all_changes:
        for row, cells in changes.items():
            merged[row] = {**cells, **merged.get(row, {})}
    return merged


async def _all_faulty(db: Database, run: Run, rule: str | None) -> AsyncIterator[Faulty]:
    after = 0
    while page := await list_faulty(db, run.import_id, stopped=True, rule=rule, after=after, limit=_PAGE):
        for faulty in page:
            yield faulty
        after = page[-1].finding.row
