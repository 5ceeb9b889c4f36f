"""What each app may call: the settings, in their place what a person told or a refusal taught, and the calendar over all.

`Keeper` brings it to the quotas of a process and keeps them to it while it runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import StoreError
from onshelf.guard.audit import Audit, calls_since
from onshelf.platforms.port import Free, Lane
from onshelf.platforms.quota import DAY_S, AppQuota, DayEnded, Limit, Past, Quotas
from onshelf.shops.quota.calendar import closures
from onshelf.shops.store import ShopStore
from onshelf.store.db import Database, Value, Write

log = structlog.get_logger()

EVERY_S = 30.0
"""How soon a running worker follows what a person changed."""
LEAST_LEARNED = 1
_LIMITED = 7


class Source(StrEnum):
    """Who said what an app may call."""

    TOLD = "told"  # a person
    LEARNED = "learned"  # the gateway, by refusing


@dataclass(frozen=True, slots=True)
class Permit:
    """A limit of one app that holds in place of the settings'."""

    app_key: str
    limit: Limit
    source: Source
    at_us: int


def put(permit: Permit) -> Write:
    """Keeps a permit in place of an earlier one of the same scope and window; the latest word counts."""
    return Write(
        "INSERT INTO quota_limit (app_key, scope, window_s, calls, source, at_us) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (app_key, scope, window_s) DO UPDATE SET calls = excluded.calls, "
        "source = excluded.source, at_us = excluded.at_us",
        (
            permit.app_key,
            permit.limit.scope,
            round(permit.limit.window_s),
            permit.limit.limit,
            permit.source,
            permit.at_us,
        ),
    )


def forget(app_key: str, scope: str, window_s: float) -> Write:
    """Lets the setting hold again."""
    return Write(
        "DELETE FROM quota_limit WHERE app_key = ? AND scope = ? AND window_s = ?",
        (app_key, scope, round(window_s)),
    )


async def permits(db: Database, app_key: str) -> tuple[Permit, ...]:
    """Returns what was told or learned of an app."""
    rows = await db.fetch(
        "SELECT scope, window_s, calls, source, at_us FROM quota_limit WHERE app_key = ? ORDER BY scope, window_s",
        (app_key,),
    )
    return tuple(
        Permit(app_key, Limit(calls, float(window_s), scope), Source(source), at_us)
        for scope, window_s, calls, source, at_us in cast("list[tuple[str, int, int, str, int]]", rows)
    )


async def replace_told(
    db: Database, app_key: str, told: Sequence[Permit], *, learned_too: bool = False
) -> None:
    """Puts these permits in place of all that people told of an app; durable, as one unit. `learned_too`: of the rest as well."""
    wished = {(one.limit.scope, one.limit.window_s) for one in told}
    stale = [
        one
        for one in await permits(db, app_key)
        if (one.limit.scope, one.limit.window_s) not in wished and (learned_too or one.source is Source.TOLD)
    ]
    forgotten = [forget(app_key, one.limit.scope, one.limit.window_s) for one in stale]
    if forgotten or told:
        await db.commit([*forgotten, *(put(one) for one in told)])


def in_force(settings: Sequence[Limit], told: Sequence[Permit]) -> dict[tuple[str, float], Limit]:
    """Returns the limits of an app by scope and window: the settings', and what was told or learned in their place."""
    limits = [*settings, *(permit.limit for permit in told)]
    latest = {(limit.scope, limit.window_s): limit for limit in limits}
    return {key: limit for key, limit in latest.items() if limit.limit}


