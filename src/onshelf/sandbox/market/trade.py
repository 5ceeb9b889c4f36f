"""A trade's life as values: placed, paid, shipped in one or more parcels, received, rated; or closed. Pure; money in fen.

Each step gives the trade's next version, or raises NotNow when its state does not allow the step.
Source: reference/top-domains.json `Trade.status`; top-methods.md 5.
"""

from collections.abc import Callable, Collection

import msgspec
from msgspec.structs import replace

WAIT_PAY = "WAIT_BUYER_PAY"
WAIT_SEND = "WAIT_SELLER_SEND_GOODS"
PART_SENT = "SELLER_CONSIGNED_PART"
WAIT_CONFIRM = "WAIT_BUYER_CONFIRM_GOODS"
FINISHED = "TRADE_FINISHED"
CLOSED = "TRADE_CLOSED"  # after payment, by refund
CANCELLED = "TRADE_CLOSED_BY_TAOBAO"  # before payment
ENDED = frozenset((FINISHED, CLOSED, CANCELLED))

NO_REFUND = "NO_REFUND"
REFUNDED = "SUCCESS"


class NotNow(Exception):
    """The state does not allow the step; `status` is the state."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Order(msgspec.Struct, frozen=True):
    """One line of a trade: some pieces of one item or sku."""

    oid: int
    num_iid: int
    title: str
    price_fen: int
    num: int
    cid: int = 0
    sku_id: int = 0  # 0: the item has no skus
    sku_properties_name: str = ""
    outer_iid: str = ""
    outer_sku_id: str = ""
    pic_path: str = ""
    status: str = WAIT_PAY
    refund_id: int = 0  # of the last refund asked for
    refund_status: str = NO_REFUND
    refunded_fen: int = 0  # what went back already
    consign_time: str = ""
    end_time: str = ""
    company: str = ""  # carrier's name
    out_sid: str = ""

    @property
    def total_fen(self) -> int:
        """Returns what the pieces cost, without postage."""
        return self.price_fen * self.num


class Parcel(msgspec.Struct, frozen=True):
    """Something sent, or ordered to be fetched."""

    order_code: str
    company_code: str
    company: str
    out_sid: str  # "" until the waybill is known
    created: str
    oids: tuple[int, ...]
    sent: bool = True  # False: a carrier was called, the goods still stand here


class Rate(msgspec.Struct, frozen=True):
    """What the buyer said of one order."""

    oid: int
    result: str  # good, neutral, bad
    content: str
    created: str


class Trade(msgspec.Struct, frozen=True):
    """One version of a trade."""

    tid: int
    buyer: int  # number of the buyer
    created: str  # wire time, as all times here
    modified: str
    orders: tuple[Order, ...]
    post_fen: int = 0
    shipping_type: str = "express"
    pay_time: str = ""
    until: str = ""  # when the state ends by itself; "" never
    memo: str = ""
    flag: int = 0
    message: str = ""  # the buyer's
    close_reason: str = ""
    address: dict[str, str] = {}  # receiver fields the seller changed
    parcels: tuple[Parcel, ...] = ()
    rates: tuple[Rate, ...] = ()
    serial: int = -1  # which trade of the market it is: its buyer acts by itself; -1 of none

    @property
    def status(self) -> str:
        """Returns the state that follows from the orders'."""
        left = {one.status for one in self.orders if one.status not in (CLOSED, CANCELLED)}
        if not left:
            return CLOSED if any(one.status == CLOSED for one in self.orders) else CANCELLED
        if len(left) == 1:
            return left.pop()
        return PART_SENT if WAIT_SEND in left else WAIT_CONFIRM

    @property
    def payment_fen(self) -> int:
        """Returns what the buyer pays, postage included."""
        return sum(one.total_fen for one in self.orders) + self.post_fen

    def order(self, oid: int) -> Order | None:
        """Returns an order by its id."""
        return next((one for one in self.orders if one.oid == oid), None)


def paid(trade: Trade, stamp: str) -> Trade:
    """The buyer pays the whole trade."""
    _need(trade, WAIT_PAY)
    return _each(
        trade, stamp, (WAIT_PAY,), lambda one: replace(one, status=WAIT_SEND), pay_time=stamp, until=""
    )


def cancelled(trade: Trade, stamp: str, reason: str) -> Trade:
    """Somebody closes a trade that nobody has paid."""
    _need(trade, WAIT_PAY)
    ended: Callable[[Order], Order] = lambda one: replace(one, status=CANCELLED, end_time=stamp)  # noqa: E731 used once, named for its type
    return _each(trade, stamp, (WAIT_PAY,), ended, close_reason=reason, until="")


