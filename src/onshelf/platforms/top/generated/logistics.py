"""Shipping: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from typing import Literal

from onshelf.platforms.top.generated.types.logistics import (
    AddressResult,
    LogisticsCompany,
    LogisticsPartner,
    Shipping,
    SingleResultDto,
    TransitStepInfo,
    TransitStepResult,
)
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class LogisticsOnlineSendReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.online.send`."""

    shipping: Shipping | None = None


class LogisticsOnlineSend(Request[LogisticsOnlineSendReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.online.send`: ship through a platform carrier order (在线订单发货处理（支持货到付款）).

    Current. Session: needed. A repeat may do it twice.
    Without waybill the trade state does not change until logistics.online.confirm.
    Refusals seen: isv.logistics-delivery-service-error:B01, isv.logistics-delivery-service-error:B04.
    """

    METHOD = "taobao.logistics.online.send"
    REPLY = LogisticsOnlineSendReply

    tid: int  # trade id; at least 1000
    company_code: str  # carrier code from taobao.logistics.companies.get
    sub_tid: Values | None = None  # sub-order ids to ship; at most 20
    is_split: int | None = None  # 1 = ship part of the order
    # waybill; with it the trade becomes shipped at once, without it call logistics.online.confirm
    out_sid: str | None = None
    sender_id: int | None = None  # seller address-book id used as pick-up address; default when empty
    # seller address-book id used as return address; default return address when empty
    cancel_id: int | None = None
    feature: str | None = None  # feature string; key=value pairs separated by ;
    seller_ip: str | None = None  # seller IP address


class LogisticsOnlineConfirmReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.online.confirm`."""

    shipping: Shipping | None = None


class LogisticsOnlineConfirm(Request[LogisticsOnlineConfirmReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.online.confirm`: logistics online confirm (确认发货通知接口).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.logistics.online.confirm"
    REPLY = LogisticsOnlineConfirmReply

    tid: int  # trade id; at least 1000
    out_sid: str  # carrier waybill number
    sub_tid: Values | None = None  # sub-order ids to ship; at most 20
    is_split: int | None = None  # 1 = ship part of the order
    seller_ip: str | None = None  # seller IP address


class LogisticsOnlineCancelReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.online.cancel`."""

    modify_time: str | None = None
    recreated_order_id: str | None = None
    is_success: bool | None = None


class LogisticsOnlineCancel(Request[LogisticsOnlineCancelReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.online.cancel`: logistics online cancel (取消物流订单接口).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.logistics.online.cancel"
    REPLY = LogisticsOnlineCancelReply

    tid: int  # trade id


class LogisticsOfflineSendReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.offline.send`."""

    shipping: Shipping | None = None


class LogisticsOfflineSend(Request[LogisticsOfflineSendReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.offline.send`: ship with own carrier (自己联系物流（线下物流）发货).

    Current. Session: needed. A repeat may do it twice.
    Refusals seen: isv.logistics-delivery-service-error:B01, isv.logistics-delivery-service-error:B04.
    """

    METHOD = "taobao.logistics.offline.send"
    REPLY = LogisticsOfflineSendReply

    company_code: str  # carrier code from taobao.logistics.companies.get
    out_sid: str  # carrier waybill number
    tid: int  # trade id; at least 1000
    # seller address-book id used as return address; default return address when empty
    cancel_id: int | None = None
    feature: str | None = None  # feature string; key=value pairs separated by ;
    is_split: int | None = None  # 1 = ship part of the order
    seller_ip: str | None = None  # seller IP address
    sender_id: int | None = None  # seller address-book id used as pick-up address; default when empty
    sub_tid: Values | None = None  # sub-order ids to ship, max 50


class LogisticsDummySendReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.dummy.send`."""

    shipping: Shipping | None = None


class LogisticsDummySend(Request[LogisticsDummySendReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.dummy.send`: ship without logistics (virtual) (无需物流（虚拟）发货处理).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.logistics.dummy.send"
    REPLY = LogisticsDummySendReply

    tid: int  # trade id
    feature: str | None = None  # feature string; key=value pairs separated by ;
    seller_ip: str | None = None  # seller IP address


class LogisticsConsignResendReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.consign.resend`."""

    shipping: Shipping | None = None


class LogisticsConsignResend(Request[LogisticsConsignResendReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.consign.resend`: logistics consign resend (修改物流公司和运单号).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.logistics.consign.resend"
    REPLY = LogisticsConsignResendReply

    tid: int  # trade id; at least 1000
    out_sid: str  # carrier waybill number
    company_code: str  # carrier code from taobao.logistics.companies.get
    sub_tid: Values | None = None  # sub-order ids to ship; at most 50
    is_split: int | None = None  # 1 = ship part of the order
    feature: str | None = None  # feature string; key=value pairs separated by ;
    seller_ip: str | None = None  # seller IP address


class LogisticsCompaniesGetReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.companies.get`."""

    logistics_companies: Rows[LogisticsCompany] = Rows()


class LogisticsCompaniesGet(Request[LogisticsCompaniesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.companies.get`: list carriers (查询物流公司信息).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.logistics.companies.get"
    REPLY = LogisticsCompaniesGetReply

    fields: Values  # comma list of response fields to return
    is_recommended: bool | None = None  # recommended carriers only
    order_mode: Literal["offline", "online", "all"] | None = None  # carrier ordering mode


class LogisticsPartnersGetReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.partners.get`."""

    logistics_partners: Rows[LogisticsPartner] = Rows()


class LogisticsPartnersGet(Request[LogisticsPartnersGetReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.partners.get`: logistics partners get (查询支持起始地到目的地范围的物流公司).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.logistics.partners.get"
    REPLY = LogisticsPartnersGetReply

    source_id: str | None = None  # source area id
    target_id: str | None = None  # destination area id
    service_type: Literal["cod", "online", "offline", "limit"] | None = None  # service type
    goods_value: str | None = None  # goods value
    is_need_carriage: bool | None = None  # carriage info wanted


class LogisticsOrdersGetReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.orders.get`."""

    total_results: int | None = None
    shippings: Rows[Shipping] = Rows()


class LogisticsOrdersGet(Listing[LogisticsOrdersGetReply, Shipping], frozen=True, kw_only=True):
    """Calls `taobao.logistics.orders.get`: logistics orders get (批量查询物流订单).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.logistics.orders.get"
    REPLY = LogisticsOrdersGetReply
    WALK = Walk(
        rows="shippings",
        page="page_no",
        most_rows=100,
        total="total_results",
        start="start_created",
        end="end_created",
    )

    fields: Values  # comma list of response fields to return
    tid: int | None = None  # trade id
    buyer_nick: str | None = None  # buyer nick filter
    status: str | None = None  # status filter
    seller_confirm: Literal["yes", "no"] | None = None  # seller confirmation flag
    receiver_name: str | None = None  # receiver name
    start_created: datetime | None = None  # start of creation time window (at most three months back)
    end_created: datetime | None = None  # end of creation time window
    # who pays freight; buyer requires fees or postage_id
    freight_payer: Literal["buyer", "seller"] | None = None
    type: Literal["post", "express", "ems"] | None = None  # type filter
    page_no: int | None = None  # page number, from 1
    page_size: int | None = None  # rows per page; at most 100
    ouid: str | None = None  # system generated id


class LogisticsOrdersDetailGetReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.orders.detail.get`."""

    total_results: int | None = None
    shippings: Rows[SingleResultDto] = Rows()


class LogisticsOrdersDetailGet(
    Listing[LogisticsOrdersDetailGetReply, SingleResultDto], frozen=True, kw_only=True
):
    """Calls `taobao.logistics.orders.detail.get`: logistics orders detail get (批量查询物流订单,返回详细信息).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.logistics.orders.detail.get"
    REPLY = LogisticsOrdersDetailGetReply
    WALK = Walk(
        rows="shippings",
        page="page_no",
        most_rows=100,
        total="total_results",
        start="start_created",
        end="end_created",
    )

    fields: Values  # comma list of response fields to return
    tid: int | None = None  # trade id
    buyer_nick: str | None = None  # buyer nick filter
    status: str | None = None  # status filter
    seller_confirm: Literal["yes", "no"] | None = None  # seller confirmation flag
    receiver_name: str | None = None  # receiver name
    start_created: datetime | None = None  # start of creation time window (at most three months back)
    end_created: datetime | None = None  # end of creation time window
    # who pays freight; buyer requires fees or postage_id
    freight_payer: Literal["buyer", "seller"] | None = None
    type: Literal["post", "express", "ems"] | None = None  # type filter
    page_no: int | None = None  # page number, from 1
    page_size: int | None = None  # rows per page; at most 100
    ouid: str | None = None  # system generated id


class LogisticsTraceSearchReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.trace.search`."""

    out_sid: str | None = None
    company_name: str | None = None
    tid: int | None = None
    status: str | None = None
    trace_list: Rows[TransitStepInfo] = Rows()


class LogisticsTraceSearch(Request[LogisticsTraceSearchReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.trace.search`: logistics trace search (物流流转信息查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.logistics.trace.search"
    REPLY = LogisticsTraceSearchReply

    tid: int  # trade id
    is_split: int | None = None  # 1 = ship part of the order
    sub_tid: Values | None = None  # sub-order ids to ship; at most 50


class LogisticsTraceGetReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.trace.get`."""

    result: Rows[TransitStepResult] = Rows()


class LogisticsTraceGet(Request[LogisticsTraceGetReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.trace.get`: logistics trace get (用户根据交易号查询物流流转信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.logistics.trace.get"
    REPLY = LogisticsTraceGetReply

    tid: int  # trade id


class LogisticsAddressSearchReply(Reply, kw_only=True):
    """Reply of `taobao.logistics.address.search`."""

    addresses: Rows[AddressResult] = Rows()


class LogisticsAddressSearch(Request[LogisticsAddressSearchReply], frozen=True, kw_only=True):
    """Calls `taobao.logistics.address.search`: logistics address search (查询卖家地址库).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.logistics.address.search"
    REPLY = LogisticsAddressSearchReply

    rdef: str | None = None  # reserved
