"""Which checks other people's clients passed against the sandbox, in which version and when: the last run, as shipped."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.pages.answer import route
from onshelf.sandbox.platform import Platform


def routes(_platform: Platform) -> list[BaseRoute]:
    """Returns the route of the page."""
    run = files("onshelf.reference").joinpath("conformance.json").read_bytes()

    async def conformance(_request: Request) -> Response:
        """Shows which checks other people's clients passed."""
        return Response(run, media_type="application/json")

    return [route("/_sandbox/conformance", conformance, "GET")]
