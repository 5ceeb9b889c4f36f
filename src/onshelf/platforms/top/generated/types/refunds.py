"""Refunds and returns: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.generated.types.shared import CombineSubItemDO
from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class Operation(msgspec.Struct, kw_only=True):
    """`Operation` as replies show it."""

    operation_code: str | None = None
    tips: str | None = None


class PicUrl(msgspec.Struct, kw_only=True):
    """`PicUrl` as replies show it."""

    url: str | None = None


class QueryRefundStatusResponse(msgspec.Struct, kw_only=True):
    """`QueryRefundStatusResponse` as replies show it."""

    modified: str | None = None
    oid: int | None = None
    refund_id: int | None = None
    status: str | None = None
    tid: int | None = None


class Reason(msgspec.Struct, kw_only=True):
    """`Reason` as replies show it."""

    reason_id: int | None = None
    reason_text: str | None = None
    reason_tips: str | None = None


class RefundRemindTimeout(msgspec.Struct, kw_only=True):
    """`RefundRemindTimeout` as replies show it."""

    exist_timeout: bool | None = None
    remind_type: int | None = None
    timeout: Time | None = None


class Refund(msgspec.Struct, kw_only=True):
    """`Refund` as replies show it."""

    address: str | None = None
    advance_status: int | None = None
    alipay_no: str | None = None
    attribute: str | None = None
    buyer_nick: str | None = None
    buyer_open_uid: str | None = None
    combine_item_info: Rows[CombineSubItemDO] = Rows()
    company_name: str | None = None
    created: Time | None = None
    cs_status: int | None = None  # 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    desc: str | None = None
    dispute_type: str | None = None
    good_return_time: Time | None = None
    good_status: str | None = None  # BUYER_NOT_RECEIVED, BUYER_RECEIVED, BUYER_RETURNED_GOODS
    has_good_return: bool | None = None
    iid: str | None = None
    modified: Time | None = None
    num: int | None = None
    num_iid: int | None = None
    oid: int | None = None
    operation_contraint: str | None = None  # cannot_refuse, refund_onweb
    order_status: str | None = None
    ouid: str | None = None
    outer_id: str | None = None
    payment: str | None = None
    price: str | None = None
    reason: str | None = None
    refund_fee: str | None = None
    refund_id: int | None = None
    refund_phase: str | None = None  # onsale, aftersale
    refund_remind_timeout: RefundRemindTimeout | None = None
    refund_version: int | None = None
    seller_nick: str | None = None
    shipping_type: str | None = None
    sid: str | None = None
    sku: str | None = None
    sku_info: str | None = None
    split_seller_fee: str | None = None
    split_taobao_fee: str | None = None
    # WAIT_SELLER_AGREE, WAIT_BUYER_RETURN_GOODS, WAIT_SELLER_CONFIRM_GOODS, SELLER_REFUSE_BUYER, CLOSED,
    # SUCCESS
    status: str | None = None
    tid: int | None = None
    title: str | None = None
    total_fee: str | None = None


class RefundDetail(msgspec.Struct, kw_only=True):
    """`RefundDetail` as replies show it."""

    allowed_operations: Rows[Operation] = Rows()
    not_allowed_operations: Rows[Operation] = Rows()
    refund_version: int | None = None


class RefundMappingResult(msgspec.Struct, kw_only=True):
    """`RefundMappingResult` as replies show it."""

    message: str | None = None
    refund_id: str | None = None
    succ: bool | None = None


class RefundMessage(msgspec.Struct, kw_only=True):
    """`RefundMessage` as replies show it."""

    content: str | None = None
    created: Time | None = None
    id: int | None = None
    message_type: str | None = None
    owner_id: int | None = None
    owner_nick: str | None = None
    owner_open_uid: str | None = None
    owner_role: str | None = None
    pic_urls: Rows[PicUrl] = Rows()
    refund_id: int | None = None
    refund_phase: str | None = None


class ResultSet(msgspec.Struct, kw_only=True):
    """`ResultSet` as replies show it."""

    error_code: str | None = None
    error_msg: str | None = None
    result_list: Rows[QueryRefundStatusResponse] = Rows()
