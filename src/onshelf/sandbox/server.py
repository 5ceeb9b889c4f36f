"""The sandbox put together, as an ASGI app for one process and as a server of its own on the loopback."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from onshelf.sandbox import wire
from onshelf.sandbox.clock import SandboxClock, TimeSource, http_date
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.gateway import SEPARATOR, Request
from onshelf.sandbox.pages import routes
from onshelf.sandbox.platform import Options, Platform
from onshelf.sandbox.spoil import Reply
from onshelf.sandbox.tmc.server import Service
from onshelf.sandbox.wire import Json

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "onshelf.transport"  # scope extension: the connection, so that a fault can cut it
SLOW_PIECES = 8
KEEP_ALIVE_S = 75  # longer than clients keep a connection: one closed under a call would look like a fault nobody ordered
BODY_LIMIT = 32 * 1024 * 1024


class Sandbox(Platform):
    """A platform that is an ASGI app: gateway, OAuth, receivers and controls."""

    def __init__(self, options: Options | None = None, clock: TimeSource | None = None) -> None:
        super().__init__(options, clock)
        self._pages = routes(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request. Raises: ConnectionCut in one process; over a socket the connection is really closed."""
        try:
            if scope["type"] == "http" and scope["path"].startswith("/router/"):
                await self._route(scope, receive, send)
            else:
                await self._pages(scope, receive, _dated(send, self.clock))
        except (ConnectionCut, ClientDisconnect):  # the second: who asked for a page left in the middle of it
            transport = scope.get("extensions", {}).get(TRANSPORT)
            if transport is None:
                raise
            transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = await _read(receive)
        if body is None:
            await _answer(Reply(b"body too large", b"text/plain", 413), False, send, self.clock)
            return
        request = Request(
            verb=scope["method"],
            query=scope["query_string"],
            content_type=headers.get(b"content-type", b"").decode("latin-1"),
            body=body,
            separator=headers.get(b"top-api-separator", b"").decode("utf-8", "replace") or SEPARATOR,
        )
        if scope["path"] == "/router/rest":
            reply = await self.gateway.rest(request)
        elif scope["path"] == "/router/batch":
            reply = await self.gateway.batch(request)
        else:
            reply = Reply(b"not found: use /router/rest or /router/batch", b"text/plain", 404)
        await _answer(reply, wire.takes_gzip(headers.get(b"accept-encoding", b"")), send, self.clock)


async def _read(receive: Receive) -> bytes | None:
    """Reads a body whole; one larger than any call may be is read to its end, and None. Raises: ConnectionCut when its
    sender went away."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionCut("sender left")
        piece = message.get("body", b"")
        size += len(piece)
        if size <= BODY_LIMIT:
            pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces) if size <= BODY_LIMIT else None


def _dated(send: Send, clock: SandboxClock) -> Send:
    """Returns a send whose answers carry the sandbox's time as their Date."""

    async def dated(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], _date(clock)]
        await send(message)

    return dated


def _date(clock: SandboxClock) -> tuple[bytes, bytes]:
    return b"date", http_date(int(clock.now()))


async def _answer(reply: Reply, gzip: bool, send: Send, clock: SandboxClock) -> None:
    body = reply.body
    headers = [_date(clock), (b"content-type", reply.content_type)]
    if gzip and len(body) > wire.GZIP_ABOVE_BYTES:
        body = wire.gzip(body)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.cut:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise ConnectionCut("cut_body")
    if reply.slow_s:
        step = max(1, len(body) // SLOW_PIECES)
        for at in range(0, len(body), step):
            await clock.sleep(reply.slow_s / SLOW_PIECES)
            await send({"type": "http.response.body", "body": body[at : at + step], "more_body": True})
        body = b""
    await send({"type": "http.response.body", "body": body})


def create_app(sandbox: Sandbox | None = None, *, clock: TimeSource | None = None) -> Sandbox:
    """Returns the ASGI app; with `clock` (`now()` aware, `sleep()`) a new sandbox shares it with its client."""
    return sandbox or Sandbox(clock=clock)


class _Protocol(HttpToolsProtocol):
    """Puts the connection into the scope: ASGI has no way to close one without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]


class _Server(uvicorn.Server):
    """Announces when it listens, and leaves signals to us: the state is saved after the last answer."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    options: Options | None = None,
    *,
    port: int = 0,
    tmc_port: int = 0,
    host: str = "127.0.0.1",
    announce: Callable[[Json], None] | None = None,
) -> None:
    """Serves until SIGINT, SIGTERM or the end of its terminal (not under nohup), then saves the state when there is a file for it.

    `announce` gets the start-up line's values once the port listens; without it they are written to stdout as one JSON line.
    """
    sandbox = Sandbox(options)
    listener = socket.create_server((host, port), backlog=512)
    base = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        sandbox,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,  # the machine's: ours is the sandbox's
        timeout_graceful_shutdown=1,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = _Server(config)
    tell = announce or _tell

    def stop() -> None:
        sandbox.clock.end()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    for name in (signal.SIGINT, signal.SIGTERM, *hang_up):
        loop.add_signal_handler(name, stop)
    async with sandbox.receivers.listening(host), Service(sandbox).listening(host, tmc_port) as tmc:
        sandbox.tmc = tmc
        server.announce = lambda: tell({**sandbox.info(base), "pid": os.getpid()})
        await server.serve([listener])
    if sandbox.options.state:
        save_file(sandbox.options.state, sandbox.snapshot())


def save_file(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _tell(info: Json) -> None:
    sys.stdout.write(msgspec.json.encode(info).decode() + "\n")
    sys.stdout.flush()
