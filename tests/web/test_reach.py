"""Who can reach the service: this machine alone until told otherwise, then by https, under known names; and how patient it is."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import aiohttp
import pytest
import trustme
from service import PASSWORD, QUICK, Service, served
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from onshelf.clock import SystemClock
from onshelf.errors import SettingsError
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.settings import Settings, read_settings
from onshelf.web.app import create_app
from onshelf.web.bounds import Bounds, Large
from onshelf.web.patience import Patience
from onshelf.web.problem import Problem
from onshelf.web.reach import base_of, check_reach
from onshelf.web.serve import Ways, listen, serving, ways_of
from onshelf.wiring import open_app

PUBLIC: dict[str, Any] = {"public_address": "https://onshelf.example.com"}
SHORT = Patience(head_s=0.3, head_bytes=8_192, taking_s=0.3)


def settings(**given: Any) -> Settings:
    return read_settings(given, {})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"trusted_proxies": "10.0.0.1"},
        {**PUBLIC, "public_address": "http://onshelf.example.com", "trusted_proxies": "10.0.0.1"},
        {"plain_http": "accept"},
    ],
)
def test_other_machines_are_not_let_in_without_https_and_a_name(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="service"):
        check_reach(settings(**given), "0.0.0.0:8787", "environment")


@pytest.mark.parametrize(
    "given",
    [
        {**PUBLIC, "trusted_proxies": "10.0.0.1,192.168.0.0/16"},
        {**PUBLIC, "certificate": "a.pem", "certificate_key": "b.pem"},
        {"public_address": "http://shelf:8787", "plain_http": "accept"},
    ],
)
def test_other_machines_are_let_in_by_https_or_by_an_explicit_word(given: dict[str, Any]) -> None:
    check_reach(settings(**given), "0.0.0.0:8787", "environment")
    check_reach(settings(**given), "[::]:8787", "environment")


@pytest.mark.parametrize("address", ["127.0.0.1:8787", "0.0.0.0:8787"])
def test_a_public_https_address_says_who_ends_https(address: str) -> None:
    """Else a proxy on this machine passes for the caller: cookies without Secure, one address for everybody."""
    with pytest.raises(SettingsError, match="trusted_proxies"):
        check_reach(settings(**PUBLIC), address, "environment")


BEHIND_US = {"public_address": "http://onshelf.example.com"}
"""What only a proxy on this machine can pass on, where the service binds to loopback."""


@pytest.mark.parametrize("address", ["127.0.0.1:8787", "localhost:8787", "[::1]:8787"])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        (BEHIND_US, "public_address"),
        ({**BEHIND_US, "trusted_proxies": "127.0.0.1"}, "public_address"),
        ({**BEHIND_US, "plain_http": "accept"}, "trusted_proxies"),
        ({"public_address": "http://192.168.1.7:8787", "plain_http": "accept"}, "trusted_proxies"),
    ],
)
def test_a_public_name_asks_for_https_and_the_proxy_though_the_service_binds_to_loopback(
    address: str, given: dict[str, Any], named: str
) -> None:
    """Else everybody behind the proxy passes for this machine: `/metrics` without a key, one address for all limits."""
    with pytest.raises(SettingsError, match=named):
        check_reach(settings(**given), address, "environment")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"public_address": "http://localhost:8787"},
        {"public_address": "http://127.0.0.1:8787"},
        {"public_address": "http://[::1]:8787"},
        {**BEHIND_US, "plain_http": "accept", "trusted_proxies": "127.0.0.1"},
        {**BEHIND_US, "certificate": "a.pem", "certificate_key": "b.pem"},
        {**PUBLIC, "trusted_proxies": "127.0.0.1"},
    ],
)
def test_a_service_of_this_machine_starts_when_nobody_elsewhere_passes_for_it(given: dict[str, Any]) -> None:
    check_reach(settings(**given), "127.0.0.1:8787", "environment")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_address", "onshelf.example.com"),
        ("public_address", "https://onshelf.example.com/path"),
        ("trusted_proxies", "everybody"),
        ("certificate", "a.pem"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        check_reach(settings(**{name: value}), "127.0.0.1:0", "environment")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil"])
async def test_a_name_that_is_not_ours_is_not_answered(service: Service, host: str) -> None:
    """A page of the network must not reach in through a name of its own (DNS rebinding)."""
    refused = await service.ask("GET", "/sign-in", headers={"Host": host})

    assert refused.status == 400
    assert "sign-in" not in refused.text


async def test_the_public_name_is_ours_and_links_are_made_under_it(tmp_path: Path) -> None:
    async with served(tmp_path / "home", **PUBLIC) as service:
        ours = await service.ask("GET", "/sign-in", headers={"Host": "onshelf.example.com"})
        made = await service.api("POST", "/invitations", json={"role": "viewer"})

    assert ours.status == 200
    assert made.json["link"].startswith("https://onshelf.example.com/welcome/")


OWN_HTTPS = {"certificate": "a.pem", "certificate_key": "b.pem"}


@pytest.mark.parametrize(
    ("given", "seen", "base"),
    [
        ({}, "", "http://127.0.0.1:8787"),
        ({"service": "localhost:9000"}, "", "http://127.0.0.1:9000"),
        ({"service": "[::1]:9000"}, "", "http://[::1]:9000"),
        (OWN_HTTPS, "", "https://127.0.0.1:8787"),
        ({"service": ""}, "", ""),
        ({"service": "127.0.0.1:0"}, "", ""),
        (PUBLIC, "", "https://onshelf.example.com"),
        ({**PUBLIC, "service": ""}, "http://127.0.0.1:8787/", "https://onshelf.example.com"),
        ({"service": "127.0.0.1:0"}, "https://localhost:4321/", "https://localhost:4321"),
    ],
)
def test_links_begin_with_an_address_that_is_served_or_with_none(
    given: dict[str, Any], seen: str, base: str
) -> None:
    assert base_of(settings(**given), seen) == base


@asynccontextmanager
async def reached(home: Path, ways: Ways, **given: Any) -> AsyncIterator[tuple[str, str]]:
    """Serves in these ways; yields (address it listens at, path of an administrator's invitation)."""
    async with open_app(
        read_settings({"home": str(home), "lang": "zh", **given}, {}), random=Random(7)
    ) as app:
        listener = listen("127.0.0.1:0", "test")
        port = listener.getsockname()[1]
        async with serving(create_app(app, passwords=QUICK), listener, ways):
            token = await Invitations(app.db, app.clock, app.random).invite(
                role=Role.ADMINISTRATOR, shops=None, made_by="test"
            )
            yield f"127.0.0.1:{port}", f"/welcome/{token}"


JOIN = {"name": "lin", "password": PASSWORD, "again": PASSWORD}


async def test_our_own_https_gives_cookies_that_never_travel_in_the_clear(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    ways = ways_of(settings(certificate=str(chain), certificate_key=str(key)))
    async with (
        reached(tmp_path / "home", ways) as (place, link),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http,
        http.post(f"https://{place}{link}", data=JOIN, allow_redirects=False) as joined,
    ):
        cookie = joined.headers["Set-Cookie"]
        hsts = joined.headers.get("Strict-Transport-Security")

    assert joined.status == 303
    assert cookie.startswith("__Host-onshelf_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "domain" not in cookie.lower()
    assert hsts


async def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no certificate")
    ways = Ways(certificate=str(tmp_path / "a.pem"), certificate_key=str(tmp_path / "a.pem"))

    with pytest.raises(SettingsError, match="certificate"):
        async with reached(tmp_path / "home", ways):
            pass


@pytest.mark.parametrize(("trusted", "secure"), [("127.0.0.1", True), ("10.9.9.9", False), ("", False)])
async def test_what_a_proxy_says_counts_when_it_is_trusted(
    tmp_path: Path, trusted: str, secure: bool
) -> None:
    told = {
        "Host": "onshelf.example.com",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Host": "evil.example",
    }
    ways = ways_of(settings(**PUBLIC, trusted_proxies=trusted))
    async with (
        reached(tmp_path / "home", ways, **PUBLIC) as (place, link),
        aiohttp.ClientSession() as http,
        http.post(f"http://{place}{link}", data=JOIN, headers=told, allow_redirects=False) as joined,
    ):
        cookie = joined.headers["Set-Cookie"]
        session = cookie.split(";")[0]
        async with http.get(f"http://{place}/account", headers={**told, "Cookie": session}) as page:
            seen = await page.text()

    assert joined.status == 303
    assert ("Secure" in cookie) is secure
    assert ("203.0.113.7" in seen) is secure
    assert "evil.example" not in seen


@pytest.mark.parametrize(("shops", "status"), [(None, 200), (("shop-a",), 403), ("nobody", 401)])
async def test_figures_that_name_shops_are_told_elsewhere_to_keys_of_all(
    tmp_path: Path, shops: Any, status: int
) -> None:
    """A proxy passes on who asks; on this very machine anybody may."""
    home, given = tmp_path / "home", {**PUBLIC, "trusted_proxies": "127.0.0.1"}
    read = read_settings({"home": str(home), "lang": "zh", **given}, {})
    async with open_app(read, random=Random(7)) as app:
        listener = listen("127.0.0.1:0", "test")
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        _, key = await Keys(app.db, app.clock, app.random).add(
            "prometheus", role=Role.VIEWER, shops=None if shops == "nobody" else shops, made_by="test"
        )
        far = {"Host": "onshelf.example.com", "X-Forwarded-For": "203.0.113.7"}
        shown = {} if shops == "nobody" else {"Authorization": f"Bearer {key}"}
        async with (
            serving(create_app(app, passwords=QUICK), listener, ways_of(read)),
            aiohttp.ClientSession() as http,
            http.get(f"http://{place}/metrics", headers={**far, **shown}) as asked,
            http.get(f"http://{place}/metrics") as near,
        ):
            found = asked.status

    assert (found, near.status) == (status, 200)


@asynccontextmanager
async def connection(place: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = place.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Reads to the end of a connection, however it ends; a connection that never ends is a failure."""
    read = b""
    async with asyncio.timeout(20):
        try:
            while part := await reader.read(65_536):
                read += part
        except ConnectionResetError:
            pass
    return read


async def test_whoever_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    async with (
        reached(tmp_path / "home", Ways(patience=SHORT)) as (place, _),
        connection(place) as (reader, _writer),
    ):
        assert await ended(reader) == b""


async def test_a_head_that_drips_is_not_waited_for(tmp_path: Path) -> None:
    async with (
        reached(tmp_path / "home", Ways(patience=SHORT)) as (place, _),
        connection(place) as (reader, writer),
    ):
        dripping = asyncio.create_task(_drip(writer, f"GET /healthz HTTP/1.1\r\nHost: {place}\r\n"))
        answer = await ended(reader)
        dripping.cancel()

    assert answer == b""


async def test_a_second_head_on_the_same_connection_is_not_waited_for_either(tmp_path: Path) -> None:
    async with (
        reached(tmp_path / "home", Ways(patience=SHORT)) as (place, _),
        connection(place) as (reader, writer),
    ):
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {place}\r\n\r\nGET /heal".encode())
        dripping = asyncio.create_task(_drip(writer, "thz HTTP/1.1\r\n"))
        answer = await ended(reader)
        dripping.cancel()

    assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_head_without_end_is_not_kept(tmp_path: Path) -> None:
    patient = Patience(head_s=30, head_bytes=8_192)
    async with (
        reached(tmp_path / "home", Ways(patience=patient)) as (place, _),
        connection(place) as (reader, writer),
    ):
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {place}\r\nX-Long: ".encode() + b"x" * 200_000)
        answer = await ended(reader)

    assert b"200" not in answer


async def test_an_answer_nobody_takes_ends_its_connection() -> None:
    """Asks for an answer without end and reads none of it."""
    gone = asyncio.Event()

    async def endless(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        telling = asyncio.create_task(_tell_on(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        telling.cancel()
        gone.set()

    listener = listen("127.0.0.1:0", "test")
    place = f"127.0.0.1:{listener.getsockname()[1]}"
    async with serving(endless, listener, Ways(patience=SHORT)), connection(place) as (_reader, writer):
        writer.write(f"GET / HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        async with asyncio.timeout(30):
            await gone.wait()


async def _tell_on(send: Send) -> None:
    while True:
        await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})


async def test_no_answer_waits_for_the_network_to_make_up_its_mind(service: Service) -> None:
    """Small packets are sent at once: a connection that is kept would lose 40 ms at each request."""
    took_s = []
    for _ in range(30):
        since = perf_counter()
        await service.ask("GET", "/healthz")
        took_s.append(perf_counter() - since)

    assert min(took_s) < 0.03


@asynccontextmanager
async def bounded(*, silence_s: float = 60.0, grace_s: float = 60.0) -> AsyncIterator[str]:
    """Serves what reads its bodies whole, behind bounds; with waits of tenths of a second where a test is about them."""

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(str(len(await Request(scope, receive).body())))(scope, receive, send)

    async def nobody_may(_: Scope) -> Problem:
        return Problem(401, "no_key")

    large = (Large("/large", 1 << 30),)
    bounds = Bounds(read, "zh", large, SystemClock(), nobody_may, silence_s=silence_s, grace_s=grace_s)
    listener = listen("127.0.0.1:0", "test")
    place = f"127.0.0.1:{listener.getsockname()[1]}"
    async with serving(bounds, listener):
        yield place


def post(place: str, path: str = "/", *more: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {place}", *more, "", ""]).encode()


async def test_a_body_that_stops_coming_is_refused() -> None:
    async with bounded(silence_s=0.3, grace_s=0.6) as place, connection(place) as (reader, writer):
        writer.write(post(place, "/", "Content-Length: 100") + b"name=")
        answer = await ended(reader)

    assert answer.startswith(b"HTTP/1.1 408")


async def test_a_body_that_drips_is_refused_though_it_never_stops() -> None:
    async with bounded(silence_s=0.3, grace_s=0.6) as place, connection(place) as (reader, writer):
        writer.write(post(place, "/", "Content-Length: 1000000"))
        dripping = asyncio.create_task(_drip(writer, ""))
        answer = await ended(reader)
        dripping.cancel()

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(("path", "status"), [("/", b"413"), ("/large", b"401")])
async def test_a_body_without_end_is_refused_where_a_stranger_sends_it(path: str, status: bytes) -> None:
    """In parts, so that no length gives it away; what is large for known callers is not for strangers."""
    async with bounded() as place, connection(place) as (reader, writer):
        writer.write(post(place, path, "Transfer-Encoding: chunked"))
        part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            for _ in range(64):
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        answer = await ended(reader)

    assert answer.startswith(b"HTTP/1.1 " + status) or answer == b""


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
async def test_a_compressed_body_is_refused_unread(encoding: str) -> None:
    """A kilobyte that unpacks to a gigabyte is never unpacked."""
    async with bounded() as place, connection(place) as (reader, writer):
        writer.write(post(place, "/", f"Content-Encoding: {encoding}", "Content-Length: 1000000"))
        answer = await ended(reader)

    assert answer.startswith(b"HTTP/1.1 415")


async def _drip(writer: asyncio.StreamWriter, text: str) -> None:
    try:
        for letter in text + "X-Slow: " + "x" * 10_000:
            writer.write(letter.encode())
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        pass
