"""taobao.refund*, taobao.rp.*: what buyers want back, and the seller's answers."""

from collections.abc import Callable, Mapping

import msgspec

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market import refund as states
from onshelf.sandbox.market.claims import Claims
from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.shown import message_rows, refund_row, wire_id
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.methods.images import keep_upload
from onshelf.sandbox.methods.paging import asked_page, counted, cut
from onshelf.sandbox.methods.states import REFUND_STATE, refused_as
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.wire import Json, listed

CONTENT_BYTES = 400
_REASONS = ((1, "商品已经发出"), (2, "已与买家协商一致"), (3, "买家退回的商品有问题"), (4, "申请金额不正确"))


def refunds_receive_get(call: Call) -> Json:
    """Lists refunds by modification, newest first."""
    rows = call.shop.ledger.refunds.newest(
        "modified",
        status=call.get("status"),
        start=call.get("start_modified"),
        end=call.get("end_modified"),
        keep=_filter(call),
    )
    shown = [call.pick(_row(call, one)) for one in rows.page(*asked_page(call))]
    return {**listed("refunds", "refund", shown), **counted(call, len(rows))}


def _filter(call: Call) -> Callable[[Refund], bool] | None:
    uid, nick = call.get("buyer_open_uid"), call.get("buyer_nick")
    if not (uid or nick):
        return None
    till = call.till()

    def keep(refund: Refund) -> bool:
        person = till.person(till.find(refund.tid))
        return nick in ("", person.nick, person.masked_nick) and uid in ("", person.open_uid)

    return keep


def _row(call: Call, refund: Refund) -> Json:
    return _shown(call.till(), refund)


def _shown(till: Till, refund: Refund) -> Json:
    trade = till.find(refund.tid)
    return refund_row(refund, trade, till.person(trade), seller_nick=till.shop.nick)


def refunds_apply_get(call: Call) -> Json:
    """Lists what the session's user asked for as a buyer, in every shop, by modification, newest first."""
    user, seller, status = call.shop.record.user_id, call.get("seller_nick"), call.get("status")
    asked = [
        (refund, till)
        for till in (call.till(shop) for shop in call.world.shops.values() if seller in ("", shop.nick))
        for refund in till.ledger.refunds
        if till.find(refund.tid).buyer == user and status in ("", refund.status)
    ]
    asked.sort(key=lambda pair: (pair[0].modified, pair[0].refund_id), reverse=True)
    rows = [call.pick(_shown(till, refund)) for refund, till in cut(call, asked)]
    return {**listed("refunds", "refund", rows), "total_results": len(asked)}


def _find(call: Call) -> tuple[Claims, Refund]:
    claims = Claims(call.till())
    return claims, claims.find(call.number("refund_id"))


def refund_get(call: Call) -> Json:
    """Reads one refund."""
    return {"refund": call.pick(_row(call, _find(call)[1]))}


def refund_detail_get(call: Call) -> Json:
    """Answers what the seller may do now."""
    refund = _find(call)[1]
    may = {
        "agree": refund.status in (states.WAIT_AGREE, states.WAIT_GOODS),
        "refuse": refund.status in (states.WAIT_AGREE, states.WAIT_GOODS),
    }
    detail: Json = {"refund_version": refund.version}
    for name, wanted in (("allowed_operations", True), ("not_allowed_operations", False)):
        codes = [{"operation_code": code, "tips": ""} for code, open_now in may.items() if open_now is wanted]
        detail |= listed(name, "operation", codes)
    return {"detail": detail}


class StatusQuery(msgspec.Struct):
    """Whose refunds are asked for."""

    biz_order_id: int  # order or trade


def refund_status_get(call: Call) -> Json:
    """Answers the refunds of one order or trade."""
    wanted = call.json("query_param", StatusQuery).biz_order_id
    trade = call.shop.ledger.by_oid(wanted) or call.till().find(wanted)
    asked = [call.shop.ledger.refunds.get(order.refund_id) for order in trade.orders]
    rows = [
        {
            "modified": one.modified,
            "oid": wire_id(one.oid),
            "refund_id": wire_id(one.refund_id),
            "status": one.status,
            "tid": wire_id(one.tid),
        }
        for one in asked
        if one is not None and wanted in (one.tid, one.oid)
    ]
    return {"result_package": listed("result_list", "query_refund_status_response", rows)}


def refund_messages_get(call: Call) -> Json:
    """Lists what was said, newest first; Tmall asks for the phase. Source: top-methods.md 5."""
    refund = _find(call)[1]
    if call.shop.record.kind == "B" and not call.get("refund_phase"):
        raise BusinessError("isv.missing-parameter:refund_phase", "天猫退款须传入refund_phase")
    till = call.till()
    person = till.person(till.find(refund.tid))
    rows = message_rows(refund, person, seller_nick=call.shop.nick, seller_id=call.shop.record.user_id)
    shown = [call.pick(row) for row in cut(call, rows)]
    return {**listed("refund_messages", "refund_message", shown), "total_results": len(rows)}


