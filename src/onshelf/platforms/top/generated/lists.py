"""Lists of items: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from onshelf.platforms.top.generated.types.shared import Item
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class ItemsOnsaleGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.onsale.get`."""

    total_results: int | None = None
    items: Rows[Item] = Rows()


class ItemsOnsaleGet(Listing[ItemsOnsaleGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.onsale.get`: list own items that are on sale (获取当前会话用户出售中的商品列表).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, 100 pages.
    page_no*page_size above 100000 (page_no doc) / 20000 (page_size doc) raises an error; slice by modified
    time.
    """

    METHOD = "taobao.items.onsale.get"
    REPLY = ItemsOnsaleGetReply
    WALK = Walk(
        rows="items",
        page="page_no",
        most_rows=200,
        most_pages=100,
        total="total_results",
        start="start_modified",
        end="end_modified",
    )

    fields: Values  # comma list of response fields to return
    q: str | None = None  # title search word
    cid: int | None = None  # leaf category id; at least 0
    seller_cids: Values | None = None  # comma list of the seller's shop category ids (leaf ones); at most 32
    page_no: int | None = None  # page number, from 1; at least 1; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    # sort, column:asc or column:desc; columns: list_time, delist_time, num, modified, sold_quantity; default
    # list_time:desc
    order_by: str | None = None
    has_discount: bool | None = None  # takes part in member discount
    has_showcase: bool | None = None  # recommended in showcase
    is_taobao: bool | None = None  # shown on Taobao
    is_ex: bool | None = None  # shown in external shops
    start_modified: datetime | None = None  # start of modification time window
    end_modified: datetime | None = None  # end of modification time window
    is_cspu: bool | None = None  # linked to standard product filter
    is_combine: bool | None = None  # combination goods filter
    auction_type: Literal["a", "b"] | None = None  # a = auction, b = fixed price


class ItemsInventoryGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.inventory.get`."""

    items: Rows[Item] = Rows()
    total_results: int | None = None


class ItemsInventoryGet(Listing[ItemsInventoryGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.inventory.get`: list own items in the warehouse (off shelf) (得到当前会话用户库存中的商品列表).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page, 101 pages.
    page_no must be 1..101; page_size max 200 -> at most 20200 rows per filter window; slice by
    start_modified/end_modified. Default banner for_shelved = regular_shelved + never_on_shelf + off_shelf;
    sold_out and violation_off_shelf must be asked for separately.
    """

    METHOD = "taobao.items.inventory.get"
    REPLY = ItemsInventoryGetReply
    WALK = Walk(
        rows="items",
        page="page_no",
        most_rows=200,
        most_pages=101,
        total="total_results",
        start="start_modified",
        end="end_modified",
    )

    fields: Values  # comma list of response fields to return
    q: str | None = None  # title search word
    cid: int | None = None  # leaf category id; at least 0
    seller_cids: Values | None = None  # comma list of the seller's shop category ids (leaf ones); at most 32
    page_no: int | None = None  # page number, from 1; 1..101; default 1
    page_size: int | None = None  # rows per page; 1..200; default 40
    # sort, column:asc or column:desc; columns: list_time, delist_time, num, modified; default list_time:desc
    order_by: str | None = None
    has_discount: bool | None = None  # takes part in member discount
    is_taobao: bool | None = None  # shown on Taobao
    is_ex: bool | None = None  # shown in external shops
    # warehouse bucket to list; default for_shelved
    banner: (
        Literal[
            "regular_shelved", "never_on_shelf", "off_shelf", "for_shelved", "sold_out", "violation_off_shelf"
        ]
        | None
    ) = None
    start_modified: datetime | None = None  # start of modification time window
    end_modified: datetime | None = None  # end of modification time window
    auction_type: Literal["a", "b"] | None = None  # a = auction, b = fixed price


class ItemsSellerListGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.seller.list.get`."""

    items: Rows[Item] = Rows()


class ItemsSellerListGet(Listing[ItemsSellerListGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.seller.list.get`: get up to 20 own items (批量获取商品详细信息).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 20 num_iids a call.
    Ids that do not exist or belong to others are silently left out, no error. Cheapest batch status check:
    20 ids per call. Ask for field "sku", not "skus".
    """

    METHOD = "taobao.items.seller.list.get"
    REPLY = ItemsSellerListGetReply
    WALK = Walk(rows="items", ids="num_iids", most_ids=20)

    fields: Values  # comma list of response fields to return
    num_iids: Values  # comma list of item ids; at most 20


class ItemsListGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.list.get`."""

    total_results: int | None = None
    items: Rows[Item] = Rows()


class ItemsListGet(Listing[ItemsListGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.list.get`: get several items (legacy).

    Legacy. Session: optional. A repeat changes nothing.
    Read whole by `rows`: 20 num_iids a call.
    Older apps may still call it; new ones use taobao.items.seller.list.get.
    Legacy; not in the 2021+ catalogue. Use taobao.items.seller.list.get (20 ids).
    """

    METHOD = "taobao.items.list.get"
    REPLY = ItemsListGetReply
    WALK = Walk(rows="items", ids="num_iids", most_ids=20, total="total_results")

    fields: Values  # comma list of response fields to return
    num_iids: Values | None = None  # comma list of item ids; at most 1000
    track_iids: str | None = None  # track iids; at most 20


class ItemsCustomGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.custom.get`."""

    items: Rows[Item] = Rows()


class ItemsCustomGet(Listing[ItemsCustomGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.custom.get`: find own items by outer_id (根据外部ID取商品).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 40 outer_id a call.
    """

    METHOD = "taobao.items.custom.get"
    REPLY = ItemsCustomGetReply
    WALK = Walk(rows="items", ids="outer_id", most_ids=40)

    outer_id: Values  # item seller codes, comma list, max 40
    fields: Values  # comma list of response fields to return


class ItemsGetReply(Reply, kw_only=True):
    """Reply of `taobao.items.get`."""

    items: Rows[Item] = Rows()
    total_results: int | None = None


class ItemsGet(Listing[ItemsGetReply, Item], frozen=True, kw_only=True):
    """Calls `taobao.items.get`: items get.

    Legacy. Session: none. A repeat changes nothing.
    Read whole by `rows`: 200 rows a page.
    Older apps may still call it; new ones use taobao.items.onsale.get.
    """

    METHOD = "taobao.items.get"
    REPLY = ItemsGetReply
    WALK = Walk(rows="items", page="page_no", most_rows=200, total="total_results")

    fields: Values  # comma list of response fields to return
    cid: int | None = None  # leaf category id; at least 0
    end_price: int | None = None  # end price; at least 0
    end_score: int | None = None  # end score; at least 0
    end_volume: int | None = None  # end volume; at least 0
    genuine_security: bool | None = None  # genuine security
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)  # is 3D item
    is_cod: bool | None = None  # is cod
    is_mall: bool | None = None  # is mall
    is_prepay: bool | None = None  # is prepay
    is_xinpin: str | None = None  # new-arrival mark; needs permission for the category
    # city of the goods, Chinese name
    location_city: str | None = msgspec.field(name="location.city", default=None)
    # province of the goods, Chinese name
    location_state: str | None = msgspec.field(name="location.state", default=None)
    nicks: Values | None = None  # comma list of user nicks; at most 5
    one_station: bool | None = None  # one station
    # sort, column:asc or column:desc; columns: price, delist_time, seller_credit, popularity, volume
    order_by: str | None = None
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; at most 200; default 40
    post_free: bool | None = None  # post free
    product_id: int | None = None  # product (SPU) id; at least 0
    promoted_service: str | None = None  # promoted service
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    q: str | None = None  # title search word
    start_price: int | None = None  # start price; at least 0
    start_score: int | None = None  # start score; at least 0
    start_volume: int | None = None  # start volume; at least 0
    stuff_status: str | None = None  # condition of the goods
    ww_status: bool | None = None  # ww status


class ItemsSearchReply(Reply, kw_only=True):
    """Reply of `taobao.items.search`."""

    item_search: Any | None = None
    total_results: int | None = None


class ItemsSearch(Request[ItemsSearchReply], frozen=True, kw_only=True):
    """Calls `taobao.items.search`: items search.

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.items.onsale.get.
    """

    METHOD = "taobao.items.search"
    REPLY = ItemsSearchReply

    fields: Values  # comma list of response fields to return
    auction_flag: bool | None = None  # auction flag
    auto_post: bool | None = None  # auto post
    cid: int | None = None  # leaf category id; at least 0
    end_price: int | None = None  # end price; at least 0
    end_score: int | None = None  # end score; at least 0
    end_volume: int | None = None  # end volume; at least 0
    genuine_security: bool | None = None  # genuine security
    has_discount: bool | None = None  # takes part in member discount
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)  # is 3D item
    is_cod: bool | None = None  # is cod
    is_mall: bool | None = None  # is mall
    is_prepay: bool | None = None  # is prepay
    is_xinpin: str | None = None  # new-arrival mark; needs permission for the category
    # city of the goods, Chinese name
    location_city: str | None = msgspec.field(name="location.city", default=None)
    # province of the goods, Chinese name
    location_state: str | None = msgspec.field(name="location.state", default=None)
    nicks: Values | None = None  # comma list of user nicks; at most 5
    one_station: bool | None = None  # one station
    order_by: str | None = None  # sort, column:asc or column:desc; columns: volume, popularity
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; at most 200; default 40
    post_free: bool | None = None  # post free
    product_id: int | None = None  # product (SPU) id; at least 0
    promoted_service: str | None = None  # promoted service
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    q: str | None = None  # title search word
    start_price: int | None = None  # start price; at least 0
    start_score: int | None = None  # start score; at least 0
    start_volume: int | None = None  # start volume; at least 0
    stuff_status: str | None = None  # condition of the goods
    ww_status: bool | None = None  # ww status
