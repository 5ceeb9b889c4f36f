"""taobao.logistics.*: carriers, parcels and where they are."""

import re
from collections.abc import Mapping
from datetime import timedelta

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import read_time, wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market.shown import receiver, shipping_row, wire_id
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.market.trade import Parcel, Trade
from onshelf.sandbox.methods.paging import cut
from onshelf.sandbox.methods.states import refused_as
from onshelf.sandbox.reference import areas, carriers
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.state import DAY_S
from onshelf.sandbox.wire import Json, listed

_STEPS = (
    (0.0, "卖家已发货", "CONSIGN"),
    (0.25, "包裹已揽收", "GOT"),
    (1.0, "到达转运中心", "ARRIVAL"),
    (2.0, "派送中", "SENT_SCAN"),
    (2.2, "已签收", "SIGNED"),
)  # days after the parcel left, what is said, action


def logistics_companies_get(call: Call) -> Json:
    """Lists carriers."""
    return listed("logistics_companies", "logistics_company", [call.pick(one) for one in carriers()])


def logistics_partners_get(call: Call) -> Json:
    """Lists carriers that reach everywhere, what they charge for a kilogram and each further one when asked."""
    priced = call.get("is_need_carriage") == "true"
    return listed(
        "logistics_partners", "logistics_partner", [_partner(one, priced=priced) for one in carriers()]
    )


def _partner(carrier: Json, *, priced: bool) -> Json:
    row: Json = {
        "cover_remark": "全境揽收",
        "partner": {
            "account_no": "",
            "company_code": carrier["code"],
            "company_id": carrier["id"],
            "company_name": carrier["name"],
            "full_name": carrier["name"],
            "reg_mail_no": carrier["reg_mail_no"],
            "wangwang_id": "",
        },
        "uncover_remark": "",
    }
    return row | ({"carriage": _CARRIAGE} if priced else {})


_CARRIAGE: Json = {
    "add_fee": 5,
    "add_weight": 1,
    "damage_payment": "30",
    "got_time": "11:00~18:00",
    "initial_fee": 12,
    "initial_weight": 1,
    "lost_payment": "20",
    "way_day": "2-3",
}


def _state(way: str) -> str:
    """Returns the recorded sub-code of a trade that cannot be sent now. Source: top-protocol.md 4.4."""
    return f"isv.logistics-{way}-service-error:B04"


def _find(call: Call, way: str) -> tuple[Till, Trade]:
    till = call.till()
    trade = call.shop.ledger.trades.get(call.number("tid"))
    if trade is None:
        raise BusinessError(f"isv.logistics-{way}-service-error:ORDER_NOT_FOUND_ERROR", "交易订单不存在")
    return till, trade


def _parcel(call: Call, trade: Trade, way: str) -> Parcel:
    """Reads the parcel of a call. Raises: BusinessError: no such carrier, a waybill it does not write, a foreign order."""
    code, out_sid = call.text["company_code"], call.get("out_sid")
    carrier = next((one for one in carriers() if one["code"] == code), None)
    if carrier is None:
        raise invalid("company_code", f"没有这个物流公司：{code}")
    _check_waybill(carrier, out_sid, way)
    return Parcel(
        f"LP{call.world.new_id()}",
        code,
        carrier["name"],
        out_sid,
        wire_time(call.now),
        _orders(call, trade, way),
    )


def _check_waybill(carrier: Json, out_sid: str, way: str) -> None:
    if out_sid and not re.fullmatch(carrier["reg_mail_no"], out_sid):
        raise BusinessError(f"isv.logistics-{way}-service-error:B150", f"运单号不符合{carrier['name']}的规则")


def _orders(call: Call, trade: Trade, way: str) -> tuple[int, ...]:
    oids = tuple(int(one) for one in call.get("sub_tid").split(",") if one.strip())
    if any(trade.order(oid) is None for oid in oids):
        raise BusinessError(f"isv.logistics-{way}-service-error:ORDER_NOT_FOUND_ERROR", "子订单不属于该交易")
    if call.number("is_split") == 1 and not oids:
        raise BusinessError("isv.missing-parameter:sub_tid", "拆单发货须传入sub_tid")
    return oids


