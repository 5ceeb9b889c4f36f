"""Sellers, buyers, shops: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Any

import msgspec

from onshelf.platforms.top.generated.types.shared import Location
from onshelf.platforms.top.request import Time


class OpenUidInfo(msgspec.Struct, kw_only=True):
    """`OpenUidInfo` as replies show it."""

    buyer_nick: str | None = None
    buyer_open_uid: str | None = None
    tid: int | None = None


class Shop(msgspec.Struct, kw_only=True):
    """`Shop` as replies show it."""

    all_count: int | None = None
    bulletin: str | None = None
    cid: int | None = None
    created: Time | None = None
    desc: str | None = None
    modified: Time | None = None
    nick: str | None = None
    pic_path: str | None = None
    remain_count: int | None = None
    shop_score: Any | None = None
    sid: int | None = None
    title: str | None = None
    used_count: int | None = None


class UserCredit(msgspec.Struct, kw_only=True):
    """`UserCredit` as replies show it."""

    good_num: int | None = None
    level: int | None = None
    score: int | None = None
    total_num: int | None = None


class User(msgspec.Struct, kw_only=True):
    """`User` as replies show it."""

    age: int | None = None
    alipay_account: str | None = None
    alipay_bind: str | None = None  # bind, notbind
    alipay_no: str | None = None
    auto_repost: str | None = None
    avatar: str | None = None
    birthday: Time | None = None
    buyer_credit: UserCredit | None = None
    consumer_protection: bool | None = None
    created: Time | None = None
    email: str | None = None
    has_more_pic: bool | None = None
    has_shop: bool | None = None
    has_sub_stock: bool | None = None
    is_golden_seller: bool | None = None
    is_lightning_consignment: bool | None = None
    is_tjb_seller: bool | None = None
    item_img_num: int | None = None
    item_img_size: int | None = None
    last_visit: Time | None = None
    liangpin: bool | None = None
    location: Location | None = None
    magazine_subscribe: bool | None = None
    manage_book: bool | None = None
    mobile: str | None = None
    nick: str | None = None
    online_gaming: bool | None = None
    open_uid: str | None = None
    phone: str | None = None
    promoted_type: str | None = None  # authentication, not authentication
    prop_img_num: int | None = None
    prop_img_size: int | None = None
    real_name: str | None = None
    seller_credit: UserCredit | None = None
    sex: str | None = None  # m, f
    sign_consumer_protection: bool | None = None
    sign_food_seller_promise: bool | None = None
    status: str | None = None  # normal, inactive, delete, reeze (sic, documented spelling), supervise
    type: str | None = None  # B, C
    uid: str | None = None
    user_id: int | None = None
    vertical_market: str | None = None
    vip_info: str | None = None  # c, asso_vip, vip1, vip2, vip3, vip4, vip5, vip6
