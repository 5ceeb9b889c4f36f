"""The items of one shop: each version a value, and the index that lists and look-ups read, which may lag behind writes."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from onshelf.sandbox.filters import ANY, Filter
from onshelf.sandbox.rows import LAST, KeptRows, MergedRows, Row, Rows, SeededRows
from onshelf.sandbox.seeded import Seeded
from onshelf.sandbox.wire import Json

ONSALE = "onsale"
FOR_SHELVED = "for_shelved"
SCHEDULED = "regular_shelved"
NEVER_LISTED = "never_on_shelf"
OFF_SHELF = "off_shelf"
SOLD_OUT = "sold_out"
VIOLATION = "violation_off_shelf"

_DEFAULT_BANNER = frozenset((SCHEDULED, NEVER_LISTED, OFF_SHELF))  # what banner for_shelved stands for
_KEPT_ORDERS = ("list_time", "modified")


class Item(msgspec.Struct, frozen=True):
    """One version of an item; a write makes the next one."""

    num_iid: int
    banner: str  # ONSALE, or why it is in the warehouse
    wire: Json  # every field as item.seller.get returns it; never changed in place
    events: list[Json]  # oldest first; one list shared by all versions
    deleted: bool = False

    @property
    def on_sale(self) -> bool:
        """Tells whether buyers see it."""
        return self.banner == ONSALE

    @property
    def approve_status(self) -> str:
        """Returns onsale or instock, as the platform shows it."""
        status: str = self.wire["approve_status"]
        return status

    @property
    def skus(self) -> list[Json]:
        """Returns the sku rows; empty for an item without skus."""
        wrapped = self.wire.get("skus")
        return wrapped["sku"] if wrapped else []

    @property
    def codes(self) -> Iterator[str]:
        """Yields the seller's codes of its skus."""
        return (sku["outer_id"] for sku in self.skus if sku.get("outer_id"))

    @property
    def images(self) -> list[Json]:
        """Returns the picture rows, main picture first."""
        wrapped = self.wire.get("item_imgs")
        return wrapped["item_img"] if wrapped else []

    def buckets(self) -> tuple[str, ...]:
        """Returns the lists this version stands in; none when deleted."""
        if self.deleted:
            return ()
        return (self.banner, FOR_SHELVED) if self.banner in _DEFAULT_BANNER else (self.banner,)


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for."""

    bucket: str
    # list_time, modified: kept sorted; delist_time, num, sold_quantity: sorted at the call
    order: str = "list_time"
    descending: bool = True
    page_no: int = 1
    page_size: int = 40
    start: str = ""  # modified from, wire time, inclusive; "" open
    end: str = ""  # modified to, wire time, inclusive; "" open
    wanted: Filter = ANY


class Items(Mapping[int, Item]):
    """Items by id: those that were ever touched are kept, untouched ones of a seeded catalogue are made when asked for."""

    def __init__(self, seeded: Seeded | None = None) -> None:
        self.kept: dict[int, Item] = {}
        self._seeded = seeded

    def __getitem__(self, num_iid: int) -> Item:
        item = self.get(num_iid)
        if item is None:
            raise KeyError(num_iid)
        return item

    def get(self, num_iid: int, default: Item | None = None) -> Item | None:  # type: ignore[override]
        """Returns an item, or the default."""
        item = self.kept.get(num_iid)
        if item is not None or self._seeded is None:
            return item or default
        number = self._seeded.number(num_iid)
        return default if number is None else _made(self._seeded, number)

    def __iter__(self) -> Iterator[int]:
        seeded = self._seeded
        if seeded is None:
            yield from self.kept
            return
        yield from (one for one in self.kept if seeded.number(one) is None)
        yield from range(seeded.spec.first_id, seeded.spec.first_id + seeded.spec.count)

    def __len__(self) -> int:
        if self._seeded is None:
            return len(self.kept)
        return self._seeded.spec.count + sum(self._seeded.number(one) is None for one in self.kept)

    def put(self, item: Item) -> None:
        """Keeps a version of an item."""
        self.kept[item.num_iid] = item

    def untouched(self, number: int | None) -> Item | None:
        """Returns a seeded item by its number as long as nobody has touched it."""
        if self._seeded is None or number is None or self._seeded.spec.first_id + number in self.kept:
            return None
        return _made(self._seeded, number)

    def standing(self) -> Iterator["Standing"]:
        """Yields how every item stands, without making any from the seed."""
        for num_iid in self:
            item = self.kept.get(num_iid)
            if item is not None:
                yield Standing(num_iid, item.approve_status, item.deleted)
            elif self._seeded is not None:
                on_sale = self._seeded.banner(num_iid - self._seeded.spec.first_id) == ONSALE
                yield Standing(num_iid, "onsale" if on_sale else "instock", deleted=False)


class Standing(NamedTuple):
    """An item by its id, and how it stands."""

    num_iid: int
    approve_status: str
    deleted: bool


def _made(seeded: Seeded, number: int) -> Item:
    event = {
        "at": seeded.listed_at(number),
        "what": "created",
        "actor": "seed",
        "method": "",
        "request_id": "",
    }
    return Item(seeded.spec.first_id + number, seeded.banner(number), seeded.wire(number), [event])


class Lagging(msgspec.Struct):
    """What the lists of a shelf do not show yet."""

    late: list[tuple[float, Item]] = []  # when they will, in order
    behind: list[Item] = []  # what they show of these items meanwhile; nothing of those not named


class Index:
    """What lists and look-ups see: items by bucket in two orders, and by the seller's codes.

    A page costs O(page); another order or a filter looks at the bucket's kept items too, never at all a seed makes.
    """

    def __init__(self, seeded: Seeded | None = None) -> None:
        self.items = Items(seeded)
        self._seeded = seeded
        self._orders: dict[tuple[str, str], list[Row]] = {}
        self._gone: dict[str, list[int]] = {}  # bucket → numbers of the seeded items of it that were touched
        self._by_code: dict[str, set[int]] = {}
        self._by_sku_code: dict[str, set[int]] = {}

    def apply(self, item: Item) -> None:
        """Replaces the version it knows by this one."""
        before = self.items.kept.get(item.num_iid)
        if before is not None:
            self._drop(before)
        elif self._seeded is not None:
            self._touch(self._seeded, item.num_iid)
        self.items.put(item)
        for bucket in item.buckets():
            for order in _KEPT_ORDERS:
                insort(self._orders.setdefault((bucket, order), []), (item.wire[order], item.num_iid))
        if not item.deleted:
            self._by_code.setdefault(item.wire["outer_id"], set()).add(item.num_iid)
            for code in item.codes:
                self._by_sku_code.setdefault(code, set()).add(item.num_iid)

    def forget(self, num_iid: int) -> None:
        """Undoes all that was applied to an item."""
        item = self.items.kept.pop(num_iid, None)
        if item is None:
            return
        self._drop(item)
        number = self._seeded.number(num_iid) if self._seeded else None
        if self._seeded and number is not None:
            for bucket in self._seeded.buckets(number):
                self._gone[bucket].remove(number)

    def _touch(self, seeded: Seeded, num_iid: int) -> None:
        number = seeded.number(num_iid)
        if number is not None:
            for bucket in seeded.buckets(number):
                insort(self._gone.setdefault(bucket, []), number)

    def _drop(self, item: Item) -> None:
        for bucket in item.buckets():
            for order in _KEPT_ORDERS:
                rows = self._orders[bucket, order]
                del rows[bisect_left(rows, (item.wire[order], item.num_iid))]
        self._by_code.get(item.wire["outer_id"], set()).discard(item.num_iid)
        for code in item.codes:
            self._by_sku_code.get(code, set()).discard(item.num_iid)

    def by_code(self, code: str) -> list[Item]:
        """Returns the items that carry this outer_id, oldest first; codes are not unique on the platform."""
        found = [self.items.kept[one] for one in self._by_code.get(code, ())]
        seeded = self.items.untouched(self._seeded.coded(code)) if self._seeded else None
        return sorted([*found, seeded] if seeded else found, key=_by_id)

    def by_sku_code(self, code: str) -> list[Item]:
        """Returns the items one of whose skus carries this code, oldest first."""
        found = [self.items.kept[one] for one in self._by_sku_code.get(code, ())]
        seeded = self.items.untouched(self._seeded.coded(code.rpartition("-")[0])) if self._seeded else None
        return sorted([*found, seeded] if seeded and code in seeded.codes else found, key=_by_id)

    def size(self, bucket: str) -> int:
        """Returns how many items a list has."""
        return len(self._rows(Query(bucket)))

    def page(self, query: Query) -> tuple[list[Item], int]:
        """Returns the asked page and the number of all matching rows."""
        rows, skip = self._rows(query), (query.page_no - 1) * query.page_size
        if query.descending:
            high = max(len(rows) - skip, 0)
            part = rows.part(max(high - query.page_size, 0), high)[::-1]
        else:
            part = rows.part(min(skip, len(rows)), skip + query.page_size)
        kept = self.items.kept
        return [kept.get(one) or self.items[one] for _, one in part], len(rows)

    def _rows(self, query: Query) -> Rows:
        kept, seeded = self._kept(query), self._seeded
        if seeded is None:
            return kept
        runs = seeded.runs(query.bucket, query.wanted, query.order)
        window = seeded.window(query.start, query.end)
        gone = self._touched(seeded, query, window)
        return MergedRows(kept, SeededRows(seeded, query.order, runs, window, gone))

    def _touched(self, seeded: Seeded, query: Query, window: tuple[int, int]) -> Mapping[Any, list[int]]:
        """Returns the touched items that were in a list, by its runs."""
        gone = self._gone.get(query.bucket, [])
        if window != (0, seeded.spec.count):
            gone = gone[bisect_left(gone, window[0]) : bisect_left(gone, window[1])]
        if query.wanted is ANY and query.order != "num":
            return {None: gone}
        return seeded.parted(gone, query.wanted, query.order)

    def _kept(self, query: Query) -> KeptRows:
        windowed = bool(query.start or query.end)
        if query.wanted is ANY and (
            query.order == "modified" or (query.order in _KEPT_ORDERS and not windowed)
        ):
            rows = self._orders.get((query.bucket, query.order), [])
            return KeptRows(rows, *_between(rows, query))
        rows = self._orders.get((query.bucket, "modified"), [])
        low, high = _between(rows, query)
        items = (self.items.kept[one] for _, one in rows[low:high])
        found = sorted(
            (item.wire[query.order], item.num_iid) for item in items if query.wanted.fits(item.wire)
        )
        return KeptRows(found, 0, len(found))


def _between(rows: list[Row], query: Query) -> tuple[int, int]:
    """Returns from and to which place rows by modification lie in the query's window."""
    low = bisect_left(rows, (query.start, 0)) if query.start else 0
    high = bisect_right(rows, (query.end, LAST)) if query.end else len(rows)
    return low, max(low, high)


