"""A checked document as an item's fields, and an item as the document that would make it. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from onshelf.sandbox.categories import properties
from onshelf.sandbox.rules import money
from onshelf.sandbox.schema.category import IMAGES, OWN
from onshelf.sandbox.schema.check import disabled
from onshelf.sandbox.schema.fields import INPUT, Field, Values
from onshelf.sandbox.wire import Json

_ON_SALE, _TIMED, _IN_STOCK = "0", "1", "2"
_STUFF = {"5": "new", "6": "second"}
_FLAGS = ("has_discount", "has_invoice", "has_warranty")
_FEES = ("express_fee", "post_fee", "ems_fee")


class Parts(NamedTuple):
    """What a document says of an item."""

    fields: Json  # as taobao.item.add would give them; only those in the document
    skus: list[Json] | None  # None: the document says nothing of skus
    images: list[str]  # addresses, main picture first; empty: it says nothing of them


def to_item(fields: tuple[Field, ...], values: Values) -> Parts:
    """Reads a document without faults; values of disabled fields are passed over, defaults are not filled in."""
    kept = {one.id: values[one.id] for one in fields if one.id in values and not disabled(one, values)}
    wire: Json = {
        **_plain(kept),
        **_state(kept),
        **_freight(kept),
        **read_properties(fields, kept),
    }
    skus = [_sku(row) for row in kept["sku"]] if "sku" in kept else None
    pictures = kept.get("item_images", {})
    images = [pictures[f"item_image_{at}"] for at in range(IMAGES) if f"item_image_{at}" in pictures]
    return Parts(wire, skus, images)


def defaults(fields: tuple[Field, ...], values: Values) -> Values:
    """Returns the document with the schema's defaults where it says nothing."""
    return {one.id: one.default for one in fields if one.default} | values


def _plain(kept: Values) -> Json:
    wire: Json = {}
    for name, target in (("title", "title"), ("description", "desc"), ("outer_id", "outer_id")):
        if name in kept:
            wire[target] = kept[name]
    if "price" in kept:
        wire["price"] = money(kept["price"].replace(",", ""))
    if "quantity" in kept:
        wire["num"] = int(kept["quantity"])
    if "stuff_status" in kept:
        wire["stuff_status"] = _STUFF[kept["stuff_status"]]
    if "sub_stock" in kept:
        wire["sub_stock"] = 1 if kept["sub_stock"] == "true" else 2
    if "valid_thru" in kept:
        wire["valid_thru"] = int(kept["valid_thru"])
    if "after_sale_id" in kept:
        wire["after_sale_id"] = int(kept["after_sale_id"])
    if "seller_cids" in kept:
        wire["seller_cids"] = ",".join(kept["seller_cids"])
    return wire | {name: kept[name] == "true" for name in _FLAGS if name in kept}


def _state(kept: Values) -> Json:
    if "item_status" not in kept:
        return {}
    if kept["item_status"] == _TIMED and "start_time" in kept:
        return {"approve_status": "onsale", "list_time": kept["start_time"]}
    return {"approve_status": "instock" if kept["item_status"] == _IN_STOCK else "onsale"}


def _freight(kept: Values) -> Json:
    wire: Json = {}
    if "location" in kept:
        wire["location"] = {"city": kept["location"]["city"], "state": kept["location"]["prov"]}
    if "freight_payer" in kept:
        wire["freight_payer"] = "buyer" if kept["freight_payer"] == "1" else "seller"
    if "postage_id" in kept:
        wire["postage_id"] = int(kept["postage_id"])
    fees = kept.get("freight", {})
    return wire | {name: money(fees[name]) for name in _FEES if name in fees}


def read_properties(fields: Iterable[Field], kept: Values) -> Json:
    """Reads item and sales properties into `props`, typed-in values into `input_pids` and `input_str`.

    What is typed in may be a number (an ISBN); its commas become full-width ones, as commas part the values of `input_str`.
    """
    free = {one.id.removeprefix("prop_") for one in fields if one.type == INPUT}
    given = {name.removeprefix("prop_"): value for name, value in kept.items() if name.startswith("prop_")}
    pairs: dict[str, None] = {}
    typed: dict[str, str] = {}
    for pid, value in given.items():
        if value == OWN:
            typed[pid] = kept[f"in_prop_{pid}"]
        elif pid in free:
            typed[pid] = value
        else:
            pairs |= dict.fromkeys(f"{pid}:{one}" for one in (value if isinstance(value, list) else [value]))
    for row in kept.get("sku", ()):
        pairs |= dict.fromkeys(_pairs(row))
    if not pairs and not typed:
        return {}
    words = ",".join(text.replace(",", "，") for text in typed.values())
    return {"props": ";".join(pairs), "input_pids": ",".join(typed), "input_str": words}


