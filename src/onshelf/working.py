"""What the worker of a home runs until it is stopped: jobs, schedules, checks, alerts, hooks, messages; when shops are watched."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import time

import msgspec

from onshelf.alerts.store import take_over
from onshelf.catalog.imports.runs import take_over as take_over_checks
from onshelf.errors import SettingsError
from onshelf.hooks.messages import take_over as take_over_hooks
from onshelf.jobs.drain import Drain
from onshelf.jobs.job import Line
from onshelf.jobs.schedule import Entry, Scheduler
from onshelf.listing.preview import Preview, preview
from onshelf.listing.publish import Publisher
from onshelf.platforms.port import Lane, ShopPort, ShopRef
from onshelf.platforms.top.tmc.connection import Dialler
from onshelf.pushing import Pushing, received_groups
from onshelf.settings import Settings
from onshelf.shops import upkeep
from onshelf.shops.calls import CALL, CallLines
from onshelf.shops.evening import read_time_of_day
from onshelf.shops.push import outage
from onshelf.shops.push.outage import Outages
from onshelf.shops.shop import Shop
from onshelf.shops.upkeep import EveningProbe, Upkeep
from onshelf.watch.watch import Looked
from onshelf.wiring import App

PUBLISH, WATCH, SWEEP, AGAIN = "publish", "watch", "sweep", "again"
UPKEEP_EVERY_S = 60.0
LEAST_EVERY_S = 0.05


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
        app.schedules.ensure("messages", kind=outage.KIND, every_s=outage_every_s(app.settings)),
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


def outage_every_s(settings: Settings) -> float:
    """Returns how often it is looked whether messages come."""
    after_s: float = settings["push_alert_s"] or UPKEEP_EVERY_S
    return min(UPKEEP_EVERY_S, max(after_s, LEAST_EVERY_S))


async def end_watching(app: App, shop_ids: Sequence[str]) -> None:
    """Takes the looks of shops off the schedule."""
    names = {entry.name for entry in await app.schedules.entries()}
    wanted = [f"{kind}:{shop_id}" for shop_id in shop_ids for kind in rhythm(app.settings)]
    await app.db.commit([app.schedules.remove(name) for name in wanted if name in names])


async def work(app: App, stop: asyncio.Event, dialler: Dialler | None = None) -> None:
    """Is the home's worker until `stop` is set: runs jobs, schedules, alerts, webhooks and what messages call for.

    The caller holds `app.lock`. `dialler`: how to reach a message service; None receives none.
    """
    await prepare_quotas(app)
    # the home's lock guards the whole database: who worked before us is dead
    if not app.settings["database"]:
        now_us = app.clock.now_us()
        leases = [
            app.queue.take_over(),
            app.schedules.take_over(),
            take_over(now_us),
            take_over_hooks(now_us),
            take_over_checks(),
        ]
        await app.db.commit(leases)
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
            outage.KIND: Outages(
                app.shops,
                app.clock,
                groups=received_groups(app.settings),
                after_s=app.settings["push_alert_s"],
            ),
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
        loops.create_task(app.hooks.run(stop))
        loops.create_task(app.imports.checks.run(stop))
        loops.create_task(app.keeper.run(stop, lambda: expected_lanes(app)))
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
        counted=app.tally.messages,
    )


async def prepare_quotas(app: App) -> None:
    """Brings the quotas to what is permitted and used: before a forecast, and before a worker begins."""
    await app.keeper.prepare(await expected_lanes(app))


async def publishing_plan(
    app: App, shop: Shop, *, only: Collection[str] | None = None, at_most: int | None = None
) -> Preview:
    """Tells what a publish would do now, with the quota as it stands; makes no call. `only`, `at_most`: as `start` takes them."""
    await prepare_quotas(app)
    free = app.platform.free(shop.ref(), Lane.LISTING)
    return await preview(app.db, shop.shop_id, free, app.clock.now_us(), only=only, at_most=at_most)


async def expected_lanes(app: App) -> frozenset[Lane]:
    """Names the lanes the schedule will need: a listing job must leave the watch its share before its first look."""
    watched = any(entry.kind in (WATCH, SWEEP) for entry in await app.schedules.entries())
    return frozenset({Lane.POLLS}) if watched else frozenset()


def probe_at(settings: Settings) -> time | None:
    """Returns when shops are probed each day; None: never. Raises SettingsError."""
    try:
        return read_time_of_day(settings["probe_at"])
    except ValueError as error:
        raise SettingsError(
            "probe_at", value=settings["probe_at"], origin=settings.origin["probe_at"], expected="HH:MM"
        ) from error