def refund_message_add(call: Call) -> Json:
    """Adds the seller's word and its picture."""
    claims, refund = _find(call)
    content = call.text["content"]
    if len(content.encode()) > CONTENT_BYTES:
        raise invalid("content", f"留言不能超过{CONTENT_BYTES}字节")
    picture = keep_upload(call, "image").path if "image" in call.files else ""
    said = claims.say(refund, states.SELLER, content, picture).messages[-1]
    return {"refund_message": {"created": said.created, "id": said.id}}


def refund_refuse(call: Call) -> Json:
    """Refuses a request, with reason and evidence."""
    claims, refund = _find(call)
    _check_version(call, refund)
    proof = keep_upload(call, "refuse_proof").path if "refuse_proof" in call.files else ""
    with refused_as(REFUND_STATE):
        after = claims.refuse(refund, call.text["refuse_message"], proof)
    shown = {"modified": after.modified, "refund_id": str(after.refund_id), "status": after.status}
    return {"is_success": True, "refund": shown}


def _check_version(call: Call, refund: Refund) -> None:
    """Refuses an answer to what the buyer has changed since."""
    version = call.number("refund_version", refund.version)
    if version != refund.version:
        raise BusinessError(
            "isv.refund-service-error:REFUND_VERSION_CHANGED", f"退款单已变更，当前版本{refund.version}"
        )


def refund_refusereason_get(call: Call) -> Json:
    """Lists the reasons a seller may give."""
    _find(call)
    rows = [{"reason_id": number, "reason_text": text, "reason_tips": ""} for number, text in _REASONS]
    return {**listed("reasons", "reason", rows), "has_next": False, "total_results": len(rows)}


def rp_refunds_agree(call: Call) -> Json:
    """Pays refunds back: `refund_id|fee|version|phase`, several by comma; each stands for itself."""
    claims = Claims(call.till())
    results = [_agree_one(claims, text) for text in call.text["refund_infos"].split(",")]
    done = all(one["succ"] for one in results)
    return {
        **listed("results", "refund_mapping_result", results),
        "message": "操作成功" if done else "操作失败",
        "msg_code": "OP_SUCC" if done else "OP_FAIL",
        "succ": done,
    }


def _agree_one(claims: Claims, text: str) -> Json:
    number, _, rest = text.partition("|")
    if not number.strip().isdecimal():
        raise invalid("refund_infos", f"格式为 退款编号|金额(分)|版本|阶段：{text}")
    try:
        refund = claims.find(int(number))
        fee, _, version = rest.partition("|")
        if fee and fee != str(refund.fee_fen):
            raise BusinessError("", f"退款金额不一致，应为{refund.fee_fen}分")
        if version.partition("|")[0] not in ("", str(refund.version)):
            raise BusinessError("", "退款单已变更")
        with refused_as(REFUND_STATE):
            claims.repay(refund)
    except BusinessError as refusal:
        return {"message": refusal.sub_msg, "refund_id": number, "succ": False}
    return {"message": "操作成功", "refund_id": number, "succ": True}


def rp_refund_review(call: Call) -> Json:
    """Notes a review; nothing else follows from it."""
    claims, refund = _find(call)
    _check_version(call, refund)
    claims.say(refund, states.SELLER, call.text["message"])
    return {"is_success": True}


def rp_returngoods_agree(call: Call) -> Json:
    """Agrees that the goods come back."""
    claims, refund = _find(call)
    _check_version(call, refund)
    if not refund.returns:
        raise BusinessError("isv.refund-service-error:NOT_RETURN_GOODS", "该退款不需要退货")
    with refused_as(REFUND_STATE):
        claims.agree(refund)
    return {"is_success": True}


def rp_returngoods_refuse(call: Call) -> Json:
    """Refuses goods that came back."""
    claims, refund = _find(call)
    _check_version(call, refund)
    proof = keep_upload(call, "refuse_proof").path if "refuse_proof" in call.files else ""
    with refused_as(REFUND_STATE):
        claims.refuse(refund, "拒绝退货", proof)
    return {"result": True}


METHODS: Mapping[str, Handler] = {
    "taobao.refunds.receive.get": refunds_receive_get,
    "taobao.refunds.apply.get": refunds_apply_get,
    "taobao.refund.get": refund_get,
    "taobao.refund.detail.get": refund_detail_get,
    "taobao.refund.status.get": refund_status_get,
    "taobao.refund.messages.get": refund_messages_get,
    "taobao.refund.message.add": refund_message_add,
    "taobao.refund.refuse": refund_refuse,
    "taobao.refund.refusereason.get": refund_refusereason_get,
    "taobao.rp.refunds.agree": rp_refunds_agree,
    "taobao.rp.refund.review": rp_refund_review,
    "taobao.rp.returngoods.agree": rp_returngoods_agree,
    "taobao.rp.returngoods.refuse": rp_returngoods_refuse,
}
