"""The buyers of the sandbox, by hand or as a market that runs by itself, and the trades and refunds they made."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.bounds import LONGEST_S
from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.market import passing
from onshelf.sandbox.market.claims import Claims
from onshelf.sandbox.market.refund import BUYER, Refund
from onshelf.sandbox.market.till import Line, Till, fen
from onshelf.sandbox.market.trade import Order, Trade
from onshelf.sandbox.pages.answer import Id, answer, read, route, whole
from onshelf.sandbox.pages.hand import refused_by_name, show_refund, show_trade
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.rules import is_price
from onshelf.sandbox.selling import Cause
from onshelf.sandbox.state import Shop
from onshelf.sandbox.wire import Json

ACTIONS = (
    "buy",
    "pay",
    "cancel",
    "confirm",
    "rate",
    "refund",
    "ask_anew",
    "send_back",
    "say",
    "withdraw",
)


class LineOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What a buyer takes, as it is sent."""

    num_iid: Id
    num: int = 1
    sku_id: Id = Id(0)  # 0: the first sku


class BuyerOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Something a buyer does."""

    action: str
    nick: str = ""  # shop; "" the first
    buyer: Id = Id(1)  # buy: who; a shop's user_id is its owner
    lines: list[LineOrder] = []  # buy: {num_iid, num, sku_id}
    num_iid: Id = Id(0)  # buy: instead of lines, one item
    num: int = 1
    sku_id: Id = Id(0)  # 0: the first sku
    message: str = ""  # buy: to the seller
    tid: Id = Id(0)
    oid: Id = Id(0)  # refund: which order; 0 the first
    refund_id: Id = Id(0)  # 0: the last refund of the trade
    fee: str = ""  # refund, ask_anew: yuan; "" all of the order
    reason: str = "不想要了"
    returns: bool = False  # refund: the goods come back
    content: str = ""  # rate, say
    result: Literal["good", "neutral", "bad"] = "good"  # rate
    company: str = "顺丰速运"  # send_back
    out_sid: str = "SF1000000000001"


class MarketOrder(msgspec.Struct, forbid_unknown_fields=True):
    """How the market runs."""

    trades_per_minute: Annotated[float, Meta(ge=0, le=60_000)] | None = None  # 0 stops it
    # sellers ship by themselves so long after payment; below 0: not any more
    ship_after_s: Annotated[float, Meta(le=LONGEST_S)] | None = None
    tid_digits: int | None = None  # 18, or 16


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the market."""
    return MarketPages(platform).routes()


class MarketPages:
    """The market of one sandbox."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self) -> list[BaseRoute]:
        return [
            route("/_sandbox/buyer", self.buyer, "POST"),
            route("/_sandbox/market", self.market, "GET", "POST"),
            route("/_sandbox/trades", self.trades, "GET"),
            route("/_sandbox/refunds", self.refunds, "GET"),
        ]

    async def buyer(self, request: Request) -> Response:
        """Does something in a buyer's name; answers the trade, or the refund."""
        order = await read(request, BuyerOrder)
        self._platform.gateway.settle_all()
        shop = self._shop(order.nick)
        fate = self._platform.gateway.faults.decide_lag("buyer", self._platform.clock.now())
        shop.lag(fate.lag_s, ids=fate.lag_ids)
        till = Till(self._platform.world, shop, Cause(self._platform.clock.now(), "buyer"))
        with refused_by_name():
            return answer(_act(till, order))

    def _shop(self, nick: str) -> Shop:
        shops = self._platform.world.shops
        found = shops.get(nick or self._platform.options.seller_nick)
        if found is None:
            raise ControlError("nick", f"no such shop: {nick}; use one of {', '.join(shops)}")
        return found

    async def market(self, request: Request) -> Response:
        """Shows how the market runs, or changes it."""
        world = self._platform.world
        if request.method == "POST":
            order = await read(request, MarketOrder)
            _set_market(self._platform, order)
        running = {"trades_per_minute": world.market.trades_per_minute, "count": world.market.count}
        counts = {
            "trades": sum(len(shop.ledger.trades) for shop in world.shops.values()),
            "refunds": sum(len(shop.ledger.refunds) for shop in world.shops.values()),
        }
        ways = {"ship_after_s": world.market.ship_after_s, "tid_digits": world.market.tid_digits}
        return answer({**running, **ways, **counts})

    async def trades(self, request: Request) -> Response:
        """Shows trades, newest first, as the platform would write them."""
        self._platform.gateway.settle_all()
        page, size = whole(request, "page", 1), whole(request, "page_size", 100)
        shop = self._shop(request.query_params.get("nick", ""))
        till = self._till(shop)
        return answer(
            [show_trade(till, one) for one in shop.ledger.trades.newest("created").page(page, size)]
        )

    async def refunds(self, request: Request) -> Response:
        """Shows refunds, newest first."""
        self._platform.gateway.settle_all()
        page, size = whole(request, "page", 1), whole(request, "page_size", 100)
        shop = self._shop(request.query_params.get("nick", ""))
        till = self._till(shop)
        return answer(
            [show_refund(till, one) for one in shop.ledger.refunds.newest("created").page(page, size)]
        )

    def _till(self, shop: Shop) -> Till:
        return Till(self._platform.world, shop, Cause(self._platform.clock.now(), "buyer"))


