"""The sliding logs behind the quota: how many calls a window still has room for, and when the next one may go. Pure.

Moments are seconds of a monotonic clock, passed in. A slot falls due one window after the REPLY, not after the send:
wherever between the two the gateway counts the call, no window ever holds more than its limit (design, seam 7).
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.platforms.port import Lane

LANES = tuple(Lane)
"""Highest priority first."""
SHARES: Mapping[Lane, float] = {Lane.TRADES: 0.05, Lane.STOCK: 0.05, Lane.LISTING: 0.10, Lane.POLLS: 0.10}
"""What each lane is sure of while it has work, as a part of the permitted calls."""
MINUTE_SHARE = 0.01
"""What a window of about a minute keeps free for each lane in use: a look of the watch goes at once, and next to nothing is
wasted. Whoever wants more is given its share of the slots as they fall due."""
SHORT_WINDOW_S, LONG_WINDOW_S = 5.0, 120.0
"""A window up to the first keeps nothing free, for its next slot is near; one longer than the second keeps the whole shares."""
IN_USE_S = 600.0
"""A lane counts as in use for this long after its last call, or for one window when that is longer."""
GRAINS = 2000
"""A window remembers at most this many moments, so a limit of a million a day costs no more than one of a hundred."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit` calls in any `window_s` seconds over one scope."""

    limit: int
    window_s: float
    scope: str = "app"  # "app", "method:<name>", "shop:<id>", or a class the caller names ("class:trade")

    def __str__(self) -> str:
        return f"{self.limit} / {self.window_s:g} s ({self.scope})"


def kept_free(limit: Limit) -> Mapping[Lane, int]:
    """Returns how many calls of a window each lane in use is sure of; empty for a short window."""
    if limit.window_s <= SHORT_WINDOW_S:
        return {}
    part = SHARES if limit.window_s > LONG_WINDOW_S else dict.fromkeys(LANES, MINUTE_SHARE)
    return {lane: int(part[lane] * limit.limit) for lane in LANES}


@dataclass(slots=True)
class _Bucket:
    """Answered calls whose slots fall due together, at most a grain of the window later than each alone would."""

    since: float
    due: float
    calls: int
    by_lane: dict[Lane, int]  # of windows that keep shares only


class SlidingLog:
    """The sliding log of one limit: calls in flight, and moments at which answered calls fall due."""

    def __init__(self, limit: Limit) -> None:
        self.change(limit)
        self._taken = 0  # in flight or not yet due
        self._by_lane: dict[Lane, int] = {}  # the same by lane, of windows that keep shares only
        self._used_at: dict[Lane, float] = {}  # when a lane was last answered
        self.expected: frozenset[Lane] = frozenset()  # lanes that count as in use, used or not
        self._due: deque[_Bucket] = deque()

    def change(self, limit: Limit) -> None:
        """Takes another number of calls for the same window; what is used stays used."""
        self.limit = limit
        self._grain = limit.window_s / GRAINS
        self._kept = kept_free(limit)
        self._kept_in_all = sum(self._kept.values())

    def room(self, lane: Lane, now: float) -> int:
        """Returns how many calls of a lane may go now; below zero when others' shares are not covered."""
        if self._due and self._due[0].due <= now:
            self._forget(now)
        return self.limit.limit - self._taken - self._kept_for_others(lane, now)

    def is_full(self, lane: Lane, now: float) -> bool:
        """Tells whether a call of a lane must wait: `room` is below 1, at a fraction of its cost while there is plenty."""
        if self._due and self._due[0].due <= now:
            self._forget(now)
        room = self.limit.limit - self._taken
        return room <= self._kept_in_all and room <= self._kept_for_others(lane, now)

    def take(self, lane: Lane) -> None:
        self._taken += 1
        if self._kept:
            self._by_lane[lane] = self._by_lane.get(lane, 0) + 1

    def give_back(self, lane: Lane) -> None:
        self._taken -= 1
        if self._kept:
            self._by_lane[lane] -= 1

    def answered(self, lane: Lane, now: float) -> None:
        """Lets a call that was taken fall due one window from now."""
        due = now + self.limit.window_s
        bucket = self._due[-1] if self._due else None
        if bucket is None or due - bucket.since >= self._grain:
            bucket = _Bucket(due, due, 0, {})
            self._due.append(bucket)
        bucket.due = max(bucket.due, due)
        bucket.calls += 1
        if self._kept:
            bucket.by_lane[lane] = bucket.by_lane.get(lane, 0) + 1
            self._used_at[lane] = max(now, self._used_at.get(lane, now))

    def restart(self) -> None:
        """Forgets what was answered; what is in flight stays."""
        while self._due:
            self._drop_first()

    def next_due(self) -> float:
        """Returns when the next slot falls due; infinite when that waits for a reply."""
        return self._due[0].due if self._due else math.inf

    def _forget(self, now: float) -> None:
        while self._due and self._due[0].due <= now:
            self._drop_first()

    def _drop_first(self) -> None:
        bucket = self._due.popleft()
        self._taken -= bucket.calls
        for lane, calls in bucket.by_lane.items():
            self._by_lane[lane] -= calls

    def _kept_for_others(self, lane: Lane, now: float) -> int:
        """Slots that the other lanes in use are sure of and have not used."""
        if not self._kept:
            return 0
        since = now - max(IN_USE_S, self.limit.window_s)
        kept = 0
        for other in LANES:
            if other is not lane and (other in self.expected or self._used_at.get(other, -math.inf) > since):
                kept += max(0, self._kept[other] - self._by_lane.get(other, 0))
        return kept


class Gate:
    """All that can hold up the calls of one scope: its logs, and a ban with the single probe after it."""

    def __init__(self, logs: Sequence[SlidingLog] = ()) -> None:
        self.logs = tuple(logs)
        self.banned_until = -math.inf
        self._probing = False  # a ban was announced and no call has passed since
        self._probe_out = False

    def opens_at(self, lane: Lane, now: float) -> float:
        """Returns when a call of a lane may next pass: not after `now` if at once, infinite if only a reply can tell."""
        moment = self.banned_until
        if self._probe_out:
            return math.inf
        for log in self.logs:
            if log.is_full(lane, now):
                moment = max(moment, log.next_due())
        return moment

    def take(self) -> None:
        self._probe_out = self._probing

    def give_back(self) -> None:
        self._probe_out = False

    def answered(self, now: float, passed: bool) -> None:
        self._probe_out = False
        if passed and now >= self.banned_until:
            self._probing = False

    def ban(self, until: float) -> None:
        self.banned_until = max(self.banned_until, until)
        self._probing = True

    @property
    def banned(self) -> bool:
        """Tells whether a ban was announced that no call has passed since."""
        return self._probing or self._probe_out

    @property
    def idle(self) -> bool:
        return not self.logs and not self.banned
