"""Trades and ratings: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from onshelf.platforms.top.generated.types.trades import Order, Results, Trade, TradeAmount, TradeConfirmFee
from onshelf.platforms.top.request import Listing, Part, Reply, Request, Time, Values, Walk
from onshelf.platforms.top.rows import Rows


class OrderQuery(Part, frozen=True, kw_only=True):
    """list of queries."""

    receiver_phone: str | None = None
    receiver_mobile: str | None = None
    receiver_name: str | None = None
    end_created: Time | None = None
    start_created: Time | None = None


class TradesSoldGetReply(Reply, kw_only=True):
    """Reply of `taobao.trades.sold.get`."""

    total_results: int | None = None
    trades: Rows[Trade] = Rows()
    has_next: bool | None = None


class TradesSoldGet(Listing[TradesSoldGetReply, Trade], frozen=True, kw_only=True):
    """Calls `taobao.trades.sold.get`: list sold trades by creation time (查询卖家已卖出的交易数据（根据创建时间）).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    Only last 3 months by creation time; newest first.
    """

    METHOD = "taobao.trades.sold.get"
    REPLY = TradesSoldGetReply
    WALK = Walk(
        rows="trades",
        page="page_no",
        most_rows=100,
        total="total_results",
        start="start_created",
        end="end_created",
    )

    fields: Values  # comma list of response fields to return
    start_created: datetime | None = None  # start of creation time window (at most three months back)
    end_created: datetime | None = None  # end of creation time window
    status: str | None = None  # status filter
    buyer_nick: str | None = None  # buyer nick filter
    # comma list of trade types; default is only guarantee_trade,auto_delivery,ec,cod,step
    type: Values | None = None
    ext_type: Literal["ershou", "service", "mark"] | None = None  # extension type filter; one value per call
    # rating state filter
    rate_status: (
        Literal[
            "RATE_UNBUYER", "RATE_UNSELLER", "RATE_BUYER_UNSELLER", "RATE_UNBUYER_SELLER", "RATE_BUYER_SELLER"
        ]
        | None
    ) = None
    tag: Literal["time_card", "fee_card"] | None = None  # seller's group tag of the trade
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; 1..100; default 40
    use_has_next: bool | None = None  # true: return has_next instead of total_results (faster)
    buyer_open_id: str | None = None  # buyer open id filter


class TradesSoldIncrementGetReply(Reply, kw_only=True):
    """Reply of `taobao.trades.sold.increment.get`."""

    total_results: int | None = None
    trades: Rows[Trade] = Rows()
    has_next: bool | None = None


class TradesSoldIncrementGet(Listing[TradesSoldIncrementGetReply, Trade], frozen=True, kw_only=True):
    """Calls `taobao.trades.sold.increment.get`: list sold trades by modification time
    (查询卖家已卖出的增量交易数据（根据修改时间）).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page, windows of one day, the last page first.
    Window max 1 day, only last 3 months; 30-minute windows recommended; page backwards from the last page;
    use_has_next speeds it up.
    """

    METHOD = "taobao.trades.sold.increment.get"
    REPLY = TradesSoldIncrementGetReply
    WALK = Walk(
        rows="trades",
        page="page_no",
        most_rows=100,
        total="total_results",
        last_first=True,
        start="start_modified",
        end="end_modified",
        longest_s=86400,
    )

    fields: Values  # comma list of response fields to return
    start_modified: datetime  # start of modification time window
    end_modified: datetime  # end of modification time window
    status: str | None = None  # status filter
    type: Values | None = None  # comma list of trade types; default guarantee_trade,auto_delivery,ec,cod,step
    buyer_nick: str | None = None  # buyer nick filter
    ext_type: Literal["ershou", "service", "mark"] | None = None  # extension type filter; one value per call
    tag: Literal["time_card", "fee_card"] | None = None  # seller's group tag of the trade
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; 1..100; default 40
    use_has_next: bool | None = None  # true: return has_next instead of total_results (faster)
    buyer_open_uid: str | None = None  # buyer OpenUid filter


class TradesSoldIncrementvGetReply(Reply, kw_only=True):
    """Reply of `taobao.trades.sold.incrementv.get`."""

    total_results: int | None = None
    has_next: bool | None = None
    trades: Rows[Trade] = Rows()


class TradesSoldIncrementvGet(Listing[TradesSoldIncrementvGetReply, Trade], frozen=True, kw_only=True):
    """Calls `taobao.trades.sold.incrementv.get`: list sold trades by insertion time (查询卖家已卖出的增量交易数据（根据入库时间）).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page, windows of one day, the last page first.
    """

    METHOD = "taobao.trades.sold.incrementv.get"
    REPLY = TradesSoldIncrementvGetReply
    WALK = Walk(
        rows="trades",
        page="page_no",
        most_rows=100,
        total="total_results",
        last_first=True,
        start="start_create",
        end="end_create",
        longest_s=86400,
    )

    fields: Values  # comma list of response fields to return
    start_create: datetime  # start of platform-insert time window
    end_create: datetime  # end of platform-insert time window
    status: str | None = None  # status filter
    type: str | None = None  # type filter
    ext_type: Literal["ershou", "service", "mark"] | None = None  # extension type filter; one value per call
    tag: Literal["time_card", "fee_card"] | None = None  # seller's group tag of the trade
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..100; default 40
    use_has_next: bool | None = None  # true: return has_next instead of total_results (faster)


class TradesSoldQueryReply(Reply, kw_only=True):
    """Reply of `taobao.trades.sold.query`."""

    tid_list: Rows[str] = Rows()


class TradesSoldQuery(Request[TradesSoldQueryReply], frozen=True, kw_only=True):
    """Calls `taobao.trades.sold.query`: trades sold query (根据收件人信息查询交易单号).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.trades.sold.query"
    REPLY = TradesSoldQueryReply

    query_list: Sequence[OrderQuery]  # list of queries; at most 999
    scene: str  # business scene code
    order_type: str | None = None  # order type


