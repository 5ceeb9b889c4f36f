"""In which calls a long list is read whole: ids in batches, time in windows, pages in the order that loses nothing. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from onshelf.platforms.top.request import Listing, Walk

L = TypeVar("L", bound=Listing[Any, Any])

SHORTEST = timedelta(seconds=1)
"""Windows are not halved below the platform's own unit of time."""


def parts(request: L, now: datetime) -> Iterator[L]:
    """Cuts a request into ones the platform answers: batches of ids, windows of time, in their order.

    `now`: the platform's. A list that is read from its last page has its window end there at the latest: what is changed while
    we read then leaves the window for the next one, and nothing new comes in.
    """
    for batch in _batches(request):
        yield from _windows(_until(batch, now))


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


def _until(request: L, now: datetime) -> L:
    walk, bounds = request.WALK, _bounds(request)
    if bounds is None or not walk.last_first or not bounds[0] < now < bounds[1]:
        return request
    return msgspec.structs.replace(request, **{walk.end: now})


def _windows(request: L) -> Iterator[L]:
    """Cuts a window into ones of the longest length; one that is empty or reversed is left to the platform to refuse."""
    walk, bounds = request.WALK, _bounds(request)
    longest = timedelta(seconds=walk.longest_s)
    if bounds is None or not longest or bounds[1] - bounds[0] <= longest:
        yield request
        return
    start, end = bounds
    while start < end:
        stop = min(start + longest, end)
        yield msgspec.structs.replace(request, **{walk.start: start, walk.end: stop})
        start = stop


def _bounds(request: Listing[Any, Any]) -> tuple[datetime, datetime] | None:
    """Returns the window asked for; raises ValueError for a time without a time zone."""
    walk = request.WALK
    if not walk.start:
        return None
    start, end = getattr(request, walk.start), getattr(request, walk.end)
    return (start, end) if start and end else None
