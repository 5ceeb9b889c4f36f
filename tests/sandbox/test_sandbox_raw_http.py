"""The sandbox behind a bare socket: what HTTP allows and clients in the world do is answered, and nothing hangs."""

import asyncio
import sys
import time
import zlib
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.server import BODY_LIMIT
from onshelf.sandbox.wire import sign

TYPE = "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n"
LIMIT_S = 20


def call(method: str = "taobao.time.get", **own: str) -> bytes:
    """Returns a signed call as a form."""
    fields = {
        "app_key": "12345678",
        "format": "json",
        "method": method,
        "sign_method": "md5",
        "timestamp": wire_time(time.time()),
        "v": "2.0",
        **own,
    }
    return urlencode({**fields, "sign": sign(fields.items(), "helloworld", "md5")}).encode()


async def exchange(info: dict[str, Any], *pieces: bytes) -> bytes:
    """Sends pieces over one connection and returns all that comes until the other side closes it."""
    address = urlsplit(info["gateway"])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), LIMIT_S)
    finally:
        writer.close()


def post(body: bytes, *headers: str, version: str = "1.1") -> bytes:
    lines = "".join(f"{one}\r\n" for one in headers)
    head = f"POST /router/rest HTTP/{version}\r\nHost: gw\r\n{TYPE}Content-Length: {len(body)}\r\n{lines}\r\n"
    return head.encode() + body


CLOSE = "Connection: close"


async def test_a_body_may_come_in_chunks(sandbox_info: dict[str, Any]) -> None:
    head = f"POST /router/rest HTTP/1.1\r\nHost: gw\r\n{TYPE}{CLOSE}\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = call()
    chunks = [b"%x\r\n%b\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7)]

    reply = await exchange(sandbox_info, head.encode(), *chunks, b"0\r\n\r\n")

    assert b'{"time_get_response":' in reply


async def test_a_sender_who_waits_to_be_told_to_go_on_is_told(sandbox_info: dict[str, Any]) -> None:
    reply = await exchange(sandbox_info, post(call(), CLOSE, "Expect: 100-continue"))

    assert reply.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


async def test_a_caller_of_1996_is_answered_and_let_go(sandbox_info: dict[str, Any]) -> None:
    reply = await exchange(sandbox_info, post(call(), version="1.0"))

    assert b'{"time_get_response":' in reply


async def test_two_calls_sent_at_once_are_answered_in_their_order(sandbox_info: dict[str, Any]) -> None:
    reply = await exchange(sandbox_info, post(call()) + post(call("no.such.method"), CLOSE))

    assert reply.count(b"HTTP/1.1 200 OK") == 2
    assert reply.index(b"time_get_response") < reply.index(b'"code":22')


async def test_a_proxy_may_send_the_whole_address(sandbox_info: dict[str, Any]) -> None:
    line = b"GET http://gw.api.taobao.com/router/rest?" + call() + b" HTTP/1.1\r\n"

    reply = await exchange(
        sandbox_info, line + f"Host: gw.api.taobao.com\r\nCookie: a=b\r\n{CLOSE}\r\n\r\n".encode()
    )

    assert b'{"time_get_response":' in reply


async def test_a_head_is_answered_without_a_body(sandbox_info: dict[str, Any]) -> None:
    line = b"HEAD /router/rest?" + call() + b" HTTP/1.1\r\n"

    reply = await exchange(sandbox_info, line + f"Host: gw\r\n{CLOSE}\r\n\r\n".encode())

    assert reply.startswith(b"HTTP/1.1 200 OK")
    assert reply.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("verb", [b"PUT", b"DELETE", b"OPTIONS", b"PATCH"])
async def test_any_other_verb_is_forbidden(sandbox_info: dict[str, Any], verb: bytes) -> None:
    line = verb + b" /router/rest?" + call() + b" HTTP/1.1\r\n"

    reply = await exchange(sandbox_info, line + f"Host: gw\r\n{CLOSE}\r\n\r\n".encode())

    assert b'{"error_response":{"code":9,"msg":"Http action not allowed"' in reply


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("deflate, x-gzip;q=0.5, br", True),
        ("gzip;q=1.0, identity; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("deflate", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_gzip_comes_when_it_is_taken(sandbox_info: dict[str, Any], accepted: str, packed: bool) -> None:
    sent = post(
        call("taobao.itemcats.get", parent_cid="0", session="test"), CLOSE, f"Accept-Encoding: {accepted}"
    )

    head, _, body = (await exchange(sandbox_info, sent)).partition(b"\r\n\r\n")

    assert (b"content-encoding: gzip" in head) is packed
    assert b"itemcats_get_response" in (zlib.decompress(body, 31) if packed else body)


@pytest.mark.parametrize("path", ["/router/rest", "/router/batch", "/oauth/token", "/_sandbox/faults"])
async def test_who_leaves_in_the_middle_of_a_body_leaves_no_trace(path: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "onshelf.sandbox",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdout
    info = msgspec.json.decode(await asyncio.wait_for(child.stdout.readline(), LIMIT_S))

    address = urlsplit(info["gateway"])
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: gw\r\nContent-Length: 100\r\n\r\nab".encode())
    await writer.drain()
    writer.close()
    alive = await exchange(info, post(call(), CLOSE))
    child.terminate()
    _, told = await asyncio.wait_for(child.communicate(), LIMIT_S)

    assert b"time_get_response" in alive
    assert told == b""


async def test_a_body_larger_than_any_call_is_refused_in_words(sandbox_info: dict[str, Any]) -> None:
    piece = b"a" * (1 << 20)
    pieces = (BODY_LIMIT >> 20) + 1
    head = f"POST /router/rest HTTP/1.1\r\nHost: gw\r\n{CLOSE}\r\nContent-Length: {pieces << 20}\r\n\r\n"

    reply = await exchange(sandbox_info, head.encode(), *[piece] * pieces)

    assert reply.startswith(b"HTTP/1.1 413 ")
    assert reply.endswith(b"body too large")
