"""The control page for people: HTML, style and script shipped as they are; all they show comes from the JSON controls."""

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.pages.answer import answer, route
from onshelf.sandbox.platform import Platform

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",  # with no-referrer a form is sent as from nowhere
    "x-content-type-options": "nosniff",
}
_TYPES = {"css": "text/css", "js": "text/javascript", "json": "application/json"}


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of what the page consists of."""

    async def part(request: Request) -> Response:
        """Answers a part of the control page."""
        name = request.path_params["name"]
        if name not in _parts():
            raise ControlError("name", f"use one of {', '.join(sorted(_parts()))}")
        return Response(
            _parts()[name],
            media_type=_TYPES[name.rpartition(".")[2]],
            headers={**HEADERS, "cache-control": "no-cache"},
        )

    async def info(request: Request) -> Response:
        """Shows what a client must know, as the start-up line does."""
        return answer(platform.info(str(request.base_url).rstrip("/")))

    return [route("/_sandbox/desk/{name}", part, "GET"), route("/_sandbox/info", info, "GET")]


def wanted(request: Request) -> bool:
    """Tells whether a browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "")


def page() -> Response:
    """Returns the control page."""
    content = files("onshelf.sandbox.pages").joinpath("desk/index.html").read_bytes()
    return Response(content, media_type="text/html", headers=HEADERS)


@cache
def _parts() -> dict[str, bytes]:
    folder = files("onshelf.sandbox.pages").joinpath("desk")
    parts = {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith((".css", ".js"))}
    texts = files("onshelf.reference").joinpath("texts/sandbox.json")
    return {**parts, "texts.json": texts.read_bytes()}
