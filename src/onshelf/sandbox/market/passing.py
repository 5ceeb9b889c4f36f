"""What time brings to a shop's trades: timeouts, buyers who do what they planned, and the next buyer of a running market."""

from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market import refund as refunds
from onshelf.sandbox.market.claims import Claims
from onshelf.sandbox.market.crowd import REASONS, Plan, gap_s, plan
from onshelf.sandbox.market.till import Line, Till
from onshelf.sandbox.market.trade import FINISHED, WAIT_CONFIRM, WAIT_PAY, NotNow, Parcel, Trade
from onshelf.sandbox.selling import Cause
from onshelf.sandbox.shelf import ONSALE, Query
from onshelf.sandbox.state import Due, World

KINDS = frozenset(("trade", "refund", "buyer", "market"))
_LATE = "未及时付款"


def settle(world: World, due: Due) -> None:
    """Does what was due; nothing when the trade has moved on."""
    if due.kind == "market":
        _arrive(world, due)
        return
    till = Till(world, world.shops[due.nick], Cause(due.at, "clock" if due.kind != "buyer" else "buyer"))
    try:
        _WHAT[due.kind](till, due)
    except (NotNow, BusinessError):
        return


def start(world: World, now: float) -> None:
    """Lets the market's next buyer come; a market whose rate is 0 stops at its next one."""
    market = world.market
    market.run += 1
    if market.trades_per_minute:
        wait = gap_s(world.seed, market.count, market.trades_per_minute)
        world.later(now + wait, "market", "", num_iid=market.run)


def _arrive(world: World, due: Due) -> None:
    market = world.market
    if due.num_iid != market.run or not market.trades_per_minute:
        return
    serial, market.count = market.count, market.count + 1
    wait = gap_s(world.seed, market.count, market.trades_per_minute)
    world.later(due.at + wait, "market", "", num_iid=market.run)
    wish = plan(world.seed, serial)
    shops = list(world.shops.values())
    till = Till(world, shops[int(wish.shop * len(shops))], Cause(due.at, "buyer"))
    try:
        _begin(till, wish, serial)
    except BusinessError:
        return


def _begin(till: Till, wish: Plan, serial: int) -> None:
    line = _choose(till, wish)
    if line is None:
        return
    trade = till.buy(wish.buyer, [line], message=wish.message, serial=serial)
    if wish.pay_s is not None:
        till.remind(trade, "pay", wish.pay_s)
    elif wish.cancel_s is not None:
        till.remind(trade, "cancel", wish.cancel_s)


def _choose(till: Till, wish: Plan) -> Line | None:
    index = till.shop.shelf.index
    _, total = index.page(Query(ONSALE, page_size=1))
    if not total:
        return None
    (item,), _ = index.page(Query(ONSALE, page_no=int(wish.pick * total) + 1, page_size=1))
    skus = [sku for sku in item.skus if sku["quantity"] >= wish.num]
    sku_id = skus[int(wish.sku * len(skus))]["sku_id"] if skus else 0
    return Line(item.num_iid, wish.num, sku_id)


def _act(till: Till, due: Due) -> None:
    trade = till.find(due.num_iid)
    wish = plan(till.world.seed, trade.serial)
    match due.stamp:
        case "pay":
            till.pay(trade)
            if wish.refund_s is not None:
                till.remind(trade, "refund", wish.refund_s)
            if till.world.market.ship_after_s is not None:
                till.remind(trade, "ship", till.world.market.ship_after_s)
        case "cancel":
            till.close(trade, REASONS[0])
        case "ship":
            till.send(trade, parcel(till, trade))
        case "rate":
            till.rate(trade, wish.result, wish.comment)
        case _:
            _act_on_refund(Claims(till), trade, due.stamp, wish)


def parcel(till: Till, trade: Trade) -> Parcel:
    """Returns everything of a trade in one parcel, with a waybill made from its id."""
    number = f"SF{trade.tid % 10**13:013}"
    return Parcel(f"LP{till.world.new_id()}", "SF", "顺丰速运", number, till.stamp, ())


def _act_on_refund(claims: Claims, trade: Trade, action: str, wish: Plan) -> None:
    order = trade.orders[0]
    match action:
        case "refund":
            reason = REASONS[trade.tid % len(REASONS)]
            claims.ask(trade, order, order.total_fen, reason, returns=wish.returns)
        case "send_back":
            claims.send_back(claims.find(order.refund_id), "圆通速递", f"YT{trade.tid % 10**13:013}")
        case "withdraw":
            claims.withdraw(claims.find(order.refund_id))


def _trade_ends(till: Till, due: Due) -> None:
    trade = till.find(due.num_iid)
    if trade.until != due.stamp:
        return
    if trade.status == WAIT_PAY:
        till.close(trade, _LATE)
    elif trade.status == WAIT_CONFIRM:
        done = till.confirm(trade)
        rate_s = plan(till.world.seed, trade.serial).rate_s if trade.serial >= 0 else None
        if done.status == FINISHED and rate_s is not None:
            till.remind(done, "rate", rate_s)


def _refund_ends(till: Till, due: Due) -> None:
    claims = Claims(till)
    refund = claims.find(due.num_iid)
    if refund.until != due.stamp:
        return
    if refund.status in (refunds.WAIT_RETURN, refunds.REFUSED):
        claims.withdraw(refund)
    else:
        claims.agree(refund)


_WHAT = {"trade": _trade_ends, "refund": _refund_ends, "buyer": _act}
