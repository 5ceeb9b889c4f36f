"""Tokens, time, addresses, subscriptions: typed requests and replies. Made by `make methods` from the
catalogue; edit `scripts/generate_methods.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onshelf.platforms.top.generated.types.access import (
    ArticleBizOrder,
    ArticleSub,
    ArticleUserSubscribe,
    KfcSearchResult,
    Receiver,
    TopDownloadRecordDo,
    UserSubscribe,
)
from onshelf.platforms.top.request import Listing, Part, Reply, Request, Time, Walk
from onshelf.platforms.top.rows import Rows


class ReceiverQuery(Part, frozen=True, kw_only=True):
    """receiver queries (max 20 documented)."""

    oaid: str
    tid: str
    scene: str
    secret_no_days: int | None = None


class OrderMerge(Part, frozen=True, kw_only=True):
    """list of receivers to merge."""

    oaid: str
    tid: str


class TopAuthTokenCreateReply(Reply, kw_only=True):
    """Reply of `taobao.top.auth.token.create`."""

    token_result: Any | None = None


class TopAuthTokenCreate(Request[TopAuthTokenCreateReply], frozen=True, kw_only=True):
    """Calls `taobao.top.auth.token.create`: exchange code for access token (获取Access Token).

    Current. Session: none. A repeat may do it twice.
    """

    METHOD = "taobao.top.auth.token.create"
    REPLY = TopAuthTokenCreateReply

    code: str  # authorization code from the OAuth redirect
    uuid: str | None = None  # uuid that came with the code


class TopAuthTokenRefreshReply(Reply, kw_only=True):
    """Reply of `taobao.top.auth.token.refresh`."""

    token_result: Any | None = None


class TopAuthTokenRefresh(Request[TopAuthTokenRefreshReply], frozen=True, kw_only=True):
    """Calls `taobao.top.auth.token.refresh`: refresh the access token (刷新Access Token).

    Current. Session: none. A repeat may do it twice.
    Only service-market apps may refresh; other app types have fixed-life tokens.
    """

    METHOD = "taobao.top.auth.token.refresh"
    REPLY = TopAuthTokenRefreshReply

    refresh_token: str  # refresh token


class TimeGetReply(Reply, kw_only=True):
    """Reply of `taobao.time.get`."""

    time: Time | None = None


class TimeGet(Request[TimeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.time.get`: platform time.

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.time.get"
    REPLY = TimeGetReply


class AppipGetReply(Reply, kw_only=True):
    """Reply of `taobao.appip.get`."""

    ip: str | None = None


class AppipGet(Request[AppipGetReply], frozen=True, kw_only=True):
    """Calls `taobao.appip.get`: appip get.

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.appip.get"
    REPLY = AppipGetReply


class TopIpoutGetReply(Reply, kw_only=True):
    """Reply of `taobao.top.ipout.get`."""

    ip_list: str | None = None


class TopIpoutGet(Request[TopIpoutGetReply], frozen=True, kw_only=True):
    """Calls `taobao.top.ipout.get`: top ipout get.

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.top.ipout.get"
    REPLY = TopIpoutGetReply


class HttpdnsGetReply(Reply, kw_only=True):
    """Reply of `taobao.httpdns.get`."""

    result: str | None = None


class HttpdnsGet(Request[HttpdnsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.httpdns.get`: httpdns get.

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.httpdns.get"
    REPLY = HttpdnsGetReply


class FilesGetReply(Reply, kw_only=True):
    """Reply of `taobao.files.get`."""

    results: Rows[TopDownloadRecordDo] = Rows()


class FilesGet(Request[FilesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.files.get`: files get (业务文件获取).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.files.get"
    REPLY = FilesGetReply

    start_date: datetime  # start of time window
    end_date: datetime  # end of time window
    status: int | None = None  # status filter


class TopOaidDecryptReply(Reply, kw_only=True):
    """Reply of `taobao.top.oaid.decrypt`."""

    receiver_list: Rows[Receiver] = Rows()


class TopOaidDecrypt(Request[TopOaidDecryptReply], frozen=True, kw_only=True):
    """Calls `taobao.top.oaid.decrypt`: decode OAID to receiver data (OAID解密).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.top.oaid.decrypt"
    REPLY = TopOaidDecryptReply

    query_list: Sequence[ReceiverQuery]  # receiver queries (max 20 documented); at most 999


class TopOaidMergeReply(Reply, kw_only=True):
    """Reply of `taobao.top.oaid.merge`."""

    tid_list: Rows[str] = Rows()


class TopOaidMerge(Request[TopOaidMergeReply], frozen=True, kw_only=True):
    """Calls `taobao.top.oaid.merge`: top oaid merge (OAID订单合并).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.top.oaid.merge"
    REPLY = TopOaidMergeReply

    merge_list: Sequence[OrderMerge]  # list of receivers to merge; at most 999


class TopOaidClientDecryptReply(Reply, kw_only=True):
    """Reply of `taobao.top.oaid.client.decrypt`."""

    receiver_list: Rows[Receiver] = Rows()


class TopOaidClientDecrypt(Request[TopOaidClientDecryptReply], frozen=True, kw_only=True):
    """Calls `taobao.top.oaid.client.decrypt`: top oaid client decrypt (端侧OAID解密).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.top.oaid.client.decrypt"
    REPLY = TopOaidClientDecryptReply

    sec_once_token: str  # one-time token
    query_list: Sequence[ReceiverQuery]  # list of queries; at most 999


