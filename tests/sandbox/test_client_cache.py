"""Kept replies between the client and the sandbox, on one clock that jumps: what costs no call, and what is never stale."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import StoreError, Unanswered
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.cache import OVERHEAD_BYTES, Asked, Kept, MemoryStore, ReadCache
from onshelf.platforms.port import CallRecord, Draft, Lane, Shelf, ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.batch import BatchClient, Part
from onshelf.platforms.top.call import Answer
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process

SHOP = ShopRef(ShopId("衣品"), "12345678", "http://sandbox.test/router/rest")
DEFAULT = None
DRAFT = Draft(
    outer_id="A-1",
    title="连衣裙",
    price=Decimal("96.00"),
    stock=5,
    category_id=50010850,
    description="<p>纯棉面料，亲肤透气</p>",
    condition="new",
    province="浙江",
    city="杭州",
)


class OneApp:
    """One app with one shop whose session lives for ever."""

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


class Away:
    """A store that cannot be reached."""

    async def get(self, key: str) -> Kept | None:
        raise StoreError("away")

    async def mark(self, asked: Asked) -> str:
        raise StoreError("away")

    async def put(self, asked: Asked, kept: Kept, until_us: int, mark: str = "") -> None:
        raise StoreError("away")

    async def drop(self, tags: object) -> None:
        raise StoreError("away")

    async def close(self) -> None: ...


class Bench:
    """A client with a cache, and a sandbox, on one clock."""

    def __init__(self, **stores: Any) -> None:
        self.clock = FakeClock(datetime(2026, 11, 10, 12, 0, tzinfo=UTC))
        self.sandbox = in_process(self.clock)
        self.item_id = ItemId(self.sandbox.info("http://sandbox")["num_iid"])
        self.calls = 0
        self.cache = ReadCache(self.clock, **stores)
        app = OneApp()
        self.client = BatchClient(
            AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,)),
            apps=app,
            sessions=app,
            quotas=Quotas((), self.clock),
            clock=self.clock,
            random=Random(1),
            observer=self,
            cache=self.cache,
        )

    def called(self, record: CallRecord) -> None:
        self.calls += 1

    async def title(self, max_age_s: float | None = DEFAULT, item_id: ItemId | None = None) -> Answer[Any]:
        """Reads the item."""
        return await self._read(
            "taobao.item.seller.get",
            {"num_iid": str(item_id or self.item_id), "fields": "title,num"},
            max_age_s,
        )

    async def shelf(self, max_age_s: float | None = DEFAULT) -> Answer[Any]:
        """Reads the list of what is on sale."""
        return await self._read("taobao.items.onsale.get", {"fields": "num_iid", "page_size": "1"}, max_age_s)

    async def categories(self) -> Answer[Any]:
        return await self._read("taobao.itemcats.get", {"parent_cid": "0", "fields": "cid,name"}, DEFAULT)

    async def rename(self, title: str) -> None:
        await self.client.call(
            "taobao.item.update",
            {"num_iid": str(self.item_id), "title": title},
            dict,
            shop=SHOP,
            kind=Kind.WRITE,
            lane=Lane.LISTING,
        )

    async def _read(self, method: str, params: dict[str, str], max_age_s: float | None) -> Answer[Any]:
        return await self.client.call(
            method, params, dict, shop=SHOP, kind=Kind.READ, lane=Lane.POLLS, max_age_s=max_age_s
        )


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.client.close()


async def test_a_read_wants_a_fresh_reply_unless_it_says_otherwise(bench: Bench) -> None:
    await bench.title()
    await bench.client.call(
        "taobao.item.seller.get",
        {"num_iid": str(bench.item_id), "fields": "title,num"},
        dict,
        shop=SHOP,
        kind=Kind.READ,
        lane=Lane.POLLS,
    )

    assert bench.calls == 2


async def test_a_kept_reply_costs_no_call_for_300_seconds_and_tells_its_own_age(bench: Bench) -> None:
    first = await bench.title()
    bench.clock.jump(299)
    second = await bench.title()
    bench.clock.jump(2)
    third = await bench.title()

    assert second == first
    assert third.asked_us - first.asked_us == 301 * SECOND_US
    assert bench.calls == 2
    assert bench.cache.counts.hit_rate == pytest.approx(1 / 3)


async def test_what_the_cache_was_good_for_is_logged_when_the_client_closes(bench: Bench) -> None:
    for _ in range(4):
        await bench.title()

    with capture_logs() as lines:
        await bench.cache.close()

    (told,) = lines
    assert (told["event"], told["hits"], told["misses"], told["hit_rate"]) == ("cache.counts", 3, 1, 0.75)


async def test_a_read_may_say_how_old_is_too_old(bench: Bench) -> None:
    await bench.title()
    bench.clock.jump(10)

    await bench.title(max_age_s=5)

    assert bench.calls == 2


async def test_categories_are_kept_for_a_day(bench: Bench) -> None:
    await bench.categories()
    bench.clock.jump(86_000)

    await bench.categories()

    assert bench.calls == 1


async def test_equal_reads_at_the_same_time_are_one_call(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.title() for _ in range(50)))

    assert bench.calls == 1
    assert len({answer.asked_us for answer in answers}) == 1
    assert bench.cache.counts.shared == 49


async def test_nobody_can_change_what_another_is_given(bench: Bench) -> None:
    first, second = await asyncio.gather(bench.title(), bench.title())
    first.value["item"]["title"] = "spoilt"

    assert second.value["item"]["title"] != "spoilt"
    assert (await bench.title()).value["item"]["title"] != "spoilt"


async def test_our_own_write_is_seen_by_the_next_read_of_the_item_and_of_lists(bench: Bench) -> None:
    await bench.title()
    await bench.shelf()

    await bench.rename("新标题")

    assert (await bench.title()).value["item"]["title"] == "新标题"
    await bench.shelf()
    assert bench.calls == 5


async def test_a_write_to_one_item_leaves_another_kept(bench: Bench) -> None:
    other = await TopPlatform(bench.client).for_shop(SHOP, Lane.LISTING).create(DRAFT, shelf=Shelf.ONSALE)
    await bench.title(item_id=other)
    before = bench.calls

    await bench.rename("新标题")
    await bench.title(item_id=other)

    assert bench.calls == before + 1


async def test_a_write_without_an_answer_drops_too(bench: Bench) -> None:
    await bench.title()
    await control(bench.sandbox, "faults", {"kind": "cut_after", "method": "taobao.item.update", "count": 1})

    with pytest.raises(Unanswered):
        await bench.rename("新标题")

    assert (await bench.title()).value["item"]["title"] == "新标题"


async def test_a_write_in_a_batch_drops_too(bench: Bench) -> None:
    await bench.title()

    await bench.client.batch(
        [Part("taobao.item.update", {"num_iid": str(bench.item_id), "title": "新标题"}, Kind.WRITE)],
        shop=SHOP,
        lane=Lane.LISTING,
    )

    assert (await bench.title()).value["item"]["title"] == "新标题"


async def test_a_read_overtaken_by_a_write_is_not_kept_and_not_shared(bench: Bench) -> None:
    """It was asked before the write and answers after it: it may show what stood before."""
    await control(
        bench.sandbox,
        "faults",
        {"kind": "delay", "method": "taobao.item.seller.get", "count": 1, "seconds": 8},
    )
    overtaken = asyncio.create_task(bench.title())
    await bench.clock.sleep(1)

    await bench.rename("新标题")
    later = await bench.title()
    await overtaken

    assert later.value["item"]["title"] == "新标题"
    assert (await bench.title()).asked_us == later.asked_us


async def test_a_pushed_message_drops_the_item_it_tells_of(bench: Bench) -> None:
    await bench.title()
    await control(bench.sandbox, "seller", {"action": "edit", "num_iid": bench.item_id, "title": "卖家改的"})

    await bench.client.forget(SHOP.shop_id, "items", bench.item_id)

    assert (await bench.title()).value["item"]["title"] == "卖家改的"


async def test_an_error_is_told_to_all_who_waited_and_is_not_kept(bench: Bench) -> None:
    await control(bench.sandbox, "faults", {"kind": "cut_before", "method": "reads", "count": 3})

    ended = await asyncio.gather(bench.title(), bench.title(), return_exceptions=True)

    assert [type(one) for one in ended] == [Unanswered, Unanswered]
    assert (await bench.title()).value["item"]


async def test_who_waits_is_answered_though_who_asked_first_gave_up(bench: Bench) -> None:
    await control(bench.sandbox, "faults", {"kind": "delay", "method": "reads", "count": 1, "seconds": 5})
    first = asyncio.create_task(bench.title())
    second = asyncio.create_task(bench.title())
    await bench.clock.sleep(1)

    first.cancel()

    assert (await second).value["item"]
    assert bench.calls == 1


async def test_a_store_that_is_away_costs_calls_and_nothing_else() -> None:
    bench = Bench(memory=Away())

    await bench.title()
    await bench.title()
    await bench.rename("新标题")

    assert bench.calls == 3
    await bench.client.close()


async def test_memory_keeps_to_its_bytes_and_the_least_used_goes_first() -> None:
    store = MemoryStore(most_bytes=250 + 2 * OVERHEAD_BYTES)

    for key in ("a", "b"):
        await store.put(Asked(key, frozenset({"tag"})), Kept(b"x" * 100, 0, 0), 0)
    await store.get("a")
    await store.put(Asked("c", frozenset({"tag"})), Kept(b"x" * 100, 0, 0), 0)

    assert [key for key in ("a", "b", "c") if await store.get(key)] == ["a", "c"]
    await store.put(Asked("d", frozenset({"tag"})), Kept(b"x" * 2 * OVERHEAD_BYTES, 0, 0), 0)
    assert await store.get("d") is None
    await store.drop(["tag"])
    assert not [key for key in ("a", "c") if await store.get(key)]
