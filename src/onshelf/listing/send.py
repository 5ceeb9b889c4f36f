"""The writes of one shop, each behind its fence: take the quota's slot, compare-and-set `sending`, send, keep the answer.

After every verb `work.intent` is what should be stored. An answer is posted before the verb returns and durable before
anything the caller commits; what follows from an error is left to the caller, who stores it together with the line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from msgspec.structs import replace

from onshelf.catalog.item import Expected
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.product import Product
from onshelf.catalog.store import expect
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import NotSent, Refused, ServiceFault, Unanswered
from onshelf.ids import ItemId
from onshelf.jobs.job import Line
from onshelf.jobs.queue import Queue
from onshelf.listing.content import draft_of, pictures_text
from onshelf.listing.decide import Timing, may_delete
from onshelf.listing.intent import CREATES, Doing, Intent, State
from onshelf.listing.pictures import PictureSpace, in_time
from onshelf.listing.store import StoredPicture, load_pictures, save
from onshelf.listing.together import Together
from onshelf.listing.work import Work
from onshelf.platforms.port import Send, Shelf, ShopPort
from onshelf.store.db import Database, Write

T = TypeVar("T")
_MARGIN_US = SECOND_US // 2  # between the end of the longest write and the end of the lease
_BRINGS = {Doing.LIST: ItemState.ONSALE, Doing.DELIST: ItemState.INSTOCK, Doing.DELETE: ItemState.DELETED}


class SurplusShown(Exception):
    """A copy that was to be deleted is not surely ours and unseen any more. `item_id`: which."""

    def __init__(self, item_id: int) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class Stopped(Exception):
    """The worker is stopping, and the line's next write has not begun."""


