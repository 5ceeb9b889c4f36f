"""The quota of each app as the settings tell it. Pure."""

import re

from onshelf.errors import SettingsError
from onshelf.platforms.quota import DAY_S, Limit
from onshelf.settings import Settings

WINDOWS = {
    "quota_per_second": (1.0, "app"),
    "quota_per_minute": (60.0, "app"),
    "quota_per_day": (DAY_S, "app"),
    "quota_basic_per_minute": (60.0, "class:basic"),
    "quota_trade_per_minute": (60.0, "class:trade"),
    "quota_logistics_per_minute": (60.0, "class:logistics"),
}
"""Setting of a limit -> its window in seconds and its scope."""
METHOD_LIMIT = re.compile(r"(?P<method>[\w.]+)\s*=\s*(?P<calls>\d+)\s*/\s*(?P<seconds>[1-9]\d*)", re.ASCII)


def limits(settings: Settings) -> list[Limit]:
    """Returns the quota of each app as the settings tell it."""
    named = [Limit(settings[name], window_s, scope) for name, (window_s, scope) in WINDOWS.items()]
    return [limit for limit in [*named, *_of_methods(settings)] if limit.limit]


def _of_methods(settings: Settings) -> list[Limit]:
    """Reads `quota_methods`; raises SettingsError naming the part that is no limit."""
    return [
        _of_method(part.strip(), settings) for part in settings["quota_methods"].split(",") if part.strip()
    ]


def _of_method(part: str, settings: Settings) -> Limit:
    found = METHOD_LIMIT.fullmatch(part)
    if found is None:
        raise SettingsError(
            "quota_methods",
            value=part,
            origin=settings.origin["quota_methods"],
            expected="METHOD=CALLS/SECONDS, …",
        )
    return Limit(int(found["calls"]), float(found["seconds"]), f"method:{found['method']}")
