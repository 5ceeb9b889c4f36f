"""Products, the publishing profile and the item records of a shop, as tables. Imports write products through `staging.py`.

Writes are values: a room joins them with its own in one `db.commit`.
"""
# ruff: noqa: S608 - what is put into SQL here is column names and placeholders of this file, never a value

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import cast

import msgspec

from onshelf.catalog.item import Expected, Item, Reason, State
from onshelf.catalog.product import Product, Sku
from onshelf.catalog.profile import Profile, decode_profile, encode_profile
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks, portions

PRODUCT_COLUMNS = (
    "outer_id",
    "title",
    "price",
    "stock",
    "category_id",
    "description",
    "goods_condition",
    "province",
    "city",
    "delivery_template_id",
    "properties",
    "property_alias",
    "skus",
    "pictures",
    "source",
    "outer_id_derived",
    "digest",
)
"""What a product's row holds, in the order of `product_values`; `product` and `staged` share it."""

ITEM_COLUMNS = (
    "shop_id, item_id, version, state, reason, outer_id, title, price, stock, seen_us, asked_us, changed_us, "
    "expected_state, expected_by, expected_until_us, doubt"
)
_encode = msgspec.json.Encoder().encode
_skus = msgspec.json.Decoder(tuple[Sku, ...]).decode
_pictures = msgspec.json.Decoder(tuple[str, ...]).decode


@dataclass(frozen=True, slots=True)
class Stored:
    """A product as the database keeps it."""

    product: Product
    digest: str  # of all that is published; equal digests need no call
    held: bool  # the newest import found its row faulty: not to be published until it is mended
    changed_us: int  # when an import last changed what is published


@dataclass(frozen=True, slots=True)
class ProductCounts:
    """How many products a shop has here."""

    ready: int
    held: int


def product_values(product: Product) -> tuple[Value, ...]:
    """Turns a product into a row in the order of `PRODUCT_COLUMNS`, its digest last."""
    content = (
        product.outer_id,
        product.title,
        str(product.price),
        product.stock,
        product.category_id,
        product.description,
        product.condition,
        product.province,
        product.city,
        product.delivery_template_id,
        product.properties,
        product.property_alias,
        _encode(product.skus).decode() if product.skus else "[]",
        _encode(product.pictures).decode(),
    )
    digest = blake2b(_encode(content), digest_size=16).hexdigest()
    return (*content, product.source, int(product.outer_id_derived), digest)


def save_profile(shop_id: str, profile: Profile, at_us: int) -> Write:
    """Sets the shop's publishing profile."""
    return Write(
        "INSERT INTO profile (shop_id, body, changed_us) VALUES (?, ?, ?) "
        "ON CONFLICT (shop_id) DO UPDATE SET body = excluded.body, changed_us = excluded.changed_us",
        (shop_id, encode_profile(profile), at_us),
    )


def replace_profile(shop_id: str, before: Profile, after: Profile, at_us: int) -> list[Write]:
    """Sets the shop's publishing profile if it is still as it was; else the unit is a Conflict."""
    return [
        Write(
            "INSERT INTO profile (shop_id, body, changed_us) VALUES (?, ?, 0) ON CONFLICT (shop_id) DO NOTHING",
            (shop_id, encode_profile(Profile())),
        ),
        Write(
            "UPDATE profile SET body = ?, changed_us = ? WHERE shop_id = ? AND body = ?",
            (encode_profile(after), at_us, shop_id, encode_profile(before)),
            expect_rows=1,
        ),
    ]


async def load_profile(db: Database, shop_id: str) -> Profile:
    """Reads the shop's publishing profile; a shop without one has the empty profile. Raises Unreadable when it is malformed."""
    rows = await db.fetch("SELECT body FROM profile WHERE shop_id = ?", (shop_id,))
    return decode_profile(cast("str", rows[0][0]), where=shop_id) if rows else Profile()


async def get_products(db: Database, shop_id: str, outer_ids: Sequence[str]) -> dict[str, Stored]:
    """Reads products by code; codes the shop does not have are absent from the answer."""
    found: dict[str, Stored] = {}
    for codes in portions(outer_ids):
        rows = await db.fetch(
            f"SELECT {_STORED} FROM product WHERE shop_id = ? AND outer_id IN ({marks(codes)})",
            (shop_id, *codes),
        )
        found.update((stored.product.outer_id, stored) for stored in map(_stored, rows))
    return found


