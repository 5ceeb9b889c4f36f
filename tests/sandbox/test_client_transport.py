"""The transport over real sockets: what was sent, what was not, and never a second time by itself."""

import asyncio
import contextlib
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from onshelf.platforms.transport import AioTransport, ConnectFailed, NoReply, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
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

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/router/rest"
    finally:
        server.close()
        for script in scripts:
            script.cancel()
        await asyncio.gather(*scripts, return_exceptions=True)


@pytest.fixture
async def transport() -> AsyncIterator[AioTransport]:
    made = AioTransport(connect_timeout_s=2.0, max_reply_bytes=1000)
    yield made
    await made.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(3)


def ask(url: str, timeout_s: float = 2.0) -> Request:
    return Request(url, b"a=1", "application/x-www-form-urlencoded", timeout_s)


async def test_a_reply_comes_whole_over_a_kept_connection(transport: AioTransport) -> None:
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
    transport: AioTransport,
) -> None:
    """aiohttp repeats idempotent verbs here; a create repeated so would be made twice."""
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


async def test_a_refused_connection_was_not_sent(transport: AioTransport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(ConnectFailed):
            await transport.send(ask(f"http://127.0.0.1:{port}/"))


async def test_an_unknown_host_was_not_sent(transport: AioTransport) -> None:
    with pytest.raises(ConnectFailed):
        await transport.send(ask("http://no-such-host.invalid/"))


async def test_a_server_that_speaks_no_tls_was_not_sent_anything(transport: AioTransport) -> None:
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
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"x" * 90_000),
    ],
)
async def test_a_reply_that_is_cut_broken_or_too_large_is_no_reply(
    transport: AioTransport, answer: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with serving(serve) as url:
        with pytest.raises(NoReply):
            await transport.send(ask(url))


async def test_a_reply_that_drips_ends_at_the_time_out(transport: AioTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    short = AioTransport(connect_timeout_s=0.1)
    async with serving(serve) as url:
        with pytest.raises(NoReply):
            await short.send(ask(url, timeout_s=0.2))
        await short.close()


async def test_a_redirect_is_not_followed(transport: AioTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(
            b"HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    async with serving(serve) as url:
        assert (await transport.send(ask(url))).status == 307


async def test_a_compressed_reply_is_unpacked(transport: AioTransport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        body = gzip.compress(b'{"a":"' + b"b" * 500 + b'"}')
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            % len(body)
        )
        writer.write(body)

    async with serving(serve) as url:
        assert (await transport.send(ask(url))).body == b'{"a":"' + b"b" * 500 + b'"}'