class Sender:
    """Sends for the lines of one batch. Once `stop` is set, every verb raises Stopped instead of beginning a write."""

    def __init__(
        self,
        db: Together,
        queue: Queue,
        port: ShopPort,
        clock: Clock,
        *,
        timing: Timing,
        space: PictureSpace,
        stop: asyncio.Event,
    ) -> None:
        self._db = db
        self._queue = queue
        self._port = port
        self._clock = clock
        self._timing = timing
        self._space = space
        self._stop = stop
        self._known: dict[str, StoredPicture] = {}  # our records of the batch's pictures, by hash

    async def know(self, db: Database, shop_id: str, hashes: Collection[str]) -> None:
        """Reads the records of all pictures of the batch, once."""
        known = await load_pictures(db, shop_id, hashes) if hashes else {}
        self._known = {one: known.get(one) or StoredPicture(shop_id, one) for one in hashes}

    async def create(self, work: Work, *, shelf: Shelf) -> None:
        """Makes the item with its main picture; into the warehouse (`shelf`) when an earlier create cannot be excluded."""
        draft = draft_of(_product_of(work), await self._picture_paths(work))
        intent = work.record
        doing = Doing.CREATE if shelf is Shelf.ONSALE else Doing.REPEAT
        sent = {**work.wanted, "pictures": pictures_text([file.hash for file in work.files[:1]])}
        sending = replace(intent, doing=doing, attempt=intent.attempt + 1, sent=sent)
        item_id = await self._send(
            work, sending, lambda send: self._port.create(draft, shelf=shelf, send=send)
        )
        state = State.PUBLISHED if doing is Doing.CREATE else State.REPEAT
        self._keep(work, replace(work.record, state=state, item_id=item_id))

    async def change(self, work: Work, fields: frozenset[str], *, before: str) -> None:
        """Sets the named fields of the item. `before`: JSON of what was shown, kept for an undo."""
        paths = await self._picture_paths(work) if "pictures" in fields else ()
        draft = draft_of(_product_of(work), paths)
        item_id = _item_of(work.record)
        sending = replace(
            work.record, doing=Doing.CHANGE, sent=work.wanted, before=before or work.record.before
        )
        await self._send(
            work, sending, lambda send: self._port.update(item_id, draft, fields=fields, send=send)
        )
        self._keep(work, replace(work.record, state=State.PUBLISHED))

    async def act(self, work: Work, doing: Doing, *, stock: int) -> None:
        """Lists, delists or deletes the item; the record of it expects the new state, so that watch does not alarm."""
        item_id = _item_of(work.record)
        calls: dict[Doing, Callable[[Send], Awaitable[None]]] = {
            Doing.LIST: lambda send: self._port.list_item(item_id, stock=stock, send=send),
            Doing.DELIST: lambda send: self._port.delist(item_id, send=send),
            Doing.DELETE: lambda send: self._port.delete(item_id, send=send),
        }
        sending = replace(work.record, doing=doing)
        await self._send(work, sending, calls[doing], self._expect(work.line, item_id, _BRINGS[doing]))
        self._keep(work, replace(work.record, state=State.PUBLISHED))

    async def remove_surplus(self, work: Work) -> None:
        """Deletes the copies in the warehouse that the look of this batch shows to be ours and never listed.

        Raises SurplusShown for another one. A copy that is gone is noted as removed.
        """
        seen = {item.item_id: item for item in work.look.seen} if work.look else {}
        for item_id in work.record.surplus:
            if item_id in seen:
                if not may_delete(work.record, seen[item_id], self._timing):
                    raise SurplusShown(item_id)
                await self._delete_copy(work, ItemId(item_id))
            intent = work.record
            left = tuple(other for other in intent.surplus if other != item_id)
            self._keep(work, replace(intent, surplus=left, removed=(*intent.removed, item_id)))

    def not_after_us(self, line: Line) -> int:
        """Tells until when a write may be sent so that it ends within the line's lease."""
        return line.lease_until_us - round(self._timing.write_timeout_s * SECOND_US) - _MARGIN_US

    async def _delete_copy(self, work: Work, item_id: ItemId) -> None:
        self._go_on()
        expected = self._expect(work.line, item_id, ItemState.DELETED)
        send = Send(self.not_after_us(work.line), lambda: self._fence(work, expected))
        await self._port.delete(item_id, send=send)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stopped

    async def _picture_paths(self, work: Work) -> list[str]:
        self._go_on()
        return [
            await self._space.path(
                self._port,
                file,
                self._known[file.hash],
                not_after_us=self.not_after_us(work.line),
                wire=work.wire,
            )
            for file in work.files
        ]

    async def _send(
        self, work: Work, sending: Intent, call: Callable[[Send], Awaitable[T]], *joined: Write
    ) -> T:
        """Sends once; a write of several calls, and a call the client repeats because it was not sent, marks each of them.

        Afterwards an unanswered write has left the intent UNANSWERED, one that was not done as it was before.
        """
        self._go_on()
        before = work.record

        async def mark() -> None:
            now_us = self._clock.now_us()
            first = sending.first_sent_us if before.attempt else now_us
            marked, write = save(
                replace(
                    sending,
                    state=State.SENDING,
                    sent_us=now_us,
                    first_sent_us=first if sending.doing in CREATES else sending.first_sent_us,
                    fence=work.line.fence,
                    job_id=work.line.job_id,
                    reads=0,
                    verified_us=0,
                    problem="",
                ),
                work.stored,
            )
            await self._fence(work, write, *joined)
            work.intent = work.stored = marked
            work.wire(True)
            in_time(self._clock, self.not_after_us(work.line))

        try:
            return await call(Send(self.not_after_us(work.line), mark))
        except (Unanswered, ServiceFault):
            work.intent = replace(work.record, state=State.UNANSWERED)
            raise
        except (NotSent, Refused) as error:
            if work.intent is not before:
                work.intent = _not_done(before, work.record, error)
            raise
        finally:
            work.wire(False)

    async def _fence(self, work: Work, *writes: Write) -> None:
        """Commits the writes if the line is still ours and nobody paused it; Conflict otherwise."""
        await self._db.commit([*writes, self._queue.hold(work.line)])

    def _keep(self, work: Work, intent: Intent) -> None:
        kept, write = save(intent, work.stored)
        self._db.post([write])
        work.intent = work.stored = kept

    def _expect(self, line: Line, item_id: int, state: ItemState) -> Write:
        until_us = self._clock.now_us() + 2 * self._timing.rest_us
        return expect(line.shop_id, item_id, Expected(state, line.job_id, until_us))


def _not_done(before: Intent, marked: Intent, error: Exception) -> Intent:
    """Takes a mark back, except of a change: of its calls some may have been done."""
    if marked.doing is not Doing.CHANGE:
        return replace(before, version=marked.version)
    return replace(marked, state=State.REFUSED if isinstance(error, Refused) else State.PLANNED)


def _product_of(work: Work) -> Product:
    if work.product is None:
        raise ValueError(f"{work.line.key} has no product to publish")
    return work.product


def _item_of(intent: Intent) -> ItemId:
    if intent.item_id is None:
        raise ValueError(f"{intent.outer_id} has no item to write to")
    return ItemId(intent.item_id)
