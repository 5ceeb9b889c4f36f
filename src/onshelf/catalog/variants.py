"""The part of the check that looks at what is sold: prices, stock, options and the strings the platform takes them in. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from onshelf.catalog.amounts import parse_count
from onshelf.catalog.categories import offered_by
from onshelf.catalog.fill import Candidate, Variant
from onshelf.catalog.pricing import CENT, price_variant
from onshelf.catalog.product import Fault, Sku
from onshelf.catalog.profile import Profile
from onshelf.catalog.rules import broken
from onshelf.catalog.sales import Sales, map_options

CODE_BYTES = 64
PRICE_LIMIT = Decimal(100_000_000)  # yuan
STOCK_LIMIT = 900_000_000
PAIRS_LIMIT, PROPERTIES_BYTES = 35, 549
ALIAS_LIMIT = 800  # characters
SKU_LIST_BYTES = 512
_ROWS_NAMED = 8  # of the rows that share a fault

_PROPERTIES = re.compile(r"\d+:-?\d+(?:;\d+:-?\d+)*;?", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product sells, as far as it could be told; whole when no fault was added."""

    prices: list[Decimal]  # of each variant, yuan
    stocks: list[int]
    properties: str
    alias: str
    skus: tuple[Sku, ...]  # empty for a product without options


def check_variants(candidate: Candidate, profile: Profile, faults: list[Fault]) -> Offer:
    """Prices and maps the variants, adding what is wrong with them to `faults`."""
    prices, stocks = _amounts(candidate.variants, profile, faults)
    sales = _sales(candidate, profile, faults)
    properties = _properties(candidate, sales, faults)
    faults += _required(candidate.category_id, properties)
    if sales is None:
        return Offer(prices, stocks, properties, "", ())
    rows = zip(candidate.variants, sales.variants, prices, stocks, strict=False)
    skus = tuple(
        Sku(variant.outer_id, variant.options, mapped, price, stock) for variant, mapped, price, stock in rows
    )
    return Offer(prices, stocks, properties, sales.alias, skus)


def check_code(field: str, code: str) -> Iterator[Fault]:
    """Names what keeps a text from being a code, of a product or of a variant."""
    if "," in code:
        yield broken("outer_id_comma", field, code)
    if len(code) * 4 > CODE_BYTES and (size := len(code.encode("utf-8", "surrogatepass"))) > CODE_BYTES:
        yield broken("outer_id_long", field, code, size=size, limit=CODE_BYTES)


def _amounts(
    variants: Sequence[Variant], profile: Profile, faults: list[Fault]
) -> tuple[list[Decimal], list[int]]:
    """Prices and counts every variant, adding the faults; the lists are whole only when there was none."""
    prices: list[Decimal] = []
    stocks: list[int] = []
    found: list[tuple[int, Fault]] = []
    for variant in variants:
        priced = price_variant(variant.asked, profile.price_rule)
        found += [(variant.row, fault) for fault in priced.faults]
        if priced.price is not None:
            found += [(variant.row, fault) for fault in _price_range(priced.price)]
            prices.append(priced.price.quantize(CENT) if 0 < priced.price <= PRICE_LIMIT else priced.price)
        stock = profile.stock if not variant.stock else parse_count(variant.stock)
        if stock is None:
            rule = "stock_form" if variant.stock else "stock_missing"
            found.append((variant.row, broken(rule, "stock", variant.stock)))
        elif not 0 <= stock <= STOCK_LIMIT:
            found.append((variant.row, broken("stock_range", "stock", str(stock), limit=STOCK_LIMIT)))
        else:
            stocks.append(stock)
    if found:
        faults += _merged(found, len(variants))
    if len(stocks) == len(variants) and not 0 < sum(stocks) <= STOCK_LIMIT:
        rule = "stock_range" if sum(stocks) else "stock_zero"
        faults.append(broken(rule, "stock", str(sum(stocks)), limit=STOCK_LIMIT))
    return prices, stocks


def _merged(found: Sequence[tuple[int, Fault]], variants: int) -> Iterator[Fault]:
    """Says equal faults of several variants once, with the rows they are in unless it is all."""
    rows: dict[tuple[object, ...], list[int]] = {}
    firsts: dict[tuple[object, ...], Fault] = {}
    for row, fault in found:
        key: tuple[object, ...] = (fault.field, fault.value, fault.rule, *fault.facts.items())
        firsts.setdefault(key, fault)
        rows.setdefault(key, []).append(row)
    for fault, places in zip(firsts.values(), rows.values(), strict=True):
        named = ", ".join(map(str, places[:_ROWS_NAMED])) + (" …" if len(places) > _ROWS_NAMED else "")
        yield fault if len(places) == variants else replace(fault, rows=named)


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
    options = [variant.options for variant in variants]
    sales = map_options(options, profile.sales_properties, offered_by(candidate.category_id))
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
        yield from check_code("sku.outer_id", variant.outer_id)
    codes = [variant.outer_id for variant in variants]
    for name, parts in (("sku.properties", list(sales.variants)), ("sku.outer_id", codes)):
        size = sum(len(part.encode("utf-8", "surrogatepass")) for part in parts) + len(parts) - 1
        if size > SKU_LIST_BYTES:
            yield broken("sku_list_long", name, size=size, limit=SKU_LIST_BYTES, count=len(parts))


def _required(category_id: int | None, properties: str) -> Iterator[Fault]:
    """Warns of what the category asks for and the product lacks: a warning only, for what is recorded may have changed."""
    required = [one for one in offered_by(category_id) if one.required]
    if not required:
        return
    given = {pair.partition(":")[0] for pair in properties.split(";")}
    names = [one.name for one in required if str(one.property_id) not in given]
    if names:
        yield broken("sales_property_missing", "sku", names="、".join(names), category=category_id or 0)


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
