"""Each request of a program, noted in the audit log: whose key, which route, about what, how it was answered.

Reads and refusals too. Whoever shows no good key is not noted, so that nobody fills the log; of a key that calls too often
one refusal is noted until it calls less.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.clock import SECOND_US, Clock
from onshelf.guard.audit import Audit
from onshelf.guard.keys import Key
from onshelf.web.shown import caller_of, key_of

CALLER = "onshelf.caller"
"""Where the entrance leaves the name of whose key it was."""
CALLERS = 10_000
"""As many keys are remembered; the one that was silent longest is forgotten first."""
LONGEST = 120  # characters of a subject
UNKNOWN = "?"
"""Stands for a path that leads nowhere."""
_NOBODY, _TOO_OFTEN = 401, 429


class Noted:
    """ASGI: notes requests by key under `prefix` when their answer begins: a stream is one row, from its first moment on."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        prefix: str,
        audit: Audit,
        clock: Clock,
        whose: Callable[[str], Awaitable[Key | None]],
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._audit = audit
        self._clock = clock
        self._whose = whose
        self._routes = routes
        self._known: OrderedDict[bytes, str] = OrderedDict()  # what is shown, by its digest -> whose key
        self._hasty: set[bytes] = set()  # of these: those whose last answer was that they call too often

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = key_of(scope) if scope["type"] == "http" and scope["path"].startswith(self._prefix) else None
        if shown is None:
            await self._app(scope, receive, send)
            return
        at_us, began_s, answered = self._clock.now_us(), self._clock.monotonic(), False

        async def note(status: int) -> None:
            nonlocal answered
            answered = True
            actor = await self._actor(scope, shown, status)
            if actor:
                self._find_route(scope)
                took_us = round((self._clock.monotonic() - began_s) * SECOND_US)
                route, subject = route_of(scope, self._prefix), subject_of(scope)
                self._audit.requested(
                    actor,
                    route,
                    subject,
                    status=status,
                    at_us=at_us,
                    took_us=took_us,
                    digest=digest_of(scope),
                )

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                await note(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, telling)
        finally:
            if not answered:  # it broke, and is answered outside
                await note(500)

    async def _actor(self, scope: Scope, shown: str, status: int) -> str:
        """Returns whose request is to be noted; empty: nobody's."""
        caller = caller_of(scope)
        if status == _TOO_OFTEN:  # asked of nobody but our memory: it may be a flood
            actor = "" if caller in self._hasty else self._known.get(caller, "")
            if actor:
                self._hasty.add(caller)
            return actor
        actor = scope.get(CALLER, "")
        if not actor and status != _NOBODY:  # refused before the entrance
            key = await self._whose(shown)
            actor = key.principal().name if key else ""
        if actor:
            self._remember(caller, actor)
        return actor

    def _find_route(self, scope: Scope) -> None:
        """Finds the route of a request that was refused before it came to one."""
        if "route" not in scope:
            inner = {**scope, "path": scope["path"].removeprefix(self._prefix)}
            for route in self._routes:
                match, found = route.matches(inner)
                if match is not Match.NONE:
                    scope.update(found)
                    return

    def _remember(self, caller: bytes, actor: str) -> None:
        self._hasty.discard(caller)
        self._known[caller] = actor
        self._known.move_to_end(caller)
        if len(self._known) > CALLERS:
            forgotten, _ = self._known.popitem(last=False)
            self._hasty.discard(forgotten)


def route_of(scope: Scope, prefix: str) -> str:
    """Names the route, as `GET /shops/{shop}`."""
    route = scope.get("route")
    path = route.path_format.removeprefix(prefix) if route is not None else UNKNOWN
    return f"{scope['method'][:16]} {path}"


def subject_of(scope: Scope) -> str:
    """Names what was asked about: a shop by its name, another thing as `job:01h…`; empty: nothing, or nothing in the path."""
    params = scope.get("path_params") or {}
    shop = params.get("shop", "")
    if not shop and b"shop=" in scope["query_string"]:
        shop = parse_qs(scope["query_string"].decode("latin-1")).get("shop", [""])[0]
    if not shop and params:
        name, value = next(iter(params.items()))
        shop = f"{name}:{value}"
    return str(shop)[:LONGEST]


def digest_of(scope: Scope) -> bytes:
    """Digests the whole address: who has it, as from a proxy's log, can prove that it was asked."""
    return sha256(b"%s?%s" % (scope.get("raw_path") or b"", scope["query_string"])).digest()
