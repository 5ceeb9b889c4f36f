"""Builds the app from settings: the only place that picks implementations."""

import contextlib
import gc
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from random import Random, SystemRandom

from onshelf.alerts.alerts import Alerts
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.decide import Timing as AlertTiming
from onshelf.alerts.directory import Directory
from onshelf.alerts.render import Links
from onshelf.catalog.imports.imports import Imports
from onshelf.catalog.imports.uploads import Uploads
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.clock import Clock, SystemClock
from onshelf.errors import SettingsError, expected
from onshelf.guard import buyers
from onshelf.guard.audit import Audit
from onshelf.guard.vault import Vault, load_vault
from onshelf.hooks.directory import HookDirectory
from onshelf.hooks.directory import Tools as HookTools
from onshelf.hooks.hooks import Hooks
from onshelf.jobs.home import HomeLock
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Schedules
from onshelf.jobs.waker import LocalWaker
from onshelf.listing.decide import Timing
from onshelf.platforms.addresses import is_outside, is_this_machine
from onshelf.platforms.cache import CacheStore, MemoryStore, ReadCache
from onshelf.platforms.followed import NoClock, following
from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.port import ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.quota_port import AppQuota
from onshelf.platforms.record import Hiding, RecordingTransport
from onshelf.platforms.tally import Observers, Tally
from onshelf.platforms.top.classes import class_of
from onshelf.platforms.top.client import ClientOptions, TopClient
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.transport import Transport
from onshelf.settings import Settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.kept import DatabaseStore
from onshelf.shops.quota.limits import limits
from onshelf.shops.quota.minutes import CallMinutes
from onshelf.shops.quota.outlook import Outlooks
from onshelf.shops.quota.permits import Keeper, Record
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database
from onshelf.store.rehearsal import Rehearsal
from onshelf.watch.plan import Pace
from onshelf.watch.watch import Watcher

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
    hooks: LocalWaker


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
    outward: Transport  # to addresses that people typed: a webhook's, a robot's
    cache: ReadCache
    tally: Tally
    platform: TopPlatform
    directory: Directory
    alerts: Alerts
    webhooks: HookDirectory
    hooks: Hooks
    watcher: Watcher
    wakers: Wakers
    lock: HomeLock
    keeper: Keeper
    outlooks: Outlooks
    imports: Imports
    pictures: ShopPictures

    async def shop(self, shop_id: str) -> ShopRef:
        """Returns how to call a shop; raises SettingsError naming the shops there are."""
        shop = await self.shops.get(shop_id)
        if shop is None:
            names = " | ".join(one.shop_id for one in await self.shops.list())
            raise SettingsError(
                "shop", value=shop_id, origin="argument", expected=names or expected("a_shop_first")
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
        outward = transport or SocketTransport(
            connect_timeout_s=settings["connect_timeout_s"],
            permits=None if inside_permitted(settings) else is_outside,
        )
        stack.push_async_callback(outward.close)
        transport = transport or SocketTransport(connect_timeout_s=settings["connect_timeout_s"])
        clock = clock or await chosen_clock(settings, stack)
        transport = recorded(settings, transport, clock)
        stack.push_async_callback(transport.close)
        app = _join(settings, clock, random, db, vault, transport, outward)
        stack.push_async_callback(app.audit.close)
        stack.push_async_callback(app.client.close)
        stack.push_async_callback(app.client.quotas.end)
        stack.push_async_callback(app.imports.checks.close)
        yield app


async def chosen_clock(settings: Settings, stack: contextlib.AsyncExitStack) -> Clock:
    """Returns the machine's clock, or the sandbox's that the settings name. Raises: SettingsError."""
    address = settings["clock"]
    if not address:
        return SystemClock()
    wanted = expected("sandbox_clock")
    if settings["environment"] == "production":
        wanted = expected("no_clock")
    else:
        transport = SocketTransport(connect_timeout_s=settings["connect_timeout_s"])
        stack.push_async_callback(transport.close)
        with contextlib.suppress(NoClock):
            return await stack.enter_async_context(following(address, transport))
    raise SettingsError("clock", value=address, origin=settings.origin["clock"], expected=wanted)


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
            expected=expected("writable_file", why=error.strerror),
        ) from error


