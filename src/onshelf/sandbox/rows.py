"""The sorted rows of one list: those kept one by one, and merged with them those the seed makes. Pages cost O(page). Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Protocol

from onshelf.sandbox.seeded import Run, Seeded

Row = tuple[Any, int]  # what the list is ordered by, num_iid
LAST = 1 << 63  # above every id


class Rows(Protocol):
    """What a list is read by; lowest first."""

    def __len__(self) -> int: ...

    def part(self, low: int, high: int) -> Sequence[Row]:
        """Returns the rows between two places, as far as there are any."""
        ...


class KeptRows:
    """The rows of a sorted list from one place to another."""

    def __init__(self, rows: list[Row], low: int, high: int) -> None:
        self._rows, self._low, self._high = rows, low, high

    def __len__(self) -> int:
        return self._high - self._low

    def part(self, low: int, high: int) -> Sequence[Row]:
        return self._rows[self._low + low : min(self._low + high, self._high)]


class _Left:
    """What is left of a run between two numbers when those in `gone` (sorted) were touched and are kept elsewhere."""

    def __init__(self, run: Run, window: tuple[int, int], gone: list[int]) -> None:
        self._run, self._gone = run, gone
        self._first = run.rank(window[0])
        self.size = run.rank(window[1]) - self._first - len(gone)

    def number(self, place: int) -> int:
        """Returns the number of the item at a place."""

        def before(index: int) -> int:
            """How many are left before the gone one at this index."""
            return self._run.rank(self._gone[index]) - self._first - index

        skipped = bisect_right(range(len(self._gone)), place, key=before)
        return self._run.select(self._first + place + skipped)


class SeededRows:
    """The rows of a seeded list, its runs one after another."""

    def __init__(
        self,
        seeded: Seeded,
        order: str,
        runs: Mapping[Any, Run],
        window: tuple[int, int],
        gone: Mapping[Any, list[int]],  # of each run: numbers in the window that were touched, sorted
    ) -> None:
        self._seeded, self._order = seeded, order
        self._left = [_Left(run, window, gone.get(value, [])) for value, run in runs.items()]
        self._ends = list(accumulate(one.size for one in self._left))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, place: int) -> Row:
        at = bisect_right(self._ends, place)
        number = self._left[at].number(place - (self._ends[at - 1] if at else 0))
        return self._seeded.value(self._order, number), self._seeded.spec.first_id + number


class MergedRows:
    """Kept rows and seeded ones as one list."""

    def __init__(self, kept: KeptRows, rest: SeededRows) -> None:
        self._kept, self._rest = kept, rest

    def __len__(self) -> int:
        return len(self._kept) + len(self._rest)

    def part(self, low: int, high: int) -> Sequence[Row]:
        kept_at = self._kept_before(low)
        rest_at, rows = low - kept_at, []
        kept = self._kept.part(kept_at, kept_at + high - low)
        at = 0
        for _ in range(min(high, len(self)) - low):
            rest = self._rest[rest_at] if rest_at < len(self._rest) else None
            if rest is None or (at < len(kept) and kept[at] < rest):
                rows.append(kept[at])
                at += 1
            else:
                rows.append(rest)
                rest_at += 1
        return rows

    def _kept_before(self, place: int) -> int:
        """Returns how many of the first `place` rows are kept ones."""
        low, high = max(0, place - len(self._rest)), min(place, len(self._kept))
        while low < high:
            middle = (low + high) // 2
            if self._kept.part(middle, middle + 1)[0] < self._rest[place - middle - 1]:
                low = middle + 1
            else:
                high = middle
        return low