async def list_products(
    db: Database, shop_id: str, *, after: str = "", limit: int = 500, held: bool | None = None
) -> list[Stored]:
    """Reads a page of products in the order of their codes, those after the code `after`. `held` None: both kinds."""
    wanted, args = ("", ()) if held is None else (" AND held = ?", (int(held),))
    rows = await db.fetch(
        f"SELECT {_STORED} FROM product WHERE shop_id = ? AND outer_id > ?{wanted} ORDER BY outer_id LIMIT ?",
        (shop_id, after, *args, limit),
    )
    return [_stored(row) for row in rows]


async def count_products(db: Database, shop_id: str) -> ProductCounts:
    """Counts the shop's products, those ready to publish and those held back by a fault."""
    counted = "SELECT COUNT(*) FROM product WHERE shop_id = ?"
    rows = await db.fetch(f"SELECT ({counted}), ({counted} AND held = 1)", (shop_id, shop_id))
    every, held = cast("tuple[int, int]", rows[0])
    return ProductCounts(ready=every - held, held=held)


async def count_held(db: Database, shop_ids: Sequence[str]) -> dict[str, int]:
    """Counts the products held back by a fault, by shop; shops without one are absent."""
    found: dict[str, int] = {}
    for portion in portions(shop_ids):
        rows = await db.fetch(
            f"SELECT shop_id, COUNT(*) FROM product WHERE shop_id IN ({marks(portion)}) AND held = 1 GROUP BY shop_id",
            portion,
        )
        found.update(cast("list[tuple[str, int]]", rows))
    return found


def add_item(item: Item) -> Write:
    """Records an item unless there is a record of it already, which is then left as it is."""
    return Write(f"{_INSERT_ITEM} ON CONFLICT (shop_id, item_id) DO NOTHING", _item_values(item))


def write_item(item: Item, *, expect_version: int | None) -> Write:
    """Sets the record of an item if its version is still `expect_version`; None: there must be no record yet.

    Another version (or, with None, a record) is a Conflict of the unit. An update leaves `expected` as it is:
    that belongs to `expect`, which other rooms may have called meanwhile.
    """
    if expect_version is None:
        return Write(_INSERT_ITEM, _item_values(item), expect_rows=1)
    return Write(
        "UPDATE item SET version = ?, state = ?, reason = ?, outer_id = ?, title = ?, price = ?, stock = ?, "
        "seen_us = ?, asked_us = ?, changed_us = ?, doubt = ? WHERE shop_id = ? AND item_id = ? AND version = ?",
        (
            *_item_values(item)[2:12],
            item.doubt,
            item.shop_id,
            item.item_id,
            expect_version,
        ),
        expect_rows=1,
    )


def expect(shop_id: str, item_id: int, expected: Expected | None) -> Write:
    """Notes the state our own job is about to bring about; None takes the note back. An unknown item is left unknown."""
    state, by, until_us = (expected.state, expected.by, expected.until_us) if expected else (None, None, None)
    return Write(
        "UPDATE item SET expected_state = ?, expected_by = ?, expected_until_us = ? "
        "WHERE shop_id = ? AND item_id = ?",
        (state, by, until_us, shop_id, item_id),
    )


async def known_items(db: Database, shop_id: str, item_ids: Sequence[int]) -> dict[int, Item]:
    """Reads the records of items by id; those without a record are absent from the answer."""
    found: dict[int, Item] = {}
    for ids in portions(item_ids):
        rows = await db.fetch(
            f"SELECT {ITEM_COLUMNS} FROM item WHERE shop_id = ? AND item_id IN ({marks(ids)})",
            (shop_id, *ids),
        )
        found.update((item.item_id, item) for item in map(item_of, rows))
    return found


