"""What publishing would do, before it does anything: the same plan as the publisher's, counted. No call is made."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from math import ceil

from onshelf.catalog.store import Stored, list_products
from onshelf.listing.content import content_of
from onshelf.listing.intent import Intent
from onshelf.listing.look import CODES_A_CALL, IDS_A_CALL
from onshelf.listing.pictures import hash_files
from onshelf.listing.plan import Action, Kind, plan
from onshelf.listing.store import PictureState, load_intents, load_pictures
from onshelf.platforms.forecast import Forecast, forecast
from onshelf.platforms.port import Free
from onshelf.store.db import Database

_PRODUCTS_A_PAGE = 500
TO_DO = frozenset({Kind.CREATE, Kind.CHANGE, Kind.LOOK})
_NO_CALLS = Forecast(0, 0.0, None, None)


@dataclass(frozen=True, slots=True)
class Planned:
    """One product and what would be done for it."""

    stored: Stored
    intent: Intent | None
    action: Action
    hashes: tuple[str, ...]  # of its pictures; those that cannot be read are left out
    unreadable: tuple[str, ...] = ()  # pictures that cannot be read: the line would fail


@dataclass(frozen=True, slots=True)
class Preview:
    """The counts. Calls are those of a run in which every write is answered."""

    create: int = 0
    change: int = 0
    skip: int = 0
    look: int = 0  # an earlier outcome is still unknown, or not read back yet
    undecided: int = 0  # wait for a person
    held: int = 0  # their newest row is faulty
    unreadable: int = 0  # have a picture that cannot be read
    pictures: int = 0  # to upload
    calls: dict[str, int] = field(default_factory=dict)  # by verb of the port
    forecast: Forecast = _NO_CALLS  # what all these calls come to

    @property
    def calls_total(self) -> int:
        return sum(self.calls.values())


async def preview(db: Database, shop_id: str, free: Free, now_us: int) -> Preview:
    """Counts what a publish of the whole shop would do now."""
    counts: Counter[str] = Counter()
    uploads: set[str] = set()
    async for one in planned(db, shop_id):
        counts[_counted_as(one)] += 1
        if one.action.kind is Kind.CREATE or "pictures" in one.action.fields:
            uploads |= set(one.hashes)
            counts["further"] += one.action.kind is Kind.CREATE and len(one.hashes) > 1
    pictures = len(uploads) - await _stored(db, shop_id, uploads)
    calls = _calls(counts, pictures)
    return Preview(
        **{name: counts[name] for name in _COUNTED},
        pictures=pictures,
        calls=calls,
        forecast=forecast(sum(calls.values()), free, now_us),
    )


async def planned(db: Database, shop_id: str, *, read_new: bool = True) -> AsyncIterator[Planned]:
    """Plans every product of the shop in the order of the codes; reads its picture files.

    `read_new`: also those of products never published, whose plan does not depend on them.
    """
    after = ""
    while page := await list_products(db, shop_id, after=after, limit=_PRODUCTS_A_PAGE):
        after = page[-1].product.outer_id
        intents = await load_intents(db, shop_id, [stored.product.outer_id for stored in page])
        read = [stored for stored in page if read_new or stored.product.outer_id in intents]
        sources = {source for stored in read for source in stored.product.pictures}
        hashes = await asyncio.to_thread(hash_files, sources) if sources else {}
        for stored in page:
            pictures = stored.product.pictures
            known = tuple(hashes[source] for source in pictures if source in hashes)
            intent = intents.get(stored.product.outer_id)
            action = plan(content_of(stored.product, known), intent)
            unreadable = tuple(source for source in pictures if source not in hashes)
            yield Planned(stored, intent, action, known, unreadable)


def _counted_as(one: Planned) -> str:
    if one.stored.held:
        return "held"
    if one.unreadable:
        return "unreadable"
    return "undecided" if one.action.kind is Kind.QUESTION else one.action.kind.value


_COUNTED = ("create", "change", "skip", "look", "undecided", "held", "unreadable")


def _calls(counts: Counter[str], pictures: int) -> dict[str, int]:
    """Counts the calls by verb: one write for each line, reads shared."""
    changed = counts["change"] + counts["further"]
    calls = {
        "upload": pictures,
        "find_by_codes": ceil(counts["create"] / CODES_A_CALL),
        "create": counts["create"],
        "update": changed,
        "get_items": ceil((counts["create"] + 2 * changed + counts["look"]) / IDS_A_CALL),
    }
    return {verb: number for verb, number in calls.items() if number}


async def _stored(db: Database, shop_id: str, hashes: set[str]) -> int:
    known = await load_pictures(db, shop_id, hashes)
    return sum(picture.state is PictureState.STORED for picture in known.values())
