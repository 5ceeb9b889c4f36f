"""By which names the service may be called: a page elsewhere must not reach in through a name of its own (DNS rebinding)."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from onshelf.texts import Lang
from onshelf.web.problem import Problem, answer, problem_of
from onshelf.web.tongue import spoken


class Named:
    """ASGI: answers requests that call the service by one of its names, and refuses all others."""

    def __init__(self, app: ASGIApp, *, names: Collection[str], lang: Lang) -> None:
        self._app = app
        self._names = frozenset(names)
        self._lang = lang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            given = Headers(scope=scope).getlist("host")
            # of two the proxy may mean the other
            host = name_of(given[0]) if len(given) == 1 else ", ".join(given)
            if host not in self._names:
                problem = Problem(400, "foreign_name", host=host[:100], known=tuple(sorted(self._names)))
                await answer(problem_of(problem, spoken(scope, self._lang)))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def name_of(host: str) -> str:
    """Returns the name of a `Host` header without its port, in small letters."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
