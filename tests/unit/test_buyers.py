"""What may stand in a file of calls and replies: no secret, and nothing that tells who a buyer is."""

import time
from urllib.parse import quote, unquote

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


WHO = "王小明"


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize(
    "reply",
    [
        {"a": [{"receiver": {"name": WHO, "lines": [WHO]}}]},
        {"buyer_nicks": {"string": [WHO]}},
        {"content": f" \n{as_json({'buyer_nick': WHO})}"},
        {"c": as_json({"d": as_json({"e": as_json([{"receiver_name": WHO}])})})},
        {"content": as_json({"buyerNick": WHO, "receiverName": WHO, "收货人": WHO})},
        {"content": f'{{"receiver": {{"name":"{WHO}", "broken off'},
        {"sub_msg": f'order "receiver_name":"{WHO}" of buyer_nick={WHO}, 收货人：{WHO}'},
        {"sub_msg": f'{{x}} \\"receiver_name\\":\\"{WHO}\\"'},
        {"sub_msg": f'"receiver_name":"a\\"{WHO}" y'},
        {"url": f"https://shop.test/?buyer_nick={WHO}"},
        {"url": f"https://shop.test/?q={quote(as_json({'buyer_nick': WHO}))}"},
        {"trade_rates": {"trade_rate": [{"nick": WHO, "content": WHO, "tid": 1}]}},
        {"customization": as_json([{"text": WHO}])},
        {"content": f"<m><receiver_name>{WHO}</receiver_name></m>"},
    ],
    ids=[
        "nested", "list", "blanks before JSON", "JSON in JSON in JSON", "other spellings", "broken off", "named in a text",
        "escaped", "escaped quote", "address", "encoded", "fields of ratings", "customization", "XML in JSON",
    ],
)  # fmt: skip
def test_a_buyer_is_found_wherever_a_field_names_them(reply: dict[str, object]) -> None:
    hidden = unquote(str(hide(reply)))

    assert WHO not in hidden
    assert DOTS in hidden


@pytest.mark.parametrize(
    "text",
    [
        f"<t><receiver_name><![CDATA[{WHO}]]></receiver_name></t>",
        f"<t><receiver_name><![CDATA[{WHO}",
        f'<t><receiver_name type="string">{WHO}</receiver_name></t>',
        f'<t><arg name="buyer_nick">{WHO}</arg></t>',
        f'<trade buyer_nick="{WHO}" tid="1"/>',
        f'<receiver name="{WHO}"/>',
        f"<receiver><name>{WHO}</name></receiver>",
        f'<buyer_nicks list="true"><string>{WHO}</string></buyer_nicks>',
        f"<a:receiver_name>{WHO}</a:receiver_name>",
        f"<content>{{&quot;buyer_nick&quot;:&quot;{WHO}&quot;}}</content>",
        f'<content><![CDATA[{{"buyer_nick":"{WHO}"}}]]></content>',
        f"<t><receiver_name>{WHO}</recei",
        f"<t><!-- buyer_nick={WHO} --></t>",
        f"<receiver_name>\n {WHO}\n</receiver_name>",
        f"<trade_rate><nick>{WHO}</nick></trade_rate>",
    ],
)
def test_a_buyer_is_found_in_every_form_of_xml(text: str) -> None:
    hidden = hide_xml(text)

    assert WHO not in hidden
    assert DOTS in hidden


@pytest.mark.parametrize(
    "kept",
    [
        {"num_iid": "13812345678", "num_iids": "13812345678,15912345678"},
        {"title": "[清仓] 连衣裙 颜色:红色; 尺码=M"},
        {"sku_properties": '{"1627207": 28341,  "x": "a"}'},
        {"desc": "<p class='a'>纯棉 &amp; 舒适<br/>面料=棉</p>"},
        {"props": "20000:3275069;1627207:28341"},
    ],
)
def test_what_is_no_secret_stays_to_the_letter(kept: dict[str, str]) -> None:
    """An item's id of eleven digits is no telephone, and JSON with nothing to hide keeps its blanks."""
    assert hide(kept) == kept


@pytest.mark.parametrize("text", ["<!--", "<a ", "<![CDATA[", "[", '{"', 'x="', '\\"', "<a>", "a_"])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()

    hide(text * 5000)

    assert time.process_time() - began < 5


@given(st.text(alphabet='<>/&;"\\=[]{}: a%7B_!-?CDATbuyer'))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(hide_xml(text), str)


def test_what_lies_too_deep_is_hidden_whole() -> None:
    value: object = WHO
    for _ in range(500):
        value = [value]

    assert WHO not in str(hide(value))
