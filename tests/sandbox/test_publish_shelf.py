"""The publisher against the sandbox in one process, on one clock that jumps: whatever is lost, nothing is listed twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from threads import CountedThreads

from onshelf.catalog import item as catalog
from onshelf.catalog.product import Product, Sku
from onshelf.catalog.store import PRODUCT_COLUMNS, add_item, known_items, product_values, write_item
from onshelf.clock import SECOND_US, FakeClock
from onshelf.ids import JobId, ShopId
from onshelf.jobs.drain import Drain
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.pace import Progress
from onshelf.jobs.queue import LineReport, NewLine, Queue
from onshelf.jobs.waker import LocalWaker
from onshelf.listing.choose import Absent, AdoptItem, settle, undecided
from onshelf.listing.decide import Timing
from onshelf.listing.intent import Intent, State
from onshelf.listing.preview import preview
from onshelf.listing.publish import Publisher
from onshelf.listing.start import progress, start
from onshelf.listing.store import load_intents
from onshelf.platforms.port import Free, Lane, ShopRef
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.top.client import ClientOptions, TopClient
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.faults import Order
from onshelf.sandbox.launch import in_process
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.seed import FIRST_SHOP, _first_item
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.shelf import Item
from onshelf.store.db import Database

SHOP = ShopRef(ShopId("shop"), "12345678", "http://sandbox/router/rest")
TIMING = Timing(write_timeout_s=10, settle_s=20, look_spacing_s=10, looks=3, clock_skew_s=5)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000320000003200802000000ddbb7c3d0000000049454e44ae426082"
)


class Apps:
    async def secret(self, app_key: str) -> str:
        return "helloworld"


class Sessions:
    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


@dataclass
class World:
    """A shop, its sandbox, and everything between, in one process."""

    db: Database
    clock: FakeClock
    sandbox: Sandbox
    folder: Path
    transport: AsgiTransport = field(init=False)
    queue: Queue = field(init=False)
    jobs: int = 0
    limits: list[Limit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transport = AsgiTransport(self.sandbox, self.clock, (ConnectionCut,))
        self.queue = Queue(self.db, self.clock, lease_s=60)
        self.stop = asyncio.Event()
        self.client = TopClient(
            self.transport,
            apps=Apps(),
            sessions=Sessions(),
            quotas=Quotas(self.limits, self.clock),
            clock=self.clock,
            random=random.Random(1),
            options=ClientOptions(read_timeout_s=10, write_timeout_s=10),
        )

    async def put(self, *products: Product) -> None:
        """Stores products as an import would."""
        rows = [("shop", *product_values(product), 0, 0) for product in products]
        await self.db.upsert_many(
            "product",
            key=("shop_id", "outer_id"),
            columns=("shop_id", *PRODUCT_COLUMNS, "held", "changed_us"),
            rows=rows,
        )

    async def start(self, *codes: str, do: str = "publish") -> JobId:
        self.jobs += 1
        job_id = JobId(f"job{self.jobs}")
        job = Job(job_id, "publish", "shop", JobState.QUEUED, self.clock.now_us(), "{}")
        lines = [NewLine(code, payload=f'{{"do": "{do}"}}') for code in codes]
        await self.db.commit(self.queue.enqueue(job, lines))
        return job_id

    def drain(self) -> Drain:
        """A worker: another one each time, as after a restart."""
        platform = TopPlatform(self.client)
        publisher = Publisher(
            self.db,
            self.queue,
            lambda shop_id: platform.for_shop(SHOP, Lane.LISTING),
            self.clock,
            timing=TIMING,
            random=random.Random(1),
            stop=self.stop,
        )
        return Drain(self.queue, {"publish": publisher}, self.clock, LocalWaker(), random=random.Random(1))

    async def finish(self, job_id: JobId) -> list[LineReport]:
        await self.drain().until_ended(job_id, self.stop)
        return await self.queue.lines(job_id)

    async def publish(self, *products: Product) -> list[LineReport]:
        """Imports, publishes, and waits for the end."""
        await self.put(*products)
        return await self.finish(await self.start(*(product.outer_id for product in products)))

    def picture(self, name: str, content: bytes = PNG) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def fault(self, kind: str, method: str = "taobao.item.add", **rule: Any) -> None:
        self.sandbox.gateway.faults.add(Order(kind=kind, method=method, **rule))

    @property
    def counter(self) -> Counter:
        """The seller's own hands."""
        shop = self.sandbox.world.shops[FIRST_SHOP]
        return Counter(self.sandbox.world, shop, Cause(self.sandbox.clock.now(), "seller"))

    def living(self, code: str) -> list[Item]:
        """Items that carry the code now, however late the lists are."""
        self.sandbox.gateway.settle_all()
        items = self.sandbox.world.shops[FIRST_SHOP].shelf.items.values()
        return [item for item in items if item.wire["outer_id"] == code and not item.deleted]

    def made(self, code: str) -> int:
        """How many items ever carried the code."""
        items = self.sandbox.world.shops[FIRST_SHOP].shelf.items.values()
        return sum(item.wire["outer_id"] == code for item in items)

    def calls(self, method: str) -> int:
        return self.sandbox.world.stats.by_method.get(method, 0)

    async def intent(self, code: str) -> Intent:
        return (await load_intents(self.db, "shop", [code]))[code]


