"""Controls used wrongly: each wrong value is one clear refusal that names its field, and changes nothing."""

from typing import Any

import msgspec
import pytest

from onshelf.sandbox.launch import control, in_process, request
from onshelf.sandbox.server import Sandbox

ITEM = 11223344


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


@pytest.mark.parametrize(
    ("path", "order", "field"),
    [
        ("faults", {"kind": "isp", "share": 1.1}, "share"),
        ("faults", {"kind": "isp", "share": -0.1}, "share"),
        ("faults", {"kind": "isp", "count": 0}, "count"),
        ("faults", {"kind": "isp", "at": 0}, "at"),
        ("faults", {"kind": "isp", "at": []}, "at"),
        ("faults", {"kind": "isp", "at": [1, 0]}, "at[1]"),
        ("faults", {"kind": "isp", "every": -1}, "every"),
        ("faults", {"kind": "isp", "every": 5, "lasts": -5}, "lasts"),
        ("faults", {"kind": "delay", "seconds": -1}, "seconds"),
        ("faults", {"kind": "delay", "seconds": 1e300}, "seconds"),
        ("faults", {"kind": "http_5xx", "status": 200}, "status"),
        ("faults", {"kind": "shift_page", "rows": 10**9}, "rows"),
        ("faults", {"kind": "degrade", "fields": "desc"}, "fields"),
        ("faults", {"kind": "none"}, "kind"),
        ("faults", {"kind": "isp", "colour": "red"}, "colour"),
        ("quota", {"per_second": -1}, "per_second"),
        ("quota", {"per_day": 1, "ban_s": -1}, "ban_s"),
        ("sessions", {"expires_in": -1}, "expires_in"),
        ("sessions", {"expires_in": 1e300}, "expires_in"),
        ("sessions", {"tiers": {"q9": 5}}, "tiers"),
        ("shops", {"nick": ""}, "nick"),
        ("shops", {"nick": "a", "kind": "Z"}, "kind"),
        ("apps", {"app_key": "", "app_secret": "s"}, "app_key"),
        ("apps", {"app_key": "1", "app_secret": ""}, "app_secret"),
        ("market", {"trades_per_minute": 1e9}, "trades_per_minute"),
        ("market", {"ship_after_s": 1e300}, "ship_after_s"),
        ("messages", {"topic": ""}, "topic"),
        ("messages", {"topic": "a", "count": 2_000_000}, "count"),
        ("messages/service", {"redeliver_s": 1e-9}, "redeliver_s"),
        ("messages/service", {"retain_s": -1}, "retain_s"),
        ("barrier", {"method": "taobao.item.add", "at": "lunch"}, "at"),
        ("buyer", {"action": "buy", "num_iid": ITEM, "buyer": "abc"}, "buyer"),
        ("buyer", {"action": "buy", "num_iid": ITEM, "num": "3"}, "num"),
        ("buyer", {"action": "rate", "tid": 1, "result": "great"}, "result"),
        ("clock", {"jump_s": "5"}, "jump_s"),
        ("clock", {"jump_s": -5}, "jump_s"),
        ("clock", {"set": "2026-13-01 00:00:00"}, "set"),
    ],
)
async def test_a_wrong_value_is_refused_by_its_field(
    sandbox: Sandbox, path: str, order: dict[str, Any], field: str
) -> None:
    status, _, body = await request(sandbox, "POST", f"/_sandbox/{path}", msgspec.json.encode(order))

    refused = msgspec.json.decode(body)
    assert (status, refused["field"]) == (400, field)
    assert refused["error"].startswith(f"{refused['field']}: ")
    assert await control(sandbox, "faults") == await control(sandbox, "quota") == []


@pytest.mark.parametrize("path", ["buyer", "seller", "faults", "clock", "sessions", "messages"])
@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b"{", b'"\xff"', b"[" * 100_000])
async def test_what_is_no_object_is_refused_as_the_body(sandbox: Sandbox, path: str, body: bytes) -> None:
    status, _, answer = await request(sandbox, "POST", f"/_sandbox/{path}", body)

    assert (status, msgspec.json.decode(answer)["field"]) == (400, "body")


async def test_a_text_that_is_not_utf8_is_refused(sandbox: Sandbox) -> None:
    status, _, _ = await request(sandbox, "POST", "/_sandbox/buyer", b'{"action": "\xff"}')

    assert status == 400
