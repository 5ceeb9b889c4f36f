"""In which calls a long list is read whole: ids in batches, time in windows, pages in the order that loses nothing. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from onshelf.platforms.top.request import Listing, Walk

L = TypeVar("L", bound=Listing[Any, Any])

SHORTEST = timedelta(seconds=1)
"""Windows are not halved below the platform's own unit of time."""


def parts(request: L) -> Iterator[L]:
    """Cuts a request into ones the platform answers: batches of ids, windows of time, in their order."""
    for batch in _batches(request):
        yield from _windows(batch)


def page(request: L, number: int) -> L:
    """Returns a request for one page, of the largest size unless the caller chose one, with all rows counted."""
    walk = request.WALK
    changes: dict[str, Any] = {walk.page: number, walk.size: page_size(request)}
    if hasattr(request, "use_has_next"):
        changes["use_has_next"] = None
    return msgspec.structs.replace(request, **changes)


def page_size(request: Listing[Any, Any]) -> int:
    """Returns how many rows of a page a request asks for."""
    chosen: int | None = getattr(request, request.WALK.size)
    return chosen or request.WALK.most_rows or _UNKNOWN_SIZE


_UNKNOWN_SIZE = 40  # what the platform takes where nobody says


def later_pages(walk: Walk, total: int, size: int) -> Sequence[int]:
    """Returns the pages to read after the first one told the total.

    Where rows that come in push the others towards the later pages, the last page comes first and the first one is read
    again at the end: rows then may come twice, and none is missed.
    """
    last = -(-total // size)
    if last <= 1:
        return ()
    return range(last, 0, -1) if walk.last_first else range(2, last + 1)


def fits(walk: Walk, total: int, size: int) -> bool:
    """Tells whether the platform shows all rows of a list on its pages."""
    return not walk.most_pages or total <= walk.most_pages * size


def halves(request: L) -> tuple[L, L] | None:
    """Cuts a window in two; None when it has none, or is too short to be cut."""
    walk = request.WALK
    bounds = _bounds(request)
    if bounds is None or bounds[1] - bounds[0] <= SHORTEST:
        return None
    middle = bounds[0] + ((bounds[1] - bounds[0]) / 2 // SHORTEST) * SHORTEST
    earlier = msgspec.structs.replace(request, **{walk.end: middle})
    return earlier, msgspec.structs.replace(request, **{walk.start: middle})


def _batches(request: L) -> Iterator[L]:
    walk = request.WALK
    if not walk.ids:
        yield request
        return
    given = getattr(request, walk.ids)
    ids = given.split(",") if isinstance(given, str) else list(given)
    for start in range(0, len(ids), walk.most_ids):
        yield msgspec.structs.replace(request, **{walk.ids: ids[start : start + walk.most_ids]})


def _windows(request: L) -> Iterator[L]:
    walk, bounds = request.WALK, _bounds(request)
    if bounds is None or not walk.longest_s:
        yield request
        return
    start, end = bounds
    while start < end:
        stop = min(start + timedelta(seconds=walk.longest_s), end)
        yield msgspec.structs.replace(request, **{walk.start: start, walk.end: stop})
        start = stop


def _bounds(request: Listing[Any, Any]) -> tuple[datetime, datetime] | None:
    walk = request.WALK
    if not walk.start:
        return None
    start, end = getattr(request, walk.start), getattr(request, walk.end)
    return (start, end) if start and end else None
