"""What may stand in a file of calls and replies: no secret, and nothing that tells who a buyer is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.guard.buyers import hide, hide_xml, is_buyers_name, is_wholly_secret
from onshelf.guard.mask import DOTS

SECRET = "6100e23657fb0b2d0c78568e55a3031134be9a3a5d4b3a365753805"
TRADE = {
    "tid": 1234567890123456789,
    "status": "WAIT_SELLER_SEND_GOODS",
    "payment": "148.00",
    "seller_nick": "沙箱小店",
    "num": 2,
    "has_buyer_message": True,
}
ABOUT_THE_BUYER = {
    "buyer_nick": "小明",
    "buyer_open_uid": "AAHx",
    "buyer_alipay_no": "138****",
    "buyer_memo": "放门口",
    "receiver_name": "王小明",
    "receiver_mobile": "13812345678",
    "receiver_phone": 5712345678,
    "receiver_address": "文一西路969号",
    "receiver_zip": "310000",
    "seller_memo": "王小明 催过",
    "oaid": "1Xy",
    "o2o_service_address": "西湖区",
    "et_plate_number": "浙A12345",
}


def test_what_tells_who_a_buyer_is_becomes_dots_and_numbers_0() -> None:
    hidden = hide({"trade": {**TRADE, **ABOUT_THE_BUYER}})["trade"]

    assert {hidden[name] for name in ABOUT_THE_BUYER} == {DOTS, 0}


def test_what_a_trade_is_about_stays() -> None:
    assert hide(TRADE) == TRADE


def test_secrets_become_dots_in_json_inside_a_text_too() -> None:
    content = msgspec.json.encode({"buyer_nick": "小明", "tid": 1}).decode()

    hidden = hide({"token_result": f'{{"access_token":"{SECRET}"}}', "content": content, "sign": SECRET})

    assert SECRET not in str(hidden)
    assert msgspec.json.decode(hidden["content"]) == {"buyer_nick": DOTS, "tid": 1}


def test_xml_is_gone_through_by_its_elements() -> None:
    hidden = hide_xml(
        f"<trade><receiver_name>王小明</receiver_name><tid>1</tid><session>{SECRET}</session></trade>"
    )

    assert (
        hidden == f"<trade><receiver_name>{DOTS}</receiver_name><tid>1</tid><session>{DOTS}</session></trade>"
    )


@pytest.mark.parametrize(
    "name",
    [
        "num_iid",
        "title",
        "outer_id",
        "nick",
        "seller_nick",
        "price",
        "created",
        "item_name",
        "cat_name",
        "tid",
        "status",
    ],
)
def test_fields_of_items_and_shops_are_not_a_buyers(name: str) -> None:
    assert not is_buyers_name(name)


@pytest.mark.parametrize(
    ("method", "secret"),
    [
        ("taobao.top.auth.token.refresh", True),
        ("taobao.tmc.auth.get", True),
        ("taobao.top.oaid.decrypt", True),
        ("taobao.user.buyer.get", True),
        ("taobao.user.seller.get", False),
        ("taobao.trades.sold.get", False),
    ],
)
def test_methods_that_answer_nothing_but_secrets_are_known(method: str, secret: bool) -> None:
    assert is_wholly_secret(method) is secret


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_the_shape_of_a_reply_stays(value: object) -> None:
    def shape(given: object) -> object:
        if isinstance(given, dict):
            return {name: shape(inner) for name, inner in given.items()}
        return [shape(inner) for inner in given] if isinstance(given, list) else type(given)

    assert shape(hide(value)) == shape(value)
