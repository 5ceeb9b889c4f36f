"""`ETag` of every answer to a read, 304 to whoever has it already, and 412 to whoever saw something older."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.web.problem import Problem

_STREAM = "text/event-stream"


class Etag:
    """ASGI: holds back the answer to a GET under `prefix` until it is whole, and tags it by its content."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def held(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and start is None and _is_whole(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await _tell(start, b"".join(parts), Headers(scope=scope), send)

        await self._app(scope, receive, held)


def _is_whole(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and not kind.startswith(_STREAM)


async def _tell(start: Message, body: bytes, asked: Headers, send: Send) -> None:
    tag = etag_of(body)
    headers = MutableHeaders(raw=start["headers"])
    headers.setdefault("etag", tag)
    headers.setdefault("cache-control", "private, no-cache")
    if is_named(asked.get("if-none-match", ""), headers["etag"]):
        del headers["content-length"]
        await send({"type": "http.response.start", "status": 304, "headers": headers.raw})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def check_match(told: str | None, tag: str | None) -> None:
    """Lets on a change whose `If-Match` names the tag of what there is, or is absent; `tag` None: there is nothing.

    Raises Problem 412.
    """
    if told is not None and (tag is None or not is_named(told, tag)):
        raise Problem(412, "changed_since")


def is_named(told: str, tag: str) -> bool:
    """Tells whether `If-Match` or `If-None-Match` names a tag.

    A proxy that packs answers marks tags as weak (`W/`); what they stand for is the same, so that they count here.
    """
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in told.split(","))


def etag_of(body: bytes) -> str:
    """Returns the tag of a content."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'
