"""When something that is ordered by the clock happens: at a time of day, at a date, or every so many seconds. Pure."""

import re

import msgspec

from onshelf.sandbox.clock import read_time, wire_time
from onshelf.sandbox.errors import ControlError

DAY_S = 86400.0
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?\Z", re.ASCII)


class Timetable(msgspec.Struct, frozen=True):
    """A first time, and how far apart the next ones are."""

    first: float  # seconds since the epoch
    every: float  # seconds; 0: only once

    def latest(self, now: float) -> float | None:
        """Returns the last time at or before `now`; None when the first is still to come."""
        if now < self.first:
            return None
        return self.first + (now - self.first) // self.every * self.every if self.every else self.first

    def next(self, now: float) -> float | None:
        """Returns the first time after `now`; None when there is none any more."""
        latest = self.latest(now)
        if latest is None:
            return self.first
        return latest + self.every if self.every else None


def read_timetable(at_time: str, every: float, now: float) -> Timetable | None:
    """Reads `at_time` (`03:00` each day, or a date and time once; GMT+8) and `every` (seconds); None when neither is given.

    With both, the first is at that time and the next ones follow at that distance. Raises: ControlError.
    """
    if every < 0:
        raise ControlError("every", "use the seconds between two times, more than 0")
    if not at_time:
        return Timetable(now + every, every) if every else None
    if _TIME_OF_DAY.match(at_time):
        return Timetable(_next_time_of_day(at_time, now), every or DAY_S)
    try:
        first = read_time(at_time)
    except ValueError as error:
        raise ControlError("at_time", "use HH:mm or yyyy-MM-dd HH:mm:ss in GMT+8") from error
    if first < now:
        raise ControlError("at_time", f"{at_time} is past: the sandbox's clock shows {wire_time(now)}")
    return Timetable(first, every)


def _next_time_of_day(text: str, now: float) -> float:
    today = read_time(f"{wire_time(now)[:10]} {text if len(text) == 8 else text + ':00'}")
    return today if today >= now else today + DAY_S


def next_midnight(now: float) -> float:
    """Returns when the platform's day ends."""
    return _next_time_of_day("00:00:00", now + 1)
