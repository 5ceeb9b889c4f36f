"""Several calls in one request: signed with their body, answered part by part, or refused as one.

Source: top-protocol.md 1.6 and 2.3.
"""

from urllib.parse import urlencode

import msgspec
import pytest

from onshelf.sandbox.launch import control, in_process, request, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import sign

NEW_YEAR = "2016-01-01 12:00:00"


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


async def of_2016() -> Sandbox:
    """A sandbox on the day of the published vectors."""
    sandbox = in_process()
    sandbox.clock.pause()
    await control(sandbox, "clock", {"set": NEW_YEAR})
    return sandbox


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "113C2170F57A058EFD8DC05411E5886C"),
        ("hmac", "5B66FDE3D62FA82D7C3A3D0DDE41E88F"),
        ("hmac-sha256", "FEC03DF1223D934216A95C77C7C56E33EBB820C32997F9CD2A70707C42711B16"),
    ],
)
async def test_the_batch_vector_is_answered_call_by_call(method: str, expected: str) -> None:
    sandbox = await of_2016()
    query = {
        "v": "2.0",
        "app_key": "12345678",
        "timestamp": NEW_YEAR,
        "format": "json",
        "session": "test",
        "partner_id": "top-sdk-java-20170704",
        "sign_method": method,
        "sign": expected,
    }
    calls = [f"method=taobao.item.seller.get&fields=num_iid%2Ctitle&num_iid={number}" for number in (1, 2)]

    url = f"/router/batch?{urlencode(query)}"
    _, _, reply = await request(
        sandbox, "POST", url, "\r\n-S-\r\n".join(calls).encode(), {"content-type": "text/plain"}
    )

    answers = [msgspec.json.decode(part) for part in reply.split(b"\r\n-S-\r\n")]
    assert [one["error_response"]["sub_code"] for one in answers] == [
        "isv.item-get-service-error:ITEM_NOT_FOUND"
    ] * 2


async def test_a_batch_shares_its_public_block_and_takes_another_separator(sandbox: Sandbox) -> None:
    body = "#PUBLIC#method=taobao.time.get||N||N"
    query = {name: value for name, value in signed(sandbox, "", {}).items() if name not in ("method", "sign")}
    query["sign"] = sign(query.items(), "helloworld", "hmac-sha256", body)

    url = f"/router/batch?{urlencode(query)}"
    _, _, reply = await request(sandbox, "POST", url, body.encode(), {"top-api-separator": "||"})

    assert [list(msgspec.json.decode(part)) for part in reply.split(b"||")] == [["time_get_response"]] * 2


def batch_of(
    sandbox: Sandbox, body: bytes, separator: str = "", **own: str
) -> tuple[str, bytes, dict[str, str]]:
    """Returns address, body and headers of a signed batch."""
    given = {name: one for name, one in signed(sandbox, "", own).items() if name not in ("method", "sign")}
    given["sign"] = sign(given.items(), "helloworld", "hmac-sha256", body.decode("utf-8", "replace"))
    return f"/router/batch?{urlencode(given)}", body, {"top-api-separator": separator} if separator else {}


ONE = b"method=taobao.time.get"
BETWEEN = b"\r\n-S-\r\n"


async def test_a_batch_of_more_than_twenty_is_refused_whole_and_none_of_it_is_done(sandbox: Sandbox) -> None:
    twenty = await request(sandbox, "POST", *batch_of(sandbox, BETWEEN.join([ONE] * 20)))
    more = await request(sandbox, "POST", *batch_of(sandbox, BETWEEN.join([ONE] * 21)))

    assert twenty[2].count(b"time_get_response") == 20
    error = msgspec.json.decode(more[2])["error_response"]
    assert (error["code"], error["msg"]) == (41, "Invalid arguments:batch")
    assert error["sub_msg"] == "一次最多 20 个调用，收到 21 个"
    assert (await control(sandbox, "stats"))["by_method"] == {"taobao.time.get": 20}


async def test_how_many_calls_a_batch_may_hold_can_be_switched(sandbox: Sandbox) -> None:
    await control(sandbox, "policy", {"batch_calls": 0})

    _, _, reply = await request(sandbox, "POST", *batch_of(sandbox, BETWEEN.join([ONE] * 50)))

    assert reply.count(b"time_get_response") == 50


async def test_a_batch_answers_each_call_in_its_own_right(sandbox: Sandbox) -> None:
    """A part that is wrong spoils no other; XML as JSON; the separator may be any text."""
    parts = [ONE, b"", b"method=no.such", b"method=taobao.time.get&q=%C4%FA", b"N", ONE]

    _, _, reply = await request(
        sandbox, "POST", *batch_of(sandbox, "（分）".encode().join(parts), "（分）", format="xml")
    )

    answers = reply.decode().split("（分）")
    assert [answer.partition("<code>")[2][:2] for answer in answers] == ["", "21", "22", "47", "21", ""]
    assert all(answer.endswith("<!--sandbox.onshelf-->") for answer in answers)


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [("GET", ONE, 9), ("POST", b"#PUBLIC#method=taobao.time.get", 21), ("POST", b"title=\xc4\xfa", 47)],
)
async def test_a_batch_that_holds_no_calls_is_one_error(
    sandbox: Sandbox, verb: str, body: bytes, code: int
) -> None:
    _, _, reply = await request(sandbox, verb, *batch_of(sandbox, body))

    assert msgspec.json.decode(reply)["error_response"]["code"] == code


async def test_a_lost_gateway_loses_the_whole_batch(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "http_5xx", "method": "taobao.time.get", "at": [2]})

    status, _, _ = await request(sandbox, "POST", *batch_of(sandbox, BETWEEN.join([ONE] * 3)))

    assert status == 502