def inside_permitted(settings: Settings) -> bool:
    """Tells whether what people typed may lead requests of ours into this machine or its network.

    Without a word of the setting only where nobody else types: who sits at this machine reaches all of that anyway.
    """
    wish = settings["inside_addresses"]
    if wish != "auto":
        return bool(wish == "allow")
    return settings["environment"] != "production" and not is_public(settings)


def is_public(settings: Settings) -> bool:
    """Tells whether others than who sits at this machine may be served, as far as the settings tell."""
    host = settings["service"].rpartition(":")[0]
    return bool(settings["public_address"]) or bool(host and not is_this_machine(host))


def _join(
    settings: Settings,
    clock: Clock,
    random: Random,
    db: Database,
    vault: Vault,
    transport: Transport,
    outward: Transport,
) -> App:
    production = settings["environment"] == "production"
    audit = Audit(db, vault, clock, random)
    record = Record(db, audit, clock)
    queue = Queue(db, clock, lease_s(settings))
    shops = ShopStore(db, vault)
    authoriser = Authoriser(shops, transport, clock)
    sessions = ShopSessions(shops, queue, clock, authoriser)
    tally = Tally()
    cache = ReadCache(
        clock,
        memory=_memory(settings, clock),
        disk=DatabaseStore(db),
        max_age_s=settings["cache_s"],
        slow_max_age_s=settings["cache_slow_s"],
    )
    client = TopClient(
        transport,
        apps=AppSecrets(shops, clock),
        sessions=sessions,
        quotas=_quotas(settings, clock, random, record),
        clock=clock,
        random=random,
        observer=Observers(audit, tally.calls),
        cache=cache,
        options=ClientOptions(
            read_timeout_s=settings["read_timeout_s"],
            write_timeout_s=settings["write_timeout_s"],
            concurrency=settings["concurrency"],
            production=production,
        ),
    )
    platform = TopPlatform(client)
    pictures = ShopPictures(settings.home / "pictures")
    wakers = Wakers(LocalWaker(), LocalWaker(), LocalWaker(), LocalWaker())
    tools = Tools(outward, clock, production, inside=inside_permitted(settings))
    directory = Directory(db, vault, tools, random, Links(console=settings["public_address"].rstrip("/")))
    hook_tools = HookTools(outward, clock, production, inside=inside_permitted(settings))
    webhooks = HookDirectory(db, vault, hook_tools, random)
    keeper = Keeper(db, shops, client.quotas, record, clock, settings=limits(settings))
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
        outward=outward,
        cache=cache,
        tally=tally,
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
        webhooks=webhooks,
        hooks=Hooks(db, webhooks, random, wakers.hooks, kept_days=settings["events_days"]),
        watcher=Watcher(db, platform, clock, pace(settings)),
        wakers=wakers,
        lock=HomeLock(settings.home),
        keeper=keeper,
        outlooks=Outlooks(
            db,
            CallMinutes(db, audit, clock),
            clock,
            limits(settings),
            shared=keeper.shared if settings["redis"] else None,
        ),
        imports=Imports(db, Uploads(settings.home / "uploads"), pictures, clock, random),
        pictures=pictures,
    )


def rehearsing(app: App) -> App:
    """Returns the app as a dry run has it: its database keeps nothing. What leaves the machine would leave it all the same."""
    db = Rehearsal(app.db)
    queue = Queue(db, app.clock, lease_s(app.settings))
    shops = ShopStore(db, app.vault)
    return replace(
        app,
        db=db,
        queue=queue,
        schedules=Schedules(db, app.clock, lease_s(app.settings)),
        shops=shops,
        sessions=ShopSessions(shops, queue, app.clock, app.authoriser),
        directory=app.directory.over(db),
        webhooks=app.webhooks.over(db),
        imports=app.imports.over(db),
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
            expected=expected("lease", least=f"{least:g}", margin=f"{LEASE_MARGIN_S:g}"),
        )
    return float(settings["lease_s"])


def pace(settings: Settings) -> Pace:
    """Returns the settings of watching as a value."""
    return Pace(
        every_s=settings["watch_every_s"],
        overlap_s=settings["watch_overlap_s"],
        skew_s=settings["clock_skew_s"],
        absent_looks=settings["absent_looks"],
        absent_spacing_s=settings["absent_spacing_s"],
    )
