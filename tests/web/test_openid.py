"""Sign-in by a provider over real HTTP: who is vouched for comes in, and no lie about it lets anybody in."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from identity import SECRET
from joserfc.jwk import OctKey, RSAKey
from provided import both, browser, there
from service import PASSWORD, Answer, Service, served

from onshelf.errors import SettingsError
from onshelf.settings import read_settings
from onshelf.web.vouching import checked_provider


async def signed_in(service: Service, http: aiohttp.ClientSession) -> Answer:
    return await service.ask("GET", await there(service, http), http=http)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_whoever_the_provider_vouches_for_comes_in(tmp_path: Path, algorithm: str) -> None:
    async with both(tmp_path / "home") as (service, identity), browser() as http:
        identity.algorithm = algorithm
        entered = await signed_in(service, http)
        page = await service.ask("GET", "/account", http=http)
        people = (await service.api("GET", "/people")).json["items"]

    assert (entered.status, entered.headers["Location"]) == (303, "/account")
    assert page.status == 200
    assert [(one["name"], one["role"], one["by_provider"]) for one in people] == [("chen", "viewer", True)]
    assert {"state", "nonce", "code_challenge"} <= set(identity.asked[0])
    assert identity.asked[0]["code_challenge_method"] == "S256"


ORGANISATION = {"dingtalk": "corpId=ours", "feishu": "tenant_key=ours", "oidc": "hd=ours"}


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_dingtalk_and_feishu_vouch_in_their_own_form(tmp_path: Path, kind: str) -> None:
    async with (
        both(tmp_path / "home", kind, openid_must=ORGANISATION[kind]) as (service, _),
        browser() as http,
    ):
        entered = await signed_in(service, http)
        people = (await service.api("GET", "/people")).json["items"]

    assert entered.status == 303
    assert [one["name"] for one in people] == ["陈"]


@pytest.mark.parametrize("kind", list(ORGANISATION))
async def test_an_account_of_another_organisation_lets_nobody_in(tmp_path: Path, kind: str) -> None:
    """DingTalk and most public providers vouch for everybody they know, not for our people alone."""
    async with (
        both(tmp_path / "home", kind, openid_must=ORGANISATION[kind]) as (service, identity),
        browser() as http,
    ):
        identity.organisation = identity.claims["hd"] = "theirs"
        stranger = await signed_in(service, http)
        people = (await service.api("GET", "/people")).json["items"]
        identity.organisation = identity.claims["hd"] = "ours"
        ours = await signed_in(service, http)

    assert (stranger.status, people, ours.status) == (401, [], 303)


@pytest.mark.parametrize(
    ("claims", "must", "status"),
    [
        ({"email_verified": True}, "email_verified=true", 303),
        ({"email_verified": False}, "email_verified=true", 401),
        ({}, "email_verified=true", 401),
        ({"groups": ["shelf", "all"]}, "groups=shelf", 303),
        ({"groups": ["all"]}, "groups=shelf", 401),
        ({"hd": "ours", "email_verified": True}, "hd=ours, email_verified=true", 303),
        ({"hd": "ours", "email_verified": False}, "hd=ours, email_verified=true", 401),
    ],
)
async def test_each_claim_that_must_be_is_looked_at(
    tmp_path: Path, claims: dict[str, Any], must: str, status: int
) -> None:
    async with both(tmp_path / "home", openid_must=must) as (service, identity), browser() as http:
        identity.claims.update(claims)
        assert (await signed_in(service, http)).status == status


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("openid_must", {"openid": "dingtalk", "openid_role": "viewer"}),
        ("openid_must", {"openid": "oidc", "openid_issuer": "https://id.example", "openid_must": "corpId"}),
        (
            "openid_issuer",
            {"openid": "oidc", "openid_issuer": "http://id.example", "environment": "production"},
        ),
    ],
    ids=["everybody", "no value", "in the clear"],
)
def test_settings_that_would_let_strangers_in_are_refused(name: str, given: dict[str, str]) -> None:
    settings = read_settings({"openid_client": "x", "openid_secret": "y", **given}, {})

    with pytest.raises(SettingsError, match=name):
        checked_provider(settings)


async def test_the_same_account_is_the_same_person_again(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, _):
        for _turn in range(2):
            async with browser() as http:
                await signed_in(service, http)
        people = (await service.api("GET", "/people")).json["items"]

    assert len(people) == 1


LIES = [
    {"iss": "https://other.example"},
    {"aud": "another-client"},
    {"nonce": "of-another-try"},
    {"exp": 1_799_999_000},
    {"sub": None},
    {"nonce": None},
    {"exp": None},
    {"iat": None},
    {"aud": ["another-client", "a-third"]},
]


@pytest.mark.parametrize("lie", LIES, ids=str)
async def test_a_token_that_is_not_for_this_very_try_lets_nobody_in(
    tmp_path: Path, lie: dict[str, Any]
) -> None:
    async with both(tmp_path / "home") as (service, identity), browser() as http:
        identity.lies = lie
        answer = await signed_in(service, http)
        people = (await service.api("GET", "/people")).json["items"]

    assert answer.status == 401
    assert people == []


@pytest.mark.parametrize("forged", ["other key", "HS256 by the public key", "HS256 by the secret", "none"])
async def test_a_token_signed_by_anybody_else_lets_nobody_in(tmp_path: Path, forged: str) -> None:
    async with both(tmp_path / "home") as (service, identity), browser() as http:
        if forged == "other key":
            identity.signs_with = RSAKey.generate_key(2048)
        elif forged == "none":
            identity.unsigned = True
        else:
            pem = identity.keys["RS256"].as_pem(private=False)
            identity.signs_with = OctKey.import_key(
                pem.replace(b"-----", b"") if "public" in forged else SECRET.encode()
            )
            identity.algorithm = "HS256"
        answer = await signed_in(service, http)

    assert answer.status == 401
    assert "onshelf_session" not in str(answer.headers.get("Set-Cookie", ""))


async def test_an_answer_to_another_browsers_try_lets_nobody_in(tmp_path: Path) -> None:
    """Whoever sends a victim the end of their own sign-in must not sign the victim in as themselves."""
    async with both(tmp_path / "home") as (service, _), browser() as attacker, browser() as victim:
        back = await there(service, attacker)
        without = await service.ask("GET", back, http=victim)
        await service.ask("GET", "/sign-in/openid", http=victim)
        with_own = await service.ask("GET", back, http=victim)

    assert (without.status, with_own.status) == (401, 401)


async def test_an_answer_counts_once_and_not_for_ever(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, _), browser() as http:
        back = await there(service, http)
        first = await service.ask("GET", back, http=http)
        again = await service.ask("GET", back, http=http)
        slow = await there(service, http)
        await service.app.clock.sleep(601)
        late = await service.ask("GET", slow, http=http)

    assert (first.status, again.status, late.status) == (303, 401, 401)


async def test_only_who_linked_an_account_comes_in_where_newcomers_may_not(tmp_path: Path) -> None:
    async with (
        both(tmp_path / "home", openid_role="known") as (service, identity),
        service.browser("lin") as lin,
        browser() as http,
    ):
        stranger = await signed_in(service, http)
        led = await lin.post("/account/openid", {"password": PASSWORD}, page="/account")
        found = re.search(rf'href="({identity.address}/authorize[^"]+)"', led.text)
        assert found
        async with lin.http.get(unescape(found[1]), allow_redirects=False) as agreed:
            back = agreed.headers["Location"].removeprefix(service.address)
        linked = await lin.get(back)
        known = await signed_in(service, http)
        page = await service.ask("GET", "/account", http=http)

    assert stranger.status == 401
    assert (linked.status, linked.headers["Location"]) == (303, "/account")
    assert known.status == 303
    assert "lin" in page.text


async def test_whoever_was_ended_does_not_come_in_by_the_provider(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, _), browser() as http:
        await signed_in(service, http)
        person = (await service.api("GET", "/people")).json["items"][0]["person"]
        await service.api("POST", f"/people/{person}/end")
        again = await signed_in(service, http)

    assert again.status == 401


async def test_the_provider_leads_to_pages_of_ours_alone(tmp_path: Path) -> None:
    async with both(tmp_path / "home") as (service, identity), browser() as http:
        back = await there(service, http, "https://evil.example/")
        entered = await service.ask("GET", back, http=http)

    assert entered.headers["Location"] == "/"
    assert urlsplit(identity.asked[0]["redirect_uri"]).path == "/sign-in/openid/back"
    assert parse_qs(urlsplit(back).query)["state"] == [identity.asked[0]["state"]]


async def test_a_provider_that_is_away_is_said_at_the_door(tmp_path: Path) -> None:
    async with both(tmp_path / "home", openid_issuer="http://127.0.0.1:9") as (service, _), browser() as http:
        answer = await service.ask("GET", "/sign-in/openid", http=http)

    assert answer.status == 401
    assert "外部账号没有通过验证" in answer.text


async def test_a_missing_secret_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="openid_secret"):
        async with served(
            tmp_path / "home", openid="oidc", openid_issuer="https://id.example", openid_client="x"
        ):
            pass
