"""The trades and refunds of one shop, in the orders lists are read by: a page costs O(page)."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.trade import Trade

_LAST = 1 << 63  # above every id


class Dated(Protocol):
    """What a book keeps: values with a state and these two wire times."""

    @property
    def created(self) -> str: ...

    @property
    def modified(self) -> str: ...

    @property
    def status(self) -> str: ...


T = TypeVar("T", bound=Dated)


Rows = list[tuple[str, int]]  # time and id, oldest first


class Book(Generic[T]):
    """Values by id, and their ids by creation and by modification, all and those of each state.

    Writing a value replaces its older version.
    """

    def __init__(self, key: Callable[[T], int], values: Iterable[T] = ()) -> None:
        self._key = key
        self._values: dict[int, T] = {}
        self._orders: dict[tuple[str, str], Rows] = {}  # by which time, of which state; "" all
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
        number = self._key(value)
        old = self._values.get(number)
        before = _places(old) if old is not None else {}
        after = _places(value)
        for order in before.keys() | after.keys():
            was, now = before.get(order), after.get(order)
            if was != now:
                rows = self._orders.setdefault(order, [])
                if was is not None:
                    del rows[bisect_left(rows, (was, number))]
                if now is not None:
                    insort(rows, (now, number))
        self._values[number] = value
        return value

    def newest(
        self,
        order: str,
        *,
        status: str = "",
        start: str = "",
        end: str = "",
        keep: Callable[[T], bool] | None = None,
    ) -> "Slice[T]":
        """Returns what was created or modified between two wire times, both included, newest first; `status` "" is any."""
        rows = self._orders.get((order, status), [])
        low = bisect_left(rows, (start, 0)) if start else 0
        high = bisect_right(rows, (end, _LAST)) if end else len(rows)
        if keep is None:
            return Slice(self._values, rows, low, max(low, high))
        kept = [row for row in rows[low:high] if keep(self._values[row[1]])]
        return Slice(self._values, kept, 0, len(kept))


def _places(value: Dated) -> dict[tuple[str, str], str]:
    """Returns the orders a value stands in, and the time that gives its place."""
    status = value.status
    return {
        (order, of): moment
        for order, moment in (("created", value.created), ("modified", value.modified))
        for of in ("", status)
    }


class Slice(Generic[T]):
    """A part of a book, newest first."""

    def __init__(self, values: dict[int, T], rows: Rows, low: int, high: int) -> None:
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
