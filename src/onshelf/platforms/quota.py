"""Which call may go now: the limits of one app, lanes by priority, and the bans a gateway announces.

`window.py` counts; this file lets calls wait. Nothing here polls: a waiting call sleeps until it can go.
"""

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import QuotaExceeded
from onshelf.platforms.port import Free, Lane
from onshelf.platforms.window import LANES, SHARES, Gate, Limit, SlidingLog

__all__ = ["DAY_S", "Limit", "Past", "Quota", "Quotas", "Slot"]

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Past:
    """A call of an earlier process, as the record of calls tells it."""

    answered_us: int  # wall time; for a call that was never answered, the latest moment it can have arrived
    method: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Slot:
    """Permission for one call; goes back by `answered` or `give_back`, exactly once."""

    lane: Lane
    gates: tuple[Gate, ...]


@dataclass(slots=True, eq=False)
class _Waiter:
    number: int
    lane: Lane
    scopes: tuple[str, ...]
    deadline: float  # monotonic seconds
    granted: asyncio.Future[Slot]


@dataclass(slots=True)
class _Queue:
    """Waiting calls of one lane, in order, by the scopes they need: what is held up by its own scope holds up nobody else."""

    by_scopes: dict[tuple[str, ...], deque[_Waiter]] = field(default_factory=dict)
    credit: float = 0.0  # grants owed to this lane because higher ones went first

    def heads(self) -> Iterator[_Waiter]:
        return iter(sorted((line[0] for line in self.by_scopes.values()), key=lambda waiter: waiter.number))

    def add(self, waiter: _Waiter) -> None:
        self.by_scopes.setdefault(waiter.scopes, deque()).append(waiter)

    def remove(self, waiter: _Waiter) -> None:
        line = self.by_scopes[waiter.scopes]
        line.remove(waiter)
        if not line:
            del self.by_scopes[waiter.scopes]


