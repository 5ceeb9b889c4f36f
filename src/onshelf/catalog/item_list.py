"""Lists and counts of a shop's item records that stay quick at a million: pages by key, an index for each order, kept counts.

What no index answers (words of a title, two filters at once) is looked for among a bounded number of rows a page: such a page
may hold fewer items than were asked for, or none, and still be followed by another.
"""
# ruff: noqa: S608 - what is put into SQL here is column names and conditions of this file, never a value

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import cast

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.store import ITEM_COLUMNS, item_of, known_items
from onshelf.store.db import Database, Row, Value
from onshelf.store.sql import marks, portions

LOOKED_AT = 30_000
"""Rows a page looks at, where one index holds all that is asked of them."""
LOOKED_UP = 3_000
"""Where each row must be fetched to be asked."""
_IDS_A_PAGE = 1_000
_IN_INDEX = "item_id, changed_us, state, reason, doubt, title"
Place = tuple[int | str, int]
"""The sort key of the last row looked at."""


class Sort(StrEnum):
    """What a list of items is ordered by. Items wanted by their code come in the order of the codes, whatever the sort."""

    CHANGED = "changed"  # last change of the state first
    ID = "id"


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are wanted; what is not said lets every item through."""

    state: State | None = None
    reason: Reason | None = None
    code: str = ""  # beginning of the outer_id
    words: tuple[str, ...] = ()  # each somewhere in the title; small and capital letters are alike
    since_us: int = 0  # state changed then or later
    doubtful: bool | None = None  # True: the last id reads did not show it
    left_since_us: int | None = (
        None  # seen to leave the shelf then or later, and still off it; None: wherever it stands
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One page."""

    items: list[Item]
    next: Place | None  # where the next page begins; None: this was the last


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many items stand where."""

    by_cause: Counter[tuple[State, Reason]] = field(default_factory=Counter)  # deleted ones too
    doubtful: int = 0

    def of(self, state: State) -> int:
        """Counts the items in a state."""
        return sum(n for (where, _), n in self.by_cause.items() if where is state)


@dataclass(frozen=True, slots=True)
class _Query:
    """A list as SQL: what the index answers, what each row is asked besides, and its order."""

    key: str
    descending: bool
    indexed: tuple[tuple[str, Value], ...] = ()
    asked: tuple[tuple[str, Value], ...] = ()
    looked_at: int = LOOKED_UP

    @property
    def order(self) -> str:
        return f"{self.key} DESC, item_id DESC" if self.descending else f"{self.key}, item_id"


async def find_items(
    db: Database,
    shop_id: str,
    wanted: ItemFilter,
    *,
    sort: Sort = Sort.CHANGED,
    after: Place | None = None,
    limit: int = 50,
    looked_at: int | None = None,
) -> Found:
    """Reads a page of items, those after a place of the same list. looked_at: rows to look at; None: as many as are quick."""
    query = _query(wanted, sort)
    if after is not None:
        sign = "<" if query.descending else ">"
        # two lower bounds: a database may take the worse one
        kept = [one for one in query.indexed if one[0] != _BEGINS]
        query = replace(query, indexed=(*kept, (f"({query.key}, item_id) {sign} (?, ?)", None)))
    conditions, args = _where(query.indexed, after)
    inner = f"FROM item WHERE shop_id = ?{conditions} ORDER BY {query.order} LIMIT ?"
    if not query.asked:
        rows = await db.fetch(
            f"SELECT {query.key}, item_id, {ITEM_COLUMNS} {inner}", (shop_id, *args, limit + 1)
        )
        return Found([item_of(row[2:]) for row in rows[:limit]], _next(rows, limit))
    looked_at = looked_at or query.looked_at
    columns = _IN_INDEX if query.looked_at == LOOKED_AT else f"outer_id, left_us, {_IN_INDEX}"
    asked, told = _where(query.asked)
    rows = await db.fetch(
        f"SELECT {query.key}, item_id FROM (SELECT {columns} {inner}) AS looked_at WHERE 1 = 1{asked} "
        f"ORDER BY {query.order} LIMIT ?",
        (shop_id, *args, looked_at, *told, limit + 1),
    )
    ids = [cast("int", item_id) for _, item_id in rows[:limit]]
    known = await known_items(db, shop_id, ids)
    items = [known[item_id] for item_id in ids]
    if len(rows) > limit:
        return Found(items, _next(rows, limit))
    last = await db.fetch(f"SELECT {query.key}, item_id {inner} OFFSET ?", (shop_id, *args, 1, looked_at - 1))
    return Found(items, cast("Place", last[0]) if last else None)


@dataclass(frozen=True, slots=True)
class Matching:
    """The items that a filter lets through."""

    item_ids: tuple[int, ...]
    more: bool  # others match too, beyond the number asked for


async def matching(db: Database, shop_id: str, wanted: ItemFilter, *, at_most: int) -> Matching:
    """Reads the ids of all items a filter lets through, last change first, at most so many."""
    found: list[int] = []
    after: Place | None = None
    while True:
        page = await find_items(db, shop_id, wanted, after=after, limit=_IDS_A_PAGE, looked_at=LOOKED_AT)
        found += [item.item_id for item in page.items]
        after = page.next
        if after is None or len(found) > at_most:
            return Matching(tuple(found[:at_most]), len(found) > at_most)


async def count_by_cause(db: Database, shop_id: str) -> ItemCounts:
    """Counts the items of a shop by state and cause; reads a row for each, however many items there are."""
    rows = await db.fetch("SELECT state, reason, n FROM item_count WHERE shop_id = ? AND n > 0", (shop_id,))
    doubtful = await count_doubtful(db, shop_id)
    counts = Counter({(State(cast("str", s)), Reason(cast("str", r))): cast("int", n) for s, r, n in rows})
    return ItemCounts(counts, doubtful.total())


async def count_doubtful(db: Database, shop_id: str) -> Counter[State]:
    """Counts the items in doubt by state: they are few, and in their index alone when asked for in its order."""
    rows = await db.fetch(
        "SELECT state FROM item WHERE shop_id = ? AND doubt > 0 ORDER BY changed_us", (shop_id,)
    )
    return Counter(State(cast("str", state)) for (state,) in rows)


async def count_on_sale(db: Database, shop_ids: Sequence[str]) -> int:
    """Counts the items on sale in all of these shops together."""
    if not shop_ids:
        return 0
    rows = await db.fetch(
        f"SELECT SUM(n) FROM item_count WHERE state = 'onsale' AND shop_id IN ({marks(shop_ids)})",
        shop_ids,
    )
    return int(cast("int | None", rows[0][0]) or 0)


async def count_left(db: Database, shop_ids: Sequence[str], since_us: int) -> dict[str, Counter[Reason]]:
    """Counts the items that left the shelf since and are still off it, by shop and cause; shops without one are absent.

    Reads an index alone, as many rows as there are such items: meant for a day.
    """
    found: dict[str, Counter[Reason]] = {}
    for portion in portions(shop_ids):
        rows = await db.fetch(
            f"SELECT shop_id, reason, COUNT(*) FROM item WHERE shop_id IN ({marks(portion)}) AND left_us >= ? "
            "GROUP BY shop_id, reason",
            (*portion, since_us),
        )
        for shop_id, reason, n in cast("list[tuple[str, str, int]]", rows):
            found.setdefault(shop_id, Counter())[Reason(reason)] = int(n)
    return found


def _query(wanted: ItemFilter, sort: Sort) -> _Query:
    """Puts the filters where they cost least: into the index of the list's order, else to each row."""
    of = {
        "doubt": None if wanted.doubtful is None else (f"doubt {'>' if wanted.doubtful else '='} ?", 0),
        "reason": None if wanted.reason is None else ("reason = ?", wanted.reason.value),
        "state": None if wanted.state is None else ("state = ?", wanted.state.value),
        "since": ("changed_us >= ?", wanted.since_us) if wanted.since_us else None,
        "left": None if wanted.left_since_us is None else ("left_us >= ?", wanted.left_since_us),
    }
    words = tuple(("lower(title) LIKE ? ESCAPE '\\'", _pattern(word)) for word in wanted.words)
    given = {name: condition for name, condition in of.items() if condition is not None}
    if wanted.code:
        prefix = ((_BEGINS, wanted.code), ("outer_id < ?", wanted.code + _LAST))
        return _Query("outer_id", False, prefix, (*given.values(), *words))
    if sort is Sort.ID:
        return _Query("item_id", False, (), (*given.values(), *words))
    if left := given.pop("left", None):
        return _Query("left_us", True, (left,), (*given.values(), *words))
    indexed: list[tuple[str, Value]] = [given.pop("since")] if "since" in given else []
    if words and not wanted.doubtful:
        return _Query("changed_us", True, tuple(indexed), (*given.values(), *words), LOOKED_AT)
    if wanted.doubtful:
        del given["doubt"]
        indexed.append(("doubt > 0", None))
    elif first := next((name for name in ("reason", "state") if name in given), None):
        indexed.append(given.pop(first))
    return _Query("changed_us", True, tuple(indexed), (*given.values(), *words))


def _where(
    conditions: tuple[tuple[str, Value], ...], after: Place | None = None
) -> tuple[str, tuple[Value, ...]]:
    """Joins conditions; the place stands for the last of them, one without a mark has no value."""
    values = tuple(value for sql, value in conditions if sql.count("?") == 1)
    return "".join(f" AND {sql}" for sql, _ in conditions), (*values, *(after or ()))


_BEGINS, _LAST = "outer_id >= ?", "\U0010ffff"


def _pattern(word: str) -> str:
    """Makes a word the pattern of LIKE; letters beyond ASCII stay as they are, for SQLite knows no others."""
    plain = "".join(f"\\{c}" if c in "\\%_" else c for c in word)
    return f"%{''.join(c.lower() if c.isascii() else c for c in plain)}%"


def _next(rows: Sequence[Row], limit: int) -> Place | None:
    """Returns the place of the last row of a page, its first two columns; None: no row follows it."""
    return cast("Place", tuple(rows[limit - 1][:2])) if len(rows) > limit else None