def product(code: str, **values: Any) -> Product:
    given = {
        "title": f"测试商品 {code}",
        "price": Decimal("12.30"),
        "stock": 7,
        "category_id": 50010850,
        "description": "一件测试用的商品。",
        "condition": "new",
        "province": "浙江",
        "city": "杭州",
    }
    return Product(outer_id=code, **{**given, **values})


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    threads = CountedThreads()
    clock = FakeClock(datetime(2026, 3, 1, 4, tzinfo=UTC), busy=lambda: database.busy() or threads.busy())
    world = World(database, clock, in_process(clock), tmp_path)
    yield world
    await world.client.close()


def _wire(code: str, title: str) -> dict[str, Any]:
    return {**_first_item(), "outer_id": code, "title": title}


UNANSWERED = ["cut_before", "cut_after", "cut_then_done", "isp_after", "http_5xx", "truncate"]


async def test_a_product_goes_on_the_shelf_once_and_is_read_back(world: World) -> None:
    (line,) = await world.publish(product("A"))

    assert (line.line.state, line.outcome["code"]) == (JobState.SUCCEEDED, "listing.created")
    (item,) = world.living("A")
    assert item.on_sale
    assert list(await known_items(world.db, "shop", [item.num_iid])) == [item.num_iid]


async def test_the_normal_path_pays_one_create_and_shared_reads(world: World) -> None:
    await world.publish(*(product(f"P{number}") for number in range(40)))

    assert world.calls("taobao.item.add") == 40
    assert world.calls("taobao.items.custom.get") == 1
    assert world.calls("taobao.items.seller.list.get") == 2
    assert world.calls("taobao.items.onsale.get") == 0


@pytest.mark.parametrize("lag_s", [0, 12])
@pytest.mark.parametrize("kind", UNANSWERED)
async def test_an_unanswered_create_ends_on_the_shelf_exactly_once(
    world: World, kind: str, lag_s: float
) -> None:
    world.fault(kind, count=1, seconds=25)
    if lag_s:
        world.fault("lag", "writes", seconds=lag_s)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    (item,) = world.living("A")
    assert item.on_sale
    assert (await world.intent("A")).item_id == item.num_iid


@pytest.mark.parametrize("first", UNANSWERED)
@pytest.mark.parametrize("second", UNANSWERED)
async def test_two_unanswered_creates_in_a_row_leave_no_copy(world: World, first: str, second: str) -> None:
    world.fault("lag", "writes", seconds=8)
    world.fault(first, count=1, seconds=25)
    world.fault(second, count=1, seconds=25)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.on_sale for item in world.living("A")] == [True]


async def test_what_a_pushed_message_made_known_is_adopted_though_no_list_shows_it(world: World) -> None:
    """A message names the item, watch reads it by id and keeps a record; lists and look-ups lag for an hour."""
    world.fault("lag", "writes", seconds=3600)
    world.fault("cut_after", count=1)
    await world.put(product("A"))
    job = await world.start("A")
    worker = asyncio.create_task(world.finish(job))
    while not world.made("A"):
        await world.clock.sleep(0.1)
    await world.db.commit([add_item(record_of(world, "A"))])

    (line,) = await worker

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert world.made("A") == 1
    assert (await world.intent("A")).item_id == record_of(world, "A").item_id


