"""Which page of a counted list to read next while rows come and go under the reader. Pure.

A page is read by its place, so a row that leaves pulls all later ones towards the earlier pages, and one that comes in at the
front pushes them back. The totals that pages tell betray it: what may have moved out of the unread pages is read again. They
betray nothing where as many come in as leave between two calls.
"""

Span = tuple[int, int]  # places in the list, from 0; the second is not in it
CALLS_A_PAGE = 5
SPARE_CALLS = 10


class Unread:
    """The places of one list that were not read yet."""

    def __init__(self, total: int, size: int, *, last_first: bool) -> None:
        self._total, self._size, self._last_first = total, size, last_first
        self._spans: list[Span] = [(0, total)] if total else []
        self._calls_left = CALLS_A_PAGE * -(-total // size) + SPARE_CALLS

    @property
    def is_restless(self) -> bool:
        """Tells whether the list changes faster than it can be read, in more calls than any honest list needs."""
        return self._calls_left <= 0

    def next_page(self) -> int | None:
        """Returns the page to read next, from 1; None when all were read."""
        if not self._spans:
            return None
        place = self._spans[-1][1] - 1 if self._last_first else self._spans[0][0]
        return place // self._size + 1

    def heard(self, page: int, total: int) -> None:
        """Takes in that a page was read, and how many rows the list had then."""
        came, went = max(0, total - self._total), max(0, self._total - total)
        low, high = (page - 1) * self._size, page * self._size
        self._spans = [
            piece
            for start, end in self._spans
            for piece in _without((max(0, start - went), min(end + came, total)), low, high)
        ]
        self._total, self._calls_left = total, self._calls_left - 1


def _without(span: Span, low: int, high: int) -> list[Span]:
    """Returns what a page leaves of a span."""
    start, end = span
    return [piece for piece in ((start, min(end, low)), (max(start, high), end)) if piece[0] < piece[1]]
