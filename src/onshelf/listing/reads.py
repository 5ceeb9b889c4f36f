"""The reads a batch shares before its writes: what carries the codes already, what unanswered creates made, what stands now."""

from collections.abc import Sequence

from msgspec.structs import replace

from onshelf.catalog.item import State as ItemState
from onshelf.catalog.store import get_products, items_by_code
from onshelf.clock import Clock
from onshelf.ids import ItemId
from onshelf.listing.content import shown_by
from onshelf.listing.decide import (
    Adopt,
    ListIt,
    LookAgain,
    RepeatInWarehouse,
    Timing,
    Undecided,
    Verdict,
    judge,
)
from onshelf.listing.intent import GONE, Doing, Intent, Look, State
from onshelf.listing.look import find_by_codes, look_for, read_items
from onshelf.listing.plan import Action, Kind, edited_fields, still_needed
from onshelf.listing.settle import Settlement
from onshelf.listing.store import load_intents
from onshelf.listing.work import Work, planned
from onshelf.platforms.port import Items, SeenItem, Shelf
from onshelf.store.db import Database

_BRINGS = {Doing.LIST: Shelf.ONSALE, Doing.DELIST: Shelf.INSTOCK}
_VERIFY = Action(Kind.LOOK, "unverified")


class SharedReads:
    """The reads of one batch. Each settles a line, or leaves it with its next action."""

    def __init__(
        self,
        db: Database,
        items: Items,
        clock: Clock,
        *,
        timing: Timing,
        settlement: Settlement,
        shop_id: str,
    ) -> None:
        self._db = db
        self._items = items
        self._clock = clock
        self._timing = timing
        self._settlement = settlement
        self._shop_id = shop_id

    async def ask_prior(self, works: Sequence[Work]) -> None:
        """Asks which items carry each code already: one is linked, several are a question.

        The answer becomes durable with the mark of the first write; a worker that dies before it leaves nothing behind.
        """
        found: dict[str, set[int]] = {}
        by_code = await find_by_codes(self._items, [work.line.key for work in works])
        for item in [*by_code, *await self._read_deleted(works)]:
            found.setdefault(item.outer_id or "", set()).add(item.item_id)
        for work in works:
            self._take_prior(work, tuple(sorted(found.get(work.line.key, ()))))

    async def _read_deleted(self, works: Sequence[Work]) -> list[SeenItem]:
        """Reads the items that carried the codes and that our record holds as deleted: it may be wrong, and a look-up late."""
        known = [work.line.key for work in works if work.stored is not None]
        records = await items_by_code(self._db, self._shop_id, known) if known else {}
        ids = {
            ItemId(one.item_id) for ones in records.values() for one in ones if one.state is ItemState.DELETED
        }
        return list((await read_items(self._items, ids)).values())

    def _take_prior(self, work: Work, found: tuple[int, ...]) -> None:
        intent = work.intent or Intent(self._shop_id, work.line.key)
        foreign = set(intent.prior_ids or ())  # a person said of these that they are not ours
        prior_ids = tuple(sorted(foreign.union(found)))
        new = [item_id for item_id in found if item_id not in foreign]
        work.intent = replace(intent, prior_ids=prior_ids, job_id=work.line.job_id, problem="")
        if len(new) > 1:
            self._settlement.undecided(work, Undecided("listing.undecided.several_prior", tuple(new)))
            return
        if new:
            work.deleted -= {new[0]}
            work.intent = replace(work.intent, item_id=new[0], state=State.PLANNED, doing=Doing.CHANGE)
            work.action = planned(work)

    async def look(self, works: Sequence[Work]) -> None:
        """Looks once for all that are in doubt, and acts on each verdict."""
        intents = [work.record for work in works]
        records = await items_by_code(self._db, self._shop_id, [intent.outer_id for intent in intents])
        looks = await look_for(
            self._items,
            intents,
            clock=self._clock,
            timing=self._timing,
            own_codes=self._own_codes,
            known={code: [ItemId(one.item_id) for one in ones] for code, ones in records.items()},
        )
        for work in works:
            work.look = looks[work.line.key]
            if work.record.doubtful:
                self._take_look(work, work.look)

    async def _own_codes(self, codes: Sequence[str]) -> set[str]:
        products = await get_products(self._db, self._shop_id, codes)
        return set(products) | set(await load_intents(self._db, self._shop_id, codes))

    def _take_look(self, work: Work, look: Look) -> None:
        verdict: Verdict = judge(work.record, look, self._timing)
        intent = work.intent = replace(work.record, looks=(*work.record.looks, look))
        work.deleted -= {item.item_id for item in look.seen}
        match verdict:
            case LookAgain(at_us):
                self._settlement.wait(work, at_us, "listing.looked", looks=len(intent.looks))
                return
            case Undecided():
                self._settlement.undecided(work, verdict)
                return
            case Adopt(item_id, surplus):
                work.told["adopted"] = True
                work.intent = replace(intent, state=State.ADOPTED, item_id=item_id, surplus=surplus)
            case ListIt(item_id, surplus):
                work.intent = replace(
                    intent, state=State.PLANNED, doing=Doing.LIST, item_id=item_id, surplus=surplus
                )
            case RepeatInWarehouse():
                # Stored as unanswered: should we die before the send, the next worker looks once more.
                work.told["repeated"] = True
        repeats = isinstance(verdict, RepeatInWarehouse) and work.doing is None
        work.action = Action(Kind.REPEAT, "absent") if repeats else planned(work)
        if isinstance(verdict, RepeatInWarehouse) and not repeats:
            self._settlement.fail(work, "listing.plan.no_item")
        else:
            self._settlement.keep(work)

    async def read_before(self, works: Sequence[Work]) -> None:
        """Reads what stands before we change it: the before-image, and whether anything is left to do."""
        seen = await read_items(self._items, [ItemId(work.record.item_id or 0) for work in works])
        for work in works:
            work.shown = seen.get(ItemId(work.record.item_id or 0))
            if work.shown is not None:
                self._compare(work, work.shown)
            elif work.doing is Doing.DELETE:
                work.intent = replace(work.record, doing=Doing.DELETE, state=State.PUBLISHED)
                work.action = _VERIFY
            else:
                self._settlement.ask(work, GONE, item_id=work.record.item_id)

    def _compare(self, work: Work, seen: SeenItem) -> None:
        """Drops what the platform shows already, and notes what a seller edited and we leave alone."""
        intent, action = work.record, work.action
        if action.kind is Kind.CHANGE:
            shown = shown_by(seen)
            needed = still_needed(action.fields, work.wanted, shown)
            kept = sorted(edited_fields(intent.published, shown) - action.fields)
            if kept:
                work.told["kept"] = kept
            work.action = Action(Kind.CHANGE, action.reason, needed)
            done = not needed
        else:
            doing = action.doing or Doing.LIST
            done = seen.shelf is _BRINGS.get(doing)
        if done:
            sent = work.wanted if action.kind is Kind.CHANGE else intent.sent
            doing = Doing.CHANGE if action.kind is Kind.CHANGE else action.doing or Doing.LIST
            work.intent = replace(intent, state=State.PUBLISHED, doing=doing, sent=sent, verified_us=0)
            work.action = _VERIFY
            self._settlement.keep(work)
