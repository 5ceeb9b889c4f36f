"""Looks for what an unanswered create may have made: by code and through every list, with the calls shared by all who wait.

The lists only nominate, and so do our own records, which watch keeps of pushed and polled changes; an id read tells code,
title, shelf and time of creation (design, seam 8). The warehouse lists also tell whether an item was ever on the shelf.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from onshelf.clock import Clock, from_us, to_us
from onshelf.ids import ItemId
from onshelf.listing.decide import Timing
from onshelf.listing.intent import Intent, Look, Sighting
from onshelf.platforms.port import Bucket, Items, SeenItem, Shelf, Slice
from onshelf.store.sql import portions

CODES_A_CALL = 40
"""Source: taobao.items.custom.get, `outer_id`."""
IDS_A_CALL = 20
"""Source: taobao.items.seller.list.get, `num_iids`."""
_PAGE = 200
_LAST_PAGE = 101
"""Source: taobao.items.inventory.get, `page_no`: later pages are refused."""

_WALKS = 3

OwnCodes = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Which of these codes belong to products of ours."""


@dataclass(slots=True)
class _Found:
    """What code look-ups and lists named, before the id reads."""

    by_code: dict[str, set[ItemId]] = field(default_factory=dict)  # code → ids
    by_title: dict[str, set[ItemId]] = field(default_factory=dict)
    strange: list[SeenItem] = field(default_factory=list)  # rows with a title of ours and another code
    bucket: dict[ItemId, Bucket] = field(default_factory=dict)  # warehouse list that shows the item
    complete: bool = True


async def look_for(
    items: Items,
    intents: Sequence[Intent],
    *,
    clock: Clock,
    timing: Timing,
    own_codes: OwnCodes,
    known: Mapping[str, Iterable[ItemId]],
) -> dict[str, Look]:
    """Makes one look for each intent, by its code. Raises PlatformError when a call fails: then nothing was learnt.

    `known`: code -> items that our records say carry it; they may be wrong, old or deleted.
    """
    at_us = clock.now_us()
    found = _Found()
    codes = [intent.outer_id for intent in intents]
    for item in await find_by_codes(items, codes):
        found.by_code.setdefault(item.outer_id or "", set()).add(item.item_id)
    for code, ids in known.items():
        found.by_code.setdefault(code, set()).update(ids)
    since_us = min(intent.first_sent_us for intent in intents) - timing.skew_us
    titles = {intent.sent.get("title", "") for intent in intents}
    for bucket in Bucket:
        await _walk(items, bucket, since_us, set(codes), titles, found)
    await _keep_namesakes(found, own_codes)
    named = {intent.outer_id: _named_by(intent, found) for intent in intents}
    seen = await read_items(items, set().union(*named.values()))
    return {
        code: Look(at_us, found.complete, tuple(_sighting(seen[i], found) for i in sorted(ids) if i in seen))
        for code, ids in named.items()
    }


async def find_by_codes(items: Items, codes: Sequence[str]) -> list[SeenItem]:
    """Finds every item that carries any of the codes, 40 codes a call."""
    found: list[SeenItem] = []
    for portion in portions(list(codes), CODES_A_CALL):
        found += [item for item in await items.find_by_codes(portion) if item.outer_id in portion]
    return found


async def read_items(items: Items, item_ids: Collection[ItemId]) -> dict[ItemId, SeenItem]:
    """Reads items whole, 20 a call; those the platform does not know are absent from the answer."""
    seen: dict[ItemId, SeenItem] = {}
    for portion in portions(sorted(item_ids), IDS_A_CALL):
        seen.update((item.item_id, item) for item in await items.get_items(portion))
    return seen


async def _walk(
    items: Items, bucket: Bucket, since_us: int, codes: set[str], titles: set[str], found: _Found
) -> None:
    """Pages through a list as far back as `since_us`, again from its front when rows left it meanwhile.

    Such rows pull later ones onto pages read before. A list that never holds still makes the look incomplete.
    """
    for _ in range(_WALKS):
        if await _walk_once(items, bucket, since_us, codes, titles, found):
            return
    found.complete = False


async def _walk_once(
    items: Items, bucket: Bucket, since_us: int, codes: set[str], titles: set[str], found: _Found
) -> bool:
    """Returns whether the list was seen whole; that of the shelf is the newest first and knows no time window."""
    since, total = None if bucket is Bucket.ONSALE else from_us(since_us), 0
    for page_number in range(1, _LAST_PAGE + 1):
        page = await items.get_slice(Slice(bucket, page_number, _PAGE, modified_from=since))
        if page.total < total:
            return False
        total = page.total
        for row in page.items:
            _note(row, bucket, codes, titles, found)
        if page_number * _PAGE >= page.total or not page.items or _is_older(page.items[-1], since_us):
            return True
    return False


def _note(row: SeenItem, bucket: Bucket, codes: set[str], titles: set[str], found: _Found) -> None:
    if bucket is not Bucket.ONSALE:
        found.bucket[row.item_id] = bucket
    if row.outer_id in codes:
        found.by_code.setdefault(row.outer_id, set()).add(row.item_id)
    elif row.title in titles:
        found.strange.append(row)


def _is_older(row: SeenItem, since_us: int) -> bool:
    times = [to_us(moment) for moment in (row.list_time, row.modified) if moment is not None]
    return bool(times) and max(times) < since_us


async def _keep_namesakes(found: _Found, own_codes: OwnCodes) -> None:
    """Drops rows that share a title with us because they are other products of ours."""
    ours = await own_codes([row.outer_id for row in found.strange if row.outer_id])
    for row in found.strange:
        if row.outer_id not in ours and row.title is not None:
            found.by_title.setdefault(row.title, set()).add(row.item_id)


def _named_by(intent: Intent, found: _Found) -> set[ItemId]:
    own = {ItemId(item_id) for item_id in (intent.item_id, *intent.surplus) if item_id is not None}
    named = found.by_code.get(intent.outer_id, set()) | found.by_title.get(
        intent.sent.get("title", ""), set()
    )
    return named | own


def _sighting(item: SeenItem, found: _Found) -> Sighting:
    on_shelf = item.shelf is Shelf.ONSALE
    bucket = found.bucket.get(item.item_id)
    never = False if on_shelf else None if bucket is None else bucket is Bucket.NEVER_LISTED
    return Sighting(
        item_id=item.item_id,
        outer_id=item.outer_id or "",
        title=item.title or "",
        on_shelf=on_shelf,
        never_listed=never,
        created_us=None if item.created is None else to_us(item.created),
        asked_us=item.asked_us,
    )
