"""A month on one sheet: whole weeks, days of Beijing, and an end that is no longer in it."""

from datetime import date, datetime

import pytest

from onshelf.clock import BEIJING, to_us
from onshelf.platforms.port import Closure
from onshelf.web.console.month import days_of, month_of, read_month

TODAY = date(2026, 11, 22)


def closure(begins: str, ends: str) -> Closure:
    moments = [to_us(datetime.fromisoformat(one).replace(tzinfo=BEIJING)) for one in (begins, ends)]
    return Closure("double-eleven", moments[0], moments[1], ("*",))


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ("2026-12", date(2026, 12, 1)),
        ("", date(2026, 11, 1)),
        ("2026-13", date(2026, 11, 1)),
        ("0001-01", date(2026, 11, 1)),
        ("2026-12-01", date(2026, 11, 1)),
    ],
)
def test_what_is_no_month_means_this_one(given: str, first: date) -> None:
    assert read_month(given, TODAY) == first


def test_a_month_has_whole_weeks_from_monday_and_knows_its_neighbours() -> None:
    shown = month_of(date(2026, 11, 1), TODAY, [], {})
    days = [day for week in shown.weeks for day in week]

    assert (days[0].date, days[-1].date) == (date(2026, 10, 26), date(2026, 12, 6))
    assert sum(day.inside for day in days) == 30
    assert [day.date for day in days if day.today] == [TODAY]
    assert (shown.name, shown.before, shown.after) == ("2026-11", "2026-10", "2026-12")


@pytest.mark.parametrize("month", range(1, 13))
def test_every_months_neighbours_are_the_months_beside_it(month: int) -> None:
    shown = month_of(date(2026, month, 1), TODAY, [], {})

    assert shown.before == f"{2025 + (month > 1)}-{(month - 2) % 12 + 1:02d}"
    assert shown.after == f"{2026 + (month == 12)}-{month % 12 + 1:02d}"


@pytest.mark.parametrize(
    ("begins", "ends", "days"),
    [
        ("2026-11-11T00:00", "2026-11-11T02:00", (11, 11)),
        ("2026-11-10T20:00", "2026-11-12T00:00", (10, 11)),
        ("2026-11-10T20:00", "2026-11-12T00:01", (10, 12)),
    ],
)
def test_a_closure_stands_on_the_days_it_is_on(begins: str, ends: str, days: tuple[int, int]) -> None:
    one = closure(begins, ends)
    shown = month_of(date(2026, 11, 1), TODAY, [one], {})

    assert days_of(one) == (date(2026, 11, days[0]), date(2026, 11, days[1]))
    assert [day.date.day for week in shown.weeks for day in week if day.closures] == list(
        range(days[0], days[1] + 1)
    )


def test_a_shop_stands_on_the_day_its_authorisation_ends() -> None:
    shown = month_of(date(2026, 11, 1), TODAY, [], {date(2026, 11, 30): ["shop-a"]})

    assert [day.date.day for week in shown.weeks for day in week if day.ends == ("shop-a",)] == [30]
