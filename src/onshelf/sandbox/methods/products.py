"""tmall.product.*: products (SPU), which a Tmall item hangs on, by schema: a category's key properties tell them apart."""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods import documents
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.schema.category import schema
from onshelf.sandbox.schema.document import Unreadable, fill, read, write
from onshelf.sandbox.schema.fields import INPUT, Field, Values, tip
from onshelf.sandbox.wire import Json

Fields = tuple[Field, ...]


def _fields(call: Call, cid: int) -> Fields:
    """Returns the fields of a product: the item properties of its category."""
    documents.fields_of(call, cid)
    return tuple(one for one in schema(cid, tmall=True) if "prop_" in one.id)


def _keys(fields: Fields) -> Fields:
    """Returns the fields that tell products apart: those that must be filled in."""
    return tuple(one for one in fields if one.required and not one.id.startswith("in_"))


def match_schema_get(call: Call) -> Json:
    """Answers the fields that tell products of a category apart."""
    return {"match_result": write(_keys(_fields(call, call.number("category_id"))))}


def schema_match(call: Call) -> Json:
    """Answers the ids of the products that fit, by comma; blank when there is none."""
    cid = call.number("category_id")
    keys = _keys(_fields(call, cid))
    values = documents.document(call, "propvalues")
    documents.check(keys, values, "propvalues")
    found = [
        str(one["product_id"])
        for one in call.world.products
        if one["cid"] == cid and _same(keys, _values(one), values)
    ]
    return {"match_result": ",".join(found)}


def _same(keys: Fields, one: Values, other: Values) -> bool:
    return all(one.get(key.id) == other.get(key.id) for key in keys)


def _values(product: Json) -> Values:
    try:
        return read(product["document"])
    except Unreadable:
        return {}


def add_schema_get(call: Call) -> Json:
    """Answers the fields of a new product."""
    return {"add_product_rule": write(_fields(call, call.number("category_id")))}


def schema_add(call: Call) -> Json:
    """Adds a product, unless there is one like it."""
    cid = call.number("category_id")
    fields, values = _fields(call, cid), documents.document(call, "xml_data")
    documents.check(fields, values, "xml_data")
    if any(one["cid"] == cid and _same(_keys(fields), _values(one), values) for one in call.world.products):
        raise invalid("xml_data", "已有相同的产品，请先匹配")
    product: Json = {
        "product_id": call.world.new_id(),
        "cid": cid,
        "created": wire_time(call.now),
        "document": fill(values),
    }
    call.world.products.append(product)
    return {"add_product_result": _result(product, "create_time", "创建时间")}


def _result(product: Json, name: str, text: str) -> str:
    shown = (("product_id", "产品ID", str(product["product_id"])), (name, text, product["created"]))
    return write(tuple(Field(one, label, INPUT, default=value) for one, label, value in shown), "itemRule")


def _find(call: Call) -> Json:
    number = call.number("product_id")
    found = next((one for one in call.world.products if one["product_id"] == number), None)
    if found is None:
        raise BusinessError("isv.product-not-exist:invalid-product_id", f"产品不存在：{number}")
    return found


def schema_get(call: Call) -> Json:
    """Answers a product, and whether items may be published on it."""
    product = _find(call)
    can = Field("can_publish_item", "能否发布商品", INPUT, (tip("可以发布商品"),), default="true")
    return {"get_product_result": write((can, *_filled(call, product)))}


def update_schema_get(call: Call) -> Json:
    """Answers the fields of a product with what they hold."""
    return {"update_product_schema": write(_filled(call, _find(call)))}


def _filled(call: Call, product: Json) -> Fields:
    values = _values(product)
    return tuple(documents.with_default(one, values) for one in _fields(call, product["cid"]))


def schema_update(call: Call) -> Json:
    """Changes a product."""
    product = _find(call)
    fields, values = _fields(call, product["cid"]), documents.document(call, "xml_data")
    documents.check(fields, values, "xml_data")
    product["document"] = fill(values)
    return {"update_product_result": _result(product, "update_time", "更新时间")}


METHODS: Mapping[str, Handler] = {
    "tmall.product.match.schema.get": match_schema_get,
    "tmall.product.schema.match": schema_match,
    "tmall.product.add.schema.get": add_schema_get,
    "tmall.product.schema.add": schema_add,
    "tmall.product.schema.get": schema_get,
    "tmall.product.update.schema.get": update_schema_get,
    "tmall.product.schema.update": schema_update,
}
