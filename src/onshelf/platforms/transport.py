"""One request in, one reply out: the port of all HTTP, and its in-process form. `http1.py` is the form with sockets."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from multidict import CIMultiDict

from onshelf.clock import Clock

USER_AGENT = "onshelf"
MAX_REPLY_BYTES = 32 * 1024 * 1024  # a page of 200 whole items is below 2 MB


class ConnectFailed(Exception):
    """No connection was made, so nothing was sent: refused, unreachable, unknown host, TLS, connect time-out."""


class NotOutside(ConnectFailed):
    """The address leads into this machine or its network, where this transport does not go."""


class NoReply(Exception):
    """The request may have arrived, but no whole reply came back: cut, timed out, too large."""


class Request(msgspec.Struct, frozen=True):
    """A request with its body ready."""

    url: str
    body: bytes
    content_type: str
    timeout_s: float  # from the established connection to the last byte of the reply
    headers: tuple[tuple[str, str], ...] = ()  # beyond those every request carries
    method: str = "POST"


class Response(msgspec.Struct, frozen=True):
    """A whole reply; `headers` are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends once and never repeats by itself."""

    async def send(self, request: Request) -> Response:
        """Raises ConnectFailed when nothing was sent, NoReply when that is not known."""
        ...

    async def close(self) -> None: ...


Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]


class AsgiTransport:
    """Calls an ASGI application in the same loop, on the same clock: for tests of virtual days.

    An application that raises one of `cuts` has dropped the connection; work goes on after our time-out, as a server's does.
    """

    def __init__(
        self, app: AsgiApp, clock: Clock, cuts: tuple[type[Exception], ...] = (ConnectionError,)
    ) -> None:
        self._app = app
        self._clock = clock
        self._cuts = cuts
        self._running: set[asyncio.Task[Response]] = set()

    async def send(self, request: Request) -> Response:
        work = asyncio.create_task(self._serve(request))
        timer = asyncio.create_task(self._clock.sleep(request.timeout_s))
        self._running.add(work)
        work.add_done_callback(self._finished)
        try:
            await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        if not work.done():
            raise NoReply(f"no reply within {request.timeout_s:g} s")
        try:
            return work.result()
        except self._cuts as error:
            raise NoReply(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        for work in tuple(self._running):
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, *self._cuts):
                await work

    def _finished(self, work: asyncio.Task[Response]) -> None:
        self._running.discard(work)
        if not work.cancelled():
            work.exception()  # retrieved, or a reply nobody waits for would be reported at exit

    async def _serve(self, request: Request) -> Response:
        exchange = _Exchange(request.body)
        await self._app(_scope(request), exchange.receive, exchange.send)
        return exchange.response()


class _Exchange:
    """The two channels of one ASGI call."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 0
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._parts: list[bytes] = []
        self._ended = False

    async def receive(self) -> Message:
        if self._body is None:
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers.extend((k.decode("latin-1"), v.decode("latin-1")) for k, v in message["headers"])
        else:
            self._parts.append(message.get("body", b""))
            self._ended = not message.get("more_body", False)

    def response(self) -> Response:
        if not self._ended:
            raise NoReply("the application ended without a whole reply")
        return Response(self._status, self._headers, b"".join(self._parts))


def _scope(request: Request) -> MutableMapping[str, Any]:
    address = urlsplit(request.url)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": address.scheme,
        "path": address.path,
        "raw_path": address.path.encode(),
        "root_path": "",
        "query_string": address.query.encode(),
        "headers": [
            (b"host", address.netloc.encode()),
            (b"content-type", request.content_type.encode()),
            (b"content-length", str(len(request.body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in request.headers),
        ],
        "client": ("127.0.0.1", 0),
        "server": (address.hostname or "", address.port or 80),
        "extensions": {},
    }
