"""Watches a shop's shelf: lists name items, id reads decide, each change is stored once.

Run by `schedule` rows of kind "watch" and "sweep". Nothing the platform does ends the watching: what could not be seen
is asked for again, and the lack of an answer is never taken for a delisting.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from onshelf.catalog.item import Reason, State
from onshelf.clock import Clock
from onshelf.errors import PlatformError
from onshelf.events import ItemChanged
from onshelf.platforms.port import Bucket, Lane, Platform, ShopRef, Slice
from onshelf.store.db import Database
from onshelf.watch import plan, store
from onshelf.watch.compare import Nomination
from onshelf.watch.decide import decide, learn
from onshelf.watch.nominate import merge
from onshelf.watch.read import Reads
from onshelf.watch.round import GivenUp, Round
from onshelf.watch.sweep import continue_sweeps, save
from onshelf.watch.walk import PAGE_SIZE, PAGES, Walk, after, wanted

_DUE_AT_ONCE = 2000  # nominations taken up again in one look
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look did, for people and for the schedule."""

    shop_id: str
    changes: tuple[ItemChanged, ...] = ()  # stored by this look, first sights left out
    learned: int = 0  # items recorded for the first time
    read: int = 0  # items read by id
    put_off: int = 0  # items whose read broke; each comes again alone
    calls: int = 0
    sweeping: bool = False  # a sweep is under way and goes on at the next look
    blind_since_us: int = 0  # 0: the last look saw all it meant to see
    blind_why: str = ""  # code of the error
    again_us: int | None = None  # when the next put-off item is due; None: nothing waits

    @property
    def slowest_us(self) -> int:
        """Returns the longest time from a change to its detection in this look; 0 without changes."""
        return max((change.seen_us - change.happened_us for change in self.changes), default=0)


class Watcher:
    """Looks at shops; one look a shop at a time. Its verbs raise StoreError only."""

    def __init__(self, db: Database, platform: Platform, clock: Clock, pace: plan.Pace) -> None:
        self._db = db
        self._platform = platform
        self._clock = clock
        self._pace = pace
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def look(self, shop: ShopRef) -> Looked:
        """Makes one round: changed slices, what was put off, counts, a share of the sweep."""
        return await self._round(shop, _look)

    async def sweep(self, shop: ShopRef) -> Looked:
        """Begins a full reconciliation and reads its first share; the looks that follow go on with it."""
        return await self._round(shop, _sweep)

    async def ask_again(self, shop: ShopRef) -> Looked:
        """Reads only the put-off items that are due; costs no call when there is none."""
        return await self._round(shop, _read_due)

    async def read_named(self, shop: ShopRef) -> Looked:
        """Reads what is named and due, without waiting for a look under way; costs no call when there is nothing.

        Both may read the same item: its record is compared and set. What could not be read stays named.
        """
        this = await self._begin(shop)
        try:
            await _read_due(this)
        except (PlatformError, GivenUp) as error:
            code = error.code if isinstance(error, PlatformError) else this.trouble
            _log.warning("watch.named_unread", shop_id=shop.shop_id, error=code)
        return await _report(this)

    async def _round(self, shop: ShopRef, work: Callable[[Round], Awaitable[None]]) -> Looked:
        async with self._locks[shop.shop_id]:
            this = await self._begin(shop)
            remembered = this.memory
            try:
                await work(this)
            except (PlatformError, GivenUp) as error:
                code = error.code if isinstance(error, PlatformError) else this.trouble
                this.memory = plan.blinded(this.memory, code, self._clock.now_us())
                _log.warning("watch.round_ended", shop_id=shop.shop_id, error=code)
            if this.memory != remembered:
                await save(this)
            return await _report(this)

    async def _begin(self, shop: ShopRef) -> Round:
        memory = await store.recall(self._db, shop.shop_id)
        free = self._platform.free(shop, Lane.POLLS)
        planned = plan.plan_look(free, memory, self._pace, self._clock.now_us())
        reads = Reads(self._platform.for_shop(shop, Lane.POLLS), self._clock, planned.calls)
        return Round(shop.shop_id, self._db, self._clock, self._pace, reads, planned, memory)


