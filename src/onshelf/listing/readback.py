"""Accepted is not live: a line succeeds only when an id read shows what was sent."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from onshelf.catalog.item import Item, Reason
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.store import add_item
from onshelf.clock import Clock
from onshelf.ids import ItemId
from onshelf.listing.decide import Timing
from onshelf.listing.intent import GONE, Doing, Intent, State
from onshelf.listing.look import read_items
from onshelf.listing.settle import Settlement
from onshelf.listing.verify import differences
from onshelf.listing.work import Work, differing
from onshelf.platforms.port import Items, SeenItem, Shelf


class ReadBack:
    """Reads back the written items of one batch and settles their lines."""

    def __init__(self, items: Items, clock: Clock, *, timing: Timing, settlement: Settlement) -> None:
        self._items = items
        self._clock = clock
        self._timing = timing
        self._settlement = settlement

    async def read(self, works: Sequence[Work]) -> None:
        """Settles each line by what its item shows; raises PlatformError when a read failed."""
        seen = await read_items(self._items, [ItemId(work.record.item_id or 0) for work in works])
        for work in works:
            self._verify(work, seen.get(ItemId(work.record.item_id or 0)))

    def _verify(self, work: Work, seen: SeenItem | None) -> None:
        intent = work.record
        if intent.doing is Doing.DELETE:
            self._verify_deleted(work, seen)
            return
        wrong = differences(intent, seen) if seen is not None else ()
        if seen is None or wrong:
            self._doubt(work, "listing.differs" if seen else GONE, differing(wrong))
            return
        work.intent = replace(
            intent, published=intent.sent, verified_us=self._clock.now_us(), reads=0, problem=""
        )
        self._settlement.succeed(
            work, f"listing.{_word(work)}", add_item(_item(work.record, seen)), **_facts(work)
        )

    def _verify_deleted(self, work: Work, seen: SeenItem | None) -> None:
        if seen is not None:
            self._doubt(work, "listing.not_deleted", {})
            return
        item_id = work.record.item_id
        work.intent = replace(work.record, state=State.GIVEN_UP, item_id=None)
        self._settlement.succeed(work, "listing.deleted", action="delete", item_id=item_id)

    def _doubt(self, work: Work, code: str, wrong: Mapping[str, object]) -> None:
        """Reads again later, for reads may lag behind writes; in the end it is a question, with both values."""
        reads = work.record.reads + 1
        facts = {"item_id": work.record.item_id, "differs": wrong or None}
        if reads < self._timing.looks:
            work.intent = replace(work.record, reads=reads)
            self._settlement.wait(work, self._clock.now_us() + self._timing.spacing_us, code, **facts)
        else:
            work.intent = replace(work.record, reads=0)
            self._settlement.ask(work, code, **facts)


def _word(work: Work) -> str:
    if work.record.doing is Doing.CHANGE:
        return "changed"
    if work.doing is not None:
        return f"{work.doing.value}ed"
    return "created"


def _facts(work: Work) -> dict[str, object]:
    action = work.action.kind.value if work.doing is None else work.doing.value
    return {"action": action, "item_id": work.record.item_id, "removed": work.record.removed}


def _item(intent: Intent, seen: SeenItem) -> Item:
    state = ItemState.ONSALE if seen.shelf is Shelf.ONSALE else ItemState.INSTOCK
    return Item(
        shop_id=intent.shop_id,
        item_id=seen.item_id,
        version=1,
        state=state,
        reason=Reason.OURS,
        outer_id=seen.outer_id or "",
        title=seen.title or "",
        price=seen.price,
        stock=seen.stock,
        seen_us=seen.answered_us,
        asked_us=seen.asked_us,
        changed_us=intent.sent_us,
    )
