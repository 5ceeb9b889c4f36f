"""Sellers, buyers, shops: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Any

import msgspec

from onshelf.platforms.top.generated.shared import Location
from onshelf.platforms.top.request import Part, Reply, Request, Time, Values
from onshelf.platforms.top.rows import Rows


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


class BuyerOrder(Part, frozen=True, kw_only=True):
    """list of trades with oaid."""

    tid: int
    buyer_nick: str


class UserSellerGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.seller.get`."""

    user: User | None = None


class UserSellerGet(Request[UserSellerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.seller.get`: get the session seller (查询卖家用户信息).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.user.seller.get"
    REPLY = UserSellerGetReply

    fields: Values  # comma list of response fields to return


class UserBuyerGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.buyer.get`."""

    user: User | None = None


class UserBuyerGet(Request[UserBuyerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.buyer.get`: user buyer get (查询买家信息API).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.user.buyer.get"
    REPLY = UserBuyerGetReply

    fields: Values  # comma list of response fields to return


class UserGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.get`."""

    user: User | None = None


class UserGet(Request[UserGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.get`: user get.

    Session: optional. A repeat changes nothing.
    Has left the public catalogue (legacy); use taobao.user.seller.get, taobao.user.buyer.get.
    """

    METHOD = "taobao.user.get"
    REPLY = UserGetReply

    fields: Values  # comma list of response fields to return
    nick: str | None = None  # user nick
    top_mix_params: str | None = None  # top mix params


class UsersGetReply(Reply, kw_only=True):
    """Reply of `taobao.users.get`."""

    users: Rows[User] = Rows()


class UsersGet(Request[UsersGetReply], frozen=True, kw_only=True):
    """Calls `taobao.users.get`: users get.

    Session: none. A repeat changes nothing.
    Has left the public catalogue (legacy); use taobao.user.seller.get.
    """

    METHOD = "taobao.users.get"
    REPLY = UsersGetReply

    fields: Values  # comma list of response fields to return
    nicks: Values  # comma list of user nicks


class UserOpenuidGetbyorderReply(Reply, kw_only=True):
    """Reply of `taobao.user.openuid.getbyorder`."""

    open_uids: Rows[OpenUidInfo] = Rows()


class UserOpenuidGetbyorder(Request[UserOpenuidGetbyorderReply], frozen=True, kw_only=True):
    """Calls `taobao.user.openuid.getbyorder`: user openuid getbyorder (根据订单获取买家openuid).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.user.openuid.getbyorder"
    REPLY = UserOpenuidGetbyorderReply

    tid_infos: BuyerOrder  # list of trades with oaid


class ShopSellerGetReply(Reply, kw_only=True):
    """Reply of `taobao.shop.seller.get`."""

    shop: Shop | None = None


class ShopSellerGet(Request[ShopSellerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.shop.seller.get`: shop seller get (卖家店铺基础信息查询).

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.shop.seller.get"
    REPLY = ShopSellerGetReply

    fields: Values  # comma list of response fields to return


class ShopGetReply(Reply, kw_only=True):
    """Reply of `taobao.shop.get`."""

    shop: Shop | None = None


class ShopGet(Request[ShopGetReply], frozen=True, kw_only=True):
    """Calls `taobao.shop.get`: shop get.

    Session: none. A repeat changes nothing.
    Has left the public catalogue (legacy); use taobao.shop.seller.get.
    """

    METHOD = "taobao.shop.get"
    REPLY = ShopGetReply

    fields: Values  # comma list of response fields to return
    nick: str  # user nick


class OpenuidGetReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.get`."""

    open_uid: str | None = None


class OpenuidGet(Request[OpenuidGetReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.get`: OpenUid of the session user.

    Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.openuid.get"
    REPLY = OpenuidGetReply


class OpenuidGetBymixnickReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.get.bymixnick`."""

    open_uid: str | None = None


class OpenuidGetBymixnick(Request[OpenuidGetBymixnickReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.get.bymixnick`: openuid get bymixnick (通过mixnick转换openuid).

    Session: none. A repeat may do it twice.
    """

    METHOD = "taobao.openuid.get.bymixnick"
    REPLY = OpenuidGetBymixnickReply

    mix_nick: str  # obfuscated nick


class OpenuidGetBytradeReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.get.bytrade`."""

    open_uid: str | None = None


class OpenuidGetBytrade(Request[OpenuidGetBytradeReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.get.bytrade`: openuid get bytrade (通过订单获取对应买家的openUID).

    Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.openuid.get.bytrade"
    REPLY = OpenuidGetBytradeReply

    tid: int  # trade id


class OpenuidChangeReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.change`."""


class OpenuidChange(Request[OpenuidChangeReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.change`: openuid change.

    Session: needed. A repeat may do it twice.
    Has left the public catalogue (legacy); use none.
    """

    METHOD = "taobao.openuid.change"
    REPLY = OpenuidChangeReply

    open_uid: str  # open uid
    target_app_key: str  # target app key
