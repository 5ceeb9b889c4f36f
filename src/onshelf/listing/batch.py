"""One batch of lines of one shop, from plan to outcome: the reads shared, the writes side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from onshelf.catalog.item import Item, Reason
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.store import Stored, add_item, get_products
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, LeaseLost, PlatformError
from onshelf.ids import ItemId
from onshelf.jobs.job import Line
from onshelf.listing.content import content_of, shown_by
from onshelf.listing.decide import (
    Adopt,
    ListIt,
    LookAgain,
    RepeatInWarehouse,
    Timing,
    Undecided,
    Verdict,
    due_us,
    judge,
)
from onshelf.listing.intent import Doing, Intent, Look, State
from onshelf.listing.look import find_by_codes, look_for, portions, read_items
from onshelf.listing.pictures import PictureFile, PictureWaits, read_files
from onshelf.listing.plan import Action, Kind, edited_fields, plan, plan_act, still_needed
from onshelf.listing.send import Sender, SurplusShown
from onshelf.listing.settle import Settlement
from onshelf.listing.store import load_intents
from onshelf.listing.verify import differences
from onshelf.listing.work import Work, differing, doing_of
from onshelf.platforms.port import SeenItem, Shelf, ShopPort
from onshelf.store.db import Database

_VERIFIED_TOGETHER = 20
_SAME_CODE_US = SECOND_US  # rest of a line whose product is in the same batch already
_READS = frozenset({Kind.CHANGE, Kind.ACT})
_BRINGS = {Doing.LIST: Shelf.ONSALE, Doing.DELIST: Shelf.INSTOCK}


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
        stopping: Callable[[], bool],
        lines: Sequence[Line],
    ) -> None:
        self._db = db
        self._port = port
        self._clock = clock
        self._timing = timing
        self._sender = sender
        self._settlement = settlement
        self._stopping = stopping
        self._shop_id = lines[0].shop_id
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
        await self._read_for(self._ask_prior, lambda work: work.action.kind is Kind.CREATE)
        await self._read_for(self._look, _needs_look)
        await self._read_for(self._read_before, _needs_before)
        await self._write_all()
        await self._read_for(self._read_back, lambda work: work in self._written)
        if self._settlement.expired is not None:
            raise self._settlement.expired

    async def _load(self) -> None:
        """Reads the batch's products, intents and picture files."""
        codes = [work.line.key for work in self._works]
        products = await get_products(self._db, self._shop_id, codes)
        intents = await load_intents(self._db, self._shop_id, codes)
        taken: set[str] = set()
        for work in self._works:
            work.intent = work.stored = intents.get(work.line.key)
            work.doing = doing_of(work.line)
            if work.line.key in taken:
                self._settlement.wait(work, self._clock.now_us() + _SAME_CODE_US, "listing.same_code")
            else:
                self._take_product(work, products.get(work.line.key))
            taken.add(work.line.key)
        await self._read_files([work for work in self.open() if work.doing is None])

    def _take_product(self, work: Work, stored: Stored | None) -> None:
        work.product = stored.product if stored else None
        if work.doing is None and stored is None:
            self._settlement.ask(work, "listing.no_product")
        elif work.doing is None and stored is not None and stored.held:
            self._settlement.ask(work, "listing.held", source=stored.product.source)

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
            self._settlement.ask(work, "listing.picture_unreadable", picture=bad[0])
            return
        work.files = tuple(file for file in found if isinstance(file, PictureFile))
        work.wanted = content_of(work.product, [file.hash for file in work.files])

    def _plan(self, work: Work) -> None:
        """Plans; what needs nothing, a person or time is settled at once."""
        work.action = self._planned(work)
        action, intent = work.action, work.intent
        if action.kind is Kind.QUESTION and intent is not None and intent.state is State.UNDECIDED:
            told = msgspec.json.decode(intent.problem or "{}")
            self._settlement.ask(
                work, told.get("code", "listing.undecided"), item_ids=told.get("item_ids", ())
            )
        elif action.kind is Kind.QUESTION:
            self._settlement.ask(work, f"listing.plan.{action.reason}")
        elif action.kind is Kind.SKIP:
            item_id = intent.item_id if intent else None
            self._settlement.succeed(work, f"listing.plan.{action.reason}", action="skip", item_id=item_id)
        elif intent is not None and (at_us := due_us(intent, self._timing)) > self._clock.now_us():
            self._settlement.wait(work, at_us, "listing.unanswered")

    @staticmethod
    def _planned(work: Work) -> Action:
        if work.doing is not None:
            return plan_act(work.doing, work.intent)
        return plan(work.wanted, work.intent)

    async def _read_for(
        self, read: Callable[[Sequence[Work]], Awaitable[None]], wanted: Callable[[Work], bool]
    ) -> None:
        """Runs a shared read for the lines that want it; when it fails, all of them wait."""
        works = [work for work in self.open() if wanted(work)]
        if works and not self._stopping():
            try:
                await read(works)
            except PlatformError as error:
                for work in works:
                    if not work.settled:
                        self._settlement.delay(work, error)
        await self._settlement.flush()

    async def _ask_prior(self, works: Sequence[Work]) -> None:
        """Stores, before the first write, which items carry each code already: one is linked, several are a question."""
        found: dict[str, list[int]] = {}
        for item in await find_by_codes(self._port, [work.line.key for work in works]):
            found.setdefault(item.outer_id or "", []).append(item.item_id)
        for work in works:
            self._take_prior(work, tuple(sorted(found.get(work.line.key, ()))))

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
            work.intent = replace(work.intent, item_id=new[0], state=State.PLANNED, doing=Doing.CHANGE)
            work.action = self._planned(work)
        self._settlement.keep(work)

    async def _look(self, works: Sequence[Work]) -> None:
        """Looks once for all that are in doubt, and acts on each verdict."""
        intents = [work.record for work in works]
        looks = await look_for(
            self._port, intents, clock=self._clock, timing=self._timing, own_codes=self._own_codes
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
        work.action = Action(Kind.REPEAT, "absent") if repeats else self._planned(work)
        if isinstance(verdict, RepeatInWarehouse) and not repeats:
            self._settlement.ask(work, "listing.plan.no_item")
        else:
            self._settlement.keep(work)

    async def _read_before(self, works: Sequence[Work]) -> None:
        """Reads what stands before we change it: the before-image, and whether anything is left to do."""
        seen = await read_items(self._port, [ItemId(work.record.item_id or 0) for work in works])
        for work in works:
            work.shown = seen.get(ItemId(work.record.item_id or 0))
            if work.shown is not None:
                self._compare(work, work.shown)
            elif work.doing is Doing.DELETE:
                work.intent = replace(work.record, doing=Doing.DELETE, state=State.PUBLISHED)
                work.action = Action(Kind.LOOK, "unverified")
            else:
                self._settlement.ask(work, "listing.gone", item_id=work.record.item_id)

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
            work.action = Action(Kind.LOOK, "unverified")
            self._settlement.keep(work)

    async def _write_all(self) -> None:
        """Writes for all open lines side by side; a defect of ours in one is raised after the others are through."""
        ended = await asyncio.gather(*map(self._write, self.open()), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def _write(self, work: Work) -> None:
        if self._stopping():
            return
        try:
            await self._step(work)
        except PictureWaits as waits:
            self._settlement.wait(work, waits.at_us, "listing.picture_waits")
        except SurplusShown as shown:
            self._settlement.undecided(work, Undecided("listing.undecided.surplus_shown", (shown.item_id,)))
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
        elif work.doing is None and (again := self._planned(work)).kind is Kind.CHANGE:
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
            await self._read_for(self._read_back, lambda one: one in together)

    async def _read_back(self, works: Sequence[Work]) -> None:
        """Accepted is not live: a line succeeds when an id read shows what was sent."""
        for portion in portions(works, _VERIFIED_TOGETHER):
            seen = await read_items(self._port, [ItemId(work.record.item_id or 0) for work in portion])
            for work in portion:
                self._verify(work, seen.get(ItemId(work.record.item_id or 0)))

    def _verify(self, work: Work, seen: SeenItem | None) -> None:
        intent = work.record
        if intent.doing is Doing.DELETE:
            self._verify_deleted(work, seen)
            return
        wrong = differences(intent, seen) if seen is not None else ()
        if seen is None or wrong:
            self._doubt(work, "listing.differs" if seen else "listing.gone", differing(wrong))
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
