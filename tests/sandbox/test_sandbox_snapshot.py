"""A snapshot holds everything: what follows a restore is what followed the snapshot, whatever was ordered before."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from onshelf.clock import FakeClock
from onshelf.sandbox.launch import ask, control, in_process, running
from onshelf.sandbox.platform import Options
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.server import Sandbox

START = datetime(2026, 11, 10, 15, 0, 0, tzinfo=UTC)
ITEMS = 1000
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
Story = Callable[[Sandbox], Awaitable[Any]]


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process(FakeClock(START), Options(items=ITEMS))


async def outcome(sandbox: Sandbox, method: str = "taobao.time.get", **arguments: object) -> Any:
    reply = await ask(sandbox, method, **arguments)
    return reply.get("sub_code", reply.get("code", "ok"))


async def codes_on_sale(sandbox: Sandbox) -> list[str]:
    page = await ask(sandbox, "taobao.items.onsale.get", fields="outer_id", page_size=5)
    return [row["outer_id"] for row in page["items"]["item"]]


async def dice_go_on(sandbox: Sandbox) -> list[Any]:
    return [await outcome(sandbox) for _ in range(30)]


async def limits_go_on(sandbox: Sandbox) -> list[Any]:
    return [await outcome(sandbox) for _ in range(4)]


async def time_goes_on(sandbox: Sandbox) -> list[Any]:
    shown = await control(sandbox, "clock")
    return [shown["now"], shown["paused"], (await ask(sandbox, "taobao.time.get"))["time"]]


async def lists_catch_up(sandbox: Sandbox) -> list[Any]:
    before = await codes_on_sale(sandbox)
    await control(sandbox, "clock", {"jump_s": 30})
    return [before, await codes_on_sale(sandbox)]


async def counts_go_on(sandbox: Sandbox) -> Any:
    await outcome(sandbox, "taobao.item.add", **ADD, outer_id="A")
    rows = await control(sandbox, "items?outer_id=A")
    stats = await control(sandbox, "stats")
    return [row["created_by"]["attempt"] for row in rows], stats["calls"], stats["by_method"]


@pytest.mark.parametrize(
    ("orders", "story"),
    [
        ([("faults", {"kind": "isp", "share": 0.4, "seed": 3})], dice_go_on),
        ([("faults", {"kind": "isp", "every": 60, "lasts": 20})], dice_go_on),
        ([("quota", {"per_minute": 4})], limits_go_on),
        ([("clock", {"pause": True}), ("clock", {"jump_s": 99})], time_goes_on),
        ([("clock", {"jump_s": 86_400})], time_goes_on),
        ([("faults", {"kind": "lag", "seconds": 20})], lists_catch_up),
        ([], counts_go_on),
        ([("receivers", {"dingtalk_keyword": "库存"})], lambda sandbox: control(sandbox, "receivers")),
    ],
)
async def test_what_follows_a_restore_is_what_followed_the_snapshot(
    sandbox: Sandbox, orders: list[tuple[str, dict[str, Any]]], story: Story
) -> None:
    for path, order in orders:
        await control(sandbox, path, order)
    for code in "AB":
        await outcome(sandbox, "taobao.item.add", **ADD, outer_id=code)
    await outcome(sandbox, "taobao.item.update.delisting", num_iid=700_000_000_000)

    saved = sandbox.snapshot()
    first = await story(sandbox)
    await control(sandbox, "faults", verb="DELETE")
    await control(sandbox, "quota", verb="DELETE")
    await outcome(sandbox, "taobao.item.add", **ADD, outer_id="later")
    sandbox.restore(saved)

    assert await story(sandbox) == first


async def test_a_snapshot_is_the_same_after_it_was_restored(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "lag", "seconds": 20})
    await control(sandbox, "quota", {"per_minute": 40})
    for code in "AB":
        await outcome(sandbox, "taobao.item.add", **ADD, outer_id=code)

    saved = sandbox.snapshot()
    sandbox.restore(saved)

    assert sandbox.snapshot() == saved


async def test_another_sandbox_goes_on_from_a_snapshot(sandbox: Sandbox) -> None:
    await outcome(sandbox, "taobao.item.add", **ADD, outer_id="A")
    other = in_process(FakeClock(START))

    other.restore(sandbox.snapshot())

    assert (await control(other, "shops"))[0]["onsale"] == ITEMS * 8 // 10 + 2
    assert [row["outer_id"] for row in await control(other, "items?outer_id=A")] == ["A"]


async def test_limits_given_at_the_start_stand_beside_a_loaded_state(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(in_process().snapshot())

    sandbox = in_process(FakeClock(START), Options(state=file, limits=Limits(per_second=7)))

    assert [gate["per_second"] for gate in await control(sandbox, "quota")] == [7]


async def test_a_small_snapshot_holds_a_large_shop(sandbox: Sandbox) -> None:
    large = in_process(FakeClock(START), Options(items=1_000_000))

    assert len(large.snapshot()) < len(in_process(FakeClock(START)).snapshot()) + 200


async def test_a_large_shop_is_served_page_by_page_by_a_process() -> None:
    async with running(items=1_000_000) as info, aiohttp.ClientSession() as http:

        async def shown(path: str) -> Any:
            async with http.get(f"{info['control']}/{path}") as reply:
                return await reply.json()

        (shop,) = await shown("shops")
        rows = await shown("items?page=3&page_size=50&approve_status=instock")
        (coded,) = await shown("items?outer_id=S-0999999")
        refused = await shown("items")

    assert (shop["onsale"], shop["instock"]) == (800_001, 200_000)
    assert len({row["num_iid"] for row in rows}) == 50
    assert {row["approve_status"] for row in rows} == {"instock"}
    assert coded["num_iid"] == 700_000_999_999
    assert refused["field"] == "page"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda told: told.name)
async def test_a_process_that_is_told_to_end_writes_its_world_and_leaves_nothing_else(
    tmp_path: Path, told: signal.Signals
) -> None:
    state, temporary = tmp_path / "state", tmp_path / "temporary"
    temporary.mkdir()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "onshelf.sandbox", "--state", state),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert child.stdout is not None
    await child.stdout.readline()

    child.send_signal(told)
    await child.communicate()

    assert child.returncode == 0
    assert state.is_file()
    assert list(temporary.iterdir()) == []
