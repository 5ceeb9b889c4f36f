"""A product as the fields of a form, both ways. Pure."""

from collections.abc import Mapping
from typing import Any

from onshelf.catalog.amounts import is_number
from onshelf.catalog.given import GivenSku
from onshelf.catalog.product import Product

FIELDS = ("title", "price", "stock", "category_id", "description", "condition", "province", "city",
          "delivery_template_id", "properties")  # fmt: skip
_NUMBERS = ("category_id", "delivery_template_id")
_OF_VARIANTS = ("price", "stock")


def value_of(product: Product, field: str) -> str:
    """Returns a field as it stands in a form."""
    value = getattr(product, field)
    return "" if value is None else str(value)


def changes_of(product: Product, sent: Mapping[str, str]) -> dict[str, Any]:
    """Returns what a form changes, as `Editor.change` takes it; a product with variants has its amounts there."""
    changes: dict[str, Any] = {}
    for name in FIELDS:
        if name not in sent or (product.skus and name in _OF_VARIANTS):
            continue
        text = sent[name].strip()
        if text != value_of(product, name):
            changes[name] = _number(text) if name in _NUMBERS else text
    if product.skus and (skus := _skus(product, sent)) != _skus(product, {}):
        changes["skus"] = skus
    return changes


def _skus(product: Product, sent: Mapping[str, str]) -> list[GivenSku]:
    return [
        GivenSku(
            outer_id=sku.outer_id,
            options=dict(sku.options),
            price=sent.get(f"sku_price.{place}", str(sku.price)).strip(),
            stock=sent.get(f"sku_stock.{place}", str(sku.stock)).strip(),
        )
        for place, sku in enumerate(product.skus)
    ]


def _number(text: str) -> int | None:
    return int(text) if is_number(text) else None
