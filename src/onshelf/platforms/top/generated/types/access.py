"""Tokens, time, addresses, subscriptions: types that replies hold. Made by `make methods` from the
catalogue; edit `scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time


class ArticleBizOrder(msgspec.Struct, kw_only=True):
    """`ArticleBizOrder` as replies show it."""

    activity_code: str | None = None
    article_code: str | None = None
    article_item_name: str | None = None
    article_name: str | None = None
    biz_order_id: int | None = None
    biz_type: int | None = None
    create: Time | None = None
    fee: str | None = None
    item_code: str | None = None
    nick: str | None = None
    order_biz_status: str | None = None
    order_cycle: str | None = None
    order_cycle_end: Time | None = None
    order_cycle_start: Time | None = None
    order_id: int | None = None
    prom_fee: str | None = None
    refund_fee: str | None = None
    total_pay_fee: str | None = None


class ArticleSub(msgspec.Struct, kw_only=True):
    """`ArticleSub` as replies show it."""

    article_code: str | None = None
    article_name: str | None = None
    autosub: bool | None = None
    deadline: Time | None = None
    expire_notice: bool | None = None
    item_code: str | None = None
    item_name: str | None = None
    nick: str | None = None
    status: int | None = None


class ArticleUserSubscribe(msgspec.Struct, kw_only=True):
    """`ArticleUserSubscribe` as replies show it."""

    deadline: Time | None = None
    item_code: str | None = None


class KfcSearchResult(msgspec.Struct, kw_only=True):
    """`KfcSearchResult` as replies show it."""

    content: str | None = None
    level: str | None = None
    matched: bool | None = None


class Receiver(msgspec.Struct, kw_only=True):
    """`Receiver` as replies show it."""

    address: str | None = None
    address_detail: str | None = None
    card_id: str | None = None
    city: str | None = None
    country: str | None = None
    district: str | None = None
    matched: bool | None = None
    mobile: str | None = None
    mobile_phone: str | None = None
    name: str | None = None
    oaid: str | None = None
    order_id: str | None = None
    phone: str | None = None
    privacy_protection: bool | None = None
    secret_no_expire_time: Time | None = None
    state: str | None = None
    tid: str | None = None
    town: str | None = None
    zip: str | None = None


class TopDownloadRecordDo(msgspec.Struct, kw_only=True):
    """`TopDownloadRecordDo` as replies show it."""

    created: Time | None = None
    status: int | None = None
    url: str | None = None


class UserSubscribe(msgspec.Struct, kw_only=True):
    """`UserSubscribe` as replies show it."""

    end_date: Time | None = None
    start_date: Time | None = None
    status: str | None = None
    version_no: int | None = None
