"""Which reads may be kept, what each tells of, and which write makes which of them untrue. Pure: two tables.

A read in no row is never kept; a write in no row makes everything of its shop untrue.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from onshelf.ids import ItemId, ShopId
from onshelf.platforms.cache import Asked
from onshelf.platforms.port import ShopRef

SLOW = "slow"
"""The subject of what the platform itself rarely changes, and no write of a shop does."""

READS: tuple[tuple[str, str], ...] = (
    ("taobao.itemcats.get", SLOW),
    ("taobao.itemprops.get", SLOW),
    ("taobao.itempropvalues.get", SLOW),
    ("taobao.areas.get", SLOW),
    ("taobao.logistics.companies.get", SLOW),
    ("alibaba.item.publish.market.get", SLOW),
    ("alibaba.item.publish.schema.get", SLOW),
    ("alibaba.item.publish.props.get", SLOW),
    ("tmall.item.add.schema.get", SLOW),
    ("tmall.item.add.simpleschema.get", SLOW),
    ("tmall.product.add.schema.get", SLOW),
    ("tmall.product.match.schema.get", SLOW),
    ("tmall.product.template.get", SLOW),
    ("taobao.itemcats.authorize.get", "shop"),
    ("taobao.picture.*.get", "pictures"),
    ("taobao.picture.get", "pictures"),
    ("taobao.picture.pictures.count", "pictures"),
    ("taobao.sellercats.list.get", "shop categories"),
    ("taobao.delivery.template*.get", "templates"),
    ("taobao.shop.*get", "shop"),
    ("taobao.user.seller.get", "shop"),
    ("taobao.item.*", "items"),
    ("taobao.items.*", "items"),
    ("taobao.skus.*", "items"),
    ("alibaba.item.edit.schema.get", "items"),
    ("tmall.item.*.get", "items"),
    ("taobao.trade*.get", "trades"),
    ("taobao.logistics.orders.*get", "trades"),
    ("taobao.logistics.address.search", "shop"),
    ("taobao.refund*.get", "refunds"),
    ("taobao.traderates.get", "ratings"),
)
"""Method pattern -> its subject; the first match counts."""

WRITES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("taobao.picture.*", ("pictures",)),
    ("taobao.sellercats.*", ("shop categories",)),
    ("taobao.delivery.template.*", ("templates",)),
    ("taobao.item.*", ("items",)),
    ("taobao.skus.*", ("items",)),
    ("alibaba.item.*", ("items",)),
    ("tmall.item.*", ("items",)),
    ("taobao.trade.*", ("trades", "refunds", "items")),  # a trade that is closed gives its stock back
    ("taobao.logistics.*", ("trades",)),
    ("taobao.refund*", ("refunds", "trades")),
    ("taobao.rp.*", ("refunds", "trades")),
    ("taobao.traderate*", ("ratings", "trades")),
    ("taobao.tmc.*", ()),
    ("taobao.top.*", ()),
)
"""Method pattern -> the subjects it changes; the first match counts."""

IDS = ("num_iid", "num_iids", "item_id")
"""Parameters that name items. A read or a write that names its items concerns those, and every list."""


def asked_of(
    method: str, params: Mapping[str, str], digest: bytes, shop: ShopRef, form: str = ""
) -> Asked | None:
    """Describes a read for the cache; None when replies of this method are not kept.

    `digest`: of method and parameters; with app, shop and gateway it makes the key, for what is seen depends on all three.
    `form`: whatever else makes two equal reads be told differently.
    """
    subject = _subject_of(method)
    if subject is None:
        return None
    key = f"{shop.gateway}|{shop.app_key}|{shop.shop_id}|{form}|{digest.hex()}"
    return Asked(key, frozenset(_tags_of(subject, params, shop.shop_id)), slow=subject == SLOW)


def untrue_after(method: str, params: Mapping[str, str], shop_id: ShopId) -> tuple[str, ...]:
    """Returns the tags of all that a write may have changed."""
    subjects = _changed_by(method)
    if subjects is None:
        return (_everything(shop_id),)
    ids = [*_ids(params)]
    if subjects != ("items",) or not ids:
        return tuple(_tag(shop_id, subject) for subject in subjects)
    return (_lists(shop_id), *(_item(shop_id, item_id) for item_id in ids))


def about(shop_id: ShopId, subject: str, item_id: ItemId | None = None) -> tuple[str, ...]:
    """Returns the tags of what a message tells of: one item and every list, or a whole subject ("items", "trades", …)."""
    if item_id is None:
        return (_tag(shop_id, subject),)
    return _lists(shop_id), _item(shop_id, str(item_id))


def _tags_of(subject: str, params: Mapping[str, str], shop_id: ShopId) -> Iterator[str]:
    yield _tag(shop_id, subject)
    if subject != SLOW:
        yield _everything(shop_id)
    if subject == "items":
        ids = [*_ids(params)]
        yield from (_item(shop_id, item_id) for item_id in ids)
        if not ids:
            yield _lists(shop_id)


@lru_cache(maxsize=1024)
def _subject_of(method: str) -> str | None:
    return next((subject for pattern, subject in READS if fnmatchcase(method, pattern)), None)


@lru_cache(maxsize=1024)
def _changed_by(method: str) -> tuple[str, ...] | None:
    return next((subjects for pattern, subjects in WRITES if fnmatchcase(method, pattern)), None)


def _ids(params: Mapping[str, str]) -> Iterator[str]:
    for name in IDS:
        yield from (part.strip() for part in params.get(name, "").split(",") if part.strip())


def _everything(shop_id: ShopId) -> str:
    return f"{shop_id}"


def _tag(shop_id: ShopId, subject: str) -> str:
    return f"{shop_id}|{subject}"


def _lists(shop_id: ShopId) -> str:
    return f"{shop_id}|lists of items"


def _item(shop_id: ShopId, item_id: str) -> str:
    return f"{shop_id}|item {item_id}"
