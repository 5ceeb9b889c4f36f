"""The pages of people, keys, account, audit log and settings: what a person does there, and what it does to the log."""

import re
from pathlib import Path

import aiohttp
from second_factor import code_of, sealed_of, secret_of
from service import PASSWORD, Service, served

from onshelf.clock import FakeClock, from_us
from onshelf.guard.roles import Role

NOW = from_us(1_800_000_000_000_000)
EVERY = {"every": "yes"}


async def test_an_invited_person_comes_in_by_the_link_that_is_shown_once(service: Service) -> None:
    async with service.browser("boss") as boss, aiohttp.ClientSession() as http:
        made = await boss.post("/people/invite", {"role": "operator", **EVERY}, page="/people")
        found = re.search(r'id="link"[^>]*>[^<]*(/welcome/[\w-]+)<', made.text)
        again = await boss.get("/people")
        assert found
        form = {"name": "王芳", "password": PASSWORD, "again": PASSWORD}
        joined = await service.ask("POST", found[1], http=http, data=form)
        listed = await boss.get("/people")

    assert joined.status == 303
    assert found[1] not in again.text
    assert "王芳" in listed.text


async def test_a_key_made_on_the_page_works_and_is_not_shown_again(service: Service) -> None:
    async with service.browser("boss") as boss:
        made = await boss.post(
            "/people/keys", {"name": "ERP", "role": "viewer", **EVERY}, page="/people/keys"
        )
        found = re.search(r"onshelf_[0-9a-f]{12}_[0-9a-f]{64}", made.text)
        assert found
        again = await boss.get("/people/keys")
        works = await service.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {found[0]}"})
        key_id = found[0].split("_")[1]
        await boss.post(f"/people/keys/{key_id}/end", page="/people/keys")
        after = await service.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {found[0]}"})

    assert found[0] not in again.text
    assert (works.status, after.status) == (200, 401)


async def test_a_form_without_shops_says_what_is_missing(service: Service) -> None:
    async with service.browser("boss") as boss:
        answer = await boss.post("/people/invite", {"role": "operator"}, page="/people")

    assert answer.status == 422
    assert "没有选择店铺" in answer.text


