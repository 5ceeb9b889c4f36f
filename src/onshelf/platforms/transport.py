"""The only HTTP socket: one request in, one reply out. Foreign errors become `ConnectFailed` or `NoReply` here and nowhere else."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from onshelf.clock import Clock

USER_AGENT = "onshelf"
MAX_REPLY_BYTES = 32 * 1024 * 1024  # a page of 200 whole items is below 2 MB


class ConnectFailed(Exception):
    """No connection was made, so nothing was sent: refused, unreachable, unknown host, TLS, connect time-out."""


class NoReply(Exception):
    """The request may have arrived, but no whole reply came back: cut, timed out, too large."""


class Request(msgspec.Struct, frozen=True):
    """A POST with its body ready."""

    url: str
    body: bytes
    content_type: str
    timeout_s: float  # from the established connection to the last byte of the reply
    headers: tuple[tuple[str, str], ...] = ()  # beyond those every request carries


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


class AioTransport:
    """HTTP over sockets, kept alive. Used and closed in one event loop.

    POST only: aiohttp repeats idempotent verbs on a dead kept-alive connection, a POST never. Redirects are not followed.
    """

    def __init__(self, *, connect_timeout_s: float = 5.0, max_reply_bytes: int = MAX_REPLY_BYTES) -> None:
        self._connect_timeout_s = connect_timeout_s
        self._max_reply_bytes = max_reply_bytes
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        session = self._session or self._open()
        url = request.url
        try:
            reply = await session.post(
                _address(url) if "?" not in url else URL(url, encoded=True),
                data=request.body,
                headers=_headers(request.content_type, request.headers),
                timeout=_client_timeout(self._connect_timeout_s, request.timeout_s),
                allow_redirects=False,
            )
            try:
                return Response(reply.status, reply.headers, await self._read(reply))
            except BaseException:
                reply.close()
                raise
        except _NOTHING_SENT as error:
            raise ConnectFailed(_words(error)) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise NoReply(_words(error)) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    async def _read(self, reply: aiohttp.ClientResponse) -> bytes:
        length = reply.content_length
        if length is not None and "Content-Encoding" not in reply.headers:
            if length > self._max_reply_bytes:
                raise NoReply(f"a reply of {length} bytes is larger than {self._max_reply_bytes}")
            return await reply.read()
        parts, size = [], 0
        async for part in reply.content.iter_any():
            size += len(part)
            if size > self._max_reply_bytes:
                raise NoReply(f"a reply is larger than {self._max_reply_bytes} bytes")
            parts.append(part)
        return b"".join(parts)


_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientSSLError)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


@lru_cache(maxsize=64)
def _address(url: str) -> URL:
    return URL(url, encoded=True)


@lru_cache(maxsize=64)
def _headers(content_type: str, more: tuple[tuple[str, str], ...]) -> CIMultiDict[str]:
    always = (("Content-Type", content_type), ("User-Agent", USER_AGENT), ("Accept-Encoding", "gzip"))
    return CIMultiDict((*always, *more))


@lru_cache(maxsize=64)
def _client_timeout(connect_s: float, read_s: float) -> aiohttp.ClientTimeout:
    # The total bounds a reply that drips byte by byte; the lease of a job line counts on it.
    return aiohttp.ClientTimeout(total=connect_s + read_s, sock_connect=connect_s)


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
            raise NoReply(_words(error)) from error

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
        "method": "POST",
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
