"""tmall.item.*.update, taobao.item.barcode.update: one thing of an item and its skus changed, without a schema."""

from collections.abc import Callable, Mapping

import msgspec

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.items import change_item
from onshelf.sandbox.rules import invalid, is_price, mismatch, money, whole
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json

_ADD = 2  # options.type: the quantity is added


class SkuChange(msgspec.Struct):
    """A sku, named by one of three, and what it gets."""

    sku_id: int = 0
    properties: str = ""
    outer_id: str = ""
    price: str = ""
    quantity: int = 0


class QuantityOptions(msgspec.Struct):
    """How a quantity is meant."""

    type: int = 1  # 1 the new stock, 2 added to the old


def _item(call: Call) -> Item:
    return call.counter().find(call.number("item_id"))


def _changes(call: Call, name: str) -> list[SkuChange]:
    return call.json(name, list[SkuChange]) if call.get(name) else []


def _named(item: Item, change: SkuChange, *, by_code: bool = True) -> int:
    """Returns the place of the sku that a change names. Raises: BusinessError."""
    for at, sku in enumerate(item.skus):
        names = (sku["sku_id"] == change.sku_id, sku["properties"] == change.properties)
        if any(names) or (by_code and change.outer_id and sku["outer_id"] == change.outer_id):
            return at
    raise BusinessError("isv.sku-not-exist:invalid-skuId", f"SKU不存在：{change.sku_id or change.properties}")


def _with_skus(item: Item, changes: list[SkuChange], fields: Callable[[Json, SkuChange], Json]) -> list[Json]:
    rows = [dict(sku) for sku in item.skus]
    for change in changes:
        at = _named(item, change)
        rows[at] |= fields(rows[at], change)
    return rows


def price_update(call: Call) -> Json:
    """Sets the item's price, its skus', or both."""
    item, changes = _item(call), _changes(call, "sku_prices")
    if any(not is_price(change.price) for change in changes):
        raise invalid("sku_prices", "SKU价格须为最多两位小数的金额")
    skus = _with_skus(item, changes, lambda _sku, change: {"price": money(change.price)})
    fields: Json = {"price": money(call.get("item_price", item.wire["price"]))}
    change_item(call, item, fields, skus if changes else None, "")
    return {"price_update_result": str(item.num_iid)}


def quantity_update(call: Call) -> Json:
    """Sets or adds stock; that of an item with skus is their sum."""
    item, changes = _item(call), _changes(call, "sku_quantities")
    adds = call.get("options") and call.json("options", QuantityOptions).type == _ADD

    def stock(sku: Json, change: SkuChange) -> Json:
        after = sku["quantity"] + change.quantity if adds else change.quantity
        if after < 0:
            raise BusinessError("isv.invalid-parameter:quantity", f"库存不能小于0：{after}")
        return {"quantity": after}

    if changes:
        rows = _with_skus(item, changes, stock)
        fields: Json = {"num": sum(sku["quantity"] for sku in rows), "skus": {"sku": rows}}
    elif item.skus:
        raise mismatch("item_quantity", "sku_quantities", "有SKU的商品须传入sku_quantities")
    else:
        fields = {"num": stock({"quantity": item.wire["num"]}, _whole(call))["quantity"]}
    call.counter().change(item, fields)
    return {"quantity_update_result": str(item.num_iid)}


def _whole(call: Call) -> SkuChange:
    if not call.get("item_quantity"):
        raise BusinessError("isv.missing-parameter:item_quantity", "缺少商品库存")
    return SkuChange(quantity=call.number("item_quantity"))


def outerid_update(call: Call) -> Json:
    """Sets the seller's codes of item and skus."""
    item, changes = _item(call), _changes(call, "sku_outers")
    rows = [dict(sku) for sku in item.skus]
    for change in changes:
        rows[_named(item, change, by_code=False)]["outer_id"] = change.outer_id
    fields: Json = {"outer_id": call.get("outer_id", item.wire["outer_id"])}
    change_item(call, item, fields, rows if changes else None, "")
    return {"outerid_update_result": str(item.num_iid)}


def shiptime_update(call: Call) -> Json:
    """Notes when the item will be shipped."""
    item = _item(call)
    call.counter().change(item, {"delivery_time": {"delivery_time": call.get("ship_time")}})
    return {"result": str(item.num_iid)}


def barcode_update(call: Call) -> Json:
    """Sets the bar codes of item and skus, given as two parallel comma lists."""
    item = _item(call)
    ids, codes = (call.get(name).split(",") if call.get(name) else [] for name in ("sku_ids", "sku_barcodes"))
    if len(ids) != len(codes):
        raise mismatch("sku_ids", "sku_barcodes", "sku_ids和sku_barcodes的个数必须一致")
    rows = [dict(sku) for sku in item.skus]
    for number, code in zip(ids, codes, strict=True):
        wanted = SkuChange(sku_id=whole(number.strip()) or 0)
        rows[_named(item, wanted)]["barcode"] = code
    fields: Json = {"barcode": call.get("item_barcode", item.wire.get("barcode", ""))}
    item = change_item(call, item, fields, rows if ids else None, "")
    return {"item": {"modified": item.wire["modified"], "num_iid": item.num_iid}}


METHODS: Mapping[str, Handler] = {
    "tmall.item.price.update": price_update,
    "tmall.item.quantity.update": quantity_update,
    "tmall.item.outerid.update": outerid_update,
    "tmall.item.shiptime.update": shiptime_update,
    "taobao.item.barcode.update": barcode_update,
}