def record_of(world: World, code: str) -> catalog.Item:
    """Gives the record that watch would keep of the item with a code."""
    items = world.sandbox.world.shops[FIRST_SHOP].shelf.items.values()
    (made,) = (item for item in items if item.wire["outer_id"] == code)
    at_us = world.clock.now_us()
    return catalog.Item(
        "shop",
        made.num_iid,
        1,
        catalog.State.ONSALE,
        catalog.Reason.FIRST_SEEN,
        code,
        made.wire["title"],
        None,
        7,
        at_us,
        at_us,
        at_us,
    )


async def test_a_repeat_goes_into_the_warehouse_before_the_shelf(world: World) -> None:
    world.fault("cut_before", count=1)

    await world.publish(product("A"))

    (item,) = world.living("A")
    assert [event["what"] for event in item.events][:2] == ["created", "listed"]
    assert item.events[0].get("banner", "never_on_shelf") == "never_on_shelf"


async def test_a_first_create_that_shows_up_late_is_adopted_and_the_copy_deleted(world: World) -> None:
    late_s = TIMING.write_timeout_s + TIMING.settle_s + 2 * TIMING.look_spacing_s + 3  # later than assumed
    world.fault("cut_then_done", count=1, seconds=late_s)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert world.made("A") == 2
    (item,) = world.living("A")
    assert item.on_sale
    assert line.outcome["removed"] != []


async def test_waiting_for_one_line_holds_up_no_other(world: World) -> None:
    world.fault("cut_after", at=1)

    lines = await world.publish(product("A"), product("B"))

    slow = max(lines, key=lambda line: line.changed_us)
    fast = min(lines, key=lambda line: line.changed_us)
    assert slow.changed_us - fast.changed_us >= TIMING.rest_us - SECOND_US


async def test_an_item_that_carries_the_code_already_is_linked_and_changed(world: World) -> None:
    old = world.counter.create(_wire("A", "旧标题"))

    (line,) = await world.publish(product("A", title="新标题"))

    assert line.outcome["action"] == "change"
    (item,) = world.living("A")
    assert (item.num_iid, item.wire["title"]) == (old.num_iid, "新标题")


async def test_two_items_with_the_code_before_our_first_write_are_a_question(world: World) -> None:
    world.counter.create(_wire("A", "甲"))
    world.counter.create(_wire("A", "乙"))

    (line,) = await world.publish(product("A"))

    assert (line.line.state, line.outcome["code"]) == (
        JobState.FAILED,
        "listing.undecided.several_prior",
    )
    assert (await world.intent("A")).state is State.UNDECIDED
    assert world.calls("taobao.item.add") == 0


async def test_a_foreign_item_with_our_code_makes_a_person_decide(world: World) -> None:
    world.fault("cut_before", count=1)
    await world.put(product("A"))
    job = await world.start("A")
    task = asyncio.create_task(world.finish(job))
    await world.clock.sleep(15)
    world.counter.create(_wire("A", "别人的标题"))

    (line,) = await task

    assert line.outcome["code"] == "listing.undecided.strangers"
    assert world.made("A") == 1


async def test_nothing_changed_means_no_write(world: World) -> None:
    await world.publish(product("A"))
    writes = world.sandbox.world.stats.writes

    (line,) = await world.publish(product("A"))

    assert line.outcome["code"] == "listing.plan.unchanged"
    assert world.sandbox.world.stats.writes == writes


async def test_a_change_sends_only_what_our_product_changed(world: World) -> None:
    await world.publish(product("A"))
    (item,) = world.living("A")
    world.counter.change(item, {"title": "卖家改的标题"})

    (line,) = await world.publish(product("A", price=Decimal("15.00")))

    (item,) = world.living("A")
    assert (item.wire["price"], item.wire["title"]) == ("15.00", "卖家改的标题")
    assert (line.outcome["code"], line.outcome["kept"]) == ("listing.changed", ["title"])


