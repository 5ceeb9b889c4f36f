"""taobao.item.*: create, change, read, delete, list and delist one item."""

from collections.abc import Callable, Mapping

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.categories import categories
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.images import in_space, keep_upload
from onshelf.sandbox.propstrings import check_strings, permission
from onshelf.sandbox.rules import check_item, invalid, money, read_sku_rows, service
from onshelf.sandbox.selling import Counter
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.spoken import speak
from onshelf.sandbox.wire import Json


def _flag(text: str) -> bool:
    return text == "true"


_READERS: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(
        ("cid", "num", "valid_thru", "postage_id", "product_id", "auction_point", "sub_stock"), int
    ),
    **dict.fromkeys(("cod_postage_id", "after_sale_id", "video_id"), int),
    **dict.fromkeys(
        ("has_warranty", "has_invoice", "has_showcase", "has_discount", "is_taobao", "is_ex"), _flag
    ),
    **dict.fromkeys(("is_3D", "is_lightning_consignment", "is_xinpin", "sell_promise"), _flag),
    **dict.fromkeys(("price", "post_fee", "express_fee", "ems_fee", "increment"), money),
    **dict.fromkeys(("approve_status", "type", "desc", "stuff_status", "title", "outer_id", "props"), str),
    **dict.fromkeys(
        ("freight_payer", "seller_cids", "list_time", "property_alias", "features", "barcode"), str
    ),
    **dict.fromkeys(
        ("input_pids", "input_str", "sell_point", "global_stock_type", "global_stock_country"), str
    ),
    **dict.fromkeys(
        ("item_size", "item_weight", "wireless_desc", "auto_fill", "newprepay", "is_offline"), str
    ),
}

_DEFAULTS: Json = {
    "approve_status": "onsale",
    "auction_point": 0,
    "freight_payer": "seller",
    "has_discount": False,
    "has_invoice": False,
    "has_showcase": False,
    "has_warranty": False,
    "is_fenxiao": 0,
    "is_virtual": False,
    "outer_id": "",
    "props": "",
    "seller_cids": "",
    "sold_quantity": 0,
    "sub_stock": 0,
    "valid_thru": 14,
    "with_hold_quantity": 0,
}


def read_fields(text: Mapping[str, str]) -> Json:
    """Reads the arguments that are an item's fields under the same name; blank ones are left out, save a blank outer_id."""
    fields: Json = {name: _READERS[name](value) for name, value in text.items() if value and name in _READERS}
    if "outer_id" in text:
        fields["outer_id"] = text["outer_id"]
    return fields


def item_add(call: Call) -> Json:
    """Creates an item; the same outer_id again creates another one, as on the platform."""
    wire = read_fields(call.text)
    wire["location"] = {"city": call.text["location.city"], "state": call.text["location.state"]}
    skus = read_sku_rows(call.text) or []
    if skus:
        wire.setdefault("price", min((sku["price"] for sku in skus), key=float))
    if "price" not in wire:
        raise BusinessError("isv.missing-parameter:price", "缺少宝贝价格")
    item = make_item(call, wire, skus, main_picture(call))
    return {"item": _brief(item, "created")}


def make_item(call: Call, fields: Json, skus: list[Json], picture: str) -> Item:
    """Creates an item from fields that are read but not yet checked; `picture` is its main picture's address or "".

    Raises: BusinessError.
    """
    wire = {**_DEFAULTS, **fields}
    if skus:
        wire["skus"] = {"sku": skus}
    if wire["approve_status"] == "onsale" and not wire["num"]:
        raise service("add", "FORBIDDEN_QUANTITY_ZERO_ERROR", "出售中的商品数量不能为0")
    check_leaf(wire["cid"])
    check_item(wire, skus, tmall=call.shop.record.kind == "B")
    _check_policy(call, wire, "add")
    _check_double(call, wire)
    speak(wire, skus)
    if picture:
        set_main_picture(wire, picture)
    return call.counter().create(wire)


_SPOKEN = frozenset(("cid", "props", "property_alias", "skus"))


