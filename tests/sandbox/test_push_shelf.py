"""Push against the sandbox in one process, on one clock that jumps: what is pushed is noticed, whatever becomes of messages."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onshelf.catalog.item import Reason, State
from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import NotSent
from onshelf.events import ItemChanged
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.top.tmc.connection import Line
from onshelf.platforms.transport import AsgiTransport
from onshelf.pushing import Pushing
from onshelf.sandbox.errors import ApiError, ConnectionCut
from onshelf.sandbox.faults import Order
from onshelf.sandbox.launch import control, in_process
from onshelf.sandbox.platform import Options
from onshelf.sandbox.seed import FIRST_ITEM
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.tmc.link import Link
from onshelf.settings import Secret, read_settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.push.feeds import Standing, links, standing
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.store.db import Database
from onshelf.watch.compare import UNWITNESSED_LOOKS
from onshelf.watch.plan import Pace
from onshelf.watch.store import history
from onshelf.watch.watch import Watcher

MC = "ws://sandbox/"
SHOP = Shop(
    ShopId("shop"),
    "taobao",
    AppKey("12345678"),
    "http://sandbox/router/rest",
    "",
    MC,
    "",
    ShopState.AUTHORISED,
    1,
)
PACE = Pace(every_s=3600, overlap_s=30, skew_s=5, absent_looks=2, absent_spacing_s=30)
WAIT_S = 60
TICK_S = 0.25


class OneSession:
    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


class SandboxEnd:
    """The sandbox's end of a line without a socket; None in its queue is the end."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.dead = False

    async def send(self, raw: bytes) -> None:
        if self.dead:
            raise ConnectionError
        self.sent.put_nowait(raw)

    def abort(self) -> None:
        self.dead = True
        self.sent.put_nowait(None)


class OurEnd:
    """Our end: what we send is the sandbox's to take."""

    def __init__(self, sandbox: Sandbox, stage: "Stage") -> None:
        self._stage = stage
        self._other = SandboxEnd()
        self._link = Link(sandbox, self._other)

    async def send(self, data: bytes) -> None:
        if self._other.dead:
            raise NotSent("tmc connect", "the line is dead")
        if self._stage.loses(data):
            return
        with suppress(ApiError):
            await self._link.take(data)

    async def receive(self) -> bytes:
        came = await self._other.sent.get()
        if came is None:
            raise NotSent("tmc connect", "the line is dead")
        return came

    async def ping(self) -> None: ...

    async def close(self) -> None:
        self._other.dead = True
        await self._link.close()


@dataclass
class Stage:
    """A shop on the sandbox, everything that deals with push, and the one clock."""

    sandbox: Sandbox
    clock: FakeClock
    db: Database
    shops: ShopStore
    watcher: Watcher
    pushing: Pushing
    addresses: list[str] = field(default_factory=list)  # dialled so far
    refuses: bool = False
    loses: Callable[[bytes], bool] = lambda data: False
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def dial(self, address: str) -> Line:
        self.addresses.append(address)
        if self.refuses:
            raise NotSent("tmc connect", "nobody there")
        return OurEnd(self.sandbox, self)

    async def tick(self, seconds: float) -> None:
        """Lets time pass, the sandbox's own work included."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            await self.clock.sleep(TICK_S)
            self.sandbox.gateway.settle(self.sandbox.clock.now())

    def seller(self, action: str) -> None:
        """Lets the seller, or the platform's staff, act by hand."""
        shop = next(iter(self.sandbox.world.shops.values()))
        counter = Counter(self.sandbox.world, shop, Cause(self.sandbox.clock.now(), "seller"))
        acts: dict[str, Callable[[Any], object]] = {
            "delist": counter.take_off,
            "list": counter.put_on,
            "sell_out": counter.sell_out,
            "punish": counter.punish,
            "delete": counter.delete,
        }
        acts[action](counter.find(FIRST_ITEM))

    def fault(self, kind: str, method: str = "", **order: object) -> None:
        self.sandbox.gateway.faults.add(Order(kind=kind, method=method, **order))  # type: ignore[arg-type]

    async def changes(self) -> list[ItemChanged]:
        """Returns what the watch has told, first sights left out."""
        return [one for one in await history(self.db, "shop") if one.reason != Reason.FIRST_SEEN]

    async def inbox(self) -> dict[str, int]:
        """Counts the messages kept, by state."""
        rows = await self.db.fetch("SELECT state, count(*) FROM inbox GROUP BY state")
        return {str(state): int(str(count)) for state, count in rows}

    async def standing(self) -> Standing:
        (shop,) = await self.shops.list()
        return standing(shop, await links(self.db), self.clock.now_us())[0]

    def counted(self, name: str) -> int:
        return sum(getattr(queue.counts, name) for queue in self.sandbox.world.messages.queues.values())


