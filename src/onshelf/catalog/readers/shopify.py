"""Shopify product exports, known by their header: variants of a Handle follow each other, more pictures take rows of their own.

Source: the product CSV of Shopify's help centre; `Default Title` marks a product without variants.
"""

from collections.abc import Sequence

from onshelf.catalog.readers.columns import REASON, Columns, Option, meaning

_MARKS = frozenset({"Handle", "Title", "Option1 Value", "Variant Price"})
_FIELDS = {
    "Handle": "handle",
    "Title": "title",
    "Body (HTML)": "description",
    "Type": "type",
    "Variant SKU": "sku_outer_id",
    "Variant Inventory Qty": "stock",
    "Variant Price": "price",
    "Variant Compare At Price": "list_price",
    "Cost per item": "cost",
}
NO_OPTION = "Default Title"


def recognises(header: Sequence[str]) -> bool:
    """Tells whether a header is that of a Shopify export."""
    return set(header) >= _MARKS


def read_header(header: Sequence[str]) -> Columns:
    """Maps the export's columns; those we have no use for (weight, tax, SEO …) are named as unknown."""
    place = {name: column for column, name in enumerate(header)}
    options = tuple(
        Option(f"Option{number}", place.get(f"Option{number} Name"), place[f"Option{number} Value"])
        for number in (1, 2, 3)
        if f"Option{number} Value" in place
    )
    fields = {field: place[name] for name, field in _FIELDS.items() if name in place}
    if reason := [column for name, column in place.items() if meaning(name) == REASON]:
        fields[REASON] = reason[0]
    pictures = (place["Image Src"],) if "Image Src" in place else ()
    used = {*fields.values(), *pictures, *(c for o in options for c in (o.name_column, o.value_column))}
    unknown = tuple(name for column, name in enumerate(header) if column not in used and name)
    return Columns(tuple(header), fields, pictures, options, unknown, ())