def called(trade: Trade, stamp: str, parcel: Parcel) -> Trade:
    """A carrier is called without a waybill: the state stays. Source: top-methods.md 5, logistics.online.send."""
    _need(trade, WAIT_SEND, PART_SENT)
    return replace(trade, modified=stamp, parcels=(*trade.parcels, parcel))


def shipped(trade: Trade, stamp: str, parcel: Parcel) -> Trade:
    """The seller sends the parcel's orders; with none named, all that wait."""
    waiting = {one.oid for one in trade.orders if one.status == WAIT_SEND}
    wanted = set(parcel.oids) or waiting
    if not waiting or not wanted <= waiting:
        raise NotNow(trade.status)
    parcel = replace(parcel, oids=tuple(sorted(wanted)))
    parcels = tuple(one for one in trade.parcels if one.order_code != parcel.order_code)
    times = {"consign_time": stamp, "company": parcel.company, "out_sid": parcel.out_sid}
    return _each(
        replace(trade, parcels=(*parcels, parcel)),
        stamp,
        (WAIT_SEND,),
        lambda one: replace(one, status=WAIT_CONFIRM, **times) if one.oid in wanted else one,
    )


def resent(trade: Trade, stamp: str, parcel: Parcel) -> Trade:
    """The seller mends the waybill of what is under way."""
    under_way = {one.oid for one in trade.orders if one.status == WAIT_CONFIRM}
    wanted = set(parcel.oids) & under_way or under_way
    if not wanted:
        raise NotNow(trade.status)
    kept = tuple(one for one in trade.parcels if not wanted & set(one.oids))
    parcel = replace(parcel, oids=tuple(sorted(wanted)))
    return _each(
        replace(trade, parcels=(*kept, parcel)),
        stamp,
        (WAIT_CONFIRM,),
        lambda one: (
            replace(one, company=parcel.company, out_sid=parcel.out_sid) if one.oid in wanted else one
        ),
    )


def confirmed(trade: Trade, stamp: str) -> Trade:
    """The buyer has received what was sent, save orders about which a refund is open."""
    if not any(one.status == WAIT_CONFIRM and not _disputed(one) for one in trade.orders):
        raise NotNow(trade.status)
    return _each(
        trade,
        stamp,
        (WAIT_CONFIRM,),
        lambda one: one if _disputed(one) else replace(one, status=FINISHED, end_time=stamp),
        until="",
    )


def _disputed(order: Order) -> bool:
    return order.refund_status not in (NO_REFUND, REFUNDED, "CLOSED")


def disputed(trade: Trade, stamp: str, oid: int, refund_id: int, status: str) -> Trade:
    """Notes on an order how its refund stands; nothing else changes."""
    return _each(
        trade,
        stamp,
        _ANY,
        lambda one: replace(one, refund_id=refund_id, refund_status=status) if one.oid == oid else one,
    )


def refunded(trade: Trade, stamp: str, oid: int, fee_fen: int) -> Trade:
    """Money goes back for an order; all of it closes an order that is not finished."""

    def after(order: Order) -> Order:
        back = order.refunded_fen + fee_fen
        whole = order.status != FINISHED and back >= order.total_fen
        closing = {"status": CLOSED, "end_time": stamp} if whole else {}
        return replace(order, refund_status=REFUNDED, refunded_fen=back, **closing)

    return _each(trade, stamp, _ANY, lambda one: after(one) if one.oid == oid else one)


def rated(trade: Trade, stamp: str, result: str, content: str) -> Trade:
    """The buyer rates every finished order, once."""
    done = {one.oid for one in trade.rates}
    new = [
        Rate(one.oid, result, content, stamp)
        for one in trade.orders
        if one.status == FINISHED and one.oid not in done
    ]
    if not new:
        raise NotNow(trade.status)
    return replace(trade, modified=stamp, rates=(*trade.rates, *new))


_ANY = frozenset((WAIT_PAY, WAIT_SEND, WAIT_CONFIRM, FINISHED, CLOSED, CANCELLED))


def changed(trade: Trade, stamp: str, **fields: object) -> Trade:
    """Changes what stands beside the life cycle: memo, flag, address, postage, until."""
    return replace(trade, modified=stamp, **fields)


def _need(trade: Trade, *states: str) -> None:
    if trade.status not in states:
        raise NotNow(trade.status)


def _each(
    trade: Trade, stamp: str, states: Collection[str], change: Callable[[Order], Order], **fields: object
) -> Trade:
    orders = tuple(change(one) if one.status in states else one for one in trade.orders)
    return replace(trade, modified=stamp, orders=orders, **fields)
