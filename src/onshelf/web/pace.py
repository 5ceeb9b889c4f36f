"""How often one caller may call: a sliding minute for each key, session or address, told in every answer's headers."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.clock import Clock
from onshelf.texts import Lang
from onshelf.web.problem import Problem, answer, problem_of
from onshelf.web.tongue import spoken

WINDOW_S = 60
CALLERS = 10_000
"""As many callers are remembered; the one that was silent longest is forgotten first."""


@dataclass(slots=True)
class Calls:
    """When one caller called, in the last minute. Pure but for what it remembers."""

    limit: int
    at_s: deque[float] = field(default_factory=deque)

    def take(self, now_s: float) -> tuple[int, float]:
        """Counts a call; returns (how many are left, or -1 when it may not go; seconds until the oldest is forgotten)."""
        while self.at_s and now_s - self.at_s[0] >= WINDOW_S:
            self.at_s.popleft()
        if len(self.at_s) >= self.limit:
            return -1, WINDOW_S - (now_s - self.at_s[0])
        self.at_s.append(now_s)
        return self.limit - len(self.at_s), WINDOW_S - (now_s - self.at_s[0])


class Pace:
    """ASGI: holds each caller of paths under `prefix` to a number of calls a minute."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        prefix: str,
        limit_per_minute: int,
        clock: Clock,
        lang: Lang,
        caller: Callable[[Scope], bytes] | None = None,
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._limit = limit_per_minute
        self._clock = clock
        self._lang = lang
        self._caller = caller or caller_of
        self._callers: OrderedDict[bytes, Calls] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        left, wait_s = self._calls(scope).take(self._clock.monotonic())
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

    def _calls(self, scope: Scope) -> Calls:
        caller = self._caller(scope)
        calls = self._callers.setdefault(caller, Calls(self._limit))
        self._callers.move_to_end(caller)
        while len(self._callers) > CALLERS:
            self._callers.popitem(last=False)
        return calls


def address_of(scope: Scope) -> bytes:
    """Tells callers apart by where they come from alone: what they show may be made up."""
    return str((scope.get("client") or ("",))[0]).encode()


def caller_of(scope: Scope) -> bytes:
    """Tells callers apart without keeping what they show: by key, else by session, else by address."""
    headers = Headers(scope=scope)
    shown = headers.get("authorization") or headers.get("cookie") or (scope.get("client") or ("",))[0]
    return blake2b(shown.encode(), digest_size=16).digest()