def logistics_offline_send(call: Call) -> Json:
    """Sends with the seller's own carrier; the trade is shipped at once."""
    till, trade = _find(call, "offline")
    with refused_as(_state("offline")):
        till.send(trade, _parcel(call, trade, "offline"))
    return {"shipping": {"is_success": True}}


def logistics_online_send(call: Call) -> Json:
    """Calls a carrier; shipped at once only with a waybill. Source: top-methods.md 5."""
    till, trade = _find(call, "online")
    parcel = _parcel(call, trade, "online")
    with refused_as(_state("online")):
        if parcel.out_sid:
            till.send(trade, parcel)
        else:
            till.call_carrier(trade, _unsent(parcel))
    return {"shipping": {"is_success": True}}


def _unsent(parcel: Parcel) -> Parcel:
    return Parcel(
        parcel.order_code, parcel.company_code, parcel.company, "", parcel.created, parcel.oids, sent=False
    )


def logistics_online_confirm(call: Call) -> Json:
    """Adds the waybill to a called carrier: now it is shipped."""
    till, trade = _find(call, "online")
    waiting = next((one for one in trade.parcels if not one.sent), None)
    if waiting is None:
        raise BusinessError(_state("online"), "没有待确认的在线发货订单")
    _check_waybill(
        next(one for one in carriers() if one["code"] == waiting.company_code), call.text["out_sid"], "online"
    )
    oids = _orders(call, trade, "online") or waiting.oids
    sent = Parcel(
        waiting.order_code,
        waiting.company_code,
        waiting.company,
        call.text["out_sid"],
        wire_time(call.now),
        oids,
    )
    with refused_as(_state("online")):
        till.send(trade, sent)
    return {"shipping": {"is_success": True}}


def logistics_online_cancel(call: Call) -> Json:
    """Sends a called carrier away; a new order stands in for the old one."""
    till, trade = _find(call, "online")
    left = tuple(one for one in trade.parcels if one.sent)
    if len(left) == len(trade.parcels):
        raise BusinessError(_state("online"), "没有可取消的在线发货订单")
    till.drop_carrier(trade, left)
    done = {"is_success": True, "modify_time": wire_time(call.now)}
    return {**done, "recreated_order_id": str(call.world.new_id())}


def logistics_dummy_send(call: Call) -> Json:
    """Ships what needs no carrier."""
    till, trade = _find(call, "dummy")
    with refused_as(_state("dummy")):
        till.send(trade, Parcel(f"LP{call.world.new_id()}", "DUMMY", "无需物流", "", wire_time(call.now), ()))
    return {"shipping": {"is_success": True}}


def logistics_consign_resend(call: Call) -> Json:
    """Mends carrier and waybill of what is under way."""
    till, trade = _find(call, "resend")
    with refused_as(_state("resend")):
        till.resend(trade, _parcel(call, trade, "resend"))
    return {"shipping": {"is_success": True}}


def logistics_orders_get(call: Call) -> Json:
    """Lists parcels, newest trade first."""
    return _shippings(call, "shipping")


def logistics_orders_detail_get(call: Call) -> Json:
    """Lists parcels with their addresses; the element's odd name is the catalogue's."""
    return _shippings(call, "single_result_dto")


def _shippings(call: Call, element: str) -> Json:
    till, book, tid = call.till(), call.shop.ledger.trades, call.number("tid")
    found = book.newest(
        "created",
        start=call.get("start_created"),
        end=call.get("end_created"),
        keep=lambda trade: bool(trade.parcels) and tid in (0, trade.tid),
    )
    pairs = [(parcel, trade) for trade in found.page(1, len(found)) for parcel in trade.parcels]
    if wanted := _filters(call):
        pairs = [pair for pair in pairs if _fits(till, *pair, wanted)]
    rows = [call.pick(_shipping(till, *pair)) for pair in cut(call, pairs)]
    return {**listed("shippings", element, rows), "total_results": len(pairs)}


