"""What publishing would do, before it does anything: the same plan as the publisher's, counted. No call is made."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from math import ceil

from onshelf.catalog.store import Stored, get_products, list_products
from onshelf.jobs.lists import open_keys
from onshelf.listing.content import content_of
from onshelf.listing.intent import Intent
from onshelf.listing.look import CODES_A_CALL, IDS_A_CALL
from onshelf.listing.pictures import hash_files
from onshelf.listing.plan import Action, Kind, plan
from onshelf.listing.store import PictureState, deleted_items, load_intents, load_pictures
from onshelf.listing.work import PUBLISH
from onshelf.platforms.forecast import Forecast, forecast
from onshelf.platforms.port import Free
from onshelf.store.db import Database

_PRODUCTS_A_PAGE = 500
TO_DO = frozenset({Kind.CREATE, Kind.CHANGE, Kind.LOOK})
SAMPLES = 5
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
class Sample:
    """One product of a count, and why it is among them."""

    outer_id: str
    title: str
    why: str  # text key
    fields: tuple[str, ...] = ()  # of a change; the names are those of `Draft`


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
    later: int = 0  # have something to do, but not in this canary
    under_way: int = 0  # of those to be done: an unfinished job has them already
    unknown: tuple[str, ...] = ()  # codes asked for that the shop has not
    pictures: int = 0  # to upload
    calls: dict[str, int] = field(default_factory=dict)  # by verb of the port
    forecast: Forecast = _NO_CALLS  # what all these calls come to
    per_day: int | None = None  # calls a day; None: no daily limit
    samples: dict[str, tuple[Sample, ...]] = field(default_factory=dict)  # the first few of each count

    @property
    def to_do(self) -> int:
        """Returns how many products a publish would do something for."""
        return self.create + self.change + self.look

    @property
    def calls_total(self) -> int:
        return sum(self.calls.values())


async def preview(
    db: Database,
    shop_id: str,
    free: Free,
    now_us: int,
    *,
    only: Collection[str] | None = None,
    at_most: int | None = None,
) -> Preview:
    """Counts what a publish would do now: of the whole shop, or of `only` and `at_most` as `start` takes them."""
    under_way = await open_keys(db, PUBLISH, shop_id)
    tally = _Tally(at_most)
    async for one in planned(db, shop_id, only=only):
        tally.add(one, taken=one.stored.product.outer_id in under_way)
    counts = tally.counts
    pictures = len(tally.uploads) - await _stored(db, shop_id, tally.uploads)
    calls = _calls(counts, pictures)
    return Preview(
        **{name: counts[name] for name in _COUNTED},
        unknown=tuple(code for code in dict.fromkeys(only or ()) if code not in tally.seen),
        pictures=pictures,
        calls=calls,
        forecast=forecast(sum(calls.values()), free, now_us),
        per_day=free.per_day,
        samples={name: tuple(found) for name, found in tally.samples.items()},
    )


class _Tally:
    """Counts plans one by one, and keeps the first few of each count."""

    def __init__(self, at_most: int | None) -> None:
        self.counts: Counter[str] = Counter()
        self.uploads: set[str] = set()
        self.samples: dict[str, list[Sample]] = {}
        self.seen: set[str] = set()
        self._room = at_most

    def add(self, one: Planned, *, taken: bool) -> None:
        """Counts a product; `taken`: an unfinished job has it, so it takes no room in the canary."""
        name = _counted_as(one)
        self.seen.add(one.stored.product.outer_id)
        if one.action.kind in TO_DO and not one.stored.held:
            self.counts["under_way"] += taken
            if not taken and self._room is not None:
                if self._room == 0:
                    self.counts["later"] += 1
                    return
                self._room -= 1
        self.counts[name] += 1
        if len(found := self.samples.setdefault(name, [])) < SAMPLES:
            found.append(_sample(one, name))
        if one.action.kind is Kind.CREATE or "pictures" in one.action.fields:
            self.uploads |= set(one.hashes)
            self.counts["further"] += one.action.kind is Kind.CREATE and len(one.hashes) > 1


def _sample(one: Planned, name: str) -> Sample:
    product, action = one.stored.product, one.action
    why = {"held": "listing.held", "unreadable": "listing.picture_unreadable"}.get(name)
    return Sample(
        product.outer_id, product.title, why or f"listing.plan.{action.reason}", tuple(sorted(action.fields))
    )


async def planned(
    db: Database, shop_id: str, *, read_new: bool = True, only: Collection[str] | None = None
) -> AsyncIterator[Planned]:
    """Plans every product of the shop, or of `only`, in the order of the codes; reads its picture files.

    `read_new`: also those of products never published, whose plan does not depend on them.
    """
    async for page in _pages(db, shop_id, only):
        intents = await load_intents(db, shop_id, [stored.product.outer_id for stored in page])
        deleted = await deleted_items(db, shop_id, intents.values())
        read = [stored for stored in page if read_new or stored.product.outer_id in intents]
        sources = {source for stored in read for source in stored.product.pictures}
        hashes = await asyncio.to_thread(hash_files, sources) if sources else {}
        for stored in page:
            pictures = stored.product.pictures
            known = tuple(hashes[source] for source in pictures if source in hashes)
            intent = intents.get(stored.product.outer_id)
            action = plan(content_of(stored.product, known), intent, deleted)
            unreadable = tuple(source for source in pictures if source not in hashes)
            yield Planned(stored, intent, action, known, unreadable)


async def _pages(db: Database, shop_id: str, only: Collection[str] | None) -> AsyncIterator[list[Stored]]:
    if only is not None:
        codes = sorted(set(only))
        for start in range(0, len(codes), _PRODUCTS_A_PAGE):
            found = await get_products(db, shop_id, codes[start : start + _PRODUCTS_A_PAGE])
            yield sorted(found.values(), key=lambda stored: stored.product.outer_id)
        return
    after = ""
    while page := await list_products(db, shop_id, after=after, limit=_PRODUCTS_A_PAGE):
        after = page[-1].product.outer_id
        yield page


def _counted_as(one: Planned) -> str:
    if one.stored.held:
        return "held"
    if one.unreadable:
        return "unreadable"
    return "undecided" if one.action.kind is Kind.QUESTION else one.action.kind.value


_COUNTED = (
    "create", "change", "skip", "look", "undecided", "held", "unreadable", "later", "under_way",
)  # fmt: skip


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
