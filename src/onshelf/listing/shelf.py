"""Puts items people chose on the shelf, or takes them off: decides which may be, links those not published from here, enqueues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from msgspec.structs import replace

from onshelf.catalog.item import Item
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.store import items_by_code, known_items
from onshelf.clock import Clock
from onshelf.errors import Conflict
from onshelf.ids import JobId
from onshelf.jobs.queue import Queue
from onshelf.listing.intent import Doing, Intent, State
from onshelf.listing.start import act
from onshelf.listing.store import load_intents, save
from onshelf.store.db import Database

_BRINGS = {Doing.LIST: ItemState.ONSALE, Doing.DELIST: ItemState.INSTOCK}


class Refusal(StrEnum):
    """Why an item cannot be listed or delisted from here."""

    UNKNOWN = "unknown"  # no record of it
    DELETED = "deleted"
    ALREADY = "already"  # it stands there
    NO_CODE = "no_code"  # work is ordered by code, and it carries none
    SEVERAL = "several"  # other living items carry its code, and none of them is linked
    OTHER_ITEM = "other_item"  # its code belongs to another item, or a person said that it is not ours
    UNDECIDED = "undecided"  # a person must settle its product first


class Miscounted(Conflict):
    """Another number of items would be listed or delisted than whoever ordered it confirmed."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} items")
        self.count = count


@dataclass(frozen=True, slots=True)
class Ordered:
    """What came of an order for some items."""

    job_id: JobId | None = None  # None: none of them may be
    accepted: tuple[int, ...] = ()
    refused: Mapping[int, Refusal] = field(default_factory=dict)


def refusal(
    item: Item | None, intent: Intent | None, same_code: Sequence[Item], doing: Doing
) -> Refusal | None:
    """Decides whether an item may be listed or delisted. `same_code`: all records that carry its code, itself included."""
    if item is None:
        return Refusal.UNKNOWN
    if item.state is ItemState.DELETED:
        return Refusal.DELETED
    if item.state is _BRINGS[doing]:
        return Refusal.ALREADY
    if not item.outer_id:
        return Refusal.NO_CODE
    if intent is not None and intent.state is State.UNDECIDED:
        return Refusal.UNDECIDED
    if intent is not None and intent.item_id is not None:
        return None if intent.item_id == item.item_id else Refusal.OTHER_ITEM
    if intent is not None and intent.doubtful:
        return Refusal.UNDECIDED
    if intent is not None and item.item_id in (intent.prior_ids or ()):
        return Refusal.OTHER_ITEM
    living = [other for other in same_code if other.state is not ItemState.DELETED]
    return Refusal.SEVERAL if len(living) > 1 else None


def linked(shop_id: str, item: Item, intent: Intent | None) -> Intent:
    """Takes an item that stands there for the product of its code, as the first publish of that product would."""
    known = intent or Intent(shop_id, item.outer_id)
    prior_ids = tuple(sorted({*(known.prior_ids or ()), item.item_id}))
    return replace(
        known, item_id=item.item_id, prior_ids=prior_ids, state=State.PLANNED, doing=Doing.CHANGE, problem=""
    )


async def order(
    db: Database,
    queue: Queue,
    shop_id: str,
    item_ids: Sequence[int],
    doing: Doing,
    *,
    clock: Clock,
    random: Random,
    by: str = "",
    expect: int | None = None,
) -> Ordered:
    """Enqueues the listing or delisting of items by id, those that may be; wake the worker afterwards.

    `by`: who orders it, as the audit log names them. `expect`: how many it must be; None: however many.
    Raises Miscounted when it would be another number, Conflict when a product was worked on meanwhile.
    """
    items = await known_items(db, shop_id, list(dict.fromkeys(item_ids)))
    codes = sorted({item.outer_id for item in items.values() if item.outer_id})
    intents, same_code = await load_intents(db, shop_id, codes), await items_by_code(db, shop_id, codes)
    accepted: dict[str, Item] = {}
    refused: dict[int, Refusal] = {}
    for item_id in dict.fromkeys(item_ids):
        item = items.get(item_id)
        code = item.outer_id if item else ""
        why = refusal(item, intents.get(code), same_code.get(code, ()), doing)
        if item is None or why is not None:
            refused[item_id] = why or Refusal.UNKNOWN
        else:
            accepted[code] = item
    if expect is not None and len(accepted) != expect:
        raise Miscounted(len(accepted))
    if not accepted:
        return Ordered(refused=refused)
    new = [code for code in accepted if code not in intents or intents[code].item_id is None]
    links = [save(linked(shop_id, accepted[code], intents.get(code)), intents.get(code))[1] for code in new]
    if links:
        await db.commit(links)
    job_id = await act(db, queue, shop_id, list(accepted), doing, clock=clock, random=random, by=by)
    return Ordered(job_id, tuple(item.item_id for item in accepted.values()), refused)
