"""Lists stored changes by page, of one shop or of several together. Each filter has an index, so a page costs what it shows."""
# ruff: noqa: S608 - what is put into SQL here is column names and conditions of this file, never a value

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import merge
from itertools import islice

from onshelf.catalog.item import Reason, State
from onshelf.events import ItemChanged
from onshelf.store.db import Database, Value
from onshelf.watch.store import CHANGE_COLUMNS, change_of

Place = tuple[int, str, int, int]
"""The sort key of a change: when it was seen, shop, item, version."""


class Order(StrEnum):
    """Which change comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"  # what a program reads on with


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are wanted; what is not said lets all through but those of items met for the first time."""

    state: State | None = None  # the state after it
    reason: Reason | None = None  # FIRST_SEEN shows the items met for the first time
    ours: bool | None = None
    since_us: int = 0  # seen then or later


async def list_changes(
    db: Database,
    shop_ids: Sequence[str],
    wanted: ChangeFilter,
    *,
    order: Order = Order.NEWEST,
    after: Place | None = None,
    limit: int = 50,
) -> list[ItemChanged]:
    """Reads at most `limit` changes of these shops, those after a place of the same list."""
    found = [
        await _of_shop(db, shop_id, wanted, order=order, after=after, limit=limit) for shop_id in shop_ids
    ]
    return list(islice(merge(*found, key=place_of_change, reverse=order is Order.NEWEST), limit))


def place_of_change(change: ItemChanged) -> Place:
    """Returns the sort key of a change."""
    return (change.seen_us, change.shop_id, change.item_id, change.version)


async def _of_shop(
    db: Database, shop_id: str, wanted: ChangeFilter, *, order: Order, after: Place | None, limit: int
) -> list[ItemChanged]:
    newest = order is Order.NEWEST
    if after is not None and not newest:
        wanted = replace(wanted, since_us=0)  # two lower bounds: a database may take the worse one
    conditions, args = _where(wanted)
    if after is not None:
        past, passed = _past(shop_id, after, newest)
        conditions, args = f"{conditions} AND {past}", (*args, *passed)
    way = "DESC" if newest else "ASC"
    rows = await db.fetch(
        f"SELECT {CHANGE_COLUMNS} FROM change WHERE shop_id = ?{conditions} "
        f"ORDER BY seen_us {way}, item_id {way}, version {way} LIMIT ?",
        (shop_id, *args, limit),
    )
    return [change_of(row) for row in rows]


def _where(wanted: ChangeFilter) -> tuple[str, tuple[Value, ...]]:
    """Says the filter so that the indexes made for it (`store/migrations`, shelf) answer it, the partial ones too."""
    reason = Reason.OURS if wanted.ours and wanted.reason is None else wanted.reason
    told: list[tuple[str, Value]] = []
    if reason is not None:
        told.append(("reason = ?", reason.value))
    if wanted.state is not None:
        told.append(("new = ?", wanted.state.value))
    if wanted.since_us:
        told.append(("seen_us >= ?", wanted.since_us))
    news = " AND reason <> 'first_seen'" if reason is None else ""
    ours = "" if wanted.ours is None else f" AND ours = {int(wanted.ours)}"
    return news + ours + "".join(f" AND {sql}" for sql, _ in told), tuple(value for _, value in told)


def _past(shop_id: str, after: Place, newest: bool) -> tuple[str, tuple[Value, ...]]:
    """Says what of a shop comes after a place of the list of several shops."""
    seen_us, at_shop, item_id, version = after
    sign = "<" if newest else ">"
    if shop_id == at_shop:
        return f"(seen_us, item_id, version) {sign} (?, ?, ?)", (seen_us, item_id, version)
    passed = (shop_id > at_shop) if newest else (shop_id < at_shop)
    return f"seen_us {sign}{'' if passed else '='} ?", (seen_us,)


async def changes_of_item(db: Database, shop_id: str, item_id: int, *, limit: int = 200) -> list[ItemChanged]:
    """Reads the latest changes of one item, newest first, the one of its first sight too."""
    rows = await db.fetch(
        f"SELECT {CHANGE_COLUMNS} FROM change WHERE shop_id = ? AND item_id = ? ORDER BY version DESC LIMIT ?",
        (shop_id, item_id, limit),
    )
    return [change_of(row) for row in rows]
