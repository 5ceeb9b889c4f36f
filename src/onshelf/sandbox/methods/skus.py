"""taobao.item.sku.*: single skus of an item, found by their properties; taobao.item.skus.get and skus.custom.get."""

from collections.abc import Mapping
from decimal import Decimal

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.items import words_of
from onshelf.sandbox.rules import check_skus, invalid, money, read_sku
from onshelf.sandbox.selling import Counter
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json, listed


def item_sku_add(call: Call) -> Json:
    """Adds a sku with some stock; its properties join the item's, its stock adds to the item's. Source: top-methods.md 2."""
    counter, item, properties = _begin(call)
    if not call.number("quantity"):
        raise invalid("quantity", "新增SKU的数量须大于0")
    if _at(item, properties):
        raise invalid("properties", f"SKU已存在：{properties}")
    row = read_sku(
        properties, quantity=call.text["quantity"], price=call.text["price"], code=call.get("outer_id")
    )
    item = _keep(call, counter, item, [*item.skus, row])
    return {"sku": project(_sku(item, properties), ("created", "num_iid", "sku_id"))}


def item_sku_update(call: Call) -> Json:
    """Changes stock, price or code of a sku."""
    counter, item, properties = _begin(call)
    old = _sku(item, properties)
    row = read_sku(
        properties,
        quantity=call.get("quantity", str(old["quantity"])),
        price=call.get("price", old["price"]),
        code=call.get("outer_id", old["outer_id"]),
    )
    changed = {**old, **row, "modified": counter.stamp}
    item = _keep(call, counter, item, [changed if sku is old else sku for sku in item.skus])
    return {"sku": project(_sku(item, properties), ("modified", "num_iid", "sku_id"))}


def item_sku_delete(call: Call) -> Json:
    """Removes a sku; the last one only with the item's new stock in `item_num`. Source: top-methods.md 2."""
    counter, item, properties = _begin(call)
    old = _sku(item, properties)
    left = [sku for sku in item.skus if sku is not old]
    if not left and not call.get("item_num"):
        raise BusinessError("isv.missing-parameter:item_num", "删除最后一个SKU时须填写item_num")
    item = _keep(call, counter, item, left)
    return {"sku": {"modified": counter.stamp, "num_iid": item.num_iid}}


def _begin(call: Call) -> tuple[Counter, Item, str]:
    counter = call.counter()
    return counter, counter.find(call.number("num_iid")), call.text["properties"].strip(";")


def _at(item: Item, properties: str) -> Json | None:
    wanted = frozenset(properties.split(";"))
    return next((sku for sku in item.skus if frozenset(sku["properties"].split(";")) == wanted), None)


def _sku(item: Item, properties: str) -> Json:
    found = _at(item, properties)
    if found is None:
        raise BusinessError("isv.sku-not-exist:invalid-properties", f"SKU不存在：{properties}")
    return found


def _keep(call: Call, counter: Counter, item: Item, rows: list[Json]) -> Item:
    """Writes the skus with the item's stock, price and properties that go with them."""
    fields: Json = {"skus": {"sku": rows}, "num": sum(row["quantity"] for row in rows)}
    if not rows:
        fields |= {"skus": {}, "num": call.number("item_num")}
    fields["price"] = money(call.get("item_price", item.wire["price"]))
    if rows and not call.get("item_price"):
        fields["price"] = _pulled(fields["price"], [row["price"] for row in rows])
    pairs = dict.fromkeys(item.wire["props"].strip(";").split(";")) if item.wire["props"] else {}
    for row in rows:
        pairs |= dict.fromkeys(row["properties"].split(";"))
    fields["props"] = ";".join(pairs)
    check_skus({**item.wire, **fields}, rows)
    return counter.change(item, fields | words_of({**item.wire, **fields}))


def _pulled(price: str, prices: list[str]) -> str:
    """Moves an item's price into the range of its skus when the call names none."""
    costs = [Decimal(one) for one in prices]
    return f"{min(max(Decimal(price), min(costs)), max(costs)):.2f}"


def item_sku_get(call: Call) -> Json:
    """Reads one sku by id; faster with its item."""
    sku_id, num_iid = call.number("sku_id"), call.number("num_iid")
    shelf = call.shop.shelf
    for item in (shelf.find(num_iid) if num_iid else shelf.with_sku(sku_id),):
        for sku in item.skus if item and not item.deleted else ():
            if sku["sku_id"] == sku_id:
                return {"sku": call.pick(sku)}
    raise BusinessError("isv.sku-not-exist:invalid-skuId", f"SKU不存在：{sku_id}")


def item_skus_get(call: Call) -> Json:
    """Reads all skus of up to 40 items."""
    found = map(call.shop.shelf.find, call.numbers("num_iids"))
    rows = [call.pick(sku) for item in found if item and not item.deleted for sku in item.skus]
    return listed("skus", "sku", rows)


def skus_custom_get(call: Call) -> Json:
    """Finds skus by their own code."""
    code = call.text["outer_id"]
    items = call.shop.shelf.index.by_sku_code(code)
    return listed(
        "skus", "sku", [call.pick(sku) for item in items for sku in item.skus if sku["outer_id"] == code]
    )


METHODS: Mapping[str, Handler] = {
    "taobao.item.sku.add": item_sku_add,
    "taobao.item.sku.update": item_sku_update,
    "taobao.item.sku.price.update": item_sku_update,
    "taobao.item.sku.delete": item_sku_delete,
    "taobao.item.sku.get": item_sku_get,
    "taobao.item.skus.get": item_skus_get,
    "taobao.skus.custom.get": skus_custom_get,
}
