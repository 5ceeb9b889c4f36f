"""Trades, refunds and parcels as the platform writes them. Pure. What sellers may not see of a buyer is masked.

Key sets follow recorded replies of 2013 to 2018; ids above 2^53 are texts, as an 18-digit tid was recorded.
Source: top-protocol.md 14.
"""

import hashlib

from onshelf.sandbox.market.buyers import Buyer, mask_address, mask_mobile, mask_name
from onshelf.sandbox.market.refund import BUYER, Refund
from onshelf.sandbox.market.trade import FINISHED, Order, Parcel, Rate, Trade
from onshelf.sandbox.wire import Json

_EXACT = 1 << 53
_FLAGS = ("is_3D", "is_brand_sale", "is_force_wlb", "is_lgtype", "is_wt", "seller_can_rate", "seller_rate")
_FREE_OF = ("adjust_fee", "cod_fee", "buyer_cod_fee", "seller_cod_fee", "commission_fee", "discount_fee")
_NO_POINTS = ("buyer_obtain_point_fee", "point_fee", "real_point_fee")
RECEIVER = ("name", "mobile", "state", "city", "district", "address", "zip")


def wire_id(number: int) -> int | str:
    """Writes an id: a number while doubles hold it exactly, else a text."""
    return number if number <= _EXACT else str(number)


def yuan(fen: int) -> str:
    """Writes money with two decimals."""
    return f"{fen // 100}.{fen % 100:02}"


def trade_row(trade: Trade, buyer: Buyer, *, seller_nick: str, seller_type: str) -> Json:
    """Returns every field of a trade; the caller picks those asked for."""
    first, done = trade.orders[0], trade.status == FINISHED
    orders = [order_row(one, trade, seller_type=seller_type) for one in trade.orders]
    row: Json = {
        **dict.fromkeys(_FREE_OF, "0.00"),
        **dict.fromkeys(_FLAGS, False),
        **dict.fromkeys(_NO_POINTS, 0),
        "alipay_no": f"{trade.created[:10].replace('-', '')}22001{trade.tid}",
        "available_confirm_fee": yuan(0 if done else trade.payment_fen),
        "buyer_area": f"{buyer.state}{buyer.city}",
        "buyer_nick": buyer.masked_nick,
        "buyer_open_uid": buyer.open_uid,
        "buyer_rate": bool(trade.rates),
        "cod_status": "NEW_CREATED",
        "created": trade.created,
        "has_buyer_message": bool(trade.message),
        "has_post_fee": True,
        "is_part_consign": len({bool(one.consign_time) for one in trade.orders}) == 2,
        "modified": trade.modified,
        "num": sum(one.num for one in trade.orders),
        "num_iid": first.num_iid,
        "orders": {"order": orders},
        "payment": yuan(trade.payment_fen),
        "pic_path": first.pic_path,
        "post_fee": yuan(trade.post_fen),
        "price": yuan(first.price_fen),
        "received_payment": yuan(trade.payment_fen if done else 0),
        "seller_flag": trade.flag,
        "seller_nick": seller_nick,
        "shipping_type": trade.shipping_type,
        "sid": str(trade.tid),
        "snapshot_url": f"o:{trade.tid}_1",
        "status": trade.status,
        "tid": wire_id(trade.tid),
        "tid_str": str(trade.tid),
        "title": seller_nick,
        "total_fee": yuan(sum(one.total_fen for one in trade.orders)),
        "trade_from": "TAOBAO",
        "type": "fixed",
        **_receiver(trade, buyer),
    }
    return row | _known(
        pay_time=trade.pay_time,
        consign_time=max(one.consign_time for one in trade.orders),
        end_time=_ended(trade),
        timeout_action_time=trade.until,
        seller_memo=trade.memo,
        buyer_message=trade.message,
        oaid=oaid(trade, buyer),
    )


def _known(**fields: str) -> Json:
    """Leaves out what is empty: absent fields are omitted, never null."""
    return {name: value for name, value in fields.items() if value}


def _ended(trade: Trade) -> str:
    times = [one.end_time for one in trade.orders]
    return max(times) if all(times) else ""