@pytest.fixture
def given(request: pytest.FixtureRequest) -> dict[str, object]:
    """Settings beside the usual ones."""
    return dict(getattr(request, "param", {}))


@pytest.fixture
def items(request: pytest.FixtureRequest) -> int:
    """How many items the sandbox seeds beside the first."""
    return int(getattr(request, "param", 0))


@pytest.fixture
async def stage(
    database: Database, tmp_path: Path, given: dict[str, object], items: int
) -> AsyncIterator[Stage]:
    clock = FakeClock(datetime(2026, 11, 11, 1, 0, tzinfo=UTC), busy=database.busy)
    sandbox = in_process(clock, Options(items=items))
    vault = Vault([b"k" * 32])
    shops = ShopStore(database, vault)
    await database.commit(shops.add(SHOP, Secret("helloworld")))
    client = TopClient(
        AsgiTransport(sandbox, clock, cuts=(ConnectionCut,)),
        apps=AppSecrets(shops, clock),
        sessions=OneSession(),
        quotas=Quotas((), clock),
        clock=clock,
        random=random.Random(1),
    )
    watcher = Watcher(database, TopPlatform(client), clock, PACE)
    pushing = Pushing(
        read_settings({"home": str(tmp_path), "push_poll_s": 1.0, **given}, {}),
        shops=shops,
        vault=vault,
        client=client,
        watcher=watcher,
        alerts=LocalWaker(),
        clock=clock,
        random=random.Random(2),
    )
    stage = Stage(sandbox, clock, database, shops, watcher, pushing)
    looked = await watcher.look(SHOP.ref())
    while looked.sweeping:
        looked = await watcher.look(SHOP.ref())
    yield stage
    stage.stop.set()
    await client.close()


@asynccontextmanager
async def pushed(stage: Stage) -> AsyncIterator[None]:
    """Runs push while the block runs."""
    stage.stop.clear()
    running = asyncio.create_task(stage.pushing.run(stage.stop, stage))
    async with asyncio.timeout(WAIT_S):
        await stage.tick(1)
        yield
        stage.stop.set()
        await running


@pytest.mark.parametrize(
    ("action", "reason"),
    [("delist", Reason.TAKEN_OFF), ("sell_out", Reason.SOLD_OUT), ("punish", Reason.VIOLATION)],
)
async def test_what_leaves_the_shelf_is_noticed_within_a_second_with_its_cause(
    stage: Stage, action: str, reason: Reason
) -> None:
    async with pushed(stage):
        happened_us = stage.clock.now_us()
        stage.seller(action)
        await stage.tick(1)

    (change,) = await stage.changes()
    assert (change.item_id, change.new, change.reason, change.evidence) == (
        FIRST_ITEM,
        State.INSTOCK,
        reason,
        "push",
    )
    assert change.seen_us - happened_us < SECOND_US
    assert await stage.inbox() == {"handled": stage.counted("put")}


async def test_a_deletion_is_asked_for_again_before_it_is_believed(stage: Stage) -> None:
    """The shop has no other item that could witness the empty reply, so the platform's word alone does not do."""
    async with pushed(stage):
        stage.seller("delete")
        await stage.tick(1)
        assert await stage.changes() == []

        for _ in range(PACE.absent_looks + UNWITNESSED_LOOKS - 2):
            await stage.tick(PACE.absent_spacing_s)
            await stage.watcher.ask_again(SHOP.ref())

    (change,) = await stage.changes()
    assert (change.new, change.evidence) == (State.DELETED, "push")


@pytest.mark.parametrize("items", [40], indirect=True)
async def test_a_deletion_the_platform_tells_is_believed_at_the_first_read_that_another_item_witnesses(
    stage: Stage,
) -> None:
    async with pushed(stage):
        happened_us = stage.clock.now_us()
        stage.seller("delete")
        await stage.tick(1)

    (change,) = await stage.changes()
    assert (change.item_id, change.new, change.evidence) == (FIRST_ITEM, State.DELETED, "push")
    assert change.seen_us - happened_us < SECOND_US


async def test_back_and_forth_is_told_step_by_step(stage: Stage) -> None:
    async with pushed(stage):
        for action in ("delist", "list", "delist"):
            stage.seller(action)
            await stage.tick(5)

    assert [change.new for change in await stage.changes()] == [State.INSTOCK, State.ONSALE, State.INSTOCK]


async def test_a_message_whose_confirm_was_lost_comes_again_and_changes_nothing(stage: Stage) -> None:
    confirms = iter([True])
    stage.loses = lambda data: b"id\x05" in data and next(confirms, False)
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(5)
        assert stage.counted("confirmed") == stage.counted("put") - 1
        await stage.tick(100)

    assert stage.counted("redelivered") == 1
    assert stage.counted("confirmed") == stage.counted("put")
    assert await stage.inbox() == {"handled": stage.counted("put")}
    assert len(await stage.changes()) == 1


