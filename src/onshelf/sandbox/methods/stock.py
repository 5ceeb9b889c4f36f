"""Stock of items and skus: taobao.item.quantity.update, taobao.skus.quantity.update."""

from collections.abc import Callable, Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.rules import MOST_NUM, whole
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json

FULL, INCREMENT = "1", "2"
_FEW = "库存数量不能小于0或超过上限"


def item_quantity_update(call: Call) -> Json:
    """Sets (type 1) or moves (type 2) the stock of the item or of one sku, named by id or code; never below 0."""
    counter = call.counter()
    item = counter.find(call.number("num_iid"))
    amount, full = call.number("quantity"), call.get("type", FULL) == FULL
    if item.skus:
        sku = _one_sku(call, item)
        item = counter.change(
            item, _with_stock(item, {sku["sku_id"]: _moved(sku["quantity"], amount, full=full)})
        )
    else:
        item = counter.change(item, {"num": _moved(item.wire["num"], amount, full=full)})
    return _shown(item)


def _one_sku(call: Call, item: Item) -> Json:
    if sku_id := call.number("sku_id"):
        wanted: Callable[[Json], bool] = lambda sku: sku["sku_id"] == sku_id  # noqa: E731 one of two tests
    else:
        wanted = lambda sku: sku["outer_id"] == call.get("outer_id")  # noqa: E731
    found = [sku for sku in item.skus if wanted(sku)]
    if len(found) != 1 or not (call.get("sku_id") or call.get("outer_id")):
        raise BusinessError("isv.invalid-parameter:sku-properties", "有SKU的商品须指定唯一的sku_id或outer_id")
    return found[0]


def _moved(before: int, amount: int, *, full: bool) -> int:
    after = amount if full else before + amount
    if not 0 <= after <= MOST_NUM:
        raise BusinessError("isv.invalid-parameter:quantity", _FEW)
    return after


def _with_stock(item: Item, stock: Mapping[int, int]) -> Json:
    """Returns the fields of the item with that stock of its skus."""
    rows = [{**sku, "quantity": stock.get(sku["sku_id"], sku["quantity"])} for sku in item.skus]
    return {"skus": {"sku": rows}, "num": sum(row["quantity"] for row in rows)}


def _shown(item: Item) -> Json:
    shown: Json = {name: item.wire[name] for name in ("modified", "num", "num_iid")}
    if item.skus:
        names = ("modified", "quantity", "sku_id")
        shown["skus"] = {"sku": [{name: sku[name] for name in names} for sku in item.skus]}
    return {"item": shown}


def skus_quantity_update(call: Call) -> Json:
    """Sets or moves the stock of up to 20 skus; an increment that would go below 0 stops at 0. Source: top-methods.md 2."""
    counter = call.counter()
    item = counter.find(call.number("num_iid"))
    full = call.get("type", FULL) == FULL
    by_id = bool(call.get("skuid_quantities"))
    pairs = call.get("skuid_quantities") or call.get("outerid_quantities")
    if not pairs:
        raise BusinessError("isv.missing-parameter:skuid_quantities", "缺少SKU数量")
    known = {str(sku["sku_id"] if by_id else sku["outer_id"]): sku for sku in item.skus}
    stock = {}
    for pair in pairs.strip(";").split(";"):
        name, _, amount = pair.rpartition(":")
        number = whole(amount)
        if name not in known or number is None:
            raise BusinessError("isv.invalid-parameter:sku-properties", f"没有这个SKU或数量不是整数：{pair}")
        sku = known[name]
        wanted = number if full else max(-sku["quantity"], number)
        stock[sku["sku_id"]] = _moved(sku["quantity"], wanted, full=full)
    return _shown(counter.change(item, _with_stock(item, stock)))


METHODS: Mapping[str, Handler] = {
    "taobao.item.quantity.update": item_quantity_update,
    "taobao.skus.quantity.update": skus_quantity_update,
}