class Record:
    """The record of calls as a quota reads it: those of the last day, oldest first, our own included."""

    def __init__(self, db: Database, audit: Audit, clock: Clock) -> None:
        self._db = db
        self._audit = audit
        self._clock = clock

    async def __call__(self, app_key: str) -> list[Past]:
        """Returns the calls of an app. The record does not tell the lane; most calls list."""
        await self._audit.flush()
        since_us = self._clock.now_us() - round(DAY_S * SECOND_US)
        calls = await calls_since(self._db, app_key, since_us)
        return [Past(at_us, method, Lane.LISTING) for at_us, method in calls]

    async def learn(self, ended: DayEnded) -> Permit | None:
        """Counts what the gateway let through in the day before it refused: that is the day's limit. None: too little to tell.

        Calls made with the same app elsewhere are not in our record, so what is learned is what is left for us.
        """
        await self._audit.flush()
        sql = (
            "SELECT count(*) FROM audit WHERE actor = ? AND kind = 'call' AND at_us >= ? AND at_us <= ? "
            "AND outcome <> 'not_sent' AND platform_code <> ?"
        )
        args: list[Value] = [ended.app_key, ended.at_us - round(DAY_S * SECOND_US), ended.at_us, _LIMITED]
        if ended.scope != "app":
            sql += " AND action = ?"
            args.append(ended.scope.removeprefix("method:"))
        calls = cast("int", (await self._db.fetch(sql, args))[0][0])
        if calls < LEAST_LEARNED:
            return None
        return Permit(ended.app_key, Limit(calls, DAY_S, ended.scope), Source.LEARNED, ended.at_us)


class Keeper:
    """Keeps the quotas of a process to what is permitted."""

    def __init__(
        self,
        db: Database,
        shops: ShopStore,
        quotas: Quotas,
        record: Record,
        clock: Clock,
        *,
        settings: Sequence[Limit],
    ) -> None:
        self._db = db
        self._shops = shops
        self._quotas = quotas
        self._record = record
        self._clock = clock
        self._settings = settings

    async def prepare(self, expected: frozenset[Lane] = frozenset()) -> None:
        """Books what the record of calls tells of the last day, so that a restart forgets nothing, then sets the limits."""
        for app_key in await self._apps():
            quota = self._quotas.of(app_key)
            quota.seed(await self._record(app_key))
            await self._set(app_key, quota, expected)
            await quota.refresh()

    async def shared(self, app_key: str, expected: frozenset[Lane]) -> Free:
        """Tells what a listing job may call now, by a fresh look at what all processes use."""
        await self.prepare(expected)
        return self._quotas.of(app_key).free(Lane.LISTING)

    async def follow(self, expected: frozenset[Lane]) -> None:
        """Learns from refusals and sets anew what was told meanwhile; `expected`: lanes that will have work."""
        for ended in self._quotas.ended():
            if permit := await self._record.learn(ended):
                log.warning(
                    "quota.day_learned", app_key=ended.app_key, scope=ended.scope, calls=permit.limit.limit
                )
                await self._db.commit([put(permit)])
        for app_key in await self._apps():
            await self._set(app_key, self._quotas.of(app_key), expected)

    async def run(self, stop: asyncio.Event, expected: Callable[[], Awaitable[frozenset[Lane]]]) -> None:
        """Follows until `stop` is set. A database that fails is asked again; what a refusal taught then is taught again."""
        while not stop.is_set():
            await self.rest(stop)
            try:
                await self.follow(await expected())
            except StoreError as error:
                log.warning("quota.not_followed", error=str(error))

    async def rest(self, stop: asyncio.Event) -> None:
        """Waits until there is something to follow: a refusal that teaches, some time, or the end."""
        waits = [
            asyncio.ensure_future(stop.wait()),
            asyncio.ensure_future(self._quotas.news.wait()),
            asyncio.ensure_future(self._clock.sleep(EVERY_S)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _set(self, app_key: str, quota: AppQuota, expected: frozenset[Lane]) -> None:
        wanted = in_force(self._settings, await permits(self._db, app_key))
        present = {(limit.scope, limit.window_s): limit for limit in quota.limits}
        for scope, window_s in present.keys() - wanted.keys():
            quota.permit(Limit(0, window_s, scope))
        for key, limit in wanted.items():
            if present.get(key) != limit:
                quota.permit(limit, () if key in present else await self._record(app_key))
        quota.expect(expected)
        quota.close(await closures(self._db, self._clock.now_us()))

    async def _apps(self) -> list[str]:
        return sorted({shop.app_key for shop in await self._shops.list()})
