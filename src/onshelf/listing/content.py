"""A listing's content as short comparable texts, one for each field of `Draft`: what we want, what we sent, what is shown. Pure.

The same texts serve three questions: has our product changed since we published it, did a seller edit the item, and does
a read-back show what we sent. A text that would be long is replaced by its digest; before that of prices and stocks of
variants stands what a person can read of it, which is not compared: older records do not have it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b

from onshelf.catalog.product import Product
from onshelf.platforms.port import Draft, SeenItem, SkuDraft

Content = Mapping[str, str]
"""Field of `Draft` → text; "price" and "stock" include the skus, as in `port.Publishing.update`."""

READ_BACK = ("title", "price", "stock", "skus")
"""What is compared after a write, besides the shelf."""
_LONGEST = 240
_DIGEST = re.compile(r"(?:([0-9.]+) )?(#[0-9a-f]{24})")
_OF_VARIANTS = frozenset({"price", "stock"})


@dataclass(frozen=True, slots=True)
class Glance:
    """What a person reads of a text."""

    words: str  # of a price the lowest, of a stock the total
    variants: bool = False  # they stand behind it


def draft_of(product: Product, picture_paths: Sequence[str]) -> Draft:
    """Makes the listing of a product whose pictures stand in the picture space already."""
    return Draft(
        outer_id=product.outer_id,
        title=product.title,
        price=product.price,
        stock=product.stock,
        category_id=product.category_id,
        description=product.description,
        condition=product.condition,
        province=product.province,
        city=product.city,
        delivery_template_id=product.delivery_template_id,
        properties=product.properties,
        property_alias=product.property_alias,
        skus=tuple(
            SkuDraft(properties=sku.properties, price=sku.price, stock=sku.stock, outer_id=sku.outer_id)
            for sku in product.skus
        ),
        pictures=tuple(picture_paths),
    )


def content_of(product: Product, picture_hashes: Sequence[str]) -> dict[str, str]:
    """Tells what a product's listing should say; `picture_hashes` stand for the pictures' bytes."""
    skus = [(sku.properties, sku.price, sku.stock, sku.outer_id) for sku in product.skus]
    return {
        **_sold(product.title, product.price, product.stock, skus),
        "category_id": str(product.category_id),
        "description": _short(product.description),
        "condition": product.condition,
        "province": product.province,
        "city": product.city,
        "delivery_template_id": str(product.delivery_template_id or ""),
        "properties": _short(product.properties),
        "property_alias": _short(product.property_alias),
        "pictures": pictures_text(picture_hashes),
    }


def pictures_text(hashes: Sequence[str]) -> str:
    """Tells which pictures an item has, main picture first."""
    return _short(",".join(hashes))


def shown_by(seen: SeenItem) -> dict[str, str]:
    """Tells what a read shows, in the same texts; fields the reply left out are absent."""
    skus = [(sku.properties, sku.price, sku.stock, sku.outer_id) for sku in seen.skus or ()]
    shown = _sold(seen.title or "", seen.price or Decimal(0), seen.stock or 0, skus)
    known = {"title": seen.title, "price": seen.price, "stock": seen.stock}
    for field in [field for field, value in known.items() if value is None]:
        del shown[field]
    if seen.category_id is not None:
        shown["category_id"] = str(seen.category_id)
    return shown


def changed_fields(wanted: Content, published: Content) -> frozenset[str]:
    """Names the fields in which our product differs from what we last published; all of them when nothing is known."""
    return frozenset(field for field, value in wanted.items() if not same(published.get(field), value))


def same(one: str | None, other: str | None) -> bool:
    """Compares two texts of a field; None: there is none."""
    return _compared(one) == _compared(other)


def glance(field: str, text: str) -> Glance | None:
    """Tells what a person reads of a text; None: nothing but its digest was kept."""
    if digest := _DIGEST.fullmatch(text):
        return Glance(digest[1], variants=True) if digest[1] else None
    first, *rest = text.split(" ")
    if field not in _OF_VARIANTS or not rest:
        return Glance(text)
    if field == "price":
        first = f"{min(Decimal(one.rpartition('=')[2]) for one in rest):.2f}"
    return Glance(first, variants=True)


def _compared(text: str | None) -> str | None:
    digest = _DIGEST.fullmatch(text) if text else None
    return digest[2] if digest else text


def _sold(
    title: str, price: Decimal, stock: int, skus: Sequence[tuple[str, Decimal, int, str]]
) -> dict[str, str]:
    if not skus:
        return {"title": title, "price": f"{price:.2f}", "stock": str(stock), "skus": ""}
    ordered = sorted((_pairs(properties), price, stock, code) for properties, price, stock, code in skus)
    prices = [f"{properties}={sku_price:.2f}" for properties, sku_price, _, _ in ordered]
    stocks = [f"{properties}={sku_stock}" for properties, _, sku_stock, _ in ordered]
    codes = [f"{properties}={code}" for properties, _, _, code in ordered]
    return {
        "title": title,
        "price": _short(" ".join((f"{price:.2f}", *prices)), f"{min(one for _, one, _, _ in ordered):.2f} "),
        "stock": _short(" ".join((str(stock), *stocks)), f"{stock} "),
        "skus": _short(" ".join(codes)),
    }


def _pairs(properties: str) -> str:
    """Orders "pid:vid" pairs: the platform need not give them back as they came."""
    return ";".join(sorted(filter(None, properties.split(";"))))


def _short(text: str, glance: str = "") -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{glance}#" + blake2b(text.encode(), digest_size=12).hexdigest()
