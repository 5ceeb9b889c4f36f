"""What an app's quota means now: whose limit holds, what counts in it, and how long the day lasts."""

from collections import Counter

import pytest

from onshelf.clock import SECOND_US
from onshelf.platforms.forecast import DAY_S
from onshelf.platforms.port import Closure, Lane
from onshelf.platforms.window import Limit
from onshelf.shops.quota.minutes import MINUTE_US
from onshelf.shops.quota.outlook import Origin, Outlook, day_lasts, outlook_of, windows
from onshelf.shops.quota.permits import Permit, Source

NOW = 30_000_000  # minutes since the epoch
NOW_US = NOW * MINUTE_US + 30 * SECOND_US
HOUR_US = 3600 * SECOND_US
DAY, MINUTE = Limit(100, DAY_S), Limit(20, 60.0, "class:basic")
ADD, TRADE = "taobao.item.add", "taobao.trades.sold.get"


def outlook(
    *told: Permit, calls: dict[int, int] | None = None, expected: frozenset[Lane] = frozenset()
) -> Outlook:
    minutes = {NOW - ago: Counter({ADD: count}) for ago, count in (calls or {}).items()}
    found = windows([DAY, MINUTE], told, minutes, [], NOW_US)
    return outlook_of("app", found, minutes, (), expected, NOW_US)


def test_what_was_told_or_learned_holds_in_place_of_the_setting() -> None:
    told = Permit("app", Limit(500, DAY_S), Source.TOLD, 7)
    learned = Permit("app", Limit(30, 60.0, "class:basic"), Source.LEARNED, 8)
    found = outlook(told, learned).windows

    assert [(one.limit.limit, one.origin, one.at_us) for one in found] == [
        (500, Origin.TOLD, 7),
        (30, Origin.LEARNED, 8),
    ]


def test_a_limit_that_was_lifted_is_shown_and_binds_nothing() -> None:
    found = outlook(Permit("app", Limit(0, DAY_S), Source.TOLD, 7), calls={5: 90})

    assert found.windows[0].left is None
    assert found.day is None
    assert found.free.today is None


def test_calls_count_where_they_belong_and_as_long_as_their_window() -> None:
    minutes = {NOW - 1: Counter({ADD: 5, TRADE: 3}), NOW - 24 * 60: Counter({ADD: 50})}
    recent = [(NOW_US - 70 * SECOND_US, ADD), (NOW_US - 50 * SECOND_US, ADD), (NOW_US - 2, TRADE)]
    limits = [DAY, MINUTE, Limit(9, 60.0, "class:trade"), Limit(9, 1.0), Limit(9, DAY_S, f"method:{TRADE}")]
    used = {
        (one.limit.scope, one.limit.window_s): one.used
        for one in windows(limits, [], minutes, recent, NOW_US)
    }

    assert used == {
        ("app", DAY_S): 8,
        ("class:basic", 60.0): 1,
        ("class:trade", 60.0): 1,
        ("app", 1.0): 1,
        (f"method:{TRADE}", DAY_S): 3,
    }


def test_the_last_hour_and_the_last_day_end_now() -> None:
    found = outlook(calls={0: 1, 59: 2, 60: 4, 24 * 60 - 1: 8})

    assert (found.used_1h, found.used_24h) == (3, 15)
    assert (found.minutes[0], found.minutes[-1]) == (2, 1)
    assert (found.hours[0], found.hours[-2], found.hours[-1]) == (8, 4, 3)
    assert found.methods == ((ADD, 15),)


def test_a_listing_job_leaves_the_lanes_that_have_work_their_share() -> None:
    alone, watched = outlook(calls={5: 40}), outlook(calls={5: 40}, expected=frozenset({Lane.POLLS}))

    assert (alone.free.today, watched.free.today) == (60, 50)
    assert alone.lane_share(Lane.POLLS) == 10
    assert alone.reach(20).fits_today
    assert not watched.reach(55).fits_today


@pytest.mark.parametrize(
    ("ago_h", "per_hour", "lasts_h"),
    [
        ([], 0, None),
        ([], 4, None),  # 96 a day
        ([], 10, 10),
        ([1] * 60, 10, 4),
        ([1] * 100, 10, 0),
        ([23] * 60, 10, 10),  # in an hour those 60 are free again
        ([hour + 0.5 for hour in range(23, -1, -1) for _ in range(4)], 4, None),  # as many fall due as go
    ],
)
def test_the_day_lasts_until_the_pace_has_used_what_is_free_by_then(
    ago_h: list[float], per_hour: float, lasts_h: float | None
) -> None:
    """Of 100 calls a day."""
    minutes = Counter((NOW_US - round(ago * HOUR_US)) // MINUTE_US for ago in ago_h)

    until_us = day_lasts(100, minutes, per_hour / 3600, NOW_US)

    assert until_us == (None if lasts_h is None else pytest.approx(NOW_US + lasts_h * HOUR_US, abs=MINUTE_US))


def test_a_forecast_names_the_closures_it_meets() -> None:
    closure = Closure("double-eleven", NOW_US, NOW_US + MINUTE_US, ("taobao.item.*",))
    found = outlook_of("app", windows([DAY], [], {}, [], NOW_US), {}, (closure,), frozenset(), NOW_US)

    assert found.reach(5).closures == (closure,)
