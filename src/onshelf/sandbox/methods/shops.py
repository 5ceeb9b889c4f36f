"""taobao.shop.*, taobao.sellercats.*, taobao.shopcats.*: shops and how they sort their items."""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.categories import children
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.state import ShopRecord
from onshelf.sandbox.wire import Json, listed


def shop_seller_get(call: Call) -> Json:
    """Answers the session's shop."""
    return {"shop": call.pick(_shop(call.shop.record))}


def shop_get(call: Call) -> Json:
    """Answers any shop by its owner's nick."""
    shop = call.world.shops.get(call.text["nick"])
    if shop is None:
        raise BusinessError("isv.user-not-exist:invalid-nick", "用户不存在")
    return {"shop": call.pick(_shop(shop.record))}


def _shop(record: ShopRecord) -> Json:
    names = {"bulletin": "", "desc": "", "pic_path": "", "title": record.nick, "nick": record.nick, "cid": 14}
    return {
        **names,
        "sid": record.user_id - 2_100_000_000,
        "created": record.created,
        "modified": record.created,
    }


def sellercats_list_get(call: Call) -> Json:
    """Answers the shop's own categories."""
    return listed("seller_cats", "seller_cat", call.shop.record.seller_cats)


def sellercats_list_add(call: Call) -> Json:
    """Adds a shop category."""
    record, parent = call.shop.record, call.number("parent_cid")
    _check_name(call.text["name"])
    if parent and all(one["cid"] != parent for one in record.seller_cats):
        raise BusinessError("isv.invalid-parameter:parent_cid", f"没有这个店铺分类：{parent}")
    row = {
        "cid": call.world.new_id(),
        "name": call.text["name"],
        "parent_cid": parent,
        "pic_url": call.get("pict_url"),
        "sort_order": call.number("sort_order", len(record.seller_cats) + 1),
        "type": "manual_type",
    }
    record.seller_cats.append(row)
    return {"seller_cat": {"cid": row["cid"], "created": wire_time(call.now)}}


def sellercats_list_update(call: Call) -> Json:
    """Changes name, picture or place of a shop category."""
    cid = call.number("cid")
    row = next((one for one in call.shop.record.seller_cats if one["cid"] == cid), None)
    if row is None:
        raise BusinessError("isv.invalid-parameter:cid", f"没有这个店铺分类：{cid}")
    _check_name(call.get("name"))
    row["name"] = call.get("name", row["name"])
    row["pic_url"] = call.get("pict_url", row["pic_url"])
    row["sort_order"] = call.number("sort_order", row["sort_order"])
    return {"seller_cat": {"cid": cid, "modified": wire_time(call.now)}}


def _check_name(name: str) -> None:
    if len(name) > 20:
        raise BusinessError("isv.invalid-parameter:name", "店铺分类名不能超过20个字")


def shopcats_list_get(call: Call) -> Json:
    """Answers the kinds of shops there are: the roots of the category tree."""
    rows = [
        {"cid": one.cid, "is_parent": one.is_parent, "name": one.name, "parent_cid": 0} for one in children(0)
    ]
    return listed("shop_cats", "shop_cat", [call.pick(row) for row in rows] if call.get("fields") else rows)


METHODS: Mapping[str, Handler] = {
    "taobao.shop.seller.get": shop_seller_get,
    "taobao.shop.get": shop_get,
    "taobao.sellercats.list.get": sellercats_list_get,
    "taobao.sellercats.list.add": sellercats_list_add,
    "taobao.sellercats.list.update": sellercats_list_update,
    "taobao.shopcats.list.get": shopcats_list_get,
}
