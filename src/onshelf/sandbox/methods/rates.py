"""taobao.traderates.*: what buyers said of what they bought."""

from collections.abc import Iterator, Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.market.shown import rate_row
from onshelf.sandbox.market.trade import Rate, Trade
from onshelf.sandbox.methods.paging import counted, cut
from onshelf.sandbox.wire import Json, listed


def traderates_get(call: Call) -> Json:
    """Lists rates, newest first: `get` of a `buyer` those of the shop's trades, `give` as a `buyer` the user's own.

    Sellers rate nobody here: what they gave, and what a user got from them as a buyer, is empty.
    """
    rows = sorted(_rows(call), key=lambda row: (str(row["created"]), str(row["oid"])), reverse=True)
    shown = [call.pick(row) for row in cut(call, rows)]
    return {**listed("trade_rates", "trade_rate", shown), **counted(call, len(rows))}


def _rows(call: Call) -> Iterator[Json]:
    way = call.get("rate_type"), call.get("role")
    shops = {("get", "buyer"): [call.shop], ("give", "buyer"): list(call.world.shops.values())}.get(way, [])
    for till in map(call.till, shops):
        for trade in till.ledger.trades:
            if trade.rates and (way[0] == "get" or trade.buyer == call.shop.record.user_id):
                rates = (rate for rate in trade.rates if _is_asked(call, rate, trade))
                yield from (
                    rate_row(one, trade, till.person(trade), seller_nick=till.shop.nick) for one in rates
                )


def _is_asked(call: Call, rate: Rate, trade: Trade) -> bool:
    order = trade.order(rate.oid)
    return (
        call.number("tid") in (0, trade.tid)
        and call.number("num_iid") in (0, order.num_iid if order else 0)
        and call.get("result") in ("", rate.result)
        and call.get("start_date") <= rate.created
        and rate.created <= call.get("end_date", rate.created)
    )


METHODS: Mapping[str, Handler] = {
    "taobao.traderates.get": traderates_get,
}
