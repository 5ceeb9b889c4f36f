"""The topics of the message service, and which change of an item gives which, with its content. Pure.

Source: reference/top-protocol.md 6.8. What the platform sends when one act changes several things is not documented: here each
change has its own message.
"""

from collections.abc import Iterator

from onshelf.sandbox.shelf import SOLD_OUT, VIOLATION, Item
from onshelf.sandbox.wire import Json

ITEM = "taobao_item_Item"
TRADE = "taobao_trade_"
REFUND = "taobao_refund_"
AUTH_CANCEL = "taobao_top_AuthCancel"

_NAMES = {
    "taobao_item_": """
        ItemAdd ItemUpshelf ItemDownshelf ItemDelete ItemUpdate ItemStockChanged ItemStockChangedOut ItemZeroStock
        ItemSkuZeroStock ItemPunishDownshelf ItemPunishDelete ItemPunishCc ItemRecommendAdd ItemRecommendDelete""",
    TRADE: """
        TradeCreate TradeModifyFee TradeCloseAndModifyDetailOrder TradeClose TradeBuyerPay TradeBuyerStepPay TradeSellerShip
        TradePartlySellerShip TradeDelayConfirmPay TradePartlyRefund TradePartlyConfirmPay TradeSuccess TradeTimeoutRemind
        TradeRated TradeMemoModified TradeLogisticsAddressChanged TradeChanged TradeAlipayCreate OrderSkuChanged""",
    REFUND: """
        RefundCreated RefundClosed RefundSuccess RefundSellerAgreeAgreement RefundSellerRefuseAgreement
        RefundBuyerModifyAgreement RefundBuyerReturnGoods RefundCreateMessage RefundBlockMessage RefundTimeoutRemind
        RefundableMarked RefundableCanceled TaobaoIntervened""",
    "taobao_top_": "AuthCancel",
}
KNOWN = tuple(prefix + name for prefix, names in _NAMES.items() for name in names.split())

_OTHER_MESSAGES = frozenset(("approve_status", "violation", "has_showcase"))  # told by topics of their own
_BOOKKEEPING = frozenset(
    ("modified", "list_time", "delist_time", "is_timing", "created", "detail_url", "sold_quantity")
)
_WIRE_NAMES = {"skus": "sku", "item_imgs": "item_img", "prop_imgs": "prop_img"}
_SHOWN = ("title", "num", "price")  # fields whose new value an ItemUpdate carries


def exists(topic: str) -> bool:
    """Tells whether a topic may exist: of the families known here only their own names, of all others any."""
    family = next((prefix for prefix in _NAMES if topic.startswith(prefix)), None)
    return bool(topic) and (family is None or topic in KNOWN)


def of_item(before: Item | None, after: Item) -> Iterator[tuple[str, Json]]:
    """Yields (topic, content) of what one new version of an item changes; None before it was made."""
    content = {"nick": after.wire["nick"], "num_iid": after.num_iid}
    if before is None:
        yield f"{ITEM}Add", content | _of(after, "num", "price", "title") | {"status": _status(after)}
    elif after.deleted:
        yield f"{ITEM}Delete", content
    else:
        yield from _edited(before, after, content)
        yield from _restocked(before, after, content)
        yield from _moved(before, after, content)
        yield from _recommended(before, after, content)


def _of(item: Item, *names: str) -> Json:
    return {name: item.wire[name] for name in names}


def _status(item: Item) -> str:
    return "onsale" if item.on_sale else "instock"


def _edited(before: Item, after: Item, content: Json) -> Iterator[tuple[str, Json]]:
    """Yields an ItemUpdate when more than stock, state and times has changed."""
    names = {
        name
        for name in before.wire.keys() | after.wire.keys()
        if name not in _OTHER_MESSAGES and name not in _BOOKKEEPING and _differs(before, after, name)
    }
    if names - {"num"}:
        changed = sorted(_WIRE_NAMES.get(name, name) for name in names)
        shown = _of(after, *(name for name in _SHOWN if name in names))
        yield f"{ITEM}Update", content | {"changed_fields": ",".join(changed)} | shown


def _differs(before: Item, after: Item, name: str) -> bool:
    if name == "skus":
        return _without_stock(before) != _without_stock(after)
    return bool(before.wire.get(name) != after.wire.get(name))


def _without_stock(item: Item) -> list[Json]:
    left_out = ("quantity", "modified", "created")
    return [{key: value for key, value in sku.items() if key not in left_out} for sku in item.skus]


def _restocked(before: Item, after: Item, content: Json) -> Iterator[tuple[str, Json]]:
    """Yields what changed in stock: each sku by itself, else the item; and what has come to nothing."""
    total = {"num": after.wire["num"], "changed_fields": "num"}
    old = {sku["sku_id"]: sku["quantity"] for sku in before.skus}
    new = {sku["sku_id"]: sku["quantity"] for sku in after.skus}
    moved = {sku: left for sku, left in new.items() if sku in old and left != old[sku]}
    for sku, left in moved.items():
        own = {"sku_id": sku, "sku_num": left, "increment": left - old[sku]}
        yield f"{ITEM}StockChanged", content | total | own
        if not left:
            yield f"{ITEM}SkuZeroStock", content | {"sku_id": sku}
    increment = after.wire["num"] - before.wire["num"]
    if increment and not moved:
        yield f"{ITEM}StockChanged", content | total | {"increment": increment}
    if increment and not after.wire["num"]:
        yield f"{ITEM}ZeroStock", content


def _moved(before: Item, after: Item, content: Json) -> Iterator[tuple[str, Json]]:
    """Yields what changed on the shelf; an item sold out is told of by its stock alone."""
    if before.banner == after.banner:
        return
    if after.on_sale:
        yield f"{ITEM}Upshelf", content | _of(after, "num", "price") | {"status": "onsale"}
    elif after.banner == VIOLATION:
        yield f"{ITEM}PunishDownshelf", content
    elif before.on_sale and after.banner != SOLD_OUT:
        yield f"{ITEM}Downshelf", content


def _recommended(before: Item, after: Item, content: Json) -> Iterator[tuple[str, Json]]:
    """Yields what changed in the shop's window."""
    if _differs(before, after, "has_showcase"):
        yield f"{ITEM}{'RecommendAdd' if after.wire['has_showcase'] else 'RecommendDelete'}", content