@pytest.mark.parametrize("kind", UNANSWERED)
async def test_an_unanswered_change_is_read_back_and_repeated(world: World, kind: str) -> None:
    await world.publish(product("A"))
    world.fault(kind, "taobao.item.update", count=1, seconds=25)

    (line,) = await world.publish(product("A", price=Decimal("15.00")))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.wire["price"] for item in world.living("A")] == ["15.00"]


async def test_an_item_that_is_gone_is_a_question_and_never_made_again(world: World) -> None:
    await world.publish(product("A"))
    (item,) = world.living("A")
    world.counter.delete(item)

    (line,) = await world.publish(product("A", price=Decimal("15.00")))

    assert (line.line.state, line.outcome["code"]) == (JobState.FAILED, "listing.gone")
    assert world.made("A") == 1


async def record_deleted(world: World, code: str) -> int:
    """Notes of the item of a code what a look that does not find it would."""
    item_id = (await world.intent(code)).item_id
    assert item_id is not None
    known = (await known_items(world.db, "shop", [item_id]))[item_id]
    gone = replace(known, state=catalog.State.DELETED, reason=catalog.Reason.DELETED, version=2)
    await world.db.commit([write_item(gone, expect_version=known.version)])
    return item_id


async def test_a_deleted_item_is_published_again_on_one_word_of_a_person(world: World) -> None:
    await world.publish(product("A"))
    (item,) = world.living("A")
    world.counter.delete(item)
    await record_deleted(world, "A")

    shown = await preview(world.db, "shop", Free(0, 1.0, None), world.clock.now_us())
    (asked,) = await world.publish(product("A", title="新标题"))
    assert (shown.undecided, shown.to_do, asked.outcome["code"]) == (1, 0, "listing.gone")
    assert await start(world.db, world.queue, "shop", world.clock, random.Random(1)) is None
    (question,) = await undecided(world.db, "shop")
    assert (question.gone, question.choices) == (True, ())

    await settle(world.db, "shop", "A", Absent())
    (line,) = await world.publish(product("A", title="新标题"))

    assert line.outcome["code"] == "listing.created", line.outcome
    assert [one.wire["title"] for one in world.living("A")] == ["新标题"]
    assert await undecided(world.db, "shop") == []


@pytest.mark.parametrize("by_code", [True, False], ids=["the look-up shows it", "only its id shows it"])
async def test_a_deletion_our_record_got_wrong_makes_no_second_item(world: World, by_code: bool) -> None:
    if not by_code:
        world.fault("lag", "writes", seconds=3600)
    await world.publish(product("A"))
    item_id = await record_deleted(world, "A")
    await settle(world.db, "shop", "A", Absent())

    (line,) = await world.publish(product("A", title="新标题"))

    assert line.outcome["code"] == "listing.changed", line.outcome
    assert ((await world.intent("A")).item_id, world.made("A")) == (item_id, 1)


async def test_a_change_of_an_item_that_is_gone_leaves_a_question_that_can_be_settled(world: World) -> None:
    """A refused change is no write that was answered: its question was once shown nowhere."""
    await world.publish(product("A"))
    await world.publish(product("A", title="宽" * 31))
    assert (await world.intent("A")).state is State.REFUSED
    world.counter.delete(world.living("A")[0])

    (line,) = await world.publish(product("A", title="丙"))

    assert line.outcome["code"] == "listing.gone"
    assert [one.outer_id for one in await undecided(world.db, "shop")] == ["A"]
    (again,) = await world.publish(product("A", title="丁"))
    assert again.outcome["code"] == "listing.gone"


async def test_what_stands_otherwise_is_left_alone_until_a_person_adopts_it(world: World) -> None:
    await world.put(product("A"))
    job = await world.start("A")
    world.fault("delay", "taobao.items.seller.list.get", seconds=5, count=1)
    task = asyncio.create_task(world.finish(job))
    await world.clock.sleep(2)
    (item,) = world.living("A")
    world.counter.change(item, {"title": "被改掉了"})
    await task

    (asked,) = await world.publish(product("A", title="新标题"))
    assert (asked.outcome["code"], world.living("A")[0].wire["title"]) == ("listing.differs", "被改掉了")
    assert asked.outcome["differs"]
    await settle(world.db, "shop", "A", AdoptItem(item.num_iid))
    (line,) = await world.publish(product("A", title="新标题"))

    assert line.outcome["code"] == "listing.changed", line.outcome
    assert [one.wire["title"] for one in world.living("A")] == ["新标题"]