async def test_a_code_of_the_phone_is_asked_for_and_counts_once(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    async with (
        served(tmp_path / "home", clock=clock) as service,
        service.browser("lin") as lin,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        page = await lin.get("/account/totp")
        secret, sealed = secret_of(page), sealed_of(page)
        wrong = await lin.post("/account/totp", {"sealed": sealed, "code": "000000"}, page="/account")
        on = await lin.post(
            "/account/totp", {"sealed": sealed, "code": code_of(service, secret)}, page="/account"
        )
        await clock.sleep(60)
        password = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        ticket = re.search(r'name="ticket" value="([0-9a-f]+)"', password.text)
        assert ticket
        answers = [
            await service.ask("POST", "/sign-in/code", http=http, data={"ticket": ticket[1], "code": code})
            for code in ("123", code_of(service, secret), code_of(service, secret))
        ]

    assert (wrong.status, on.status) == (422, 200)
    assert "Set-Cookie" not in password.headers
    assert [one.status for one in answers] == [401, 303, 401]


async def test_a_code_on_paper_lets_in_once(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    async with served(tmp_path / "home", clock=clock) as service, service.browser("lin") as lin:
        page = await lin.get("/account/totp")
        form = {"sealed": sealed_of(page), "code": code_of(service, secret_of(page))}
        codes = re.findall(
            r"<li><code>([0-9a-f-]{19})</code>", (await lin.post("/account/totp", form, page="/account")).text
        )
        password = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        ticket = re.search(r'name="ticket" value="([0-9a-f]+)"', password.text)
        assert ticket
        answers = [
            await service.ask("POST", "/sign-in/code", data={"ticket": ticket[1], "code": codes[0].upper()})
            for _ in range(2)
        ]

    assert len(codes) == 10
    assert [one.status for one in answers] == [303, 401]


async def test_codes_cannot_be_guessed_by_whoever_knows_the_password(tmp_path: Path) -> None:
    """Giving the right password between guesses must not forget them."""
    clock = FakeClock(NOW)
    async with served(tmp_path / "home", clock=clock) as service, service.browser("lin") as lin:
        page = await lin.get("/account/totp")
        secret = secret_of(page)
        form = {"sealed": sealed_of(page), "code": code_of(service, secret)}
        await lin.post("/account/totp", form, page="/account")
        await clock.sleep(60)
        for number in range(6):
            password = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
            ticket = re.search(r'name="ticket" value="([0-9a-f]+)"', password.text)
            if ticket is None:
                break
            await service.ask("POST", "/sign-in/code", data={"ticket": ticket[1], "code": f"{number:06}"})
        locked = password.status
        await clock.sleep(31)
        password = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        ticket = re.search(r'name="ticket" value="([0-9a-f]+)"', password.text)
        assert ticket
        right = await service.ask(
            "POST", "/sign-in/code", data={"ticket": ticket[1], "code": code_of(service, secret)}
        )

    assert locked == 401
    assert right.status == 303


async def test_a_ticket_is_nobody_elses_and_grows_old(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    async with served(tmp_path / "home", clock=clock) as service, service.browser("lin") as lin:
        page = await lin.get("/account/totp")
        secret = secret_of(page)
        form = {"sealed": sealed_of(page), "code": code_of(service, secret)}
        await lin.post("/account/totp", form, page="/account")
        password = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        ticket = re.search(r'name="ticket" value="([0-9a-f]+)"', password.text)
        assert ticket
        forged = await service.ask("POST", "/sign-in/code", data={"ticket": "00" * 40, "code": "123456"})
        await clock.sleep(301)
        old = {"ticket": ticket[1], "code": code_of(service, secret)}
        late = await service.ask("POST", "/sign-in/code", data=old)

    assert (forged.status, late.status) == (401, 401)
    assert "Set-Cookie" not in late.headers


async def test_sessions_are_listed_and_ended_one_by_one(service: Service) -> None:
    async with (
        service.browser("lin") as lin,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other,
    ):
        await service.ask("POST", "/sign-in", http=other, data={"name": "lin", "password": PASSWORD})
        before = await service.ask("GET", "/account", http=other)
        page = await lin.get("/account")
        named = re.findall(r"/account/sessions/([0-9a-f]+)/end", page.text)
        await lin.post(f"/account/sessions/{named[0]}/end", page="/account")
        after = await service.ask("GET", "/account", http=other)
        mine = await lin.get("/account")

    assert len(named) == 1
    assert (before.status, after.status, mine.status) == (200, 303, 200)


async def test_nobody_ends_the_session_of_somebody_else(service: Service) -> None:
    async with service.browser("lin") as lin, service.browser("mallory", Role.VIEWER) as mallory:
        people = await service.app.db.fetch("SELECT digest FROM signed_in ORDER BY created_us LIMIT 1")
        digest = people[0][0]
        assert isinstance(digest, bytes)
        await mallory.post(f"/account/sessions/{digest.hex()[:16]}/end", page="/account")
        still = await lin.get("/account")

    assert still.status == 200


async def test_a_new_password_ends_all_other_sessions(service: Service) -> None:
    async with (
        service.browser("lin") as lin,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other,
    ):
        await service.ask("POST", "/sign-in", http=other, data={"name": "lin", "password": PASSWORD})
        new = {"password": "another-horse-9", "again": "another-horse-9"}
        wrong = await lin.post("/account/password", {"old": "guess", **new}, page="/account")
        right = await lin.post("/account/password", {"old": PASSWORD, **new}, page="/account")
        out = await service.ask("GET", "/account", http=other)
        entered = await service.ask("POST", "/sign-in", data={"name": "lin", "password": "another-horse-9"})

    assert (wrong.status, right.status, out.status, entered.status) == (422, 200, 303, 303)


async def test_the_log_is_filtered_and_checked_on_its_page(service: Service) -> None:
    async with service.browser("boss") as boss:
        await boss.post("/people/keys", {"name": "ERP", "role": "viewer", **EVERY}, page="/people/keys")
        page = await boss.get("/audit?action=key.made")
        none = await boss.get("/audit?until=2020-01-01")
        bad = await boss.get("/audit?since=yesterday")
        token = await boss.csrf("/audit")
        whole = await service.ask(
            "POST", "/audit/verify", http=boss.http, headers={"HX-Request": "true", "X-CSRF": token}
        )

    assert "创建密钥" in page.text
    assert "<ins>查看者</ins>" in page.text
    assert "没有符合筛选条件" in none.text
    assert bad.status == 422
    assert "记录完整" in whole.text
    assert "<html" not in whole.text


async def test_only_who_may_reads_people_log_and_settings(service: Service) -> None:
    async with service.browser("lin", Role.OPERATOR) as lin, service.browser("dev", Role.DEVELOPER) as dev:
        statuses = [
            (await lin.get(path)).status for path in ("/people", "/people/keys", "/audit", "/settings")
        ]
        developer = [(await dev.get(path)).status for path in ("/people", "/audit", "/settings")]

    assert statuses == [403] * 4
    assert developer == [403, 200, 200]


async def test_settings_are_shown_with_their_origin_and_secrets_as_dots(tmp_path: Path) -> None:
    async with (
        served(tmp_path / "home", openid_secret="s3cret-of-ours") as service,
        service.browser("boss") as boss,
    ):
        page = await boss.get("/settings")

    assert "s3cret-of-ours" not in page.text
    assert "•••" in page.text
    assert "命令参数" in page.text


async def test_every_shop_and_some_of_them_is_asked_again_and_of_several_none_is_ticked_beforehand(
    service: Service,
) -> None:
    await service.add_shop("shop-b")
    async with service.browser("boss") as boss:
        page = (await boss.get("/people")).text
        both = await boss.post(
            "/people/invite", {"role": "operator", "every": "yes", "shops": "shop-a"}, page="/people"
        )
        one = await boss.post("/people/invite", {"role": "operator", "shops": "shop-a"}, page="/people")
        waiting = (await service.api("GET", "/invitations")).json["items"]

    assert not re.search(r'name="(every|shops)"[^>]*checked', page)
    assert (both.status, one.status) == (422, 200)
    assert "只选一种" in both.text
    assert re.search(r'value="shop-a"[^>]*checked', both.text)
    assert not re.search(r'name="every"[^>]*checked', both.text)
    assert [invitation["shops"] for invitation in waiting] == [["shop-a"]]
