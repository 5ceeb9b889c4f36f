"""Tokens as the token address tells them, and the flows that fetch them. Source: top-protocol 5 and 14."""

from collections.abc import Generator
from urllib.parse import parse_qs, urlsplit

import pytest

from onshelf.clock import SECOND_US
from onshelf.errors import PlatformError, Refused, SessionExpired, Unanswered
from onshelf.platforms.top import auth
from onshelf.platforms.transport import Response

NOW_US = 1_700_000_000 * SECOND_US
WHOLE = (
    b'{"access_token":"6100e23","token_type":"Bearer","expires_in":86400,"refresh_token":"6101","re_expires_in":"172800",'
    b'"r1_expires_in":86400,"r2_expires_in":1800,"w1_expires_in":86400,"w2_expires_in":0,"taobao_user_id":"263664221",'
    b'"taobao_user_nick":"%E5%95%86%E5%AE%B6+%E6%B5%8B%E8%AF%95"}'
)


def end(flow: Generator[auth.Form, Response, auth.Token], reply: Response) -> auth.Token:
    """Plays one reply to a flow."""
    next(flow)
    with pytest.raises(StopIteration) as ended:
        flow.send(reply)
    found = ended.value.value
    assert isinstance(found, auth.Token)
    return found


def test_a_seller_is_sent_to_a_link_that_names_app_and_return_address() -> None:
    link = auth.authorise_link("https://oauth.taobao.com", "12345678", "https://x.test/back?a=1", "s&1")

    assert link.startswith("https://oauth.taobao.com/authorize?")
    assert parse_qs(urlsplit(link).query) == {
        "response_type": ["code"],
        "client_id": ["12345678"],
        "redirect_uri": ["https://x.test/back?a=1"],
        "state": ["s&1"],
        "view": ["web"],
    }


def test_a_code_is_exchanged_for_a_token_with_its_ends_and_its_nick_decoded() -> None:
    flow = auth.code_flow("https://o.test", "1", "secret", "code", "https://x.test", NOW_US)

    token = end(flow, Response(200, {}, WHOLE))

    assert token.session == "6100e23"
    assert token.expires_us == NOW_US + 86_400 * SECOND_US
    assert token.refresh_until_us == NOW_US + 172_800 * SECOND_US
    assert token.read_until_us[1] == NOW_US + 1800 * SECOND_US
    assert token.write_until_us[1] == NOW_US
    assert token.nick == "商家 测试"
    assert token.refreshable(NOW_US)
    assert not token.refreshable(NOW_US + 172_800 * SECOND_US)


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token":"6100"}',
        b'{"access_token":"6100","refresh_token":"6101","re_expires_in":0,"expires_in":1}',
    ],
)
def test_a_token_that_cannot_be_refreshed_says_so(body: bytes) -> None:
    assert not auth.read_token(body, NOW_US).refreshable(NOW_US)


@pytest.mark.parametrize(
    ("detail", "expires_us"),
    [
        ('"taobao_user_id":15380658823,"expires_in":60', NOW_US + 60 * SECOND_US),
        ('"taobao_user_id":"7","taobao_user_nick":null,"expires_in":"60"', NOW_US + 60 * SECOND_US),
        ('"expires_in":60.0,"refresh_token":null', NOW_US + 60 * SECOND_US),
        ('"expires_in":"","r2_expires_in":null', None),
        ('"expires_in":1e300,"w1_valid":"soon"', None),
        ('"expires_in":99999999999,"expire_time":99999999999999', None),
        ('"expires_in":"inf"', None),
    ],
)
def test_no_detail_of_a_token_is_worth_its_loss(detail: str, expires_us: int | None) -> None:
    """The code is used up: who cannot read the reply must ask the seller again."""
    token = auth.read_token(f'{{"access_token":"6100",{detail}}}', NOW_US)

    assert (token.session, token.expires_us) == ("6100", expires_us)
    assert token.user_id in ("15380658823", "7", "")


def test_absolute_ends_are_read_where_no_lifetime_is_told() -> None:
    token = auth.read_token(b'{"access_token":"6100","expire_time":1700000100000}', NOW_US)

    assert token.expires_us == NOW_US + 100 * SECOND_US


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"error":"invalid_grant","error_description":"authorize code expire"}', SessionExpired),
        (400, b'{"error":"invalid_client","error_description":"client_secret is invalidate"}', Refused),
        (200, b'{"error":"invalid_grant"}', SessionExpired),
        (502, WHOLE, Unanswered),
        (200, WHOLE[:40], Unanswered),
        (200, b"{}", Unanswered),
        (200, b'{"access_token":""}', Unanswered),
        (200, b"<html>", Unanswered),
        (200, b'{"access_token":"\xff"}', Unanswered),
        (200, b'{"x":' + b"[" * 200_000, Unanswered),
        (400, b'{"x":' + b"[" * 200_000, Unanswered),
    ],
)
def test_no_token_is_told_apart_from_no_answer(
    status: int, body: bytes, expected: type[PlatformError]
) -> None:
    flow = auth.refresh_flow("https://o.test", "1", "secret", "6101", NOW_US)
    next(flow)

    with pytest.raises(expected) as caught:
        flow.send(Response(status, {}, body))

    assert type(caught.value) is expected


def test_neither_form_nor_token_prints_a_secret() -> None:
    flow = auth.refresh_flow("https://o.test", "1", "s3cret", "6101", NOW_US)
    printed = repr(next(flow)) + repr(auth.read_token(WHOLE, NOW_US))

    assert not [secret for secret in ("s3cret", "6101", "6100e23") if secret in printed]
