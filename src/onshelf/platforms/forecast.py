"""What a quota means for work to be done: how long so many calls take, and how long the day's calls last. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from onshelf.clock import SECOND_US
from onshelf.platforms.port import Closure, Free
from onshelf.platforms.window import Limit

DAY_S = 86_400.0
UNLIMITED = 1_000_000_000
CALLS_A_PRODUCT = 2.1
"""A picture, the item, and shared look-ups and read-backs."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What so many calls of one app come to."""

    calls: int
    seconds: float  # until the last may go; inf: the quota lets nothing go
    today: int | None  # calls left of the day; None: no daily limit
    # when the day's calls are used up by this work; None: they are enough, or without limit
    lasts_until_us: int | None
    closures: tuple[Closure, ...] = ()  # that may hold it up meanwhile, soonest first

    @property
    def minutes(self) -> float:
        return self.seconds / 60

    @property
    def fits_today(self) -> bool:
        return self.today is None or self.calls <= self.today


def forecast(calls: int, free: Free, now_us: int) -> Forecast:
    """Reckons with the quota alone to oneself, and names the closures that may hold the work up."""
    today = calls if free.today is None else min(calls, free.today)
    seconds = _seconds(today, free)
    lasts_until_us = None if today == calls else now_us + _whole_us(seconds)
    if today < calls:
        seconds = _over_days(calls - today, free)
    ends_us = now_us + _whole_us(min(seconds, DAY_S * 366))
    met = [one for one in free.closures if one.from_us <= ends_us and one.to_us > now_us]
    return Forecast(
        calls, seconds, free.today, lasts_until_us, tuple(sorted(met, key=lambda one: one.from_us))
    )


def products_of(calls: int) -> int:
    """Returns how many products so many calls list."""
    return int(calls / CALLS_A_PRODUCT)


def _seconds(calls: int, free: Free) -> float:
    """What may go at once, then the sustained rate."""
    waiting = max(0, calls - free.now)
    if not waiting or free.per_second == math.inf:
        return 0.0
    return waiting / free.per_second if free.per_second else math.inf


def _over_days(rest: int, free: Free) -> float:
    """The slots used today are free again a day later, and so on each day."""
    if not free.per_day:
        return math.inf
    days, last = divmod(rest - 1, free.per_day)
    return (days + 1) * DAY_S + _seconds(last + 1, free)


def _whole_us(seconds: float) -> int:
    return 0 if math.isinf(seconds) else math.ceil(seconds * SECOND_US)


def free_of(
    rooms: Sequence[tuple[Limit, int]],
    limits: Sequence[Limit],
    closures: tuple[Closure, ...],
    *,
    banned: bool,
) -> Free:
    """Puts the rooms of an app's own windows and of the basic class into the value planners ask for."""
    rate = min(
        (limit.limit / limit.window_s for limit, _ in rooms if limit.window_s < DAY_S), default=math.inf
    )
    days = [(limit.limit, room) for limit, room in rooms if limit.window_s >= DAY_S]
    return Free(
        now=0 if banned else min((room for _, room in rooms), default=UNLIMITED),
        per_second=rate,
        today=min((room for _, room in days), default=None),
        limits=tuple(str(limit) for limit in limits),
        per_day=min((limit for limit, _ in days), default=None),
        closures=closures,
    )