class TopSecretGetReply(Reply, kw_only=True):
    """Reply of `taobao.top.secret.get`."""

    interval: int | None = None
    max_interval: int | None = None
    secret: str | None = None
    secret_version: int | None = None
    app_config: str | None = None


class TopSecretGet(Request[TopSecretGetReply], frozen=True, kw_only=True):
    """Calls `taobao.top.secret.get`: get decryption secret (获取TOP通道解密秘钥).

    Current. Session: optional. A repeat changes nothing.
    """

    METHOD = "taobao.top.secret.get"
    REPLY = TopSecretGetReply

    random_num: str  # pseudo random number
    secret_version: int | None = None  # secret version
    customer_user_id: int | None = None  # custom user id for key derivation


class TopSecretRegisterReply(Reply, kw_only=True):
    """Reply of `taobao.top.secret.register`."""


class TopSecretRegister(Request[TopSecretRegisterReply], frozen=True, kw_only=True):
    """Calls `taobao.top.secret.register`: top secret register.

    Current. Session: optional. A repeat may do it twice.
    """

    METHOD = "taobao.top.secret.register"
    REPLY = TopSecretRegisterReply


class AppstoreSubscribeGetReply(Reply, kw_only=True):
    """Reply of `taobao.appstore.subscribe.get`."""

    user_subscribe: UserSubscribe | None = None


class AppstoreSubscribeGet(Request[AppstoreSubscribeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.appstore.subscribe.get`: subscription of a user to the app (查询appstore应用订购关系).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.appstore.subscribe.get"
    REPLY = AppstoreSubscribeGetReply

    nick: str  # user nick


class VasSubscribeGetReply(Reply, kw_only=True):
    """Reply of `taobao.vas.subscribe.get`."""

    article_user_subscribes: Rows[ArticleUserSubscribe] = Rows()


class VasSubscribeGet(Request[VasSubscribeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.vas.subscribe.get`: vas subscribe get (订购关系查询).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.vas.subscribe.get"
    REPLY = VasSubscribeGetReply

    article_code: str  # paid article code of the app in the service market
    nick: str  # user nick


class VasOrderSearchReply(Reply, kw_only=True):
    """Reply of `taobao.vas.order.search`."""

    article_biz_orders: Rows[ArticleBizOrder] = Rows()
    total_item: int | None = None


class VasOrderSearch(Listing[VasOrderSearchReply, ArticleBizOrder], frozen=True, kw_only=True):
    """Calls `taobao.vas.order.search`: vas order search (订单记录导出).

    Current. Session: none. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page.
    """

    METHOD = "taobao.vas.order.search"
    REPLY = VasOrderSearchReply
    WALK = Walk(
        rows="article_biz_orders",
        page="page_no",
        most_rows=200,
        total="total_item",
        start="start_created",
        end="end_created",
    )

    article_code: str  # paid article code of the app in the service market
    item_code: str | None = None  # charge item code
    start_created: datetime | None = None  # start of creation time window (at most three months back)
    end_created: datetime | None = None  # end of creation time window
    biz_order_id: int | None = None  # service-market order id
    order_id: int | None = None  # order id
    biz_type: int | None = None  # business extension agreed with the platform
    page_size: int | None = None  # rows per page; at most 200
    page_no: int | None = None  # page number, from 1
    nick: str | None = None  # user nick


class VasSubscSearchReply(Reply, kw_only=True):
    """Reply of `taobao.vas.subsc.search`."""

    article_subs: Rows[ArticleSub] = Rows()
    total_item: int | None = None


class VasSubscSearch(Listing[VasSubscSearchReply, ArticleSub], frozen=True, kw_only=True):
    """Calls `taobao.vas.subsc.search`: vas subsc search (订购记录导出).

    Current. Session: none. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page.
    """

    METHOD = "taobao.vas.subsc.search"
    REPLY = VasSubscSearchReply
    WALK = Walk(
        rows="article_subs",
        page="page_no",
        most_rows=200,
        total="total_item",
        start="start_deadline",
        end="end_deadline",
    )

    article_code: str  # paid article code of the app in the service market
    item_code: str | None = None  # charge item code
    start_deadline: datetime | None = None  # start of subscription expiry window
    end_deadline: datetime | None = None  # end of subscription expiry window
    status: int | None = None  # status filter
    autosub: bool | None = None  # auto-renewing subscription filter
    expire_notice: bool | None = None  # expiry notice filter
    page_size: int | None = None  # rows per page; at most 200
    page_no: int | None = None  # page number, from 1
    nick: str | None = None  # user nick


class KfcKeywordSearchReply(Reply, kw_only=True):
    """Reply of `taobao.kfc.keyword.search`."""

    kfc_search_result: KfcSearchResult | None = None


class KfcKeywordSearch(Request[KfcKeywordSearchReply], frozen=True, kw_only=True):
    """Calls `taobao.kfc.keyword.search`: kfc keyword search (关键词过滤匹配).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.kfc.keyword.search"
    REPLY = KfcKeywordSearchReply

    content: str  # text body
    nick: str | None = None  # user nick
    apply: str | None = None  # apply flag