async def test_messages_doubled_by_the_platform_are_kept_once(stage: Stage) -> None:
    stage.fault("double_message", "taobao_item_*")
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(2)

    assert stage.counted("confirmed") == stage.counted("put") == 2 * sum((await stage.inbox()).values())
    assert len(await stage.changes()) == 1


async def test_a_change_whose_message_is_lost_is_found_by_the_next_look(stage: Stage) -> None:
    stage.fault("lose_message", "taobao_item_*")
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(60)
        assert await stage.changes() == []

        await stage.watcher.look(SHOP.ref())

    (change,) = await stage.changes()
    assert change.evidence == "slice"


async def test_messages_that_came_while_nobody_received_are_taken_in_afterwards(stage: Stage) -> None:
    async with pushed(stage):
        await stage.tick(1)
    stage.seller("delist")
    stage.clock.jump(3600)
    assert await stage.standing() is Standing.ENDED

    async with pushed(stage):
        await stage.tick(2)
        assert await stage.standing() is Standing.SOCKET

    assert [change.evidence for change in await stage.changes()] == ["push"]


async def test_connections_that_are_cut_are_made_again(stage: Stage) -> None:
    async with pushed(stage):
        for action in ("delist", "list", "delist"):
            stage.sandbox.links.hang_up()
            stage.seller(action)  # its message may go down with the connection: it comes again after a minute
            await stage.tick(100)

    assert len(stage.addresses) == 4
    assert len(await stage.changes()) == 3


async def test_without_a_socket_messages_are_asked_for_over_http_and_the_socket_is_tried_again(
    stage: Stage,
) -> None:
    stage.refuses = True
    async with pushed(stage):
        await stage.tick(20)
        assert await stage.standing() is Standing.HTTP
        assert len(stage.addresses) == 3

        stage.seller("delist")
        await stage.tick(2)
        assert [change.evidence for change in await stage.changes()] == ["push"]
        assert stage.counted("confirmed") == stage.counted("put")

        stage.refuses = False
        await stage.tick(320)
        assert await stage.standing() is Standing.SOCKET


@pytest.mark.parametrize("given", [{"push": "http"}], indirect=True)
@pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
async def test_over_http_a_message_whose_confirm_was_cut_off_is_handled_once(
    stage: Stage, fault: str
) -> None:
    """All messages tell the same: nothing but their deliveries' ids tells them apart."""
    order = {"topic": "taobao_item_ItemUpdate", "content": {"num_iid": FIRST_ITEM}, "count": 450}
    stage.fault(fault, "taobao.tmc.messages.confirm", count=7)
    async with pushed(stage):
        await control(stage.sandbox, "messages", order)
        await stage.tick(300)

    assert await stage.inbox() == {"handled": 450}
    assert stage.counted("confirmed") == 450


@pytest.mark.parametrize("given", [{"push": "http"}], indirect=True)
async def test_over_http_a_message_the_platform_doubles_is_two_and_changes_nothing_twice(
    stage: Stage,
) -> None:
    stage.fault("double_message", "taobao_item_*")
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(5)

    assert await stage.inbox() == {"handled": stage.counted("put")}
    assert stage.counted("put") > 1
    assert len(await stage.changes()) == 1


async def test_what_came_over_a_socket_that_was_cut_does_not_come_again_over_http(stage: Stage) -> None:
    stage.loses = lambda data: b"id\x05" in data
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(1)
        stage.refuses = True
        stage.sandbox.links.hang_up()
        await stage.tick(200)
        assert await stage.standing() is Standing.HTTP

    assert stage.counted("put") == stage.counted("confirmed") == stage.counted("delivered")
    assert await stage.inbox() == {"handled": stage.counted("put")}


@pytest.mark.parametrize("given", [{"push": "http"}, {"push": "auto"}, {"push": "socket"}], indirect=True)
async def test_since_when_no_messages_come_is_told_however_they_are_tried(stage: Stage) -> None:
    async with pushed(stage):
        stage.refuses = True
        stage.fault("cut_before", "taobao.tmc.messages.consume", count=100_000)
        stage.sandbox.links.hang_up()
        await stage.tick(30)
        assert await stage.standing() is Standing.DOWN
        began_us = stage.clock.now_us()
        await stage.tick(600)

        ((_, link),) = (await links(stage.db)).items()
        assert await stage.standing() is Standing.DOWN
        assert link.since_us < began_us


async def test_a_large_content_comes_compressed_and_is_kept_readable(stage: Stage) -> None:
    order = {"topic": "taobao_item_ItemUpdate", "content": {"num_iid": 1, "title": "长" * 5000}}
    async with pushed(stage):
        await control(stage.sandbox, "messages", order)
        await stage.tick(1)

    ((content,),) = await stage.db.fetch("SELECT content FROM inbox")
    assert bytes(content).startswith(b'{"num_iid":1')  # type: ignore[arg-type]


