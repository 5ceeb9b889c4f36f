"""Long lists read whole while the shop lives on: after every reply sellers delist, buyers buy or pay, and nothing is missed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from top_bench import START, TopBench

from onshelf.platforms.top.generated.items import ItemAdd
from onshelf.platforms.top.generated.lists import (
    ItemsCustomGet,
    ItemsInventoryGet,
    ItemsOnsaleGet,
    ItemsSellerListGet,
)
from onshelf.platforms.top.generated.stock import ItemSkusGet
from onshelf.platforms.top.generated.trades import TradesSoldGet, TradesSoldIncrementGet
from onshelf.platforms.transport import Request, Response, Transport
from onshelf.sandbox.launch import control

# a sandbox is filled fastest by item.add
pytestmark = pytest.mark.filterwarnings("ignore:.* has left the public catalogue")

Change = Callable[[], Awaitable[object]]


class LivingShop:
    """A transport after each of whose replies the shop changes, as long as there is a change left."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.changes: list[Change] = []

    async def send(self, request: Request) -> Response:
        reply = await self.inner.send(request)
        if self.changes:
            await self.changes.pop(0)()
        return reply

    async def close(self) -> None:
        await self.inner.close()


class Shop:
    """A shop in the sandbox, its client, and what its people do."""

    def __init__(self) -> None:
        self.bench = TopBench()
        self.line = LivingShop(self.bench.line.inner)
        self.bench.line.inner = self.line
        self.top = self.bench.top

    async def add(self, code: str) -> int:
        """Lists an item, a minute after whatever was before."""
        self.bench.clock.jump(60)
        reply = await self.top.ask(
            ItemAdd(
                type="fixed",
                cid=50010850,
                title=f"连衣裙 {code}",
                desc="<p>纯棉面料，亲肤透气</p>",
                num=50,
                price=Decimal("99.00"),
                stuff_status="new",
                location_state="浙江",
                location_city="杭州",
                outer_id=code,
            )
        )
        assert reply.item is not None
        return reply.item.num_iid or 0

    async def seller(self, action: str, num_iid: int) -> None:
        await control(self.bench.sandbox, "seller", {"action": action, "num_iid": num_iid})

    async def buy(self, num_iid: int) -> int:
        self.bench.clock.jump(60)
        done = await control(self.bench.sandbox, "buyer", {"action": "buy", "num_iid": num_iid})
        return int(done["tid"])

    async def pay(self, tid: int) -> None:
        self.bench.clock.jump(60)
        await control(self.bench.sandbox, "buyer", {"action": "pay", "tid": tid})

    def pages(self) -> list[int]:
        """Returns the pages asked for since the calls were cleared."""
        wanted = [
            dict(part.split("=", 1) for part in sent.body.decode().split("&"))
            for sent in self.bench.line.sent
        ]
        return [int(one["page_no"]) for one in wanted if "page_no" in one]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    made = Shop()
    yield made
    await made.bench.client.close()


async def on_shelf(shop: Shop) -> list[int]:
    request = ItemsOnsaleGet(fields="num_iid", page_size=4)
    return [item.num_iid or 0 async for item in shop.top.rows(request)]


async def test_items_that_leave_the_shelf_while_it_is_read_hide_none_of_the_others(shop: Shop) -> None:
    ids = [await shop.add(f"A-{number}") for number in range(15)]
    gone = [ids[14], ids[13], ids[9]]  # of the pages read before: the newest are on the first
    shop.line.changes = [partial(shop.seller, "delist", one) for one in gone]

    seen = await on_shelf(shop)

    assert set(ids) - set(gone) <= set(seen)


async def test_items_that_come_to_the_shelf_while_it_is_read_hide_none_of_the_others(shop: Shop) -> None:
    ids = [await shop.add(f"A-{number}") for number in range(10)]
    hidden = [await shop.add(f"B-{number}") for number in range(3)]
    for one in hidden:
        await shop.seller("delist", one)
    shop.bench.clock.jump(600)
    shop.line.changes = [partial(shop.seller, "list", one) for one in hidden]

    seen = await on_shelf(shop)

    assert set(ids) <= set(seen)