async def test_what_was_accepted_but_stands_otherwise_is_a_question_with_both_values(world: World) -> None:
    await world.put(product("A"))
    job = await world.start("A")
    world.fault("delay", "taobao.items.seller.list.get", seconds=5, count=1)
    task = asyncio.create_task(world.finish(job))
    await world.clock.sleep(2)
    (item,) = world.living("A")
    world.counter.change(item, {"title": "被改掉了"})

    (line,) = await task

    assert (line.line.state, line.outcome["code"]) == (JobState.FAILED, "listing.differs")
    assert line.outcome["differs"] == {"title": ["测试商品 A", "被改掉了"]}


async def test_a_refusal_is_told_with_its_remedy_and_mended_by_the_next_import(world: World) -> None:
    (line,) = await world.publish(product("A", title="宽" * 31))

    assert line.line.state is JobState.FAILED
    assert line.outcome["code"] == "errors.business_fault"
    assert line.outcome["remedy"]["zh"]

    (mended,) = await world.publish(product("A"))

    assert mended.outcome["code"] == "listing.created"
    assert len(world.living("A")) == 1


async def test_the_same_picture_is_uploaded_once_for_all_lines(world: World) -> None:
    picture, same = world.picture("a.png"), world.picture("b.png")

    lines = await world.publish(
        *(product(f"P{number}", pictures=(picture if number % 2 else same,)) for number in range(10))
    )

    assert {line.line.state for line in lines} == {JobState.SUCCEEDED}, lines[0].outcome
    assert world.calls("taobao.picture.upload") == 1


@pytest.mark.parametrize("kind", UNANSWERED)
async def test_an_unanswered_upload_is_looked_up_before_it_is_repeated(world: World, kind: str) -> None:
    world.fault("lag", "writes", seconds=12)
    world.fault(kind, "taobao.picture.upload", count=1, seconds=25)

    (line,) = await world.publish(product("A", pictures=(world.picture("a.png"),)))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert len(world.sandbox.world.shops[FIRST_SHOP].pictures.rows) == 1


async def test_further_pictures_follow_the_create(world: World) -> None:
    pictures = (world.picture("a.png"), world.picture("b.png", PNG + b"2"))

    (line,) = await world.publish(product("A", pictures=pictures))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    (item,) = world.living("A")
    assert len(item.images) == 2


async def test_skus_are_published_and_read_back(world: World) -> None:
    skus = tuple(
        Sku(f"A-{size}", (("尺码", size),), f"20509:{value}", Decimal(price), 3)
        for size, value, price in (("S", 28314, "12.30"), ("M", 28315, "13.30"))
    )
    whole = product("A", skus=skus, stock=6, properties="20509:28314;20509:28315", category_id=50000671)

    (line,) = await world.publish(whole)

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    (item,) = world.living("A")
    assert len(item.skus) == 2


@pytest.mark.parametrize(("do", "on_sale"), [("delist", False), ("list", True)])
async def test_listing_and_delisting_may_be_repeated_and_are_read_back(
    world: World, do: str, on_sale: bool
) -> None:
    await world.publish(product("A"))
    if do == "list":
        await world.finish(await world.start("A", do="delist"))
    world.fault("cut_after", "taobao.item.update.*", count=1)

    (line,) = await world.finish(await world.start("A", do=do))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.on_sale for item in world.living("A")] == [on_sale]


async def test_what_we_delete_is_not_created_again_by_the_next_publish(world: World) -> None:
    await world.publish(product("A"))
    (line,) = await world.finish(await world.start("A", do="delete"))
    assert line.outcome["code"] == "listing.deleted", line.outcome

    (again,) = await world.publish(product("A"))

    assert again.outcome["code"] == "listing.plan.given_up"
    assert world.living("A") == []