def _shipping(till: Till, parcel: Parcel, trade: Trade) -> Json:
    return shipping_row(parcel, trade, till.person(trade), seller_nick=till.shop.nick)


def _filters(call: Call) -> Mapping[str, str]:
    """Returns what parcels must be like: fields of the reply by the value asked for."""
    names = ("buyer_nick", "status", "seller_confirm", "receiver_name", "freight_payer", "type")
    return {name: value for name in names if (value := call.get(name))}


def _fits(till: Till, parcel: Parcel, trade: Trade, wanted: Mapping[str, str]) -> bool:
    """Compares with what the reply shows; names also with what it masks."""
    row, person = _shipping(till, parcel, trade), till.person(trade)
    hidden = {"buyer_nick": person.nick, "receiver_name": receiver(trade, person)["name"]}
    return all(value in (row[name], hidden.get(name)) for name, value in wanted.items())


def logistics_trace_search(call: Call) -> Json:
    """Answers where a trade's first parcel is, as time has passed since it left."""
    _till, trade = _find(call, "trace")
    parcel = next((one for one in trade.parcels if one.sent), None)
    if parcel is None:
        raise BusinessError("isv.logistics-trace-service-error:ORDER_NOT_FOUND_ERROR", "没有物流信息")
    return _trace(parcel, trade, call.now)


def logistics_trace_get(call: Call) -> Json:
    """Answers where each of a trade's parcels is."""
    _till, trade = _find(call, "trace")
    rows = [_trace(one, trade, call.now) for one in trade.parcels if one.sent]
    return listed("result", "transit_step_result", rows)


def _trace(parcel: Parcel, trade: Trade, now: float) -> Json:
    left = read_time(parcel.created)
    passed = [step for step in _STEPS if left + timedelta(days=step[0]).total_seconds() <= now]
    steps = [
        {"action": action, "status_desc": said, "status_time": wire_time(left + days * DAY_S)}
        for days, said, action in passed
    ]
    return {
        "company_name": parcel.company,
        "out_sid": parcel.out_sid,
        "status": "对方已签收" if len(passed) == len(_STEPS) else "在途中",
        "tid": wire_id(trade.tid),
        **listed("trace_list", "transit_step_info", steps),
    }


def logistics_address_search(call: Call) -> Json:
    """Answers the seller's one address."""
    city = next(one for one in areas() if one["id"] == 330100)
    row = {
        "addr": "文一西路969号",
        "area_id": city["id"],
        "cancel_def": True,
        "city": city["name"],
        "contact_id": call.shop.record.user_id + 1,
        "contact_name": call.shop.nick,
        "country": "",
        "get_def": True,
        "mobile_phone": "13800000000",
        "modify_date": call.shop.record.created,
        "phone": "",
        "province": "浙江",
        "seller_company": call.shop.nick,
        "send_def": True,
        "zip_code": "310000",
    }
    return listed("addresses", "address_result", [row])


METHODS: Mapping[str, Handler] = {
    "taobao.logistics.companies.get": logistics_companies_get,
    "taobao.logistics.partners.get": logistics_partners_get,
    "taobao.logistics.offline.send": logistics_offline_send,
    "taobao.logistics.online.send": logistics_online_send,
    "taobao.logistics.online.confirm": logistics_online_confirm,
    "taobao.logistics.online.cancel": logistics_online_cancel,
    "taobao.logistics.dummy.send": logistics_dummy_send,
    "taobao.logistics.consign.resend": logistics_consign_resend,
    "taobao.logistics.orders.get": logistics_orders_get,
    "taobao.logistics.orders.detail.get": logistics_orders_detail_get,
    "taobao.logistics.trace.search": logistics_trace_search,
    "taobao.logistics.trace.get": logistics_trace_get,
    "taobao.logistics.address.search": logistics_address_search,
}
