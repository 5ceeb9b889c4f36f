"""taobao.top.oaid.*, taobao.trades.sold.query: where parcels go, for apps that see addresses masked only."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.market.shown import oaid, receiver
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.market.trade import ENDED, Trade
from onshelf.sandbox.methods.trades import MONTHS_S
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.wire import Json, listed

MOST_QUERIES = 20
MOST_MERGED = 100
_OWN_TRADES = "1"  # order_type; others are of distributors and exchanges, which the sandbox has none of

T = TypeVar("T")


class Addressee(msgspec.Struct):
    """A receiver as a trade shows it."""

    oaid: str
    tid: int


class Person(msgspec.Struct):
    """A receiver as somebody who asks for their parcel tells it; what is given must all be so."""

    receiver_name: str = ""
    receiver_mobile: str = ""
    receiver_phone: str = ""
    start_created: str = ""
    end_created: str = ""


def _asked(call: Call, name: str, kind: type[T], most: int) -> list[T]:
    """Reads a list that is sent as JSON. Raises: InvalidArguments, BusinessError when it is too long."""
    rows = call.json(name, list[kind])  # type: ignore[valid-type]  # a type made at run time
    if len(rows) > most:
        raise invalid(name, f"最多{most}个")
    return rows


def oaid_decrypt(call: Call) -> Json:
    """Answers the receivers behind oaids; one that is not the trade's, or of a trade that has ended, stays hidden."""
    return listed("receiver_list", "receiver", _decrypted(call, "tid"))


def oaid_client_decrypt(call: Call) -> Json:
    """Answers the same to a program on a seller's machine; who hands out its one-time token is not public: any will do."""
    return listed("receiver_list", "receiver", _decrypted(call, "order_id"))


def _decrypted(call: Call, id_name: str) -> list[Json]:
    till = call.till()
    rows = []
    for one in _asked(call, "query_list", Addressee, MOST_QUERIES):
        trade = till.find(one.tid)
        shown = _open(till, trade) if _is_of(till, trade, one) and trade.status not in ENDED else {}
        rows.append({"matched": _is_of(till, trade, one), "oaid": one.oaid, id_name: str(one.tid), **shown})
    return rows


def _is_of(till: Till, trade: Trade, one: Addressee) -> bool:
    return one.oaid == oaid(trade, till.person(trade))


def _open(till: Till, trade: Trade) -> Json:
    plain = receiver(trade, till.person(trade))
    kept = {name: plain[name] for name in ("name", "mobile", "state", "city", "district")}
    return {**kept, "address_detail": plain["address"], "country": "中国"}


def oaid_merge(call: Call) -> Json:
    """Groups trades whose parcels go to the same receiver: those of one group stand in one text, joined by commas."""
    till, groups = call.till(), dict[str, list[str]]()
    for one in _asked(call, "merge_list", Addressee, MOST_MERGED):
        if not _is_of(till, till.find(one.tid), one):
            raise invalid("oaid", f"oaid与交易不匹配：{one.tid}")
        groups.setdefault(one.oaid, []).append(str(one.tid))
    return listed("tid_list", "string", [",".join(tids) for tids in groups.values()])


def trades_sold_query(call: Call) -> Json:
    """Finds the trades of receivers known by name or number, newest first, at most three months back."""
    people = _asked(call, "query_list", Person, MOST_QUERIES)
    if not all(one.receiver_name or one.receiver_mobile or one.receiver_phone for one in people):
        raise invalid("query_list", "receiver_name、receiver_mobile、receiver_phone至少有一个不为空")
    if call.get("order_type", _OWN_TRADES) != _OWN_TRADES:
        return {}
    till, start = call.till(), wire_time(call.now - MONTHS_S)
    trades = call.shop.ledger.trades.newest(
        "created", start=start, keep=lambda trade: _any(till, trade, people)
    )
    return listed("tid_list", "string", [str(trade.tid) for trade in trades.page(1, len(trades))])


def _any(till: Till, trade: Trade, people: list[Person]) -> bool:
    plain = receiver(trade, till.person(trade))
    known = {"name": plain["name"], "mobile": plain["mobile"], "phone": ""}  # nobody here has a landline
    return any(_fits(known, trade.created, one) for one in people)


def _fits(known: Mapping[str, str], created: str, one: Person) -> bool:
    asked = {"name": one.receiver_name, "mobile": one.receiver_mobile, "phone": one.receiver_phone}
    in_time = one.start_created <= created and (not one.end_created or created <= one.end_created)
    return in_time and all(known[name] == value for name, value in asked.items() if value)


METHODS: Mapping[str, Handler] = {
    "taobao.top.oaid.decrypt": oaid_decrypt,
    "taobao.top.oaid.client.decrypt": oaid_client_decrypt,
    "taobao.top.oaid.merge": oaid_merge,
    "taobao.trades.sold.query": trades_sold_query,
}
