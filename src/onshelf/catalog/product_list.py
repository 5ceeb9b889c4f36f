"""Lists of a shop's products: pages by code, filters answered from one narrow index, and where each stands on the shelf."""
# ruff: noqa: S608 - what is put into SQL here is column names and conditions of this file, never a value

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from onshelf.catalog.item import Item, State
from onshelf.catalog.product import Finding
from onshelf.catalog.store import Stored, get_products, items_by_code
from onshelf.store.db import Database, Value

_finding = msgspec.json.Decoder(Finding).decode


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted; what is not said lets every product through."""

    q: str = ""  # beginning of the code, or anything of the title; small and capital letters are alike
    category_id: int | None = None
    held: bool | None = None  # True: a fault keeps it from being published
    since_us: int = 0  # what is published of it changed then or later
    listed: bool | None = None  # True: the platform has an item with its code, deleted ones aside


@dataclass(frozen=True, slots=True)
class Shown:
    """A product, and the items on the platform that carry its code."""

    stored: Stored
    items: tuple[Item, ...]  # without deleted ones; mostly one, none before it is published
    deleted: tuple[Item, ...] = ()  # where no other is left: those that were there, the latest first

    @property
    def told(self) -> tuple[Item, ...]:
        """Returns what stands on the shelf, or last stood there."""
        return self.items or self.deleted[:1]


async def page_products(
    db: Database, shop_id: str, wanted: ProductFilter, *, after: str = "", limit: int = 50
) -> list[Shown]:
    """Reads a page of products in the order of their codes, those after the code `after`."""
    conditions, args = _conditions(wanted)
    rows = await db.fetch(
        f"SELECT outer_id FROM product WHERE shop_id = ? AND outer_id > ?{conditions} ORDER BY outer_id LIMIT ?",
        (shop_id, after, *args, limit),
    )
    return await show_products(db, shop_id, [cast("str", code) for (code,) in rows])


async def count_wanted(db: Database, shop_id: str, wanted: ProductFilter) -> int:
    """Counts the products that a filter lets through."""
    conditions, args = _conditions(wanted)
    rows = await db.fetch(
        f"SELECT COUNT(*) FROM product WHERE shop_id = ? AND outer_id > ''{conditions}", (shop_id, *args)
    )
    return cast("int", rows[0][0])


async def show_products(db: Database, shop_id: str, codes: Sequence[str]) -> list[Shown]:
    """Reads products by code, in this order; codes the shop does not have are left out."""
    found = await get_products(db, shop_id, codes)
    items = await items_by_code(db, shop_id, codes)
    return [_shown(found[code], items.get(code, ())) for code in codes if code in found]


async def why_held(db: Database, shop_id: str, outer_id: str) -> Finding | None:
    """Returns what the newest import that found a product faulty says of it; None: none is known any more."""
    rows = await db.fetch(
        "SELECT f.finding FROM import_run r JOIN faulty_row f ON f.import_id = r.import_id AND f.outer_id = ? "
        "WHERE r.shop_id = ? AND r.state = 'done' AND f.stopped = 1 ORDER BY r.started_us DESC LIMIT 1",
        (outer_id, shop_id),
    )
    return _finding(cast("str", rows[0][0])) if rows else None


def _shown(stored: Stored, items: Sequence[Item]) -> Shown:
    living = tuple(one for one in items if one.state is not State.DELETED)
    gone = () if living else sorted(items, key=lambda one: (one.changed_us, one.item_id), reverse=True)
    return Shown(stored, living, tuple(gone))


def _conditions(wanted: ProductFilter) -> tuple[str, tuple[Value, ...]]:
    """Says a filter in SQL; every column it names stands in the index `product_list`."""
    said: list[str] = []
    args: list[Value] = []
    if wanted.q:
        text = wanted.q.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        code, title = ("outer_id", "title") if text == text.upper() else ("LOWER(outer_id)", "LOWER(title)")
        said.append(f"({code} LIKE ? ESCAPE '\\' OR {title} LIKE ? ESCAPE '\\')")
        args += [f"{text}%", f"%{text}%"]
    if wanted.category_id is not None:
        said.append("category_id = ?")
        args.append(wanted.category_id)
    if wanted.held is not None:
        said.append("held = ?")
        args.append(int(wanted.held))
    if wanted.since_us:
        said.append("changed_us >= ?")
        args.append(wanted.since_us)
    if wanted.listed is not None:
        there = "" if wanted.listed else "NOT "
        said.append(
            f"{there}EXISTS (SELECT 1 FROM item WHERE item.shop_id = product.shop_id "
            "AND item.outer_id = product.outer_id AND item.state <> 'deleted')"
        )
    return "".join(f" AND {one}" for one in said), tuple(args)
