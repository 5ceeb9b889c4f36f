"""Typed calls against the sandbox in one process: replies decoded, faults told before the call, long lists read whole."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, assert_type

import pytest
from top_bench import PNG, START, TopBench

from onshelf.errors import BusinessFault, PlatformError, ServiceFault, Unanswered
from onshelf.platforms.top.generated.access import TimeGet
from onshelf.platforms.top.generated.items import (
    ItemAdd,
    ItemDelete,
    ItemGet,
    ItemSellerGet,
    ItemSellerGetReply,
)
from onshelf.platforms.top.generated.lists import ItemsInventoryGet, ItemsOnsaleGet, ItemsSellerListGet
from onshelf.platforms.top.generated.people import UserSellerGet
from onshelf.platforms.top.generated.picture_space import PictureGet, PictureUpload
from onshelf.platforms.top.generated.stock import ItemQuantityUpdate
from onshelf.platforms.top.generated.tmall_items import TmallItemQuantityUpdate, UpdateItemQuantityOption
from onshelf.platforms.top.generated.trades import TradesSoldGet, TradesSoldIncrementGet
from onshelf.platforms.top.generated.types.trades import Trade
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Request, WrongArguments
from onshelf.sandbox.launch import control

# a sandbox is filled fastest by item.add
pytestmark = pytest.mark.filterwarnings("ignore:.* has left the public catalogue")


async def add(bench: TopBench, code: str, *, listed: bool = True) -> int:
    reply = await bench.top.ask(
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
async def bench() -> AsyncIterator[TopBench]:
    made = TopBench()
    yield made
    await made.client.close()


async def test_a_call_answers_its_own_type(bench: TopBench) -> None:
    num_iid = await add(bench, "A-1")

    reply = await bench.top.ask(
        ItemSellerGet(fields=["num_iid", "title", "price", "approve_status"], num_iid=num_iid)
    )

    assert_type(reply, ItemSellerGetReply)
    assert reply.item is not None
    assert (reply.item.num_iid, reply.item.price) == (num_iid, Decimal("99.00"))
    assert reply.item.title == "连衣裙 A-1"
    assert reply.item.skus == ()
    assert reply.request_id


async def test_a_call_that_needs_no_session_is_made_without(bench: TopBench) -> None:
    assert (await bench.top.ask(TimeGet())).time == "2026-11-10 20:00:00"
    assert (await bench.top.ask(UserSellerGet(fields="nick"))).user is not None


async def test_a_file_travels_as_a_part(bench: TopBench) -> None:
    upload = PictureUpload(
        picture_category_id=0, img=File("a.png", PNG, "image/png"), image_input_title="a.png", title="红裙"
    )

    reply = await bench.top.ask(upload)

    assert reply.picture is not None
    assert [one.picture_id async for one in bench.top.rows(PictureGet(title="红裙"))] == [
        reply.picture.picture_id
    ]


async def test_wrong_arguments_are_told_before_any_call(bench: TopBench) -> None:
    with pytest.raises(WrongArguments):
        await bench.top.ask(ItemsOnsaleGet(fields="num_iid", page_size=201))

    assert bench.calls == []


@pytest.mark.filterwarnings("default")
async def test_a_method_that_has_left_warns_and_names_its_successor(bench: TopBench) -> None:
    with pytest.warns(UserWarning, match=r"alibaba\.item\.publish\.submit") as told:
        await add(bench, "A-1")

    assert told[0].filename == __file__
    with pytest.warns(UserWarning, match=r"taobao\.item\.seller\.get"):
        await bench.top.batch([ItemGet(fields="num_iid", num_iid=1)])


async def test_a_refusal_is_an_error_of_the_client(bench: TopBench) -> None:
    with pytest.raises(BusinessFault):
        await bench.top.ask(ItemDelete(num_iid=1))


async def test_any_number_of_ids_is_read_in_batches(bench: TopBench) -> None:
    ids = [await add(bench, f"A-{number}") for number in range(45)]
    bench.calls.clear()

    found = [
        item.num_iid async for item in bench.top.rows(ItemsSellerListGet(fields="num_iid", num_iids=ids))
    ]

    assert sorted(one or 0 for one in found) == sorted(ids)
    assert len(bench.calls) == 3


async def test_pages_are_read_until_all_rows_were_shown(bench: TopBench) -> None:
    ids = {await add(bench, f"A-{number}", listed=False) for number in range(23)}

    found = [
        item.num_iid
        async for item in bench.top.rows(
            ItemsInventoryGet(fields="num_iid", banner="never_on_shelf", page_size=10)
        )
    ]

    assert ids <= set(found)
    assert len(found) == len(set(found))


async def test_a_window_deeper_than_its_pages_is_read_in_parts(bench: TopBench) -> None:
    ids = set()
    for number in range(130):
        ids.add(await add(bench, f"A-{number}", listed=False))
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


async def test_trades_are_read_day_by_day_from_the_last_page(bench: TopBench) -> None:
    num_iid = await add(bench, "A-1")
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

    assert_type(found, list[Trade])
    assert len({trade.tid for trade in found}) == 12
    assert len(bench.calls) == 3 * 3  # the count, then the second page and the first


async def test_a_list_of_allowed_values_is_understood_on_both_sides(bench: TopBench) -> None:
    assert [one async for one in bench.top.rows(TradesSoldGet(fields="tid", type=["fixed", "ec"]))] == []


@pytest.mark.parametrize(
    ("change", "error", "stock"),
    [
        (lambda one: ItemQuantityUpdate(num_iid=one, quantity=3), ServiceFault, 3),
        (lambda one: ItemQuantityUpdate(num_iid=one, quantity=3, type=2), Unanswered, 8),
        (
            lambda one: TmallItemQuantityUpdate(
                item_id=one, item_quantity=3, options=UpdateItemQuantityOption(type=2)
            ),
            Unanswered,
            8,
        ),
    ],
    ids=["set", "added", "added on Tmall"],
)
async def test_a_stock_that_was_added_under_a_failing_service_may_not_be_added_again(
    bench: TopBench, change: Callable[[int], Request[Any]], error: type[PlatformError], stock: int
) -> None:
    num_iid = await add(bench, "A-1")
    order = {"kind": "isp_after", "method": change(num_iid).METHOD, "count": 1}
    await control(bench.sandbox, "faults", order)

    with pytest.raises(error) as told:
        await bench.top.ask(change(num_iid))

    reply = await bench.top.ask(ItemSellerGet(fields="num", num_iid=num_iid))
    assert reply.item is not None
    assert (reply.item.num, told.value.retryable) == (stock, error is ServiceFault)
