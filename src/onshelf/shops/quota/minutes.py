"""The calls of each app by minute over the last day, as the record of calls tells: read whole once, then followed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import cast

from onshelf.clock import SECOND_US, Clock
from onshelf.guard.audit import Audit
from onshelf.store.db import Database

MINUTE_US = 60 * SECOND_US
DAY_MINUTES = 24 * 60
LATE_MINUTES = 3
"""A minute is read again for so long: a call stands in the record once it is answered or given up."""
_LONGEST_CALL_US = 2 * MINUTE_US

Calls = Mapping[int, Counter[str]]
"""Minute since the epoch -> calls by method; minutes without one may be absent."""


class CallMinutes:
    """What was called, app by app; costs a read of the day at first, of the last minutes later."""

    def __init__(self, db: Database, audit: Audit, clock: Clock) -> None:
        self._db = db
        self._audit = audit
        self._clock = clock
        self._minutes: defaultdict[str, dict[int, Counter[str]]] = defaultdict(dict)
        self._settled: dict[str, int] = {}  # minutes before this one change no more

    async def of(self, app_key: str) -> Calls:
        """Returns the calls of an app in the last 24 hours, the minute under way included."""
        await self._audit.flush()
        now = self._clock.now_us() // MINUTE_US
        since = max(self._settled.get(app_key, 0), now - DAY_MINUTES)
        rows = await self._db.fetch(
            "SELECT (at_us + took_us) / 60000000, action, count(*) FROM audit WHERE actor = ? AND at_us >= ? "
            "AND kind = 'call' AND (outcome <> 'not_sent' OR platform_code <> 0) GROUP BY 1, 2",
            (app_key, since * MINUTE_US - _LONGEST_CALL_US),
        )
        minutes = {
            minute: calls
            for minute, calls in self._minutes[app_key].items()
            if now - DAY_MINUTES <= minute < since
        }
        for minute, method, calls in cast("list[tuple[int, str, int]]", rows):
            if minute >= since:
                minutes.setdefault(minute, Counter())[method] += calls
        self._minutes[app_key] = minutes
        self._settled[app_key] = max(since, now - LATE_MINUTES)
        return minutes