def _pairs(row: Values) -> list[str]:
    return [
        f"{name.removeprefix('prop_')}:{value}" for name, value in row.items() if name.startswith("prop_")
    ]


def _sku(row: Values) -> Json:
    return {
        "properties": ";".join(_pairs(row)),
        "price": money(row["sku_price"].replace(",", "")),
        "quantity": int(row["sku_quantity"]),
        "outer_id": row.get("sku_outerId", ""),
    }


def to_document(wire: Json) -> Values:
    """Returns the document that would make this item."""
    document: Values = {
        "title": wire["title"],
        "description": wire["desc"],
        "outer_id": wire["outer_id"],
        "stuff_status": "6" if wire.get("stuff_status") == "second" else "5",
        "item_status": _item_status(wire),
        "price": wire["price"],
        "quantity": str(wire["num"]),
        "sub_stock": "true" if wire.get("sub_stock") == 1 else "false",
        "valid_thru": str(wire["valid_thru"]),
        "location": {"prov": wire["location"]["state"], "city": wire["location"]["city"]},
        "freight_payer": "1" if wire.get("freight_payer") == "buyer" else "2",
        "seller_cids": [one for one in wire["seller_cids"].split(",") if one],
        "item_images": _images(wire),
        "after_sale_id": str(wire.get("after_sale_id", "")),
        **{name: str(bool(wire.get(name))).lower() for name in _FLAGS},
        **chosen(wire),
    }
    if wire.get("is_timing"):
        document["start_time"] = wire["list_time"]
    if wire.get("freight_payer") == "buyer":
        document |= _paid(wire)
    if skus := wire.get("skus", {}).get("sku"):
        document["sku"] = [_row(sku) for sku in skus]
    return {name: value for name, value in document.items() if value not in ("", [], {})}


def _item_status(wire: Json) -> str:
    if wire.get("is_timing"):
        return _TIMED
    return _ON_SALE if wire["approve_status"] == "onsale" else _IN_STOCK


def _images(wire: Json) -> Values:
    rows = wire.get("item_imgs", {}).get("item_img", [])[:IMAGES]
    return {f"item_image_{at}": row["url"] for at, row in enumerate(rows)}


def _paid(wire: Json) -> Values:
    if "postage_id" in wire:
        return {"freight_by_buyer": "postage", "postage_id": str(wire["postage_id"])}
    fees = {name: wire[name] for name in _FEES if name in wire}
    return {"freight_by_buyer": "freight_details", "freight": fees}


def chosen(wire: Json) -> Values:
    """Returns the properties of an item, or of a product, as a document has them; sales properties are left to the skus."""
    asked = {str(one.pid): one for one in properties(wire["cid"]) if not one.is_sale_prop}
    found: dict[str, Any] = {}
    for pair in filter(None, wire.get("props", "").split(";")):
        pid, _, vid = pair.partition(":")
        if pid in asked:
            found[f"prop_{pid}"] = [*found.get(f"prop_{pid}", []), vid] if asked[pid].multi else vid
    typed = zip(wire.get("input_pids", "").split(","), wire.get("input_str", "").split(","), strict=False)
    for pid, text in typed:
        if pid in asked and text:
            listed = bool(asked[pid].values)
            found |= {f"prop_{pid}": OWN, f"in_prop_{pid}": text} if listed else {f"prop_{pid}": text}
    return found


def _row(sku: Json) -> Values:
    pairs = (pair.partition(":") for pair in sku["properties"].split(";"))
    row = {f"prop_{pid}": vid for pid, _, vid in pairs}
    row |= {"sku_price": sku["price"], "sku_quantity": str(sku["quantity"])}
    return row | ({"sku_outerId": sku["outer_id"]} if sku.get("outer_id") else {})
