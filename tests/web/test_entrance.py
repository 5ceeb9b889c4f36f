"""Who comes in: keys, sessions, roles, shops; and that every route says what it asks for."""

from pathlib import Path

import aiohttp
import pytest
from fastapi.routing import APIRoute
from service import PASSWORD, Service, served

from onshelf.clock import FakeClock, from_us
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.web.console import pages
from onshelf.web.openapi import api_routes, permission_of

OPEN = {
    "/oauth/callback",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/openid",
    "/sign-in/openid/back",
    "/welcome/{token}",
    "/language",
    "/",
}


def test_every_route_says_what_it_asks_for() -> None:
    shown = [route for page in pages() for route in page.routes if isinstance(route, APIRoute)]

    assert [route.path for route in api_routes() if permission_of(route) is None] == []
    assert [route.path for route in shown if permission_of(route) is None and route.path not in OPEN] == []
    assert api_routes()
    assert shown


async def test_without_a_key_nothing_is_told(service: Service) -> None:
    refused = await service.api("GET", "/shops", role=None)

    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert refused.json["code"] == "no_key"
    assert "onshelf_" in refused.json["remedy"]


@pytest.mark.parametrize(
    "shown", ["Bearer onshelf_00_11", "Bearer x", "Basic eDp5", "Bearer ", "Bearer onshelf__"]
)
async def test_a_key_that_is_none_is_refused(service: Service, shown: str) -> None:
    refused = await service.ask("GET", "/api/v1/shops", headers={"Authorization": shown})

    assert refused.status == 401


async def test_an_ended_key_lets_nobody_in(service: Service) -> None:
    keys = Keys(service.app.db, service.app.clock, service.app.random)
    key, shown = await keys.add("erp", role=Role.VIEWER, shops=None, made_by="test")
    before = await service.ask("GET", "/api/v1/shops", headers={"Authorization": f"Bearer {shown}"})
    await keys.end(key.key_id)
    after = await service.ask("GET", "/api/v1/shops", headers={"Authorization": f"Bearer {shown}"})

    assert (before.status, after.status) == (200, 401)


async def test_a_key_sees_its_own_shops_alone(service: Service) -> None:
    await service.add_shop("shop-b")
    mine = await service.api("GET", "/shops", shops=("shop-a",))
    foreign = await service.api("GET", "/shops/shop-b", shops=("shop-a",))

    assert [shop["shop"] for shop in mine.json["items"]] == ["shop-a"]
    assert (foreign.status, foreign.json["code"]) == (404, "no_shop")


async def test_a_role_that_may_not_is_told_which_permission_is_missing(service: Service) -> None:
    refused = await service.api("POST", "/shops/shop-a/pause", role=Role.VIEWER)

    assert refused.status == 403
    assert "发布、上下架和管理任务" in refused.json["title"]


async def test_a_session_reads_the_api_but_writes_only_from_pages(service: Service) -> None:
    async with service.browser() as browser:
        read = await browser.get("/api/v1/shops")
        written = await service.ask("POST", "/api/v1/shops/shop-a/pause", http=browser.http)

    assert (read.status, written.status) == (200, 401)


async def test_a_form_from_elsewhere_or_without_its_token_does_nothing(service: Service) -> None:
    async with service.browser() as browser:
        token = await browser.csrf("/shops")
        bare = await service.ask("POST", "/shops/shop-a/pause", http=browser.http)
        wrong = await service.ask(
            "POST", "/shops/shop-a/pause", http=browser.http, data={"csrf": "0" * len(token)}
        )
        foreign = await browser.post(
            "/shops/shop-a/pause", page="/shops", headers={"Origin": "https://evil.example"}
        )
        framed = await browser.post(
            "/shops/shop-a/pause", page="/shops", headers={"Sec-Fetch-Site": "cross-site"}
        )
        shop = await service.app.shops.get("shop-a")
        ours = await browser.post("/shops/shop-a/pause", page="/shops")

    assert [bare.status, wrong.status, foreign.status, framed.status] == [403, 403, 403, 403]
    assert shop is not None
    assert shop.state == "authorised"
    assert ours.status == 303


async def test_who_has_not_signed_in_is_led_to_the_door_and_back(service: Service) -> None:
    async with service.browser(name="王芳") as browser:
        await browser.post("/sign-out")
        asked = await browser.get("/shops")
        back = await service.ask(
            "POST",
            "/sign-in",
            http=browser.http,
            data={"name": "王芳", "password": PASSWORD, "next": "/shops"},
        )
        page = await browser.get("/shops")

    assert (asked.status, asked.headers["Location"]) == (303, "/sign-in?next=/shops")
    assert (back.status, back.headers["Location"]) == (303, "/shops")
    assert "王芳" in page.text


@pytest.mark.parametrize(
    "outside", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_elsewhere(service: Service, outside: str) -> None:
    async with service.browser():
        entered = await service.ask(
            "POST", "/sign-in", data={"name": "lin", "password": PASSWORD, "next": outside}
        )

    assert (entered.status, entered.headers["Location"]) == (303, "/")


async def test_signing_in_gives_a_new_session_whatever_the_browser_brought(service: Service) -> None:
    async with service.browser():
        brought = {"Cookie": "onshelf_session=chosen-by-somebody-else"}
        entered = await service.ask(
            "POST", "/sign-in", data={"name": "lin", "password": PASSWORD}, headers=brought
        )
        cookie = entered.headers["Set-Cookie"]

    assert "chosen-by-somebody-else" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_guessing_a_password_is_stopped_for_a_growing_while(tmp_path: Path) -> None:
    clock = FakeClock(from_us(1_800_000_000_000_000))
    async with served(tmp_path / "home", clock=clock) as service, service.browser():
        people = service.app
        right = {"name": "lin", "password": PASSWORD}
        guesses = [
            (
                await service.ask("POST", "/sign-in", data={"name": "lin", "password": f"guess-{number}"})
            ).status
            for number in range(5)
        ]
        locked = await service.ask("POST", "/sign-in", data=right)
        await people.clock.sleep(31)
        free = await service.ask("POST", "/sign-in", data=right)

    assert guesses == [401] * 5
    assert (locked.status, free.status) == (401, 303)


async def test_an_invitation_makes_one_person_once(service: Service) -> None:
    async with service.browser(), aiohttp.ClientSession() as http:
        again = await service.ask("GET", "/welcome/what-was-used", http=http)

    assert again.status == 404


@pytest.mark.parametrize("host", ["evil.example.com", "[::2]:80", ""])
async def test_a_name_that_is_not_ours_is_refused_and_told_which_are(service: Service, host: str) -> None:
    wrong = await service.api("GET", "/me", headers={"Host": host, "Accept-Language": "en"})

    assert (wrong.status, wrong.json["code"]) == (400, "foreign_name")
    assert "public_address" in wrong.json["remedy"]


async def test_too_many_calls_are_refused_in_the_callers_language(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=1) as service:
        await service.api("GET", "/me")
        wrong = await service.api("GET", "/me", headers={"Accept-Language": "en"})

    assert (wrong.status, wrong.json["title"]) == (429, "At most 1 requests a minute.")
