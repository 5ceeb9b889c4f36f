"""Changes before the message service: typed requests and replies. Made by `make methods` from the
catalogue; edit `scripts/generate_methods.py`."""

from datetime import datetime
from typing import Any, Literal

from onshelf.platforms.top.generated.types.shared import AppCustomer, NotifyItem, NotifyRefund, NotifyTrade
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class IncrementItemsGetReply(Reply, kw_only=True):
    """Reply of `taobao.increment.items.get`."""

    notify_items: Rows[NotifyItem] = Rows()
    total_results: int | None = None


class IncrementItemsGet(Listing[IncrementItemsGetReply, NotifyItem], frozen=True, kw_only=True):
    """Calls `taobao.increment.items.get`: item change notifications (legacy).

    Legacy. Session: optional. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, the last page first.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    Legacy (replaced by TMC). Window must lie inside one calendar day. Statuses also carried over into TMC
    item topics.
    """

    METHOD = "taobao.increment.items.get"
    REPLY = IncrementItemsGetReply
    WALK = Walk(
        rows="notify_items",
        page="page_no",
        most_rows=200,
        total="total_results",
        last_first=True,
        start="start_modified",
        end="end_modified",
    )

    end_modified: datetime | None = None  # end of modification time window
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    start_modified: datetime | None = None  # start of modification time window
    # status filter
    status: (
        Literal[
            "ItemAdd",
            "ItemUpshelf",
            "ItemDownshelf",
            "ItemDelete",
            "ItemUpdate",
            "ItemRecommendDelete",
            "ItemRecommendAdd",
            "ItemZeroStock",
            "ItemPunishDelete",
            "ItemPunishDownshelf",
            "ItemPunishCc",
            "ItemSkuZeroStock",
            "ItemStockChanged",
        ]
        | None
    ) = None


class IncrementTradesGetReply(Reply, kw_only=True):
    """Reply of `taobao.increment.trades.get`."""

    notify_trades: Rows[NotifyTrade] = Rows()
    total_results: int | None = None


class IncrementTradesGet(Listing[IncrementTradesGetReply, NotifyTrade], frozen=True, kw_only=True):
    """Calls `taobao.increment.trades.get`: trade change notifications (legacy).

    Legacy. Session: optional. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, the last page first.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    """

    METHOD = "taobao.increment.trades.get"
    REPLY = IncrementTradesGetReply
    WALK = Walk(
        rows="notify_trades",
        page="page_no",
        most_rows=200,
        total="total_results",
        last_first=True,
        start="start_modified",
        end="end_modified",
    )

    end_modified: datetime | None = None  # end of modification time window
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    start_modified: datetime | None = None  # start of modification time window
    # status filter
    status: (
        Literal[
            "TradeCreate",
            "TradeModifyFee",
            "TradeCloseAndModifyDetailOrder",
            "TradeClose",
            "TradeBuyerPay",
            "TradeSellerShip",
            "TradeDelayConfirmPay",
            "TradePartlyRefund",
            "TradePartlyConfirmPay",
            "TradeSuccess",
            "TradeTimeoutRemind",
            "TradeRated",
            "TradeMemoModified",
            "TradeLogisticsAddressChanged",
            "TradeChanged",
        ]
        | None
    ) = None
    # type filter
    type: (
        Literal[
            "ec",
            "guarantee_trade",
            "auto_delivery",
            "cod",
            "independent_shop_trade",
            "independent_simple_trade",
            "shopex_trade",
            "netcn_trade",
            "travel",
            "fenxiao",
            "game_equipment",
        ]
        | None
    ) = None


class IncrementRefundsGetReply(Reply, kw_only=True):
    """Reply of `taobao.increment.refunds.get`."""

    notify_refunds: Rows[NotifyRefund] = Rows()
    total_results: int | None = None


class IncrementRefundsGet(Listing[IncrementRefundsGetReply, NotifyRefund], frozen=True, kw_only=True):
    """Calls `taobao.increment.refunds.get`: refund change notifications (legacy).

    Legacy. Session: optional. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, the last page first.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    """

    METHOD = "taobao.increment.refunds.get"
    REPLY = IncrementRefundsGetReply
    WALK = Walk(
        rows="notify_refunds",
        page="page_no",
        most_rows=200,
        total="total_results",
        last_first=True,
        start="start_modified",
        end="end_modified",
    )

    end_modified: datetime | None = None  # end of modification time window
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    start_modified: datetime | None = None  # start of modification time window
    status: str | None = None  # status filter


