"""What an app's quota means now: each limit and who said so, what is used and left, and how long the day's calls last.

Reckoned from the record of calls, so it is the same in whichever process it is asked for; what is left, where several
homes share a quota, from what they share. Pure but for `Outlooks`.
"""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from onshelf.clock import SECOND_US, Clock
from onshelf.guard.audit import calls_since, lanes_since
from onshelf.platforms.forecast import DAY_S, Forecast, forecast, free_of
from onshelf.platforms.port import Closure, Free, Lane
from onshelf.platforms.top.classes import class_of
from onshelf.platforms.window import Limit, kept_free
from onshelf.shops.quota.calendar import closures
from onshelf.shops.quota.minutes import DAY_MINUTES, MINUTE_US, CallMinutes, Calls
from onshelf.shops.quota.permits import Permit, Source, permits
from onshelf.store.db import Database

HOUR_S = 3600
SHORT_S = 60.0
"""A window up to this is counted call by call, a longer one by whole minutes."""


class Origin(StrEnum):
    """Who said what an app may call."""

    DEFAULT = "default"  # a setting
    TOLD = "told"  # a person
    LEARNED = "learned"  # the gateway, by refusing


@dataclass(frozen=True, slots=True)
class Window:
    """One limit and how much of it is used."""

    limit: Limit  # 0 calls: a person said that there is no limit
    origin: Origin
    at_us: int | None  # when it was told or learned; None: a setting
    used: int  # in the window that ends now

    @property
    def left(self) -> int | None:
        """Calls that may still go; None: no limit."""
        return max(0, self.limit.limit - self.used) if self.limit.limit else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The quota of one app now."""

    app_key: str
    windows: tuple[Window, ...]  # of the whole app first, the longest first
    used_24h: int
    used_1h: int
    free: Free  # as a listing job has it, the shares of other lanes taken off
    # when the day's calls end at the pace of the last hour; None: they do not, or no daily limit
    until_us: int | None
    closures: tuple[Closure, ...]  # that are on or to come, soonest first
    hours: tuple[int, ...]  # calls of the last 24 hours, oldest first; the last hour ends now
    minutes: tuple[int, ...]  # calls of the last 60 minutes, oldest first; the last minute is under way
    methods: tuple[tuple[str, int], ...]  # most called in 24 hours, the most first
    now_us: int
    # calls of the last 24 hours by what they were for
    lanes: Mapping[Lane, int] = field(default_factory=dict)

    @property
    def day(self) -> Window | None:
        """The day's limit of the whole app; None: there is none."""
        days = (one for one in self.windows if one.limit.scope == "app" and one.limit.window_s >= DAY_S)
        return next((one for one in days if one.limit.limit), None)

    @property
    def left_today(self) -> int | None:
        """Calls of the day that may still go, `free.today` of them for a listing job; None: no daily limit."""
        return None if self.day is None else self.day.left

    def lane_share(self, lane: Lane) -> int | None:
        """Calls of the day a lane is sure of while it has work; None: no daily limit."""
        return None if self.day is None else kept_free(self.day.limit).get(lane, 0)

    def reach(self, calls: int) -> Forecast:
        """Tells what so many calls of a listing job come to, alone with this quota."""
        return forecast(calls, self.free, self.now_us)


def windows(
    settings: Sequence[Limit],
    told: Sequence[Permit],
    minutes: Calls,
    recent: Sequence[tuple[int, str]],
    now_us: int,
) -> tuple[Window, ...]:
    """Returns the limits in force with their use. `recent`: (answered, method) of the last minute at least."""
    found = {(limit.scope, limit.window_s): (limit, Origin.DEFAULT, None) for limit in settings}
    for one in told:
        origin = Origin.TOLD if one.source is Source.TOLD else Origin.LEARNED
        found[one.limit.scope, one.limit.window_s] = (one.limit, origin, one.at_us)  # type: ignore[assignment]
    ordered = sorted(found.values(), key=lambda one: (_rank(one[0].scope), -one[0].window_s, one[0].scope))
    return tuple(
        Window(limit, origin, at_us, _used(limit, minutes, recent, now_us))
        for limit, origin, at_us in ordered
    )


def _rank(scope: str) -> int:
    return {"app": 0, "class": 1}.get(scope.partition(":")[0], 2)


