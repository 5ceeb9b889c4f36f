"""A silence: which alerts it keeps quiet, and until when. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, time, timedelta

from onshelf.alerts.rules import Alert
from onshelf.clock import BEIJING, SECOND_US, from_us, to_us
from onshelf.errors import SettingsError, expected

LONGEST_DAYS = 366
LONGEST_WHY = 300
_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,5})([mhd])")
_OF_DAY = re.compile(r"\d{1,2}:\d{2}")
_EXPECTED = "30m | 2h | 1d | 22:00 | 2026-01-31T09:00"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which alerts are meant: those that fit every field that is not empty."""

    fingerprint: str = ""  # one alert
    shop_id: str = ""
    rule: str = ""
    cause: str = ""
    code_prefix: str = ""  # items whose outer_id begins so

    @property
    def shop(self) -> str:
        """The only shop whose alerts can be meant; empty: any."""
        return self.shop_id or self.fingerprint.partition(":")[0]

    def fits(self, alert: Alert) -> bool:
        """Tells whether an alert is meant."""
        wanted = (self.fingerprint, self.shop_id, self.rule, self.cause)
        found = (alert.fingerprint, alert.shop_id, alert.rule, alert.cause)
        named = all(want in ("", is_) for want, is_ in zip(wanted, found, strict=True))
        return named and alert.outer_id.startswith(self.code_prefix)


@dataclass(frozen=True, slots=True)
class Silence:
    """Keeps the news of some alerts back for a while."""

    silence_id: str
    scope: Scope
    until_us: int
    why: str
    who: str
    created_us: int
    ended_us: int = 0  # 0: in force; it stays so until the worker, or a person, has ended it
    ended_by: str = ""  # empty: its time had come


def covering(silences: Iterable[Silence], alert: Alert) -> str:
    """Returns the id of the silence that covers an alert, of several the one that lasts longest; empty when none does."""
    fitting = [one for one in silences if not one.ended_us and one.scope.fits(alert)]
    longest = max(fitting, key=lambda one: (one.until_us, one.silence_id), default=None)
    return longest.silence_id if longest else ""


def check_silence(scope: Scope, until_us: int, why: str, now_us: int) -> None:
    """Raises SettingsError for a silence of everything, one that has ended already or does not end, and endless reasons."""
    if not any(astuple(scope)):
        raise SettingsError("scope", expected="alert | shop | rule | cause | code_prefix")
    if not now_us < until_us <= now_us + LONGEST_DAYS * 86_400 * SECOND_US:
        given = f"{from_us(until_us).astimezone(BEIJING):%Y-%m-%d %H:%M}" if 0 < until_us < 1 << 55 else ""
        raise SettingsError("until", value=given, expected=expected("until", days=LONGEST_DAYS))
    if len(why) > LONGEST_WHY:
        raise SettingsError("why", value=why[:20] + "…", expected=expected("at_most", count=LONGEST_WHY))


def read_until(given: str, now_us: int) -> int:
    """Reads when a silence ends: a span (30m, 2h, 1d), the next time of day, or a moment; Beijing time where no zone is given.

    Raises SettingsError.
    """
    words = given.strip()
    if span := _SPAN.fullmatch(words):
        return now_us + int(span[1]) * _UNITS[span[2]] * SECOND_US
    try:
        if _OF_DAY.fullmatch(words):
            return _next(time.fromisoformat(words.zfill(5)), now_us)
        moment = datetime.fromisoformat(words)
        return to_us(moment if moment.tzinfo else moment.replace(tzinfo=BEIJING))
    except (ValueError, OverflowError) as error:
        raise SettingsError("until", value=words[:40], expected=_EXPECTED) from error


def usual_ends(now_us: int) -> Mapping[str, int]:
    """Returns the ends people ask for: in an hour, tonight at 22:00 (unless it is later), tomorrow at 9:00. Beijing time."""
    here = from_us(now_us).astimezone(BEIJING)
    tonight = here.replace(hour=22, minute=0, second=0, microsecond=0)
    tomorrow = (here + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    ends = {"hour": now_us + 3600 * SECOND_US, "tonight": to_us(tonight), "tomorrow": to_us(tomorrow)}
    return {name: at_us for name, at_us in ends.items() if at_us > now_us}


def _next(of_day: time, now_us: int) -> int:
    here = from_us(now_us).astimezone(BEIJING)
    today = here.replace(hour=of_day.hour, minute=of_day.minute, second=0, microsecond=0)
    return to_us(today if today > here else today + timedelta(days=1))
