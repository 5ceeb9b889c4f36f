"""The authorise page and the token endpoint, as a standard OAuth client has them."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from strangers import OAUTH, Desk, Running

pytestmark = [
    pytest.mark.parametrize("client", OAUTH, indirect=True, ids=[one.name for one in OAUTH]),
]


def test_its_link_leads_to_a_code_the_code_to_a_token_and_the_token_to_a_newer_one(
    client: Running, desk: Desk
) -> None:
    link = client.ask("link", redirect_uri="http://127.0.0.1/back", state="s 1 & 2")
    back = parse_qs(urlsplit(desk.agree(link)).query)
    first = client.ask("code", code=back["code"][0])
    second = client.ask("refresh", refresh_token=first["refresh_token"])

    assert back["state"] == ["s 1 & 2"]
    assert first["token_type"] == "Bearer"
    assert unquote(second["taobao_user_nick"]) == desk.info["seller_nick"]
    live = {one["token"] for one in desk.control("sessions")}
    assert {first["access_token"], second["access_token"]} <= live


def test_it_understands_why_there_is_no_token(client: Running, desk: Desk) -> None:
    link = client.ask("link", redirect_uri="http://127.0.0.1/back", state="s")
    code = parse_qs(urlsplit(desk.agree(link)).query)["code"][0]
    wrong = client.refusal("code", code=code, secret="not-the-secret")
    client.ask("code", code=code)

    assert wrong == ("invalid_client", "client_secret is invalidate")
    assert client.refusal("code", code=code) == ("invalid_grant", "authorize code expire")
    assert client.refusal("refresh", refresh_token="x") == ("invalid_grant", "refresh_token is invalidate")
