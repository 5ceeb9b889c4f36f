"""How large a request may be and how slowly it may come: beyond that it is refused, before a route sees it."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.clock import Clock
from onshelf.texts import Lang
from onshelf.web.problem import Problem, answer, problem_of
from onshelf.web.tongue import spoken

SMALL_BYTES = 1 << 20
SILENCE_S = 20.0
"""How long a request's body may pause."""
GRACE_S = 30.0
LEAST_BYTES_PER_S = 4_096
"""A body may take the grace, and a second more for every so many bytes: one that drips for ever is refused."""


@dataclass(frozen=True, slots=True)
class Large:
    """Routes that take a large body."""

    path: str  # pattern of the whole path; they are POSTs
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """ASGI: refuses bodies over a size with 413, compressed ones with 415, and with 408 those that come too slowly.

    The larger sizes are for callers who may do what these routes do: nobody else can make us take a hundred megabytes.
    """

    app: ASGIApp
    lang: Lang
    larger: Sequence[Large]  # other routes: SMALL_BYTES
    clock: Clock
    why_not: Callable[[Scope], Awaitable[Problem | None]]  # None: the caller may send a large body
    silence_s: float = SILENCE_S
    grace_s: float = GRACE_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        packed = headers.get("content-encoding", "identity")
        if packed.lower() != "identity":
            await self._refuse(Problem(415, "packed", encoding=packed[:40]), scope, receive, send)
            return
        most, beyond = await self._most(scope)
        told = headers.get("content-length", "")
        if told.isdigit() and int(told) > most:
            await self._refuse(beyond, scope, receive, send)
            return
        passage = _Passage(self, most, beyond, receive, send)
        # what a route makes of a body that ends, whoever ended it
        with contextlib.suppress(ClientDisconnect):
            await self.app(scope, passage.receive, passage.send)
        if passage.refused is not None and not passage.begun:
            await self._refuse(passage.refused, scope, receive, send)

    async def _most(self, scope: Scope) -> tuple[int, Problem]:
        """Returns how many bytes a body may have, and what is said of more."""
        most = self.size_of(scope["method"], scope["path"])
        why_not = await self.why_not(scope) if most > SMALL_BYTES else None
        if why_not is not None:
            return SMALL_BYTES, why_not
        return most, Problem(413, "too_large", most=most)

    def size_of(self, method: str, path: str) -> int:
        """Returns how many bytes the bodies of a route may have."""
        if method != "POST":
            return SMALL_BYTES
        return next((one.most_bytes for one in self.larger if re.fullmatch(one.path, path)), SMALL_BYTES)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        told = {**problem.headers, "Connection": "close"}
        refusal = answer(problem_of(problem, spoken(scope, self.lang)), told)
        await refusal(scope, receive, send)


class _Passage:
    """One request on its way in and its answer on its way out.

    Once the request is refused whatever the route makes of it (a broken body, an error of its own) is not sent.
    """

    def __init__(self, bounds: Bounds, most: int, beyond: Problem, receive: Receive, send: Send) -> None:
        self._bounds = bounds
        self._most = most
        self._beyond = beyond
        self._receive = receive
        self._send = send
        self._taken = 0
        self._waited_s = 0.0
        self._whole = False
        self.begun = False
        self.refused: Problem | None = None

    async def receive(self) -> Message:
        """Passes a part of the body on, in time and within the size; what came too late or too much is the end of it."""
        if self._whole:
            return await self._receive()
        bounds = self._bounds
        since_s = bounds.clock.monotonic()
        try:
            async with asyncio.timeout(bounds.silence_s):
                message = await self._receive()
        except TimeoutError:
            return self._refuse(Problem(408, "too_slow", seconds=bounds.silence_s))
        self._waited_s += bounds.clock.monotonic() - since_s  # the sender's time alone, not the route's
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._taken > self._most:
                return self._refuse(self._beyond)
            if not self._whole and self._waited_s > bounds.grace_s + self._taken / LEAST_BYTES_PER_S:
                return self._refuse(Problem(408, "too_slow", seconds=bounds.grace_s))
        return message

    async def send(self, message: Message) -> None:
        """Passes the answer on, unless the request was refused before it began."""
        if self.refused is None or self.begun:
            self.begun = True
            await self._send(message)

    def _refuse(self, problem: Problem) -> Message:
        self.refused = self.refused or problem
        self._whole = True
        return {"type": "http.disconnect"}
