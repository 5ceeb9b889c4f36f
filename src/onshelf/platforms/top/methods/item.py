"""Items on the wire: requests made from a `Draft`, replies read as `SeenItem`. Source: top-methods 2 and 4, top-protocol 14."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from onshelf.ids import ItemId, SkuId
from onshelf.platforms.port import Bucket, Draft, SeenItem, SeenSku, Shelf, SkuDraft, Slice
from onshelf.platforms.top.methods.picture import picture_path
from onshelf.platforms.top.protocol import read_time, wire_time

WIRE_NAMES = {
    "outer_id": "outer_id",
    "title": "title",
    "price": "price",
    "stock": "num",
    "category_id": "cid",
    "description": "desc",
    "condition": "stuff_status",
    "province": "location.state",
    "city": "location.city",
    "delivery_template_id": "postage_id",
    "properties": "props",
    "property_alias": "property_alias",
    "input_pids": "input_pids",
    "input_str": "input_str",
    "pictures": "pic_path",
    "shop_category_ids": "seller_cids",
    "list_time": "list_time",
}
"""`Draft` field -> parameter of item.add and item.update. "skus" is five parallel lists: see `_sku_lists`."""

WHOLE = (
    "num_iid,outer_id,title,price,num,approve_status,violation,is_timing,cid,created,modified,list_time,delist_time,"
    "pic_url,item_img,sku"
)
"""Fields of an id read. The platform wants "sku" and "item_img" here, and answers `skus` and `item_imgs`."""
FOUND = "num_iid,outer_id,title,price,num,approve_status,created,modified,list_time,delist_time,cid"
"""Fields of a look-up by code."""
LISTED = "num_iid,outer_id,title,price,num,approve_status,modified,list_time,delist_time,cid"
"""Fields of a list."""

MOST_QUANTITIES = 20  # skus a call of skus.quantity.update


class WireSku(msgspec.Struct):
    sku_id: int
    properties: str = ""
    price: Decimal = Decimal(0)
    quantity: int = 0
    outer_id: str = ""


class WireSkus(msgspec.Struct):
    sku: list[WireSku] = []


class WireImage(msgspec.Struct):
    url: str = ""
    position: int = 0


class WireImages(msgspec.Struct):
    item_img: list[WireImage] = []


class WireItem(msgspec.Struct):
    """What we read of an item; ids come as numbers or texts."""

    num_iid: int
    outer_id: str | None = None
    title: str | None = None
    price: Decimal | None = None
    num: int | None = None
    approve_status: str | None = None
    violation: bool | None = None
    is_timing: bool | None = None
    cid: int | None = None
    created: str | None = None
    modified: str | None = None
    list_time: str | None = None
    delist_time: str | None = None
    pic_url: str | None = None
    item_imgs: WireImages | None = None
    skus: WireSkus | None = None


class WireItems(msgspec.Struct):
    item: list[WireItem] = []


class ItemReply(msgspec.Struct):
    """Reply of item.add, item.update and their like: the item, sometimes no more of it than its id."""

    item: WireItem
    request_id: str = ""


class ItemsReply(msgspec.Struct):
    """Reply of every list and look-up; an empty list has no `items` at all."""

    items: WireItems | None = None
    total_results: int = 0
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a write that may need several."""

    method: str
    params: dict[str, str]


def add_params(draft: Draft, shelf: Shelf) -> dict[str, str]:
    """Returns the parameters of item.add. Only the main picture travels with it; the others are joined afterwards."""
    return {
        "type": "fixed",
        "approve_status": shelf.value,
        **_texts(draft),
        **_freight(draft),
        **(_sku_lists(draft.skus) if draft.skus else {}),
    }