async def test_a_content_that_cannot_be_read_is_kept_confirmed_and_passed_over(stage: Stage) -> None:
    async with pushed(stage):
        await control(stage.sandbox, "messages", {"topic": "taobao_item_ItemDelete", "content": "not JSON"})
        await stage.tick(1)

    assert await stage.db.fetch("SELECT content, state FROM inbox") == [(b"not JSON", "handled")]
    assert stage.counted("confirmed") == 1


def permits(stage: Stage) -> int:
    return stage.sandbox.world.stats.by_method.get("taobao.tmc.user.permit", 0)


async def test_the_platform_is_asked_once_for_the_messages_of_an_authorised_shop(stage: Stage) -> None:
    async with pushed(stage):
        await stage.tick(60)
        assert permits(stage) == 1

        await stage.db.commit([stage.shops.set_state(SHOP.shop_id, ShopState.EXPIRED)])
        await stage.tick(60)
        await stage.db.commit([stage.shops.set_state(SHOP.shop_id, ShopState.AUTHORISED)])
        await stage.tick(60)

    assert permits(stage) == 2, "a new authorisation needs a new consent"


async def test_a_consent_that_could_not_be_given_is_tried_again(stage: Stage) -> None:
    stage.fault("isp", "taobao.tmc.user.permit", count=1)
    async with pushed(stage):
        await stage.tick(10)
        assert list(stage.sandbox.world.messages.permits()) == []
        await stage.tick(80)

    assert len(list(stage.sandbox.world.messages.permits())) == 1


async def test_a_shop_that_moves_or_loses_its_service_is_followed(stage: Stage) -> None:
    async with pushed(stage):
        await stage.db.commit([stage.shops.update(replace(SHOP, tmc="ws://elsewhere/"))])
        await stage.tick(10)
        assert stage.addresses == [MC, "ws://elsewhere/"]

        await stage.db.commit([stage.shops.update(replace(SHOP, tmc=""))])
        await stage.tick(10)
        assert await stage.standing() is Standing.OFF
        stage.sandbox.links.hang_up()
        await stage.tick(60)

    assert stage.addresses == [MC, "ws://elsewhere/"]


async def test_a_test_machine_leaves_the_default_group_of_the_real_service_alone(stage: Stage) -> None:
    await stage.db.commit([stage.shops.update(replace(SHOP, tmc="ws://mc.api.taobao.com/"))])
    async with pushed(stage):
        await stage.tick(30)
        assert await stage.standing() is Standing.DOWN

    assert stage.addresses == []


@pytest.mark.parametrize("given", [{"push_groups": "laptop"}], indirect=True)
async def test_the_real_service_is_shown_the_token_it_gives(stage: Stage) -> None:
    await stage.db.commit([stage.shops.update(replace(SHOP, tmc="ws://mc.api.taobao.com/"))])
    async with pushed(stage):
        await stage.tick(5)
        assert await stage.standing() is Standing.SOCKET

    assert stage.sandbox.world.stats.by_method["taobao.tmc.auth.get"] == 1


@pytest.mark.parametrize("given", [{"push_groups": "default,night"}], indirect=True)
async def test_every_consumer_group_is_received(stage: Stage) -> None:
    shop = next(iter(stage.sandbox.world.shops.values()))
    async with pushed(stage):
        stage.seller("delist")
        await stage.tick(1)
        stage.sandbox.world.messages.join(SHOP.app_key, "night", [shop.nick], stage.sandbox.clock.now())
        stage.seller("list")
        await stage.tick(1)

    assert stage.addresses == [MC, MC]
    assert [change.new for change in await stage.changes()] == [State.INSTOCK, State.ONSALE]
    groups = await stage.db.fetch("SELECT DISTINCT group_name FROM inbox ORDER BY group_name")
    assert groups == [("default",), ("night",)]


@pytest.mark.parametrize("given", [{"push": "http"}], indirect=True)
async def test_over_http_as_many_messages_are_taken_a_call_as_the_platform_gives(stage: Stage) -> None:
    order = {"topic": "taobao_item_ItemUpdate", "content": {"num_iid": FIRST_ITEM}, "count": 450}
    async with pushed(stage):
        await control(stage.sandbox, "messages", order)
        await stage.tick(3)
        calls = stage.sandbox.world.stats.by_method
        asked = calls["taobao.tmc.messages.consume"]
        await stage.tick(10)

    assert await stage.inbox() == {"handled": 450}
    assert stage.counted("confirmed") == 450
    assert calls["taobao.tmc.messages.confirm"] == 3
    assert 9 <= calls["taobao.tmc.messages.consume"] - asked <= 11, "one a second while there is nothing"
    assert stage.addresses == []
