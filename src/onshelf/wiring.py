"""Builds the app from settings: the only place that picks implementations. Also what a worker runs, and for how long."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import time
from importlib import import_module
from pathlib import Path
from random import Random, SystemRandom

import msgspec

from onshelf.alerts.alerts import Alerts
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.decide import Timing as AlertTiming
from onshelf.alerts.directory import Directory
from onshelf.alerts.store import take_over
from onshelf.clock import Clock, SystemClock
from onshelf.errors import SettingsError
from onshelf.guard import buyers
from onshelf.guard.audit import Audit
from onshelf.guard.vault import Vault, load_vault
from onshelf.jobs.drain import Drain
from onshelf.jobs.home import HomeLock
from onshelf.jobs.job import Line
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Entry, Scheduler, Schedules
from onshelf.jobs.waker import LocalWaker
from onshelf.listing.decide import Timing
from onshelf.listing.publish import Publisher
from onshelf.platforms.cache import CacheStore, MemoryStore, ReadCache
from onshelf.platforms.followed import NoClock, following
from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.port import Lane, ShopPort, ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.quota_port import AppQuota
from onshelf.platforms.record import Hiding, RecordingTransport
from onshelf.platforms.top.classes import class_of
from onshelf.platforms.top.client import ClientOptions, TopClient
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.top.tmc.connection import Dialler
from onshelf.platforms.transport import Transport
from onshelf.pushing import Pushing
from onshelf.settings import Settings
from onshelf.shops import upkeep
from onshelf.shops.apps import AppSecrets
from onshelf.shops.authorise import Authoriser
from onshelf.shops.calls import CALL, CallLines
from onshelf.shops.evening import read_time_of_day
from onshelf.shops.kept import DatabaseStore
from onshelf.shops.limits import limits
from onshelf.shops.permits import Keeper, Record
from onshelf.shops.sessions import ShopSessions
from onshelf.shops.store import ShopStore
from onshelf.shops.upkeep import EveningProbe, Upkeep
from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database
from onshelf.watch.plan import Pace
from onshelf.watch.watch import Looked, Watcher

PUBLISH, WATCH, SWEEP, AGAIN = "publish", "watch", "sweep", "again"
UPKEEP_EVERY_S = 60.0
LEAST_EVERY_S = 0.05
FLIGHT_MARGIN_S = 60.0
"""A slot of a shared quota is held for a process that died as long as two writes and this: a live call never takes longer."""
LEASE_MARGIN_S = 5.0
"""A lease outlives the slowest write by this much, so that a fenced send is always answered or given up within it."""

CYCLES_AFTER = 20_000
"""New objects before Python looks for cycles: at its own 700 a publishing worker spends a tenth of its CPU on looking."""


@dataclass(frozen=True, slots=True)
class Wakers:
    """One waker a loop."""

    jobs: LocalWaker
    schedules: LocalWaker
    alerts: LocalWaker


@dataclass(frozen=True, slots=True)
class App:
    """All the parts, built and joined."""

    settings: Settings
    clock: Clock
    random: Random
    db: Database
    vault: Vault
    audit: Audit
    queue: Queue
    schedules: Schedules
    shops: ShopStore
    sessions: ShopSessions
    authoriser: Authoriser
    client: TopClient
    platform: TopPlatform
    directory: Directory
    alerts: Alerts
    watcher: Watcher
    wakers: Wakers
    lock: HomeLock
    keeper: Keeper

    async def shop(self, shop_id: str) -> ShopRef:
        """Returns how to call a shop; raises SettingsError naming the shops there are."""
        shop = await self.shops.get(shop_id)
        if shop is None:
            names = " | ".join(one.shop_id for one in await self.shops.list())
            raise SettingsError(
                "shop", value=shop_id, origin="argument", expected=names or "`onshelf shop add`"
            )
        return shop.ref()

    def timing(self) -> Timing:
        """Returns what listing assumes of the platform."""
        of = self.settings
        return Timing(
            write_bound_s(of), of["settle_s"], of["look_spacing_s"], of["looks"], of["clock_skew_s"]
        )


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    transport: Transport | None = None,
) -> AsyncIterator[App]:
    """Opens the database (made or migrated as needed), builds all parts, and closes them in turn.

    The whole process looks for garbage cycles less often from then on.
    """
    gc.set_threshold(CYCLES_AFTER)
    random = random or SystemRandom()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault = load_vault(settings["key"], settings.home)
    db = await open_database(settings["database"].reveal() or str(settings.home / "onshelf.db"))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        await migrate(db)
        transport = transport or SocketTransport(connect_timeout_s=settings["connect_timeout_s"])
        clock = clock or await chosen_clock(settings, stack)
        transport = recorded(settings, transport, clock)
        stack.push_async_callback(transport.close)
        app = _join(settings, clock, random, db, vault, transport)
        stack.push_async_callback(app.audit.close)
        stack.push_async_callback(app.client.quotas.end)
        yield app


async def chosen_clock(settings: Settings, stack: contextlib.AsyncExitStack) -> Clock:
    """Returns the machine's clock, or the sandbox's that the settings name. Raises: SettingsError."""
    address = settings["clock"]
    if not address:
        return SystemClock()
    expected = "the address of a running sandbox's /_sandbox/clock"
    if settings["environment"] == "production":
        expected = "nothing in production: only development follows a sandbox's clock"
    else:
        transport = SocketTransport(connect_timeout_s=settings["connect_timeout_s"])
        stack.push_async_callback(transport.close)
        with contextlib.suppress(NoClock):
            return await stack.enter_async_context(following(address, transport))
    raise SettingsError("clock", value=address, origin=settings.origin["clock"], expected=expected)


def recorded(settings: Settings, transport: Transport, clock: Clock) -> Transport:
    """Returns the transport, around it a recorder when the settings name a file."""
    if not settings["record"]:
        return transport
    hiding = Hiding(buyers.hide, buyers.hide_xml, buyers.is_wholly_secret)
    try:
        return RecordingTransport(transport, Path(settings["record"]), hiding, clock)
    except OSError as error:
        raise SettingsError(
            "record",
            value=settings["record"],
            origin=settings.origin["record"],
            expected=f"a file that can be written ({error.strerror})",
        ) from error


def _join(
    settings: Settings, clock: Clock, random: Random, db: Database, vault: Vault, transport: Transport
) -> App:
    production = settings["environment"] == "production"
    audit = Audit(db, vault, clock, random)
    record = Record(db, audit, clock)
    queue = Queue(db, clock, lease_s(settings))
    shops = ShopStore(db, vault)
    authoriser = Authoriser(shops, transport, clock)
    sessions = ShopSessions(shops, queue, clock, authoriser)
    client = TopClient(
        transport,
        apps=AppSecrets(shops, clock),
        sessions=sessions,
        quotas=_quotas(settings, clock, random, record),
        clock=clock,
        random=random,
        observer=audit,
        cache=ReadCache(
            clock,
            memory=_memory(settings, clock),
            disk=DatabaseStore(db),
            max_age_s=settings["cache_s"],
            slow_max_age_s=settings["cache_slow_s"],
        ),
        options=ClientOptions(
            read_timeout_s=settings["read_timeout_s"],
            write_timeout_s=settings["write_timeout_s"],
            concurrency=settings["concurrency"],
            production=production,
        ),
    )
    platform = TopPlatform(client)
    wakers = Wakers(LocalWaker(), LocalWaker(), LocalWaker())
    directory = Directory(db, vault, Tools(transport, clock, production), random)
    return App(
        settings=settings,
        clock=clock,
        random=random,
        db=db,
        vault=vault,
        audit=audit,
        queue=queue,
        schedules=Schedules(db, clock, lease_s(settings)),
        shops=shops,
        sessions=sessions,
        authoriser=authoriser,
        client=client,
        platform=platform,
        directory=directory,
        alerts=Alerts(
            db,
            directory,
            clock,
            random,
            wakers.alerts,
            timing=AlertTiming(settings["alert_wait_s"], settings["alert_interval_s"]),
        ),
        watcher=Watcher(db, platform, clock, pace(settings)),
        wakers=wakers,
        lock=HomeLock(settings.home),
        keeper=Keeper(db, shops, client.quotas, record, clock, settings=limits(settings)),
    )


def _memory(settings: Settings, clock: Clock) -> CacheStore:
    """Returns where kept replies lie that can become untrue: in this process, or on the Redis that processes share."""
    if not settings["redis"]:
        return MemoryStore()
    shared = import_module("onshelf.platforms.cache_redis")  # late, as the quota's
    store: CacheStore = shared.RedisStore(settings["redis"].reveal(), clock)
    return store


def _quotas(settings: Settings, clock: Clock, random: Random, record: Record) -> Quotas:
    """Returns the quotas of this process, or those that all processes on one Redis share."""
    if not settings["redis"]:
        return Quotas(limits(settings), clock, class_of=class_of)
    shared = import_module("onshelf.platforms.quota_redis")  # late: its client costs every command 0.1 s

    def make(app_key: str) -> AppQuota:
        quota: AppQuota = shared.RedisQuota(
            app_key,
            limits(settings),
            shared.Ledger(
                settings["redis"].reveal(), clock, random, own_time=not isinstance(clock, SystemClock)
            ),
            clock,
            class_of=class_of,
            recall=record,
            flight_s=2 * write_bound_s(settings) + FLIGHT_MARGIN_S,
        )
        return quota

    return Quotas(limits(settings), clock, class_of=class_of, make=make)


def write_bound_s(settings: Settings) -> float:
    """Returns how long a write may be under way at most: to connect, then to be answered."""
    return float(settings["connect_timeout_s"] + settings["write_timeout_s"])


def lease_s(settings: Settings) -> float:
    """Returns the lease of a line; raises SettingsError when a slow write could outlive it."""
    least = write_bound_s(settings) + LEASE_MARGIN_S
    if settings["lease_s"] < least:
        raise SettingsError(
            "lease_s",
            value=str(settings["lease_s"]),
            origin=settings.origin["lease_s"],
            expected=f"≥ {least:g} s: connect_timeout_s, write_timeout_s and {LEASE_MARGIN_S:g} s",
        )
    return float(settings["lease_s"])


def probe_at(settings: Settings) -> time | None:
    """Returns when shops are probed each day; None: never. Raises SettingsError."""
    try:
        return read_time_of_day(settings["probe_at"])
    except ValueError as error:
        raise SettingsError(
            "probe_at", value=settings["probe_at"], origin=settings.origin["probe_at"], expected="HH:MM"
        ) from error


def pace(settings: Settings) -> Pace:
    """Returns the settings of watching as a value."""
    return Pace(
        every_s=settings["watch_every_s"],
        overlap_s=settings["watch_overlap_s"],
        skew_s=settings["clock_skew_s"],
        absent_looks=settings["absent_looks"],
        absent_spacing_s=settings["absent_spacing_s"],
    )


class _Publishing:
    """Publish lines, handed to a publisher that knows their shop's port."""

    def __init__(self, app: App, stop: asyncio.Event) -> None:
        self._app = app
        self._ports: dict[str, ShopPort] = {}
        self._publisher = Publisher(
            app.db,
            app.queue,
            self._ports.__getitem__,
            app.clock,
            timing=app.timing(),
            random=app.random,
            stop=stop,
        )

    async def run(self, lines: Sequence[Line]) -> None:
        shop_id = lines[0].shop_id
        self._ports[shop_id] = self._app.platform.for_shop(await self._app.shop(shop_id), Lane.LISTING)
        await self._publisher.run(lines)


