"""What a quota means for work: minutes, days, closures on the way, and products."""

import math

import pytest

from onshelf.clock import SECOND_US
from onshelf.platforms.forecast import forecast, products_of
from onshelf.platforms.port import Closure, Free

NOW_US = 1_800_000_000 * SECOND_US
DAY_S = 86_400


def free(
    now: int = 0, per_second: float = math.inf, today: int | None = None, per_day: int | None = None
) -> Free:
    return Free(now, per_second, today, per_day=per_day)


@pytest.mark.parametrize(
    ("calls", "quota", "minutes"),
    [
        (12_400, free(), 0),
        (1000, free(now=1000, per_second=1000 / 60), 0),
        (12_400, free(now=400, per_second=5.0), 40),
        (10, free(now=0, per_second=0.0), math.inf),
        (10, free(now=5, per_second=0.0, today=5), math.inf),
    ],
)
def test_calls_take_what_goes_at_once_and_then_the_sustained_rate(
    calls: int, quota: Free, minutes: float
) -> None:
    assert forecast(calls, quota, NOW_US).minutes == minutes


def test_the_days_calls_last_until_they_are_used_and_the_rest_waits_for_the_next_day() -> None:
    ahead = forecast(7000, free(now=100, per_second=10.0, today=5100, per_day=6000), NOW_US)

    assert not ahead.fits_today
    assert ahead.lasts_until_us == NOW_US + 500 * SECOND_US
    assert ahead.seconds == pytest.approx(DAY_S + 180, abs=1)


def test_work_of_many_days_takes_them() -> None:
    ahead = forecast(5000 * 3 + 1, free(now=5000, today=5000, per_day=5000), NOW_US)

    assert ahead.seconds == 3 * DAY_S


def test_work_that_fits_the_day_has_no_end_of_it() -> None:
    ahead = forecast(5000, free(now=5000, today=5000, per_day=5000), NOW_US)

    assert (ahead.fits_today, ahead.lasts_until_us) == (True, None)


def test_a_forecast_names_the_closures_it_will_meet_soonest_first() -> None:
    hour_us = 3600 * SECOND_US
    soon, now, late, over = (
        Closure(name, NOW_US + begins * hour_us, NOW_US + ends * hour_us, ("*",))
        for name, begins, ends in (("soon", 1, 2), ("now", -1, 1), ("late", 5, 6), ("over", -2, 0))
    )
    quota = Free(0, 1.0, None, closures=(soon, now, late, over))

    assert forecast(2 * 3600, quota, NOW_US).closures == (now, soon)


def test_5000_calls_list_about_2400_products() -> None:
    assert products_of(5000) == pytest.approx(2400, rel=0.01)
