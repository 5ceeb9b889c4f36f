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
LONG_WINDOW_S = 120.0
"""Windows longer than this keep the shares of the lanes in use free: whoever comes late cannot wait for a slot to fall due."""
GRAINS = 2000
"""A window remembers at most this many moments, so a limit of a million a day costs no more than one of a hundred."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit` calls in any `window_s` seconds over one scope."""

    limit: int
    window_s: float
    scope: str = "app"  # "app", "method:<name>", or a class the caller names ("class:trade")

    def __str__(self) -> str:
        return f"{self.limit} / {self.window_s:g} s ({self.scope})"


@dataclass(slots=True)
class _Bucket:
    """Answered calls whose slots fall due together, at most a grain of the window later than each alone would."""

    since: float
    due: float
    calls: int
    by_lane: dict[Lane, int]  # of long windows only


class SlidingLog:
    """The sliding log of one limit: calls in flight, and moments at which answered calls fall due."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._grain = limit.window_s / GRAINS
        self._keeps_shares = limit.window_s > LONG_WINDOW_S
        self._taken = 0  # in flight or not yet due
        self._by_lane: dict[Lane, int] = {}  # the same by lane, of long windows only
        self._due: deque[_Bucket] = deque()

    def room(self, lane: Lane, now: float) -> int:
        """Returns how many calls of a lane may go now."""
        if self._due and self._due[0].due <= now:
            self._forget(now)
        room = self.limit.limit - self._taken
        return room - self._kept_for_others(lane) if self._keeps_shares else room

    def take(self, lane: Lane) -> None:
        self._taken += 1
        if self._keeps_shares:
            self._by_lane[lane] = self._by_lane.get(lane, 0) + 1

    def give_back(self, lane: Lane) -> None:
        self._taken -= 1
        if self._keeps_shares:
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
        if self._keeps_shares:
            bucket.by_lane[lane] = bucket.by_lane.get(lane, 0) + 1

    def next_due(self) -> float:
        """Returns when the next slot falls due; infinite when that waits for a reply."""
        return self._due[0].due if self._due else math.inf

    def _forget(self, now: float) -> None:
        while self._due and self._due[0].due <= now:
            bucket = self._due.popleft()
            self._taken -= bucket.calls
            for lane, calls in bucket.by_lane.items():
                self._by_lane[lane] -= calls

    def _kept_for_others(self, lane: Lane) -> int:
        """Slots that the other lanes in use are sure of and have not used."""
        kept = 0
        for other, used in self._by_lane.items():
            if used and other is not lane:
                kept += max(0, int(SHARES[other] * self.limit.limit) - used)
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
            if log.room(lane, now) <= 0:
                moment = max(moment, log.next_due())
        return moment

    def take(self, lane: Lane) -> None:
        self._probe_out = self._probing
        for log in self.logs:
            log.take(lane)

    def give_back(self, lane: Lane) -> None:
        self._probe_out = False
        for log in self.logs:
            log.give_back(lane)

    def answered(self, lane: Lane, now: float, passed: bool) -> None:
        self._probe_out = False
        if passed and now >= self.banned_until:
            self._probing = False
        for log in self.logs:
            log.answered(lane, now)

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
