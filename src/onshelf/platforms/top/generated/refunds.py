"""Refunds and returns: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from typing import Literal

import msgspec

from onshelf.platforms.top.generated.shared import CombineSubItemDO
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, Part, Reply, Request, Time, Values, Walk
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


class RefundQueryByOrderIdRequest(Part, frozen=True, kw_only=True):
    """query object."""

    biz_order_id: int


class RefundsReceiveGetReply(Reply, kw_only=True):
    """Reply of `taobao.refunds.receive.get`."""

    total_results: int | None = None
    has_next: bool | None = None
    refunds: Rows[Refund] = Rows()


class RefundsReceiveGet(Listing[RefundsReceiveGetReply, Refund], frozen=True, kw_only=True):
    """Calls `taobao.refunds.receive.get`: list refunds received by the seller (查询卖家收到的退款列表).

    Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.refunds.receive.get"
    REPLY = RefundsReceiveGetReply
    WALK = Walk(
        rows="refunds",
        page="page_no",
        most_rows=100,
        total="total_results",
        start="start_modified",
        end="end_modified",
    )

    fields: Values  # comma list of response fields to return
    status: str | None = None  # status filter
    type: str | None = None  # type filter
    start_modified: datetime | None = None  # start of modification time window
    end_modified: datetime | None = None  # end of modification time window
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..100; default 40
    use_has_next: bool | None = None  # true: return has_next instead of total_results (faster)
    ouid: str | None = None  # system generated id
    buyer_open_uid: str | None = None  # buyer OpenUid filter
    buyer_nick: str | None = None  # buyer nick filter


class RefundsApplyGetReply(Reply, kw_only=True):
    """Reply of `taobao.refunds.apply.get`."""

    total_results: int | None = None
    refunds: Rows[Refund] = Rows()


class RefundsApplyGet(Listing[RefundsApplyGetReply, Refund], frozen=True, kw_only=True):
    """Calls `taobao.refunds.apply.get`: refunds apply get (查询买家申请的退款列表).

    Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.refunds.apply.get"
    REPLY = RefundsApplyGetReply
    WALK = Walk(rows="refunds", page="page_no", most_rows=100, total="total_results")

    fields: Values  # comma list of response fields to return
    seller_nick: str | None = None  # seller nick
    status: str | None = None  # status filter
    type: str | None = None  # type filter
    page_no: int | None = None  # page number, from 1; at least 1
    page_size: int | None = None  # rows per page; 1..100; default 40


class RefundGetReply(Reply, kw_only=True):
    """Reply of `taobao.refund.get`."""

    refund: Refund | None = None


class RefundGet(Request[RefundGetReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.get`: get one refund (获取单笔退款详情).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.refund.get"
    REPLY = RefundGetReply

    fields: Values  # comma list of response fields to return
    refund_id: int  # refund id; at least 1


class RefundDetailGetReply(Reply, kw_only=True):
    """Reply of `taobao.refund.detail.get`."""

    detail: RefundDetail | None = None


class RefundDetailGet(Request[RefundDetailGetReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.detail.get`: refund detail get (退款详情页渲染).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.refund.detail.get"
    REPLY = RefundDetailGetReply

    refund_id: int  # refund id
    fields: Values  # comma list of response fields to return


class RefundStatusGetReply(Reply, kw_only=True):
    """Reply of `taobao.refund.status.get`."""

    result_package: ResultSet | None = None


class RefundStatusGet(Request[RefundStatusGetReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.status.get`: refund status get (查询退款状态).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.refund.status.get"
    REPLY = RefundStatusGetReply

    query_param: RefundQueryByOrderIdRequest  # query object


class RefundMessageAddReply(Reply, kw_only=True):
    """Reply of `taobao.refund.message.add`."""

    refund_message: RefundMessage | None = None


class RefundMessageAdd(Request[RefundMessageAddReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.message.add`: add a refund message (创建退款留言/凭证).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.refund.message.add"
    REPLY = RefundMessageAddReply

    refund_id: int  # refund id
    content: str  # message text, max 400 bytes
    image: File  # evidence picture JPG/GIF/PNG, max 500 KB


class RefundMessagesGetReply(Reply, kw_only=True):
    """Reply of `taobao.refund.messages.get`."""

    refund_messages: Rows[RefundMessage] = Rows()
    total_results: int | None = None


class RefundMessagesGet(Listing[RefundMessagesGetReply, RefundMessage], frozen=True, kw_only=True):
    """Calls `taobao.refund.messages.get`: list refund messages (查询退款留言/凭证列表).

    Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.refund.messages.get"
    REPLY = RefundMessagesGetReply
    WALK = Walk(rows="refund_messages", page="page_no", most_rows=100, total="total_results")

    fields: Values  # comma list of response fields to return
    refund_id: int  # refund id; at least 1
    page_no: int | None = None  # page number, from 1; at least 1
    page_size: int | None = None  # rows per page; 1..100
    refund_phase: Literal["onsale", "aftersale"] | None = None  # onsale or aftersale


