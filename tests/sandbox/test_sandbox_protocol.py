"""The gateway in process: published signatures, order of errors, formats, batch; what any client may rely on."""

import asyncio
import zlib
from urllib.parse import urlencode

import msgspec
import pytest

from onshelf.sandbox.arguments import catalogue
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.server import Sandbox

NEW_YEAR = "2016-01-01 12:00:00"
DOCUMENTED = {
    "method": "taobao.item.seller.get",
    "app_key": "12345678",
    "session": "test",
    "timestamp": NEW_YEAR,
    "format": "json",
    "v": "2.0",
    "fields": "num_iid,title,nick,price,num",
    "num_iid": "11223344",
}


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


async def of_2016() -> Sandbox:
    """A sandbox on the day of the published vectors."""
    sandbox = in_process()
    sandbox.clock.pause()
    await control(sandbox, "clock", {"set": NEW_YEAR})
    return sandbox


async def send(sandbox: Sandbox, fields: dict[str, str], **headers: str) -> bytes:
    body = urlencode(fields).encode()
    return (await request(sandbox, "POST", "/router/rest", body, headers))[2]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "66987CB115214E59E6EC978214934FB8"),
        ("hmac", "D56D7858309C31B6251083A874D48273"),
        ("hmac-sha256", "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"),
    ],
)
async def test_the_documented_call_with_its_documented_signature_is_answered(
    method: str, expected: str
) -> None:
    """Source: top-protocol.md 2.2, V1 to V3."""
    sandbox = await of_2016()

    reply = await send(sandbox, {**DOCUMENTED, "sign_method": method, "sign": expected})

    item = msgspec.json.decode(reply)["item_seller_get_response"]["item"]
    assert list(item) == ["nick", "num", "num_iid", "price", "title"]
    assert item["num_iid"] == 11223344


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "58F12A8491D7EE697037A498AD8DA9BB"),
        ("hmac", "7A950CED2DC608CDF8C335A4E8D49ED7"),
        ("hmac-sha256", "FE167FAE21C3CCCD183D384C28384B331D68FF508877E2B5D85AE1D77260479F"),
    ],
)
async def test_the_utf8_vector_passes_the_signature_and_lacks_only_its_session(
    method: str, expected: str
) -> None:
    sandbox = await of_2016()
    fields = {
        **DOCUMENTED,
        "method": "taobao.item.update",
        "session": "",
        "title": "连衣裙 春季&新款=+%",
        "desc": "  ",
    }
    del fields["fields"]

    reply = await send(sandbox, {**fields, "sign_method": method, "sign": expected})

    assert msgspec.json.decode(reply)["error_response"]["code"] == 26


async def test_the_python_sdk_vector_with_milliseconds_is_answered() -> None:
    sandbox = await of_2016()
    fields = {
        "format": "json",
        "app_key": "12345678",
        "sign_method": "md5",
        "v": "2.0",
        "timestamp": "1451620800000",
        "partner_id": "taobao-sdk-python-20180413",
        "method": "taobao.time.get",
        "sign": "C5841B0D4455F8E67A33027CF18D5905",
    }

    reply = await send(sandbox, fields)

    assert msgspec.json.decode(reply)["time_get_response"]["time"] == NEW_YEAR


GOOD = {"method": "taobao.item.seller.get", "fields": "title", "num_iid": "11223344"}


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"method": "", "app_key": ""}, 21, "Missing method"),
        ({"app_key": "", "v": ""}, 28, "Missing app key"),
        ({"app_key": "1", "v": ""}, 29, "Invalid app Key"),
        ({"v": "", "format": "csv"}, 32, "Missing version"),
        ({"v": "two", "format": "csv"}, 33, "Invalid version"),
        ({"v": "1.0", "format": "csv"}, 34, "Unsupported version"),
        ({"format": "csv", "timestamp": ""}, 23, "Invalid format"),
        ({"timestamp": "", "sign": ""}, 30, "Missing timestamp"),
        ({"timestamp": "2016-01-01 12:00:00", "sign": ""}, 31, "Invalid timestamp"),
        ({"timestamp": "1451620800", "sign": ""}, 31, "Invalid timestamp"),
        ({"sign": ""}, 24, "Missing signature"),
        ({"sign_method": "sha1", "method": "no.such.method"}, 25, "Invalid signature"),
        ({"sign_method": "MD5", "method": "no.such.method"}, 25, "Invalid signature"),
        ({"sign": "0" * 32, "method": "no.such.method"}, 25, "Invalid signature"),
        ({"method": "no.such.method", "session": ""}, 22, "Invalid method"),
        ({"session": "", "num_iid": ""}, 26, "Missing session"),
        ({"session": "nobody", "num_iid": ""}, 27, "Invalid session"),
        ({"num_iid": "", "fields": ""}, 40, "Missing required arguments:fields"),
        ({"num_iid": "x"}, 41, "Invalid arguments:num_iid"),
        ({"num_iid": "5"}, 15, "Remote service error"),
    ],
)
async def test_the_first_thing_wrong_is_the_one_named(
    sandbox: Sandbox, change: dict[str, str], code: int, text: str
) -> None:
    """Each case but the last breaks a later rule too. Source: top-protocol.md 9."""
    fields = signed(
        sandbox, GOOD["method"], {**GOOD, **{name: value for name, value in change.items() if name != "sign"}}
    )
    fields |= {name: value for name, value in change.items() if name == "sign"}

    reply = await send(sandbox, fields)

    error = b"<error_response>" in reply or msgspec.json.decode(reply)["error_response"]
    if error is True:
        assert f"<code>{code}</code><msg>{text}</msg>".encode() in reply
    else:
        assert (error["code"], error["msg"]) == (code, text)


