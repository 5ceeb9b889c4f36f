"""The transport over real sockets: what was sent, what was not, and never a second time by itself."""

import asyncio
import contextlib
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.transport import ConnectFailed, NoReply, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serves each connection with a script; at the end none is left."""
    scripts: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = asyncio.current_task()
        assert script is not None
        scripts.add(script)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/router/rest"
    finally:
        server.close()
        for script in scripts:
            script.cancel()
        await asyncio.gather(*scripts, return_exceptions=True)


@contextlib.contextmanager
def no_fatal_errors() -> Iterator[None]:
    """Fails when the event loop is told of an error nobody caught."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    yield
    assert told == []


@pytest.fixture
async def transport() -> AsyncIterator[SocketTransport]:
    made = SocketTransport(connect_timeout_s=30.0, max_reply_bytes=1000)
    yield made
    await made.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(3)


def ask(url: str, timeout_s: float = 2.0) -> Request:
    return Request(url, b"a=1", "application/x-www-form-urlencoded", timeout_s)


async def test_a_reply_comes_whole_over_a_kept_connection(transport: SocketTransport) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            writer.write(OK)

    async with serving(serve) as url:
        replies = [await transport.send(ask(url)) for _ in range(3)]
        await transport.close()

    assert [reply.body for reply in replies] == [b"{}"] * 3
    assert connections == 1


async def test_a_kept_connection_that_dies_is_no_reply_and_the_post_is_sent_once(
    transport: SocketTransport,
) -> None:
    """Many HTTP clients repeat by themselves here; a create repeated so would be made twice."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(OK)
        requests.append(await read_request(reader))

    async with serving(serve) as url:
        await transport.send(ask(url))
        with pytest.raises(NoReply):
            await transport.send(ask(url))

    assert len(requests) == 2


async def test_a_refused_connection_was_not_sent(transport: SocketTransport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(ConnectFailed):
            await transport.send(ask(f"http://127.0.0.1:{port}/"))


async def test_an_unknown_host_was_not_sent(transport: SocketTransport) -> None:
    with pytest.raises(ConnectFailed):
        await transport.send(ask("http://no-such-host.invalid/"))


async def test_a_server_that_speaks_no_tls_was_not_sent_anything(transport: SocketTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"not tls")

    async with serving(serve) as url:
        with pytest.raises(ConnectFailed):
            await transport.send(ask(url.replace("http:", "https:")))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\n" + b"X: yyyy\r\n" * 20_000 + b"Content-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxx",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"x" * 90_000),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"x" * 600) * 2,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"") * 40,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"x" * 600)[:-4],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n{}",
    ],
    ids=lambda _: "reply",  # what is packed holds the time
)
async def test_a_reply_that_is_cut_broken_or_too_large_is_no_reply(
    transport: SocketTransport, answer: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with serving(serve) as url:
        with no_fatal_errors(), pytest.raises(NoReply):
            await transport.send(ask(url))


async def test_a_reply_that_drips_ends_at_the_time_out(transport: SocketTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(serve) as url:
        with pytest.raises(NoReply):
            await transport.send(ask(url, timeout_s=0.5))


async def test_a_redirect_is_not_followed(transport: SocketTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(
            b"HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    async with serving(serve) as url:
        assert (await transport.send(ask(url))).status == 307


JSON = b'{"a":"' + b"b" * 500 + b'"}'


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(JSON), b"gzip"),
        (gzip.compress(JSON), b"GZIP"),
        (gzip.compress(JSON[:100]) + gzip.compress(JSON[100:]), b"gzip"),
        (gzip.compress(JSON) + b"\0" * 8, b"x-gzip"),
    ],
    ids=["one member", "in capitals", "two members", "padded"],
)
async def test_a_compressed_reply_is_unpacked(
    transport: SocketTransport, packed: bytes, encoding: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            % (encoding, len(packed))
        )
        writer.write(packed)

    async with serving(serve) as url:
        assert (await transport.send(ask(url))).body == JSON


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
    ],
)
async def test_a_reply_may_come_in_any_form_of_http(transport: SocketTransport, answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)

    async with serving(serve) as url:
        assert (await transport.send(ask(url))).body == b"{}"


async def test_a_reply_nobody_asked_for_is_never_taken_for_the_next_one(transport: SocketTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK.replace(b"{}", b"[]") + OK.replace(b"{}", b"!!"))
        await read_request(reader)
        writer.write(OK)

    async with serving(serve) as url:
        bodies = [(await transport.send(ask(url))).body for _ in range(2)]

    assert b"!!" not in bodies


async def test_a_late_reply_is_never_taken_for_the_next_one(transport: SocketTransport) -> None:
    first = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        if not first.is_set():
            first.set()
            await reader.read()
            return
        writer.write(OK)

    async with serving(serve) as url:
        with pytest.raises(NoReply):
            await transport.send(ask(url, timeout_s=1.0))
        assert (await transport.send(ask(url))).body == b"{}"


async def test_tls_is_spoken_to_whom_we_trust_and_to_nobody_else() -> None:
    authority, strict = trustme.CA(), SocketTransport()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    trusting = SocketTransport(tls=client)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)

    async with serving(serve, server) as url:
        assert (await trusting.send(ask(url))).body == b"{}"
        with pytest.raises(ConnectFailed, match="certificate"):
            await strict.send(ask(url))
        await trusting.close()
        await strict.close()


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "http://x/a b", "http://x:port/", "x"])
async def test_an_address_http_cannot_go_to_was_not_sent(transport: SocketTransport, url: str) -> None:
    with pytest.raises(ConnectFailed, match="address"):
        await transport.send(ask(url))


async def test_a_header_cannot_smuggle_in_a_line(transport: SocketTransport) -> None:
    with pytest.raises(ValueError, match="line break"):
        await transport.send(Request("http://x/", b"", "a/b", 1.0, (("X", "y\r\nHost: z"),)))
