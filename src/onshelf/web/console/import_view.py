"""What the pages of one import show: its columns, its rules with an example each, a faulty product with its corrections. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.catalog.imports.corrections import ALIKE, Correction, corrections
from onshelf.catalog.imports.faulty import Faulty
from onshelf.catalog.imports.mend import cells_of
from onshelf.catalog.leaves import Leaf, leaf_of
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.readers.columns import CHOICES, Columns
from onshelf.catalog.readers.head import ColumnLook, Head
from onshelf.catalog.readers.likely import likely
from onshelf.catalog.rules import LIKELY_REFUSED, Rule, rules

CHOSEN, KNOWN, LIKELY, UNKNOWN, FIXED = "chosen", "known", "likely", "unknown", "fixed"
_AROUND = ("outer_id", "title", "category", "type", "cost", "price", "stock", "condition", "picture")
"""Fields shown of a faulty product beside its faults."""
_LONGEST_AROUND = 60


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column to say something about."""

    look: ColumnLook
    field: str  # what the page proposes
    how: str  # how we come by it: CHOSEN, KNOWN, LIKELY, UNKNOWN, or FIXED: nothing to choose


def column_views(head: Head, chosen: Mapping[str, str]) -> list[ColumnView]:
    """Proposes a field for each column: what was chosen before, what the header says, else what is likely."""
    taken = {column.field for column in head.columns}
    views = []
    for column in head.columns:
        guess = (
            "" if column.field or column.header in chosen else likely(column.header, column.samples, taken)
        )
        taken.add(guess)
        views.append(ColumnView(column, column.field or guess, _how(column, guess, chosen)))
    return [view for view in views if view.look.header or view.look.samples]


def _how(column: ColumnLook, guess: str, chosen: Mapping[str, str]) -> str:
    if column.field not in CHOICES:
        return FIXED
    if column.header in chosen:
        return CHOSEN
    return KNOWN if column.field else LIKELY if guess else UNKNOWN


def still_missing(columns: Sequence[ColumnView]) -> str:
    """Names the field without which nothing can be read and which no column is proposed for; "" for none."""
    proposed = {view.field for view in columns}
    if "title" not in proposed:
        return "title"
    return "" if proposed & {"price", "cost"} else "price"


_BY_UPLOAD = frozenset({
    "picture_not_found", "picture_unreadable", "picture_kind", "picture_large", "picture_small",
})  # fmt: skip
"""Rules that are kept once a picture is there under the name a row gives."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """One broken rule with the first product that breaks it."""

    rule: Rule
    count: int
    stops: bool  # False: a warning here, be it by the rule's nature or because the profile waives it
    example: Correction | None  # None: nothing is suggested for the first products

    @property
    def pictures(self) -> bool:
        """Tells whether a picture of the shop can mend it."""
        return self.stops and self.rule.rule.startswith("picture_")

    @property
    def left_to(self) -> str:
        """Says what is done about it where nothing is suggested: by_hand, by_upload, no_stop, likely_refused."""
        if not self.stops:
            return "likely_refused" if self.rule.rule in LIKELY_REFUSED else "no_stop"
        return "by_upload" if self.rule.rule in _BY_UPLOAD else "by_hand"

    @property
    def better(self) -> str:
        """Returns what the example would say instead, a category by its path."""
        if self.example is None:
            return ""
        leaf = leaf_of(int(self.example.suggestion)) if self.example.field == "category" else None
        return leaf.path if leaf else self.example.suggestion


def rule_views(
    counts: Mapping[str, int],
    firsts: Mapping[str, Sequence[Faulty]],
    columns: Columns,
    prices: PriceRule | None,
) -> list[RuleView]:
    """Sums up what is wrong, faults before warnings, most first. `firsts`: rule -> the first products that break it."""
    known = {one.rule: one for one in rules()}
    views = [
        _rule_view(known[name], count, firsts[name], columns, prices)
        for name, count in counts.items()
        if firsts[name]
    ]
    return sorted(views, key=lambda view: (not view.stops, -view.count))


def _rule_view(
    rule: Rule, count: int, firsts: Sequence[Faulty], columns: Columns, prices: PriceRule | None
) -> RuleView:
    """Shows a rule by the first product for which something is suggested: others may be for a person alone."""
    found = (
        one
        for faulty in firsts
        for one in corrections(faulty, columns, prices)
        if one.fault.rule == rule.rule
    )
    first = next(found)
    stops = first.fault.severity == "fault"
    example = next((one for one in (first, *found) if one.suggestion and one.fault.severity == "fault"), None)
    return RuleView(rule, count, stops, example)


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One fault of a product, ready to be mended."""

    one: Correction
    key: str  # tells this fault from the product's others
    alike: bool  # the same value may be right for all products with this fault
    leaf: Leaf | None  # that the suggestion names; None: it is no category
    word: str  # the file's own word for the category; "" for none


@dataclass(frozen=True, slots=True)
class FaultyView:
    """A faulty product as its card shows it."""

    faulty: Faulty
    corrections: tuple[CorrectionView, ...]
    around: tuple[tuple[str, str], ...]  # (field, value) of what is not at fault

    @classmethod
    def of(cls, faulty: Faulty, columns: Columns, prices: PriceRule | None) -> "FaultyView":
        found = corrections(faulty, columns, prices)
        cells = cells_of(faulty, columns).get(faulty.finding.row, {})
        at_fault = {one.field for one in found if one.fault.severity == "fault"}
        around = [
            (name, _short(cells[name]))
            for name in _AROUND
            if cells.get(name, "").strip() and name not in at_fault
        ]
        views = [_correction(one, cells) for one in found if one.fault.severity == "fault"]
        return cls(faulty, tuple(views), tuple(around))


def _correction(one: Correction, cells: Mapping[str, str]) -> CorrectionView:
    is_category = one.field == "category"
    leaf = leaf_of(int(one.suggestion)) if is_category and one.suggestion else None
    word = next((cells[name].strip() for name in ("category", "type") if cells.get(name, "").strip()), "")
    return CorrectionView(
        one, key_of(one), one.field in ALIKE, leaf, word if is_category and not word.isdigit() else ""
    )


def key_of(one: Correction) -> str:
    """Names a fault within its product."""
    return f"{one.fault.rule} {one.fault.field} {one.fault.rows}".strip()


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST_AROUND else f"{plain[: _LONGEST_AROUND - 1]}…"
