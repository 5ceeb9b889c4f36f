"""The sorted rows of one list: those kept one by one, and merged with them those the seed makes. Pages cost O(page). Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from onshelf.sandbox.seeded import Seeded

Row = tuple[str, int]  # time as the platform writes it, num_iid
LAST = 1 << 63  # above every id


class Rows(Protocol):
    """What a list is read by; oldest first."""

    def __len__(self) -> int: ...

    def window(self, start: str, end: str) -> tuple[int, int]:
        """Returns from and to which place rows lie between two times, both included; "" is open."""
        ...

    def part(self, low: int, high: int) -> Sequence[Row]:
        """Returns the rows between two places."""
        ...


class KeptRows:
    """Rows of a sorted list."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def window(self, start: str, end: str) -> tuple[int, int]:
        low = bisect_left(self._rows, (start, 0)) if start else 0
        high = bisect_right(self._rows, (end, LAST)) if end else len(self._rows)
        return low, max(low, high)

    def part(self, low: int, high: int) -> Sequence[Row]:
        return self._rows[low:high]


class SeededRows:
    """What is left of a seeded list when the items in `gone` (their numbers, sorted) were touched and are kept elsewhere."""

    def __init__(self, seeded: Seeded, bucket: str, gone: list[int]) -> None:
        self._seeded, self._bucket, self._gone = seeded, bucket, gone

    def __len__(self) -> int:
        return self._seeded.size(self._bucket) - len(self._gone)

    def __getitem__(self, place: int) -> Row:
        def before(index: int) -> int:
            """How many rows are left before the gone one at this index."""
            return self._seeded.rank(self._bucket, self._gone[index]) - index

        skipped = bisect_right(range(len(self._gone)), place, key=before)
        number = self._seeded.select(self._bucket, place + skipped)
        return self._seeded.stamp(number), self._seeded.spec.first_id + number

    def place_of(self, number: int) -> int:
        """Returns how many rows are left before an item's number."""
        return self._seeded.rank(self._bucket, number) - bisect_left(self._gone, number)


class MergedRows:
    """Kept rows and seeded ones as one list."""

    def __init__(self, kept: list[Row], seeded: Seeded, bucket: str, gone: list[int]) -> None:
        self._kept, self._seeded = kept, seeded
        self._rest = SeededRows(seeded, bucket, gone)

    def __len__(self) -> int:
        return len(self._kept) + len(self._rest)

    def window(self, start: str, end: str) -> tuple[int, int]:
        low, high = KeptRows(self._kept).window(start, end)
        low += self._rest.place_of(self._seeded.first_from(start)) if start else 0
        high += self._rest.place_of(self._seeded.first_after(end)) if end else len(self._rest)
        return low, max(low, high)

    def part(self, low: int, high: int) -> Sequence[Row]:
        kept_at = self._kept_before(low)
        rest_at, rows = low - kept_at, []
        for _ in range(min(high, len(self)) - low):
            rest = self._rest[rest_at] if rest_at < len(self._rest) else None
            if rest is None or (kept_at < len(self._kept) and self._kept[kept_at] < rest):
                rows.append(self._kept[kept_at])
                kept_at += 1
            else:
                rows.append(rest)
                rest_at += 1
        return rows

    def _kept_before(self, place: int) -> int:
        """Returns how many of the first `place` rows are kept ones."""
        low, high = max(0, place - len(self._rest)), min(place, len(self._kept))
        while low < high:
            middle = (low + high) // 2
            if self._kept[middle] < self._rest[place - middle - 1]:
                low = middle + 1
            else:
                high = middle
        return low