def receiver(trade: Trade, buyer: Buyer) -> dict[str, str]:
    """Returns where the parcel goes, unmasked."""
    return {name: trade.address.get(name) or getattr(buyer, name) for name in RECEIVER}


def oaid(trade: Trade, buyer: Buyer) -> str:
    """Returns the token that stands for where the parcel goes: the same for two trades that go to the same place."""
    if not trade.address:
        return buyer.oaid
    place = "/".join(receiver(trade, buyer).values())
    return f"1{hashlib.md5(f'{buyer.oaid}/{place}'.encode()).hexdigest()}"


def _receiver(trade: Trade, buyer: Buyer) -> Json:
    plain = receiver(trade, buyer)
    shown = {
        **plain,
        "name": mask_name(plain["name"]),
        "mobile": mask_mobile(plain["mobile"]),
        "address": mask_address(plain["address"]),
    }
    return {f"receiver_{name}": value for name, value in shown.items()}


def order_row(order: Order, trade: Trade, *, seller_type: str) -> Json:
    """Returns an order; its payment includes the trade's postage when it is the first. Source: top-protocol.md 14."""
    postage = trade.post_fen if order is trade.orders[0] else 0
    row: Json = {
        "adjust_fee": "0.00",
        "buyer_rate": any(rate.oid == order.oid for rate in trade.rates),
        "cid": order.cid,
        "discount_fee": "0.00",
        "divide_order_fee": yuan(order.total_fen),
        "is_daixiao": False,
        "is_oversold": False,
        "num": order.num,
        "num_iid": order.num_iid,
        "oid": wire_id(order.oid),
        "oid_str": str(order.oid),
        "order_from": "TAOBAO",
        "payment": yuan(order.total_fen + postage),
        "pic_path": order.pic_path,
        "price": yuan(order.price_fen),
        "refund_status": order.refund_status,
        "seller_rate": False,
        "seller_type": seller_type,
        "snapshot_url": f"o:{order.oid}_1",
        "status": order.status,
        "title": order.title,
        "total_fee": yuan(order.total_fen),
    }
    sent = {"shipping_type": trade.shipping_type} if order.consign_time else {}
    return row | _known(
        outer_iid=order.outer_iid,
        outer_sku_id=order.outer_sku_id,
        sku_id=str(order.sku_id or ""),
        sku_properties_name=order.sku_properties_name,
        consign_time=order.consign_time,
        end_time=order.end_time,
        invoice_no=order.out_sid,
        logistics_company=order.company,
        refund_id=str(order.refund_id or ""),
        **sent,
    )


def refund_row(refund: Refund, trade: Trade, buyer: Buyer, *, seller_nick: str) -> Json:
    """Returns every field of a refund; its id is a text, as in the catalogue."""
    order = trade.order(refund.oid) or trade.orders[0]
    row: Json = {
        "buyer_nick": buyer.masked_nick,
        "buyer_open_uid": buyer.open_uid,
        "created": refund.created,
        "cs_status": 1,
        "desc": refund.desc,
        "dispute_type": "REFUND_AND_RETURN" if refund.returns else "REFUND",
        "good_status": refund.good_status,
        "has_good_return": refund.returns,
        "modified": refund.modified,
        "num": order.num,
        "num_iid": order.num_iid,
        "oid": wire_id(refund.oid),
        "order_status": order.status,
        "outer_id": order.outer_sku_id or order.outer_iid,
        "payment": yuan(trade.payment_fen),
        "price": yuan(order.price_fen),
        "reason": refund.reason,
        "refund_fee": yuan(refund.fee_fen),
        "refund_id": str(refund.refund_id),
        "refund_phase": refund.phase,
        "refund_version": refund.version,
        "seller_nick": seller_nick,
        "status": refund.status,
        "tid": wire_id(refund.tid),
        "title": order.title,
        "total_fee": yuan(order.total_fen),
    }
    if refund.until:
        row["refund_remind_timeout"] = {"exist_timeout": True, "remind_type": 1, "timeout": refund.until}
    sku = f"{order.sku_id}|{order.sku_properties_name}" if order.sku_id else ""
    return row | _known(sku=sku, company_name=refund.company, sid=refund.out_sid)


