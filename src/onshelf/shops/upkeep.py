"""What keeps shops workable by day and night: tokens refreshed early, their end told in time, a probe each evening, pauses."""

from datetime import time

import structlog

from onshelf.clock import BEIJING, SECOND_US, Clock, from_us
from onshelf.errors import Error, PlatformError, SessionExpired, Unanswered
from onshelf.events import ShopTrouble
from onshelf.ids import ShopId
from onshelf.jobs.failure import HELD_EXPIRED
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Entry
from onshelf.platforms.port import Sessions
from onshelf.platforms.top.client import TopClient
from onshelf.shops import health
from onshelf.shops.evening import last_due_us
from onshelf.shops.probe import Health, probe
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.consent import learn_nick
from onshelf.shops.tokens.expiry import News, Warned, days_reached, ends_us, news
from onshelf.store.db import Write
from onshelf.store.log import append

log = structlog.get_logger()

KIND = "shops"
"""The schedule kind of `Upkeep`."""

PROBE = "probe"
"""The schedule kind of `EveningProbe`."""

HELD_PAUSED = "shops.held.paused"
"""Text key of the reason when a person paused a shop."""

LOUD_DAYS = 1
"""So many days before the end of an authorisation it is told loudly."""


class Upkeep:
    """A schedule handler: looks after every shop once a run."""

    def __init__(self, store: ShopStore, queue: Queue, sessions: Sessions, clock: Clock) -> None:
        self._store = store
        self._queue = queue
        self._sessions = sessions
        self._clock = clock

    async def run(self, entry: Entry) -> None:
        """Asks for each shop's session, which refreshes those that are due, and frees shops that live but are held.

        A shop is left held when a worker, told of a dead token, holds it just after a person has renewed it.
        """
        held = await self._queue.held_shops()
        warned = await health.warnings(self._store.db)
        for shop in await self._store.list():
            if shop.state is ShopState.NEW or not await self._lives(shop.shop_id):
                continue
            await self._tell_end(shop.shop_id, warned.get(shop.shop_id))
            if HELD_EXPIRED in held.get(shop.shop_id, ()):
                await self._queue.db.commit(self._queue.resume_shop(shop.shop_id, HELD_EXPIRED))

    async def _lives(self, shop_id: ShopId) -> bool:
        try:
            await self._sessions.session(shop_id)
        except SessionExpired:
            return False
        except PlatformError as error:
            log.warning("shops.upkeep_failed", shop_id=shop_id, error=str(error))
            return False
        return True

    async def _tell_end(self, shop_id: ShopId, warned: Warned | None) -> None:
        """Tells that a living authorisation ends soon, once at each step, and that it no longer does."""
        stored = await self._store.token(shop_id)
        if stored is None:
            return
        now_us, end_us = self._clock.now_us(), ends_us(stored.token)
        match news(warned, end_us, now_us):
            case News.OVER:
                told = ShopTrouble(shop_id, "authorisation", "authorisation_ends", True, False, "", now_us)
                await self._store.db.commit([health.settle_warning(shop_id), append(told, now_us)])
            case News.ENDS if end_us is not None:
                await self._warn(shop_id, end_us, now_us)

    async def _warn(self, shop_id: ShopId, end_us: int, now_us: int) -> None:
        days = days_reached(end_us, now_us) or 0
        told = ShopTrouble(
            shop_id, "authorisation", "authorisation_ends", False, days <= LOUD_DAYS, _beijing(end_us), now_us
        )
        await self._store.db.commit([health.put_warning(shop_id, Warned(end_us, days)), append(told, now_us)])
        log.warning("shops.authorisation_ends", shop_id=shop_id, days=days)


class EveningProbe:
    """A schedule handler: probes each working shop once a day, from a time of the day on."""

    def __init__(self, store: ShopStore, client: TopClient, clock: Clock, at: time | None) -> None:
        """`at`: with its time zone; None: never."""
        self._store = store
        self._client = client
        self._clock = clock
        self._at = at

    async def run(self, entry: Entry) -> None:
        """Probes the shops whose last probe, or whose coming here, was before the last time it was due."""
        if self._at is None:
            return
        due_us = last_due_us(self._at, self._clock.now_us())
        probed = await health.probes(self._store.db)
        for shop in await self._store.list():
            last = probed.get(shop.shop_id)
            if shop.state is ShopState.AUTHORISED and (last.at_us if last else shop.created_us) < due_us:
                await self._probe(shop, last)

    async def _probe(self, shop: Shop, last: health.Probed | None) -> None:
        found = await probe(self._client, shop.ref())
        now_us = self._clock.now_us()
        refused = [method for method, error in found.faults if not passes(error)]
        writes = [keep_probe(shop.shop_id, found, now_us)]
        if refused or (last is not None and last.faults):
            methods = ", ".join(refused)
            told = ShopTrouble(shop.shop_id, "probe", "probe_failed", not refused, False, methods, now_us)
            writes.append(append(told, now_us))
        await self._store.db.commit(writes)
        log.info("shops.probed", shop_id=shop.shop_id, refused=refused)


async def probe_now(
    store: ShopStore, client: TopClient, shop: Shop, clock: Clock, *, within_s: float | None = None
) -> Health:
    """Probes a shop because somebody asks; durable, the seller's name too when the platform told it.

    `within_s`: how long its calls may wait for the quota; None: as long as it takes.
    """
    not_after_us = None if within_s is None else clock.now_us() + round(within_s * SECOND_US)
    found = await probe(client, shop.ref(), not_after_us=not_after_us)
    await learn_nick(store, shop, found.nick)
    await store.db.commit([keep_probe(shop.shop_id, found, clock.now_us())])
    return found


def passes(error: Error) -> bool:
    """Tells whether a fault of a probe is the moment's rather than the shop's, so that nobody need act."""
    return error.retryable or isinstance(error, Unanswered)


def keep_probe(shop_id: ShopId, found: Health, now_us: int) -> Write:
    """Gives the write that stores what a probe found."""
    faults = tuple(health.fault(method, error) for method, error in found.faults)
    return health.put_probe(shop_id, health.Probed(now_us, found.offset_us, found.allowed, faults))


def _beijing(moment_us: int) -> str:
    return from_us(moment_us).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


async def pause(store: ShopStore, queue: Queue, shop_id: ShopId) -> None:
    """Pauses all jobs of a shop until a person resumes it; durable. Its shelf is still watched."""
    await store.db.commit(
        [store.set_state(shop_id, ShopState.PAUSED), *queue.pause_shop(shop_id, HELD_PAUSED)]
    )


async def resume(store: ShopStore, queue: Queue, shop_id: ShopId) -> ShopState:
    """Ends a person's pause and returns the state it leaves; work goes on unless the shop must authorise first."""
    stored = await store.token(shop_id)
    state = ShopState.NEW
    if stored is not None:
        state = ShopState.EXPIRED if stored.dead else ShopState.AUTHORISED
    await store.db.commit([store.end_pause(shop_id, state), *queue.resume_shop(shop_id, HELD_PAUSED)])
    return state
