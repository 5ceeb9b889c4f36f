"""Signatures against published and captured vectors. Source: top-protocol sections 2.2, 2.3, 2.4 and 6.3."""

import pytest

from onshelf.platforms.top.protocol import sign

SECRET = "helloworld"
BASE = {
    "method": "taobao.item.seller.get",
    "app_key": "12345678",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "fields": "num_iid,title,nick,price,num",
    "num_iid": "11223344",
}
ORDER = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"}
BLANKS = {
    "method": "taobao.item.update",
    "app_key": "12345678",
    "session": "",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "num_iid": "11223344",
    "title": "连衣裙 春季&新款=+%",
    "desc": "  ",
}
BATCH = {
    "v": "2.0",
    "app_key": "12345678",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "session": "test",
    "partner_id": "top-sdk-java-20170704",
}
BATCH_BODY = "\r\n-S-\r\n".join(
    f"method=taobao.item.seller.get&fields=num_iid%2Ctitle&num_iid={number}" for number in (1, 2)
)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "66987CB115214E59E6EC978214934FB8"),
        ("hmac", "D56D7858309C31B6251083A874D48273"),
        ("hmac-sha256", "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"),
    ],
)
def test_the_documented_request_signs_as_documented(method: str, expected: str) -> None:
    assert sign({**BASE, "sign_method": method}, SECRET, method) == expected


@pytest.mark.parametrize(
    ("secret", "method", "expected"),
    [
        ("helloworld", "md5", "5AAF1C690262A24768F5478B084C2C8A"),
        ("helloworld", "hmac", "E687005F819D6F9E6ED085311C8ACC75"),
        ("helloworld", "hmac-sha256", "339676BF36C50A8BD3D8F6B4A81B2F9AA614B05BFCFEBEFC169CB830D6B77D3B"),
        ("helloworld", "", "BB36180104603266E48A1493F2D37D8F"),
        ("secret", "md5", "4B4AC0F2D69BA521FFDE55A2BBEE3025"),
        ("secret", "hmac", "26C775E5D0EB124C248184BFA79CA514"),
        ("secret", "hmac-sha256", "1C52CEB1EDD0E67254A35412A976973A383608B65620DDEB0D2469F8370F3ADE"),
        ("secret", "", "D8514397A7CCA0ACC37D31DE6506FB66"),
    ],
)
def test_names_are_sorted_by_code_point(secret: str, method: str, expected: str) -> None:
    assert sign(ORDER, secret, method) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "58F12A8491D7EE697037A498AD8DA9BB"),
        ("hmac", "7A950CED2DC608CDF8C335A4E8D49ED7"),
        ("hmac-sha256", "FE167FAE21C3CCCD183D384C28384B331D68FF508877E2B5D85AE1D77260479F"),
    ],
)
def test_chinese_is_signed_as_utf8_and_blank_values_are_left_out(method: str, expected: str) -> None:
    assert sign({**BLANKS, "sign_method": method}, SECRET, method) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "113C2170F57A058EFD8DC05411E5886C"),
        ("hmac", "5B66FDE3D62FA82D7C3A3D0DDE41E88F"),
        ("hmac-sha256", "FEC03DF1223D934216A95C77C7C56E33EBB820C32997F9CD2A70707C42711B16"),
    ],
)
def test_the_body_of_a_batch_follows_its_parameters(method: str, expected: str) -> None:
    assert len(BATCH_BODY) == 131
    assert sign({**BATCH, "sign_method": method}, SECRET, method, BATCH_BODY) == expected


def test_a_millisecond_timestamp_signs_like_any_value() -> None:
    params = {
        "format": "json",
        "app_key": "12345678",
        "sign_method": "md5",
        "v": "2.0",
        "timestamp": "1451620800000",
        "partner_id": "taobao-sdk-python-20180413",
        "method": "taobao.time.get",
    }

    assert sign(params, SECRET, "md5") == "C5841B0D4455F8E67A33027CF18D5905"


def test_a_callback_of_the_platform_is_verified_over_headers_query_and_body() -> None:
    params = {
        "app_key": "12345678",
        "method": "qimen.demo.order.push",
        "timestamp": "2016-01-01 12:00:00",
        "v": "2.0",
        "sign_method": "md5",
        "x-top-uid": "1001",
    }

    signed = sign(params, SECRET, "md5", '{"orderId":"A1","title":"测试"}')

    assert signed == "67301453A79BF65AC70EA4C714DEA2FE"


def test_the_push_socket_signs_its_three_parameters() -> None:
    params = {"app_key": "12345678", "group_name": "default", "timestamp": "1451620800000"}

    assert sign(params, SECRET, "md5") == "2E03D1348D7B65A366F8DB4BD1435983"


def test_an_earlier_sign_does_not_enter_the_signature() -> None:
    assert sign({**ORDER, "sign": "X"}, SECRET, "md5") == sign(ORDER, SECRET, "md5")


def test_an_unknown_sign_method_is_named() -> None:
    with pytest.raises(ValueError, match="sha1"):
        sign(ORDER, SECRET, "sha1")
