"""The items of one shop: each version a value, and the index that lists and look-ups read, which may lag behind writes."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

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
_LAST = 1 << 63  # above every id


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
    order: str = "list_time"  # list_time, modified: kept sorted; any other field is sorted at the call
    descending: bool = True
    page_no: int = 1
    page_size: int = 40
    start: str = ""  # modified from, wire time, inclusive; "" open
    end: str = ""  # modified to, wire time, inclusive; "" open
    keep: Callable[[Item], bool] | None = None


class Index:
    """What lists and look-ups see: items by bucket in two orders, and by the seller's codes. Pages cost O(page)."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self._orders: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._by_code: dict[str, set[int]] = {}
        self._by_sku_code: dict[str, set[int]] = {}

    def apply(self, item: Item) -> None:
        """Replaces the version it knows by this one."""
        before = self.items.get(item.num_iid)
        if before is not None:
            self._drop(before)
        self.items[item.num_iid] = item
        for bucket in item.buckets():
            for order in _KEPT_ORDERS:
                insort(self._orders.setdefault((bucket, order), []), (item.wire[order], item.num_iid))
        if not item.deleted:
            self._by_code.setdefault(item.wire["outer_id"], set()).add(item.num_iid)
            for code in item.codes:
                self._by_sku_code.setdefault(code, set()).add(item.num_iid)

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
        return [self.items[one] for one in sorted(self._by_code.get(code, ()))]

    def by_sku_code(self, code: str) -> list[Item]:
        """Returns the items one of whose skus carries this code, oldest first."""
        return [self.items[one] for one in sorted(self._by_sku_code.get(code, ()))]

    def page(self, query: Query) -> tuple[list[Item], int]:
        """Returns the asked page and the number of all matching rows."""
        skip = (query.page_no - 1) * query.page_size
        windowed = bool(query.start or query.end)
        if query.keep is None and query.order in _KEPT_ORDERS and (not windowed or query.order == "modified"):
            rows = self._orders.get((query.bucket, query.order), [])
            low, high = self._window(rows, query) if windowed else (0, len(rows))
            if query.descending:
                found = rows[max(low, high - skip - query.page_size) : max(low, high - skip)][::-1]
            else:
                found = rows[low + skip : min(high, low + skip + query.page_size)]
            return [self.items[one] for _, one in found], high - low
        matching = self._matching(query)
        return matching[skip : skip + query.page_size], len(matching)

    def _window(self, rows: list[tuple[str, int]], query: Query) -> tuple[int, int]:
        low = bisect_left(rows, (query.start, 0)) if query.start else 0
        high = bisect_right(rows, (query.end, _LAST)) if query.end else len(rows)
        return low, max(low, high)

    def _matching(self, query: Query) -> list[Item]:
        rows = self._orders.get((query.bucket, "modified"), [])
        low, high = self._window(rows, query)
        items = [self.items[one] for _, one in rows[low:high]]
        if query.keep is not None:
            items = [item for item in items if query.keep(item)]
        items.sort(key=lambda item: (item.wire.get(query.order, 0), item.num_iid), reverse=query.descending)
        return items


class Shelf:
    """The truth about a shop's items (reads by id) beside the index (lists and look-ups), which writes reach after `lag_s`."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items: dict[int, Item] = {}
        self.index = Index()
        self.lag_s = 0.0  # of the write being made; set before each
        self.lag_ids = False  # reads by id lag too
        self._late: deque[tuple[float, Item]] = deque()
        for item in items:
            self.items[item.num_iid] = item
            self.index.apply(item)

    def write(self, item: Item, now: float) -> Item:
        """Makes this version the truth; the index follows at once, or `lag_s` later, always in the order of writes."""
        self.items[item.num_iid] = item
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

    def find(self, num_iid: int) -> Item | None:
        """Returns an item by its id, deleted ones too; None when the shop never had it."""
        return (self.index.items if self.lag_ids else self.items).get(num_iid)

    def doubles(self) -> list[str]:
        """Returns the codes that are on sale more than once, in truth, not as the index sees it."""
        codes = Counter(
            item.wire["outer_id"] for item in self.items.values() if item.on_sale and not item.deleted
        )
        return [code for code, times in codes.items() if code and times > 1]
