"""Refunds and returns: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from typing import Literal

from onshelf.platforms.top.generated.types.refunds import (
    Reason,
    Refund,
    RefundDetail,
    RefundMappingResult,
    RefundMessage,
    ResultSet,
)
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, Part, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


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

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page, the last page first.
    """

    METHOD = "taobao.refunds.receive.get"
    REPLY = RefundsReceiveGetReply
    WALK = Walk(
        rows="refunds",
        page="page_no",
        most_rows=100,
        total="total_results",
        last_first=True,
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

    Current. Session: needed. A repeat changes nothing.
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

    Current. Session: needed. A repeat changes nothing.
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

    Current. Session: needed. A repeat changes nothing.
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

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.refund.status.get"
    REPLY = RefundStatusGetReply

    query_param: RefundQueryByOrderIdRequest  # query object


class RefundMessageAddReply(Reply, kw_only=True):
    """Reply of `taobao.refund.message.add`."""

    refund_message: RefundMessage | None = None


class RefundMessageAdd(Request[RefundMessageAddReply], frozen=True, kw_only=True):
    """Calls `taobao.refund.message.add`: add a refund message (创建退款留言/凭证).

    Current. Session: needed. A repeat may do it twice.
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

    Current. Session: needed. A repeat changes nothing.
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

    Current. Session: needed. A repeat may do it twice.
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

    Current. Session: needed. A repeat changes nothing.
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

    Current. Session: needed. A repeat may do it twice.
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

    Current. Session: needed. A repeat may do it twice.
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

    Current. Session: needed. A repeat may do it twice.
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

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.rp.returngoods.refuse"
    REPLY = RpReturngoodsRefuseReply

    refund_id: int  # refund id
    refund_phase: str  # onsale or aftersale
    refund_version: int  # refund version stamp
    refuse_proof: File  # refusal evidence picture
    refuse_reason_id: int | None = None  # refusal reason id