class Quota:
    """The permitted calls of one app in one process."""

    def __init__(
        self, limits: Sequence[Limit], clock: Clock, *, classes: Mapping[str, str] | None = None
    ) -> None:
        """`classes`: method -> scope of its class, for limits with such a scope. A limit of 0 calls is no limit."""
        self.limits = tuple(limit for limit in limits if limit.limit > 0)
        self._clock = clock
        self._classes = classes or {}
        self._banned = False  # some scope is, or was and nothing has passed since
        self._gates: dict[str, Gate] = {}
        for scope in {limit.scope for limit in self.limits}:
            self._gates[scope] = Gate([SlidingLog(limit) for limit in self.limits if limit.scope == scope])
        self._queues = {lane: _Queue() for lane in LANES}
        self._deadlines: list[tuple[float, int, _Waiter]] = []  # heap; those already served are skipped
        self._waiting = 0
        self._numbers = 0
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf

    async def take(
        self, method: str, *, lane: Lane, shop_id: str = "", not_after_us: int | None = None
    ) -> Slot:
        """Waits for a slot, as long as it takes unless `not_after_us` (our clock) is given.

        Raises QuotaExceeded, with no slot taken, as soon as it is known that none can come by then.
        """
        if not self._gates:
            return _FREE[lane]
        scopes = ("app", f"method:{method}", f"shop:{shop_id}", self._classes.get(method, ""))
        now = self._clock.monotonic()
        opens_at = self._opens_at(scopes, lane, now)
        deadline = self._deadline(not_after_us, now)
        if now > deadline or (opens_at > deadline and opens_at != math.inf):
            raise self._exceeded(method, opens_at, now)
        if not self._waiting and opens_at <= now:
            return self._grant(scopes, lane)
        return await self._wait(method, lane, scopes, deadline)

    def answered(self, slot: Slot, *, passed: bool = True) -> None:
        """Says that the reply is there, or will never come: the slot falls due one window from now.

        `passed`: the gateway did not refuse it for flow control. Call `ban` first when it did.
        """
        if not slot.gates:
            return
        now = self._clock.monotonic()
        for gate in slot.gates:
            gate.answered(slot.lane, now, passed)
        if self._banned:
            self._drop_idle_gates()
        if self._waiting:
            self._pump()

    def give_back(self, slot: Slot) -> None:
        """Says that nothing was sent: the slot is free again at once."""
        for gate in slot.gates:
            gate.give_back(slot.lane)
        self._pump()

    def ban(self, seconds: float, *, scope: str) -> None:
        """Holds every call of a scope ("app", "method:…", "shop:…") for the seconds the gateway named, then lets one try."""
        self._gates.setdefault(scope, Gate()).ban(self._clock.monotonic() + seconds)
        self._banned = True

    def seed(self, past: Iterable[Past]) -> None:
        """Books the calls of earlier processes, oldest first, so that a restart does not forget what was used."""
        now_us, now = self._clock.now_us(), self._clock.monotonic()
        for call in past:
            scopes = ("app", f"method:{call.method}", self._classes.get(call.method, ""))
            for log in (log for scope in scopes if scope in self._gates for log in self._gates[scope].logs):
                answered = now + (call.answered_us - now_us) / SECOND_US
                if answered + log.limit.window_s > now:
                    log.take(call.lane)
                    log.answered(call.lane, answered)

    def free(self, lane: Lane) -> Free:
        """Returns what would be let go now, as a value for planners; no limit at all reads as a very large number."""
        now = self._clock.monotonic()
        gate = self._gates.get("app", Gate())
        rooms = [(log.limit, max(0, log.room(lane, now))) for log in gate.logs]
        banned = gate.banned_until > now
        return Free(
            now=0 if banned else min((room for _, room in rooms), default=UNLIMITED),
            per_second=min(
                (limit.limit / limit.window_s for limit, _ in rooms if limit.window_s < DAY_S),
                default=math.inf,
            ),
            today=min((room for limit, room in rooms if limit.window_s >= DAY_S), default=None),
            limits=tuple(str(limit) for limit in self.limits),
        )

    def _deadline(self, not_after_us: int | None, now: float) -> float:
        if not_after_us is None:
            return math.inf
        return now + (not_after_us - self._clock.now_us()) / SECOND_US

    def _opens_at(self, scopes: tuple[str, ...], lane: Lane, now: float) -> float:
        moment = -math.inf
        for scope in scopes:
            gate = self._gates.get(scope)
            if gate is not None and (opens_at := gate.opens_at(lane, now)) > moment:
                moment = opens_at
        return moment

    def _grant(self, scopes: tuple[str, ...], lane: Lane) -> Slot:
        gates = tuple([self._gates[scope] for scope in scopes if scope in self._gates])
        for gate in gates:
            gate.take(lane)
        return Slot(lane, gates)

    async def _wait(self, method: str, lane: Lane, scopes: tuple[str, ...], deadline: float) -> Slot:
        self._numbers += 1
        granted: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(self._numbers, lane, scopes, deadline, granted)
        self._queues[lane].add(waiter)
        heapq.heappush(self._deadlines, (deadline, waiter.number, waiter))
        self._waiting += 1
        self._pump()
        try:
            return await granted
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise
        except TimeoutError:
            now = self._clock.monotonic()
            raise self._exceeded(method, self._opens_at(scopes, lane, now), now) from None

    def _abandon(self, waiter: _Waiter) -> None:
        if waiter.granted.done() and not waiter.granted.cancelled() and not waiter.granted.exception():
            self.give_back(waiter.granted.result())
        elif waiter in self._queues[waiter.lane].by_scopes.get(waiter.scopes, ()):
            self._leave(waiter)

    def _leave(self, waiter: _Waiter) -> None:
        self._queues[waiter.lane].remove(waiter)
        self._waiting -= 1

    def _pump(self) -> None:
        """Lets go whoever may, highest lane first, and sets the alarm for the next moment at which somebody may."""
        if not self._waiting:
            return
        now = self._clock.monotonic()
        self._expire(now)
        while (waiter := self._choose(now)) is not None:
            self._leave(waiter)
            if waiter.granted.cancelled():  # its caller has not run since
                continue
            self._settle_credit(waiter.lane)
            waiter.granted.set_result(self._grant(waiter.scopes, waiter.lane))
        self._set_alarm(now)

    def _choose(self, now: float) -> _Waiter | None:
        """Returns who goes next: a lane that is owed a whole grant, else the highest lane that can go at all."""
        ready: dict[Lane, _Waiter] = {}
        for lane, queue in self._queues.items():
            for waiter in queue.heads():
                if self._opens_at(waiter.scopes, lane, now) <= now:
                    ready[lane] = waiter
                    break
        owed = [lane for lane in ready if self._queues[lane].credit >= 1.0]
        return ready[owed[0]] if owed else next(iter(ready.values()), None)

    def _settle_credit(self, went: Lane) -> None:
        """Gives every lower lane that waits its share of this grant, and takes one from the lane that was owed it."""
        own = self._queues[went]
        own.credit = max(0.0, own.credit - 1.0)
        for lane in LANES[LANES.index(went) + 1 :]:
            if self._queues[lane].by_scopes:
                self._queues[lane].credit += SHARES[lane]

    def _expire(self, now: float) -> None:
        while self._deadlines and self._deadlines[0][0] < now:
            waiter = heapq.heappop(self._deadlines)[2]
            if not waiter.granted.done():
                self._leave(waiter)
                waiter.granted.set_exception(TimeoutError())

    def _set_alarm(self, now: float) -> None:
        """Wakes at the next opening or deadline; an opening that only a reply can bring needs no alarm."""
        wanted = self._deadlines[0][0] + _AFTER if self._deadlines else math.inf
        for lane, queue in self._queues.items():
            for scopes in queue.by_scopes:
                wanted = min(wanted, self._opens_at(scopes, lane, now))
        if wanted == self._alarm_at and self._alarm is not None and not self._alarm.done():
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = wanted
        if not math.isinf(wanted):
            self._alarm = asyncio.get_running_loop().create_task(self._ring(wanted - now))

    async def _ring(self, seconds: float) -> None:
        await self._clock.sleep(max(seconds, _AFTER))
        self._alarm, self._alarm_at = None, math.inf
        self._pump()

    def _drop_idle_gates(self) -> None:
        """Forgets the scopes of bans that are over, so that a quota without limits costs nothing again."""
        for scope in [scope for scope, gate in self._gates.items() if gate.idle]:
            del self._gates[scope]
        self._banned = any(gate.banned for gate in self._gates.values())

    def _exceeded(self, method: str, opens_at: float, now: float) -> QuotaExceeded:
        wait_s = 0.0 if math.isinf(opens_at) else max(0.0, opens_at - now)
        retry_at_us = self._clock.now_us() + math.ceil(wait_s * SECOND_US)
        return QuotaExceeded(method, f"no call is permitted for {wait_s:.1f} s", retry_at_us=retry_at_us)


UNLIMITED = 1_000_000_000
_FREE = {lane: Slot(lane, ()) for lane in LANES}
_AFTER = 0.000_5  # seconds past a moment, so that rounding of sleeps never rings before it


class Quotas:
    """One quota an app, made when it is first asked for."""

    def __init__(
        self, limits: Sequence[Limit], clock: Clock, *, classes: Mapping[str, str] | None = None
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._classes = classes
        self._quotas: dict[str, Quota] = {}

    def of(self, app_key: str) -> Quota:
        if (quota := self._quotas.get(app_key)) is None:
            quota = self._quotas[app_key] = Quota(self._limits, self._clock, classes=self._classes)
        return quota
