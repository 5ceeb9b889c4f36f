"""Attacks on the doors, over real sockets: forms from elsewhere, names guessed by time, ways out, headers smuggled in."""

import asyncio
import contextlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from argon2 import PasswordHasher, extract_parameters
from fastapi.routing import APIRoute
from service import PASSWORD, QUICK, Service, served
from yarl import URL

from onshelf.cli.logs import configure
from onshelf.guard.invitations import Invitations
from onshelf.guard.passwords import Passwords
from onshelf.guard.people import People
from onshelf.guard.roles import Role
from onshelf.settings import read_settings
from onshelf.store.db import Database, Row, Write
from onshelf.web.console import pages

STRANGERS_MAY = {"/sign-in", "/sign-in/code", "/welcome/{token}", "/language"}
"""Forms of people who have not signed in: held by the origin alone, they change nothing of anybody's."""
FORMS = sorted(
    {
        route.path
        for page in pages()
        for route in page.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
)


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda part: "shop-a" if part[1] == "shop" else "0", path)


async def test_no_form_from_another_site_is_taken(service: Service) -> None:
    """A browser sends the cookie along from anywhere on the same site; it never tells another site our token."""
    taken = []
    async with service.browser() as browser:
        for path in FORMS:
            for asked in (
                {"headers": {"Origin": "https://evil.example"}},
                {"headers": {"Sec-Fetch-Site": "same-site"}},
                *([] if path in STRANGERS_MAY else [{}]),
            ):
                answer = await service.ask(
                    "POST", filled(path), http=browser.http, data={"lang": "en"}, **asked
                )
                taken += [(path, asked, answer.status)] if answer.status != 403 else []

    assert taken == []
    assert len(FORMS) > 20


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
async def test_no_page_changes_anything_by_being_looked_at(service: Service, verb: str) -> None:
    """So that a picture address or a link in a chat cannot."""
    async with service.browser() as browser:
        await service.app.audit.flush()
        for page in pages():
            for route in page.routes:
                if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                    await service.ask(verb, filled(route.path), http=browser.http)
        await service.app.audit.flush()
        acts = await service.app.db.fetch(
            "SELECT action FROM audit WHERE kind = 'act' AND action NOT IN ('person.joined', 'person.signed_in', 'audit.exported')"
        )

    assert acts == []


async def test_a_session_somebody_else_chose_is_worth_nothing(service: Service) -> None:
    async with service.browser(), aiohttp.ClientSession() as http:
        chosen = {"Cookie": "onshelf_session=chosen-by-the-attacker"}
        entered = await service.ask(
            "POST", "/sign-in", http=http, data={"name": "lin", "password": PASSWORD}, headers=chosen
        )
        attacker = await service.ask("GET", "/account", headers=chosen)

    assert entered.status == 303
    assert attacker.status == 303
    assert attacker.headers["Location"].startswith("/sign-in")


async def test_signing_in_again_ends_the_session_this_browser_had(service: Service) -> None:
    async with service.browser() as browser:
        before = browser.http.cookie_jar.filter_cookies(URL(service.address))["onshelf_session"].value
        await service.ask("POST", "/sign-in", http=browser.http, data={"name": "lin", "password": PASSWORD})
        old = await service.ask("GET", "/account", headers={"Cookie": f"onshelf_session={before}"})
        new = await browser.get("/account")

    assert (old.status, new.status) == (303, 200)


async def test_signing_out_ends_a_session_for_whoever_stole_it(service: Service) -> None:
    async with service.browser() as browser:
        before = browser.http.cookie_jar.filter_cookies(URL(service.address))
        token = before["onshelf_session"].value
        await browser.post("/sign-out", page="/account")
        stolen = await service.ask("GET", "/account", headers={"Cookie": f"onshelf_session={token}"})

    assert stolen.status == 303


class Counted:
    """A database that counts the units written through it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.units = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def commit(self, writes: Sequence[Write]) -> list[list[Row]]:
        self.units += bool(writes)
        return await self._db.commit(writes)


async def test_a_name_nobody_has_takes_the_same_work_as_one_that_somebody_has(service: Service) -> None:
    """What takes time is one durable write and one hash of the same parameters: for strangers, wrong passwords, locked doors."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    people = People(service.app.db, service.app.clock, service.app.random, Passwords(hasher))
    work = []
    async with service.browser("lin"):
        for name in ("nobody", *["lin"] * 7):
            counted = Counted(service.app.db)
            await people.over(counted).check_password(name, "a-wrong-guess")
            work.append(counted.units)
    kept = await service.app.db.fetch("SELECT password FROM person")

    assert work == [1] * 8
    nobodys = Passwords(hasher)._nobodys
    assert extract_parameters(nobodys) == extract_parameters(str(kept[0][0]))
    with pytest.raises(Exception, match="does not match"):
        hasher.verify(nobodys, "a-wrong-guess")  # it is computed to the end, not refused for its form


