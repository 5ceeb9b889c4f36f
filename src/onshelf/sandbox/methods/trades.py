"""taobao.trade*, taobao.trades.*: what was sold, read and worked on by the seller."""

import re
from collections.abc import Callable, Mapping

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import read_time, wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market.ledger import Slice
from onshelf.sandbox.market.shown import RECEIVER, order_row, trade_row, wire_id, yuan
from onshelf.sandbox.market.till import fen
from onshelf.sandbox.market.trade import FINISHED, WAIT_PAY, Order, Trade
from onshelf.sandbox.methods.paging import asked_page, counted
from onshelf.sandbox.methods.states import TRADE_STATE, refused_as
from onshelf.sandbox.rules import invalid, is_price, mismatch
from onshelf.sandbox.state import DAY_S
from onshelf.sandbox.wire import Json, listed

MONTHS_S = 90 * DAY_S  # lists reach three months back
MEMO_BYTES = 1000
TOO_FAST_S = 10
REASONS = frozenset(
    (
        "未及时付款",
        "买家不想买了",
        "买家信息填写错误，重新拍",
        "恶意买家/同行捣乱",
        "缺货",
        "买家拍错了",
        "同城见面交易",
    )
)
_GROUPS = {
    "ALL_WAIT_PAY": frozenset((WAIT_PAY, "TRADE_NO_CREATE_PAY")),
    "ALL_CLOSED": frozenset(("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")),
}
_STATUS = re.compile(r"[A-Z_]+\Z")
_OURS = frozenset(("fixed", "guarantee_trade"))  # two names of the one type of trade the sandbox has


def trades_sold_get(call: Call) -> Json:
    """Lists trades by creation, newest first, at most three months back."""
    return _page(call, _slice(call, "created", call.get("start_created"), call.get("end_created")))


def trades_sold_increment_get(call: Call) -> Json:
    """Lists trades by modification, newest first: a reader begins at the last page. At most a day at once."""
    start, end = call.text["start_modified"], call.text["end_modified"]
    _check_day(start, end, "start_modified", "end_modified")
    return _page(call, _slice(call, "modified", start, end))


def trades_sold_incrementv_get(call: Call) -> Json:
    """Lists trades by the time the platform took them in, which here is their creation."""
    start, end = call.text["start_create"], call.text["end_create"]
    _check_day(start, end, "start_create", "end_create")
    return _page(call, _slice(call, "created", start, end))


def _check_day(start: str, end: str, first: str, second: str) -> None:
    if not 0 <= read_time(end) - read_time(start) <= DAY_S:
        raise mismatch(first, second, "开始时间和结束时间的间隔不能超过1天")


def _slice(call: Call, order: str, start: str, end: str) -> Slice[Trade]:
    oldest = wire_time(call.now - MONTHS_S)
    status = call.get("status", FINISHED if call.get("rate_status") else "")
    if status and not _STATUS.match(status):
        raise invalid("status", f"交易状态不正确：{status}")
    of_state = "" if status in _GROUPS else status
    book = call.shop.ledger.trades
    return book.newest(order, status=of_state, start=max(start, oldest), end=end, keep=_filter(call))


def _filter(call: Call) -> Callable[[Trade], bool] | None:
    """Joins the filters asked for, beside a single state; None when there are none, which keeps pages cheap."""
    tests: list[Callable[[Trade], bool]] = []
    if wanted := _GROUPS.get(call.get("status")):
        tests.append(lambda trade: trade.status in wanted)
    if (kinds := call.get("type")) and _OURS.isdisjoint(kinds.split(",")):
        return lambda _trade: False
    till = call.till()
    if nick := call.get("buyer_nick"):
        tests.append(lambda trade: nick in (till.person(trade).nick, till.person(trade).masked_nick))
    if uid := call.get("buyer_open_uid", call.get("buyer_open_id")):
        tests.append(lambda trade: till.person(trade).open_uid == uid)
    if rating := call.get("rate_status"):
        tests.append(lambda trade: trade.status == FINISHED and rating in _ratings(trade))
    if not tests:
        return None
    return lambda trade: all(test(trade) for test in tests)


def _ratings(trade: Trade) -> tuple[str, str]:
    """Returns which of the asked states a finished trade is in; the sandbox's sellers rate nobody."""
    return "RATE_UNSELLER", "RATE_BUYER_UNSELLER" if trade.rates else "RATE_UNBUYER"


def _page(call: Call, rows: Slice[Trade]) -> Json:
    shown = [call.pick(_row(call, one)) for one in rows.page(*asked_page(call))]
    return {**listed("trades", "trade", shown), **counted(call, len(rows))}


def _row(call: Call, trade: Trade) -> Json:
    record = call.shop.record
    return trade_row(trade, call.till().person(trade), seller_nick=record.nick, seller_type=record.kind)


def trade_fullinfo_get(call: Call) -> Json:
    """Reads one trade whole; addresses stay masked, `oaid` only when asked for."""
    row = _row(call, call.till().find(call.number("tid")))
    if not call.get("include_oaid"):
        row.pop("oaid")
    return {"trade": call.pick(row)}


def trade_get(call: Call) -> Json:
    """Reads one trade, the fields that are no secret."""
    return {"trade": call.pick(_row(call, call.till().find(call.number("tid"))))}


def trade_amount_get(call: Call) -> Json:
    """Reads the sums of one trade."""
    trade = call.till().find(call.number("tid"))
    row = _row(call, trade)
    orders = [_order_amount(one, trade) for one in trade.orders]
    row["order_amounts"] = {"order_amount": orders}
    names = _AMOUNT & frozenset(part.strip().partition(".")[0] for part in call.text["fields"].split(","))
    return {"trade_amount": {name: row[name] for name in sorted(names) if name in row}}


