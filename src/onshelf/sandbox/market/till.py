"""What can happen to a trade, whoever causes it: each verb makes its next version, moves stock, and tells of it.

Timeouts are the platform's usual ones: 3 days to pay, 10 to confirm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from onshelf.sandbox.clock import read_time, wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market import trade as trades
from onshelf.sandbox.market.buyers import Buyer, buyer
from onshelf.sandbox.market.crowd import plan
from onshelf.sandbox.market.shown import trade_news
from onshelf.sandbox.market.trade import FINISHED, WAIT_CONFIRM, WAIT_PAY, Order, Parcel, Trade
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.state import DAY_S, FIRST_USER, Shop, World
from onshelf.sandbox.wire import Json

PAY_S = 3 * DAY_S
CONFIRM_S = 10 * DAY_S
ON_PAYMENT = 2  # sub_stock: stock falls when the buyer pays, else when they order
_FIRST_TID = {18: 227_668_460_000_000_000, 16: 3_028_680_000_000_000}
_SERIES = 10**9  # trades of one length before their ids repeat


@dataclass(frozen=True, slots=True)
class Line:
    """What a buyer takes: pieces of an item, or of one of its skus."""

    num_iid: int
    num: int = 1
    sku_id: int = 0  # 0: the only one, or the first


class Till:
    """The verbs of one shop's trades, all in one cause."""

    def __init__(self, world: World, shop: Shop, cause: Cause) -> None:
        self.world, self.shop, self.cause = world, shop, cause
        self.ledger = shop.ledger
        self.stamp = wire_time(cause.at)

    def find(self, tid: int) -> Trade:
        """Returns a trade. Raises: BusinessError when the shop has no such trade."""
        found = self.ledger.trades.get(tid)
        if found is None:
            raise BusinessError("isv.trade-not-exist", f"交易不存在：{tid}")
        return found

    def person(self, trade: Trade) -> Buyer:
        """Returns the trade's buyer; who owns a shop buys under its nick, numbered by the shop's user_id."""
        found = buyer(self.world.seed, trade.buyer)
        if trade.buyer < FIRST_USER:
            return found
        owned = (shop.nick for shop in self.world.shops.values() if shop.record.user_id == trade.buyer)
        return replace(found, nick=next(owned, found.nick))

    def until(self, kind: str, seconds: float, number: int) -> str:
        """Notes when a state ends by itself; returns that time."""
        at = self.cause.at + seconds
        stamp = wire_time(at)
        self.world.later(at, kind, self.shop.nick, num_iid=number, stamp=stamp)
        return stamp

    def remind(self, trade: Trade, action: str, seconds: float) -> None:
        """Lets the trade's buyer, or the market's seller, act by itself after a while; other buyers act by hand."""
        if trade.serial >= 0:
            at = self.cause.at + seconds
            self.world.later(at, "buyer", self.shop.nick, num_iid=trade.tid, stamp=action)

    def buy(self, number: int, lines: Sequence[Line], *, message: str = "", serial: int = -1) -> Trade:
        """Buyer `number` places a trade; stock falls now, or at payment when the item says so. Raises: BusinessError."""
        items = [self._on_sale(line) for line in lines]
        _check_stock(lines, items)
        tid = self.new_number(number)
        oids = [tid] if len(lines) == 1 else [self.new_number(number) for _ in lines]
        orders = [
            _order(oid, item, sku, line.num)
            for oid, (item, sku), line in zip(oids, items, lines, strict=True)
        ]
        for order, (item, _sku) in zip(orders, items, strict=True):
            if item.wire.get("sub_stock") != ON_PAYMENT:
                self._move_stock(order, -order.num)
        post_fen, way = _postage(items[0][0])
        placed = Trade(
            tid,
            number,
            self.stamp,
            self.stamp,
            tuple(orders),
            post_fen=post_fen,
            shipping_type=way,
            until=self.until("trade", PAY_S, tid),
            message=message,
            serial=serial,
        )
        return self.keep(placed, "TradeCreate")

    def new_number(self, number: int) -> int:
        """Returns the id of the next trade, order or refund of buyer `number`; it ends like the buyer's own."""
        self.world.market.last_tid += 1
        serial = self.world.market.last_tid % _SERIES
        return _FIRST_TID[self.world.market.tid_digits] + serial * 10_000 + number % 10_000

    def _on_sale(self, line: Line) -> tuple[Item, Json | None]:
        item = Counter(self.world, self.shop, self.cause).find(line.num_iid)
        sku = next((one for one in item.skus if line.sku_id in (0, one["sku_id"])), None)
        if item.skus and sku is None:
            raise BusinessError("isv.sku-not-exist:invalid-skuId", f"SKU不存在：{line.sku_id}")
        if not item.on_sale:
            raise BusinessError("isv.trade-service-error:ITEM_SOLD_OUT", f"商品不在售：{line.num_iid}")
        return item, sku

    def _move_stock(self, order: Order, amount: int) -> None:
        """Takes pieces off the item, or puts them back; an item that is gone keeps nothing."""
        item = self.shop.shelf.items.get(order.num_iid)
        if item is None or item.deleted:
            return
        rows = [
            {**sku, "quantity": max(0, sku["quantity"] + amount)} if sku["sku_id"] == order.sku_id else sku
            for sku in item.skus
        ]
        fields: Json = {"num": max(0, item.wire["num"] + amount)}
        if rows:
            fields = {"num": sum(sku["quantity"] for sku in rows), "skus": {"sku": rows}}
        Counter(self.world, self.shop, self.cause).change(item, fields)

    def pay(self, trade: Trade) -> Trade:
        """The buyer pays. Raises: NotNow."""
        paid = trades.paid(trade, self.stamp)
        for order in paid.orders:
            item = self.shop.shelf.items.get(order.num_iid)
            if item is not None and item.wire.get("sub_stock") == ON_PAYMENT:
                self._move_stock(order, -order.num)
            Counter(self.world, self.shop, self.cause).sold(order.num_iid, order.num)
        return self.keep(paid, "TradeBuyerPay")

    def close(self, trade: Trade, reason: str) -> Trade:
        """Ends an unpaid trade; what it held goes back on stock. Raises: NotNow."""
        ended = trades.cancelled(trade, self.stamp, reason)
        for order in ended.orders:
            item = self.shop.shelf.items.get(order.num_iid)
            if item is not None and item.wire.get("sub_stock") != ON_PAYMENT:
                self._move_stock(order, order.num)
        return self.keep(ended, "TradeClose")

    def call_carrier(self, trade: Trade, parcel: Parcel) -> Trade:
        """A carrier is asked to come; the waybill follows. Raises: NotNow."""
        return self.keep(trades.called(trade, self.stamp, parcel), "TradeChanged")

    def drop_carrier(self, trade: Trade, left: tuple[Parcel, ...]) -> Trade:
        """A called carrier is sent away; `left` are the parcels that stay."""
        return self.keep(trades.changed(trade, self.stamp, parcels=left), "TradeChanged")

    def send(self, trade: Trade, parcel: Parcel) -> Trade:
        """The parcel leaves. Raises: NotNow."""
        sent = trades.shipped(trade, self.stamp, parcel)
        if sent.status == WAIT_CONFIRM:
            sent = trades.changed(
                sent, self.stamp, until=self.until("trade", self._patience(trade), trade.tid)
            )
        whole = sent.status == WAIT_CONFIRM
        return self.keep(sent, "TradeSellerShip" if whole else "TradePartlySellerShip", oid=parcel.oids[:1])

    def _patience(self, trade: Trade) -> float:
        return plan(self.world.seed, trade.serial).confirm_s if trade.serial >= 0 else CONFIRM_S

    def resend(self, trade: Trade, parcel: Parcel) -> Trade:
        """The waybill is mended. Raises: NotNow."""
        return self.keep(trades.resent(trade, self.stamp, parcel), "TradeChanged")

    def confirm(self, trade: Trade) -> Trade:
        """The buyer has everything that was sent. Raises: NotNow."""
        done = trades.confirmed(trade, self.stamp)
        return self.keep(done, "TradeSuccess" if done.status == FINISHED else "TradePartlyConfirmPay")

    def wait_again(self, trade: Trade) -> None:
        """Gives the buyer of a parcel their days to confirm anew when these ran out while a refund was open."""
        if trade.status == WAIT_CONFIRM and trade.until <= self.stamp:
            until = self.until("trade", self._patience(trade), trade.tid)
            self.ledger.keep(trades.changed(trade, self.stamp, until=until))

    def rate(self, trade: Trade, result: str, content: str) -> Trade:
        """The buyer rates. Raises: NotNow."""
        return self.keep(
            trades.rated(trade, self.stamp, result, content), "TradeRated", rater="buyer", result=result
        )

    def remark(self, trade: Trade, memo: str, flag: int) -> Trade:
        """The seller writes a memo."""
        noted = trades.changed(trade, self.stamp, memo=memo, flag=flag)
        return self.keep(noted, "TradeMemoModified", action_type="seller", seller_flag=flag, seller_memo=memo)

    def delay(self, trade: Trade, days: int) -> Trade:
        """The buyer gets more days to confirm. Raises: NotNow."""
        if trade.status != WAIT_CONFIRM or not trade.until:
            raise trades.NotNow(trade.status)
        left = read_time(trade.until) - self.cause.at + days * DAY_S
        return self.keep(
            trades.changed(trade, self.stamp, until=self.until("trade", left, trade.tid)),
            "TradeDelayConfirmPay",
        )

    def readdress(self, trade: Trade, address: dict[str, str]) -> Trade:
        """The seller changes where it goes, before it leaves. Raises: NotNow."""
        if trade.status not in (WAIT_PAY, trades.WAIT_SEND):
            raise trades.NotNow(trade.status)
        joined = {**trade.address, **address}
        return self.keep(trades.changed(trade, self.stamp, address=joined), "TradeLogisticsAddressChanged")

    def swap_sku(self, trade: Trade, oid: int, sku_id: int, properties: str) -> Trade:
        """An order gets another sku of its item, named by id or properties. Raises: NotNow, BusinessError."""
        order = trade.order(oid)
        if order is None or order.status not in (WAIT_PAY, trades.WAIT_SEND):
            raise trades.NotNow(order.status if order else trade.status)
        item = Counter(self.world, self.shop, self.cause).find(order.num_iid)
        found = [one for one in item.skus if one["sku_id"] == sku_id or one["properties"] == properties]
        if not found:
            raise BusinessError("isv.sku-not-exist:invalid-skuId", f"SKU不存在：{sku_id or properties}")
        swapped = replace(
            _order(oid, item, found[0], order.num), status=order.status, price_fen=order.price_fen
        )
        self._move_stock(order, order.num)
        self._move_stock(swapped, -order.num)
        orders = tuple(swapped if one is order else one for one in trade.orders)
        return self.keep(trades.changed(trade, self.stamp, orders=orders), "OrderSkuChanged", oid=(oid,))

    def reprice_postage(self, trade: Trade, post_fen: int) -> Trade:
        """The seller changes the postage of an unpaid trade. Raises: NotNow."""
        if trade.status != WAIT_PAY:
            raise trades.NotNow(trade.status)
        return self.keep(trades.changed(trade, self.stamp, post_fen=post_fen), "TradeModifyFee")

    def keep(self, trade: Trade, topic: str, *, oid: Sequence[int] = (), **extra: object) -> Trade:
        """Keeps a trade's next version and tells of it: the one door of every change."""
        content = trade_news(trade, self.person(trade), self.shop.nick, *oid[:1])
        self.world.tell(self.shop.nick, f"taobao_trade_{topic}", {**content, **extra}, self.cause.at)
        return self.ledger.keep(trade)


