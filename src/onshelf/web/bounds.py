"""How large a request may be and how slowly it may come: beyond that it is refused, before a route sees it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.texts import Lang
from onshelf.web.problem import Problem, answer, problem_of

SMALL_BYTES = 1 << 20
SILENCE_S = 20.0
"""How long a request's body may pause."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """ASGI: refuses bodies over a size with 413, and with 408 those that stop coming."""

    app: ASGIApp
    lang: Lang
    larger: Mapping[str, int]  # end of a path -> bytes its bodies may have; other routes: SMALL_BYTES
    silence_s: float = SILENCE_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = next((size for end, size in self.larger.items() if scope["path"].endswith(end)), SMALL_BYTES)
        told = Headers(scope=scope).get("content-length", "")
        if told.isdigit() and int(told) > most:
            await self._refuse(Problem(413, "too_large", most=most), scope, receive, send)
            return
        passage = _Passage(self, most, receive, send)
        await self.app(scope, passage.receive, passage.send)
        if passage.refused is not None and not passage.begun:
            await self._refuse(passage.refused, scope, receive, send)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = answer(problem_of(problem, self.lang), {"Connection": "close"})
        await refusal(scope, receive, send)


class _Passage:
    """One request on its way in and its answer on its way out.

    Once the request is refused whatever the route makes of it (a broken body, an error of its own) is not sent.
    """

    def __init__(self, bounds: Bounds, most: int, receive: Receive, send: Send) -> None:
        self._bounds = bounds
        self._most = most
        self._receive = receive
        self._send = send
        self._taken = 0
        self._whole = False
        self.begun = False
        self.refused: Problem | None = None

    async def receive(self) -> Message:
        """Passes a part of the body on, in time and within the size; what came too late or too much is the end of it."""
        try:
            async with asyncio.timeout(None if self._whole else self._bounds.silence_s):
                message = await self._receive()
        except TimeoutError:
            return self._refuse(Problem(408, "too_slow", seconds=self._bounds.silence_s))
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._taken > self._most:
                return self._refuse(Problem(413, "too_large", most=self._most))
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
