"""HTTP/1.1 over our own sockets: a POST out, a whole reply in, connections kept alive. llhttp (httptools) reads the replies.

A quarter of aiohttp's CPU a call, and it knows exactly what a create needs to know: whether a byte was handed to a socket.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools
from multidict import CIMultiDict

from onshelf.platforms.transport import (
    MAX_REPLY_BYTES,
    USER_AGENT,
    ConnectFailed,
    NoReply,
    NotOutside,
    Request,
    Response,
)

KEPT_ALIVE_S = 15.0  # an idle connection older than this may have been dropped on the way without a word
MOST_HEADER_BYTES = 64 * 1024
MOST_MEMBERS = 16  # of a gzip body; a reply has one
_PLAIN = re.compile(r"[!-~]+")  # what may stand in a request line
_NO_BREAK = re.compile(r"[^\r\n\0]*")


class _Target(NamedTuple):
    """Where a request goes."""

    tls: bool
    host: str
    port: int
    address: str  # the Host header
    path: str


class SocketTransport:
    """Sends a POST once over a fresh or a kept connection. Used and closed in one event loop; follows no redirect."""

    def __init__(
        self,
        *,
        connect_timeout_s: float = 5.0,
        max_reply_bytes: int = MAX_REPLY_BYTES,
        tls: ssl.SSLContext | None = None,
        permits: Callable[[str], bool] | None = None,
    ) -> None:
        """`tls`: None trusts what the machine trusts. `permits`: to which IP addresses it may connect; None: to any."""
        self._connect_timeout_s = connect_timeout_s
        self._max_reply_bytes = max_reply_bytes
        self._idle: dict[tuple[bool, str, int], list[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._tls = tls
        self._permits = permits

    async def send(self, request: Request) -> Response:
        target = _target(request.url)
        head = _head(target.address, target.path, request.content_type, request.headers, request.method)
        connection = self._kept(target) or await self._connect(target)
        try:
            reply = await connection.exchange(head, request.body, request.timeout_s)
        except BaseException:
            connection.abort()
            raise
        if connection.reusable:
            self._idle.setdefault(target[:3], []).append(connection)
        else:
            connection.close()
        return reply

    async def close(self) -> None:
        """Closes every connection and waits until they are gone, a second at most."""
        ends = [connection.closed for connection in self._open]
        for connection in tuple(self._open):
            connection.close()
        if ends:
            await asyncio.wait(ends, timeout=1.0)
        self._idle.clear()

    def _kept(self, target: _Target) -> "_Connection | None":
        """Takes the connection used last; those that were dropped or rested too long are closed."""
        idle = self._idle.get(target[:3], [])
        while idle:
            connection = idle.pop()
            if connection.fresh:
                return connection
            connection.close()
        return None

    async def _connect(self, target: _Target) -> "_Connection":
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                *others, last = await self._permitted(target)
                for host in others:
                    with contextlib.suppress(OSError):
                        return await self._connect_to(target, host)
                return await self._connect_to(target, last)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise ConnectFailed(str(error) or type(error).__name__) from error

    async def _permitted(self, target: _Target) -> list[str]:
        """Returns where to connect: the name, or where not all addresses are permitted, the very ones that were checked.

        A name asked for twice may answer otherwise the second time. One that has an address inside is not trusted at all.
        """
        if self._permits is None:
            return [target.host]
        found = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM
        )
        addresses = [str(place[0]) for *_, place in found]
        if not addresses or not all(map(self._permits, addresses)):
            raise NotOutside(f"{target.host} is {', '.join(sorted(set(addresses)))}")
        return addresses

    async def _connect_to(self, target: _Target, host: str) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(loop, self._open, self._max_reply_bytes),
            host,
            target.port,
            ssl=self._tls_context() if target.tls else None,
            server_hostname=target.host if target.tls else None,
        )
        return connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, everyone: "set[_Connection]", max_reply_bytes: int
    ) -> None:
        self.reusable = False
        self.closed: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._everyone = everyone
        self._max_reply_bytes = max_reply_bytes
        self._idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._start_reply()

    def _start_reply(self) -> None:
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._headers_read = False
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def fresh(self) -> bool:
        """Tells whether a kept connection may be used again."""
        transport = self._transport
        return (
            transport is not None
            and not transport.is_closing()
            and self._loop.time() - self._idle_since < KEPT_ALIVE_S
        )

    async def exchange(self, head: bytes, body: bytes, timeout_s: float) -> Response:
        """Writes a request and waits for its whole reply. Raises NoReply, or ConnectFailed before anything is written."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectFailed("the connection was closed before the request")
        self.reusable = False
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout_s, self._fail, f"no whole reply within {timeout_s:g} s")
        transport.writelines((b"%b%d\r\n\r\n" % (head, len(body)), body))
        try:
            return await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drops the connection at once: what may still arrive on it belongs to nobody."""
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes, only of their form.
        self._transport = transport  # type: ignore[assignment]
        self._everyone.add(self)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            self.abort()  # words nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"the reply is no HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self._everyone.discard(self)
        if self._ends_with_connection():
            self._finish()
        self._fail(str(error) if error else "the connection was closed without a whole reply")
        if not self.closed.done():
            self.closed.set_result(None)

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._waiter is None or self._waiter.done():
            self.abort()  # a second reply to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        self._size += len(name) + len(value)
        if self._size > MOST_HEADER_BYTES:
            self._fail("the reply's headers are too large")
        else:
            self._headers.add(name.decode("latin-1"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        self._headers_read, self._size = True, 0

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._max_reply_bytes:
            self._fail(f"the reply is larger than {self._max_reply_bytes} bytes")
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:  # 100 Continue: the reply is yet to come
            self._start_reply()
            return
        self.reusable = self._parser.should_keep_alive()
        self._finish()

    def _ends_with_connection(self) -> bool:
        """Tells whether a reply without length or chunks has begun: its end is the connection's."""
        return (
            self._headers_read
            and self._parser.get_status_code() >= 200
            and "Content-Length" not in self._headers
            and "chunked" not in self._headers.get("Transfer-Encoding", "").lower()
        )

    def _finish(self) -> None:
        waiter, status, headers = self._waiter, self._parser.get_status_code(), self._headers
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._start_reply()
        self._idle_since = self._loop.time()
        if waiter is None or waiter.done():
            return
        try:
            waiter.set_result(Response(status, headers, self._unpacked(headers, body)))
        except NoReply as error:
            waiter.set_exception(error)

    def _unpacked(self, headers: CIMultiDict[str], body: bytes) -> bytes:
        if "gzip" not in headers.get("Content-Encoding", "").lower():
            return body
        try:
            whole = _ungzip(body, self._max_reply_bytes)
        except zlib.error as error:
            raise NoReply(f"the reply cannot be unpacked: {error}") from error
        if whole is None:
            raise NoReply(f"the reply is cut, or larger than {self._max_reply_bytes} bytes unpacked")
        return whole

    def _fail(self, why: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoReply(why))