def update_steps(item_id: ItemId, draft: Draft, fields: frozenset[str]) -> tuple[Step, ...]:
    """Returns the calls that set the named fields to the draft's values, and touch no other field; each may be repeated.

    Prices of skus go by item.sku.price.update, so that a new price never overwrites stock that was sold meanwhile;
    stock goes by the quantity calls in full mode. Where skus change otherwise, or carry no usable codes, item.update
    replaces the lists as a whole. Raises ValueError for a name that is no `Draft` field.
    """
    if unknown := fields - set(WIRE_NAMES) - {"skus"}:
        raise ValueError(f"no fields of a draft: {', '.join(sorted(unknown))}")
    if not draft.skus:
        return _plain_steps(item_id, draft, fields)
    if _needs_whole_skus(draft, fields):
        return (_item_update(item_id, draft, fields, whole_skus=True),)
    rest = fields - {"price", "stock"}
    return (
        *([_item_update(item_id, draft, rest)] if rest else []),
        *(_sku_price_steps(item_id, draft) if "price" in fields else []),
        *(_sku_stock_steps(item_id, draft) if "stock" in fields else []),
    )


def _plain_steps(item_id: ItemId, draft: Draft, fields: frozenset[str]) -> tuple[Step, ...]:
    """Steps of an item without skus. Raises ValueError for "skus": an update cannot take them away."""
    if "skus" in fields:
        raise ValueError("the skus of an item cannot be taken away by an update")
    if fields == {"stock"}:
        return (_quantity_step(item_id, draft.stock),)
    return (_item_update(item_id, draft, fields),) if fields else ()


def _needs_whole_skus(draft: Draft, fields: frozenset[str]) -> bool:
    if "skus" in fields or {"price", "stock"} <= fields:
        return True
    return "stock" in fields and not _codes_usable(draft.skus)


def _codes_usable(skus: Sequence[SkuDraft]) -> bool:
    """Tells whether skus can be named by their codes in `code:quantity;code:quantity`."""
    codes = [sku.outer_id for sku in skus]
    return len(set(codes)) == len(codes) and all(code and not set(code) & set(":;") for code in codes)


def _item_update(item_id: ItemId, draft: Draft, fields: frozenset[str], *, whole_skus: bool = False) -> Step:
    texts, named = _texts(draft), [WIRE_NAMES[name] for name in sorted(fields - {"skus"})]
    params = {"num_iid": str(item_id), **{name: texts[name] for name in named}}
    if "delivery_template_id" in fields:
        params |= _freight(draft)
    if whole_skus:
        params |= {"num": str(draft.stock), "price": _yuan(draft.price), **_sku_lists(draft.skus)}
    if emptied := [name for name in named if not params[name]]:
        params["empty_fields"] = ",".join(emptied)
    return Step("taobao.item.update", params)


def _sku_price_steps(item_id: ItemId, draft: Draft) -> list[Step]:
    """One call a sku. The item's own price must always lie within those of the skus, so it follows the first sku
    changed until the last call sets it."""
    ordered = sorted(draft.skus, key=lambda sku: sku.price != draft.price)
    steps = []
    for number, sku in enumerate(ordered, start=1):
        item_price = draft.price if number == len(ordered) else ordered[0].price
        params = {
            "num_iid": str(item_id),
            "properties": sku.properties,
            "price": _yuan(sku.price),
            "item_price": _yuan(item_price),
        }
        steps.append(Step("taobao.item.sku.price.update", params))
    return steps


def _sku_stock_steps(item_id: ItemId, draft: Draft) -> list[Step]:
    pairs = [f"{sku.outer_id}:{sku.stock}" for sku in draft.skus]
    return [
        Step(
            "taobao.skus.quantity.update",
            {
                "num_iid": str(item_id),
                "outerid_quantities": ";".join(pairs[start : start + MOST_QUANTITIES]),
                "type": "1",
            },
        )
        for start in range(0, len(pairs), MOST_QUANTITIES)
    ]


def _quantity_step(item_id: ItemId, stock: int) -> Step:
    params = {"num_iid": str(item_id), "quantity": str(stock), "type": "1"}
    return Step("taobao.item.quantity.update", params)


