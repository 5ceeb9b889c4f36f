"""The trades and refunds of one shop, in the orders lists are read by: a page costs O(page)."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.trade import Trade

_LAST = 1 << 63  # above every id


class Dated(Protocol):
    """What a book keeps: values with these two wire times."""

    @property
    def created(self) -> str: ...

    @property
    def modified(self) -> str: ...


T = TypeVar("T", bound=Dated)


class Book(Generic[T]):
    """Values by id, and their ids by creation and by modification; writing one replaces its older version."""

    def __init__(self, key: Callable[[T], int], values: Iterable[T] = ()) -> None:
        self._key = key
        self._values: dict[int, T] = {}
        self._orders: dict[str, list[tuple[str, int]]] = {"created": [], "modified": []}
        for value in values:
            self.put(value)

    def __iter__(self) -> Iterator[T]:
        return iter(self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def get(self, number: int) -> T | None:
        """Returns a value by its id; None when there is none."""
        return self._values.get(number)

    def put(self, value: T) -> T:
        """Keeps a value as the newest version of its id."""
        number, old = self._key(value), self._values.get(self._key(value))
        for order, rows in self._orders.items():
            now = (getattr(value, order), number)
            if old is not None and now[0] == getattr(old, order):
                continue
            if old is not None:
                del rows[bisect_left(rows, (getattr(old, order), number))]
            insort(rows, now)
        self._values[number] = value
        return value

    def newest(
        self, order: str, *, start: str = "", end: str = "", keep: Callable[[T], bool] | None = None
    ) -> "Slice[T]":
        """Returns what was created or modified between two wire times, both included, newest first."""
        rows = self._orders[order]
        low = bisect_left(rows, (start, 0)) if start else 0
        high = bisect_right(rows, (end, _LAST)) if end else len(rows)
        if keep is None:
            return Slice(self._values, rows, low, max(low, high))
        kept = [row for row in rows[low:high] if keep(self._values[row[1]])]
        return Slice(self._values, kept, 0, len(kept))


class Slice(Generic[T]):
    """A part of a book, newest first."""

    def __init__(self, values: dict[int, T], rows: list[tuple[str, int]], low: int, high: int) -> None:
        self._values, self._rows, self._low, self._high = values, rows, low, high

    def __len__(self) -> int:
        return self._high - self._low

    def page(self, number: int, size: int) -> list[T]:
        """Returns page `number`, from 1; empty beyond the last."""
        high = max(self._low, self._high - (number - 1) * size)
        rows = self._rows[max(self._low, high - size) : high]
        return [self._values[one] for _, one in reversed(rows)]


class Ledger:
    """One shop's trades and refunds."""

    def __init__(self, trades: Iterable[Trade] = (), refunds: Iterable[Refund] = ()) -> None:
        self.trades: Book[Trade] = Book(lambda one: one.tid, trades)
        self.refunds: Book[Refund] = Book(lambda one: one.refund_id, refunds)
        self._oids = {order.oid: trade.tid for trade in self.trades for order in trade.orders}

    def keep(self, trade: Trade) -> Trade:
        """Keeps a trade's newest version."""
        self._oids.update((order.oid, trade.tid) for order in trade.orders)
        return self.trades.put(trade)

    def by_oid(self, oid: int) -> Trade | None:
        """Returns the trade an order belongs to."""
        return self.trades.get(self._oids.get(oid, 0))
