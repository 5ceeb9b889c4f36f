"""Which call may go now: the limits of one app, lanes by priority, shops in turn, closures, and the bans a gateway announces.

`window.py` counts, `lanes.py` chooses, this file lets calls wait. Nothing here polls: a waiting call sleeps until it can go.
`quota_redis.py` is the same over several processes.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import QuotaExceeded
from onshelf.platforms.closures import gate_of
from onshelf.platforms.forecast import DAY_S, free_of
from onshelf.platforms.lanes import Deadlines, Waiter, Waiting
from onshelf.platforms.port import Closure, Free, Lane
from onshelf.platforms.quota_port import AppQuota, ClassOf, DayEnded, Past, Slot, scopes_of
from onshelf.platforms.tally import Waits
from onshelf.platforms.window import LANES, Gate, Limit, SlidingLog

__all__ = ["DAY_S", "AppQuota", "DayEnded", "Limit", "Past", "Quota", "Quotas", "Slot"]

_AFTER = 0.000_5  # seconds past a moment, so that rounding of sleeps never rings before it
_MOST_KEPT = 20_000  # sorts of calls whose gates are remembered


@dataclass(slots=True, eq=False)
class _Waiter(Waiter):
    granted: asyncio.Future[Slot] = field(kw_only=True)


class Quota:
    """The permitted calls of one app in one process."""

    def __init__(
        self, limits: Sequence[Limit], clock: Clock, *, class_of: ClassOf = lambda method: ""
    ) -> None:
        """A limit of 0 calls is no limit."""
        self.waits = Waits()
        self._clock = clock
        self._class_of = class_of
        self._banned = False  # some scope is, or was and nothing has passed since
        self._gates: dict[str, Gate] = {}
        self._closures: tuple[Closure, ...] = ()
        self._expected: frozenset[Lane] = frozenset()
        self._slots: dict[tuple[str, str, Lane], Slot] = {}  # by method, shop and lane
        self._waiting: Waiting[_Waiter] = Waiting()
        self._deadlines: Deadlines[_Waiter] = Deadlines()
        self._numbers = 0
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf
        for limit in limits:
            self.permit(limit)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits in force, those of closures aside."""
        closed = {one.scope for one in self._closures}
        return tuple(log.limit for log in self._logs() if log.limit.scope not in closed)

    async def take(
        self, method: str, *, lane: Lane, shop_id: str = "", not_after_us: int | None = None
    ) -> Slot:
        """Waits for a slot, as long as it takes unless `not_after_us` (our clock) is given.

        Raises QuotaExceeded, with no slot taken, as soon as it is known that none can come by then.
        """
        if not self._gates:
            return _FREE[lane]
        now = self._clock.monotonic()
        opens_at = self._opens_at(method, shop_id, lane, now)
        deadline = self._deadline(not_after_us, now)
        if now > deadline or (opens_at > deadline and opens_at != math.inf):
            self.waits.gave_up(lane)
            raise self._exceeded(method, opens_at, now)
        if not self._waiting and opens_at <= now:
            return self._grant(method, shop_id, lane)
        return await self._wait(method, lane, shop_id, deadline)

    def answered(self, slot: Slot, *, passed: bool = True) -> None:
        """Says that the reply is there, or will never come: the slot falls due one window from now.

        `passed`: the gateway did not refuse it for flow control. Call `ban` first when it did.
        """
        if not slot.gates:
            return
        now = self._clock.monotonic()
        for gate in slot.gates:
            gate.answered(now, passed)
        for log in slot.logs:
            log.answered(slot.lane, now)
        if self._banned:
            self._drop_idle_gates()
        self._pump()

    def give_back(self, slot: Slot) -> None:
        """Says that nothing was sent: the slot is free again at once."""
        for gate in slot.gates:
            gate.give_back()
        for log in slot.logs:
            log.give_back(slot.lane)
        self._pump()

    def ban(self, seconds: float, *, scope: str) -> None:
        """Holds every call of a scope ("app", "method:…", "shop:…") for the seconds the gateway named, then lets one try."""
        if scope not in self._gates:
            self._set_gate(scope, Gate())
        self._gates[scope].ban(self._clock.monotonic() + seconds)
        self._banned = True

    def permit(self, limit: Limit, past: Iterable[Past] = ()) -> None:
        """Sets a limit from now on, in place of an earlier one of the same scope and window; 0 calls: no limit.

        `past`: calls of a day or less, oldest first, for a window that was not counted until now.
        """
        gate = self._gates.get(limit.scope) or Gate()
        log = next((log for log in gate.logs if log.limit.window_s == limit.window_s), None)
        if log is not None and limit.limit > 0:
            log.change(limit)
        else:
            fresh = [SlidingLog(limit)] if limit.limit > 0 else []
            gate.logs = (*(one for one in gate.logs if one is not log), *fresh)
            self._book(past, fresh)
        self._set_gate(limit.scope, gate)
        self.expect(self._expected)
        self._drop_idle_gates()
        self._pump()

    def close(self, closures: Sequence[Closure]) -> None:
        """Sets the closures to heed from now on."""
        counted = {one: self._gates[one.scope].logs for one in self._closures}
        for one in self._closures:
            del self._gates[one.scope]
        now_us, now = self._clock.now_us(), self._clock.monotonic()
        self._closures = tuple(one for one in closures if one.to_us > now_us)
        for one in self._closures:
            self._set_gate(one.scope, gate_of(one, now_us, now, next(iter(counted.get(one, ())), None)))
        self._slots.clear()
        self._pump()

    def expect(self, lanes: frozenset[Lane]) -> None:
        """Keeps the shares of lanes free even before their first call: the watch must not wake up blind."""
        self._expected = lanes
        for log in self._logs():
            log.expected = lanes

    def seed(self, past: Iterable[Past]) -> None:
        """Books the calls of the record, oldest first, in place of all that was answered: our own are in it as well."""
        for log in self._logs():
            log.restart()
        self._book(past, self._logs())

    def free(self, lane: Lane) -> Free:
        """Returns what would be let go now, as a value for planners; no limit at all reads as a very large number."""
        now = self._clock.monotonic()
        gates = [self._gates[scope] for scope in ("app", self._class_of("")) if scope in self._gates]
        rooms = [(log.limit, max(0, log.room(lane, now))) for gate in gates for log in gate.logs]
        banned = any(gate.banned_until > now for gate in gates)
        return free_of(rooms, self.limits, self._closures, banned=banned)

    async def refresh(self) -> None:
        """Does nothing: this process is all there is."""

    async def end(self) -> None:
        """Does nothing: there is nothing to close."""

    def _logs(self) -> list[SlidingLog]:
        return [log for gate in self._gates.values() for log in gate.logs]

    def _deadline(self, not_after_us: int | None, now: float) -> float:
        if not_after_us is None:
            return math.inf
        return now + (not_after_us - self._clock.now_us()) / SECOND_US

    def _slot(self, method: str, shop_id: str, lane: Lane) -> Slot:
        """Returns the gates and logs in the way of a call, the same for all of its sort until a limit or closure changes."""
        slot = self._slots.get((method, shop_id, lane))
        if slot is None:
            scopes = [*scopes_of(method, shop_id, self._class_of)]
            scopes += [one.scope for one in self._closures if one.covers(method)]
            gates = tuple(self._gates[scope] for scope in scopes if scope in self._gates)
            slot = Slot(lane, gates, tuple(log for gate in gates for log in gate.logs))
            if len(self._slots) >= _MOST_KEPT:
                self._slots.clear()
            self._slots[method, shop_id, lane] = slot
        return slot

    def _set_gate(self, scope: str, gate: Gate) -> None:
        self._gates[scope] = gate
        self._slots.clear()

    def _book(self, past: Iterable[Past], logs: Sequence[SlidingLog]) -> None:
        now_us, now = self._clock.now_us(), self._clock.monotonic()
        for call in past if logs else ():
            scopes = ("app", f"method:{call.method}", self._class_of(call.method))
            answered = now + (call.answered_us - now_us) / SECOND_US
            for log in logs:
                if log.limit.scope in scopes and answered + log.limit.window_s > now:
                    log.take(call.lane)
                    log.answered(call.lane, answered)

    def _opens_at(self, method: str, shop_id: str, lane: Lane, now: float) -> float:
        moment = -math.inf
        for gate in self._slot(method, shop_id, lane).gates:
            if (opens_at := gate.opens_at(lane, now)) > moment:
                moment = opens_at
        return moment

    def _grant(self, method: str, shop_id: str, lane: Lane) -> Slot:
        slot = self._slot(method, shop_id, lane)
        for gate in slot.gates:
            gate.take()
        for log in slot.logs:
            log.take(lane)
        return slot

    async def _wait(self, method: str, lane: Lane, shop_id: str, deadline: float) -> Slot:
        self._numbers += 1
        began = self._clock.monotonic()
        granted: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(self._numbers, method, shop_id, lane, granted=granted)
        self._waiting.add(waiter)
        self._deadlines.add(deadline, waiter)
        self._pump()
        try:
            slot = await granted
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise
        except TimeoutError:
            self.waits.gave_up(lane)
            now = self._clock.monotonic()
            raise self._exceeded(method, self._opens_at(method, shop_id, lane, now), now) from None
        self.waits.went(lane, self._clock.monotonic() - began)
        return slot

    def _abandon(self, waiter: _Waiter) -> None:
        if waiter.granted.done() and not waiter.granted.cancelled() and not waiter.granted.exception():
            self.give_back(waiter.granted.result())
        elif waiter in self._waiting:
            self._waiting.remove(waiter)

    def _pump(self) -> None:
        """Lets go whoever may, highest lane first, and sets the alarm for the next moment at which somebody may."""
        if not self._waiting:
            return
        now = self._clock.monotonic()
        self._expire(now)
        while (waiter := self._waiting.choose(lambda one: self._may_go(one, now))) is not None:
            if waiter.granted.cancelled():  # its caller has not run since
                self._waiting.remove(waiter)
                continue
            self._waiting.went(waiter)
            waiter.granted.set_result(self._grant(waiter.method, waiter.shop_id, waiter.lane))
        self._set_alarm(now)

    def _may_go(self, waiter: _Waiter, now: float) -> bool:
        return self._opens_at(waiter.method, waiter.shop_id, waiter.lane, now) <= now

    def _expire(self, now: float) -> None:
        for waiter in self._deadlines.passed(now):
            if not waiter.granted.done():
                self._waiting.remove(waiter)
                waiter.granted.set_exception(TimeoutError())

    def _set_alarm(self, now: float) -> None:
        """Wakes at the next opening or deadline; an opening that only a reply can bring needs no alarm."""
        wanted = self._deadlines.next() + _AFTER
        for lane in LANES:
            for head in self._waiting.heads(lane):
                wanted = min(wanted, self._opens_at(head.method, head.shop_id, lane, now))
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
        idle = [scope for scope, gate in self._gates.items() if gate.idle]
        for scope in idle:
            del self._gates[scope]
        if idle:
            self._slots.clear()
        self._banned = any(gate.banned for gate in self._gates.values())

    def _exceeded(self, method: str, opens_at: float, now: float) -> QuotaExceeded:
        wait_s = 0.0 if math.isinf(opens_at) else max(0.0, opens_at - now)
        retry_at_us = self._clock.now_us() + math.ceil(wait_s * SECOND_US)
        return QuotaExceeded(method, f"no call is permitted for {wait_s:.1f} s", retry_at_us=retry_at_us)


