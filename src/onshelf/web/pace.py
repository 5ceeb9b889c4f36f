"""How often one caller may call: a sliding minute for each key and session that is good, told in every answer's headers.

Who shows nothing good is counted by its address: a key made up anew each time begins no new minute.
"""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.clock import Clock
from onshelf.texts import Lang
from onshelf.web.problem import Problem, answer, problem_of
from onshelf.web.shown import address_of, caller_of
from onshelf.web.tongue import spoken

WINDOW_S = 60
CALLERS = 10_000
"""As many callers are remembered, and as many addresses; the one that was silent longest is forgotten first."""


@dataclass(slots=True)
class Calls:
    """When one caller called, in the last minute. Pure but for what it remembers."""

    limit: int
    at_s: deque[float] = field(default_factory=deque)

    @property
    def has_room(self) -> bool:
        """Tells whether one more may go, as far as calls were forgotten."""
        return len(self.at_s) < self.limit

    def forget(self, now_s: float) -> None:
        """Forgets calls of more than a minute ago."""
        while self.at_s and now_s - self.at_s[0] >= WINDOW_S:
            self.at_s.popleft()

    def take(self, now_s: float) -> tuple[int, float]:
        """Counts a call; returns (how many are left, or -1 when it may not go; seconds until the oldest is forgotten)."""
        self.forget(now_s)
        if not self.has_room:
            return -1, WINDOW_S - (now_s - self.at_s[0])
        self.at_s.append(now_s)
        return self.limit - len(self.at_s), WINDOW_S - (now_s - self.at_s[0])


class Pace:
    """ASGI: holds each caller of paths under `prefix` to a number of calls a minute.

    `known`: whether what a request shows is good; None: everybody is counted by address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        prefix: str,
        limit_per_minute: int,
        clock: Clock,
        lang: Lang,
        known: Callable[[Scope], Awaitable[bool]] | None = None,
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._limit = limit_per_minute
        self._clock = clock
        self._lang = lang
        self._known = known
        self._callers: OrderedDict[bytes, Calls] = OrderedDict()
        self._strangers: OrderedDict[bytes, Calls] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        left, wait_s = (await self._calls(scope)).take(self._clock.monotonic())
        told = {
            "RateLimit-Limit": str(self._limit),
            "RateLimit-Remaining": str(max(left, 0)),
            "RateLimit-Reset": str(int(wait_s) + 1),
        }
        if left < 0:
            problem = problem_of(
                Problem(429, "too_often", limit=self._limit, seconds=int(wait_s) + 1),
                spoken(scope, self._lang),
            )
            await answer(problem, {**told, "Retry-After": str(int(wait_s) + 1)})(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self._app(scope, receive, telling)

    async def _calls(self, scope: Scope) -> Calls:
        """Returns whom a call counts for. What is shown is looked up once; an address that guesses without end, no more."""
        caller = caller_of(scope) if self._known else b""
        if caller in self._callers:
            return self._of(self._callers, caller)
        stranger = self._of(self._strangers, address_of(scope))
        stranger.forget(self._clock.monotonic())
        if caller and self._known and stranger.has_room and await self._known(scope):
            return self._of(self._callers, caller)
        return stranger

    def _of(self, remembered: OrderedDict[bytes, Calls], caller: bytes) -> Calls:
        calls = remembered.setdefault(caller, Calls(self._limit))
        remembered.move_to_end(caller)
        while len(remembered) > CALLERS:
            remembered.popitem(last=False)
        return calls
