"""The page the platform sends sellers back to: whom it believes, what it does, and what it tells."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from service import Browser, Service, served

from onshelf.sandbox.launch import running

BACK = "/oauth/callback"


@asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[tuple[Service, str]]:
    """A service with `shop-a` in a sandbox; yields it and the seller's name."""
    async with running(seed=7) as info, served(tmp_path / "home") as service:
        await service.add_shop(gateway=info["gateway"])
        changed = await service.api("PATCH", "/shops/shop-a", json={"oauth": info["oauth"], "nick": ""})
        assert changed.status == 200, changed.text
        yield service, info["seller_nick"]


async def link(service: Service, browser: Browser | None = None) -> str:
    """Makes a link: for whoever has it, or for the person at the browser alone."""
    if browser is None:
        return str((await service.api("POST", "/shops/shop-a/authorise")).json["link"])
    made = await browser.post(
        "/shops/shop-a/authorise", {"who": "own"}, page="/shops", headers={"HX-Request": "true"}
    )
    return str(made.headers["HX-Redirect"])


async def agreed(service: Service, made: str, nick: str) -> str:
    """Clicks as a seller on the platform's page; returns where the browser is sent, as a path of ours."""
    sent = await service.http.post(made, data=urlencode({"nick": nick}).encode(), allow_redirects=False)
    parts = urlsplit(sent.headers["Location"])
    assert parts.path == BACK
    return f"{parts.path}?{parts.query}"


async def session(service: Service) -> str:
    found = await service.app.shops.token((await service.app.shops.list())[0].shop_id)
    return found.token.session if found else ""


async def test_a_link_authorises_once_and_tells_no_secret(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick):
        back = await agreed(service, await link(service), nick)
        first, again = await service.ask("GET", back), await service.ask("GET", back)
        shop = (await service.api("GET", "/shops/shop-a")).json
        new = await session(service)

    assert (first.status, again.status) == (200, 400)
    assert nick in first.text
    assert new not in ("test", "")
    assert new not in first.text + str(shop)
    assert (shop["nick"], shop["state"]) == (nick, "authorised")
    assert shop["authorisation"]["ends"]


async def test_nobody_is_believed_without_a_state_of_ours(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick):
        back = await agreed(service, await link(service), nick)
        code = parse_qs(urlsplit(back).query)["code"][0]
        forged = [
            await service.ask("GET", f"{BACK}?{urlencode({'code': code, **given})}")
            for given in ({}, {"state": ""}, {"state": "guessed"}, {"state": "'\"><script>"})
        ]
        kept = await session(service)

    assert [one.status for one in forged] == [400] * 4
    assert kept == "test"
    assert all("<script>" not in one.text for one in forged)


async def test_a_persons_own_link_is_believed_from_that_person_alone(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (service, nick),
        service.browser("lin") as lin,
        service.browser("wang") as wang,
    ):
        back = await agreed(service, await link(service, lin), nick)
        nobody = await service.ask("GET", back)
        other = await wang.get(back)
        before = await session(service)
        own = await lin.get(back)

    assert (nobody.status, other.status, before) == (403, 403, "test")
    assert (own.status, own.headers["Location"]) == (303, "/shops/shop-a?authorised=true")


async def test_without_script_the_button_leads_to_the_platform_too(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick), service.browser("lin") as lin:
        page = await lin.post("/shops/shop-a/authorise", {"who": "own"}, page="/shops")
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
        assert found, page.text
        own = await lin.get(await agreed(service, unescape(found[1]), nick))

    assert (page.status, own.status) == (200, 303)


async def test_who_refuses_is_told_and_may_open_the_link_again(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick):
        made = await link(service)
        refused = await service.ask("GET", await agreed(service, made, ""))
        kept = await session(service)
        then = await service.ask("GET", await agreed(service, made, nick))

    assert (refused.status, kept) == (200, "test")
    assert "authorize reject" in refused.text
    assert then.status == 200


async def test_the_wrong_account_is_refused_and_named(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick):
        await service.api("PATCH", "/shops/shop-a", json={"nick": "真正的卖家"})
        refused = await service.ask("GET", await agreed(service, await link(service), nick))
        kept = await session(service)

    assert refused.status == 502
    assert nick in refused.text
    assert "真正的卖家" in refused.text
    assert kept == "test"


async def test_a_code_the_platform_does_not_take_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick):
        back = await agreed(service, await link(service), nick)
        state = parse_qs(urlsplit(back).query)["state"][0]
        refused = await service.ask("GET", f"{BACK}?{urlencode({'code': 'wrong', 'state': state})}")
        kept = await session(service)

    assert (refused.status, kept) == (502, "test")


async def test_what_was_done_stands_in_the_audit_log_under_who_did_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, nick), service.browser("lin") as lin:
        await lin.get(await agreed(service, await link(service, lin), nick))
        await service.ask("GET", await agreed(service, await link(service), nick))
        await service.app.audit.flush()
        acts = await service.app.db.fetch(
            "SELECT actor FROM audit WHERE action = 'shop.authorised' ORDER BY number"
        )

    assert acts == [("person:lin",), ("seller",)]


async def test_no_page_of_a_shop_shows_a_secret_or_lets_a_name_be_code(tmp_path: Path) -> None:
    async with house(tmp_path) as (service, _), service.browser() as browser:
        await service.api("PATCH", "/shops/shop-a", json={"nick": "<img src=x onerror=alert(1)>"})
        await service.api(
            "POST",
            "/closures",
            json={
                "name": "<script>alert(1)<",
                "begins": "2099-11-11T00:00:00Z",
                "ends": "2099-11-12T00:00:00Z",
                "methods": ["*"],
            },
        )
        pages = [
            (await browser.get(path)).text
            for path in ("/shops", "/shops/shop-a", "/shop-new", "/shops/shop-a/remove", "/quota/12345678",
                         "/calendar?month=2099-11")
        ]  # fmt: skip

    assert all("helloworld" not in one and ">test<" not in one and 'value="test"' not in one for one in pages)
    assert all("<img src=x" not in one and "<script>alert" not in one for one in pages)
    assert any("&lt;img" in one for one in pages)
    assert any("&lt;script&gt;alert" in one for one in pages)
