"""A refund's life as values: asked for, agreed or refused, goods sent back, money returned; or taken back by the buyer. Pure.

Source: reference/top-domains.json `Refund.*`; topics of top-protocol.md 6.8.
"""

import msgspec
from msgspec.structs import replace

from onshelf.sandbox.market.trade import NotNow

WAIT_AGREE = "WAIT_SELLER_AGREE"
WAIT_RETURN = "WAIT_BUYER_RETURN_GOODS"
WAIT_GOODS = "WAIT_SELLER_CONFIRM_GOODS"
REFUSED = "SELLER_REFUSE_BUYER"
SUCCESS = "SUCCESS"
CLOSED = "CLOSED"
OPEN = frozenset((WAIT_AGREE, WAIT_RETURN, WAIT_GOODS, REFUSED))

BUYER, SELLER = "BUYER", "SELLER"


class Message(msgspec.Struct, frozen=True):
    """One line of what buyer and seller say to each other."""

    id: int
    role: str  # BUYER, SELLER
    content: str
    created: str
    picture: str = ""  # address of the evidence


class Refund(msgspec.Struct, frozen=True):
    """One version of a refund; `version` grows with each."""

    refund_id: int
    tid: int
    oid: int
    fee_fen: int
    reason: str
    created: str
    modified: str
    returns: bool = False  # the goods come back first
    status: str = WAIT_AGREE
    phase: str = "onsale"  # aftersale once the trade is finished
    desc: str = ""
    good_status: str = "BUYER_NOT_RECEIVED"
    version: int = 1
    company: str = ""  # of the parcel that comes back
    out_sid: str = ""
    until: str = ""  # when the state ends by itself; "" never
    messages: tuple[Message, ...] = ()


def agreed(refund: Refund, stamp: str) -> Refund:
    """The seller agrees: money at once, or the goods first when they are to come back."""
    if refund.status == WAIT_AGREE and refund.returns:
        return _next(refund, stamp, WAIT_RETURN)
    return repaid(refund, stamp)


def repaid(refund: Refund, stamp: str) -> Refund:
    """The money goes back."""
    if refund.status not in (WAIT_AGREE, WAIT_GOODS):
        raise NotNow(refund.status)
    return _next(refund, stamp, SUCCESS)


def refused(refund: Refund, stamp: str) -> Refund:
    """The seller refuses, the request or the goods that came back."""
    if refund.status not in (WAIT_AGREE, WAIT_GOODS):
        raise NotNow(refund.status)
    return _next(refund, stamp, REFUSED)


def changed(refund: Refund, stamp: str, fee_fen: int) -> Refund:
    """The buyer asks anew, for another sum."""
    if refund.status not in (WAIT_AGREE, REFUSED):
        raise NotNow(refund.status)
    return replace(_next(refund, stamp, WAIT_AGREE), fee_fen=fee_fen)


def sent_back(refund: Refund, stamp: str, company: str, out_sid: str) -> Refund:
    """The buyer sends the goods back."""
    if refund.status != WAIT_RETURN:
        raise NotNow(refund.status)
    return replace(
        _next(refund, stamp, WAIT_GOODS), company=company, out_sid=out_sid, good_status="BUYER_RETURNED_GOODS"
    )


def withdrawn(refund: Refund, stamp: str) -> Refund:
    """The buyer takes the request back."""
    if refund.status not in OPEN:
        raise NotNow(refund.status)
    return _next(refund, stamp, CLOSED)


def timed(refund: Refund, until: str) -> Refund:
    """Notes when the state ends by itself."""
    return replace(refund, until=until)


def said(refund: Refund, message: Message) -> Refund:
    """Adds a message; it makes no new version of the agreement."""
    return replace(refund, modified=message.created, messages=(*refund.messages, message))


def _next(refund: Refund, stamp: str, status: str) -> Refund:
    return replace(refund, status=status, modified=stamp, version=refund.version + 1, until="")
