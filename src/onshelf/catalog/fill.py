"""A group of rows and the shop's profile become a candidate: texts still as written, gaps filled, a code derived. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from html import escape

from onshelf.catalog.amounts import is_number
from onshelf.catalog.pricing import Asked
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import Group, Row
from onshelf.catalog.sales import Options

_SAFE_CODE = re.compile(r"[A-Za-z0-9._\-]{1,64}").fullmatch
_PICTURE_BREAK = re.compile(r"[|;\n,，；]+")
_ADDRESS_BREAK = re.compile(r"[|\s]+|[,;](?=https?://)")
_CONDITIONS = {"全新": "new", "新": "new", "二手": "second", "闲置": "unused"}


@dataclass(slots=True)
class Variant:
    """One sellable thing of a product; a product without options has exactly one."""

    row: int
    outer_id: str
    options: Options
    asked: Asked
    stock: str  # as written; empty for nothing, then the profile's stock counts


@dataclass(slots=True)
class Candidate:
    """A product as its rows and the profile say it, before the check."""

    row: int  # first row
    rows: tuple[int, ...]  # all rows of the group
    outer_id: str
    outer_id_derived: bool
    title: str
    category_id: int | None
    category_word: str  # the file's own word that no mapping knows; empty when there is none
    description: str  # HTML or plain text
    described: bool  # the rows say it; otherwise it is made of the profile's template
    condition: str
    province: str
    city: str
    delivery_template: str
    properties: str
    pictures: tuple[str, ...]  # as written
    variants: list[Variant]
    code_row: int = 0  # earlier row of the file with the same code; 0: none
    title_row: int = 0  # earlier row with the same title; 0: none


Occurrence = Callable[[str], int]
"""Tells which time a title occurs among the rows without a code, from 1."""


def fill(group: Group, profile: Profile, occurrence: Occurrence) -> Candidate:
    """Puts the profile's values where the rows say nothing, and derives a code where they name none."""
    first = group[0]
    cells = first.cells
    get = cells.get
    title = cells["title"].strip()
    outer_id, derived = get("outer_id", ""), False
    if not outer_id.strip():
        outer_id, derived = derive_code(get("handle", ""), title, occurrence), True
    words = [word for name in ("category", "type") if (word := get(name, "").strip())]
    category_id = profile.category_of(words)
    condition = get("condition", "").strip() or profile.condition
    template = profile.delivery_template_id
    description = get("description", "").strip()
    return Candidate(
        row=first.number,
        rows=(first.number,) if len(group) == 1 else tuple(row.number for row in group),
        outer_id=outer_id,
        outer_id_derived=derived,
        title=title,
        category_id=category_id,
        category_word=_unmapped_word(words, profile) if words else "",
        description=description or profile.description.replace("{title}", escape(title)),
        described=bool(description),
        condition=_CONDITIONS.get(condition, condition),
        province=get("province", "").strip() or profile.province,
        city=get("city", "").strip() or profile.city,
        delivery_template=get("delivery_template", "").strip() or ("" if template is None else str(template)),
        properties=get("properties", "").strip() or profile.properties,
        pictures=_pictures(group),
        variants=_variants(group),
    )


def derive_code(handle: str, title: str, occurrence: Occurrence) -> str:
    """Derives a code from what identifies the rows in their source, the same at each import; empty when nothing does.

    A Handle is taken as it is when it can be a code, else as its digest; without one it is the digest of the title and,
    when the title was there before among rows without a code, which time it occurs.
    """
    if handle := handle.strip():
        return handle if _SAFE_CODE(handle) else f"h-{_digest(handle)}"
    if not title:
        return ""
    times = occurrence(title)
    return f"t-{_digest(title)}" if times == 1 else f"t-{_digest(title)}-{times}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def _unmapped_word(words: list[str], profile: Profile) -> str:
    known = any(word in profile.categories or is_number(word) for word in words)
    return "" if known else words[0]


def _pictures(group: Group) -> tuple[str, ...]:
    if len(group) == 1 and not group[0].pictures:
        return ()
    cells = [cell for row in group for cell in row.pictures]
    return tuple(dict.fromkeys(name for cell in cells for name in split_pictures(cell)))


def split_pictures(cell: str) -> list[str]:
    """Splits a cell that names several pictures: by line, `|`, `;` or `,`; addresses only where the next one begins."""
    breaks = _ADDRESS_BREAK if cell.lstrip().startswith(("http://", "https://")) else _PICTURE_BREAK
    return [name for part in breaks.split(cell) if (name := part.strip())]


def _variants(group: Group) -> list[Variant]:
    first = group[0]
    if len(group) == 1:
        return [_variant(first, first.options, first)]
    names = tuple(name for name, _ in first.options)
    rows = [row for row in group if row is first or row.options or row.cells.get("price")]
    return [_variant(row, _named(row.options, names), first) for row in rows]


def _named(options: Options, names: tuple[str, ...]) -> Options:
    """Gives options without a name of their own those of the product's first row."""
    return tuple(
        (name or (names[place] if place < len(names) else ""), value)
        for place, (name, value) in enumerate(options)
    )


def _variant(row: Row, options: Options, first: Row) -> Variant:
    """Reads one variant; prices left blank in a later row are those of the first."""
    get = row.cells.get
    price, cost = get("price", "").strip(), get("cost", "").strip()
    if row is not first and not price and not cost:
        price, cost = first.cells.get("price", "").strip(), first.cells.get("cost", "").strip()
    return Variant(
        row.number,
        get("sku_outer_id", "").strip() if options else "",
        options,
        Asked(price, cost, get("floor", "").strip(), get("list_price", "").strip()),
        get("stock", "").strip(),
    )
