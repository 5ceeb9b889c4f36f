"""Sellers, buyers, shops: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from collections.abc import Sequence

from onshelf.platforms.top.generated.types.people import OpenUidInfo, Shop, User
from onshelf.platforms.top.request import Part, Reply, Request, Values
from onshelf.platforms.top.rows import Rows


class BuyerOrder(Part, frozen=True, kw_only=True):
    """list of trades with oaid."""

    tid: int
    buyer_nick: str


class UserSellerGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.seller.get`."""

    user: User | None = None


class UserSellerGet(Request[UserSellerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.seller.get`: get the session seller (查询卖家用户信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.user.seller.get"
    REPLY = UserSellerGetReply

    fields: Values  # comma list of response fields to return


class UserBuyerGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.buyer.get`."""

    user: User | None = None


class UserBuyerGet(Request[UserBuyerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.buyer.get`: user buyer get (查询买家信息API).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.user.buyer.get"
    REPLY = UserBuyerGetReply

    fields: Values  # comma list of response fields to return


class UserGetReply(Reply, kw_only=True):
    """Reply of `taobao.user.get`."""

    user: User | None = None


class UserGet(Request[UserGetReply], frozen=True, kw_only=True):
    """Calls `taobao.user.get`: user get.

    Legacy. Session: optional. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.user.seller.get or taobao.user.buyer.get.
    Refusals seen: isv.user-not-exist:invalid-nick.
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

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.user.seller.get.
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

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.user.openuid.getbyorder"
    REPLY = UserOpenuidGetbyorderReply

    tid_infos: Sequence[BuyerOrder]  # list of trades with oaid


class ShopSellerGetReply(Reply, kw_only=True):
    """Reply of `taobao.shop.seller.get`."""

    shop: Shop | None = None


class ShopSellerGet(Request[ShopSellerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.shop.seller.get`: shop seller get (卖家店铺基础信息查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.shop.seller.get"
    REPLY = ShopSellerGetReply

    fields: Values  # comma list of response fields to return


class ShopGetReply(Reply, kw_only=True):
    """Reply of `taobao.shop.get`."""

    shop: Shop | None = None


class ShopGet(Request[ShopGetReply], frozen=True, kw_only=True):
    """Calls `taobao.shop.get`: shop get.

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.shop.seller.get.
    Refusals seen: isv.user-not-exist:invalid-nick, isv.invalid-parameter:user-without-shop.
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

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.openuid.get"
    REPLY = OpenuidGetReply


class OpenuidGetBymixnickReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.get.bymixnick`."""

    open_uid: str | None = None


class OpenuidGetBymixnick(Request[OpenuidGetBymixnickReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.get.bymixnick`: openuid get bymixnick (通过mixnick转换openuid).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.openuid.get.bymixnick"
    REPLY = OpenuidGetBymixnickReply

    mix_nick: str  # obfuscated nick


class OpenuidGetBytradeReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.get.bytrade`."""

    open_uid: str | None = None


class OpenuidGetBytrade(Request[OpenuidGetBytradeReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.get.bytrade`: openuid get bytrade (通过订单获取对应买家的openUID).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.openuid.get.bytrade"
    REPLY = OpenuidGetBytradeReply

    tid: int  # trade id


class OpenuidChangeReply(Reply, kw_only=True):
    """Reply of `taobao.openuid.change`."""


class OpenuidChange(Request[OpenuidChangeReply], frozen=True, kw_only=True):
    """Calls `taobao.openuid.change`: openuid change.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.openuid.change"
    REPLY = OpenuidChangeReply

    open_uid: str  # open uid
    target_app_key: str  # target app key