def _order_amount(order: Order, trade: Trade) -> Json:
    row = order_row(order, trade, seller_type="") | ({"sku_id": order.sku_id} if order.sku_id else {})
    return project(row, _ORDER_AMOUNT)


_ORDER_AMOUNT = (
    "adjust_fee",
    "discount_fee",
    "divide_order_fee",
    "num",
    "num_iid",
    "oid",
    "payment",
    "price",
    "sku_id",
    "sku_properties_name",
    "title",
)
_AMOUNT = frozenset(
    (
        "tid",
        "alipay_no",
        "created",
        "pay_time",
        "end_time",
        "total_fee",
        "post_fee",
        "cod_fee",
        "buyer_cod_fee",
        "seller_cod_fee",
        "payment",
        "commission_fee",
        "buyer_obtain_point_fee",
        "order_amounts",
    )
)


def trade_confirmfee_get(call: Call) -> Json:
    """Reads what a confirmation would pay out."""
    trade = call.till().find(call.number("tid"))
    fees = {"confirm_fee": yuan(trade.payment_fen), "confirm_post_fee": yuan(trade.post_fen)}
    return {"trade_confirm_fee": {**fees, "is_last_order": len(trade.orders) == 1}}


def trade_memo_add(call: Call) -> Json:
    """Writes the seller's memo."""
    trade = _remark(call)
    return {"trade": {"created": trade.modified, "tid": wire_id(trade.tid)}}


def trade_memo_update(call: Call) -> Json:
    """Changes the seller's memo; `reset` empties it whatever `memo` holds, a missing one stays."""
    trade = _remark(call)
    return {"trade": {"modified": trade.modified, "tid": wire_id(trade.tid)}}


def _remark(call: Call) -> Trade:
    till = call.till()
    trade = till.find(call.number("tid"))
    memo = "" if call.get("reset") == "true" else call.text.get("memo", trade.memo)
    if len(memo.encode()) > MEMO_BYTES:
        raise invalid("memo", f"备注不能超过{MEMO_BYTES}字节")
    return till.remark(trade, memo, call.number("flag", trade.flag))


def trade_close(call: Call) -> Json:
    """Closes an unpaid trade for one of the fixed reasons, not in its first ten seconds. Source: top-methods.md 5."""
    till, reason = call.till(), call.text["close_reason"]
    trade = till.find(call.number("tid"))
    if reason not in REASONS:
        raise invalid("close_reason", f"关闭原因须为：{'、'.join(sorted(REASONS))}")
    if call.now - read_time(trade.created) < TOO_FAST_S:
        raise BusinessError("isv.trade-service-error:CLOSE_TRADE_TOO_FAST", "创建后10秒内不能关闭交易")
    with refused_as(TRADE_STATE):
        return _brief(till.close(trade, reason))


def _brief(trade: Trade) -> Json:
    return {"trade": {"modified": trade.modified, "tid": wire_id(trade.tid)}}


def trade_postage_update(call: Call) -> Json:
    """Changes the postage of an unpaid trade."""
    till, fee = call.till(), call.text["post_fee"]
    if not is_price(fee):
        raise invalid("post_fee", f"邮费须为最多两位小数的金额：{fee}")
    with refused_as(TRADE_STATE):
        trade = till.reprice_postage(till.find(call.number("tid")), fen(fee))
    row = _row(call, trade)
    return {"trade": {name: row[name] for name in ("modified", "payment", "post_fee", "total_fee")}}


def trade_receivetime_delay(call: Call) -> Json:
    """Gives the buyer more days to confirm."""
    till = call.till()
    with refused_as(TRADE_STATE):
        return _brief(till.delay(till.find(call.number("tid")), call.number("days")))


def trade_shippingaddress_update(call: Call) -> Json:
    """Changes where the goods go."""
    till = call.till()
    address = {name: call.text[f"receiver_{name}"] for name in RECEIVER if call.get(f"receiver_{name}")}
    with refused_as(TRADE_STATE):
        return _brief(till.readdress(till.find(call.number("tid")), address))


def trade_ordersku_update(call: Call) -> Json:
    """Swaps an order's sku for another of the same item before it is sent."""
    till = call.till()
    trade = call.shop.ledger.by_oid(call.number("oid"))
    if trade is None:
        raise BusinessError("isv.order-not-exist:invalid-oid", f"子订单不存在：{call.text['oid']}")
    with refused_as(TRADE_STATE):
        trade = till.swap_sku(trade, call.number("oid"), call.number("sku_id"), call.get("sku_props"))
    return {"order": {"modified": trade.modified, "oid": wire_id(call.number("oid"))}}


METHODS: Mapping[str, Handler] = {
    "taobao.trades.sold.get": trades_sold_get,
    "taobao.trades.sold.increment.get": trades_sold_increment_get,
    "taobao.trades.sold.incrementv.get": trades_sold_incrementv_get,
    "taobao.trade.fullinfo.get": trade_fullinfo_get,
    "taobao.trade.get": trade_get,
    "taobao.trade.amount.get": trade_amount_get,
    "taobao.trade.confirmfee.get": trade_confirmfee_get,
    "taobao.trade.memo.add": trade_memo_add,
    "taobao.trade.memo.update": trade_memo_update,
    "taobao.trade.close": trade_close,
    "taobao.trade.postage.update": trade_postage_update,
    "taobao.trade.receivetime.delay": trade_receivetime_delay,
    "taobao.trade.shippingaddress.update": trade_shippingaddress_update,
    "taobao.trade.ordersku.update": trade_ordersku_update,
}