async def test_after_the_signature_come_verb_flow_permission_session_and_arguments(sandbox: Sandbox) -> None:
    """Each stands before all that follow it; mending one after the other shows the next. Source: top-protocol.md 9."""
    upload = "taobao.picture.upload"
    await control(sandbox, "quota", {"method": upload, "per_minute": 0})
    app = {"app_key": "12345678", "app_secret": "helloworld"}
    await control(sandbox, "apps", {**app, "denied": [upload]})

    async def code(verb: str, **own: str) -> int:
        query = urlencode(signed(sandbox, upload, own))
        reply = msgspec.json.decode((await request(sandbox, verb, f"/router/rest?{query}"))[2])
        return int(reply["error_response"]["code"])

    found = [await code("GET", session=""), await code("POST", session="")]
    await control(sandbox, "quota", verb="DELETE")
    found.append(await code("POST", session=""))
    await control(sandbox, "apps", {**app, "denied": []})
    found += [await code("POST", session=""), await code("POST", session="nobody"), await code("POST")]

    assert found == [9, 7, 11, 26, 27, 40]


@pytest.mark.parametrize("seconds", [-600, 600, -601, 601])
async def test_a_timestamp_may_be_ten_minutes_off_either_way_in_both_forms(
    sandbox: Sandbox, seconds: int
) -> None:
    sandbox.clock.pause()
    await control(sandbox, "clock", {"set": NEW_YEAR})
    at = int(sandbox.clock.now()) + seconds

    replies = [
        await send(sandbox, signed(sandbox, "taobao.time.get", {"timestamp": stamp}))
        for stamp in (str(at * 1000), wire_time(at))
    ]

    assert [b'"code":31' in reply for reply in replies] == [abs(seconds) > 600] * 2


async def test_an_error_has_its_request_id_last(sandbox: Sandbox) -> None:
    error = await ask(sandbox, "no.such.method")

    assert list(error) == ["code", "msg", "request_id"]


async def test_without_a_format_the_answer_is_xml_with_the_serving_host_after_it(sandbox: Sandbox) -> None:
    fields = signed(sandbox, "taobao.time.get", {"format": "xml"})

    _, headers, reply = await request(sandbox, "POST", "/router/rest", urlencode(fields).encode())

    assert headers["content-type"] == "text/xml;charset=UTF-8"
    assert reply.startswith(b'<?xml version="1.0" encoding="utf-8" ?><time_get_response><time>')
    assert reply.endswith(b"</time_get_response><!--sandbox.onshelf-->")


async def test_parameters_may_be_split_between_query_and_body(sandbox: Sandbox) -> None:
    fields = signed(sandbox, GOOD["method"], GOOD)
    body = {name: fields.pop(name) for name in ("num_iid", "fields")}

    _, _, reply = await request(
        sandbox, "POST", f"/router/rest?{urlencode(fields)}", urlencode(body).encode()
    )

    assert reply.startswith(b'{"item_seller_get_response":{"item":{"title":')


async def test_a_plain_read_may_come_by_get_and_an_upload_may_not(sandbox: Sandbox) -> None:
    read = urlencode(signed(sandbox, GOOD["method"], GOOD))
    upload = urlencode(
        signed(sandbox, "taobao.picture.upload", {"picture_category_id": 0, "image_input_title": "a"})
    )

    _, _, answered = await request(sandbox, "GET", f"/router/rest?{read}")
    _, _, refused = await request(sandbox, "GET", f"/router/rest?{upload}")

    assert b"item_seller_get_response" in answered
    assert b'"code":9' in refused


async def test_simplify_drops_the_wrapper_but_errors_keep_theirs(sandbox: Sandbox) -> None:
    good = msgspec.json.decode(
        await send(sandbox, signed(sandbox, GOOD["method"], {**GOOD, "simplify": "true"}))
    )
    bad = msgspec.json.decode(
        await send(sandbox, signed(sandbox, GOOD["method"], {**GOOD, "num_iid": 5, "simplify": "true"}))
    )

    assert list(good) == ["item", "request_id"]
    assert list(bad) == ["error_response"]