def _check_stock(lines: Sequence[Line], items: Sequence[tuple[Item, Json | None]]) -> None:
    """Checks that there is enough of everything, several lines of one thing together. Raises: BusinessError."""
    wanted: dict[int, int] = {}
    for line, (item, sku) in zip(lines, items, strict=True):
        number, left = (sku["sku_id"], sku["quantity"]) if sku else (item.num_iid, item.wire["num"])
        wanted[number] = wanted.get(number, 0) + line.num
        if line.num < 1 or wanted[number] > left:
            raise BusinessError("isv.trade-service-error:ITEM_SOLD_OUT", f"数量须大于0且不超过库存{left}件")


def _order(oid: int, item: Item, sku: Json | None, num: int) -> Order:
    price = sku["price"] if sku else item.wire["price"]
    return Order(
        oid,
        item.num_iid,
        item.wire["title"],
        fen(price),
        num,
        cid=item.wire["cid"],
        sku_id=sku["sku_id"] if sku else 0,
        sku_properties_name=_spoken(sku) if sku else "",
        outer_iid=item.wire["outer_id"],
        outer_sku_id=sku["outer_id"] if sku else "",
        pic_path=item.wire.get("pic_url", ""),
    )


def fen(text: str) -> int:
    """Reads yuan with at most two decimals."""
    yuan_part, _, cents = text.partition(".")
    return int(yuan_part) * 100 + int((cents + "00")[:2])


def _spoken(sku: Json) -> str:
    """Returns a sku's properties as orders carry them: `颜色分类:白色;尺码:L`."""
    parts = (part.split(":", 2)[-1] for part in sku.get("properties_name", "").split(";"))
    return ";".join(parts) or str(sku["properties"])


def _postage(item: Item) -> tuple[int, str]:
    if item.wire.get("freight_payer") != "buyer":
        return 0, "free"
    return fen(item.wire.get("express_fee", "8.00")), "express"
