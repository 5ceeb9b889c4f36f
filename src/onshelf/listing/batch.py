"""One batch of lines of one shop, from plan to outcome: the reads shared, the writes side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from onshelf.catalog.store import Stored, get_products
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, LeaseLost, PlatformError
from onshelf.jobs.job import Line
from onshelf.listing.content import content_of
from onshelf.listing.decide import Timing, Undecided, due_us
from onshelf.listing.intent import GONE, Doing, State
from onshelf.listing.pictures import PictureFile, PictureWaits, read_files
from onshelf.listing.plan import Kind
from onshelf.listing.readback import ReadBack
from onshelf.listing.reads import SharedReads
from onshelf.listing.send import Sender, Stopped, SurplusShown
from onshelf.listing.settle import Settlement
from onshelf.listing.store import deleted_items, load_intents
from onshelf.listing.work import Work, doing_of, planned
from onshelf.platforms.port import SeenItem, Shelf, ShopPort
from onshelf.store.db import Database

_VERIFIED_TOGETHER = 20
_SAME_CODE_US = SECOND_US  # rest of a line whose product is in the same batch already
_READS = frozenset({Kind.CHANGE, Kind.ACT})


class Batch:
    """The lines of one claim. Built for one `run`."""

    def __init__(
        self,
        db: Database,
        port: ShopPort,
        clock: Clock,
        *,
        timing: Timing,
        sender: Sender,
        settlement: Settlement,
        stop: asyncio.Event,
        lines: Sequence[Line],
    ) -> None:
        self._db = db
        self._clock = clock
        self._timing = timing
        self._sender = sender
        self._settlement = settlement
        self._stop = stop
        self._shop_id = lines[0].shop_id
        self._reads = SharedReads(
            db, port, clock, timing=timing, settlement=settlement, shop_id=self._shop_id
        )
        self._read_back = ReadBack(port, clock, timing=timing, settlement=settlement)
        self._works = [Work(line) for line in lines]
        self._written: list[Work] = []  # wait for their read-back

    def open(self) -> list[Work]:
        """Returns the lines that still need their lease."""
        return [work for work in self._works if not work.settled]

    async def run(self) -> None:
        """Settles every line, or leaves it open when the worker stops or the token is dead (raised at the end)."""
        await self._load()
        for work in self.open():
            self._plan(work)
        await self._read_for(self._reads.ask_prior, lambda work: work.action.kind is Kind.CREATE)
        await self._read_for(self._reads.look, _needs_look)
        await self._read_for(self._reads.read_before, _needs_before)
        await self._write_all()
        await self._read_for(self._read_back.read, lambda work: work in self._written)
        if self._settlement.expired is not None:
            raise self._settlement.expired

    async def _load(self) -> None:
        """Reads the batch's products, intents and picture files."""
        codes = [work.line.key for work in self._works]
        products = await get_products(self._db, self._shop_id, codes)
        intents = await load_intents(self._db, self._shop_id, codes)
        deleted = frozenset(await deleted_items(self._db, self._shop_id, intents.values()))
        taken: set[str] = set()
        for work in self._works:
            work.intent = work.stored = intents.get(work.line.key)
            work.doing = doing_of(work.line)
            work.deleted = deleted
            if work.line.key in taken:
                self._settlement.wait(work, self._clock.now_us() + _SAME_CODE_US, "listing.same_code")
            else:
                self._take_product(work, products.get(work.line.key))
            taken.add(work.line.key)
        await self._read_files([work for work in self.open() if work.doing is None])

    def _take_product(self, work: Work, stored: Stored | None) -> None:
        work.product = stored.product if stored else None
        if work.doing is None and stored is None:
            self._settlement.fail(work, "listing.no_product")
        elif work.doing is None and stored is not None and stored.held:
            self._settlement.fail(work, "listing.held", source=stored.product.source)

    async def _read_files(self, works: Sequence[Work]) -> None:
        """Reads each picture file of the batch once, and tells from it what each listing should say."""
        sources = {source for work in works if work.product for source in work.product.pictures}
        files = await asyncio.to_thread(read_files, sources) if sources else {}
        for work in works:
            self._take_files(work, files)
        hashes = {file.hash for file in files.values() if isinstance(file, PictureFile)}
        await self._sender.know(self._db, self._shop_id, hashes)

    def _take_files(self, work: Work, files: Mapping[str, PictureFile | OSError]) -> None:
        if work.product is None:
            return
        found = [files[source] for source in work.product.pictures]
        bad = [s for s, file in zip(work.product.pictures, found, strict=True) if isinstance(file, OSError)]
        if bad:
            self._settlement.fail(work, "listing.picture_unreadable", picture=bad[0])
            return
        work.files = tuple(file for file in found if isinstance(file, PictureFile))
        work.wanted = content_of(work.product, [file.hash for file in work.files])

    def _plan(self, work: Work) -> None:
        """Plans; what needs nothing, a person or time is settled at once."""
        work.action = planned(work)
        action, intent = work.action, work.intent
        if action.kind is Kind.QUESTION:
            self._tell_question(work)
        elif action.kind is Kind.SKIP:
            item_id = intent.item_id if intent else None
            self._settlement.succeed(work, f"listing.plan.{action.reason}", action="skip", item_id=item_id)
        elif intent is not None and (at_us := due_us(intent, self._timing)) > self._clock.now_us():
            self._settlement.wait(work, at_us, "listing.unanswered")

    def _tell_question(self, work: Work) -> None:
        """Ends a line that waits for a person, with what the question says."""
        intent = work.intent
        if work.action.reason == "gone" and intent is not None:
            self._settlement.fail(work, GONE, item_id=intent.item_id)
        elif intent is not None and intent.asking:
            told = {"code": "listing.undecided", **intent.told}
            self._settlement.fail(work, **told)
        else:
            self._settlement.fail(work, f"listing.plan.{work.action.reason}")

    async def _read_for(
        self, read: Callable[[Sequence[Work]], Awaitable[None]], wanted: Callable[[Work], bool]
    ) -> None:
        """Runs a shared read for the lines that want it; when it fails, all of them wait."""
        works = [work for work in self.open() if wanted(work)]
        if works and not self._stop.is_set():
            try:
                await read(works)
            except PlatformError as error:
                for work in works:
                    if not work.settled:
                        self._settlement.delay(work, error)
        await self._settlement.flush()

    async def _write_all(self) -> None:
        """Writes for all open lines side by side; a defect of ours in one is raised after the others are through."""
        if self._stop.is_set():
            return
        tasks = {asyncio.create_task(self._write(work)): work for work in self.open()}
        whole = asyncio.gather(*tasks, return_exceptions=True)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            signals: list[asyncio.Future[Any]] = [whole, stopped]
            await asyncio.wait(signals, return_when=asyncio.FIRST_COMPLETED)
            for task, work in tasks.items():
                if not work.on_wire:  # waits for the quota, or is through
                    task.cancel()
            ended = await whole
        finally:
            whole.cancel()
            stopped.cancel()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _write(self, work: Work) -> None:
        try:
            await self._step(work)
        except PictureWaits as waits:
            self._settlement.wait(work, waits.at_us, "listing.picture_waits")
        except SurplusShown as shown:
            self._settlement.undecided(work, Undecided("listing.undecided.surplus_shown", (shown.item_id,)))
        except Stopped:
            return
        except (Conflict, LeaseLost):
            self._settlement.give_back(work)
        except PlatformError as error:
            self._settlement.after(work, error)
        else:
            await self._hand_on(work)
            return
        await self._settlement.flush()

    async def _step(self, work: Work) -> None:
        """Makes the writes a line still needs, one after the other."""
        if work.record.surplus:
            await self._sender.remove_surplus(work)
        await self._first_write(work)
        if work.record.state is State.REPEAT:
            self._settlement.wait(work, due_us(work.record, self._timing), "listing.repeated")
        elif work.doing is None and (again := planned(work)).kind is Kind.CHANGE:
            await self._sender.change(work, again.fields, before="")

    async def _first_write(self, work: Work) -> None:
        match work.action.kind:
            case Kind.CREATE:
                await self._sender.create(work, shelf=Shelf.ONSALE)
            case Kind.REPEAT:
                await self._sender.create(work, shelf=Shelf.INSTOCK)
            case Kind.CHANGE:
                await self._sender.change(work, work.action.fields, before=_image(work.shown))
            case Kind.ACT if work.action.doing is not None:
                await self._sender.act(work, work.action.doing, stock=_stock(work))
            case Kind.LOOK if work.record.to_list:
                await self._sender.act(work, Doing.LIST, stock=_stock(work))

    async def _hand_on(self, work: Work) -> None:
        """Gathers written lines until a read-back is worth its call."""
        if work.settled:
            await self._settlement.flush()
            return
        self._written.append(work)
        if len(self._written) >= _VERIFIED_TOGETHER:
            together, self._written = self._written, []
            await self._read_for(self._read_back.read, lambda one: one in together)


def _needs_look(work: Work) -> bool:
    intent = work.intent
    return intent is not None and (intent.doubtful or bool(intent.surplus))


def _needs_before(work: Work) -> bool:
    return work.action.kind in _READS or (work.intent is not None and work.intent.to_list)


def _image(seen: SeenItem | None) -> str:
    return "" if seen is None else msgspec.json.encode(seen).decode()


def _stock(work: Work) -> int:
    """Gives the number of pieces to list with: what stands there, else what the product says."""
    shown = work.shown.stock if work.shown else None
    return shown or (work.product.stock if work.product else 0)
