"""tmall.item.*: Tmall's items by schema, whole, in part, and by the simple schema that names its category inside."""

from collections.abc import Mapping

import msgspec

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.methods import documents
from onshelf.sandbox.rules import invalid, whole
from onshelf.sandbox.schema.category import schema
from onshelf.sandbox.schema.document import write
from onshelf.sandbox.schema.fields import INPUT, REQUIRED, Field, kind
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json

_CATEGORY = Field("category_id", "类目", INPUT, (REQUIRED, kind("long")))


def add_schema_get(call: Call) -> Json:
    """Answers the fields of an item in a category, those its product has filled in left out."""
    product = documents.product_of(call, call.number("product_id"))
    return {"add_item_result": write(documents.fields_of(call, call.number("category_id"), product))}


def schema_add(call: Call) -> Json:
    """Makes an item on a product; its id comes as a text, as recorded."""
    product = documents.product_of(call, call.number("product_id"))
    item = documents.add(call, call.number("category_id"), "xml_data", product)
    return {"add_item_result": str(item.num_iid), "gmt_create": item.wire["created"]}


def update_schema_get(call: Call) -> Json:
    """Answers the fields of an item with what they hold."""
    item = documents.own_item(call)
    product = documents.product_of(call, item.wire.get("product_id", 0))
    fields = documents.fields_of(call, call.number("category_id", item.wire["cid"]), product)
    return {"update_item_result": write(documents.filled(fields, item.wire))}


def schema_update(call: Call) -> Json:
    """Makes an item what the document says, whole."""
    return _updated(documents.edit(call, documents.own_item(call), "xml_data"))


def increment_schema_get(call: Call) -> Json:
    """Answers some fields of an item with what they hold: those a document names, all without one."""
    item = documents.own_item(call)
    wanted = documents.document(call, "xml_data") if call.get("xml_data") else {}
    named = wanted.get("update_fields")
    fields = documents.fields_of(call, item.wire["cid"])
    filled = documents.filled(fields, item.wire, named if isinstance(named, list) else wanted)
    return {"update_item_result": write(filled)}


def schema_increment_update(call: Call) -> Json:
    """Changes only what the document names."""
    return _updated(documents.edit_part(call, documents.own_item(call), "xml_data"))


def _updated(item: Item) -> Json:
    return {"gmt_modified": item.wire["modified"], "update_item_result": str(item.num_iid)}


def add_simpleschema_get(call: Call) -> Json:
    """Answers the fields every item has, and the one that names its category."""
    plain = schema(0, tmall=True, seller_cats=call.shop.record.seller_cats)
    return {"result": write((_CATEGORY, *plain))}


def simpleschema_add(call: Call) -> Json:
    """Makes an item of a document that names its category."""
    named = documents.document(call, "schema_xml_fields").get("category_id", "")
    cid = whole(named) if isinstance(named, str) else None
    if cid is None:
        raise invalid("schema_xml_fields", "category_id必填")
    item = documents.add(call, cid, "schema_xml_fields")
    return {"gmt_modified": item.wire["modified"], "result": str(item.num_iid)}


def update_simpleschema_get(call: Call) -> Json:
    """Answers the simple fields of an item with what they hold; without one, just the fields."""
    plain = schema(0, tmall=True, seller_cats=call.shop.record.seller_cats)
    if call.get("item_id"):
        plain = documents.filled(plain, documents.own_item(call).wire)
    return {"error": False, "result": write(plain)}


def simpleschema_update(call: Call) -> Json:
    """Changes what the document names; tells the skus' ids."""
    item = documents.edit_part(call, documents.own_item(call), "schema_xml_fields")
    skus = {sku["properties"]: sku["sku_id"] for sku in item.skus}
    return {**_updated(item), "sku_map_json": msgspec.json.encode(skus).decode()}


METHODS: Mapping[str, Handler] = {
    "tmall.item.add.schema.get": add_schema_get,
    "tmall.item.schema.add": schema_add,
    "tmall.item.update.schema.get": update_schema_get,
    "tmall.item.schema.update": schema_update,
    "tmall.item.increment.update.schema.get": increment_schema_get,
    "tmall.item.schema.increment.update": schema_increment_update,
    "tmall.item.add.simpleschema.get": add_simpleschema_get,
    "tmall.item.simpleschema.add": simpleschema_add,
    "tmall.item.update.simpleschema.get": update_simpleschema_get,
    "tmall.item.simpleschema.update": simpleschema_update,
}
