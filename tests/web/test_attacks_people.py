"""Attacks by and on people: names that pass for others, guessable passwords, links above one's rights, tickets and links stolen."""

from pathlib import Path

import pytest
from identity import Identity
from provided import NOW, both, browser, there
from second_factor import code_of, with_second_factor
from service import PASSWORD, Browser, Service, served
from yarl import URL

from onshelf.clock import FakeClock
from onshelf.guard.invitations import Invitations
from onshelf.guard.roles import Role

UNSEEN = ["lin\0", "li\u202en", "lin\u200b", "lin\x1b[2J", "\u3164"]


async def link_of(service: Service, name: str = "") -> str:
    app = service.app
    invitations = Invitations(app.db, app.clock, app.random)
    return f"/welcome/{await invitations.invite(role=Role.VIEWER, shops=None, made_by='test', name=name)}"


async def joins(service: Service, name: str, password: str = PASSWORD) -> tuple[int, str]:
    form = {"name": name, "password": password, "again": password}
    answer = await service.ask("POST", await link_of(service), data=form)
    return answer.status, answer.text


@pytest.mark.parametrize("name", [*UNSEEN, "", "x" * 65], ids=ascii)
async def test_nobody_joins_under_a_name_that_is_not_what_it_seems(service: Service, name: str) -> None:
    status, page = await joins(service, name)

    assert status == 422
    assert "用户名" in page


@pytest.mark.parametrize("copy", ["boss", "BOSS", "bоss", "ｂｏｓｓ", "b0ss"], ids=ascii)
async def test_nobody_joins_as_a_second_administrator_to_the_eye(service: Service, copy: str) -> None:
    async with service.browser("boss"):
        status, page = await joins(service, copy)

    assert status == 422
    assert "已被使用" in page


@pytest.mark.parametrize("name", UNSEEN, ids=ascii)
async def test_no_program_makes_a_key_or_an_invitation_of_such_a_name(service: Service, name: str) -> None:
    key = await service.api("POST", "/keys", json={"name": name, "role": "viewer"})
    invitation = await service.api("POST", "/invitations", json={"name": name, "role": "viewer"})

    assert (key.status, invitation.status) == (422, 422)


async def test_an_invitation_for_a_name_that_looks_taken_says_so(service: Service) -> None:
    async with service.browser("boss") as boss:
        told = await service.api("POST", "/invitations", json={"name": "Bоss", "role": "viewer"})
        shown = await boss.post(
            "/people/invite", {"role": "viewer", "every": "yes", "name": "B0SS"}, page="/people"
        )

    assert (told.status, told.json["code"]) == (409, "name_taken")
    assert shown.status == 409
    assert "已有人或密钥叫" in shown.text


@pytest.mark.parametrize("copy", ["erp", "Erp", "еrp", "ｅｒｐ"], ids=ascii)
async def test_no_second_key_is_taken_for_the_first(service: Service, copy: str) -> None:
    """The log knows a program by its key's name; the name of a key that has ended is free."""
    made = await service.api("POST", "/keys", json={"name": "erp", "role": "viewer"})
    tried = await service.api("POST", "/keys?dry_run=true", json={"name": copy, "role": "viewer"})
    told = await service.api("POST", "/keys", json={"name": copy, "role": "viewer"})
    async with service.browser("boss") as boss:
        form = {"role": "viewer", "every": "yes", "name": copy}
        shown = await boss.post("/people/keys", form, page="/people/keys")
    await service.api("POST", f"/keys/{made.json['key']}/end")
    free = await service.api("POST", "/keys", json={"name": copy, "role": "viewer"})

    assert (tried.status, told.status, told.json["code"]) == (409, 409, "name_taken")
    assert shown.status == 409
    assert "已有人或密钥叫" in shown.text
    assert free.status == 201


@pytest.mark.parametrize("password", ["1234567890", "password123!", "aaaaaaaaaaaa", "linxiaomei88"])
async def test_a_password_that_is_guessed_first_is_not_taken(service: Service, password: str) -> None:
    status, page = await joins(service, "linxiaomei", password)
    async with service.browser("linxiaomei") as lin:
        form = {"old": PASSWORD, "password": password, "again": password}
        changed = await lin.post("/account/password", form, page="/account")

    assert (status, changed.status) == (422, 422)
    assert "太容易被猜到" in page
    assert "太容易被猜到" in changed.text