async def test_a_restart_does_not_shorten_the_rest_before_a_look(world: World) -> None:
    world.fault("cut_then_done", count=1, seconds=25)
    await world.put(product("A"))
    job = await world.start("A")
    first = asyncio.create_task(world.finish(job))
    await world.clock.sleep(3)
    world.stop.set()
    await first
    world.stop.clear()
    looks = world.calls("taobao.items.onsale.get")

    (line,) = await world.finish(job)

    assert looks == 0
    assert line.line.state is JobState.SUCCEEDED
    assert len(world.living("A")) == 1


async def test_a_dead_token_pauses_the_shop_and_loses_nothing(world: World) -> None:
    world.fault("expire_session", count=1)
    await world.put(product("A"), product("B"))
    job = await world.start("A", "B")

    lines = await world.finish(job)

    assert {line.line.state for line in lines} <= {JobState.PAUSED, JobState.SUCCEEDED}
    assert JobState.PAUSED in {line.line.state for line in lines}
    assert world.made("A") + world.made("B") <= 1


async def test_a_preview_counts_and_calls_nothing(world: World) -> None:
    picture = world.picture("a.png")
    await world.publish(product("A", pictures=(picture,)), product("B"))
    calls = world.sandbox.world.stats.calls
    other = world.picture("c.png", PNG + b"3")
    missing = str(world.folder / "missing.png")
    await world.put(
        product("B", price=Decimal(99)),
        product("C", pictures=(picture, other)),
        product("D", pictures=(missing,)),
    )

    shown = await preview(world.db, "shop", Free(0, 1.0, None), world.clock.now_us())

    assert (shown.create, shown.change, shown.skip, shown.unreadable) == (1, 1, 1, 1)
    assert shown.pictures == 1
    assert shown.calls == {"upload": 1, "find_by_codes": 1, "create": 1, "update": 2, "get_items": 1}
    assert shown.forecast.minutes == pytest.approx(6 / 60)
    assert world.sandbox.world.stats.calls == calls


async def test_a_second_start_joins_the_job_under_way_and_adds_only_what_is_missing(world: World) -> None:
    await world.put(product("A"), product("B"))
    first = await start(world.db, world.queue, "shop", world.clock, random.Random(1))
    assert first is not None

    assert await start(world.db, world.queue, "shop", world.clock, random.Random(2)) == first
    await world.put(product("C"))
    second = await start(world.db, world.queue, "shop", world.clock, random.Random(3))

    assert second is not None
    assert [line.line.key for line in await world.queue.lines(second)] == ["C"]
    await world.finish(first)
    await world.finish(second)
    assert await progress(world.queue, first) == Progress(2, succeeded=2, failed=0, waiting=0, open=0)
    assert await start(world.db, world.queue, "shop", world.clock, random.Random(4)) is None


async def test_a_choice_of_a_person_sets_an_undecided_product_going_again(world: World) -> None:
    mine = world.counter.create(_wire("A", "甲"))
    world.counter.create(_wire("A", "乙"))
    await world.publish(product("A"))
    (question,) = await undecided(world.db, "shop")
    assert len(question.item_ids) == 2

    await settle(world.db, "shop", "A", AdoptItem(mine.num_iid))
    (line,) = await world.publish(product("A", title="丙"))

    assert line.outcome["code"] == "listing.changed", line.outcome
    assert sorted(item.wire["title"] for item in world.living("A")) == ["丙", "乙"]


async def test_a_product_called_absent_is_created_beside_the_foreign_item(world: World) -> None:
    world.counter.create(_wire("A", "甲"))
    world.counter.create(_wire("A", "乙"))
    await world.publish(product("A"))

    await settle(world.db, "shop", "A", Absent())
    (line,) = await world.publish(product("A"))

    assert line.outcome["code"] == "listing.created", line.outcome
    assert len(world.living("A")) == 3


