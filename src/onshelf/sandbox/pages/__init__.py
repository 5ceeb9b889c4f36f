"""Everything but the gateway in one table of routes: OAuth, the HTTP receivers, the controls and a list of them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router

from onshelf.sandbox.pages import (
    conformance,
    controls,
    desk,
    inbound,
    item,
    log,
    market,
    messages,
    oauth,
    policy,
    world,
)
from onshelf.sandbox.pages.answer import answer, route
from onshelf.sandbox.platform import Platform


def routes(platform: Platform) -> Router:
    """Returns the app that serves all pages of a sandbox.

    A bare router, not Starlette's application: its error page would answer calls that are meant to be cut.
    """
    table = [
        route
        for page in (oauth, inbound, controls, world, market, policy, messages, log, conformance, item, desk)
        for route in page.routes(platform)
    ]
    return Router([*table, *_index(table)])


def _index(table: list[BaseRoute]) -> list[BaseRoute]:
    shown = [
        {
            "path": one.path,
            "methods": sorted((one.methods or set()) - {"HEAD"}),
            "what": one.endpoint.__doc__ or "",
        }
        for one in table
        if isinstance(one, Route)
    ]

    async def index(request: Request) -> Response:
        """Shows the control page to a browser; lists all pages to a program."""
        return desk.page() if desk.wanted(request) else answer(shown)

    return [route(path, index, "GET") for path in ("/", "/_sandbox", "/_sandbox/")]