def message_rows(refund: Refund, buyer: Buyer, *, seller_nick: str, seller_id: int) -> list[Json]:
    """Returns what was said about a refund, newest first; the owner's role is 1 for the buyer, 2 for the seller."""
    rows = []
    for one in reversed(refund.messages):
        theirs = one.role == BUYER
        rows.append(
            {
                "content": one.content,
                "created": one.created,
                "id": one.id,
                "message_type": "NORMAL",
                "owner_id": buyer.number if theirs else seller_id,
                "owner_nick": buyer.masked_nick if theirs else seller_nick,
                "owner_role": "1" if theirs else "2",
                "refund_id": str(refund.refund_id),
                "refund_phase": refund.phase,
                **({"pic_urls": {"pic_url": [{"url": one.picture}]}} if one.picture else {}),
            }
        )
    return rows


def shipping_row(parcel: Parcel, trade: Trade, buyer: Buyer, *, seller_nick: str) -> Json:
    """Returns a parcel as a logistics order; addresses as sellers see them."""
    place = _receiver(trade, buyer)
    titles = [one.title for one in trade.orders if one.oid in parcel.oids]
    row: Json = {
        "buyer_nick": buyer.masked_nick,
        "company_name": parcel.company,
        "created": parcel.created,
        "delivery_start": parcel.created,
        "freight_payer": "buyer" if trade.post_fen else "seller",
        "is_split": int(len(parcel.oids) < len(trade.orders)),
        "item_title": ",".join(titles or [trade.orders[0].title]),
        "location": {
            name: place[f"receiver_{name}"] for name in ("zip", "address", "city", "state", "district")
        },
        "modified": parcel.created,
        "openuid": buyer.open_uid,
        "order_code": parcel.order_code,
        "out_sid": parcel.out_sid,
        "receiver_mobile": place["receiver_mobile"],
        "receiver_name": place["receiver_name"],
        "seller_confirm": "yes" if parcel.sent else "no",
        "seller_nick": seller_nick,
        "status": "ACCEPTED_BY_RECEIVER" if _ended(trade) else ("SENT" if parcel.sent else "CREATED"),
        "sub_tids": {"number": list(parcel.oids)} if parcel.oids else {},
        "tid": wire_id(trade.tid),
        "type": "express",
    }
    return row


def rate_row(rate: Rate, trade: Trade, buyer: Buyer, *, seller_nick: str) -> Json:
    """Returns what a buyer said of one order."""
    order = trade.order(rate.oid) or trade.orders[0]
    return {
        "content": rate.content,
        "created": rate.created,
        "item_price": yuan(order.price_fen),
        "item_title": order.title,
        "nick": buyer.masked_nick,
        "num_iid": order.num_iid,
        "oid": wire_id(rate.oid),
        "rated_nick": seller_nick,
        "result": rate.result,
        "role": "buyer",
        "tid": wire_id(trade.tid),
        "valid_score": True,
    }


def trade_news(trade: Trade, buyer: Buyer, seller_nick: str, oid: int = 0) -> Json:
    """Returns what every message about a trade says; ids are numbers there. Source: top-protocol.md 6.8."""
    return {
        "buyer_nick": buyer.masked_nick,
        "buyer_open_uid": buyer.open_uid,
        "payment": yuan(trade.payment_fen),
        "status": trade.status,
        "oid": oid or trade.orders[0].oid,
        "tid": trade.tid,
        "type": "guarantee_trade",
        "seller_nick": seller_nick,
    }


def refund_news(refund: Refund, buyer: Buyer, seller_nick: str) -> Json:
    """Returns what every message about a refund says."""
    return {
        "bill_type": "return_bill" if refund.returns else "refund_bill",
        "buyer_nick": buyer.masked_nick,
        "buyer_open_uid": buyer.open_uid,
        "modified": refund.modified,
        "oid": refund.oid,
        "refund_fee": yuan(refund.fee_fen),
        "refund_id": refund.refund_id,
        "refund_phase": refund.phase,
        "seller_nick": seller_nick,
        "tid": refund.tid,
    }