class TradeGetReply(Reply, kw_only=True):
    """Reply of `taobao.trade.get`."""

    trade: Trade | None = None


class TradeGet(Request[TradeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.get`: get part of one trade (获取单笔交易的部分信息(性能高)).

    Current. Session: needed. A repeat changes nothing.
    Refusals seen: isv.trade-not-exist.
    """

    METHOD = "taobao.trade.get"
    REPLY = TradeGetReply

    fields: Values  # comma list of response fields to return
    tid: int  # trade id


class TradeFullinfoGetReply(Reply, kw_only=True):
    """Reply of `taobao.trade.fullinfo.get`."""

    trade: Trade | None = None


class TradeFullinfoGet(Request[TradeFullinfoGetReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.fullinfo.get`: get one trade in full (获取单笔交易的详细信息).

    Current. Session: needed. A repeat changes nothing.
    Refusals seen: isv.trade-not-exist.
    """

    METHOD = "taobao.trade.fullinfo.get"
    REPLY = TradeFullinfoGetReply

    fields: Values  # comma list of response fields to return
    tid: int  # trade id; at least 1
    include_oaid: str | None = None  # also return oaid


class TradeMemoAddReply(Reply, kw_only=True):
    """Reply of `taobao.trade.memo.add`."""

    trade: Trade | None = None


class TradeMemoAdd(Request[TradeMemoAddReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.memo.add`: add a trade memo (对一笔交易添加备注).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.trade.memo.add"
    REPLY = TradeMemoAddReply

    tid: int  # trade id
    memo: str  # memo text, max 1000 bytes
    flag: Literal[0, 1, 2, 3, 4, 5] | None = None  # memo flag colour 0-5; 0..5; default 0


class TradeMemoUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.trade.memo.update`."""

    trade: Trade | None = None


class TradeMemoUpdate(Request[TradeMemoUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.memo.update`: change a trade memo (修改交易备注).

    Current. Session: needed. A repeat sets the same again.
    reset=true clears memo whatever is passed.
    """

    METHOD = "taobao.trade.memo.update"
    REPLY = TradeMemoUpdateReply

    tid: int  # trade id
    memo: str | None = None  # memo text, max 1000 bytes
    flag: Literal[0, 1, 2, 3, 4, 5] | None = None  # memo flag colour 0-5; 0..5; default 0
    reset: bool | None = None  # true clears the memo whatever memo holds


class TradeCloseReply(Reply, kw_only=True):
    """Reply of `taobao.trade.close`."""

    trade: Trade | None = None


class TradeClose(Request[TradeCloseReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.close`: close an unpaid trade (卖家关闭一笔交易).

    Current. Session: needed. A repeat may do it twice.
    Refusals seen: CLOSE_TRADE_TOO_FAST (order younger than 10 s).
    """

    METHOD = "taobao.trade.close"
    REPLY = TradeCloseReply

    tid: int  # trade id
    close_reason: str  # one of the fixed reasons for closing


class TradeAmountGetReply(Reply, kw_only=True):
    """Reply of `taobao.trade.amount.get`."""

    trade_amount: TradeAmount | None = None


class TradeAmountGet(Request[TradeAmountGetReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.amount.get`: trade amount get (交易帐务查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.trade.amount.get"
    REPLY = TradeAmountGetReply

    fields: Values  # comma list of response fields to return
    tid: int  # trade id; at least -9.22337203685e+18


class TradeConfirmfeeGetReply(Reply, kw_only=True):
    """Reply of `taobao.trade.confirmfee.get`."""

    trade_confirm_fee: TradeConfirmFee | None = None


class TradeConfirmfeeGet(Request[TradeConfirmfeeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.confirmfee.get`: trade confirmfee get (获取交易确认收货费用).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.trade.confirmfee.get"
    REPLY = TradeConfirmfeeGetReply

    tid: int  # trade id


class TradeOrderskuUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.trade.ordersku.update`."""

    order: Order | None = None


class TradeOrderskuUpdate(Request[TradeOrderskuUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.ordersku.update`: trade ordersku update (更新交易的销售属性).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.trade.ordersku.update"
    REPLY = TradeOrderskuUpdateReply

    oid: int  # sub-order id
    sku_id: int | None = None  # numeric sku id
    sku_props: str | None = None  # sku property string


class TradePostageUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.trade.postage.update`."""

    trade: Trade | None = None


class TradePostageUpdate(Request[TradePostageUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.postage.update`: trade postage update (修改交易邮费价格).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.trade.postage.update"
    REPLY = TradePostageUpdateReply

    tid: int  # trade id
    post_fee: str  # surface mail fee in yuan; fill all three fees together; 0.01..999


class TradeReceivetimeDelayReply(Reply, kw_only=True):
    """Reply of `taobao.trade.receivetime.delay`."""

    trade: Trade | None = None


class TradeReceivetimeDelay(Request[TradeReceivetimeDelayReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.receivetime.delay`: trade receivetime delay (延长交易收货时间).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.trade.receivetime.delay"
    REPLY = TradeReceivetimeDelayReply

    tid: int  # trade id
    days: int  # days to delay; 3..10


class TradeShippingaddressUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.trade.shippingaddress.update`."""

    trade: Trade | None = None


class TradeShippingaddressUpdate(Request[TradeShippingaddressUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.trade.shippingaddress.update`: trade shippingaddress update (更改交易的收货地址).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.trade.shippingaddress.update"
    REPLY = TradeShippingaddressUpdateReply

    tid: int  # trade id
    receiver_name: str | None = None  # receiver name; 50 characters
    receiver_phone: str | None = None  # receiver phone; 30 characters
    receiver_mobile: str | None = None  # receiver mobile; 11 characters
    receiver_state: str | None = None  # receiver province; 32 characters
    receiver_city: str | None = None  # receiver city; 32 characters
    receiver_district: str | None = None  # receiver district; 32 characters
    receiver_address: str | None = None  # receiver street address; 228 characters
    receiver_zip: str | None = None  # receiver post code; 6 characters
    receiver_town: str | None = None  # receiver town; 32 characters


class TraderatesGetReply(Reply, kw_only=True):
    """Reply of `taobao.traderates.get`."""

    total_results: int | None = None
    has_next: bool | None = None
    trade_rates: Rows[Results] = Rows()


class TraderatesGet(Listing[TraderatesGetReply, Results], frozen=True, kw_only=True):
    """Calls `taobao.traderates.get`: traderates get (搜索评价信息).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 150 rows a page.
    """

    METHOD = "taobao.traderates.get"
    REPLY = TraderatesGetReply
    WALK = Walk(
        rows="trade_rates",
        page="page_no",
        most_rows=150,
        total="total_results",
        start="start_date",
        end="end_date",
    )

    fields: Values  # comma list of response fields to return
    rate_type: Literal["get", "give"]  # rating type
    role: Literal["seller", "buyer"]  # role
    result: Literal["good", "neutral", "bad"] | None = None  # result flag
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; 1..150
    start_date: datetime | None = None  # start of time window
    end_date: datetime | None = None  # end of time window
    tid: int | None = None  # trade id
    use_has_next: bool | None = None  # true: return has_next instead of total_results (faster)
    num_iid: int | None = None  # numeric item id
    ouid: str | None = None  # system generated id
