"""Where parcels go: oaids are opened for their own trades only, put together, and receivers are found by name or number."""

from typing import Any

import msgspec
import pytest

from onshelf.sandbox.launch import ask, control, in_process
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

ITEM = 11223344


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def bought(sandbox: Sandbox, buyer: int = 1) -> Json:
    """Lets a buyer buy and pay; returns the trade's tid and oaid."""
    order = {"action": "buy", "num_iid": ITEM, "buyer": buyer}
    tid = (await control(sandbox, "buyer", order))["tid"]
    await control(sandbox, "buyer", {"action": "pay", "tid": tid})
    return await addressee(sandbox, tid)


async def addressee(sandbox: Sandbox, tid: str) -> Json:
    fields = {"fields": "tid,oaid", "include_oaid": "true"}
    trade: Json = (await ask(sandbox, "taobao.trade.fullinfo.get", tid=tid, **fields))["trade"]
    return trade


async def opened(sandbox: Sandbox, *asked: Json) -> list[Json]:
    reply = await ask(sandbox, "taobao.top.oaid.decrypt", query_list=text(asked))
    rows: list[Json] = reply["receiver_list"]["receiver"]
    return rows


async def merged(sandbox: Sandbox, *asked: Json) -> Json:
    return await ask(sandbox, "taobao.top.oaid.merge", merge_list=text(asked))


async def found(sandbox: Sandbox, *people: Json, **more: Any) -> Json:
    return await ask(sandbox, "taobao.trades.sold.query", query_list=text(people), scene="1001", **more)


async def test_an_oaid_is_opened_for_its_own_trade_only(sandbox: Sandbox) -> None:
    own, other = await bought(sandbox), await bought(sandbox, 2)

    mine, theirs = await opened(sandbox, own, {**own, "tid": other["tid"]})

    assert mine["matched"]
    assert "*" not in mine["name"] + mine["mobile"] + mine["address_detail"]
    assert (theirs["matched"], "name" in theirs) == (False, False)


async def test_a_program_of_the_sellers_machine_gets_the_same_by_order_id(sandbox: Sandbox) -> None:
    own = await bought(sandbox)

    reply = await ask(sandbox, "taobao.top.oaid.client.decrypt", sec_once_token="t", query_list=text([own]))
    (row,) = reply["receiver_list"]["receiver"]
    (known,) = await opened(sandbox, own)

    assert row.pop("order_id") == known.pop("tid") == own["tid"]
    assert row == known


async def test_a_changed_address_has_an_oaid_of_its_own(sandbox: Sandbox) -> None:
    before = await bought(sandbox)
    await ask(sandbox, "taobao.trade.shippingaddress.update", tid=before["tid"], receiver_address="学府路2号")

    after = await addressee(sandbox, before["tid"])
    old, new = await opened(sandbox, before, after)

    assert (old["matched"], new["matched"], new["address_detail"]) == (False, True, "学府路2号")


async def test_trades_that_go_to_one_receiver_stand_in_one_text(sandbox: Sandbox) -> None:
    first, other, second = await bought(sandbox), await bought(sandbox, 2), await bought(sandbox)

    groups = (await merged(sandbox, first, other, second))["tid_list"]["string"]

    assert groups == [f"{first['tid']},{second['tid']}", other["tid"]]


async def test_an_oaid_of_another_trade_is_not_merged(sandbox: Sandbox) -> None:
    first, other = await bought(sandbox), await bought(sandbox, 2)

    refusal = await merged(sandbox, first, {**first, "tid": other["tid"]})

    assert refusal["sub_code"] == "isv.invalid-parameter:oaid"


async def test_more_than_a_hundred_are_not_merged_at_once(sandbox: Sandbox) -> None:
    own = await bought(sandbox)

    refusal = await merged(sandbox, *[own] * 101)

    assert refusal["sub_code"] == "isv.invalid-parameter:merge_list"


async def test_trades_are_found_by_who_receives_them(sandbox: Sandbox) -> None:
    first, other, second = await bought(sandbox), await bought(sandbox, 2), await bought(sandbox)
    (known,) = await opened(sandbox, first)
    (stranger,) = await opened(sandbox, other)
    by_name, by_both = {"receiver_name": known["name"]}, {"receiver_mobile": known["mobile"]}
    wrong = {**by_name, "receiver_mobile": stranger["mobile"]}

    assert (await found(sandbox, by_name))["tid_list"]["string"] == [second["tid"], first["tid"]]
    assert (await found(sandbox, {**by_name, **by_both}))["tid_list"]["string"] == [
        second["tid"],
        first["tid"],
    ]
    either = (await found(sandbox, by_name, {"receiver_mobile": stranger["mobile"]}))["tid_list"]["string"]
    assert set(either) == {first["tid"], other["tid"], second["tid"]}
    assert "tid_list" not in await found(sandbox, wrong)


async def test_a_receiver_is_asked_for_within_a_time(sandbox: Sandbox) -> None:
    own = await bought(sandbox)
    name = (await opened(sandbox, own))[0]["name"]

    later = await found(sandbox, {"receiver_name": name, "start_created": "2099-01-01 00:00:00"})
    exchanges = await found(sandbox, {"receiver_name": name}, order_type=3)

    assert "tid_list" not in later
    assert "tid_list" not in exchanges


async def test_nobody_is_no_receiver(sandbox: Sandbox) -> None:
    refusal = await found(sandbox, {"start_created": "2026-01-01 00:00:00"})

    assert refusal["sub_code"] == "isv.invalid-parameter:query_list"