async def items_by_code(db: Database, shop_id: str, outer_ids: Sequence[str]) -> dict[str, tuple[Item, ...]]:
    """Reads the records of items that carry any of the codes, deleted ones included; a code may have several."""
    found: dict[str, tuple[Item, ...]] = {}
    for codes in portions(outer_ids):
        rows = await db.fetch(
            f"SELECT {ITEM_COLUMNS} FROM item WHERE shop_id = ? AND outer_id IN ({marks(codes)})",
            (shop_id, *codes),
        )
        # Ordered here: asked for in SQL, SQLite walks all items of the shop by id rather than find these by code.
        for item in sorted(map(item_of, rows), key=lambda item: item.item_id):
            found[item.outer_id] = (*found.get(item.outer_id, ()), item)
    return found


async def list_items(
    db: Database, shop_id: str, *, state: State | None = None, after: int = 0, limit: int = 1000
) -> list[Item]:
    """Reads a page of item records in the order of their ids, those after the id `after`. `state` None: every state."""
    wanted, args = ("", ()) if state is None else (" AND state = ?", (state.value,))
    rows = await db.fetch(
        f"SELECT {ITEM_COLUMNS} FROM item WHERE shop_id = ? AND item_id > ?{wanted} ORDER BY item_id LIMIT ?",
        (shop_id, after, *args, limit),
    )
    return [item_of(row) for row in rows]


async def count_items(db: Database, shop_id: str) -> dict[State, int]:
    """Counts the item records by state; states without a record are absent."""
    rows = await db.fetch(
        "SELECT state, SUM(n) FROM item_count WHERE shop_id = ? AND n > 0 GROUP BY state", (shop_id,)
    )
    return {State(cast("str", state)): int(cast("int", count)) for state, count in rows}


_STORED = ", ".join((*PRODUCT_COLUMNS, "held", "changed_us"))
_INSERT_ITEM = f"INSERT INTO item ({ITEM_COLUMNS}) VALUES ({', '.join('?' * 16)})"


def _stored(row: Row) -> Stored:
    *content, digest, held, changed_us = row
    return Stored(_product(content), cast("str", digest), bool(held), cast("int", changed_us))


def _product(content: Sequence[Value]) -> Product:
    """Reads `PRODUCT_COLUMNS` without the digest back into a product."""
    (outer_id, title, price, stock, category_id, description, condition, province, city) = content[:9]
    (template_id, properties, alias, skus, pictures, source, derived) = content[9:]
    return Product(
        outer_id=cast("str", outer_id),
        title=cast("str", title),
        price=Decimal(cast("str", price)),
        stock=cast("int", stock),
        category_id=cast("int", category_id),
        description=cast("str", description),
        condition=cast("str", condition),
        province=cast("str", province),
        city=cast("str", city),
        delivery_template_id=cast("int | None", template_id),
        properties=cast("str", properties),
        property_alias=cast("str", alias),
        skus=_skus(cast("str", skus)),
        pictures=_pictures(cast("str", pictures)),
        source=cast("str", source),
        outer_id_derived=bool(derived),
    )


def _item_values(item: Item) -> tuple[Value, ...]:
    expected = item.expected
    return (
        item.shop_id,
        item.item_id,
        item.version,
        item.state.value,
        item.reason.value,
        item.outer_id,
        item.title,
        None if item.price is None else str(item.price),
        item.stock,
        item.seen_us,
        item.asked_us,
        item.changed_us,
        expected.state.value if expected else None,
        expected.by if expected else None,
        expected.until_us if expected else None,
        item.doubt,
    )


def item_of(row: Row) -> Item:
    """Reads `ITEM_COLUMNS` back into an item."""
    (shop_id, item_id, version, state, reason, outer_id, title, price, stock, seen, asked, changed) = row[:12]
    (expected_state, by, until_us, doubt) = row[12:]
    return Item(
        shop_id=cast("str", shop_id),
        item_id=cast("int", item_id),
        version=cast("int", version),
        state=State(cast("str", state)),
        reason=Reason(cast("str", reason)),
        outer_id=cast("str", outer_id),
        title=cast("str", title),
        price=None if price is None else Decimal(cast("str", price)),
        stock=cast("int | None", stock),
        seen_us=cast("int", seen),
        asked_us=cast("int", asked),
        changed_us=cast("int", changed),
        expected=None
        if expected_state is None
        else Expected(State(cast("str", expected_state)), cast("str", by), cast("int", until_us)),
        doubt=cast("int", doubt),
    )