async def test_a_paused_job_stops_before_its_next_send(world: World) -> None:
    world.fault("delay", "taobao.items.custom.get", seconds=5)
    await world.put(product("A"))
    job = await world.start("A")
    task = asyncio.create_task(world.finish(job))
    await world.clock.sleep(2)
    await world.queue.pause(job)

    (line,) = await task

    assert (line.line.state, world.made("A")) == (JobState.PAUSED, 0)
    await world.queue.resume(job)
    (line,) = await world.finish(job)
    assert line.line.state is JobState.SUCCEEDED


async def test_a_surplus_copy_that_somebody_listed_is_never_deleted(world: World) -> None:
    late_s = TIMING.write_timeout_s + TIMING.settle_s + 2 * TIMING.look_spacing_s + 3
    world.fault("cut_then_done", count=1, seconds=late_s)
    await world.put(product("A"))
    task = asyncio.create_task(world.finish(await world.start("A")))
    await world.clock.sleep(late_s - 2)
    (copy,) = world.living("A")
    world.counter.put_on(copy)

    (line,) = await task

    assert line.line.state is JobState.FAILED
    assert line.outcome["code"].startswith("listing.undecided."), line.outcome
    assert len(world.living("A")) == 2


@pytest.mark.parametrize("seed", range(12))
async def test_lost_answers_and_deaths_at_any_moment_leave_each_row_once(world: World, seed: int) -> None:
    """Faults on every kind of write, lists that lag, and workers that die wherever they stand."""
    dice = random.Random(seed)
    for number, kind in enumerate(("cut_before", "cut_after", "cut_then_done", "isp_after")):
        world.fault(kind, "writes", share=0.12, seconds=dice.uniform(0, 28), seed=seed * 10 + number)
    world.fault("lag", "writes", seconds=dice.uniform(0, 18))
    pictures = [world.picture(f"{number}.png", PNG + bytes([number])) for number in range(3)]
    goods = [product(f"P{number}", pictures=(dice.choice(pictures),)) for number in range(8)]
    await world.put(*goods)
    job = await world.start(*(one.outer_id for one in goods))

    for _ in range(6):
        worker = asyncio.create_task(world.finish(job))
        await world.clock.sleep(dice.uniform(0, 40))
        worker.cancel()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    lines = await world.finish(job)

    for line in lines:
        shelf = [item.on_sale for item in world.living(line.line.key)]
        assert shelf == [True] or "undecided" in line.outcome["code"], (line.line.key, shelf, line.outcome)
    assert len(world.sandbox.world.shops[FIRST_SHOP].pictures.rows) == len({one.pictures for one in goods})


async def test_a_short_quota_only_takes_longer(world: World) -> None:
    world.limits.append(Limit(6, 60.0))
    world.__post_init__()
    world.sandbox.gateway.quota.set(Limits(app_key="12345678", per_minute=6))

    lines = await world.publish(*(product(f"P{number}") for number in range(12)))

    assert {line.line.state for line in lines} == {JobState.SUCCEEDED}
    assert world.sandbox.world.stats.refusals == {}
    assert world.calls("taobao.item.add") == 12


async def test_stopping_does_not_wait_for_the_quota(world: World) -> None:
    world.limits.append(Limit(3, 40.0))
    world.__post_init__()
    await world.put(*(product(f"P{number}") for number in range(6)))
    job = await world.start(*(f"P{number}" for number in range(6)))
    worker = asyncio.create_task(world.finish(job))
    await world.clock.sleep(5)
    began = world.clock.monotonic()
    world.stop.set()

    lines = await worker

    assert world.clock.monotonic() - began < 1
    assert {line.line.state for line in lines} == {JobState.QUEUED}
    world.stop.clear()
    lines = await world.finish(job)
    assert {line.line.state for line in lines} == {JobState.SUCCEEDED}, [line.outcome for line in lines]
    assert world.calls("taobao.item.add") == 6


async def test_stopping_finishes_the_write_under_way_and_begins_no_other(world: World) -> None:
    world.fault("delay", "taobao.picture.upload", seconds=5)
    await world.put(product("A", pictures=(world.picture("a.png"),)))
    job = await world.start("A")
    worker = asyncio.create_task(world.finish(job))
    while not world.calls("taobao.picture.upload"):
        await world.clock.sleep(0.1)
    world.stop.set()

    (line,) = await worker

    assert line.line.state is JobState.QUEUED
    assert (world.calls("taobao.picture.upload"), world.calls("taobao.item.add")) == (1, 0)
    world.stop.clear()
    (line,) = await world.finish(job)
    assert line.line.state is JobState.SUCCEEDED
    assert world.calls("taobao.picture.upload") == 1


