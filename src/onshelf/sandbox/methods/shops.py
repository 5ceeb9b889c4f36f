"""The seller, the shop, its categories and delivery templates, areas and the platform's time."""

from collections.abc import Mapping

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.reference import areas
from onshelf.sandbox.state import ShopRecord
from onshelf.sandbox.wire import Json, listed


def time_get(call: Call) -> Json:
    """Answers the platform's time."""
    return {"time": wire_time(call.now)}


def user_seller_get(call: Call) -> Json:
    """Answers the session's seller."""
    return {"user": call.pick(_user(call.shop.record))}


def _user(record: ShopRecord) -> Json:
    return {
        "alipay_bind": "bind",
        "auto_repost": "unlimited",
        "avatar": "",
        "consumer_protection": True,
        "has_more_pic": True,
        "has_shop": True,
        "has_sub_stock": False,
        "is_golden_seller": False,
        "is_lightning_consignment": False,
        "item_img_num": 5,
        "item_img_size": 3072,
        "liangpin": False,
        "magazine_subscribe": False,
        "nick": record.nick,
        "online_gaming": False,
        "promoted_type": "authentication",
        "prop_img_num": 24,
        "prop_img_size": 3072,
        "seller_credit": {"good_num": 0, "level": 1, "score": 0, "total_num": 0},
        "sex": "",
        "sign_food_seller_promise": False,
        "status": "normal",
        "type": record.kind,
        "user_id": record.user_id,
        "vertical_market": "",
        "vip_info": "c",
    }


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
    if len(call.text["name"]) > 20:
        raise BusinessError("isv.invalid-parameter:name", "店铺分类名不能超过20个字")
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


def delivery_templates_get(call: Call) -> Json:
    """Answers the shop's delivery templates."""
    return _templates(call, call.shop.record.templates)


def delivery_template_get(call: Call) -> Json:
    """Answers delivery templates by id."""
    wanted = call.text["template_ids"].split(",")
    return _templates(call, [one for one in call.shop.record.templates if str(one["template_id"]) in wanted])


def _templates(call: Call, templates: list[Json]) -> Json:
    rows = [call.pick(one) for one in templates]
    return {**listed("delivery_templates", "delivery_template", rows), "total_results": len(rows)}


def areas_get(call: Call) -> Json:
    """Answers countries, provinces and cities."""
    names = call.method.pick(call.text["fields"])
    return listed("areas", "area", [project(one, names) for one in areas()])


METHODS: Mapping[str, Handler] = {
    "taobao.time.get": time_get,
    "taobao.user.seller.get": user_seller_get,
    "taobao.shop.seller.get": shop_seller_get,
    "taobao.shop.get": shop_get,
    "taobao.sellercats.list.get": sellercats_list_get,
    "taobao.sellercats.list.add": sellercats_list_add,
    "taobao.delivery.templates.get": delivery_templates_get,
    "taobao.delivery.template.get": delivery_template_get,
    "taobao.areas.get": areas_get,
}
