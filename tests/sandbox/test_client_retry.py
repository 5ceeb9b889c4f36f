"""Thousands of calls through a platform that fails one in twenty: what the retries owe (A4), measured on a virtual clock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from onshelf.clock import FakeClock
from onshelf.errors import PlatformError, ServiceFault, Unanswered
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.port import Bucket, Draft, Lane, Shelf, ShopRef, Slice
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.platform import TopPlatform, TopShop
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process
from onshelf.sandbox.server import Sandbox

SHOP = ShopRef(ShopId("衣品"), "12345678", "http://sandbox.test/router/rest")
DRAFT = Draft(
    outer_id="",
    title="连衣裙",
    price=Decimal("96.00"),
    stock=5,
    category_id=50010850,
    description="<p>纯棉面料，亲肤透气</p>",
    condition="new",
    province="浙江",
    city="杭州",
)
READ_FAULTS = ("isp", "cut_before", "cut_after", "http_5xx", "truncate")
WRITE_FAULTS = ("isp", "isp_after", "cut_before", "cut_after", "cut_then_done")
SHARE = 0.05  # of all calls, over all kinds
READS, WRITES = 10_000, 3_000
AT_ONCE = 16


class OneApp:
    """One app with one shop whose session lives for ever."""

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


class Bench:
    """A client and a sandbox in one process, on one clock."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 11, 10, 12, 0, tzinfo=UTC))
        self.sandbox: Sandbox = in_process(self.clock)
        app = OneApp()
        self.client = TopClient(
            AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,)),
            apps=app,
            sessions=app,
            quotas=Quotas((), self.clock),
            clock=self.clock,
            random=Random(1),
        )
        self.shop: TopShop = TopPlatform(self.client).for_shop(SHOP, Lane.LISTING)

    async def inject(self, kinds: tuple[str, ...], calls: str) -> None:
        """Spreads the faults evenly over the kinds."""
        for seed, kind in enumerate(kinds):
            share = SHARE / len(kinds)
            await control(
                self.sandbox,
                "faults",
                {"kind": kind, "method": calls, "share": share, "seconds": 2, "seed": seed},
            )


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.client.close()


async def outcomes(numbers: range, call: Callable[[int], Awaitable[object]]) -> dict[int, str]:
    """Makes the calls, some at once; returns how each ended: "ok", or the name of its error."""
    ended: dict[int, str] = {}
    waiting = iter(numbers)

    async def work() -> None:
        for number in waiting:
            try:
                await call(number)
                ended[number] = "ok"
            except PlatformError as error:
                ended[number] = type(error).__name__

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return ended


async def test_reads_end_in_an_answer_999_times_in_a_thousand(bench: Bench) -> None:
    await bench.inject(READ_FAULTS, "reads")

    ended = Counter(
        (
            await outcomes(range(READS), lambda _: bench.shop.get_slice(Slice(Bucket.ONSALE, page_size=1)))
        ).values()
    )

    faults = (await control(bench.sandbox, "stats"))["faults"]
    assert sum(faults.values()) > READS * SHARE * 0.8, "too few faults struck to show anything"
    assert ended["ok"] / READS >= 0.999, ended


async def test_writes_end_in_an_answer_or_unanswered_and_nothing_is_done_twice(bench: Bench) -> None:
    await bench.inject(WRITE_FAULTS, "taobao.item.add")

    async def create(number: int) -> ItemId:
        return await bench.shop.create(replace(DRAFT, outer_id=f"A-{number}"), shelf=Shelf.INSTOCK)

    ended = await outcomes(range(WRITES), create)
    await bench.clock.sleep(10)  # what was cut is done by then

    made = Counter([item["outer_id"] for item in await every_item(bench)])
    copies = {number: made[f"A-{number}"] for number in ended}
    assert set(ended.values()) == {"ok", Unanswered.__name__}
    assert sum(how != "ok" for how in ended.values()) > WRITES * SHARE * 0.6
    assert all(copies[number] == 1 for number, how in ended.items() if how == "ok")
    assert max(copies.values()) == 1
    assert {copies[number] for number, how in ended.items() if how != "ok"} == {0, 1}


async def every_item(bench: Bench) -> list[dict[str, str]]:
    """Returns what carries a code of ours, as the platform itself knows it."""
    items = await control(bench.sandbox, "items")
    return [item for item in items if str(item["outer_id"]).startswith("A-")]


async def test_absolute_writes_end_in_an_answer_or_unanswered(bench: Bench) -> None:
    """Taking off the shelf may be repeated by who asked, once it has looked; the client itself sends it once."""
    item_id = await bench.shop.create(replace(DRAFT, outer_id="A-1"), shelf=Shelf.ONSALE)
    await bench.inject(WRITE_FAULTS, "taobao.item.update.delisting")

    ended = Counter((await outcomes(range(WRITES), lambda _: bench.shop.delist(item_id))).values())

    stats = await control(bench.sandbox, "stats")
    assert set(ended) <= {"ok", Unanswered.__name__, ServiceFault.__name__}
    assert ended[Unanswered.__name__] > 0
    assert stats["by_method"]["taobao.item.update.delisting"] == WRITES
