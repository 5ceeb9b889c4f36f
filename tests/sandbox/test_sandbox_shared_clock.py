"""Client and sandbox in one loop on one clock: virtual days pass in real milliseconds, and cuts show as an exception."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from onshelf.clock import FakeClock
from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import ask, control, in_process, request
from onshelf.sandbox.server import Sandbox

START = datetime(2026, 11, 10, 15, 59, 0, 123, tzinfo=UTC)
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
    "outer_id": "A",
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    return in_process(clock)


async def codes(sandbox: Sandbox) -> list[str]:
    return [row["outer_id"] for row in await control(sandbox, "items") if row["outer_id"] != "SANDBOX-1"]


async def test_the_platform_tells_the_clients_time(sandbox: Sandbox) -> None:
    assert (await ask(sandbox, "taobao.time.get"))["time"] == "2026-11-10 23:59:00"


async def test_a_delay_of_an_hour_takes_no_real_time(sandbox: Sandbox, clock: FakeClock) -> None:
    await control(sandbox, "faults", {"kind": "delay", "seconds": 3600})

    await ask(sandbox, "taobao.item.add", **ADD)

    assert clock.now() - START >= timedelta(hours=1)
    (row,) = await control(sandbox, "items?outer_id=A")
    assert row["created_by"]["at"].startswith("2026-11-10T16:59:00")


async def test_a_cut_is_an_exception_and_late_work_is_done_when_its_time_has_come(
    sandbox: Sandbox, clock: FakeClock
) -> None:
    await control(sandbox, "faults", {"kind": "cut_then_done", "seconds": 5})
    with pytest.raises(ConnectionCut):
        await ask(sandbox, "taobao.item.add", **ADD)

    await clock.sleep(4.9)
    early = await codes(sandbox)
    await clock.sleep(60)

    assert early == []
    (row,) = await control(sandbox, "items?outer_id=A")
    assert row["created_by"]["at"].startswith("2026-11-10T15:59:05")


async def test_a_ban_ends_when_its_seconds_have_passed(sandbox: Sandbox, clock: FakeClock) -> None:
    await control(sandbox, "quota", {"per_second": 1, "ban_s": 30})
    await ask(sandbox, "taobao.time.get")

    refused = await ask(sandbox, "taobao.time.get")
    await clock.sleep(29.9)
    still = await ask(sandbox, "taobao.time.get")
    await clock.sleep(0.1)

    assert refused["sub_msg"] == "This ban will last for 30 more seconds"
    assert still["code"] == 7
    assert "time" in await ask(sandbox, "taobao.time.get")


async def test_a_paused_sandbox_waits_for_the_hand_that_moves_it(sandbox: Sandbox, clock: FakeClock) -> None:
    sandbox.clock.pause()
    await clock.sleep(60)

    paused = (await ask(sandbox, "taobao.time.get"))["time"]
    await control(sandbox, "clock", {"jump_s": 30})

    assert paused == "2026-11-10 23:59:00"
    assert (await ask(sandbox, "taobao.time.get"))["time"] == "2026-11-10 23:59:30"


@pytest.mark.parametrize(
    "path", ["/router/rest", "/router/batch", "/_sandbox/clock", "/oauth/token", "/router/"]
)
async def test_every_answer_carries_the_sandboxs_time_as_its_date(sandbox: Sandbox, path: str) -> None:
    sandbox.clock.pause()
    sandbox.clock.jump(30)

    _, headers, _ = await request(sandbox, "GET", path)

    assert headers["date"] == "Tue, 10 Nov 2026 15:59:30 GMT"


async def test_a_wait_does_not_grow_when_the_clock_is_set_back() -> None:
    clock = SandboxClock()
    clock.pause()
    waiting = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)

    clock.jump(-86400)
    clock.jump(59)
    await asyncio.sleep(0)
    early = waiting.done()
    clock.jump(1)

    await asyncio.wait_for(waiting, 60)
    assert not early


async def test_waiting_on_a_paused_clock_ends_with_the_jump_that_reaches_its_time() -> None:
    clock = SandboxClock()
    clock.pause()
    waiting = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)

    clock.jump(59)
    await asyncio.sleep(0)
    early = waiting.done()
    clock.jump(1)

    await asyncio.wait_for(waiting, 60)
    assert not early


async def test_a_resumed_clock_goes_on_from_where_it_stood() -> None:
    clock = SandboxClock()
    clock.pause()
    stood = clock.now()
    clock.jump(3600)

    clock.resume()

    assert 3600 <= clock.now() - stood < 3605


async def test_the_list_of_pages_says_what_each_does(sandbox: Sandbox) -> None:
    _, _, body = await request(sandbox, "GET", "/_sandbox")

    pages = {row["path"]: row["what"] for row in msgspec.json.decode(body)}
    assert "/_sandbox/faults" in pages
    assert all(pages.values())