def _ungzip(packed: bytes, most: int) -> bytes | None:
    """Unpacks gzip of a few members (RFC 1952, 2.2); None when it is cut, or larger than `most` bytes unpacked."""
    whole = b""
    for _ in range(MOST_MEMBERS):
        unpacker = zlib.decompressobj(31)
        whole += unpacker.decompress(packed, most + 1 - len(whole))
        if not unpacker.eof or len(whole) > most:
            return None
        packed = unpacker.unused_data.lstrip(b"\0")
        if not packed:
            return whole
    return None


def _target(url: str) -> _Target:
    """Reads an address. Raises ConnectFailed for one that HTTP cannot go to."""
    place, _, query = url.partition("?")
    target = _place(place)
    if not query:
        return target
    if not _PLAIN.fullmatch(query):
        raise ConnectFailed(f"{url!r} is no http address")
    return target._replace(path=f"{target.path}?{query}")


@lru_cache(maxsize=64)
def _place(url: str) -> _Target:
    """Reads an address without its query, which is all that differs from upload to upload."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ConnectFailed(f"{url!r} is no address: {error}") from error
    path, address = parts.path or "/", parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or not parts.hostname or not _PLAIN.fullmatch(address + path):
        raise ConnectFailed(f"{url!r} is no http address")
    return _Target(parts.scheme == "https", parts.hostname, port, address, path)


@lru_cache(maxsize=64)
def _head(
    address: str, path: str, content_type: str, more: tuple[tuple[str, str], ...], method: str
) -> bytes:
    """Returns everything of a request up to the number of its Content-Length. Raises ValueError for a line break in a header."""
    fields = [
        ("Host", address),
        ("User-Agent", USER_AGENT),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip"),
        ("Content-Type", content_type),
        *more,
    ]
    for name, value in fields:
        if not _NO_BREAK.fullmatch(name + value):
            raise ValueError(f"header {name!r} holds a line break")
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{method} {path} HTTP/1.1\r\n{lines}Content-Length: ".encode("latin-1")
