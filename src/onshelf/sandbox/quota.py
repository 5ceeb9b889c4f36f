"""Flow control, counted at arrival by exact sliding windows: any window of T seconds holds at most N calls. Pure."""

import math
from collections import deque
from dataclasses import dataclass, field

import msgspec

from onshelf.sandbox.bounds import Limit
from onshelf.sandbox.errors import CallLimited
from onshelf.sandbox.faults import covers
from onshelf.sandbox.wire import Json

WINDOWS_S = {"per_second": 1.0, "per_minute": 60.0, "per_day": 86400.0}
_SUB_CODES = {
    "per_second": "accesscontrol.limited-by-dynamic-access-count",
    "per_minute": "accesscontrol.limited-by-dynamic-access-count",
    "per_day": "accesscontrol.limited-by-app-access-count",
}
OF_METHOD = "accesscontrol.limited-by-app-api-access-count"


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Limits of one app, or of one app on some methods; None leaves a window open."""

    app_key: str = ""
    method: str = ""  # exact, prefix with *, writes, reads; "" the whole app
    per_second: Limit | None = None
    per_minute: Limit | None = None
    per_day: Limit | None = None
    ban_s: Limit = 1  # seconds named by a refusal when the window would free sooner


@dataclass
class Window:
    """The last `limit` arrivals: full means the oldest must have left before another may come."""

    limit: int
    seconds: float
    sub_code: str
    arrivals: deque[float] = field(init=False)

    def __post_init__(self) -> None:
        self.arrivals = deque(maxlen=self.limit)

    def wait_s(self, now: float) -> float:
        """Returns how long until a call fits; 0 or less: now."""
        if len(self.arrivals) < self.limit:
            return 0.0
        return self.arrivals[0] + self.seconds - now if self.arrivals else math.inf


class Gate:
    """One set of limits at work, with its ban."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.banned_until = 0.0
        self.ban_code = ""
        self.windows = [
            Window(limit, seconds, OF_METHOD if limits.method else _SUB_CODES[name])
            for name, seconds in WINDOWS_S.items()
            if (limit := getattr(limits, name)) is not None
        ]

    def refusal(self, now: float) -> CallLimited | None:
        """Decides one arrival without counting it; a full window starts a ban."""
        if now < self.banned_until:
            return CallLimited(self.ban_code, math.ceil(self.banned_until - now))
        for window in self.windows:
            wait = window.wait_s(now)
            if wait > 0:
                seconds = max(self.limits.ban_s, math.ceil(min(wait, 86400.0)))
                return self.ban(now, seconds, window.sub_code)
        return None

    def ban(self, now: float, seconds: int, sub_code: str) -> CallLimited:
        """Refuses everything for that many seconds."""
        self.banned_until, self.ban_code = now + seconds, sub_code
        return CallLimited(sub_code, seconds)

    def shown(self, now: float) -> Json:
        """Returns limits, use and ban for the control page."""
        used = {
            name: sum(at > now - seconds for at in window.arrivals)
            for window in self.windows
            for name, seconds in WINDOWS_S.items()
            if window.seconds == seconds
        }
        return {
            **msgspec.to_builtins(self.limits),
            "used": used,
            "banned_s": max(0.0, round(self.banned_until - now, 3)),
        }


class SavedGate(msgspec.Struct):
    """A gate at work as a value."""

    limits: Limits
    banned_until: float
    ban_code: str
    arrivals: list[list[float]]  # of each window


class Quota:
    """All gates; without any, nothing is limited."""

    def __init__(self) -> None:
        self.gates: dict[tuple[str, str], Gate] = {}

    def set(self, limits: Limits) -> Gate:
        """Sets limits anew for an app, or for it on some methods; counting starts over."""
        gate = self.gates[limits.app_key, limits.method] = Gate(limits)
        return gate

    def save(self) -> list[SavedGate]:
        """Returns all gates with what they have counted."""
        return [
            SavedGate(
                gate.limits, gate.banned_until, gate.ban_code, [list(one.arrivals) for one in gate.windows]
            )
            for gate in self.gates.values()
        ]

    def load(self, saved: list[SavedGate]) -> None:
        """Puts saved gates in place of the present ones."""
        self.gates.clear()
        for one in saved:
            gate = self.set(one.limits)
            gate.banned_until, gate.ban_code = one.banned_until, one.ban_code
            for window, arrivals in zip(gate.windows, one.arrivals, strict=True):
                window.arrivals.extend(arrivals)

    def admit(self, app_key: str, method: str, now: float) -> None:
        """Counts one arrival in every gate that covers it, or in none. Raises: CallLimited."""
        if not self.gates:
            return
        gates = [
            gate for (app, pattern), gate in self.gates.items() if app == app_key and covers(pattern, method)
        ]
        for gate in gates:
            refusal = gate.refusal(now)
            if refusal:
                raise refusal
        for gate in gates:
            for window in gate.windows:
                window.arrivals.append(now)

    def ban(self, app_key: str, now: float, seconds: float, sub_code: str) -> CallLimited:
        """Bans an app; limits it has stay."""
        gate = self.gates.get((app_key, "")) or self.set(Limits(app_key=app_key))
        return gate.ban(now, math.ceil(seconds), sub_code or _SUB_CODES["per_second"])