async def test_an_administrator_of_one_shop_voids_no_link_above_it(service: Service) -> None:
    await service.api("POST", "/invitations", json={"role": "administrator"})
    waiting = (await service.api("GET", "/invitations")).json["items"][0]["invitation"]
    by_key = await service.api("DELETE", f"/invitations/{waiting}", shops=("shop-a",))
    async with service.browser("of-shop-a", Role.ADMINISTRATOR, ("shop-a",)) as limited:
        by_page = await limited.post(f"/people/invitations/{waiting}/withdraw", page="/people")
    left = (await service.api("GET", "/invitations")).json["items"]

    assert (by_key.status, by_page.status) == (403, 403)
    assert [one["invitation"] for one in left] == [waiting]


async def test_what_is_typed_into_the_wrong_field_is_not_kept_in_the_log(service: Service) -> None:
    """People type their password where the name belongs; the log is read by more people than they think."""
    async with service.browser("lin"):
        for name in ("my-secret-passphrase", "lin"):
            await service.ask("POST", "/sign-in", data={"name": name, "password": "a guess"})
    await service.app.audit.flush()
    rows = await service.app.db.fetch("SELECT subject FROM audit WHERE action = 'person.refused'")

    assert sorted(str(subject) for (subject,) in rows) == ["", "lin"]


async def test_a_password_that_was_changed_since_leads_to_no_code(tmp_path: Path) -> None:
    """Who knew the old one and holds its ticket has nothing; not even with a code seen over the shoulder."""
    clock = FakeClock(NOW)
    async with served(tmp_path / "home", clock=clock) as service, service.browser("lin") as lin:
        secret = await with_second_factor(service, lin)
        asked = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        ticket = asked.text.split('name="ticket" value="')[1].split('"')[0]
        form = {"old": PASSWORD, "password": "another-horse-9", "again": "another-horse-9"}
        await lin.post("/account/password", form, page="/account")
        await clock.sleep(30)
        entered = await service.ask(
            "POST", "/sign-in/code", data={"ticket": ticket, "code": code_of(service, secret)}
        )

    assert entered.status == 401
    assert "Set-Cookie" not in entered.headers


async def linking(service: Service, identity: Identity, one: Browser, password: str = PASSWORD) -> str:
    """Asks for a link and lets the provider agree; returns where it sends the browser back to, empty: nowhere."""
    page = await one.post("/account/openid", {"password": password}, page="/account")
    if f'href="{identity.address}/authorize' not in page.text:
        return ""
    address = page.text.split('href="' + identity.address)[1].split('"')[0].replace("&amp;", "&")
    async with one.http.get(identity.address + address, allow_redirects=False) as agreed:
        return agreed.headers["Location"].removeprefix(service.address)


async def test_a_borrowed_session_links_no_account_of_somebody_else(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, identity), service.browser("lin") as lin:
        assert await linking(service, identity, lin, "a guess") == ""
        assert identity.asked == []


async def test_an_account_is_linked_only_to_who_asked_for_it(tmp_path: Path) -> None:
    """An attacker's try, planted in a victim's browser, must not tie the victim's account to the attacker."""
    async with both(tmp_path / "home", openid_role="known") as (service, identity):
        async with service.browser("mallory") as mallory, service.browser("lin") as lin:
            back = await linking(service, identity, mallory)
            planted = mallory.http.cookie_jar.filter_cookies(URL(service.address))["onshelf_openid"].value
            lin.http.cookie_jar.update_cookies({"onshelf_openid": planted}, URL(service.address))
            tied = await lin.get(back)
        people = (await service.api("GET", "/people")).json["items"]

    assert tied.status == 401
    assert [one["by_provider"] for one in people] == [False, False]


async def test_a_session_that_ended_meanwhile_links_nothing(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, identity), service.browser("lin") as lin:
        back = await linking(service, identity, lin)
        await lin.post("/sign-out", page="/account")
        tied = await lin.get(back)

    assert tied.status == 401


async def test_who_has_no_password_does_not_shut_itself_out(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, _), browser() as http:
        await service.ask("GET", await there(service, http), http=http)
        unlinked = await Browser(service, http).post("/account/openid/unlink", page="/account")
        people = (await service.api("GET", "/people")).json["items"]

    assert unlinked.status == 422
    assert people[0]["by_provider"] is True
