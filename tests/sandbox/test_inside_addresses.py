"""What people type leads no request into this machine: over real sockets, after the name is resolved, and along no redirect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from onshelf.alerts.channels.kind import INSIDE
from onshelf.alerts.route import Route
from onshelf.errors import DeliveryError, SettingsError
from onshelf.platforms.addresses import is_outside
from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.transport import NotOutside, Request
from onshelf.settings import read_settings
from onshelf.wiring import App, inside_permitted, open_app

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Listener:
    """A server of this machine that redirects to itself and counts who came."""

    def __init__(self) -> None:
        self.came = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        await reader.readuntil(b"\r\n\r\n")
        there = f"http://127.0.0.1:{self.port}/again"
        writer.write(f"HTTP/1.1 307 Away\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener()
    server = await asyncio.start_server(listening.serve, "127.0.0.1", 0)
    listening.port = server.sockets[0].getsockname()[1]
    yield listening
    server.close()


def opened(home: Path, inside: str) -> AbstractAsyncContextManager[App]:
    return open_app(read_settings({"home": str(home), "inside_addresses": inside}, {}))


def to(url: str) -> Request:
    return Request(url, b"{}", "application/json", 2.0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_a_name_is_judged_by_what_it_resolves_to(listener: Listener, host: str) -> None:
    outward = SocketTransport(permits=is_outside)

    with pytest.raises(NotOutside):
        await outward.send(to(f"http://{host}:{listener.port}/hook"))

    assert listener.came == 0
    await outward.close()


async def test_the_address_connected_to_is_the_one_that_was_judged(listener: Listener) -> None:
    judged: list[str] = []

    def permits(address: str) -> bool:
        judged.append(address)
        return address == "127.0.0.1"

    outward = SocketTransport(permits=permits)
    reply = await outward.send(to(f"http://127.1:{listener.port}/hook"))

    assert (reply.status, judged, listener.came) == (307, ["127.0.0.1"], 1)
    await outward.close()


@pytest.mark.parametrize(
    ("given", "permitted"),
    [
        ({}, True),
        ({"service": ""}, True),
        ({"service": "localhost:0"}, True),
        ({"environment": "sandbox"}, True),
        ({"environment": "production"}, False),
        ({"service": "0.0.0.0:8787"}, False),
        ({"service": "[::]:8787"}, False),
        ({"service": "192.168.1.5:8787"}, False),
        ({"public_address": "https://onshelf.example.com"}, False),
        ({"public_address": "https://onshelf.example.com", "inside_addresses": "allow"}, True),
        ({"inside_addresses": "refuse"}, False),
    ],
)
def test_inside_is_open_without_a_word_only_where_nobody_else_comes_in(
    given: dict[str, str], permitted: bool
) -> None:
    assert inside_permitted(read_settings(given, {})) is permitted


async def test_a_channel_may_not_be_given_an_address_inside(tmp_path: Path) -> None:
    async with opened(tmp_path, "refuse") as app:
        with pytest.raises(SettingsError, match="inside_addresses"):
            await app.directory.add(
                Route("erp"), "webhook", {"url": "http://169.254.169.254/latest", "secret": SECRET}
            )


async def test_a_channel_that_has_come_to_lead_inside_is_stopped_and_nobody_is_asked(
    tmp_path: Path, listener: Listener
) -> None:
    address = {"url": f"http://localhost:{listener.port}/hook", "secret": SECRET}
    async with opened(tmp_path, "auto") as app:
        await app.directory.add(Route("erp"), "webhook", address)

    async with opened(tmp_path, "refuse") as app:
        with pytest.raises(DeliveryError) as caught:
            await app.directory.send_test("erp")

    assert (caught.value.why, caught.value.permanent, listener.came) == (INSIDE, True, 0)


async def test_a_redirect_is_an_answer_and_is_not_followed(tmp_path: Path, listener: Listener) -> None:
    async with opened(tmp_path, "allow") as app:
        address = {"url": f"http://127.0.0.1:{listener.port}/hook", "secret": SECRET}
        await app.directory.add(Route("erp"), "webhook", address)
        with pytest.raises(DeliveryError, match="HTTP 307"):
            await app.directory.send_test("erp")

    assert listener.came == 1
