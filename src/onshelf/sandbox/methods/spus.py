"""taobao.product.*, taobao.products.*: the same products by property strings, with pictures of their own."""

from collections.abc import Mapping

from onshelf.sandbox import spu
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.images import keep_upload
from onshelf.sandbox.methods.items import check_leaf
from onshelf.sandbox.methods.products import find, keep, own
from onshelf.sandbox.propstrings import read_pairs
from onshelf.sandbox.rules import invalid, is_price, money, whole
from onshelf.sandbox.wire import Json, listed

_TEXTS = ("binds", "desc", "name", "outer_id", "property_alias", "sale_props")


def product_add(call: Call) -> Json:
    """Adds a product, unless there is one like it; its picture is kept in the seller's picture space."""
    cid = call.number("cid")
    check_leaf(cid)
    pids, words = _typed(call.get("customer_props"))
    product: Json = {"cid": cid, "props": call.get("props"), "input_pids": pids, "input_str": words}
    product |= _said(call)
    said = spu.told_apart_by(product)
    for one in spu.keys(cid):
        if one.pid not in said and (not one.invented or call.world.policy.required_props):
            raise invalid("props", f"缺少关键属性：{one.name}({one.pid})")
    product["pic_url"] = keep_upload(call, "image").path
    product = keep(call, product, "props")
    return {"product": {"created": product["created"], "product_id": product["product_id"]}}


def _typed(text: str) -> tuple[str, str]:
    """Reads `pid:words;pid:words` into two comma lists. Raises: BusinessError."""
    parts = [one.partition(":") for one in text.split(";") if one]
    if any(whole(pid) is None or not words or "," in words for pid, _, words in parts):
        raise invalid("customer_props", f"自定义属性格式应为pid:value;pid:value：{text}")
    return ",".join(pid for pid, _, _ in parts), ",".join(words for _, _, words in parts)


def _said(call: Call) -> Json:
    """Reads the fields that may change later. Raises: BusinessError."""
    fields: Json = {name: call.text[name] for name in _TEXTS if call.get(name)}
    for name in ("binds", "sale_props"):
        read_pairs(fields.get(name, ""))
    if price := call.get("price"):
        if not is_price(price):
            raise invalid("price", f"价格须为最多两位小数的金额：{price}")
        fields["price"] = money(price)
    return fields


def product_update(call: Call) -> Json:
    """Changes a product of the seller's own; its key properties stay."""
    product, fields = own(call), _said(call)
    if "image" in call.files:
        fields["pic_url"] = keep_upload(call, "image").path
    product |= fields | {"modified": wire_time(call.now)}
    return {"product": {"modified": product["modified"], "product_id": product["product_id"]}}


def product_get(call: Call) -> Json:
    """Reads a product by id, or by its category and key properties."""
    if call.get("product_id"):
        return {"product": call.pick(spu.shown(find(call)))}
    if not (call.get("cid") and call.get("props")):
        raise BusinessError(
            "isv.missing-parameter:product_id-or-cid-and-props", "产品ID，或类目与属性，至少传一种"
        )
    found = spu.alike(call.world.products, {"cid": call.number("cid"), "props": call.get("props")})
    if not found:
        raise BusinessError("isv.product-not-exist:invalid-props", "产品不存在")
    return {"product": call.pick(spu.shown(found[0]))}


def products_get(call: Call) -> Json:
    """Lists the products a user added."""
    rows = [one for one in call.world.products if one["nick"] == call.text["nick"]]
    return listed("products", "product", _page(call, rows))


def products_search(call: Call) -> Json:
    """Lists products by words of their name, category, property pairs and state."""
    pairs, states = set(read_pairs(call.get("props"))), set(call.get("status", "0,3").split(","))
    rows = [
        one
        for one in call.world.products
        if str(one["status"]) in states
        and call.number("cid") in (0, one["cid"])
        and pairs <= set(read_pairs(one["props"]))
        and call.get("q") in spu.shown(one)["name"]
    ]
    return {**listed("products", "product", _page(call, rows)), "total_results": len(rows)}


def _page(call: Call, rows: list[Json]) -> list[Json]:
    size = call.number("page_size", 40)
    skip = (max(call.number("page_no", 1), 1) - 1) * size
    return [call.pick(spu.shown(one)) for one in rows[skip : skip + size]]


def img_upload(call: Call) -> Json:
    """Adds a picture to a product, or with `id` replaces one; the main one is the product's `pic_url` too."""
    product = own(call)
    row = _picture(call, product, "product_imgs", "product_img")
    if call.get("is_major") == "true":
        product["pic_url"] = row["url"]
    return {"product_img": {name: row[name] for name in ("created", "id", "modified", "url")}}


def propimg_upload(call: Call) -> Json:
    """Adds a picture of one property value to a product, or with `id` replaces one."""
    read_pairs(call.text["props"])
    row = _picture(call, own(call), "product_prop_imgs", "product_prop_img", props=call.text["props"])
    return {"product_prop_img": {name: row[name] for name in ("created", "id", "modified", "url")}}


def _picture(call: Call, product: Json, many: str, one: str, **more: str) -> Json:
    rows: list[Json] = product.setdefault(many, {}).setdefault(one, [])
    wanted, stamp = call.number("id"), wire_time(call.now)
    row = next((row for row in rows if row["id"] == wanted), None)
    if wanted and row is None:
        raise invalid("id", f"产品没有这张图片：{wanted}")
    if row is None:
        row = {
            "id": call.world.new_id(),
            "product_id": product["product_id"],
            "created": stamp,
            "position": len(rows),
        }
        rows.append(row)
    row |= {**more, "url": keep_upload(call, "image").path, "modified": stamp}
    row["position"] = call.number("position", row["position"])
    return row


METHODS: Mapping[str, Handler] = {
    "taobao.product.add": product_add,
    "taobao.product.update": product_update,
    "taobao.product.get": product_get,
    "taobao.products.get": products_get,
    "taobao.products.search": products_search,
    "taobao.product.img.upload": img_upload,
    "taobao.product.propimg.upload": propimg_upload,
}
