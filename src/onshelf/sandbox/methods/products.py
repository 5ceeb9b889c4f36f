"""tmall.product.*: products (SPU), which a Tmall item hangs on, by schema: a category's key properties tell them apart."""

from collections.abc import Mapping

from onshelf.sandbox import spu
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods import documents
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.schema.category import IMAGES, schema
from onshelf.sandbox.schema.document import write
from onshelf.sandbox.schema.fields import COMPLEX, INPUT, Field, kind, tip
from onshelf.sandbox.schema.item import chosen, read_properties
from onshelf.sandbox.wire import Json

Fields = tuple[Field, ...]

_EACH = tuple(Field(f"product_image_{at}", "产品图片", INPUT, (kind("url"),)) for at in range(IMAGES))
_IMAGES = Field("product_images", "产品图片", COMPLEX, fields=_EACH)  # as recorded of a book and of clothes


def keep(call: Call, product: Json, name: str) -> Json:
    """Keeps a new product, the seller's own from now on. Raises: BusinessError about parameter `name` when there is one like it."""
    if spu.alike(call.world.products, product):
        raise invalid(name, "已有相同的产品，请先匹配")
    stamp = wire_time(call.now)
    made = {"created": stamp, "modified": stamp, "nick": call.shop.nick, "status": spu.BY_SELLER}
    product |= {"product_id": call.world.new_id(), **made}
    call.world.products.append(product)
    return product


def find(call: Call) -> Json:
    """Returns the product a call names. Raises: BusinessError."""
    number = call.number("product_id")
    found = next((one for one in call.world.products if one["product_id"] == number), None)
    if found is None:
        raise BusinessError("isv.product-not-exist:invalid-product_id", f"产品不存在：{number}")
    return found


def own(call: Call) -> Json:
    """Returns the product a call names, when it is the seller's own. Raises: BusinessError."""
    product = find(call)
    if product["nick"] != call.shop.nick:
        raise BusinessError("isv.invalid-permission:product_id", "只能修改自己创建的产品")
    return product


def _fields(call: Call, cid: int) -> Fields:
    """Returns the fields of a product: the item properties of its category, and its pictures."""
    documents.fields_of(call, cid)
    return (*(one for one in schema(cid, tmall=True) if "prop_" in one.id), _IMAGES)


def _keys(call: Call, cid: int) -> Fields:
    """Returns the fields that tell products of a category apart."""
    ids = {f"{start}prop_{one.pid}" for one in spu.keys(cid) for start in ("", "in_")}
    return tuple(one for one in _fields(call, cid) if one.id in ids)


def match_schema_get(call: Call) -> Json:
    """Answers the fields that tell products of a category apart."""
    return {"match_result": write(_keys(call, call.number("category_id")))}


def schema_match(call: Call) -> Json:
    """Answers the ids of the products that fit, by comma; blank when there is none."""
    cid = call.number("category_id")
    wanted = _read(call, cid, _keys(call, cid), "propvalues")
    return {
        "match_result": ",".join(str(one["product_id"]) for one in spu.alike(call.world.products, wanted))
    }


def _read(call: Call, cid: int, fields: Fields, name: str) -> Json:
    values = documents.document(call, name)
    documents.check(fields, values, name)
    kept = {one.id: values[one.id] for one in fields if one.id in values}
    product: Json = {"cid": cid, "props": "", **read_properties(fields, kept)}
    if pictures := kept.get(_IMAGES.id):
        product |= {"pic_url": next(iter(pictures.values())), "images": pictures}
    return product


def add_schema_get(call: Call) -> Json:
    """Answers the fields of a new product."""
    return {"add_product_rule": write(_fields(call, call.number("category_id")))}


def schema_add(call: Call) -> Json:
    """Adds a product, unless there is one like it."""
    cid = call.number("category_id")
    product = keep(call, _read(call, cid, _fields(call, cid), "xml_data"), "xml_data")
    return {"add_product_result": _result(product, "create_time", "创建时间", product["created"])}


def _result(product: Json, name: str, text: str, stamp: str) -> str:
    told = (("product_id", "产品ID", str(product["product_id"])), (name, text, stamp))
    return write(tuple(Field(one, label, INPUT, default=value) for one, label, value in told), "itemRule")


def schema_get(call: Call) -> Json:
    """Answers a product, and whether items may be published on it."""
    product = find(call)
    can = Field("can_publish_item", "能否发布商品", INPUT, (tip("可以发布商品"),), default="true")
    return {"get_product_result": write((can, *_filled(call, product)))}


def update_schema_get(call: Call) -> Json:
    """Answers the fields of a product with what they hold."""
    return {"update_product_schema": write(_filled(call, find(call)))}


def _filled(call: Call, product: Json) -> Fields:
    values = {**chosen(product), _IMAGES.id: product.get("images", {})}
    return tuple(documents.with_default(one, values) for one in _fields(call, product["cid"]))


def schema_update(call: Call) -> Json:
    """Changes a product of the seller's own."""
    product = own(call)
    cid, stamp = product["cid"], wire_time(call.now)
    product |= _read(call, cid, _fields(call, cid), "xml_data") | {"modified": stamp}
    return {"update_product_result": _result(product, "update_time", "更新时间", stamp)}


METHODS: Mapping[str, Handler] = {
    "tmall.product.match.schema.get": match_schema_get,
    "tmall.product.schema.match": schema_match,
    "tmall.product.add.schema.get": add_schema_get,
    "tmall.product.schema.add": schema_add,
    "tmall.product.schema.get": schema_get,
    "tmall.product.update.schema.get": update_schema_get,
    "tmall.product.schema.update": schema_update,
}
