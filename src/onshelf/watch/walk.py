"""A walk through a list of the platform: which page to ask for next, so that rows moving meanwhile are not lost. Pure.

Steps:
1. Page 1 tells how many rows a window of modified times holds.
2. A window of more rows than the platform pages through is split in two halves of its time.
3. Pages are then read from the last to the first: a row that leaves shifts the others towards pages not read yet.
4. When rows came in meanwhile (a larger total, or another first row) the window is read again, at most `PASSES` times.
"""

from dataclasses import dataclass, replace

from onshelf.clock import SECOND_US, from_us
from onshelf.platforms.port import Bucket, Page, Slice

PAGE_SIZE = 200  # the platform's most
PAGES = 100  # page_no * page_size ends at 20,000 (items.onsale.get) or 20,200 (items.inventory.get)
PASSES = 3
_GROWTH = 1.5  # parts that add up to so many times the whole are no parts: the list ignores windows
BEGINNING_US = 1_051_747_200 * SECOND_US  # May 2003: no item of the platform is older


@dataclass(frozen=True, slots=True)
class Window:
    """Modified times, both ends inclusive. `from_us` None: the whole list, asked for without a window."""

    from_us: int | None
    to_us: int


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands. Empty `windows`: it is over."""

    windows: tuple[Window, ...]  # still to read, the first one now
    page: int = 0  # next page of the first window; 0: its size is not known yet
    total: int = 0  # rows of the first window as its page before showed
    top: int | None = None  # the item page 1 began with; None: it was empty
    passes: int = 1  # of the first window
    counted: int = 0  # rows of the windows read so far
    most: int = 0  # rows of the list before it was split; 0: it was not
    whole: bool = True  # False: a window kept growing, was too full to be split, or the list knows no windows


def wanted(walk: Walk, bucket: Bucket) -> Slice | None:
    """Returns the page to ask for, or None when the walk is over."""
    if not walk.windows:
        return None
    window, page = walk.windows[0], max(1, walk.page)
    if window.from_us is None:
        return Slice(bucket, page, PAGE_SIZE)
    return Slice(bucket, page, PAGE_SIZE, from_us(window.from_us), from_us(window.to_us))


def after(walk: Walk, page: Page) -> Walk:
    """Moves on from a page that was read."""
    first = page.items[0].item_id if page.items else None
    if walk.page == 0:
        return _begun(walk, page.total, first)
    moved = page.total > walk.total or (walk.page == 1 and first != walk.top)
    if moved and walk.passes < PASSES:
        again = replace(walk, page=0, passes=walk.passes + 1)
        return _begun(again, page.total, first) if walk.page == 1 else again
    walk = replace(walk, whole=walk.whole and not moved)
    if walk.page > 1:
        return replace(walk, page=walk.page - 1, total=page.total)
    return _next_window(walk, page.total)


def _begun(walk: Walk, total: int, top: int | None) -> Walk:
    if walk.most and walk.counted + total > _GROWTH * walk.most:
        return replace(walk, windows=(), whole=False)
    if total <= PAGE_SIZE:
        return _next_window(walk, total)
    if total > PAGES * PAGE_SIZE:
        halves = _halves(walk.windows[0])
        if halves:
            return replace(walk, windows=(*halves, *walk.windows[1:]), most=walk.most or total)
        walk = replace(walk, whole=False)
    return replace(walk, page=_last_page(total), total=total, top=top)


def _next_window(walk: Walk, total: int) -> Walk:
    return Walk(walk.windows[1:], counted=walk.counted + total, most=walk.most, whole=walk.whole)


def _halves(window: Window) -> tuple[Window, Window] | None:
    """Splits a window between two whole seconds, as the platform's times have no finer grain; None: it is one second."""
    start = (BEGINNING_US if window.from_us is None else window.from_us) // SECOND_US
    end = window.to_us // SECOND_US
    if end <= start:
        return None
    middle = (start + end) // 2
    return (
        Window(start * SECOND_US, middle * SECOND_US),
        Window((middle + 1) * SECOND_US, end * SECOND_US),
    )


def _last_page(total: int) -> int:
    return max(1, min(PAGES, -(-total // PAGE_SIZE)))