class _Watching:
    """A schedule handler: one verb of the watcher for the shop the entry names."""

    def __init__(self, app: App, verb: Callable[[ShopRef], Awaitable[Looked]]) -> None:
        self._app = app
        self._verb = verb

    async def run(self, entry: Entry) -> None:
        shop_id = msgspec.json.decode(entry.payload)["shop_id"]
        looked = await self._verb(await self._app.shop(shop_id))
        if looked.changes:
            self._app.wakers.alerts.wake()


async def begin_watching(app: App, shop_ids: Sequence[str]) -> None:
    """Schedules looks, sweeps and upkeep for shops; durable, and carried out by whichever process is the worker."""
    writes = [
        app.schedules.ensure("shops", kind=upkeep.KIND, every_s=UPKEEP_EVERY_S),
        app.schedules.ensure("probe", kind=upkeep.PROBE, every_s=UPKEEP_EVERY_S),
    ]
    for shop_id in shop_ids:
        payload = msgspec.json.encode({"shop_id": shop_id}).decode()
        for kind, every_s in rhythm(app.settings).items():
            writes.append(
                app.schedules.ensure(f"{kind}:{shop_id}", kind=kind, every_s=every_s, payload=payload)
            )
    await app.db.commit(writes)
    app.wakers.schedules.wake()


