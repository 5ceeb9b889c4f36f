"""Our own goods: a product, its skus, and what may be wrong with a row. Pure values."""

from dataclasses import dataclass
from dataclasses import field as defaults
from decimal import Decimal
from typing import Literal

from onshelf.texts import Lang, catalogue, text

Severity = Literal["fault", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field. Its texts are `check.<rule>` and `check.<rule>.remedy` in the catalogue."""

    field: str  # our own name: "title", "price", "sku.price", "picture", …
    value: str  # as it was given, cut at 120 characters
    rule: str  # stable id: "title_width", "price_missing", …
    facts: dict[str, str | int] = defaults(default_factory=dict)  # what the texts name: limit, measured, …
    severity: Severity = "fault"  # a warning does not stop the row
    rows: str = ""  # "3, 5": which rows of a product of several; empty when it is all of them, or only one

    def label(self, lang: Lang) -> str:
        """Returns the field's name for people."""
        return catalogue("catalog").get(f"catalog.field.{self.field}", {}).get(lang, self.field)

    def message(self, lang: Lang) -> str:
        said = text(f"check.{self.rule}", lang, field=self.label(lang), value=self.value, **self.facts)
        return said + text("catalog.at_rows", lang, rows=self.rows) if self.rows else said

    def remedy(self, lang: Lang) -> str:
        return text(f"check.{self.rule}.remedy", lang, field=self.label(lang), value=self.value, **self.facts)


Line = tuple[int, tuple[str, ...]]
"""A row's number and its cells, as they stand in the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the rows of one product."""

    row: int  # its first row, as a spreadsheet shows it
    rows: tuple[int, ...]  # all its rows
    outer_id: str  # derived or given; empty when there is none
    title: str
    faults: tuple[Fault, ...]  # at least one, warnings too, in the order of the check

    @property
    def stopped(self) -> bool:
        """Tells whether a fault keeps the product from being published; warnings do not."""
        return any(fault.severity == "fault" for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Sku:
    """One variant of a product."""

    outer_id: str
    options: tuple[tuple[str, str], ...]  # (name, value) as in the source: (("颜色", "红"), ("尺码", "M"))
    properties: str  # "pid:vid;pid:vid" as the profile mapped them
    price: Decimal  # yuan
    stock: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product that passed the check: whole, priced, ready to publish."""

    outer_id: str  # unique in the shop; derived from the source when it names none
    title: str
    price: Decimal  # yuan, two decimals
    stock: int  # sum of the skus when there are any
    category_id: int
    description: str  # HTML, named tags only
    condition: str  # "new", "second", "unused"
    province: str
    city: str
    delivery_template_id: int | None = None
    properties: str = ""  # item properties, sales properties included
    property_alias: str = ""
    skus: tuple[Sku, ...] = ()
    pictures: tuple[str, ...] = ()  # sources: file paths (absolute), or http(s) addresses; main picture first
    source: str = ""  # file name and row: "products.xlsx:17"
    outer_id_derived: bool = False
