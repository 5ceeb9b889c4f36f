"""taobao.user.*, taobao.openuid.*: who buyers and sellers are, as far as an app may know."""

import hashlib
from collections.abc import Mapping

import msgspec

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market.shown import wire_id
from onshelf.sandbox.state import ShopRecord
from onshelf.sandbox.wire import Json, listed


class BuyerOf(msgspec.Struct):
    """A trade whose buyer is asked for."""

    tid: int
    buyer_nick: str


def open_uid(call: Call, nick: str) -> str:
    """Returns what stands for a person in this app; another app gets another."""
    return f"AAE{hashlib.md5(f'{call.app.app_key}/{nick}'.encode()).hexdigest()}"


def seller(record: ShopRecord) -> Json:
    """Returns a seller, with every field the platform has."""
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


def user_seller_get(call: Call) -> Json:
    """Answers the session's seller."""
    return {"user": call.pick(seller(call.shop.record))}


def user_buyer_get(call: Call) -> Json:
    """Answers the session's user as a buyer."""
    record = call.shop.record
    row = {"avatar": "", "nick": record.nick, "open_uid": open_uid(call, record.nick), "sex": ""}
    return {"user": call.pick(row)}


def user_get(call: Call) -> Json:
    """Answers the old public read of one user."""
    nick = call.get("nick") or (call.session.nick if call.session else "")
    return {"user": project(seller(_find(call, nick)), _asked(call))}


def users_get(call: Call) -> Json:
    """Answers the old public read of several users; unknown ones are left out."""
    shops = (call.world.shops.get(nick) for nick in call.text["nicks"].split(","))
    return listed("users", "user", [project(seller(shop.record), _asked(call)) for shop in shops if shop])


def _find(call: Call, nick: str) -> ShopRecord:
    shop = call.world.shops.get(nick)
    if shop is None:
        raise BusinessError("isv.user-not-exist:invalid-nick", f"用户不存在：{nick}")
    return shop.record


def _asked(call: Call) -> tuple[str, ...]:
    return tuple(sorted(part.strip() for part in call.text["fields"].split(",")))


def openuid_get(call: Call) -> Json:
    """Answers what stands for the session's user."""
    return {"open_uid": open_uid(call, call.shop.nick)}


def openuid_bymixnick(call: Call) -> Json:
    """Answers what stands for a user known by an app's own name."""
    return {"open_uid": open_uid(call, call.text["mix_nick"])}


def openuid_bytrade(call: Call) -> Json:
    """Answers what stands for a trade's buyer."""
    till = call.till()
    return {"open_uid": till.person(till.find(call.number("tid"))).open_uid}


def openuid_byorder(call: Call) -> Json:
    """Answers what stands for the buyers of trades."""
    till = call.till()
    asked = call.json("tid_infos", list[BuyerOf])
    rows = [
        {
            "buyer_nick": one.buyer_nick,
            "buyer_open_uid": till.person(till.find(one.tid)).open_uid,
            "tid": wire_id(one.tid),
        }
        for one in asked
    ]
    return listed("open_uids", "open_uid_info", rows)


METHODS: Mapping[str, Handler] = {
    "taobao.user.seller.get": user_seller_get,
    "taobao.user.buyer.get": user_buyer_get,
    "taobao.user.get": user_get,
    "taobao.users.get": users_get,
    "taobao.openuid.get": openuid_get,
    "taobao.openuid.get.bymixnick": openuid_bymixnick,
    "taobao.openuid.get.bytrade": openuid_bytrade,
    "taobao.user.openuid.getbyorder": openuid_byorder,
}