def words_of(wire: Json) -> Json:
    """Returns the fields of an item that say its properties in words, its skus among them."""
    rows = [dict(sku) for sku in wire.get("skus", {}).get("sku", ())]
    told = dict(wire)
    speak(told, rows)
    return {"props_name": told["props_name"], **({"skus": {"sku": rows}} if rows else {})}


_POLICED = frozenset(("title", "cid", "props", "input_pids", "input_str", "property_alias"))


def _check_policy(call: Call, wire: Json, verb: str) -> None:
    """Checks what the house rules say of title, category and properties. Raises: BusinessError."""
    policy = call.world.policy
    if word := policy.banned(wire["title"]):
        raise invalid("title", f"宝贝标题含有违禁词：{word}")
    if policy.closed(wire["cid"]):
        raise permission(verb, wire["cid"])
    check_strings(wire, verb, invented_too=policy.required_props)


def _check_double(call: Call, wire: Json) -> None:
    """Refuses an item like one on sale, when the house rules say so. Raises: BusinessError."""
    if not call.world.policy.refuse_doubles:
        return
    for item in call.shop.shelf.index.by_code(wire["outer_id"]):
        if item.on_sale and all(item.wire[name] == wire[name] for name in ("title", "price", "cid")):
            raise service("add", "ITEM_REPEATED", f"已有相同的宝贝在售：{item.num_iid}")


def check_leaf(cid: int) -> None:
    """Checks that items may stand in a category. Raises: BusinessError."""
    category = categories().get(cid)
    # The tree shipped here is of 2018: a category it does not know is taken for a newer leaf.
    if cid <= 0 or (category is not None and category.is_parent):
        raise invalid("cid", f"类目{cid}不是叶子类目")


def main_picture(call: Call) -> str:
    """Returns the address of the picture a call names or brings, "" without one: `pic_path` wins over `image`.

    Raises: BusinessError, UploadFail. Source: top-methods.md 2.
    """
    if path := call.get("pic_path"):
        return in_space(call, path, "picPath")
    return keep_upload(call, "image").path if "image" in call.files else ""


def set_main_picture(wire: Json, address: str) -> None:
    """Puts a picture before the others of an item's fields."""
    image = {"id": 0, "position": 0, "url": address}
    rest = [one for one in wire.get("item_imgs", {}).get("item_img", ()) if one["position"]]
    wire["pic_url"], wire["item_imgs"] = address, {"item_img": [image, *rest]}


def _brief(item: Item, stamp: str) -> Json:
    return project(item.wire, ("num_iid", stamp))


def item_update(call: Call) -> Json:
    """Changes the fields that are sent; skus are replaced whole when their lists are."""
    item = call.counter().find(call.number("num_iid"))
    fields = read_fields(call.text)
    if "location.state" in call.text or "location.city" in call.text:
        here = item.wire["location"]
        city, state = call.get("location.city", here["city"]), call.get("location.state", here["state"])
        fields["location"] = {"city": city, "state": state}
    _empty_fields(call, fields)
    item = change_item(call, item, fields, read_sku_rows(call.text), main_picture(call))
    return {"item": _brief(item, "modified")}


def change_item(call: Call, item: Item, fields: Json, skus: list[Json] | None, picture: str) -> Item:
    """Changes an item by fields that are read but not yet checked; `skus` None leaves them, else they are replaced.

    A sku with the properties of an old one keeps its id; new stock of an item with skus is their sum. Raises: BusinessError.
    """
    if skus is not None:
        old = {sku["properties"]: sku for sku in item.skus}
        merged = [{**old.get(row["properties"], {}), **row} for row in skus]
        fields["skus"] = {"sku": merged} if merged else {}
        if merged:
            fields.setdefault("num", sum(row["quantity"] for row in merged))
    after = {**item.wire, **fields}
    if item.on_sale and fields.get("num") == 0:
        raise service("update", "FORBIDDEN_QUANTITY_ZERO_ERROR", "出售中的商品数量不能改为0")
    if "cid" in fields:
        check_leaf(fields["cid"])
    check_item(after, after.get("skus", {}).get("sku", []), tmall=call.shop.record.kind == "B")
    if not _POLICED.isdisjoint(fields):
        _check_policy(call, after, "update")
    if not _SPOKEN.isdisjoint(fields):
        fields |= words_of(after)
    if picture:
        fields["item_imgs"] = item.wire.get("item_imgs", {})
        set_main_picture(fields, picture)
    return call.counter().change(item, fields)


