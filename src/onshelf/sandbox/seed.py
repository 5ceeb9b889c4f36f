"""The world a sandbox starts with: one app, one shop with a few shop categories and delivery templates, one item."""

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.seeded import YEAR_S
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.state import DAY_S, App, Shop, World
from onshelf.sandbox.wire import Json

FIRST_ITEM = 11223344  # the id in the documentation's own example call
FIRST_SHOP = "沙箱小店"


def fill(
    world: World, now: float, *, app_key: str, app_secret: str, session: str, nick: str, items: int = 0
) -> None:
    """Puts the first app, shop, session and item into an empty world; `items` more the seed makes when they are looked at."""
    world.apps[app_key] = App(app_key, app_secret)
    shop = open_shop(world, nick, now, items=items)
    world.add_session(app_key, nick, now, token=session)
    Counter(world, shop, Cause(now, "seller")).create(_first_item(), num_iid=FIRST_ITEM)


def open_shop(world: World, nick: str, now: float, kind: str = "C", *, items: int = 0) -> Shop:
    """Opens a shop with what every real one has: categories and delivery templates; its seeded items are of the last year."""
    cats = [_seller_cat(world.new_id(), name, at) for at, name in enumerate(("新品上架", "热卖推荐"), 1)]
    shop = world.add_shop(nick, kind, items=items, start=now - YEAR_S - DAY_S, seller_cats=cats)
    shop.record.created = wire_time(now)
    for name, assumer, fee in (("全国包邮", 1, "0.00"), ("普通快递", 0, "8.00")):
        shop.record.templates.append(_template(world.new_id(), name, assumer, fee, wire_time(now)))
    return shop


def _seller_cat(cid: int, name: str, order: int) -> Json:
    row = {"cid": cid, "name": name, "parent_cid": 0, "pic_url": "", "sort_order": order}
    return {**row, "type": "manual_type"}


def _template(template_id: int, name: str, assumer: int, fee: str, stamp: str) -> Json:
    one = {"service_type": "express", "destination": "1", "start_standard": "1", "start_fee": fee}
    return {
        "template_id": template_id,
        "name": name,
        "assumer": assumer,
        "valuation": 0,
        "fee_list": {"top_fee": [{**one, "add_standard": "1", "add_fee": "0.00" if assumer else "2.00"}]},
        "supports": "",
        "created": stamp,
        "modified": stamp,
        "address": "330000,330100",
        "consign_area_id": 330100,
    }


def _first_item() -> Json:
    return {
        "approve_status": "onsale",
        "auction_point": 0,
        "cid": 50010850,
        "desc": "沙箱自带的示例商品，可以随意修改。",
        "freight_payer": "seller",
        "has_discount": False,
        "has_invoice": False,
        "has_showcase": False,
        "has_warranty": False,
        "is_fenxiao": 0,
        "is_virtual": False,
        "location": {"city": "杭州", "state": "浙江"},
        "num": 100,
        "outer_id": "SANDBOX-1",
        "price": "99.00",
        "props": "",
        "seller_cids": "",
        "sold_quantity": 0,
        "stuff_status": "new",
        "sub_stock": 0,
        "title": "沙箱示例连衣裙",
        "type": "fixed",
        "valid_thru": 14,
        "with_hold_quantity": 0,
    }
