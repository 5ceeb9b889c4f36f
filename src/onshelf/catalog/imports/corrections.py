"""What a person may write instead of a faulty cell, and where it goes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from onshelf.catalog.imports.faulty import Faulty
from onshelf.catalog.imports.mend import cells_of
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.product import Fault, Finding
from onshelf.catalog.readers import OPTION_FIELD
from onshelf.catalog.readers.columns import Columns
from onshelf.catalog.suggest import suggest

OF_VARIANTS = frozenset({"price", "cost", "floor", "list_price", "stock"})
"""Fields that each row of a product has for itself."""
OF_PRODUCT = frozenset(
    {"title", "outer_id", "category", "condition", "province", "city", "delivery_template", "description", "properties", "picture"}
)  # fmt: skip
ALIKE = frozenset({"category", "condition", "province", "city", "delivery_template", "stock", "properties"})
"""Fields in which many products may well say the same."""
Changes = dict[int, dict[str, str]]
"""Row -> field -> what is written there."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One fault of a product as a person sees and mends it."""

    fault: Fault
    # rows of the file into which a new value is written; empty: it cannot be mended in one cell
    rows: tuple[int, ...]
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


def _of_first(cells: Mapping[int, Mapping[str, str]], faulty: Faulty) -> dict[str, str]:
    """Returns what only the product's first row says."""
    first = cells.get(faulty.finding.row, {})
    return {
        name: first[name]
        for name in ("title", "description", "category", "type", "outer_id")
        if name in first
    }