async def test_a_large_answer_is_compressed_when_asked_and_a_small_one_is_not(sandbox: Sandbox) -> None:
    large = urlencode(signed(sandbox, "taobao.itemcats.get", {"parent_cid": 0})).encode()
    small = urlencode(signed(sandbox, "taobao.time.get", {})).encode()
    wish = {"accept-encoding": "gzip"}

    _, packed, body = await request(sandbox, "POST", "/router/rest", large, wish)
    _, plain, _ = await request(sandbox, "POST", "/router/rest", small, wish)

    assert packed["content-encoding"] == "gzip"
    assert b"itemcats_get_response" in zlib.decompress(body, 31)
    assert "content-encoding" not in plain


async def test_text_that_is_not_utf8_is_named_in_the_form_asked_for(sandbox: Sandbox) -> None:
    _, _, plain = await request(sandbox, "POST", "/router/rest", b"title=%C4%FA")
    _, _, asked = await request(sandbox, "POST", "/router/rest?format=json&v=2.0", b"title=%C4%FA")

    assert b"<code>47</code>" in plain
    assert asked.startswith(b'{"error_response":{"code":47,')


async def test_a_blank_format_is_none(sandbox: Sandbox) -> None:
    reply = await send(sandbox, signed(sandbox, "taobao.time.get", {"format": ""}))

    assert b"<time_get_response>" in reply


async def test_every_method_answers_something_of_the_right_root(sandbox: Sandbox) -> None:
    """Methods without behaviour check their arguments and answer empty."""
    for name, method in catalogue().items():
        reply = msgspec.json.decode(await send(sandbox, signed(sandbox, name, {})))

        (root,) = reply
        assert root in (method.root, "error_response"), name
        if root == "error_response":
            assert reply[root]["code"] in (15, 40), (name, reply)


async def test_an_app_without_the_package_is_told_so(sandbox: Sandbox) -> None:
    await control(
        sandbox, "apps", {"app_key": "12345678", "app_secret": "helloworld", "denied": ["taobao.item.*"]}
    )

    error = await ask(sandbox, GOOD["method"], **GOOD)

    assert (error["code"], error["sub_code"]) == (11, "isv.permission-api-package-limit")


async def test_a_session_of_another_app_is_refused(sandbox: Sandbox) -> None:
    await control(sandbox, "apps", {"app_key": "87654321", "app_secret": "helloworld"})

    error = await ask(sandbox, GOOD["method"], **GOOD, app_key="87654321")

    assert error["sub_code"] == "sessionkey-not-generated-by-server"
    assert "不属于" in error["sub_msg"]


async def test_a_session_dies_by_the_clock(sandbox: Sandbox) -> None:
    await control(sandbox, "sessions", {"session": "test", "expires_in": 60})
    await control(sandbox, "clock", {"jump_s": 60})

    error = await ask(sandbox, GOOD["method"], **GOOD)

    assert (error["code"], error["sub_code"]) == (27, "invalid-sessionkey")


async def test_a_lapsed_write_tier_stops_writes_only(sandbox: Sandbox) -> None:
    await control(sandbox, "sessions", {"session": "test", "tiers": {"w1": 0}})

    write = await ask(sandbox, "taobao.item.delete", num_iid=11223344)
    read = await ask(sandbox, GOOD["method"], **GOOD)

    assert write["sub_code"] == "isv.w1-security-authorize-invalid"
    assert "item" in read


async def test_a_lapsed_high_risk_tier_stops_what_the_policy_calls_so(sandbox: Sandbox) -> None:
    await control(sandbox, "sessions", {"session": "test", "tiers": {"r2": 0, "w2": 0}})
    before = await ask(sandbox, GOOD["method"], **GOOD)
    await control(sandbox, "policy", {"high_risk": ["taobao.item.seller.*", "taobao.item.delete"]})

    read = await ask(sandbox, GOOD["method"], **GOOD)
    write = await ask(sandbox, "taobao.item.delete", num_iid=11223344)
    other = await ask(sandbox, "taobao.user.seller.get", fields="nick")

    assert (read["code"], read["msg"]) == (42, "Insufficient session permissions")
    assert write["code"] == 42
    assert "item" in before
    assert "user" in other


async def test_quota_counts_what_arrives_and_a_refusal_is_counted_as_one(sandbox: Sandbox) -> None:
    await control(sandbox, "quota", {"per_minute": 3})

    replies = await asyncio.gather(*(ask(sandbox, "taobao.time.get") for _ in range(5)))

    stats = await control(sandbox, "stats")
    assert sum("time" in one for one in replies) == 3
    assert stats["calls"] == 5
    assert stats["refusals"] == {"7": 2}