_FREE = {lane: Slot(lane) for lane in LANES}


class Quotas:
    """One quota an app, made when it is first asked for."""

    def __init__(
        self,
        limits: Sequence[Limit],
        clock: Clock,
        *,
        class_of: ClassOf = lambda method: "",
        make: Callable[[str], AppQuota] | None = None,
    ) -> None:
        """`make`: gives the quota of an app key; None: one in this process, of these limits."""
        self._make = make or (lambda _: Quota(limits, clock, class_of=class_of))
        self._quotas: dict[str, AppQuota] = {}
        self._ended: list[DayEnded] = []
        self._clock = clock
        self.gathering: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By app key: held while several slots are taken for one request, since two with half of theirs would wait for ever."""
        self.news = asyncio.Event()
        """Set when `ended` has something to tell."""

    def day_ended(self, app_key: str, scope: str) -> None:
        """Is told that the gateway refused a call because the day's calls of a scope are used up."""
        self._ended.append(DayEnded(app_key, scope, self._clock.now_us()))
        self.news.set()

    def ended(self) -> list[DayEnded]:
        """Returns what `day_ended` was told since this was last asked."""
        told, self._ended = self._ended, []
        self.news.clear()
        return told

    def of(self, app_key: str) -> AppQuota:
        if (quota := self._quotas.get(app_key)) is None:
            quota = self._quotas[app_key] = self._make(app_key)
        return quota

    def known(self) -> dict[str, AppQuota]:
        """Returns the quotas that were asked for, by app key."""
        return dict(self._quotas)

    async def end(self) -> None:
        """Ends all of them."""
        for quota in self._quotas.values():
            await quota.end()