def _set_market(platform: Platform, order: MarketOrder) -> None:
    market = platform.world.market
    if order.tid_digits is not None:
        if order.tid_digits not in (16, 18):
            raise ControlError("tid_digits", f"use 16 or 18, not {order.tid_digits}")
        market.tid_digits = order.tid_digits
    if order.ship_after_s is not None:
        market.ship_after_s = order.ship_after_s if order.ship_after_s >= 0 else None
    if order.trades_per_minute is not None:
        platform.gateway.settle_all()
        market.trades_per_minute = order.trades_per_minute
        passing.start(platform.world, platform.clock.now())


def _act(till: Till, order: BuyerOrder) -> Json:
    if order.action == "buy":
        wanted = order.lines or [LineOrder(order.num_iid, order.num, order.sku_id)]
        lines = [Line(one.num_iid, one.num, one.sku_id) for one in wanted]
        return show_trade(till, till.buy(int(order.buyer), lines, message=order.message))
    if order.action in ("pay", "cancel", "confirm", "rate", "refund"):
        return _trade_step(till, till.find(order.tid), order)
    if order.action in ("ask_anew", "send_back", "say", "withdraw"):
        claims = Claims(till)
        return show_refund(till, _refund_step(claims, claims.find(_refund_id(till, order)), order))
    raise ControlError("action", f"use one of {', '.join(ACTIONS)}")


def _refund_id(till: Till, order: BuyerOrder) -> int:
    """Returns the refund meant: the one named, or the last asked for in the trade."""
    if order.refund_id or not order.tid:
        return order.refund_id
    return max(one.refund_id for one in till.find(order.tid).orders)


def _trade_step(till: Till, trade: Trade, order: BuyerOrder) -> Json:
    match order.action:
        case "pay":
            return show_trade(till, till.pay(trade))
        case "cancel":
            return show_trade(till, till.close(trade, "买家不想买了"))
        case "confirm":
            return show_trade(till, till.confirm(trade))
        case "rate":
            return show_trade(till, till.rate(trade, order.result, order.content))
    asked = _order(trade, order.oid)
    fee_fen = _fen(order.fee) if order.fee else asked.total_fen
    claims = Claims(till)
    return show_refund(till, claims.ask(trade, asked, fee_fen, order.reason, returns=order.returns))


def _order(trade: Trade, oid: int) -> Order:
    found = trade.order(oid) if oid else trade.orders[0]
    if found is None:
        raise ControlError("oid", f"the trade has no order {oid}")
    return found


def _fen(text: str) -> int:
    if not is_price(text):
        raise ControlError("fee", f"use yuan like 12.50, not {text!r}")
    return fen(text)


def _refund_step(claims: Claims, refund: Refund, order: BuyerOrder) -> Refund:
    match order.action:
        case "ask_anew":
            return claims.ask_anew(refund, _fen(order.fee) if order.fee else refund.fee_fen)
        case "send_back":
            return claims.send_back(refund, order.company, order.out_sid)
        case "say":
            return claims.say(refund, BUYER, order.content)
    return claims.withdraw(refund)
