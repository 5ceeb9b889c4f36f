"""Everything but the gateway: the routes of OAuth, receivers and controls, in one table."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

if TYPE_CHECKING:
    from onshelf.sandbox.server import Sandbox


def routes(sandbox: "Sandbox") -> Starlette:
    """Returns the app that serves all pages of a sandbox."""
    table: list[Route] = []
    return Starlette(routes=table)