async def test_a_ban_is_waited_for_and_not_taken_for_a_lost_answer(world: World) -> None:
    world.fault("ban", count=1, seconds=30)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED
    assert (world.made("A"), world.calls("taobao.items.onsale.get")) == (1, 0)


@pytest.mark.parametrize("kind", UNANSWERED)
async def test_an_unanswered_deletion_of_a_copy_is_looked_up_and_repeated(world: World, kind: str) -> None:
    late_s = TIMING.write_timeout_s + TIMING.settle_s + 2 * TIMING.look_spacing_s + 3
    world.fault("cut_then_done", count=1, seconds=late_s)
    world.fault(kind, "taobao.item.delete", count=1, seconds=5)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.on_sale for item in world.living("A")] == [True]


async def test_a_refusal_as_duplicate_after_silence_means_look_again(world: World) -> None:
    world.fault("cut_before", count=1)
    world.fault("isp", count=1, sub_code="isv.item-add-service-error:DUPLICATE_PUBLISH")

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert world.made("A") == 1
    assert len((await world.intent("A")).looks) == 7  # three, three after the refusal, one before listing


async def test_a_read_that_is_forbidden_fails_the_line_before_any_write(world: World) -> None:
    world.sandbox.world.apps["12345678"].denied.append("taobao.items.custom.get")

    (line,) = await world.publish(product("A"))

    assert (line.line.state, line.outcome["code"]) == (JobState.FAILED, "errors.permission_refused")
    assert world.made("A") == 0


async def test_a_read_without_an_answer_is_asked_again(world: World) -> None:
    world.fault("cut_before", "taobao.items.custom.get", count=5)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome


async def test_a_refused_delisting_leaves_the_record_as_it_was(world: World) -> None:
    await world.publish(product("A"))
    world.fault("isp", "taobao.item.update.delisting", count=1, sub_code="isv.item-listing-service-error:X")

    (line,) = await world.finish(await world.start("A", do="delist"))
    (after,) = await world.publish(product("A"))

    assert (line.line.state, line.outcome["code"]) == (JobState.FAILED, "errors.business_fault")
    assert after.outcome["code"] == "listing.plan.unchanged"


async def test_a_refused_listing_of_a_repeat_is_taken_up_again(world: World) -> None:
    world.fault("cut_before", count=1)
    world.fault("isp", "taobao.item.update.listing", count=1, sub_code="isv.item-listing-service-error:X")

    (line,) = await world.publish(product("A"))
    assert line.line.state is JobState.FAILED
    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.on_sale for item in world.living("A")] == [True]
    assert world.made("A") == 1


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
async def test_the_same_holds_on_postgresql(world: World, kind: str) -> None:
    world.fault(kind, count=1)

    (line,) = await world.publish(product("A", pictures=(world.picture("a.png"),)))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert [item.on_sale for item in world.living("A")] == [True]


async def test_reads_by_id_that_lag_only_take_longer(world: World) -> None:
    world.fault("lag", "writes", seconds=12, ids=True)

    lines = await world.publish(product("A"), product("B"))

    assert [line.outcome["code"] for line in lines] == ["listing.created"] * 2
    assert (world.made("A"), world.made("B")) == (1, 1)


async def test_the_listing_of_a_repeat_is_preceded_by_a_look_however_often_it_is_tried(world: World) -> None:
    late_s = TIMING.write_timeout_s + TIMING.settle_s + 4 * TIMING.look_spacing_s  # after the last look
    world.fault("cut_then_done", count=1, seconds=late_s)
    world.fault("cut_before", "taobao.item.update.listing", count=1)

    (line,) = await world.publish(product("A"))

    assert line.line.state is JobState.SUCCEEDED, line.outcome
    assert world.made("A") == 2
    assert [item.on_sale for item in world.living("A")] == [True]