class RefundRefuseReply(Reply, kw_only=True):
    """Reply of `taobao.refund.refuse`."""

    refund: Refund | None = None
    is_success: bool | None = None


class RefundRefuse(Request[RefundRefuseReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.refuse`: refund refuse (卖家拒绝退款).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.refund.refuse"
    REPLY = RefundRefuseReply

    refund_id: int  # refund id
    refuse_message: str  # refusal text; 200 characters
    refuse_proof: File | None = None  # refusal evidence picture; 130000 bytes
    refund_phase: str | None = None  # onsale or aftersale
    refund_version: int | None = None  # refund version stamp
    refuse_reason_id: int | None = None  # refusal reason id


class RefundRefusereasonGetReply(Reply, kw_only=True):
    """Reply of `taobao.refund.refusereason.get`."""

    reasons: Rows[Reason] = Rows()
    total_results: int | None = None
    has_next: bool | None = None


class RefundRefusereasonGet(Request[RefundRefusereasonGetReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.refusereason.get`: refund refusereason get (获取拒绝原因列表).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.refund.refusereason.get"
    REPLY = RefundRefusereasonGetReply

    refund_phase: str  # onsale or aftersale
    refund_id: int  # refund id
    fields: Values  # comma list of response fields to return


class RpRefundsAgreeReply(Reply, kw_only=True):
    """Reply of `taobao.rp.refunds.agree`."""

    message: str | None = None
    succ: bool | None = None
    results: Rows[RefundMappingResult] = Rows()
    msg_code: str | None = None


class RpRefundsAgree(Request[RpRefundsAgreeReply], frozen=True, kw_only=True):
    """Calls `taobao.rp.refunds.agree`: rp refunds agree (同意退款).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.rp.refunds.agree"
    REPLY = RpRefundsAgreeReply

    refund_infos: str  # refundId|amount|version|phase list
    code: str | None = None  # code value


class RpRefundReviewReply(Reply, kw_only=True):
    """Reply of `taobao.rp.refund.review`."""

    is_success: bool | None = None


class RpRefundReview(Request[RpRefundReviewReply], frozen=True, kw_only=True):
    """Calls `taobao.rp.refund.review`: rp refund review (审核退款单).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.rp.refund.review"
    REPLY = RpRefundReviewReply

    operator: str  # operator name
    refund_id: int  # refund id
    refund_phase: str  # onsale or aftersale
    refund_version: int  # refund version stamp
    message: str  # message text
    result: bool  # result flag


class RpReturngoodsAgreeReply(Reply, kw_only=True):
    """Reply of `taobao.rp.returngoods.agree`."""

    is_success: bool | None = None


class RpReturngoodsAgree(Request[RpReturngoodsAgreeReply], frozen=True, kw_only=True):
    """Calls `taobao.rp.returngoods.agree`: rp returngoods agree (卖家同意退货).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.rp.returngoods.agree"
    REPLY = RpReturngoodsAgreeReply

    refund_id: int  # refund id
    refund_phase: str | None = None  # onsale or aftersale
    refund_version: int | None = None  # refund version stamp
    remark: str | None = None  # remark
    address: str | None = None  # address text
    seller_address_id: int | None = None  # seller address id
    mobile: str | None = None  # mobile number
    post: str | None = None  # post flag
    name: str | None = None  # name
    tel: str | None = None  # telephone
    post_fee_bear_role: int | None = None  # who bears postage
    virtual_return_goods: bool | None = None  # virtual return flag


class RpReturngoodsRefuseReply(Reply, kw_only=True):
    """Reply of `taobao.rp.returngoods.refuse`."""

    result: bool | None = None


class RpReturngoodsRefuse(Request[RpReturngoodsRefuseReply], frozen=True, kw_only=True):
    """Calls `taobao.rp.returngoods.refuse`: rp returngoods refuse (卖家拒绝退货).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.rp.returngoods.refuse"
    REPLY = RpReturngoodsRefuseReply

    refund_id: int  # refund id
    refund_phase: str  # onsale or aftersale
    refund_version: int  # refund version stamp
    refuse_proof: File  # refusal evidence picture
    refuse_reason_id: int | None = None  # refusal reason id