def rhythm(settings: Settings) -> dict[str, float]:
    """Returns how often a shop is looked at, whole and in part, in seconds; asking again costs no call while nothing is due."""
    return {
        WATCH: settings["watch_every_s"],
        SWEEP: settings["sweep_every_s"],
        AGAIN: max(settings["absent_spacing_s"], LEAST_EVERY_S),
    }


async def end_watching(app: App, shop_ids: Sequence[str]) -> None:
    """Takes the looks of shops off the schedule."""
    names = {entry.name for entry in await app.schedules.entries()}
    wanted = [f"{kind}:{shop_id}" for shop_id in shop_ids for kind in rhythm(app.settings)]
    await app.db.commit([app.schedules.remove(name) for name in wanted if name in names])


async def work(app: App, stop: asyncio.Event, dialler: Dialler | None = None) -> None:
    """Is the home's worker until `stop` is set: runs jobs, schedules, alerts and what messages call for.

    The caller holds `app.lock`. `dialler`: how to reach a message service; None receives none.
    """
    await prepare_quotas(app)
    if not app.settings[
        "database"
    ]:  # the home's lock guards the whole database: who worked before us is dead
        await app.db.commit([app.queue.take_over(), app.schedules.take_over(), take_over(app.clock.now_us())])
    drain = Drain(
        app.queue,
        {PUBLISH: _Publishing(app, stop), CALL: CallLines(app.client, app.queue, app.vault, app.shop)},
        app.clock,
        app.wakers.jobs,
        random=app.random,
        batch=app.settings["batch"],
    )
    scheduler = Scheduler(
        app.schedules,
        {
            WATCH: _Watching(app, app.watcher.look),
            SWEEP: _Watching(app, app.watcher.sweep),
            AGAIN: _Watching(app, app.watcher.ask_again),
            upkeep.KIND: Upkeep(app.shops, app.queue, app.sessions, app.clock),
            upkeep.PROBE: EveningProbe(app.shops, app.client, app.clock, probe_at(app.settings)),
        },
        app.clock,
        app.wakers.schedules,
        random=app.random,
    )
    async with asyncio.TaskGroup() as loops:
        loops.create_task(drain.run(stop))
        loops.create_task(scheduler.run(stop))
        loops.create_task(app.alerts.run(stop))
        loops.create_task(app.keeper.run(stop, lambda: _expected_lanes(app)))
        loops.create_task(_pushing(app).run(stop, dialler))


def _pushing(app: App) -> Pushing:
    return Pushing(
        app.settings,
        shops=app.shops,
        vault=app.vault,
        client=app.client,
        watcher=app.watcher,
        alerts=app.wakers.alerts,
        clock=app.clock,
        random=app.random,
    )


async def prepare_quotas(app: App) -> None:
    """Brings the quotas to what is permitted and used: before a forecast, and before a worker begins."""
    await app.keeper.prepare(await _expected_lanes(app))


async def _expected_lanes(app: App) -> frozenset[Lane]:
    """Names the lanes the schedule will need: a listing job must leave the watch its share before its first look."""
    watched = any(entry.kind in (WATCH, SWEEP) for entry in await app.schedules.entries())
    return frozenset({Lane.POLLS}) if watched else frozenset()
