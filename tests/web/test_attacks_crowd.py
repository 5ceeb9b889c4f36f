"""Attacks by numbers, over real sockets: connections that say nothing, streams, one address that wants all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from service import served
from starlette.types import Receive, Scope, Send

from onshelf.web.serve import Ways, listen, serving

FRONT = Ways(most=20, proxies=("127.0.0.1",))
"""A test has one address; as a proxy's it may have all."""


@asynccontextmanager
async def answering(ways: Ways) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Serves `/` at once and `/stream` until the event is set; yields where."""
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/stream":
            await send({"type": "http.response.body", "body": b"on", "more_body": True})
            await done.wait()
        await send({"type": "http.response.body", "body": b"done"})

    async with serving(app, listen("127.0.0.1:0", "test"), ways) as address:
        try:
            yield address.removeprefix("http://"), done
        finally:
            done.set()


async def asked(place: str) -> int:
    """Asks over a connection of its own; 0: it was closed while we were still asking."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://{place}/") as answer:
            return answer.status
    except aiohttp.ClientConnectionError:
        return 0


async def streams(place: str, count: int, stack: AsyncExitStack) -> None:
    """Opens streams and waits until each has begun."""
    http = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
    )
    for _ in range(count):
        answer = await stack.enter_async_context(http.get(f"http://{place}/stream"))
        await answer.content.readexactly(2)


async def silent(place: str, count: int, stack: AsyncExitStack) -> list[asyncio.StreamReader]:
    host, port = place.split(":")
    readers = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection(host, int(port))
        stack.callback(writer.close)
        readers.append(reader)
    return readers


async def test_connections_that_say_nothing_keep_nobody_out() -> None:
    """Three times as many as there may be: the oldest of them go, and whoever asks is answered."""
    async with answering(FRONT) as (place, _), AsyncExitStack() as stack, asyncio.timeout(30):
        readers = await silent(place, 60, stack)
        status = await asked(place)
        first_end = await readers[0].read()

    assert status == 200
    assert first_end == b""


async def test_connections_that_say_nothing_cut_no_stream_off() -> None:
    async with answering(FRONT) as (place, done), AsyncExitStack() as stack, asyncio.timeout(30):
        http = await stack.enter_async_context(aiohttp.ClientSession())
        stream = await stack.enter_async_context(http.get(f"http://{place}/stream"))
        await stream.content.readexactly(2)
        await silent(place, 60, stack)
        done.set()
        rest = await stream.content.read()

    assert rest == b"done"


async def test_when_all_are_busy_a_newcomer_is_turned_away() -> None:
    async with answering(FRONT) as (place, _), AsyncExitStack() as stack, asyncio.timeout(30):
        await streams(place, 20, stack)
        assert await asked(place) in (503, 0)


async def test_one_address_has_no_more_than_half() -> None:
    async with answering(Ways(most=20)) as (place, _), AsyncExitStack() as stack, asyncio.timeout(30):
        await streams(place, 10, stack)
        assert await asked(place) in (503, 0)


async def test_a_hundred_streams_leave_room_for_pages() -> None:
    async with answering(Ways()) as (place, _), AsyncExitStack() as stack, asyncio.timeout(60):
        await streams(place, 100, stack)
        assert [await asked(place) for _ in range(5)] == [200] * 5


async def test_keys_made_up_anew_each_time_are_counted_together(tmp_path: Path) -> None:
    """They neither begin a new minute each nor make us forget who is known; whoever has a good key goes on."""
    async with served(tmp_path / "home", api_per_minute=20) as service:
        assert (await service.api("GET", "/me")).status == 200
        guesses = [
            await service.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer onshelf_{number}_x"})
            for number in range(22)
        ]
        known = await service.api("GET", "/me")

    assert [one.status for one in guesses] == [401] * 20 + [429] * 2
    assert (known.status, known.headers["RateLimit-Remaining"]) == (200, "18")


async def test_one_key_has_one_minute_however_it_is_written(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=20) as service:
        key = await service.key()
        left = [
            (
                await service.ask("GET", "/api/v1/me", headers={"Cookie": "a=b", "Authorization": shown})
            ).headers
            for shown in (f"Bearer {key}", f"bearer   {key}", f"BEARER {key} ")
        ]

    assert [one["RateLimit-Remaining"] for one in left] == ["19", "18", "17"]