@pytest.mark.parametrize("length", [201, 100_000])
async def test_a_password_too_long_is_not_hashed(service: Service, length: int) -> None:
    answer = await service.ask("POST", "/sign-in", data={"name": "lin", "password": "x" * length})

    assert answer.status == 422


async def test_one_address_does_not_guess_for_ever(service: Service) -> None:
    answers = [
        (await service.ask("POST", "/sign-in", data={"name": f"n{number}", "password": "x"})).status
        for number in range(62)
    ]

    assert answers[0] == 401
    assert answers[-1] == 429


OUTSIDE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/%0d%0aLocation:%20https://evil.example",
    "\t//evil.example",
    "http:evil.example",
]


@pytest.mark.parametrize("outside", OUTSIDE)
async def test_no_door_leads_to_another_site(service: Service, outside: str) -> None:
    async with service.browser() as browser:
        page = await service.ask("GET", "/sign-in", params={"next": outside})
        entered = await service.ask(
            "POST", "/sign-in", data={"name": "lin", "password": PASSWORD, "next": outside}
        )
        switched = await service.ask(
            "POST", "/language", http=browser.http, data={"lang": "en", "back": outside}
        )

    for answer in (entered, switched):
        assert answer.status == 303
        assert re.match(r"/(?![/\\])", answer.headers["Location"])
    assert 'value="https://evil' not in page.text


@pytest.mark.parametrize(
    "path",
    ["/people/%0d%0aSet-Cookie:%20evil=1", "/shops/%0d%0aX-Evil:%201/imports", "//evil.example/%2e%2e"],
)
async def test_no_line_break_reaches_a_header(service: Service, path: str) -> None:
    asked = await service.ask("GET", path)
    by_script = await service.ask("GET", path, headers={"HX-Request": "true"})

    for answer in (asked, by_script):
        assert "evil" not in str(answer.headers.get("Set-Cookie", "")).lower()
        assert "X-Evil" not in answer.headers
        led = answer.headers.get("Location", answer.headers.get("HX-Redirect", "/"))
        assert re.match(r"/(?![/\\])", led)


TWO_LENGTHS = (
    b"POST /sign-in HTTP/1.1\r\nHost: %b\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"
)
SMUGGLED = [
    TWO_LENGTHS,
    b"GET /healthz HTTP/1.1\r\nHost: %b\r\nX: a\nInjected: b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: %b\r\nHost: evil.example\r\n\r\n",
    b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize(
    "raw", SMUGGLED, ids=["two lengths", "bare line feed", "two hosts", "absolute", "no host"]
)
async def test_a_request_of_two_meanings_is_not_answered_twice(service: Service, raw: bytes) -> None:
    place = service.address.removeprefix("http://")
    host, port = place.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw.replace(b"%b", place.encode()))
    writer.write_eof()
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionError):
            read = await reader.read()
    writer.close()

    assert read.count(b"HTTP/1.1 200") <= 1
    assert b"evil" not in read.lower().replace(b"evil.example", b"")


async def test_a_request_with_two_names_is_refused(service: Service) -> None:
    """A proxy before us may have looked at the other one (RFC 9112, 3.2)."""
    place = service.address.removeprefix("http://")
    host, port = place.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = ["GET /healthz HTTP/1.1", f"Host: {place}", f"Host: {place}", "Connection: close", "", ""]
    writer.write("\r\n".join(lines).encode())
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 400")


HALVES = [
    b'{"name": "\\ud800", "role": "viewer"}',
    b'{"name": "a", "role": "\\ud800"}',
    b'{"name": "a", "role": "viewer", "\\ud800": 1}',
    b'{"name": "a", "role": "viewer", "shops": ["\\ud800"]}',
    b"[" * 100_000,
    b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"name": "a", "role": ' + b"9" * 100_000 + b"}",
    b'{"name": "a", "role": "viewer", "until": NaN}',
    b'{"name": "\xff\xfe", "role": "viewer"}',
]


@pytest.mark.parametrize("body", HALVES, ids=range(len(HALVES)))
async def test_no_body_breaks_what_reads_it_or_what_answers(service: Service, body: bytes) -> None:
    """Halves of characters, nesting without end, numbers without end: refused in words, for strangers before they are read."""
    headers = {"Content-Type": "application/json"}
    known = await service.api("POST", "/keys", data=body, headers=headers)
    stranger = await service.api("POST", "/keys", role=None, data=body, headers=headers)

    assert known.status in (400, 404, 422)
    assert known.json["remedy"]
    assert stranger.status in (400, 401)


