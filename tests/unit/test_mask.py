"""What may stand in a log or an error."""

import pytest

from onshelf.guard.mask import is_secret_name, mask, mask_event, mask_value

API_KEY = "onshelf_0123456789ab_" + "9f" * 32
LINK_TOKEN = "hX3_dK9-pQ2vTzR7wLmN0sYbA4cE8fGjU1iO5kHnVxM"
SECRET = "6100e23657fb0b2d0c78568e55a3031134be9a3a5d4b3a365753805"


@pytest.mark.parametrize(
    "text",
    [
        f"https://eco.taobao.com/router/rest?method=taobao.item.get&session={SECRET}&v=2.0",
        f"session: {SECRET}",
        f'{{"access_token": "{SECRET}", "expires_in": 1}}',
        f'{{\\"refresh_token\\":\\"{SECRET}\\"}}',
        f"{{'top_session': '{SECRET}'}}",
        f"appSecret={SECRET}",
        f"app_secret = {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"postgresql://onshelf:{SECRET}@db/shop",
        f"redis://:{SECRET}@db/0",
        f"refused: {SECRET}",
        f"https://oapi.dingtalk.com/robot/send?access_token={SECRET}",
        f"SMTP_PASSWORD={SECRET}",
        f"sign={SECRET}&timestamp=1",
        f"X-Signature: {SECRET}",
        f"签名sign={SECRET}",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "https://shop.example/callback?state=1&code=" + SECRET,
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert SECRET not in mask(text)
    assert "693a91f6" not in mask(text)
    assert "•••" in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "method=taobao.item.get&sign_method=hmac-sha256&app_key=12345678",
        "platform_code=27 sub_code=isv.invalid-parameter code=15",
        "item_id=520813250866 num_iid: 18271823746123 outer_id=A-1",
        "连衣裙 2024 新款：夏季，design=simple",
        "1391234567 and 139123456789",
        "https://example.com/a.jpg",
        "GET /jobs/01J?state=failed&cursor=2 and /welcome/{token}",
        "state=awaiting_confirmation, state: instock",
        "onshelf_session_cookie onshelf.platforms.top",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sku 13812345678x, v1.13812345678",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        API_KEY,
        f"no key is {API_KEY}.",
        f"密钥{API_KEY}已停用",
        f"KeyError: '{API_KEY}'",
        f"_{API_KEY}",
        f"cut off: {API_KEY[:40]}",
    ],
)
def test_a_key_of_our_api_is_masked_whole(text: str) -> None:
    assert "9f9f" not in mask(text)
    assert "0123456789ab" not in mask(text)
    assert "•••" in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://onshelf.example.com/welcome/{LINK_TOKEN}",
        f"GET /welcome/{LINK_TOKEN} HTTP/1.1",
        f"/sign-in?next=%2Fwelcome%2F{LINK_TOKEN}",
        f"链接/welcome/{LINK_TOKEN}，一天内有效",
        f"https://oauth.taobao.com/authorize?response_type=code&client_id=12345678&state={LINK_TOKEN}&view=web",
        f"/oauth/callback?code=abc&state={LINK_TOKEN}",
        f"{{'state': '{LINK_TOKEN}'}}",
        f"/sign-in/openid/back?authCode={LINK_TOKEN}&state=1",
        f"/sign-in/openid/back?auth_code={LINK_TOKEN}",
    ],
)
def test_the_secret_of_a_link_that_is_good_once_is_masked(text: str) -> None:
    assert LINK_TOKEN not in mask(text)
    assert "•••" in mask(text)


def test_the_rest_of_an_address_stays_readable() -> None:
    masked = mask(f"https://eco.taobao.com/router/rest?session={SECRET}&method=taobao.item.get&sign=ABC")

    assert masked == "https://eco.taobao.com/router/rest?session=•••&method=taobao.item.get&sign=•••"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678，谢谢", "电话138****5678，谢谢"),
        ("call 138 1234 5678", "call 138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
    ],
)
def test_a_mobile_number_keeps_its_ends_only(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_masking_twice_changes_nothing_more() -> None:
    once = mask(f"session={SECRET} 13812345678 redis://u:p@h")

    assert mask(once) == once


def test_a_mapping_is_masked_by_names_and_by_texts_at_every_depth() -> None:
    masked = mask_value(
        {
            "session": SECRET,
            "item_id": 13812345678,
            "shop": {"app_secret": "x", "note": f"token={SECRET}"},
            "calls": [(f"sign={SECRET}",)],
            "body": b"session=abc",
            "empty_token": "",
        }
    )

    assert masked == {
        "session": "•••",
        "item_id": 13812345678,
        "shop": {"app_secret": "•••", "note": "token=•••"},
        "calls": [["sign=•••"]],
        "body": "session=•••",
        "empty_token": "",
    }


def test_a_log_event_is_masked_with_its_error() -> None:
    event = {
        "event": "call.failed",
        "error": ValueError(f"session={SECRET}"),
        "access_token": SECRET,
        "took_ms": 3,
    }

    assert mask_event(None, "info", event) == {
        "event": "call.failed",
        "error": "session=•••",
        "access_token": "•••",
        "took_ms": 3,
    }


@pytest.mark.parametrize(
    "name", ["session", "access_token", "app_secret", "sign", "webhook_secret", "x-signature"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["app_key", "platform_code", "sign_method", "design", "keyword", "tokens_left", "key"]
)
def test_names_that_only_look_like_it_are_not_taken_for_secrets(name: str) -> None:
    assert not is_secret_name(name)
