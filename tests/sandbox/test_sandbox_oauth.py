"""The authorise page and the token endpoint, as a browser and a foreign program use them."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import pytest

from onshelf.sandbox.launch import ask, in_process, request
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import sign

BACK = "http://127.0.0.1/back?a=1"
ASKED = {"response_type": "code", "client_id": "12345678", "redirect_uri": BACK, "state": "s&1"}
APP = {"client_id": "12345678", "client_secret": "helloworld", "grant_type": "authorization_code"}
NICK = "沙箱小店"


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


async def page(sandbox: Sandbox, asked: dict[str, str], nick: str | None = None) -> tuple[int, str, str]:
    """Opens the page, or with a nick clicks on it; returns status, where the browser is sent, and the page."""
    body = b"" if nick is None else urlencode({"nick": nick}).encode()
    verb = "GET" if nick is None else "POST"
    status, headers, html = await request(sandbox, verb, f"/oauth/authorize?{urlencode(asked)}", body)
    return status, headers.get("location", ""), html.decode()


async def token(sandbox: Sandbox, fields: dict[str, str] | bytes) -> tuple[int, dict[str, Any]]:
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    status, _, reply = await request(sandbox, "POST", "/oauth/token", body)
    return status, msgspec.json.decode(reply)


async def test_who_agrees_is_sent_back_with_a_code_and_the_state(sandbox: Sandbox) -> None:
    _, _, html = await page(sandbox, ASKED)
    status, back, _ = await page(sandbox, ASKED, NICK)

    told = dict(parse_qsl(urlsplit(back).query))
    assert f'value="{NICK}"' in html
    assert (status, set(told), told["a"], told["state"]) == (302, {"a", "code", "state"}, "1", "s&1")


async def test_who_refuses_is_sent_back_with_the_reason(sandbox: Sandbox) -> None:
    _, back, _ = await page(sandbox, ASKED, "")

    told = dict(parse_qsl(urlsplit(back).query))
    assert told["error"] == "access_denied"
    assert told["error_description"] == "authorize reject"


async def test_a_token_may_come_in_the_fragment_signed_by_the_app(sandbox: Sandbox) -> None:
    """Source: top-protocol.md 2.5."""
    _, back, _ = await page(sandbox, {**ASKED, "response_type": "token"}, NICK)

    told = dict(parse_qsl(urlsplit(back).fragment))
    given = told.pop("top_sign")
    assert given == sign(told.items(), "helloworld", "md5")
    assert (told["state"], told["taobao_user_nick"], urlsplit(back).query) == ("s&1", NICK, "a=1")
    reply = await ask(sandbox, "taobao.user.seller.get", fields="nick", session=told["access_token"])
    assert reply["user"]["nick"] == NICK


@pytest.mark.parametrize("kind", ["", "password"])
async def test_no_other_response_type_is_given(sandbox: Sandbox, kind: str) -> None:
    _, back, _ = await page(sandbox, {**ASKED, "response_type": kind})
    status, _, shown = await page(sandbox, {**ASKED, "response_type": kind, "redirect_uri": ""})

    assert "error=unsupported_response_type" in back
    assert status == 400
    assert "unsupported_response_type" in shown


async def test_nobody_is_sent_to_an_address_that_is_no_page(sandbox: Sandbox) -> None:
    status, back, html = await page(sandbox, {**ASKED, "redirect_uri": "javascript:alert(1)"}, NICK)

    assert (status, back) == (200, "")
    assert "<dt>code</dt>" in html


async def test_what_the_address_says_is_no_markup(sandbox: Sandbox) -> None:
    unknown, _, html = await page(sandbox, {**ASKED, "client_id": "<script>"})
    _, _, asked = await page(sandbox, {**ASKED, "state": '"><script>'})

    assert unknown == 400
    assert "<script>" not in html + asked


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"client_id": "1"}, "client_id is invalidate"),
        ({"client_secret": "x"}, "client_secret is invalidate"),
        ({"grant_type": "password"}, "grant_type is invalidate"),
        ({"code": "x"}, "authorize code expire"),
        ({"redirect_uri": "http://127.0.0.1/other"}, "redirect_uri is invalidate"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "refresh_token is invalidate"),
    ],
)
async def test_what_is_wrong_is_a_400_with_its_description_and_the_code_stays_good(
    sandbox: Sandbox, change: dict[str, str], description: str
) -> None:
    _, back, _ = await page(sandbox, ASKED, NICK)
    fields = {**APP, "code": dict(parse_qsl(urlsplit(back).query))["code"], "redirect_uri": BACK}

    status, refused = await token(sandbox, {**fields, **change})
    good, given = await token(sandbox, fields)

    assert (status, refused["error_description"]) == (400, description)
    assert (good, given["token_type"]) == (200, "Bearer")


async def test_a_client_that_knows_the_host_alone_finds_the_platforms_own_paths(sandbox: Sandbox) -> None:
    code = urlencode({"nick": NICK}).encode()
    _, headers, _ = await request(sandbox, "POST", f"/authorize?{urlencode(ASKED)}", code)
    fields = {"code": dict(parse_qsl(urlsplit(headers["location"]).query))["code"], "redirect_uri": BACK}

    status, _, reply = await request(sandbox, "POST", "/token", urlencode({**APP, **fields}).encode())

    assert (status, msgspec.json.decode(reply)["token_type"]) == (200, "Bearer")


async def test_who_names_its_app_in_a_header_is_told_to_use_the_form(sandbox: Sandbox) -> None:
    basic = {"authorization": "Basic " + b64encode(b"12345678:helloworld").decode()}

    status, _, reply = await request(sandbox, "POST", "/oauth/token", b"grant_type=refresh_token", basic)

    refused = msgspec.json.decode(reply)
    assert (status, refused["error"]) == (400, "invalid_client")
    assert "client_id and client_secret belong in the form" in refused["error_description"]


async def test_a_form_that_is_not_utf8_is_only_wrong(sandbox: Sandbox) -> None:
    status, refused = await token(sandbox, b"client_id=\xc4\xfa&code=%C4%FA")
    _, headers, _ = await request(sandbox, "POST", f"/oauth/authorize?{urlencode(ASKED)}", b"nick=\xc4\xfa")

    assert (status, refused["error"]) == (400, "invalid_client")
    assert "error=access_denied" in headers["location"]
