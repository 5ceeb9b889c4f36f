"""Everything but the gateway in one table of routes: OAuth, the HTTP receivers and the controls."""

from starlette.routing import Router

from onshelf.sandbox.pages import controls, inbound, oauth, worldly
from onshelf.sandbox.platform import Platform


def routes(platform: Platform) -> Router:
    """Returns the app that serves all pages of a platform.

    A bare router, not Starlette's application: its error page would answer calls that are meant to be cut.
    """
    return Router([route for page in (oauth, inbound, controls, worldly) for route in page.routes(platform)])
