"""Faults that a single broken answer does not show: pages that shift, days that degrade, sellers who act, and schedules."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import FakeClock
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import ask, control, in_process, request, running, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.spoil import shift_page
from onshelf.sandbox.timetable import Timetable

EVENING = datetime(2026, 11, 10, 15, 0, 0, tzinfo=UTC)  # 23:00 on the platform
HOUR = 3600
ADD = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(EVENING)


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    return in_process(clock)


async def add(sandbox: Sandbox, code: str) -> int:
    number: int = (await ask(sandbox, "taobao.item.add", **ADD, outer_id=code))["item"]["num_iid"]
    return number


async def listed(sandbox: Sandbox, page_no: int, size: int = 2) -> list[str]:
    reply = await ask(
        sandbox,
        "taobao.items.onsale.get",
        fields="outer_id",
        order_by="list_time:asc",
        page_no=page_no,
        page_size=size,
    )
    return [row["outer_id"] for row in reply.get("items", {}).get("item", ())]


async def codes(sandbox: Sandbox) -> list[str]:
    return [row["outer_id"] for row in await control(sandbox, "items") if row["outer_id"] != "SANDBOX-1"]


async def walk(sandbox: Sandbox) -> list[str]:
    return [code for page_no in range(1, 6) for code in await listed(sandbox, page_no)]


@pytest.mark.parametrize(
    ("rows", "seen"), [(1, ["SANDBOX-1", "A", "C", "D"]), (-1, ["SANDBOX-1", "A", "A", "B", "C", "D"])]
)
async def test_a_page_that_shifts_is_missed_or_seen_twice_at_its_edge(
    sandbox: Sandbox, clock: FakeClock, rows: int, seen: list[str]
) -> None:
    for code in "ABCD":
        clock.jump(1)
        await add(sandbox, code)
    whole = await walk(sandbox)
    await control(sandbox, "faults", {"kind": "shift_page", "rows": rows})

    shifted = await walk(sandbox)

    assert whole == ["SANDBOX-1", "A", "B", "C", "D"]
    assert shifted == seen


@given(st.lists(st.integers(), max_size=12), st.integers(1, 4), st.integers(2, 4), st.sampled_from((1, -1)))
def test_a_shift_moves_a_page_by_one_row_and_never_invents_one(
    rows: list[int], size: int, page_no: int, by: int
) -> None:
    def page(number: int) -> dict[str, Any]:
        found = rows[(number - 1) * size : number * size]
        return {"total_results": len(rows)} | ({"items": {"item": found}} if found else {})

    shifted = shift_page(page(page_no), by, size, lambda: page(page_no + by))

    start = (page_no - 1) * size + by
    expected = rows[start : start + size]
    assert shifted.get("items", {}).get("item", []) == expected
    assert shifted["total_results"] == len(rows)


async def test_a_degraded_day_leaves_out_the_heavy_fields_and_ends(
    sandbox: Sandbox, clock: FakeClock
) -> None:
    await control(
        sandbox,
        "faults",
        {"kind": "degrade", "fields": ["desc"], "at_time": "2026-11-11 00:00:00", "lasts": 24 * HOUR},
    )
    seen = []
    for _ in range(3):
        reply = await ask(sandbox, "taobao.item.seller.get", fields="title,desc", num_iid=11223344)
        seen.append("".join(sorted(reply["item"])))
        clock.jump(24 * HOUR)

    assert seen == ["desctitle", "title", "desctitle"]


async def test_a_token_dies_at_three_at_night_without_any_call(sandbox: Sandbox, clock: FakeClock) -> None:
    await control(sandbox, "faults", {"kind": "expire_session", "at_time": "03:00"})

    clock.jump(4 * HOUR - 1)
    alive = await ask(sandbox, "taobao.item.seller.get", fields="title", num_iid=11223344)
    clock.jump(2)
    dead = await ask(sandbox, "taobao.item.seller.get", fields="title", num_iid=11223344)
    again = (await control(sandbox, "sessions", {"session": "test"}))[0]["expires_at"]

    assert ("item" in alive, dead["code"]) == (True, 27)
    assert again > clock.now().timestamp()  # authorised anew: it lives until the next night
    assert "item" in await ask(sandbox, "taobao.item.seller.get", fields="title", num_iid=11223344)
    clock.jump(24 * HOUR)
    assert (await ask(sandbox, "taobao.item.seller.get", fields="title", num_iid=11223344))["code"] == 27


async def test_a_day_quota_that_is_gone_comes_back_at_midnight(sandbox: Sandbox, clock: FakeClock) -> None:
    await control(sandbox, "faults", {"kind": "day_quota_gone", "count": 1})

    refused = await ask(sandbox, "taobao.time.get")
    clock.jump(HOUR - 1)
    still = await ask(sandbox, "taobao.time.get")
    clock.jump(1)

    assert refused["sub_code"] == "accesscontrol.limited-by-app-access-count"
    assert refused["sub_msg"] == "This ban will last for 3600 more seconds"
    assert still["code"] == 7
    assert (await ask(sandbox, "taobao.time.get"))["time"] == "2026-11-11 00:00:00"


async def test_a_second_item_gets_the_code_of_the_one_just_made(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "second_item", "method": "taobao.item.add", "at": 2})

    for code in "ABC":
        await add(sandbox, code)

    assert await codes(sandbox) == ["A", "B", "B", "C"]
    assert (await control(sandbox, "stats"))["doubles"] == ["B"]


async def test_the_seller_edits_the_code_of_the_item_just_made(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "edit_code", "method": "taobao.item.add", "count": 1})

    await add(sandbox, "A")

    (row,) = [one for one in await control(sandbox, "items") if one["outer_id"] != "SANDBOX-1"]
    assert row["outer_id"] == "A-E"
    assert [(one["actor"], one["what"]) for one in row["events"]] == [
        ("call", "created"),
        ("seller", "changed"),
    ]


async def test_the_same_seed_picks_the_same_items_by_schedule(clock: FakeClock) -> None:
    async def story() -> list[str]:
        sandbox = in_process(FakeClock(EVENING))
        for code in "ABCDEFGH":
            await add(sandbox, code)
        await control(sandbox, "faults", {"kind": "edit_code", "every": 60, "count": 3, "seed": 5})
        for _ in range(5):
            sandbox.clock.jump(60)
            await control(sandbox, "items")
        return await codes(sandbox)

    first = await story()

    assert sum(code.count("-E") for code in first) == 3
    assert first == await story()


async def test_a_fault_by_schedule_strikes_once_each_time(sandbox: Sandbox, clock: FakeClock) -> None:
    await control(sandbox, "faults", {"kind": "isp", "every": 60})
    seen = ""
    for _ in range(6):
        clock.jump(30)
        seen += "x" if "code" in await ask(sandbox, "taobao.time.get") else "."

    assert seen == ".x.x.x"


async def test_a_fault_that_lasts_strikes_every_call_until_its_time_is_over(
    sandbox: Sandbox, clock: FakeClock
) -> None:
    await control(sandbox, "faults", {"kind": "isp", "every": 60, "lasts": 20})
    seen = ""
    for _ in range(14):
        clock.jump(10)
        seen += "x" if "code" in await ask(sandbox, "taobao.time.get") else "."

    assert seen == ".....xx....xx."


async def test_a_body_cut_in_the_middle_is_no_answer(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "cut_body"})
    body = "&".join(
        f"{key}={value}".replace(" ", "+")
        for key, value in signed(sandbox, "taobao.time.get", {"timestamp": "2026-11-10 23:00:00"}).items()
    )

    with pytest.raises(ConnectionCut):
        await request(sandbox, "POST", "/router/rest", body.encode())


async def test_over_a_socket_a_body_cut_in_the_middle_ends_too_early() -> None:
    async with running() as info, aiohttp.ClientSession() as http:
        async with http.post(f"{info['control']}/faults", json={"kind": "cut_body"}) as reply:
            assert reply.status == 200
        sandbox = in_process()
        with pytest.raises(aiohttp.ClientError):
            async with http.post(info["gateway"], data=signed(sandbox, "taobao.time.get", {})) as reply:
                await reply.read()


async def test_faults_of_answers_leave_writes_alone(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "degrade", "fields": ["num_iid"]})

    number = await add(sandbox, "A")

    assert number
    assert (await control(sandbox, "stats"))["faults"] == {}


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"kind": "isp", "at_time": "25:00"}, "at_time"),
        ({"kind": "isp", "at_time": "2026-11-10 22:59:59"}, "at_time"),
        ({"kind": "isp", "every": -1}, "every"),
        ({"kind": "isp", "lasts": 5}, "lasts"),
        ({"kind": "shift_page", "rows": 0}, "rows"),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused_by_its_field(
    sandbox: Sandbox, order: dict[str, Any], field: str
) -> None:
    status, _, body = await request(sandbox, "POST", "/_sandbox/faults", msgspec.json.encode(order))

    assert status == 400
    assert msgspec.json.decode(body)["field"] == field


@given(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(0, 10**7))
def test_the_latest_time_of_a_timetable_is_one_of_its_times_and_none_lies_between(
    first: int, every: int, now: int
) -> None:
    latest, following = Timetable(first, every).latest(now), Timetable(first, every).next(now)

    if now < first:
        assert (latest, following) == (None, first)
    else:
        assert latest is not None
        assert (latest - first) % every == 0
        assert latest <= now < latest + every
        assert following == latest + every


async def test_a_scheduled_fault_says_when_its_time_comes(sandbox: Sandbox, clock: FakeClock) -> None:
    once = await control(sandbox, "faults", {"kind": "isp", "at_time": "2026-11-11 00:00:00"})
    daily = await control(sandbox, "faults", {"kind": "expire_session", "at_time": "03:00"})
    clock.jump(24 * HOUR)

    later = [rule["next_at"] for rule in await control(sandbox, "faults")]

    assert (once["next_at"], daily["next_at"]) == ("2026-11-11 00:00:00", "2026-11-11 03:00:00")
    assert later == ["", "2026-11-12 03:00:00"]
