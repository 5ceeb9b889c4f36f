"""What the schema methods of both generations share: a document read, checked against its category, and made an item."""

from collections.abc import Iterable

from msgspec.structs import replace

from onshelf.sandbox.call import Call
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.images import in_space
from onshelf.sandbox.methods.items import change_item, check_leaf, make_item
from onshelf.sandbox.propstrings import read_typed
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.schema.category import schema
from onshelf.sandbox.schema.check import faults
from onshelf.sandbox.schema.document import Unreadable, read
from onshelf.sandbox.schema.fields import Field, Values
from onshelf.sandbox.schema.item import Parts, defaults, to_document, to_item
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json

Fields = tuple[Field, ...]


def fields_of(call: Call, cid: int, product: Json | None = None) -> Fields:
    """Returns the fields of an item in a leaf category; what a product says of it already is asked no more.

    Raises: BusinessError when items cannot stand there. Source: the recorded rules of a Tmall book and of its product.
    """
    check_leaf(cid)
    record = call.shop.record
    fields = schema(cid, tmall=record.kind == "B", seller_cats=record.seller_cats)
    return fields if product is None else tuple(one for one in fields if "prop_" not in one.id)


def product_of(call: Call, number: int) -> Json | None:
    """Returns the product an item hangs on; None for none, or one made elsewhere."""
    return next((one for one in call.world.products if one["product_id"] == number), None)


def _joined_with(product: Json | None, fields: Json) -> Json:
    """Returns an item's fields with what its product says."""
    if product is None:
        return fields
    pairs = ";".join(filter(None, (product["props"], fields.get("props", ""))))
    typed = {name: product.get(name, "") for name in ("input_pids", "input_str")}
    return {**fields, **typed, "props": pairs, "product_id": product["product_id"]}


def document(call: Call, name: str) -> Values:
    """Reads the document in a parameter. Raises: BusinessError."""
    try:
        return read(call.text[name])
    except Unreadable as error:
        raise invalid(name, f"不是可读的XML：{error}") from error


def check(fields: Iterable[Field], values: Values, name: str) -> None:
    """Checks a document. Raises: BusinessError with all its faults."""
    found = faults(fields, values)
    if found:
        raise invalid(name, "；".join(f"{one.field}：{one.text}" for one in found))


def add(call: Call, cid: int, name: str, product: Json | None = None) -> Item:
    """Makes an item of the document in parameter `name`, hung on a product. Raises: BusinessError."""
    fields = fields_of(call, cid, product)
    values = defaults(fields, document(call, name))
    check(fields, values, name)
    parts = to_item(fields, values)
    images = _images(call, parts)
    wire = {"cid": cid, "type": "fixed", **_joined_with(product, parts.fields), **images}
    return make_item(call, wire, parts.skus or [], "")


def _images(call: Call, parts: Parts) -> Json:
    rows = [
        {
            "id": call.world.new_id() if at else 0,
            "position": at,
            "url": in_space(call, address, f"item_image_{at}"),
        }
        for at, address in enumerate(parts.images)
    ]
    return {"item_imgs": {"item_img": rows}, "pic_url": rows[0]["url"]} if rows else {}


def edit(call: Call, item: Item, name: str) -> Item:
    """Makes an item what the document says, whole: what it does not say gets its default. Raises: BusinessError."""
    cid = call.number("cat_id") or call.number("category_id") or int(item.wire["cid"])
    product = product_of(call, item.wire.get("product_id", 0))
    fields = fields_of(call, cid, product)
    values = defaults(fields, document(call, name))
    check(fields, values, name)
    parts = to_item(fields, values)
    skus = parts.skus if parts.skus is not None else ([] if item.skus else None)
    changed = {"cid": cid, **_joined_with(product, parts.fields), **_images(call, parts)}
    return change_item(call, item, changed, skus, "")


def edit_part(call: Call, item: Item, name: str) -> Item:
    """Changes only what the document names; skus that are there may change, new ones cannot come. Raises: BusinessError."""
    product = product_of(call, item.wire.get("product_id", 0))
    fields, sent = fields_of(call, item.wire["cid"], product), document(call, name)
    before = to_document(item.wire)
    if "sku" in sent:
        sent["sku"] = _joined(before.get("sku", []), sent["sku"], name)
    values = {**before, **sent}
    named = tuple(one for one in fields if one.id in sent)
    check(named, values, name)
    parts = to_item(tuple(one for one in fields if one.id in sent), values)
    if parts.skus is not None and "num" not in parts.fields:
        parts.fields["num"] = sum(sku["quantity"] for sku in parts.skus)
    if "props" in parts.fields:
        pids = {one.removeprefix("prop_") for one in sent if one.startswith("prop_")}
        parts.fields.update(_with_old(item.wire, parts.fields, pids))
    return change_item(call, item, {**parts.fields, **_images(call, parts)}, parts.skus, "")


def _joined(before: list[Values], sent: object, name: str) -> list[Values]:
    """Lays sent sku rows over those with the same properties. Raises: BusinessError when one has no such row."""
    rows = sent if isinstance(sent, list) else [sent]
    known = {_key(row): row for row in before}
    for row in rows:
        if not isinstance(row, dict) or _key(row) not in known:
            raise invalid(name, "快速编辑不能新增SKU")
        known[_key(row)] = {**known[_key(row)], **row}
    return list(known.values())


def _key(row: Values) -> frozenset[tuple[str, str]]:
    return frozenset((name, str(value)) for name, value in row.items() if name.startswith("prop_"))


def _with_old(old: Json, new: Json, pids: set[str]) -> Json:
    """Returns property strings in which what these properties, and those of the new pairs, said before is replaced."""
    gone = pids | {pair.partition(":")[0] for pair in new["props"].split(";")}
    kept = [pair for pair in old["props"].split(";") if pair and pair.partition(":")[0] not in gone]
    typed = {pid: text for pid, text in read_typed(old).items() if str(pid) not in gone} | read_typed(new)
    return {
        "props": ";".join(filter(None, (*kept, new["props"]))),
        "input_pids": ",".join(map(str, typed)),
        "input_str": ",".join(typed.values()),
    }


def filled(fields: Fields, wire: Json, wanted: Iterable[str] = ()) -> Fields:
    """Returns the fields with the item's values as their defaults; only the wanted ones, all without any."""
    values, names = to_document(wire), set(wanted)
    return tuple(with_default(one, values) for one in fields if not names or one.id in names)


def with_default(field: Field, values: Values) -> Field:
    """Returns a field that holds its value of a document, or nothing; a read-only one keeps its own."""
    return replace(field, default=values.get(field.id, field.default if field.read_only else ""))


def own_item(call: Call) -> Item:
    """Returns the item a call names by `item_id`. Raises: BusinessError."""
    return call.counter().find(call.number("item_id"))


def market(call: Call) -> str:
    """Returns the market of the session's shop."""
    return "tmall" if call.shop.record.kind == "B" else "taobao"


def check_market(call: Call) -> None:
    """Checks that the shop sells in the asked market, and that Tmall's product is named. Raises: BusinessError."""
    if call.text["market"] == "tmall" and not call.get("spu_id"):
        raise BusinessError("isv.missing-parameter:spu_id", "发布到天猫须传入spu_id")
    if (call.text["market"] == "tmall") is not (market(call) == "tmall"):
        raise BusinessError("isv.invalid-permission:market", f"该卖家不能发布到{call.text['market']}")