async def _look(this: Round) -> None:
    """Reads the lists, decides what they name, and only then moves their cursors on."""
    now_us = this.clock.now_us()
    this.memory = plan.begin_first(this.memory, this.pace, now_us)
    names: list[Nomination] = []
    read = [bucket for bucket in this.planned.lists if await this.safely(_read_list(this, bucket, names))]
    await decide(this, merge(names))
    for bucket in read:
        this.memory = plan.looked(this.memory, bucket, now_us)
    await _read_due(this)
    await this.safely(_compare_counts(this))
    await continue_sweeps(this)
    blind = this.forbidden or len(read) < max(1, len(this.planned.lists))
    this.memory = plan.blinded(this.memory, (this.trouble or "quota_exceeded") if blind else "", now_us)


async def _sweep(this: Round) -> None:
    for state in plan.LISTS_OF:
        this.memory = plan.begin_sweep(this.memory, state, "sweep", this.pace, this.clock.now_us())
    await continue_sweeps(this)


async def _read_list(this: Round, bucket: Bucket, names: list[Nomination]) -> None:
    """Adds to `names` what changed in a list since the last good look at it."""
    if bucket is Bucket.ONSALE:
        return await _read_newest(this, names)
    walk = Walk((plan.window(this.memory, bucket, this.pace, this.clock.now_us()),))
    while slice_ := wanted(walk, bucket):
        page = await this.reads.page(slice_)
        names += await learn(this, page.items, bucket, "slice")
        walk = after(walk, page)
    if not walk.whole:
        this.memory = plan.begin_sweep(this.memory, State.INSTOCK, "sweep", this.pace, this.clock.now_us())
    return None


async def _read_newest(this: Round, names: list[Nomination]) -> None:
    """Reads the list on sale from the newest listing on until a page holds no news; a sweep under way does the rest."""
    slice_ = Slice(Bucket.ONSALE, page_size=PAGE_SIZE)
    while True:
        page, before = await this.reads.page(slice_), len(this.changes)
        this.onsale_total = page.total
        found = await learn(this, page.items, Bucket.ONSALE, "slice")
        names += found
        news = bool(found) or len(this.changes) > before
        last = slice_.page * PAGE_SIZE >= page.total or slice_.page == PAGES
        if not news or last or this.reads.spent or State.ONSALE in this.memory.sweeps:
            return
        slice_ = replace(slice_, page=slice_.page + 1)


async def _read_due(this: Round) -> None:
    names = await store.due(this.db, this.shop_id, now_us=this.clock.now_us(), limit=_DUE_AT_ONCE)
    await decide(this, names)


async def _compare_counts(this: Round) -> None:
    """Compares the lists' totals with what we know; a difference on sale orders a sweep once a second reading confirms it."""
    known = await store.count_sure(this.db, this.shop_id)
    total = this.onsale_total
    if total is not None and plan.differs(this.memory, State.ONSALE, total, known):
        again = await this.reads.page(Slice(Bucket.ONSALE, page_size=1))
        _order_sweep(this, State.ONSALE, again.total, known)
    if this.planned.count_warehouse:
        pages = [await this.reads.page(Slice(bucket, page_size=1)) for bucket in plan.WAREHOUSE]
        this.memory = replace(this.memory, counted_us=this.clock.now_us())
        _order_sweep(this, State.INSTOCK, sum(page.total for page in pages), known)


def _order_sweep(this: Round, state: State, total: int, known: dict[State, int]) -> None:
    if plan.differs(this.memory, state, total, known):
        this.memory = plan.begin_sweep(this.memory, state, "count", this.pace, this.clock.now_us())


async def _report(this: Round) -> Looked:
    news = tuple(change for change in this.changes if change.reason != Reason.FIRST_SEEN)
    return Looked(
        shop_id=this.shop_id,
        changes=news,
        learned=len(this.changes) - len(news),
        read=this.read,
        put_off=this.put_off,
        calls=this.reads.made,
        sweeping=bool(this.memory.sweeps),
        blind_since_us=this.memory.blind_since_us,
        blind_why=this.memory.blind_why,
        again_us=await store.next_due_us(this.db, this.shop_id),
    )
