"""Names and addresses of shops, and when a token is thought of again."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.errors import SettingsError
from onshelf.ids import AppKey, ShopId
from onshelf.shops.shop import NEVER_US, Shop, ShopState, check_shop, is_alive, look_at_us, session_only

SHOP = Shop(
    shop_id=ShopId("my-shop"),
    platform="taobao",
    app_key=AppKey("12345678"),
    gateway="https://eco.taobao.com/router/rest",
    oauth="https://oauth.taobao.com/",
    tmc="wss://mc.api.taobao.com/",
    nick="",
    state=ShopState.NEW,
    created_us=0,
)


@pytest.mark.parametrize("name", ["a", "我的小店", "Shop_2-b", "9", "x" * 64])
def test_good_names_pass(name: str) -> None:
    assert check_shop(replace(SHOP, shop_id=ShopId(name))).shop_id == name


@pytest.mark.parametrize("name", ["", "-v", "a b", "a/b", "../a", "x" * 65, "a\n", "a.b", "🙂"])
def test_a_bad_name_is_refused_and_named(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_shop(replace(SHOP, shop_id=ShopId(name)))

    assert refused.value.context["name"] == "NAME"
    assert refused.value.context["value"] == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gateway", ""),
        ("gateway", "eco.taobao.com"),
        ("gateway", "ftp://eco.taobao.com"),
        ("gateway", "http://"),
        ("gateway", "http://h:99999/"),
        ("oauth", "ws://oauth.taobao.com"),
        ("tmc", "https://mc.api.taobao.com"),
        ("app_key", " "),
    ],
)
def test_a_bad_address_or_key_is_refused_and_named(field: str, value: str) -> None:
    changed: dict[str, Any] = {field: value}

    with pytest.raises(SettingsError) as refused:
        check_shop(replace(SHOP, **changed))

    assert refused.value.context["name"] == field


def test_authorisation_and_push_may_be_left_out() -> None:
    assert check_shop(replace(SHOP, oauth="", tmc="")).oauth == ""
    assert check_shop(SHOP).oauth == "https://oauth.taobao.com"


def test_a_session_of_unknown_end_is_never_thought_of_again() -> None:
    token = session_only("6100")

    assert look_at_us(token, 0, 7) == NEVER_US
    assert is_alive(token, NEVER_US)
    assert "6100" not in repr(token)


@given(st.integers(0, 10**15), st.integers(1, 10**14), st.integers(0, 10**14))
def test_a_token_is_refreshed_in_the_last_fifth_of_its_life_at_the_earliest(
    obtained: int, life: int, margin: int
) -> None:
    token = replace(
        session_only("6100"), refresh_token="r", expires_us=obtained + life, refresh_until_us=NEVER_US
    )

    at = look_at_us(token, obtained, margin)

    assert obtained + life - life // 5 <= at <= obtained + life
    assert is_alive(token, at) or at == obtained + life
    assert look_at_us(replace(token, refresh_token=""), obtained, margin) == obtained + life
