"""Every rule a product is held to before any call, all faults at once. Pure: pictures were looked at before.

Sources of the limits: the platform's documents of item.add, as the list in `rules.py` names them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape

from onshelf.catalog.amounts import parse_count
from onshelf.catalog.fill import Candidate, Variant
from onshelf.catalog.markup import ALLOWED, clean
from onshelf.catalog.pricing import CENT, price_variant
from onshelf.catalog.product import Fault, Product, Sku
from onshelf.catalog.profile import Profile
from onshelf.catalog.rules import broken, escape, is_odd, waive
from onshelf.catalog.sales import Sales, map_options

TITLE_WIDTH = 60
CODE_BYTES = 64
PRICE_LIMIT = Decimal(100_000_000)  # yuan
STOCK_LIMIT = 900_000_000
DESCRIPTION_LEAST, DESCRIPTION_LIMIT = 5, 25_000  # characters
PAIRS_LIMIT, PROPERTIES_BYTES = 35, 549
ALIAS_LIMIT = 800  # characters
SKU_LIST_BYTES = 512
PICTURE_LEAST = 800  # pixels, both ways
PICTURES_LIMIT = 5

_PLAIN = "\x20-\x7e\xa0-\xac\xae-\xff\u2010-\u2027\u2030-\u205e\u3000-\u303f\u3041-\u3096\u3099-\u30ff\u4e00-\u9fff\uff01-\uff5e"
_SUSPECT = re.compile(f"[^{_PLAIN}]").search  # all else is asked of the character table, which is slower
_SUSPECT_IN_LINES = re.compile(f"[^\t\n\r{_PLAIN}]").search
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_PROPERTIES = re.compile(r"\d+:-?\d+(?:;\d+:-?\d+)*;?").fullmatch
_CONDITIONS = frozenset({"new", "second", "unused"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a file's rows are checked against besides the platform's own limits."""

    profile: Profile
    encoding: str  # of the file, for the texts
    forbidden: re.Pattern[str] | None

    @classmethod
    def of(cls, profile: Profile, *, encoding: str = "utf-8") -> "Terms":
        words = sorted(filter(None, profile.forbidden_words), key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
        return cls(profile, encoding, pattern)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found where a row names a picture."""

    source: str  # as written
    path: str = ""  # absolute; empty with a problem
    problem: str = ""  # the broken rule
    facts: dict[str, str | int] = field(default_factory=dict)
    width: int = 0  # pixels; 0: not opened
    height: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one product."""

    product: Product | None  # None: at least one fault stops it
    faults: tuple[Fault, ...]  # warnings too


def check(candidate: Candidate, looks: Sequence[Look], terms: Terms, *, source: str) -> Checked:
    """Holds a candidate to every rule. `looks`: what its pictures are, in order; `source`: file and row, for people."""
    faults: list[Fault] = []
    faults += _title(candidate)
    faults += _code(candidate)
    faults += _texts(candidate, terms)
    faults += _terms_of_sale(candidate, terms.profile)
    description = _description(candidate, faults)
    pictures = _pictures(looks, optional=terms.profile.pictures_optional, faults=faults)
    prices, stocks = _amounts(candidate.variants, terms.profile, faults)
    sales = _sales(candidate, terms.profile, faults)
    properties = _properties(candidate, sales, faults)
    if len(candidate.variants) > 1 and len(faults) > 1:
        faults = _distinct(faults)
    if any(fault.severity == "fault" for fault in faults):
        return Checked(None, tuple(faults))
    product = Product(
        outer_id=candidate.outer_id,
        title=candidate.title,
        price=min(prices),
        stock=sum(stocks),
        category_id=candidate.category_id or 0,
        description=description,
        condition=candidate.condition,
        province=candidate.province,
        city=candidate.city,
        delivery_template_id=int(candidate.delivery_template) if candidate.delivery_template else None,
        properties=properties,
        property_alias=sales.alias if sales else "",
        skus=_skus(candidate.variants, prices, stocks, sales) if sales else (),
        pictures=pictures,
        source=source,
        outer_id_derived=candidate.outer_id_derived,
    )
    return Checked(product, tuple(faults))


def _distinct(faults: Sequence[Fault]) -> list[Fault]:
    """Keeps the first of equal faults: the variants of a product mostly share theirs."""
    distinct = {(fault.field, fault.value, fault.rule, *fault.facts.items()): fault for fault in faults}
    return list(distinct.values())


def width_of(title: str) -> int:
    """Measures a title as the platform does: a code point above U+00FF counts 2."""
    return 2 * len(title) - len(title.encode("latin-1", "ignore"))


def _title(candidate: Candidate) -> Iterator[Fault]:
    title = candidate.title
    if not title:
        yield broken("title_blank", "title")
    elif len(title) * 2 > TITLE_WIDTH and (width := width_of(title)) > TITLE_WIDTH:
        over = width - TITLE_WIDTH
        yield broken("title_width", "title", title, width=width, limit=TITLE_WIDTH, over=over)
    if candidate.title_row:
        yield broken("title_repeated", "title", title, row=candidate.title_row)


def _code(candidate: Candidate) -> Iterator[Fault]:
    code = candidate.outer_id
    if not code:
        yield broken("outer_id_blank", "outer_id")
        return
    yield from _code_form("outer_id", code)
    if code != code.strip():
        yield broken("outer_id_space", "outer_id", code)
    if candidate.code_row:
        yield broken("outer_id_twice", "outer_id", code, row=candidate.code_row)


def _code_form(field: str, code: str) -> Iterator[Fault]:
    if "," in code:
        yield broken("outer_id_comma", field, code)
    if len(code) * 4 > CODE_BYTES and (size := len(code.encode("utf-8", "surrogatepass"))) > CODE_BYTES:
        yield broken("outer_id_long", field, code, size=size, limit=CODE_BYTES)


def _texts(candidate: Candidate, terms: Terms) -> Iterator[Fault]:
    """Looks into every text for what a broken conversion leaves behind, and for forbidden words."""
    short = {
        "title": candidate.title,
        "outer_id": candidate.outer_id,
        "province": candidate.province,
        "city": candidate.city,
    }
    if _SUSPECT("".join(short.values())):
        for name, text in short.items():
            yield from _odd(name, text, terms.encoding)
    for variant in candidate.variants if candidate.variants[0].options else ():
        for text in (variant.outer_id, *(part for option in variant.options for part in option)):
            if _SUSPECT(text):
                yield from _odd("sku", text, terms.encoding)
    if candidate.described and _SUSPECT_IN_LINES(candidate.description):
        yield from _odd("description", candidate.description, terms.encoding, allowed="\t\n\r")
    if (
        "&" in candidate.title
        and (found := _ENTITY.search(candidate.title))
        and unescape(found[0]) != found[0]
    ):
        yield broken("entity_residue", "title", candidate.title, word=found[0])
    if terms.forbidden:
        own = {"title": candidate.title, "description": candidate.description if candidate.described else ""}
        for name, text in own.items():
            if found := terms.forbidden.search(text):
                yield broken("forbidden_word", name, text, word=found[0])


def _odd(field: str, text: str, encoding: str, *, allowed: str = "") -> Iterator[Fault]:
    """Names the odd characters of a text with the place of the first, counted from 1."""
    places = [place for place, char in enumerate(text) if is_odd(char) and char not in allowed]
    undecoded = [place for place in places if 0xDC80 <= ord(text[place]) <= 0xDCFF]
    others = [place for place in places if place not in undecoded]
    for rule, found in (("undecodable_bytes", undecoded), ("odd_characters", others)):
        if found:
            names = " ".join(dict.fromkeys(escape(text[place]) for place in found[:8]))
            facts: dict[str, str | int] = {"encoding": encoding} if rule == "undecodable_bytes" else {}
            yield broken(
                rule, field, text, position=found[0] + 1, characters=names, count=len(found), **facts
            )


def _terms_of_sale(candidate: Candidate, profile: Profile) -> Iterator[Fault]:
    word = candidate.category_word
    if not candidate.category_id:
        yield broken("category_missing", "category", word)
    elif word:
        yield broken("category_unmapped", "category", word, default=candidate.category_id)
    if not candidate.province:
        yield broken("place_missing", "province")
    if not candidate.city:
        yield broken("place_missing", "city")
    if candidate.condition not in _CONDITIONS:
        yield broken("condition_unknown", "condition", candidate.condition)
    template = candidate.delivery_template
    if template and not (template.isascii() and template.isdigit()):
        yield broken("template_form", "delivery_template", template)


def _description(candidate: Candidate, faults: list[Fault]) -> str:
    """Returns the description as HTML of the allowed tags, adding its faults; empty when its bytes are broken."""
    if any(fault.rule in ("undecodable_bytes", "odd_characters") for fault in faults):
        return ""  # bytes that are no text cannot be parsed, and the row is stopped anyway
    cleaned = clean(candidate.description)
    if cleaned.removed:
        allowed = " ".join(sorted(ALLOWED))
        removed = " ".join(cleaned.removed)
        faults.append(
            broken("description_cut", "description", candidate.description, removed=removed, allowed=allowed)
        )
    length = len(cleaned.html)
    if not DESCRIPTION_LEAST < length < DESCRIPTION_LIMIT:
        facts = {"length": length, "least": DESCRIPTION_LEAST + 1, "limit": DESCRIPTION_LIMIT - 1}
        faults.append(broken("description_length", "description", candidate.description, **facts))
    return cleaned.html


def _pictures(looks: Sequence[Look], *, optional: bool, faults: list[Fault]) -> tuple[str, ...]:
    """Returns the pictures that can be published, main picture first, adding the faults of all."""
    if not looks:
        missing = broken("picture_missing", "picture")
        faults.append(waive(missing) if optional else missing)
    for look in looks:
        if look.problem:
            fault = broken(look.problem, "picture", look.source, **look.facts)
            faults.append(waive(fault) if optional and look.problem == "picture_remote" else fault)
    good = [look for look in looks if look.path]
    if good and good[0].width and min(good[0].width, good[0].height) < PICTURE_LEAST:
        size = {"width": good[0].width, "height": good[0].height, "least": PICTURE_LEAST}
        faults.append(broken("picture_small", "picture", good[0].source, **size))
    if len(good) > PICTURES_LIMIT:
        faults.append(broken("pictures_many", "picture", count=len(good), limit=PICTURES_LIMIT))
    return tuple(look.path for look in good[:PICTURES_LIMIT])


def _amounts(
    variants: Sequence[Variant], profile: Profile, faults: list[Fault]
) -> tuple[list[Decimal], list[int]]:
    """Prices and counts every variant, adding the faults; the lists are whole only when there was none."""
    prices: list[Decimal] = []
    stocks: list[int] = []
    for variant in variants:
        priced = price_variant(variant.asked, profile.price_rule)
        faults += priced.faults
        if priced.price is not None:
            faults += _price_range(priced.price)
            prices.append(priced.price.quantize(CENT) if 0 < priced.price <= PRICE_LIMIT else priced.price)
        stock = profile.stock if not variant.stock else parse_count(variant.stock)
        if stock is None:
            rule = "stock_form" if variant.stock else "stock_missing"
            faults.append(broken(rule, "stock", variant.stock))
        elif not 0 <= stock <= STOCK_LIMIT:
            faults.append(broken("stock_range", "stock", str(stock), limit=STOCK_LIMIT))
        else:
            stocks.append(stock)
    if len(stocks) == len(variants) and not 0 < sum(stocks) <= STOCK_LIMIT:
        rule = "stock_range" if sum(stocks) else "stock_zero"
        faults.append(broken(rule, "stock", str(sum(stocks)), limit=STOCK_LIMIT))
    return prices, stocks


def _price_range(price: Decimal) -> Iterator[Fault]:
    if not 0 < price <= PRICE_LIMIT:
        yield broken("price_range", "price", str(price), limit=str(PRICE_LIMIT))
    elif price != price.quantize(CENT):
        yield broken("price_decimals", "price", str(price))


def _sales(candidate: Candidate, profile: Profile, faults: list[Fault]) -> Sales | None:
    """Maps the options of the variants, adding the faults; None for a product without options."""
    variants = candidate.variants
    if len(variants) == 1 and not variants[0].options:
        return None
    names = [name for name, _ in variants[0].options]
    for variant in variants:
        faults += _options(variant, names)
    sales = map_options([variant.options for variant in variants], profile.sales_properties)
    faults += [broken("sku_options_many", "sku", option, option=option) for option in sales.unmapped]
    faults += _sku_lists(variants, sales)
    return sales


def _options(variant: Variant, names: list[str]) -> Iterator[Fault]:
    own = [name for name, _ in variant.options]
    if own == names and names:
        return
    missing = [name for name in names if name not in own]
    if missing or not names:
        option = missing[0] if missing else "规格"
        yield broken("sku_option_blank", "sku", row=variant.row, option=option)
    else:
        text = " ".join(own)
        yield broken("sku_options_uneven", "sku", text, row=variant.row, names=text)


def _sku_lists(variants: Sequence[Variant], sales: Sales) -> Iterator[Fault]:
    first_row: dict[str, int] = {}
    for variant, properties in zip(variants, sales.variants, strict=True):
        if properties and first_row.setdefault(properties, variant.row) != variant.row:
            value = " ".join(value for _, value in variant.options)
            yield broken("sku_twice", "sku", value, row=variant.row)
        yield from _code_form("sku.outer_id", variant.outer_id)
    codes = [variant.outer_id for variant in variants]
    for name, parts in (("sku.properties", list(sales.variants)), ("sku.outer_id", codes)):
        size = sum(len(part.encode("utf-8", "surrogatepass")) for part in parts) + len(parts) - 1
        if size > SKU_LIST_BYTES:
            yield broken("sku_list_long", name, size=size, limit=SKU_LIST_BYTES, count=len(parts))


def _properties(candidate: Candidate, sales: Sales | None, faults: list[Fault]) -> str:
    """Joins the product's own properties and those of its options, adding the faults."""
    own = candidate.properties
    if own and not _PROPERTIES(own):
        faults.append(broken("properties_form", "properties", own))
        return ""
    if not own and sales is None:
        return ""
    pairs = dict.fromkeys([*filter(None, own.split(";")), *(sales.pairs if sales else ())])
    joined = ";".join(pairs)
    if len(pairs) > PAIRS_LIMIT:
        faults.append(broken("properties_many", "properties", joined, count=len(pairs), limit=PAIRS_LIMIT))
    if len(joined) > PROPERTIES_BYTES:
        size = len(joined)
        faults.append(broken("properties_long", "properties", joined, size=size, limit=PROPERTIES_BYTES))
    if sales and len(sales.alias) > ALIAS_LIMIT:
        faults.append(broken("alias_long", "sku", sales.alias, size=len(sales.alias), limit=ALIAS_LIMIT))
    return joined


def _skus(
    variants: Sequence[Variant], prices: Sequence[Decimal], stocks: Sequence[int], sales: Sales
) -> tuple[Sku, ...]:
    rows = zip(variants, sales.variants, prices, stocks, strict=True)
    return tuple(
        Sku(variant.outer_id, variant.options, properties, price, stock)
        for variant, properties, price, stock in rows
    )
