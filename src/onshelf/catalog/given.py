"""A product as a program gives it, whole, and its way through the same rules as the rows of a file. Pure but for pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from onshelf.catalog.amounts import parse_count, parse_money
from onshelf.catalog.check import Checked, Look, Terms, check
from onshelf.catalog.fill import Candidate, fill
from onshelf.catalog.product import Finding, Line, Product
from onshelf.catalog.readers import Group, Row
from onshelf.catalog.rules import broken, show

Amount = str | int | float
"""Yuan, best as a string: `"12.50"`."""
MOST_SKUS = 600
_FIELDS = ("outer_id", "title", "price", "cost", "list_price", "floor", "stock", "category", "description")
_MORE = ("condition", "province", "city", "delivery_template", "properties")
_OPTIONS = 3
HEADER = (
    *_FIELDS,
    *_MORE,
    "picture",
    "sku_outer_id",
    *(f"option{number}_{part}" for number in range(1, _OPTIONS + 1) for part in ("name", "value")),
)
"""Columns of the workbook in which products that a program gave come back."""


class GivenSku(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One variant."""

    outer_id: str = ""
    options: dict[str, str]  # name -> value: {"颜色": "红", "尺码": "M"}
    price: Amount = ""  # yuan; empty: the product's
    cost: Amount = ""
    stock: int | str = ""


class Given(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One product; what it leaves out the shop's publishing profile supplies."""

    outer_id: str = ""
    title: str = ""
    price: Amount = ""  # yuan; empty: computed from the cost by the shop's rule
    cost: Amount = ""
    list_price: Amount = ""
    floor: Amount = ""
    stock: int | str = ""
    category_id: int | None = None
    category: str = ""  # a word that the profile maps to a leaf category
    description: str = ""
    condition: str = ""
    province: str = ""
    city: str = ""
    delivery_template_id: int | None = None
    properties: str = ""
    pictures: list[str] = []  # names in the shop's picture folder, main picture first
    skus: Annotated[list[GivenSku], msgspec.Meta(max_length=MOST_SKUS)] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules say of a given product."""

    outer_id: str
    product: Product | None  # None: at least one fault stops it
    finding: Finding | None  # None: nothing is wrong with it


def read_line(line: bytes) -> Given | str:
    """Reads one line of JSON; the text says what is wrong with it."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)


_decode = msgspec.json.Decoder(Given).decode


def check_given(
    given: Given,
    terms: Terms,
    look: Callable[[str], Look],
    *,
    number: int = 1,
    source: str,
    twice: int = 0,
) -> Outcome:
    """Holds a product to every rule. `number`: its line; `twice`: an earlier line with its code, 0 for none."""
    group = group_of(given, number)
    candidate = fill(group, terms.profile, lambda _: 1)
    candidate.outer_id, candidate.outer_id_derived = given.outer_id, False
    candidate.rows = (number,)
    candidate.pictures = tuple(given.pictures)
    candidate.code_row = twice
    checked = check(candidate, [look(name) for name in candidate.pictures], terms, source=source)
    return _outcome(candidate, _amounts(given, checked))


def _amounts(given: Given, checked: Checked) -> Checked:
    """A product with variants has its amounts there: another one of its own would be passed over in silence."""
    said = [name for name in ("price", "cost", "stock") if given.skus and str(getattr(given, name)).strip()]
    idle = [name for name in said if all(str(getattr(sku, name)).strip() for sku in given.skus)]
    faults = [
        broken("sku_amounts", name, str(getattr(given, name))) for name in idle if not _follows(name, given)
    ]
    return Checked(None, (*checked.faults, *faults)) if faults else checked


def _follows(name: str, given: Given) -> bool:
    """Tells whether an amount of a product is what its variants come to: so it stands where it was read."""
    if name == "price":
        prices = [parse_money(_text(sku.price)) for sku in given.skus]
        return None not in prices and parse_money(_text(given.price)) == min(
            filter(None, prices), default=None
        )
    if name == "stock":
        counts = [parse_count(_text(sku.stock)) for sku in given.skus]
        return None not in counts and parse_count(_text(given.stock)) == sum(filter(None, counts))
    return False


def unreadable(number: int, why: str, line: bytes) -> Finding:
    """States that a line is no product."""
    shown = line[:200].decode("utf-8", "replace")
    return Finding(number, (number,), "", "", (broken("line_broken", "line", shown, detail=why),))


def group_of(given: Given, number: int) -> Group:
    """Turns a product into the rows a file would have for it; all of them carry its number."""
    cells = {name: _text(getattr(given, name)) for name in _PLAIN}
    cells["category"] = _text(given.category_id) or given.category
    cells["delivery_template"] = _text(given.delivery_template_id)
    pictures = tuple(given.pictures)
    if not given.skus:
        return [Row(number, cells, pictures)]
    first, *others = given.skus
    rows = [Row(number, {**cells, **_sku_cells(first, given)}, pictures, tuple(first.options.items()))]
    rows += [Row(number, _sku_cells(sku, given), (), tuple(sku.options.items())) for sku in others]
    return rows


_PLAIN = (
    *("outer_id", "title", "price", "cost", "list_price", "floor", "stock", "description"),
    *("condition", "province", "city", "properties"),
)


def lines_of(given: Given, number: int) -> list[Line]:
    """Returns a product as rows under `HEADER`."""
    return [(number, _cells(row)) for row in group_of(given, number)]


def given_of(product: Product) -> Given:
    """Returns a stored product as a program would give it; properties of its variants are left to be mapped again."""
    mapped = {pair for sku in product.skus for pair in sku.properties.split(";")}
    own = [pair for pair in product.properties.split(";") if pair and pair not in mapped]
    skus = [
        GivenSku(outer_id=sku.outer_id, options=dict(sku.options), price=str(sku.price), stock=sku.stock)
        for sku in product.skus
    ]
    return Given(
        outer_id=product.outer_id,
        title=product.title,
        price="" if skus else str(product.price),
        stock="" if skus else product.stock,
        category_id=product.category_id,
        description=product.description,
        condition=product.condition,
        province=product.province,
        city=product.city,
        delivery_template_id=product.delivery_template_id,
        properties=";".join(own),
        pictures=list(product.pictures),
        skus=skus,
    )


def _outcome(candidate: Candidate, checked: Checked) -> Outcome:
    finding = None
    if checked.faults:
        shown = show(candidate.outer_id), show(candidate.title)
        finding = Finding(candidate.row, candidate.rows, *shown, checked.faults)
    return Outcome(candidate.outer_id, checked.product, finding)


def _sku_cells(sku: GivenSku, given: Given) -> dict[str, str]:
    """The amounts of a variant; those it leaves out are the product's."""
    price, cost = _text(sku.price), _text(sku.cost)
    if not price and not cost:
        price, cost = _text(given.price), _text(given.cost)
    return {
        "sku_outer_id": sku.outer_id,
        "price": price,
        "cost": cost,
        "list_price": _text(given.list_price),
        "floor": _text(given.floor),
        "stock": _text(sku.stock) or _text(given.stock),
    }


def _cells(row: Row) -> tuple[str, ...]:
    cells = [row.cells.get(name, "") for name in (*_FIELDS, *_MORE)]
    options: Sequence[tuple[str, str]] = (*row.options, *[("", "")] * _OPTIONS)[:_OPTIONS]
    named = [text for option in options for text in option]
    return (*cells, "|".join(row.pictures), row.cells.get("sku_outer_id", ""), *named)


def _text(value: Amount | None) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
