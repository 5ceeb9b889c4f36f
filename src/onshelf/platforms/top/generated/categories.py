"""Categories, properties, areas: typed requests and replies. Made by `make methods` from the
catalogue; edit `scripts/generate_methods.py`."""

from datetime import datetime

import msgspec

from onshelf.platforms.top.generated.types.categories import (
    Area,
    ItemCat,
    ItemProp,
    PropValue,
    SellerAuthorize,
    SellerCat,
    ShopCat,
)
from onshelf.platforms.top.request import Reply, Request, Time, Values
from onshelf.platforms.top.rows import Rows


class ItemcatsGetReply(Reply, kw_only=True):
    """Reply of `taobao.itemcats.get`."""

    last_modified: Time | None = None
    item_cats: Rows[ItemCat] = Rows()


class ItemcatsGet(Request[ItemcatsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.itemcats.get`: list categories (获取后台供卖家发布商品的标准商品类目).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.itemcats.get"
    REPLY = ItemcatsGetReply

    cids: Values | None = None  # comma list of category ids; at most 999
    # documented as not working; ignored
    datetime_: datetime | None = msgspec.field(name="datetime", default=None)
    fields: Values | None = None  # comma list of response fields to return
    parent_cid: int | None = None  # parent category id, 0 = root


class ItemcatsAuthorizeGetReply(Reply, kw_only=True):
    """Reply of `taobao.itemcats.authorize.get`."""

    seller_authorize: SellerAuthorize | None = None


class ItemcatsAuthorizeGet(Request[ItemcatsAuthorizeGetReply], frozen=True, kw_only=True):
    """Calls `taobao.itemcats.authorize.get`: brands and categories authorized to the seller
    (查询商家被授权品牌列表和类目列表).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.itemcats.authorize.get"
    REPLY = ItemcatsAuthorizeGetReply

    fields: Values  # comma list of response fields to return


class ItempropsGetReply(Reply, kw_only=True):
    """Reply of `taobao.itemprops.get`."""

    last_modified: Time | None = None
    item_props: Rows[ItemProp] = Rows()


class ItempropsGet(Request[ItempropsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.itemprops.get`: category properties.

    Removed. Session: optional. A repeat changes nothing.
    Older apps may still call it; new ones use alibaba.item.publish.schema.get.
    Removed from the public catalogue between 2023-01 and 2023-10.
    """

    METHOD = "taobao.itemprops.get"
    REPLY = ItempropsGetReply

    cid: int  # leaf category id
    fields: Values | None = None  # comma list of response fields to return
    pid: int | None = None  # property id
    parent_pid: int | None = None  # parent property id
    is_key_prop: bool | None = None  # key property filter
    is_sale_prop: bool | None = None  # sales property filter
    is_color_prop: bool | None = None  # colour property filter
    is_enum_prop: bool | None = None  # enumerated property filter
    is_input_prop: bool | None = None  # seller may type a value filter
    is_item_prop: bool | None = None  # item property filter
    child_path: str | None = None  # path of parent property values pid:vid;pid:vid for sub-properties
    type: int | None = None  # 1 Taobao marketplace, 2 Tmall; 1..2
    attr_keys: Values | None = None  # feature keys to include; at most 50


class ItempropvaluesGetReply(Reply, kw_only=True):
    """Reply of `taobao.itempropvalues.get`."""

    last_modified: str | None = None
    prop_values: Rows[PropValue] = Rows()


class ItempropvaluesGet(Request[ItempropvaluesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.itempropvalues.get`: category property values.

    Removed. Session: optional. A repeat changes nothing.
    Older apps may still call it; new ones use alibaba.item.publish.props.get.
    Removed from the public catalogue between 2023-01 and 2023-10.
    """

    METHOD = "taobao.itempropvalues.get"
    REPLY = ItempropvaluesGetReply

    fields: Values  # comma list of response fields to return
    cid: int  # leaf category id
    pvs: str | None = None  # pid or pid:vid list separated by ;
    type: int | None = None  # 1 Taobao marketplace, 2 Tmall; 1..2
    attr_keys: Values | None = None  # feature keys to include; at most 20


class SellercatsListGetReply(Reply, kw_only=True):
    """Reply of `taobao.sellercats.list.get`."""

    seller_cats: Rows[SellerCat] = Rows()


class SellercatsListGet(Request[SellercatsListGetReply], frozen=True, kw_only=True):
    """Calls `taobao.sellercats.list.get`: shop categories of the seller.

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.sellercats.list.get"
    REPLY = SellercatsListGetReply


class SellercatsListAddReply(Reply, kw_only=True):
    """Reply of `taobao.sellercats.list.add`."""

    seller_cat: SellerCat | None = None


class SellercatsListAdd(Request[SellercatsListAddReply], frozen=True, kw_only=True):
    """Calls `taobao.sellercats.list.add`: sellercats list add (添加卖家自定义类目).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.sellercats.list.add"
    REPLY = SellercatsListAddReply

    name: str  # name
    pict_url: str | None = None  # picture URL
    parent_cid: int | None = None  # parent category id, 0 = root
    sort_order: int | None = None  # sort order


class SellercatsListUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.sellercats.list.update`."""

    seller_cat: SellerCat | None = None


class SellercatsListUpdate(Request[SellercatsListUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.sellercats.list.update`: sellercats list update (更新卖家自定义类目).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.sellercats.list.update"
    REPLY = SellercatsListUpdateReply

    cid: int  # leaf category id
    name: str | None = None  # name
    pict_url: str | None = None  # picture URL
    sort_order: int | None = None  # sort order


class ShopcatsListGetReply(Reply, kw_only=True):
    """Reply of `taobao.shopcats.list.get`."""

    shop_cats: Rows[ShopCat] = Rows()


class ShopcatsListGet(Request[ShopcatsListGetReply], frozen=True, kw_only=True):
    """Calls `taobao.shopcats.list.get`: shopcats list get (获取前台展示的店铺类目).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.shopcats.list.get"
    REPLY = ShopcatsListGetReply

    fields: Values | None = None  # comma list of response fields to return


class AreasGetReply(Reply, kw_only=True):
    """Reply of `taobao.areas.get`."""

    areas: Rows[Area] = Rows()


class AreasGet(Request[AreasGetReply], frozen=True, kw_only=True):
    """Calls `taobao.areas.get`: areas get (查询地址区域).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.areas.get"
    REPLY = AreasGetReply

    fields: Values  # comma list of response fields to return
