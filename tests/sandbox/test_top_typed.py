"""Typed calls against the sandbox in one process: replies decoded, faults told before the call, long lists read whole."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from onshelf.clock import FakeClock
from onshelf.errors import BusinessFault
from onshelf.ids import ShopId
from onshelf.platforms.port import CallRecord, ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.generated.access import TimeGet
from onshelf.platforms.top.generated.items import ItemAdd, ItemDelete, ItemSellerGet
from onshelf.platforms.top.generated.lists import ItemsInventoryGet, ItemsOnsaleGet, ItemsSellerListGet
from onshelf.platforms.top.generated.people import UserSellerGet
from onshelf.platforms.top.generated.picture_space import PictureGet, PictureUpload
from onshelf.platforms.top.generated.trades import TradesSoldIncrementGet
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import WrongArguments
from onshelf.platforms.top.typed import Typed
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.launch import control, in_process

START = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
SHOP = ShopRef(ShopId("s"), "12345678", "http://sandbox.test/router/rest")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


class Keys:
    """One app, one session."""

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str) -> bool:
        return False


class Bench:
    """A shop in a sandbox, on one clock, and what was called."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.sandbox = in_process(self.clock)
        self.calls: list[CallRecord] = []
        keys = Keys()
        self.client = TopClient(
            AsgiTransport(self.sandbox, self.clock),
            apps=keys,
            sessions=keys,
            quotas=Quotas((), self.clock),
            clock=self.clock,
            random=Random(1),
            observer=self,
        )
        self.top = Typed(self.client, SHOP)

    def called(self, record: CallRecord) -> None:
        self.calls.append(record)

    async def add(self, code: str, *, listed: bool = True) -> int:
        reply = await self.top.ask(
            ItemAdd(
                type="fixed",
                cid=50010850,
                title=f"连衣裙 {code}",
                desc="<p>纯棉面料，亲肤透气</p>",
                num=5,
                price=Decimal("99.00"),
                stuff_status="new",
                location_state="浙江",
                location_city="杭州",
                outer_id=code,
                approve_status="onsale" if listed else "instock",
            )
        )
        assert reply.item is not None
        assert reply.item.num_iid is not None
        return reply.item.num_iid


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.client.close()


async def test_a_call_answers_its_own_type(bench: Bench) -> None:
    num_iid = await bench.add("A-1")

    reply = await bench.top.ask(
        ItemSellerGet(fields=["num_iid", "title", "price", "approve_status"], num_iid=num_iid)
    )

    assert reply.item is not None
    assert (reply.item.num_iid, reply.item.price) == (num_iid, Decimal("99.00"))
    assert reply.item.title == "连衣裙 A-1"
    assert reply.item.skus == ()
    assert reply.request_id


async def test_a_call_that_needs_no_session_is_made_without(bench: Bench) -> None:
    assert (await bench.top.ask(TimeGet())).time == "2026-11-10 20:00:00"
    assert (await bench.top.ask(UserSellerGet(fields="nick"))).user is not None


async def test_a_file_travels_as_a_part(bench: Bench) -> None:
    upload = PictureUpload(
        picture_category_id=0, img=File("a.png", PNG, "image/png"), image_input_title="a.png", title="红裙"
    )

    reply = await bench.top.ask(upload)

    assert reply.picture is not None
    assert [one.picture_id async for one in bench.top.rows(PictureGet(title="红裙"))] == [
        reply.picture.picture_id
    ]


async def test_wrong_arguments_are_told_before_any_call(bench: Bench) -> None:
    with pytest.raises(WrongArguments):
        await bench.top.ask(ItemsOnsaleGet(fields="num_iid", page_size=201))

    assert bench.calls == []


async def test_a_refusal_is_an_error_of_the_client(bench: Bench) -> None:
    with pytest.raises(BusinessFault):
        await bench.top.ask(ItemDelete(num_iid=1))


async def test_any_number_of_ids_is_read_in_batches(bench: Bench) -> None:
    ids = [await bench.add(f"A-{number}") for number in range(45)]
    bench.calls.clear()

    found = [
        item.num_iid async for item in bench.top.rows(ItemsSellerListGet(fields="num_iid", num_iids=ids))
    ]

    assert sorted(one or 0 for one in found) == sorted(ids)
    assert len(bench.calls) == 3


async def test_pages_are_read_until_all_rows_were_shown(bench: Bench) -> None:
    ids = {await bench.add(f"A-{number}", listed=False) for number in range(23)}

    found = [
        item.num_iid
        async for item in bench.top.rows(
            ItemsInventoryGet(fields="num_iid", banner="never_on_shelf", page_size=10)
        )
    ]

    assert ids <= set(found)
    assert len(found) == len(set(found))


async def test_a_window_deeper_than_its_pages_is_read_in_parts(bench: Bench) -> None:
    ids = set()
    for number in range(130):
        ids.add(await bench.add(f"A-{number}", listed=False))
        bench.clock.jump(2)
    deep = ItemsInventoryGet(
        fields="num_iid",
        banner="never_on_shelf",
        page_size=1,
        start_modified=START,
        end_modified=bench.clock.now(),
    )

    assert {item.num_iid async for item in bench.top.rows(deep)} == ids
    with pytest.raises(ValueError, match=r"130 rows.*start_modified"):
        async for _ in bench.top.rows(
            ItemsInventoryGet(fields="num_iid", banner="never_on_shelf", page_size=1)
        ):
            pass


async def test_trades_are_read_day_by_day_from_the_last_page(bench: Bench) -> None:
    num_iid = await bench.add("A-1")
    for day in range(3):
        for _ in range(4):
            await control(bench.sandbox, "seller", {"action": "restock", "num_iid": num_iid, "num": 5})
            await control(bench.sandbox, "buyer", {"action": "buy", "num_iid": num_iid})
            bench.clock.jump(60)
        bench.clock.jump(86_400 if day < 2 else 60)
    bench.calls.clear()

    found = [
        trade
        async for trade in bench.top.rows(
            TradesSoldIncrementGet(
                fields="tid,modified",
                start_modified=START,
                end_modified=START + timedelta(days=3),
                page_size=2,
            )
        )
    ]

    assert len({trade.tid for trade in found}) == 12
    assert len(bench.calls) == 3 * 3  # the count, then the second page and the first