async def test_a_quiet_list_is_read_once_page_by_page(shop: Shop) -> None:
    ids = [await shop.add(f"A-{number}") for number in range(11)]
    shop.bench.line.sent.clear()

    seen = await on_shelf(shop)

    assert len(seen) == len(set(seen))
    assert set(ids) <= set(seen)
    assert shop.pages() == [1, 2, 3]


@pytest.mark.parametrize("hours", [1, 24, 72], ids="a window that ends {} h after now".format)
async def test_trades_that_buyers_pay_while_they_are_read_hide_none_of_the_others(
    shop: Shop, hours: int
) -> None:
    """A payment takes a trade out of the window read, and pulls those after it towards the first page."""
    num_iid = await shop.add("A-1")
    tids = [await shop.buy(num_iid) for _ in range(20)]
    paid = [tids[-1], tids[0], tids[10], tids[5]]
    shop.line.changes = [
        *(partial(shop.pay, tid) for tid in paid),
        *(partial(shop.buy, num_iid) for _ in range(3)),
    ]
    window = TradesSoldIncrementGet(
        fields="tid,modified",
        start_modified=START,
        end_modified=shop.bench.clock.now() + timedelta(hours=hours),
        page_size=3,
    )
    shop.bench.line.sent.clear()

    seen = [trade.tid or 0 async for trade in shop.top.rows(window)]

    assert set(tids) - set(paid) <= set(seen)
    assert shop.pages() == [1, 7, 6, 5, 4, 3, 2, 1]


async def test_trades_of_a_state_are_read_whole_though_some_leave_it(shop: Shop) -> None:
    num_iid = await shop.add("A-1")
    tids = [await shop.buy(num_iid) for _ in range(12)]
    paid = [tids[-1], tids[-2], tids[-5]]
    shop.line.changes = [partial(shop.pay, tid) for tid in paid]
    unpaid = TradesSoldGet(fields="tid", status="WAIT_BUYER_PAY", page_size=3)

    seen = [trade.tid or 0 async for trade in shop.top.rows(unpaid)]

    assert set(tids) - set(paid) <= set(seen)


async def test_a_month_of_trades_is_read_in_windows_of_a_day(shop: Shop) -> None:
    num_iid = await shop.add("A-1")
    tids = []
    for _ in range(10):
        await shop.seller("list", num_iid)
        tids.append(await shop.buy(num_iid))
        shop.bench.clock.jump(3 * 86_400)
    shop.bench.line.sent.clear()
    month = TradesSoldIncrementGet(fields="tid", start_modified=START, end_modified=shop.bench.clock.now())

    seen = [trade.tid async for trade in shop.top.rows(month)]

    assert set(tids) <= set(seen)  # unpaid trades are closed after a while: modified again
    assert len(shop.bench.line.sent) == 31


async def test_ids_and_codes_are_asked_for_in_the_largest_batches(shop: Shop) -> None:
    ids = [await shop.add(f"A-{number}") for number in range(45)]
    codes = [f"A-{number}" for number in range(45)]
    shop.bench.line.sent.clear()

    by_id = [item.num_iid async for item in shop.top.rows(ItemsSellerListGet(fields="num_iid", num_iids=ids))]
    after_ids = len(shop.bench.line.sent)
    by_code = [item.num_iid async for item in shop.top.rows(ItemsCustomGet(fields="num_iid", outer_id=codes))]
    after_codes = len(shop.bench.line.sent)
    skus = [sku async for sku in shop.top.rows(ItemSkusGet(fields="sku_id", num_iids=ids))]

    assert by_id == ids
    assert sorted(one or 0 for one in by_code) == sorted(ids)
    assert skus == []
    assert (after_ids, after_codes - after_ids, len(shop.bench.line.sent) - after_codes) == (3, 2, 2)


async def test_pages_are_as_large_as_the_platform_allows_unless_told(shop: Shop) -> None:
    await shop.add("A-1")
    shop.bench.line.sent.clear()

    [_ async for _ in shop.top.rows(ItemsInventoryGet(fields="num_iid"))]

    assert b"page_size=200" in shop.bench.line.sent[0].body


async def test_no_call_is_made_for_no_id(shop: Shop) -> None:
    assert [one async for one in shop.top.rows(ItemsSellerListGet(fields="num_iid", num_iids=[]))] == []
    assert shop.bench.line.sent == []
