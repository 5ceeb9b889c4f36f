"""The sandbox keeps its last calls with what came of them, and explains their signatures."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from onshelf.sandbox.calls import KEPT, LARGE_BYTES, LONG_VALUE
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import sign


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


async def send(sandbox: Sandbox, fields: dict[str, str]) -> None:
    await request(sandbox, "POST", "/router/rest", urlencode(fields).encode())


async def newest(sandbox: Sandbox) -> Any:
    (row,) = await control(sandbox, "calls?limit=1")
    return await control(sandbox, f"calls?id={row['request_id']}")


async def test_each_call_is_kept_with_what_came_of_it(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.time.get")
    await ask(sandbox, "taobao.item.seller.get", fields="title", num_iid=1)
    await control(sandbox, "faults", {"kind": "cut_after", "count": 1})
    with pytest.raises(ConnectionCut):
        await ask(sandbox, "taobao.time.get")
    await control(sandbox, "faults", {"kind": "http_5xx", "count": 1, "status": 503})
    await send(sandbox, signed(sandbox, "taobao.time.get", {}))

    rows = await control(sandbox, "calls")

    assert [(row["method"], row["outcome"], row["code"], row["faults"]) for row in reversed(rows)] == [
        ("taobao.time.get", "ok", 0, []),
        ("taobao.item.seller.get", "refused", 15, []),
        ("taobao.time.get", "cut", 0, ["cut_after"]),
        ("taobao.time.get", "broken", 0, ["http_5xx"]),
    ]
    assert rows[0]["status"] == 503


async def test_a_call_is_kept_with_its_answer_refusals_too(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.time.get")
    answered = await newest(sandbox)
    await ask(sandbox, "taobao.time.get", v="1.0")
    refused = await newest(sandbox)

    assert answered["reply"].startswith('{"time_get_response":{"time":')
    assert refused["reply"].startswith('{"error_response":{"code":34')
    assert refused["reply_bytes"] == len(refused["reply"])


async def test_calls_are_found_by_what_came_of_them(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.time.get")
    await ask(sandbox, "taobao.time.get", v="1.0")

    assert [row["code"] for row in await control(sandbox, "calls?outcome=refused")] == [34]
    assert len(await control(sandbox, "calls?method=taobao.time.get&limit=1")) == 1
    assert await control(sandbox, "calls?code=99") == []


async def test_older_calls_follow_the_one_named(sandbox: Sandbox) -> None:
    for _ in range(3):
        await ask(sandbox, "taobao.time.get")
    rows = await control(sandbox, "calls")

    older = await control(sandbox, f"calls?before={rows[0]['request_id']}")

    assert older == rows[1:]


async def test_only_the_last_calls_are_kept(sandbox: Sandbox) -> None:
    for _ in range(KEPT + 3):
        await ask(sandbox, "taobao.time.get")

    assert len(sandbox.gateway.calls) == KEPT


async def test_a_call_held_at_a_barrier_is_open(sandbox: Sandbox) -> None:
    barrier = await control(sandbox, "barrier", {"method": "taobao.time.get", "at": "before_work"})
    call = asyncio.create_task(ask(sandbox, "taobao.time.get"))
    await control(sandbox, f"barrier?wait=1&id={barrier['id']}")

    (row,) = await control(sandbox, "calls")
    await control(sandbox, "barrier/release", {})

    assert (row["outcome"], row["took_ms"]) == ("open", None)
    assert "time" in await call


async def test_a_call_signed_with_the_secret_of_another_app_is_explained(sandbox: Sandbox) -> None:
    await control(sandbox, "apps", {"app_key": "87654321", "app_secret": "0ther"})
    fields = signed(sandbox, "taobao.time.get", {})
    del fields["sign"]

    await send(sandbox, {**fields, "sign": sign(fields.items(), "0ther", "hmac-sha256")})

    call = await newest(sandbox)
    assert (call["code"], call["text"]["method"]) == (25, "taobao.time.get")
    assert call["signature"]["mistakes"] == [{"mistake": "secret.of", "detail": "87654321"}]


async def test_a_large_call_is_kept_short_but_its_signature_is_explained_from_the_whole(
    sandbox: Sandbox,
) -> None:
    fields = signed(sandbox, "taobao.time.get", {"note": "x" * LARGE_BYTES})

    await send(sandbox, {**fields, "sign": fields["sign"].lower()})

    call = await newest(sandbox)
    assert call["signature"]["mistakes"] == [{"mistake": "lower_case"}]
    assert len(call["text"]["note"]) < LONG_VALUE + 20
    assert len(call["signature"]["my_string"]) < LONG_VALUE + 20


async def test_a_callers_own_string_is_compared(sandbox: Sandbox) -> None:
    await send(sandbox, {**signed(sandbox, "taobao.time.get", {}), "sign": "0" * 64})
    call = await newest(sandbox)

    compared = await control(
        sandbox, "calls/compare", {"id": call["request_id"], "string": "app_key12345678format"}
    )

    assert compared["first_difference"]["at"] == len("app_key12345678format")
    assert compared["gives_sent"] is False


async def test_the_calls_of_a_batch_follow_it(sandbox: Sandbox) -> None:
    shared = {key: value for key, value in signed(sandbox, "x", {}).items() if key not in ("sign", "method")}
    body = "method=taobao.time.get\r\n-S-\r\nmethod=taobao.nothing"
    query = urlencode({**shared, "sign": sign(shared.items(), "helloworld", "hmac-sha256", body)})

    await request(sandbox, "POST", f"/router/batch?{query}", body.encode())

    rows = await control(sandbox, "calls")
    assert [(row["path"], row["method"], row["outcome"]) for row in rows] == [
        ("part", "taobao.nothing", "refused"),
        ("part", "taobao.time.get", "ok"),
        ("batch", "batch", "ok"),
    ]
    whole = await control(sandbox, f"calls?id={rows[2]['request_id']}")
    assert whole["signature"]["verdict"] == "right"
    assert (await control(sandbox, f"calls?id={rows[1]['request_id']}"))["signature"] is None


async def test_a_reset_and_a_delete_forget_the_calls(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.time.get")
    assert await control(sandbox, "calls", verb="DELETE") == {"removed": 1}
    await ask(sandbox, "taobao.time.get")
    await control(sandbox, "reset", {})

    assert await control(sandbox, "calls") == []


async def test_a_call_that_is_not_kept_is_refused_by_its_field(sandbox: Sandbox) -> None:
    assert (await control(sandbox, "calls?id=none"))["field"] == "id"
