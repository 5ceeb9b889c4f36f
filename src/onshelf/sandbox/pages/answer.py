"""How pages read JSON and answer it; a control used wrongly is told which field and what to send instead."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.wire import Json

T = TypeVar("T")
Page = Callable[[Request], Awaitable[Response]]
_FIELD, _PLACE = re.compile(r"field `(.+)`"), re.compile(r"`\$\.?([^`]+)`\Z")


class Id(int):
    """An id of the platform, sent as a number or as a text: one of 18 digits does not fit the numbers of every language."""


def answer(value: object, status: int = 200) -> Response:
    """Returns a JSON answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def read(request: Request, kind: type[T]) -> T:
    """Reads a JSON body as `kind`; no body is an empty object. Raises: ControlError."""
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind, dec_hook=_read_id)
    except msgspec.ValidationError as error:
        told = str(error).partition(" - at `")[0]
        named = _PLACE.search(str(error)) or _FIELD.search(told)
        raise ControlError(named[1] if named else "body", told) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError("body", f"send JSON: {error}") from error


def _read_id(kind: type, given: Any) -> Id:
    if kind is not Id:
        raise NotImplementedError(kind)
    is_number = isinstance(given, int) and not isinstance(given, bool) and given >= 0
    if is_number or (isinstance(given, str) and given.isascii() and given.isdecimal()):
        return Id(given)
    raise ValueError(f"Expected an id, a number or its digits as a text, got {given!r}")


def whole(request: Request, name: str, default: int) -> int:
    """Reads a whole number of the query, 1 or more. Raises: ControlError."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise ControlError(name, f"use a whole number from 1, not {text!r}")
    return int(text)


def _is_foreign(request: Request) -> bool:
    """Tells whether a page of another site makes a browser ask: every page could reach this machine's loopback.

    A name with a dot could be any site's that points here; addresses and bare names (localhost, a container's) could not.
    """
    origin = request.headers.get("origin")
    if origin is None or request.method == "GET":
        return False
    host = request.headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    is_ours = "." not in name or name.replace(".", "").isdecimal()
    return urlsplit(origin).netloc != host or not is_ours


def route(path: str, page: Page, *methods: str) -> Route:
    """Returns a route whose ControlErrors become HTTP 400; writes by pages of other sites are refused with 403."""

    async def guarded(request: Request) -> Response:
        if _is_foreign(request):
            return answer({"error": "origin: a page of another site may not use the sandbox's controls"}, 403)
        try:
            return await page(request)
        except ControlError as error:
            refused: Json = {"error": str(error), "field": error.field, "remedy": error.remedy}
            return answer(refused, 400)

    guarded.__doc__ = page.__doc__
    return Route(path, guarded, methods=list(methods))