_CLEARABLE = frozenset(
    ("input_str", "sell_point", "property_alias", "seller_cids", "outer_id", "barcode", "features")
)


def _empty_fields(call: Call, fields: Json) -> None:
    for name in call.get("empty_fields").split(","):
        if name in _CLEARABLE:
            fields[name] = ""


def item_seller_get(call: Call) -> Json:
    """Reads one own item by id; a deleted one is refused as such."""
    item = call.shop.shelf.find(call.number("num_iid"))
    if item is None:
        raise service("get", "ITEM_NOT_FOUND", "商品不存在")
    if item.deleted:
        raise BusinessError("isv.item-is-delete:invalid-numIid-or-iid", "商品已删除")
    return {"item": call.pick(item.wire)}


def item_get(call: Call) -> Json:
    """Answers the old public read: any shop's item, session or not."""
    number = call.number("num_iid")
    for shop in call.world.shops.values():
        item = shop.shelf.find(number)
        if item is not None and not item.deleted:
            return {"item": call.pick(item.wire)}
    raise service("get", "ITEM_NOT_FOUND", "商品不存在")


def item_delete(call: Call) -> Json:
    """Deletes one item."""
    counter = call.counter()
    return {"item": _brief(counter.delete(counter.find(call.number("num_iid"))), "created")}


def item_update_listing(call: Call) -> Json:
    """Lists one item; repeating it is harmless."""
    counter = call.counter()
    return {
        "item": _brief(
            list_one(counter, counter.find(call.number("num_iid")), call.number("num")), "modified"
        )
    }


def list_one(counter: Counter, item: Item, num: int) -> Item:
    """Lists an item with that stock; stock of an item with skus is theirs, the number sent is ignored."""
    return counter.put_on(item) if item.skus else counter.put_on(item, num=num)


def item_update_delisting(call: Call) -> Json:
    """Takes one item off the shelf; repeating it is harmless."""
    counter = call.counter()
    return {"item": _brief(counter.take_off(counter.find(call.number("num_iid"))), "modified")}


def item_permit_check(call: Call) -> Json:
    """Answers whether the seller may publish in a category."""
    cid = call.number("cid")
    check_leaf(cid)
    if call.world.policy.closed(cid):
        return {
            "error": True,
            "error_msg": f"没有在类目{cid}发布商品的权限",
            "errorcode": "ERROR_PUBLISH_PERMISSION_INVALID",
        }
    return {"error": False}


def item_recommend_add(call: Call) -> Json:
    """Puts an item into the shop's window."""
    return _recommend(call, shown=True)


def item_recommend_delete(call: Call) -> Json:
    """Takes an item out of the shop's window."""
    return _recommend(call, shown=False)


def _recommend(call: Call, *, shown: bool) -> Json:
    counter = call.counter()
    item = counter.change(counter.find(call.number("num_iid")), {"has_showcase": shown})
    return {"item": _brief(item, "modified")}


METHODS: Mapping[str, Handler] = {
    "taobao.item.permit.check": item_permit_check,
    "taobao.item.recommend.add": item_recommend_add,
    "taobao.item.recommend.delete": item_recommend_delete,
    "taobao.item.add": item_add,
    "taobao.item.update": item_update,
    "taobao.item.price.update": item_update,
    "taobao.item.get": item_get,
    "taobao.item.seller.get": item_seller_get,
    "taobao.item.delete": item_delete,
    "taobao.item.update.listing": item_update_listing,
    "taobao.item.update.listing.tmall": item_update_listing,
    "taobao.item.update.delisting": item_update_delisting,
    "taobao.item.update.delisting.tmall": item_update_delisting,
}
