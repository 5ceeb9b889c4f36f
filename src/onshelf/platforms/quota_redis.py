"""The quota of an app over several processes: the same sliding logs, kept in Redis by one script (`quota.lua`).

Redis decides each call on its own clock; here calls wait in the same lanes as in `quota.py`. When Redis cannot be reached,
nothing is let go: what the other processes do is then unknown, and a call over the limit costs more than a call later.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import QuotaExceeded, StoreError
from onshelf.platforms.closures import limit_of
from onshelf.platforms.forecast import free_of
from onshelf.platforms.lanes import Deadlines, Waiter, Waiting
from onshelf.platforms.ledger import (
    LANE_NUMBERS,
    Away,
    Ledger,
    banned_scopes,
    log_name,
    log_words,
    scope_of,
    seed_words,
)
from onshelf.platforms.outbox import REST_S, Outbox
from onshelf.platforms.port import Closure, Free, Lane
from onshelf.platforms.quota_port import ClassOf, Past, Slot
from onshelf.platforms.sight import Sight
from onshelf.platforms.tally import Waits
from onshelf.platforms.window import LANES, Limit

log = structlog.get_logger()

Recall = Callable[[str], Awaitable[Sequence[Past]]]
"""App key -> its calls of the last day by the record, oldest first. Raises StoreError."""

AWAY_PATIENCE_S = 5.0
"""How long a call waits for a Redis that is away before it is told to come again later."""
_AFTER = 0.000_5


@dataclass(slots=True, eq=False)
class _Waiter(Waiter):
    came: float = field(kw_only=True)  # monotonic seconds
    deadline: float = field(kw_only=True)
    granted: asyncio.Future[Slot] = field(kw_only=True)


class RedisQuota:
    """The permitted calls of one app, whoever makes them."""

    def __init__(
        self,
        app_key: str,
        limits: Sequence[Limit],
        ledger: Ledger,
        clock: Clock,
        *,
        class_of: ClassOf,
        recall: Recall,
        flight_s: float,
    ) -> None:
        """`flight_s`: longer than a call can take from its slot to its reply; then a dead process's calls count as answered."""
        self.waits = Waits()
        self._app_key = app_key
        self._ledger = ledger
        self._clock = clock
        self._class_of = class_of
        self._recall = recall
        self._flight_us = round(flight_s * SECOND_US)
        self._limits = {(limit.scope, limit.window_s): limit for limit in limits if limit.limit > 0}
        self._closures: tuple[Closure, ...] = ()
        self._expected: frozenset[Lane] = frozenset()
        self._waiting: Waiting[_Waiter] = Waiting()
        self._deadlines: Deadlines[_Waiter] = Deadlines()
        self._numbers = 0
        self._shut: dict[tuple[str, Lane], float] = {}  # scope or log -> when to ask again
        self._banned: dict[str, float] = {}  # scope -> end of a ban this process was told of
        self._away_since = math.inf  # infinite: Redis answered last time
        self._ask_after = -math.inf  # Redis was away
        self._news = asyncio.Event()
        self._granting: asyncio.Task[None] | None = None
        self._outbox = Outbox(partial(ledger.run, app_key), clock, heard=self._heard, away=self._gone)
        self._seen = Sight()
        self._looking: asyncio.Task[None] | None = None

    @property
    def _away(self) -> bool:
        return self._away_since < math.inf

    @property
    def limits(self) -> tuple[Limit, ...]:
        return tuple(self._limits.values())

    async def take(
        self, method: str, *, lane: Lane, shop_id: str = "", not_after_us: int | None = None
    ) -> Slot:
        """Waits for a slot as `Quota.take` does; raises QuotaExceeded when none comes in time, or Redis stays away."""
        now = self._clock.monotonic()
        deadline = math.inf if not_after_us is None else self._moment(not_after_us)
        self._numbers += 1
        granted: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(self._numbers, method, shop_id, lane, came=now, deadline=deadline, granted=granted)
        self._waiting.add(waiter)
        self._deadlines.add(deadline, waiter)
        self._wake()
        try:
            return await granted
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise

    def answered(self, slot: Slot, *, passed: bool = True) -> None:
        """Says that the reply is there, or will never come. Told in order and soon; until then the slot counts as in flight."""
        self._outbox.put("answered", slot.mark, int(passed))

    def give_back(self, slot: Slot) -> None:
        self._outbox.put("give_back", slot.mark)

    def ban(self, seconds: float, *, scope: str) -> None:
        """Holds a scope in this process at once, in all others as soon as Redis has heard of it."""
        self._banned[scope] = self._clock.monotonic() + seconds
        self._outbox.put("ban", scope, round(seconds * SECOND_US))

    def permit(self, limit: Limit, past: Iterable[Past] = ()) -> None:
        """Sets a limit for this process; the others read the same records. What a new window holds is recalled when it is met."""
        self._limits.pop((limit.scope, limit.window_s), None)
        if limit.limit > 0:
            self._limits[limit.scope, limit.window_s] = limit
        self._seen.forget()
        self._ask_anew()

    def close(self, closures: Sequence[Closure]) -> None:
        now_us = self._clock.now_us()
        self._closures = tuple(one for one in closures if one.to_us > now_us)
        self._ask_anew()

    def expect(self, lanes: frozenset[Lane]) -> None:
        self._expected = lanes

    def seed(self, past: Iterable[Past]) -> None:
        """Does nothing: Redis knows what was used, and asks for the record when it does not."""

    def free(self, lane: Lane) -> Free:
        """Returns what the last look saw, and sees to it that the next one is soon; before the first nothing is free."""
        looks = self._looking is not None and not self._looking.done()
        if self._seen.is_old(self._clock.monotonic()) and not looks:
            self._looking = asyncio.get_running_loop().create_task(self.refresh())
        planned = self._planned()
        banned = self._seen.banned or (self._away and bool(planned))
        return free_of(self._seen.rooms(lane, planned), self.limits, self._closures, banned=banned)

    async def refresh(self) -> None:
        """Looks at the logs; when Redis is away, nothing is free until it is back."""
        planned = self._planned()
        try:
            told = await self._run("look", self._expected_lanes(), *log_words(planned))
        except Away as error:
            return self._gone(error)
        self._seen.note(planned, told, self._clock.monotonic())
        self._away_since = math.inf
        return None

    async def end(self) -> None:
        """Tells the ledger what it has not heard yet, if it can be reached soon, and closes it."""
        await self._outbox.end()
        tasks = [task for task in (self._granting, self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ledger.close()

    def _heard(self, verb: str) -> None:
        if verb == "give_back":
            self._ask_anew()

    def _ask_anew(self) -> None:
        """Forgets what was shut when we last asked."""
        self._shut.clear()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        if self._waiting and (self._granting is None or self._granting.done()):
            self._granting = asyncio.get_running_loop().create_task(self._grant_all())

    async def _grant_all(self) -> None:
        """Asks for one waiting call after the other, highest lane first, until none waits."""
        while self._waiting:
            self._news.clear()
            now = self._clock.monotonic()
            self._expire(now)
            waiter = self._waiting.choose(lambda one: self._opens_at(one) <= self._clock.monotonic())
            if waiter is None:
                await self._rest(now)
            elif waiter.granted.cancelled():
                self._waiting.remove(waiter)
            else:
                await self._ask(waiter)

    async def _ask(self, waiter: _Waiter) -> None:
        logs = self._logs_of(waiter.method)
        scopes = banned_scopes(waiter.method, waiter.shop_id)
        names = ",".join(log_name(limit) for limit in logs)
        mark = f"{self._ledger.mark()}|{LANE_NUMBERS[waiter.lane]}|{names}"
        asked = (self._expected_lanes(), self._flight_us, mark, len(scopes), *scopes, *log_words(logs))
        try:
            word, name, wait_us = await self._run("take", LANE_NUMBERS[waiter.lane], *asked)
        except Away as error:
            self._outbox.put("give_back", mark)  # it may have been granted after all
            return self._gone(error)
        self._away_since = math.inf
        if word == "go":
            return self._let_go(waiter, mark)
        self._shut[name, waiter.lane] = self._clock.monotonic() + int(wait_us) / SECOND_US + _AFTER
        if (opens_at := self._opens_at(waiter)) > waiter.deadline:
            self._refuse(waiter, opens_at)
        return None

    def _let_go(self, waiter: _Waiter, mark: str) -> None:
        slot = Slot(waiter.lane, mark=mark)
        if waiter.granted.done():  # cancelled while we asked
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            return self.give_back(slot)
        self._waiting.went(waiter)
        self.waits.went(waiter.lane, self._clock.monotonic() - waiter.came)
        waiter.granted.set_result(slot)
        return None

    async def _run(self, verb: str, *args: object) -> list[str]:
        """Runs a verb, and first books the record in a log that is new or was lost with Redis's memory. Raises Away."""
        while True:
            told = await self._ledger.run(self._app_key, verb, *args)
            if told[:1] != ["new"]:
                return told
            await self._book(told[1])

    async def _book(self, name: str) -> None:
        scope, window_us = scope_of(name)
        try:
            record = await self._recall(self._app_key)
        except StoreError as error:
            raise Away(f"the record of calls cannot be read: {error}") from error
        seen = [
            call for call in record if scope in ("app", f"method:{call.method}", self._class_of(call.method))
        ]
        await self._ledger.run(self._app_key, "seed", name, *seed_words(seen, window_us))

    def _logs_of(self, method: str) -> list[Limit]:
        """Returns the limits a call counts in, those of closures that are on included."""
        scopes = ("app", f"method:{method}", self._class_of(method))
        now_us = self._clock.now_us()
        slowed = [
            limit_of(one)
            for one in self._closures
            if one.per_minute and one.from_us <= now_us < one.to_us and one.covers(method)
        ]
        return [limit for limit in self._limits.values() if limit.scope in scopes] + slowed

    def _planned(self) -> list[Limit]:
        """Returns the limits planners reckon with: the app's own and those of the basic class."""
        return [limit for limit in self._limits.values() if limit.scope in ("app", self._class_of(""))]

    def _opens_at(self, waiter: _Waiter) -> float:
        """Returns when to ask for a call: what is known to be shut need not be asked."""
        scopes = banned_scopes(waiter.method, waiter.shop_id)
        shut = [
            self._shut.get((name, waiter.lane), -math.inf)
            for name in (*scopes, *map(log_name, self._logs_of(waiter.method)))
        ]
        banned = [self._banned.get(scope, -math.inf) for scope in scopes]
        return max(*shut, *banned, self._closed_until(waiter.method), self._ask_after)

    def _closed_until(self, method: str) -> float:
        now_us = self._clock.now_us()
        ends = [
            one.to_us
            for one in self._closures
            if not one.per_minute and one.from_us <= now_us < one.to_us and one.covers(method)
        ]
        return self._moment(max(ends)) if ends else -math.inf

    def _moment(self, at_us: int) -> float:
        """Returns a moment of our wall clock on the monotonic one."""
        return self._clock.monotonic() + (at_us - self._clock.now_us()) / SECOND_US

    def _expire(self, now: float) -> None:
        for waiter in self._deadlines.passed(now):
            if waiter in self._waiting:
                self._refuse(waiter, self._opens_at(waiter))

    def _refuse(self, waiter: _Waiter, opens_at: float) -> None:
        self._waiting.remove(waiter)
        if waiter.granted.done():
            return
        self.waits.gave_up(waiter.lane)
        wait_s = max(0.0, opens_at - self._clock.monotonic()) if math.isfinite(opens_at) else 0.0
        why = "the shared quota (Redis) is away" if self._away else f"no call is permitted for {wait_s:.1f} s"
        retry_at_us = self._clock.now_us() + math.ceil(wait_s * SECOND_US)
        waiter.granted.set_exception(QuotaExceeded(waiter.method, why, retry_at_us=retry_at_us))

    def _abandon(self, waiter: _Waiter) -> None:
        if waiter.granted.done() and not waiter.granted.cancelled() and not waiter.granted.exception():
            self.give_back(waiter.granted.result())
        elif waiter in self._waiting:
            self._waiting.remove(waiter)

    async def _rest(self, now: float) -> None:
        """Waits for the next moment at which somebody may go or gives up, or for news."""
        wanted = self._deadlines.next() + _AFTER
        for lane in LANES:
            for head in self._waiting.heads(lane):
                wanted = min(wanted, self._opens_at(head))
        ends = [self._moment(one.to_us) for one in self._closures]
        wanted = min([wanted, *(end for end in ends if end > now)])
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._news.wait())]
        if not math.isinf(wanted):
            waits.append(asyncio.create_task(self._clock.sleep(max(wanted - now, _AFTER))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _gone(self, error: Away) -> None:
        now = self._clock.monotonic()
        if not self._away:
            log.error("quota.redis_away", app_key=self._app_key, error=str(error))
            self._away_since = now
        for waiter in self._waiting.all():
            if now > max(waiter.came, self._away_since) + AWAY_PATIENCE_S:
                self._refuse(waiter, now + AWAY_PATIENCE_S)
        self._ask_after = now + REST_S

    def _expected_lanes(self) -> str:
        return "".join(str(int(lane in self._expected)) for lane in LANES)