def _by_id(item: Item) -> int:
    return item.num_iid


class Shelf:
    """The truth about a shop's items (reads by id) beside the index (lists and look-ups), which writes reach after `lag_s`."""

    def __init__(self, items: Iterable[Item] = (), seeded: Seeded | None = None) -> None:
        self.items = Items(seeded)
        self.index = Index(seeded)
        self._seeded = seeded
        self.lag_s = 0.0  # of the write being made; set before each
        self.lag_ids = False  # reads by id lag too
        self._late: deque[tuple[float, Item]] = deque()
        for item in items:
            self.items.put(item)
            self.index.apply(item)

    def write(self, item: Item, now: float) -> Item:
        """Makes this version the truth; the index follows at once, or `lag_s` later, always in the order of writes."""
        self.items.put(item)
        if self.lag_s or self._late:
            due = max(now + self.lag_s, self._late[-1][0] if self._late else 0.0)
            self._late.append((due, item))
        else:
            self.index.apply(item)
        return item

    def settle(self, now: float) -> None:
        """Lets the index take in what is due by now."""
        while self._late and self._late[0][0] <= now:
            self.index.apply(self._late.popleft()[1])

    def lagging(self) -> Lagging:
        """Returns what lists do not show yet."""
        waiting = dict.fromkeys(item.num_iid for _, item in self._late)
        kept = self.index.items.kept
        return Lagging(list(self._late), [kept[one] for one in waiting if one in kept])

    def lag_again(self, lagging: Lagging) -> None:
        """Lets lists fall back to what they showed when this was saved."""
        for _, item in lagging.late:
            self.index.forget(item.num_iid)
        for item in lagging.behind:
            self.index.apply(item)
        self._late = deque(lagging.late)

    def find(self, num_iid: int) -> Item | None:
        """Returns an item by its id, deleted ones too; None when the shop never had it."""
        return (self.index.items if self.lag_ids else self.items).get(num_iid)

    def coded(self, code: str) -> list[Item]:
        """Returns the items that carry this outer_id in truth, deleted ones too."""
        found = [item for item in self.items.kept.values() if item.wire["outer_id"] == code]
        seeded = self.items.untouched(self._seeded.coded(code)) if self._seeded else None
        return [*found, seeded] if seeded else found

    def with_sku(self, sku_id: int) -> Item | None:
        """Returns the item that has this sku; None when no living one does."""
        for item in self.items.kept.values():
            if not item.deleted and any(sku["sku_id"] == sku_id for sku in item.skus):
                return item
        return self.items.untouched(self._seeded.with_sku(sku_id)) if self._seeded else None

    def doubles(self) -> list[str]:
        """Returns the codes that are on sale more than once, in truth, not as the index sees it."""
        kept = (item for item in self.items.kept.values() if item.on_sale and not item.deleted)
        codes = Counter(item.wire["outer_id"] for item in kept)
        if self._seeded:
            seeded = (self.items.untouched(self._seeded.coded(code)) for code in list(codes))
            codes.update(item.wire["outer_id"] for item in seeded if item is not None and item.on_sale)
        return [code for code, times in codes.items() if code and times > 1]