def _texts(draft: Draft) -> dict[str, str]:
    """Writes every field but the skus as the platform wants it, under its wire name; "" for an empty one."""
    return {
        "outer_id": draft.outer_id,
        "title": draft.title,
        "price": _yuan(draft.price),
        "num": str(draft.stock),
        "cid": str(draft.category_id),
        "desc": draft.description,
        "stuff_status": draft.condition,
        "location.state": draft.province,
        "location.city": draft.city,
        "postage_id": str(draft.delivery_template_id or ""),
        "props": draft.properties,
        "property_alias": draft.property_alias,
        "input_pids": draft.input_pids,
        "input_str": draft.input_str,
        "pic_path": draft.pictures[0] if draft.pictures else "",
        "seller_cids": f",{','.join(map(str, draft.shop_category_ids))}," if draft.shop_category_ids else "",
        "list_time": wire_time(draft.list_time) if draft.list_time else "",
    }


def _freight(draft: Draft) -> dict[str, str]:
    return {"freight_payer": "buyer" if draft.delivery_template_id else "seller"}


def _sku_lists(skus: Sequence[SkuDraft]) -> dict[str, str]:
    """Writes skus as parallel comma lists; commas stay where a code is empty."""
    return {
        "sku_properties": ",".join([sku.properties for sku in skus]),
        "sku_quantities": ",".join([str(sku.stock) for sku in skus]),
        "sku_prices": ",".join([_yuan(sku.price) for sku in skus]),
        "sku_outer_ids": ",".join([sku.outer_id for sku in skus]),
    }


def _yuan(price: Decimal) -> str:
    """Writes yuan with two decimals; one that has two already is only printed, at a fifth of the cost of formatting."""
    text = str(price)
    return text if text[-3:-2] == "." and "E" not in text else f"{price:.2f}"


def slice_request(wanted: Slice) -> Step:
    """Returns the call that reads one page of a list, newest change first where the list knows changes."""
    params = {"fields": LISTED, "page_no": str(wanted.page), "page_size": str(wanted.page_size)}
    if wanted.bucket is Bucket.ONSALE:
        return Step("taobao.items.onsale.get", params)
    params |= {"banner": wanted.bucket.value, "order_by": "modified:desc"}
    if wanted.modified_from:
        params["start_modified"] = wire_time(wanted.modified_from)
    if wanted.modified_to:
        params["end_modified"] = wire_time(wanted.modified_to)
    return Step("taobao.items.inventory.get", params)


def seen(wire: WireItem, asked_us: int, answered_us: int, *, whole: bool = False) -> SeenItem:
    """Reads an item of a reply. `whole`: skus and pictures were asked for, so their absence means there are none."""
    return SeenItem(
        ItemId(wire.num_iid),
        asked_us,
        answered_us,
        outer_id=wire.outer_id,
        title=wire.title,
        price=wire.price,
        stock=wire.num,
        shelf=_SHELVES.get(wire.approve_status or ""),
        violation=wire.violation,
        scheduled=wire.is_timing,
        category_id=wire.cid,
        created=read_time(wire.created),
        modified=read_time(wire.modified),
        list_time=read_time(wire.list_time),
        delist_time=read_time(wire.delist_time),
        skus=_seen_skus(wire) if whole else None,
        pictures=_seen_pictures(wire) if whole else None,
    )


_SHELVES = {shelf.value: shelf for shelf in Shelf}


def _seen_skus(wire: WireItem) -> tuple[SeenSku, ...]:
    return tuple(
        SeenSku(SkuId(sku.sku_id), sku.properties, sku.price, sku.quantity, sku.outer_id)
        for sku in (wire.skus.sku if wire.skus else ())
    )


def _seen_pictures(wire: WireItem) -> tuple[str, ...]:
    images = sorted(wire.item_imgs.item_img if wire.item_imgs else [], key=lambda image: image.position)
    urls = [image.url for image in images if image.url] or ([wire.pic_url] if wire.pic_url else [])
    return tuple(picture_path(url) for url in urls)
