"""House rules through the gateway: what is refused from the start, and what only when it is switched on."""

import struct
from typing import Any

import pytest

from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

ADD: Json = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.5",
    "location.state": "浙江",
    "location.city": "杭州",
    "outer_id": "A-1",
}


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


async def add(sandbox: Sandbox, **change: Any) -> Json:
    reply: Json = await ask(sandbox, "taobao.item.add", **{**ADD, **change})
    return reply


async def test_a_title_with_a_banned_word_is_refused_in_add_and_update(sandbox: Sandbox) -> None:
    added = await add(sandbox, title="全网最低价连衣裙")
    updated = await ask(sandbox, "taobao.item.update", num_iid=11223344, title="国家级连衣裙")

    assert added["sub_code"] == updated["sub_code"] == "isv.invalid-parameter:title"
    assert "全网最低价" in added["sub_msg"]


async def test_a_malformed_property_string_is_refused(sandbox: Sandbox) -> None:
    assert (await add(sandbox, props="20000"))["sub_code"] == "isv.invalid-parameter:props"


async def test_the_same_item_again_is_refused_only_when_told_so(sandbox: Sandbox) -> None:
    first = await add(sandbox)
    second = await add(sandbox)
    await control(sandbox, "policy", {"refuse_doubles": True})
    third = await add(sandbox)
    other = await add(sandbox, title="长裙")

    assert first["item"]["num_iid"] != second["item"]["num_iid"]
    assert third["sub_code"] == "isv.item-add-service-error:ITEM_REPEATED"
    assert "item" in other


async def test_a_closed_category_takes_no_item(sandbox: Sandbox) -> None:
    await control(sandbox, "policy", {"closed_categories": [16]})

    asked = await ask(sandbox, "taobao.item.permit.check", cid=50010850, type="fixed")

    assert (await add(sandbox))["sub_code"] == "isv.item-add-service-error:ERROR_PUBLISH_PERMISSION_INVALID"
    assert (asked["error"], asked["errorcode"]) == (True, "ERROR_PUBLISH_PERMISSION_INVALID")


async def test_invented_properties_are_asked_for_when_switched_on(sandbox: Sandbox) -> None:
    await control(sandbox, "policy", {"required_props": True})

    refusal = await add(sandbox)

    assert refusal["sub_code"] == "isv.item-add-service-error:ITEM_PROPERTIES_ERROR"
    assert "品牌" in refusal["sub_msg"]


async def test_a_full_picture_space_takes_no_picture(sandbox: Sandbox) -> None:
    await control(sandbox, "policy", {"space_bytes": 10})
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", 8, 8) + b"\0" * 8
    fields = signed(
        sandbox, "taobao.picture.upload", {"picture_category_id": 0, "image_input_title": "裙.png"}
    )
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    body = (
        parts.encode()
        + b'--B\r\nContent-Disposition: form-data; name="img"; filename="a.png"\r\n\r\n'
        + picture
        + b"\r\n--B--\r\n"
    )

    _, _, reply = await request(
        sandbox, "POST", "/router/rest", body, {"content-type": "multipart/form-data; boundary=B"}
    )

    assert b"PICTURE_SPACE_FULL" in reply
    used = await ask(sandbox, "taobao.picture.userinfo.get")
    assert used["request_id"]


async def test_a_snapshot_holds_the_house_rules(sandbox: Sandbox) -> None:
    await control(sandbox, "policy", {"refuse_doubles": True})
    saved = sandbox.snapshot()
    await control(sandbox, "reset", {})
    assert (await control(sandbox, "policy"))["refuse_doubles"] is False

    sandbox.restore(saved)

    assert (await control(sandbox, "policy"))["refuse_doubles"] is True


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"banned_words": "word"}, "banned_words"),
        ({"space_bytes": -1}, "space_bytes"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_rule_switched_wrongly_is_named(sandbox: Sandbox, order: Json, field: str) -> None:
    assert (await control(sandbox, "policy", order))["field"] == field