class IncrementCustomerPermitReply(Reply, kw_only=True):
    """Reply of `taobao.increment.customer.permit`."""

    app_customer: AppCustomer | None = None


class IncrementCustomerPermit(Request[IncrementCustomerPermitReply], frozen=True, kw_only=True):
    """Calls `taobao.increment.customer.permit`: enable notifications for the session user (legacy).

    Legacy. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use taobao.tmc.user.permit.
    """

    METHOD = "taobao.increment.customer.permit"
    REPLY = IncrementCustomerPermitReply

    status: str | None = None  # status filter
    topics: Values | None = None  # comma list of topic names
    type: str | None = None  # type filter; at most 3


class IncrementCustomerStopReply(Reply, kw_only=True):
    """Reply of `taobao.increment.customer.stop`."""

    is_success: bool | None = None


class IncrementCustomerStop(Request[IncrementCustomerStopReply], frozen=True, kw_only=True):
    """Calls `taobao.increment.customer.stop`: stop notifications for a user (legacy).

    Legacy. Session: none. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.tmc.user.cancel.
    """

    METHOD = "taobao.increment.customer.stop"
    REPLY = IncrementCustomerStopReply

    nick: str  # user nick
    type: str | None = None  # type filter; at most 3


class IncrementCustomersGetReply(Reply, kw_only=True):
    """Reply of `taobao.increment.customers.get`."""

    app_customers: Rows[AppCustomer] = Rows()
    total_results: int | None = None


class IncrementCustomersGet(Listing[IncrementCustomersGetReply, AppCustomer], frozen=True, kw_only=True):
    """Calls `taobao.increment.customers.get`: list users with notifications (legacy).

    Legacy. Session: none. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page.
    Older apps may still call it; new ones use taobao.tmc.user.get.
    """

    METHOD = "taobao.increment.customers.get"
    REPLY = IncrementCustomersGetReply
    WALK = Walk(rows="app_customers", page="page_no", most_rows=200, total="total_results")

    fields: Values | None = None  # comma list of response fields to return
    nicks: Values | None = None  # comma list of user nicks; at most 20
    page_no: int | None = None  # page number, from 1; at least 0
    page_size: int | None = None  # rows per page; 0..200
    type: str | None = None  # type filter; at most 3


class IncrementAuthorizeMessageGetReply(Reply, kw_only=True):
    """Reply of `taobao.increment.authorize.message.get`."""

    messages: Rows[str] = Rows()
    has_next: bool | None = None


class IncrementAuthorizeMessageGet(
    Listing[IncrementAuthorizeMessageGetReply, str], frozen=True, kw_only=True
):
    """Calls `taobao.increment.authorize.message.get`: increment authorize message get.

    Legacy. Session: none. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, the last page first.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    """

    METHOD = "taobao.increment.authorize.message.get"
    REPLY = IncrementAuthorizeMessageGetReply
    WALK = Walk(
        rows="messages",
        page="page_no",
        most_rows=200,
        last_first=True,
        start="start_modified",
        end="end_modified",
    )

    topic: str  # topic name
    end_modified: datetime | None = None  # end of modification time window
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    start_modified: datetime | None = None  # start of modification time window
    status: str | None = None  # status filter


class CometDiscardinfoGetReply(Reply, kw_only=True):
    """Reply of `taobao.comet.discardinfo.get`."""

    discard_info_list: Rows[Any] = Rows()


class CometDiscardinfoGet(Request[CometDiscardinfoGetReply], frozen=True, kw_only=True):
    """Calls `taobao.comet.discardinfo.get`: comet discardinfo get.

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    """

    METHOD = "taobao.comet.discardinfo.get"
    REPLY = CometDiscardinfoGetReply

    start: datetime  # start
    end: datetime | None = None  # end
    nick: str | None = None  # user nick
    types: str | None = None  # types
    user_id: int | None = None  # numeric user id