PATHS = [
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e%2f%2e%2e%2fsettings.py",
    "/static//etc/passwd",
    "/static/..\\app.py",
    "/static/%00",
    "/static/" + "a/" * 2_000,
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
async def test_no_path_leads_out_of_the_assets(service: Service, path: str) -> None:
    place = service.address.removeprefix("http://")
    host, port = place.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))  # no client cleans the path up
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()

    assert answer.split(b" ", 2)[1] in (b"400", b"404", b"405"), answer[:200]
    assert b"import" not in answer
    assert b"root:" not in answer


async def test_nothing_private_is_kept_by_browsers_or_proxies(service: Service) -> None:
    async with service.browser() as browser:
        answers = {
            path: await browser.get(path)
            for path in ("/account", "/people", "/audit", "/settings", "/sign-in", "/api/v1/me")
        }
        asset = await browser.get("/static/onshelf.css")
        refused = await service.api("GET", "/me", role=None)

    for path, answer in answers.items():
        kept = answer.headers["Cache-Control"]
        assert "no-store" in kept or "private" in kept, f"{path}: {kept}"
        assert "public" not in kept
    assert "no-store" in refused.headers["Cache-Control"]
    assert "public" in asset.headers["Cache-Control"]


async def test_every_answer_says_what_a_browser_must_refuse(service: Service) -> None:
    for path in ("/sign-in", "/nothing-here", "/static/onshelf.css", "/api/v1/me", "/healthz", "/welcome/x"):
        answer = await service.ask("GET", path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


API_KEY = "onshelf_0123456789ab_" + "9f" * 32


@contextmanager
def logged(form: str = "text") -> Iterator[io.StringIO]:
    """Yields what our log would write while the block runs."""
    log, before = io.StringIO(), structlog.get_config()
    configure(read_settings({"log_format": form}, {}))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    try:
        yield log
    finally:
        structlog.configure(**before)


async def test_what_breaks_inside_shows_no_secret_in_answer_or_log(tmp_path: Path) -> None:
    """A route that breaks with a secret in its hands: neither the page nor any form of our log has it."""
    for form, secret in product(("text", "json"), ("whsec_" + "s3cret" * 6, API_KEY)):
        with logged(form) as log:
            async with served(tmp_path / form / secret[:5]) as service:
                broken = _breaks_with(service, secret)
                answer = await service.ask("GET", broken)

        assert answer.status == 500
        assert answer.headers["Content-Security-Policy"]
        assert secret not in answer.text
        assert "web.failed" in log.getvalue()
        assert "RuntimeError" in log.getvalue()
        assert secret not in log.getvalue()
        assert "locals" not in log.getvalue()


def _breaks_with(service: Service, secret: str) -> str:
    @service.web.get("/breaks-inside")
    async def breaks() -> None:
        held_in_a_local = secret
        raise RuntimeError(f"refused with {held_in_a_local}")

    return "/breaks-inside"


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_a_page_that_breaks_tells_the_log_its_pattern_and_not_the_secret_of_its_address(
    tmp_path: Path, verb: str
) -> None:
    """The invitation in the database is beyond reading: its page breaks, and the link would still be good once it is mended."""
    with logged() as log:
        async with served(tmp_path / "home") as service:
            guard = Invitations(service.app.db, service.app.clock, service.app.random, QUICK)
            token = await guard.invite(role=Role.VIEWER, shops=None, made_by="test")
            await service.app.db.commit([Write("UPDATE invitation SET role = 'nobody'")])
            answer = await service.ask(verb, f"/welcome/{token}")

    assert answer.status == 500
    assert "web.failed" in log.getvalue()
    assert f"{verb} /welcome/{{token}}" in log.getvalue()
    assert token not in log.getvalue()


@pytest.mark.parametrize("route", ["/people", "/invitations", "/keys", "/audit", "/settings"])
async def test_a_key_of_a_lesser_role_learns_nothing_of_people(service: Service, route: str) -> None:
    refused = await service.api("GET", route, role=Role.OPERATOR)

    assert refused.status == 403
    assert set(json.loads(refused.body)) <= {"type", "title", "status", "code", "remedy", "faults"}


async def test_the_link_of_an_invitation_is_in_no_log_and_no_list(service: Service) -> None:
    token = await Invitations(service.app.db, service.app.clock, service.app.random, QUICK).invite(
        role=Role.VIEWER, shops=None, made_by="test"
    )
    async with service.browser("boss") as boss:
        shown = [(await boss.get(path)).text for path in ("/people", "/audit")]
    listed = (await service.api("GET", "/invitations")).text

    assert token not in "".join([*shown, listed])
