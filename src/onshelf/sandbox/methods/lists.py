"""taobao.items.*: lists of a shop's items by state, by ids and by the seller's codes."""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.filters import ANY, Filter
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.shelf import FOR_SHELVED, ONSALE, Query
from onshelf.sandbox.wire import Json, listed

DEEPEST_ROW = 20_000  # of items.onsale.get; other texts say 100,000: the stricter one keeps callers honest


def items_onsale_get(call: Call) -> Json:
    """Lists what is on sale."""
    query = _query(call, ONSALE)
    if query.page_no * query.page_size > DEEPEST_ROW:
        raise invalid("page_no", f"page_no*page_size不能超过{DEEPEST_ROW}，请按修改时间分段")
    return _page(call, query)


def items_inventory_get(call: Call) -> Json:
    """Lists the warehouse by banner; sold_out and violation_off_shelf are not in the default one."""
    return _page(call, _query(call, call.get("banner", FOR_SHELVED)))


def _page(call: Call, query: Query) -> Json:
    items, total = call.shop.shelf.index.page(query)
    return {**listed("items", "item", [call.pick(item.wire) for item in items]), "total_results": total}


def _query(call: Call, bucket: str) -> Query:
    order, _, way = call.get("order_by", "list_time:desc").partition(":")
    return Query(
        bucket=bucket,
        order=order,
        descending=way != "asc",
        page_no=call.number("page_no", 1),
        page_size=call.number("page_size", 40),
        start=call.get("start_modified"),
        end=call.get("end_modified"),
        wanted=_filter(call),
    )


_FLAGS = ("has_discount", "has_showcase", "is_taobao", "is_ex")


def _filter(call: Call) -> Filter:
    """Joins the filters asked for."""
    wanted = Filter(
        word=call.get("q"),
        cid=call.number("cid"),
        seller_cids=frozenset(call.get("seller_cids").split(",")) - {""},
        flags=tuple((name, call.get(name) == "true") for name in _FLAGS if call.get(name)),
    )
    return ANY if wanted == ANY else wanted


def items_seller_list_get(call: Call) -> Json:
    """Answers up to 20 ids; unknown and deleted ones are left out without an error."""
    found = map(call.shop.shelf.find, call.numbers("num_iids"))
    return listed(
        "items", "item", [call.pick(item.wire) for item in found if item is not None and not item.deleted]
    )


def items_list_get(call: Call) -> Json:
    """Answers the old public read of several ids, of any shop."""
    shelves = [shop.shelf for shop in call.world.shops.values()]
    found = [
        item
        for number in call.numbers("num_iids")
        for shelf in shelves
        if (item := shelf.find(number)) and not item.deleted
    ]
    return listed("items", "item", [call.pick(item.wire) for item in found])


def items_custom_get(call: Call) -> Json:
    """Looks items up by code: a comma list of at most 40, every item that carries one of them."""
    index = call.shop.shelf.index
    codes = dict.fromkeys(code.strip() for code in call.text["outer_id"].split(","))
    found = [item for code in codes if code for item in index.by_code(code)]
    return listed("items", "item", [call.pick(item.wire) for item in found])


METHODS: Mapping[str, Handler] = {
    "taobao.items.onsale.get": items_onsale_get,
    "taobao.items.inventory.get": items_inventory_get,
    "taobao.items.seller.list.get": items_seller_list_get,
    "taobao.items.list.get": items_list_get,
    "taobao.items.custom.get": items_custom_get,
}