def _used(limit: Limit, minutes: Calls, recent: Sequence[tuple[int, str]], now_us: int) -> int:
    since_us = now_us - round(limit.window_s * SECOND_US)
    if limit.window_s <= SHORT_S:
        return sum(at_us > since_us and counts(limit.scope, method) for at_us, method in recent)
    first = since_us // MINUTE_US
    return sum(
        calls
        for minute, methods in minutes.items()
        if minute > first
        for method, calls in methods.items()
        if counts(limit.scope, method)
    )


def counts(scope: str, method: str) -> bool:
    """Tells whether a call of a method counts in a scope."""
    return scope in ("app", f"method:{method}", class_of(method))


def day_lasts(per_day: int, minutes: Mapping[int, int], per_second: float, now_us: int) -> int | None:
    """Returns when a day's calls are used up if calls go on at a pace; None: never, for slots fall due as fast.

    `minutes`: calls of the last day by minute; each is free again a day after.
    """
    room = per_day - sum(minutes.values())
    for minute, calls in sorted(minutes.items()):
        due_us = (minute + 1) * MINUTE_US + round(DAY_S * SECOND_US)
        if per_second * (due_us - now_us) / SECOND_US > room:
            break
        room += calls
    if per_second <= 0 or per_second * DAY_S <= room:
        return None
    return now_us + math.ceil(max(0, room) / per_second * SECOND_US)


def outlook_of(
    app_key: str,
    found: tuple[Window, ...],
    minutes: Calls,
    closed: tuple[Closure, ...],
    expected: frozenset[Lane],
    now_us: int,
    *,
    shared: Free | None = None,
) -> Outlook:
    """Puts together what is known of an app. `expected`: lanes beside listing that have work; `shared`: what others leave, too."""
    now = now_us // MINUTE_US
    totals = {minute: methods.total() for minute, methods in minutes.items()}
    per_minute = tuple(totals.get(minute, 0) for minute in range(now - DAY_MINUTES + 1, now + 1))
    used_1h = sum(per_minute[-60:])
    rooms = [
        (one.limit, max(0, (one.left or 0) - _kept(one.limit, expected)))
        for one in found
        if one.limit.limit and one.limit.scope in ("app", class_of(""))
    ]
    limits = [one.limit for one in found if one.limit.limit]
    free = shared or free_of(rooms, limits, closed, banned=False)
    until_us = None if free.per_day is None else day_lasts(free.per_day, totals, used_1h / HOUR_S, now_us)
    methods: Counter[str] = Counter()
    for of_minute in minutes.values():
        methods.update(of_minute)
    return Outlook(
        app_key=app_key,
        windows=found,
        used_24h=sum(per_minute),
        used_1h=used_1h,
        free=free,
        until_us=until_us,
        closures=closed,
        hours=tuple(sum(per_minute[at : at + 60]) for at in range(0, DAY_MINUTES, 60)),
        minutes=per_minute[-60:],
        methods=tuple(methods.most_common()),
        now_us=now_us,
    )


def _kept(limit: Limit, expected: frozenset[Lane]) -> int:
    kept = kept_free(limit)
    return sum(kept.get(lane, 0) for lane in expected if lane is not Lane.LISTING)


Shared = Callable[[str, frozenset[Lane]], Awaitable[Free]]
"""What a listing job may call now of an app, as all homes together leave it."""


class Outlooks:
    """Reads what an outlook is made of."""

    def __init__(
        self,
        db: Database,
        minutes: CallMinutes,
        clock: Clock,
        settings: Sequence[Limit],
        *,
        shared: Shared | None = None,
    ) -> None:
        """`settings`: the limits that hold for an app nobody told anything of; `shared`: of a quota shared with other homes."""
        self._db = db
        self._minutes = minutes
        self._clock = clock
        self._settings = settings
        self._shared = shared

    async def of(self, app_key: str, expected: frozenset[Lane] = frozenset()) -> Outlook:
        """Tells how the quota of an app stands. `expected`: lanes beside listing that have work."""
        minutes, now_us = await self._minutes.of(app_key), self._clock.now_us()
        recent = await calls_since(self._db, app_key, now_us - 2 * MINUTE_US)
        found = windows(self._settings, await permits(self._db, app_key), minutes, recent, now_us)
        closed = await closures(self._db, now_us)
        shared = await self._shared(app_key, expected) if self._shared else None
        outlook = outlook_of(app_key, found, minutes, closed, expected, now_us, shared=shared)
        used = await lanes_since(self._db, app_key, now_us - round(DAY_S * SECOND_US))
        return replace(outlook, lanes={lane: used.get(lane, 0) for lane in Lane})
