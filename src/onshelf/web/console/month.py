"""A month on one sheet: the days in weeks from Monday on, with what stands on each. Pure."""

import re
from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from onshelf.clock import BEIJING, from_us
from onshelf.platforms.port import Closure

FIRST, LAST = 1970, 2099
_FORM = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Day:
    """One day and what stands on it."""

    date: date
    inside: bool  # of the month itself, not of those beside it
    today: bool
    closures: tuple[Closure, ...]
    ends: tuple[str, ...]  # shops whose authorisation ends


@dataclass(frozen=True, slots=True)
class Month:
    """One month; weeks begin on Monday."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        return f"{self.first + timedelta(days=31):%Y-%m}"


def read_month(given: str, today: date) -> date:
    """Reads `YYYY-MM`; for anything else this month."""
    found = _FORM.fullmatch(given)
    year, number = (int(found[1]), int(found[2])) if found else (today.year, today.month)
    return date(year, number, 1) if FIRST <= year <= LAST and 1 <= number <= 12 else today.replace(day=1)


def month_of(
    first: date, today: date, closures: Sequence[Closure], ends: Mapping[date, Sequence[str]]
) -> Month:
    """Lays a month out."""
    spans = [(one, *days_of(one)) for one in closures]
    weeks = tuple(
        tuple(
            Day(
                day,
                day.month == first.month,
                day == today,
                tuple(one for one, begins, last in spans if begins <= day <= last),
                tuple(ends.get(day, ())),
            )
            for day in week
        )
        for week in Calendar().monthdatescalendar(first.year, first.month)
    )
    return Month(first, weeks)


def days_of(closure: Closure) -> tuple[date, date]:
    """Returns the first and the last day of Beijing on which a closure is on; its end itself is no longer in it."""
    begins, last = (
        from_us(at_us).astimezone(BEIJING).date() for at_us in (closure.from_us, closure.to_us - 1)
    )
    return begins, last
