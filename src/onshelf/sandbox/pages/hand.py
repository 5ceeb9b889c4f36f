"""The seller's hand on trades and refunds, as in a back office: ships, closes, agrees, refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

from onshelf.sandbox.errors import ApiError, ControlError
from onshelf.sandbox.market.claims import Claims
from onshelf.sandbox.market.passing import parcel
from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.shown import refund_row, trade_row
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.market.trade import NotNow, Trade
from onshelf.sandbox.wire import Json

ON_TRADES = ("ship", "close")
ON_REFUNDS = ("agree", "refuse")


def act_on_trade(till: Till, action: str, *, tid: int = 0, refund_id: int = 0) -> Json:
    """Does what the seller does to a trade or refund, and returns it. Raises: ControlError."""
    with refused_by_name():
        match action:
            case "ship":
                return show_trade(till, till.send(trade := till.find(tid), parcel(till, trade)))
            case "close":
                return show_trade(till, till.close(till.find(tid), "缺货"))
        claims = Claims(till)
        refund = claims.find(refund_id)
        return show_refund(till, claims.agree(refund) if action == "agree" else claims.refuse(refund))


@contextmanager
def refused_by_name() -> Iterator[None]:
    """Turns the platform's own refusals, and steps a state does not allow, into a ControlError."""
    try:
        yield
    except ApiError as refusal:
        raise ControlError("action", f"{refusal.sub_code} {refusal.sub_msg}") from refusal
    except NotNow as refusal:
        raise ControlError("action", f"not while it is {refusal.status}") from refusal


def show_trade(till: Till, trade: Trade) -> Json:
    """Returns a trade as the platform would write it."""
    record = till.shop.record
    return trade_row(trade, till.person(trade), seller_nick=record.nick, seller_type=record.kind)


def show_refund(till: Till, refund: Refund) -> Json:
    """Returns a refund as the platform would write it."""
    trade = till.find(refund.tid)
    return refund_row(refund, trade, till.person(trade), seller_nick=till.shop.nick)
