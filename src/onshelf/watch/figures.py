"""What a day brought on the shelf, and how the last look went. Reads kept counts and the latest rows, never a day of changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import cast

from onshelf.catalog.item import Reason, State
from onshelf.clock import DAY_US, SECOND_US
from onshelf.store.db import Database
from onshelf.store.sql import marks, portions
from onshelf.watch.store import memories

BEIJING_US = 8 * 3600 * SECOND_US
MEASURED = 1_000
"""Changes the median is taken of: the latest of the day, all shops together."""
_LEFT = frozenset({State.INSTOCK.value, State.DELETED.value})
_FEWEST = 20  # of each shop, however many shops there are
_SHOPS_AT_ONCE = 100  # selects of one statement: SQLite takes 500


@dataclass(frozen=True, slots=True)
class Day:
    """What happened to the shelf of some shops on one day of Beijing."""

    left: Counter[Reason] = field(default_factory=Counter)  # items that went off the shelf, by cause
    listed: int = 0  # items that went on sale
    # from a change to its detection, of the latest; None: none whose time is told
    median_us: int | None = None
    slowest_us: int = 0  # of all that were not ours


@dataclass(frozen=True, slots=True)
class LastLook:
    """How a shop's looks stand."""

    at_us: int  # the last list that was read; 0: never
    blind_since_us: int  # 0: the last look saw all it meant to see
    blind_why: str  # code of the error


def day_of(at_us: int) -> int:
    """Returns the day of Beijing as the tables number it: since 1970."""
    return (at_us + BEIJING_US) // DAY_US


def begin_of(day: int) -> int:
    """Returns when a day begins, in microseconds."""
    return day * DAY_US - BEIJING_US


async def figures_of(db: Database, shop_ids: Sequence[str], day: int) -> Day:
    """Sums a day over shops."""
    if not shop_ids:
        return Day()
    left: Counter[Reason] = Counter()
    listed = slowest_us = 0
    rows = await db.fetch(
        "SELECT was, became, reason, SUM(n), MAX(slowest_us) FROM shelf_day WHERE day = ? "  # noqa: S608 - marks only
        f"AND shop_id IN ({marks(shop_ids)}) GROUP BY was, became, reason",
        (day, *shop_ids),
    )
    for was, became, reason, n, slow in cast("list[tuple[str, str, str, int, int]]", rows):
        slowest_us = max(slowest_us, slow)
        if was == State.ONSALE and became in _LEFT:
            left[Reason(reason)] += int(n)
        elif became == State.ONSALE and was != State.ONSALE and reason != Reason.FIRST_SEEN:
            listed += int(n)
    times = await _times(db, shop_ids, day, max(_FEWEST, MEASURED // len(shop_ids)))
    return Day(left, listed, round(median(times)) if times else None, slowest_us)


async def last_looks(db: Database, shop_ids: Sequence[str]) -> dict[str, LastLook]:
    """Tells how the looks at shops stand, by shop."""
    found = {}
    for shop_id, memory in (await memories(db, shop_ids)).items():
        at_us = max(memory.looked.values(), default=0)
        found[shop_id] = LastLook(at_us, memory.blind_since_us, memory.blind_why)
    return found


async def _times(db: Database, shop_ids: Sequence[str], day: int, limit: int) -> list[int]:
    """Reads how long the latest changes of a day stayed unnoticed, so many of each shop.

    Those whose time the platform does not tell are left out.
    """
    one = (
        "SELECT * FROM (SELECT happened_us, seen_us, old FROM change WHERE shop_id = ? AND seen_us >= ? AND seen_us < ? "
        "AND ours = 0 AND reason <> 'first_seen' ORDER BY seen_us DESC, item_id DESC, version DESC LIMIT ?) AS latest"
    )
    found: list[int] = []
    for portion in portions(shop_ids, _SHOPS_AT_ONCE):
        args = [value for shop_id in portion for value in (shop_id, begin_of(day), begin_of(day + 1), limit)]
        rows = await db.fetch(" UNION ALL ".join([one] * len(portion)), args)
        found += [
            seen - happened
            for happened, seen, old in cast("list[tuple[int, int, str]]", rows)
            if old and happened < seen
        ]
    return found
