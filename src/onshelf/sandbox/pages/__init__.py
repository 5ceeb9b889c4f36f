"""Everything but the gateway in one table of routes: OAuth, the HTTP receivers and the controls."""

from typing import TYPE_CHECKING

from starlette.routing import Router

from onshelf.sandbox.pages import controls, inbound, oauth, worldly

if TYPE_CHECKING:
    from onshelf.sandbox.server import Sandbox


def routes(sandbox: "Sandbox") -> Router:
    """Returns the app that serves all pages of a sandbox.

    A bare router, not Starlette's application: its error page would answer calls that are meant to be cut.
    """
    return Router([route for page in (oauth, inbound, controls, worldly) for route in page.routes(sandbox)])
