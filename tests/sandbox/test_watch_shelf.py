"""The watcher against the sandbox in one process, on one clock that jumps: every way of leaving the shelf is told once."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from onshelf.catalog.item import Expected, Reason, State
from onshelf.catalog.store import count_items, expect, known_items
from onshelf.clock import SECOND_US, FakeClock
from onshelf.events import ItemChanged
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.port import Draft, Lane, Shelf, ShopPort, ShopRef
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import BusinessError, ConnectionCut
from onshelf.sandbox.faults import Order
from onshelf.sandbox.launch import in_process
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.shelf import Item as SandboxItem
from onshelf.sandbox.state import Shop
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.watch.plan import Pace
from onshelf.watch.store import history, recall, remember
from onshelf.watch.watch import Looked, Watcher

SHOP = ShopRef(ShopId("shop"), "12345678", "http://sandbox/router/rest")
LOOK_S = 60.0
PACE = Pace(every_s=LOOK_S, overlap_s=30, skew_s=5, absent_looks=2, absent_spacing_s=30)


class OneApp:
    async def secret(self, app_key: str) -> str:
        return "helloworld"


class OneSession:
    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


@dataclass
class Stage:
    """A shop on the sandbox, our records of it, and the one clock."""

    sandbox: Sandbox
    clock: FakeClock
    db: Database
    client: TopClient
    watcher: Watcher
    port: ShopPort

    async def publish(self, count: int, shelf: Shelf = Shelf.ONSALE) -> list[ItemId]:
        return [await self.port.create(draft(number), shelf=shelf) for number in range(count)]

    async def learn(self, count: int = 3) -> list[ItemId]:
        """Publishes items, lets the watcher learn the shop, and moves on to the next look."""
        items = await self.publish(count)
        await self.settle()
        return items

    async def settle(self) -> None:
        """Looks until no sweep is under way, then waits for the next look."""
        looked = await self.look()
        while looked.sweeping:
            looked = await self.look()

    async def look(self) -> Looked:
        """Looks, and lets the rest between two looks pass."""
        looked = await self.watcher.look(SHOP)
        self.clock.jump(LOOK_S)
        return looked

    def seller(self, action: str, item_id: int) -> None:
        """Lets the seller, or the platform's staff, act by hand."""
        counter = Counter(self.sandbox.world, self.shop, Cause(self.sandbox.clock.now(), "seller"))
        acts: dict[str, Callable[[SandboxItem], object]] = {
            "delist": counter.take_off,
            "list": counter.put_on,
            "sell_out": counter.sell_out,
            "punish": counter.punish,
            "delete": counter.delete,
        }
        acts[action](counter.find(item_id))

    def fault(self, kind: str, method: str = "", **order: object) -> None:
        self.sandbox.gateway.faults.add(Order(kind=kind, method=method, **order))  # type: ignore[arg-type]

    @property
    def shop(self) -> Shop:
        return next(iter(self.sandbox.world.shops.values()))

    async def told(self) -> list[ItemChanged]:
        """Returns the changes in the event log, first sights left out; they must be those of the history."""
        entries = await log.read(self.db, "test", 100_000)
        logged = [entry.event for entry in entries if isinstance(entry.event, ItemChanged)]
        assert sorted(logged, key=_key) == sorted(await history(self.db, "shop", limit=100_000), key=_key)
        return [event for event in logged if event.reason != Reason.FIRST_SEEN]


def _key(change: ItemChanged) -> tuple[int, int]:
    return change.item_id, change.version


def draft(number: int, **fields: object) -> Draft:
    base = Draft(
        outer_id=f"A-{number}",
        title=f"连衣裙 {number}",
        price=Decimal("99.00"),
        stock=5,
        category_id=50010850,
        description="一条很好看的连衣裙",
        condition="new",
        province="浙江",
        city="杭州",
    )
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    clock = FakeClock(datetime(2026, 11, 11, 1, 0, tzinfo=UTC), busy=database.busy)
    sandbox = in_process(clock)
    client = TopClient(
        AsgiTransport(sandbox, clock, cuts=(ConnectionCut,)),
        apps=OneApp(),
        sessions=OneSession(),
        quotas=Quotas((), clock),
        clock=clock,
        random=random.Random(1),
    )
    platform = TopPlatform(client)
    watcher = Watcher(database, platform, clock, PACE)
    yield Stage(sandbox, clock, database, client, watcher, platform.for_shop(SHOP, Lane.LISTING))
    await client.close()


async def test_a_new_shop_is_learned_without_alarm(stage: Stage) -> None:
    await stage.publish(5)
    await stage.publish(2, Shelf.INSTOCK)

    looked = await stage.look()

    assert looked.learned == 8
    assert looked.changes == ()
    assert await count_items(stage.db, "shop") == {State.ONSALE: 6, State.INSTOCK: 2}
    assert {change.old for change in await history(stage.db, "shop")} == {""}


async def test_a_shelf_that_stands_still_gives_no_change(stage: Stage) -> None:
    await stage.learn()

    for _ in range(5):
        looked = await stage.look()
        assert (looked.changes, looked.read, looked.learned, looked.sweeping) == ((), 0, 0, False)
    assert await stage.told() == []


@pytest.mark.parametrize(
    ("action", "reason"),
    [("delist", Reason.TAKEN_OFF), ("sell_out", Reason.SOLD_OUT), ("punish", Reason.VIOLATION)],
)
async def test_an_item_that_leaves_the_shelf_is_told_once_with_its_cause(
    stage: Stage, action: str, reason: Reason
) -> None:
    item, *_ = await stage.learn()
    happened_us = stage.clock.now_us()
    stage.seller(action, item)
    stage.clock.jump(10)

    looked = await stage.look()
    await stage.look()

    (change,) = await stage.told()
    assert looked.changes == (change,)
    assert (change.item_id, change.old, change.new, change.reason) == (item, "onsale", "instock", reason)
    assert (change.evidence, change.outer_id, change.ours) == ("slice", "A-0", False)
    assert abs(change.happened_us - happened_us) < SECOND_US
    assert looked.slowest_us == pytest.approx(10 * SECOND_US, abs=SECOND_US)


async def test_a_deleted_item_is_missed_by_the_count_and_confirmed_before_it_is_told(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.seller("delete", item)

    first = await stage.look()
    assert first.changes == ()
    assert first.again_us is not None

    second = await stage.look()

    (change,) = await stage.told()
    assert second.changes == (change,)
    assert (change.new, change.reason, change.evidence) == ("deleted", Reason.DELETED, "count")
    assert second.again_us is None


async def test_a_doubtful_item_can_be_asked_again_before_the_next_look(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.seller("delete", item)
    await stage.watcher.look(SHOP)
    early = await stage.watcher.ask_again(SHOP)
    assert (early.calls, early.changes) == (0, ())
    stage.clock.jump(PACE.absent_spacing_s)

    looked = await stage.watcher.ask_again(SHOP)

    assert looked.calls == 1
    assert [change.new for change in looked.changes] == ["deleted"]


async def test_an_item_deleted_from_the_warehouse_is_found_by_the_counts(stage: Stage) -> None:
    (item,) = await stage.publish(1, Shelf.INSTOCK)
    await stage.settle()
    stage.seller("delete", item)

    await stage.look()
    await stage.look()

    (change,) = await stage.told()
    assert (change.item_id, change.old, change.new) == (item, "instock", "deleted")


async def test_the_end_of_the_listing_period_is_told(stage: Stage) -> None:
    await stage.learn()
    stage.clock.jump(15 * 86_400)

    looked = await stage.look()

    assert {change.new for change in looked.changes} == {"instock"}
    assert len(looked.changes) == 4


async def test_an_item_given_a_listing_time_to_come_waits_and_then_is_listed(stage: Stage) -> None:
    item, *_ = await stage.learn()
    soon = datetime(2026, 11, 11, 3, 0, tzinfo=UTC)
    await stage.port.update(item, draft(0, list_time=soon), fields=frozenset({"list_time"}))

    (off,) = (await stage.look()).changes
    assert (off.new, off.reason) == ("instock", Reason.SCHEDULED)
    stage.clock.jump(7200)
    (on,) = (await stage.look()).changes

    assert (on.new, on.reason) == ("onsale", Reason.LISTED)
    assert on.happened_us == pytest.approx(soon.timestamp() * SECOND_US, abs=SECOND_US)


async def test_a_relisting_is_seen_though_the_platform_leaves_modified_alone(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.seller("delist", item)
    await stage.look()
    stage.clock.jump(86_400)
    stage.seller("list", item)

    looked = await stage.look()

    (change,) = looked.changes
    assert (change.old, change.new, change.reason) == ("instock", "onsale", Reason.LISTED)
    assert change.evidence == "slice"
    assert looked.slowest_us < 2 * SECOND_US


async def test_an_item_punished_in_the_warehouse_is_told(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.seller("delist", item)
    await stage.look()
    stage.seller("punish", item)

    (change,) = (await stage.look()).changes

    assert (change.old, change.new, change.reason) == ("instock", "instock", Reason.VIOLATION)


async def test_what_our_own_job_delists_is_ours_once_and_the_sellers_next_act_is_not(stage: Stage) -> None:
    item, *_ = await stage.learn()
    until_us = stage.clock.now_us() + 3600 * SECOND_US
    await stage.db.commit([expect("shop", item, Expected(State.INSTOCK, "job-1", until_us))])
    await stage.port.delist(item)
    await stage.look()
    stage.seller("list", item)
    await stage.look()
    stage.seller("delist", item)
    await stage.look()

    changes = await stage.told()

    assert [(change.new, change.ours) for change in changes] == [
        ("instock", True),
        ("onsale", False),
        ("instock", False),
    ]
    assert (await known_items(stage.db, "shop", [item]))[item].expected is None


async def test_lists_that_lag_delay_a_change_but_lose_and_invent_none(stage: Stage) -> None:
    items = await stage.learn(8)
    stage.fault("lag", seconds=40.0)
    for action, item in zip(("delist", "sell_out", "punish", "delete"), items, strict=False):
        await stage.port.update(item, draft(0, title="新标题"), fields=frozenset({"title"}))
        stage.seller(action, item)

    for _ in range(4):
        await stage.look()

    changes = await stage.told()
    assert sorted(change.item_id for change in changes) == sorted(items[:4])
    assert {change.item_id: change.reason for change in changes} == dict(
        zip(
            items,
            (Reason.TAKEN_OFF, Reason.SOLD_OUT, Reason.VIOLATION, Reason.DELETED),
            strict=False,
        )
    )


async def test_an_expired_session_blinds_but_never_alarms_and_nothing_is_missed_after_it(
    stage: Stage,
) -> None:
    item, other, gone = await stage.learn()
    session = stage.sandbox.world.sessions["test"]
    good_until, session.expires_at = session.expires_at, stage.sandbox.clock.now()
    blind_us = stage.clock.now_us()
    stage.seller("delist", item)
    stage.seller("delete", gone)
    for _ in range(3):
        looked = await stage.look()
        assert (looked.changes, looked.blind_why) == ((), "session_expired")
        assert looked.blind_since_us == blind_us
    session.expires_at = good_until

    looked = await stage.look()
    await stage.look()

    assert looked.blind_since_us == 0
    assert {change.item_id for change in await stage.told()} == {item, gone}
    assert (await known_items(stage.db, "shop", [other]))[other].state is State.ONSALE


@pytest.mark.parametrize(
    "kind", ["cut_before", "cut_after", "http_5xx", "isp", "bad_json", "truncate", "wrong_type"]
)
async def test_two_of_three_calls_going_wrong_loses_no_change(stage: Stage, kind: str) -> None:
    items = await stage.learn(30)
    stage.fault(kind, "reads", share=0.66, seed=7)
    for item in items[:10]:
        stage.seller("delist", item)
    for item in items[10:15]:
        stage.seller("delete", item)

    for _ in range(30):
        await stage.look()
    stage.sandbox.gateway.faults.remove(None)
    for _ in range(20):
        await stage.look()

    changes = await stage.told()
    assert {change.item_id: change.new for change in changes} == dict.fromkeys(
        items[:10], "instock"
    ) | dict.fromkeys(items[10:15], "deleted")
    assert len(changes) == 15


async def test_a_platform_that_answers_nothing_is_waited_for(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.seller("delist", item)
    stage.fault("cut_before", "reads")

    looked = await stage.look()
    assert looked.blind_why == "unanswered"
    stage.sandbox.gateway.faults.remove(None)

    assert [change.item_id for change in (await stage.look()).changes] == [item]


async def test_a_restart_in_the_middle_of_a_look_repeats_it_and_tells_nothing_twice(stage: Stage) -> None:
    items = await stage.learn(60)
    for item in items:
        stage.seller("delist", item)
    stage.fault("expire_session", "taobao.items.seller.list.get", at=2)
    await stage.watcher.look(SHOP)
    stage.sandbox.world.sessions["test"].expires_at += 86_400 * 365

    restarted = Watcher(stage.db, TopPlatform(stage.client), stage.clock, PACE)
    await restarted.look(SHOP)

    changes = await stage.told()
    assert sorted(change.item_id for change in changes) == sorted(items)


async def test_two_watchers_at_once_tell_a_change_once(stage: Stage) -> None:
    items = await stage.learn(30)
    for item in items:
        stage.seller("sell_out", item)
    other = Watcher(stage.db, TopPlatform(stage.client), stage.clock, PACE)

    await asyncio.gather(stage.watcher.look(SHOP), other.look(SHOP))

    assert sorted(change.item_id for change in await stage.told()) == sorted(items)


async def test_a_full_reconciliation_finds_what_no_slice_could_show(stage: Stage) -> None:
    """A delisting older than the slices reach: the watcher was off, and its memory says it was not."""
    item, *_ = await stage.learn()
    stage.seller("delist", item)
    stage.clock.jump(3600)
    memory = await recall(stage.db, "shop")
    now_us = stage.clock.now_us()
    await remember(stage.db, "shop", replace(memory, looked=dict.fromkeys(memory.looked, now_us)))

    looked = await stage.watcher.sweep(SHOP)

    (change,) = looked.changes
    assert (change.item_id, change.reason, change.evidence) == (item, Reason.TAKEN_OFF, "sweep")


async def test_a_shop_of_5000_items_costs_few_calls(stage: Stage) -> None:
    await asyncio.gather(*(stage.port.create(draft(number), shelf=Shelf.ONSALE) for number in range(4999)))
    learned = 0
    calls = 0
    looked = await stage.look()
    while True:
        learned, calls = learned + looked.learned, calls + looked.calls
        if not looked.sweeping:
            break
        looked = await stage.look()
    assert learned == 5000
    assert calls < 50

    quiet = await stage.look()
    assert quiet.calls <= 11
    ids = sorted(stage.shop.shelf.items)
    for item_id in ids[:300]:
        stage.seller("delist", item_id)
    busy = await stage.look()

    assert len(busy.changes) == 300
    assert busy.calls <= 11 + 2 + 15


async def test_a_poisoned_item_is_put_off_alone_and_harms_no_other(stage: Stage) -> None:
    items = await stage.learn(10)
    for item in items:
        stage.seller("delist", item)
    poisoned = stage.shop.shelf.items[items[0]]
    del poisoned.wire["approve_status"]

    looked = await stage.look()
    assert looked.put_off == 10
    await stage.look()

    assert sorted(change.item_id for change in await stage.told()) == sorted(items[1:])


async def test_a_day_of_looks_on_5000_calls_leaves_more_than_half_of_them(
    stage: Stage, database: Database
) -> None:
    quotas = Quotas((Limit(5000, 86_400),), stage.clock)
    client = TopClient(
        AsgiTransport(stage.sandbox, stage.clock, cuts=(ConnectionCut,)),
        apps=OneApp(),
        sessions=OneSession(),
        quotas=quotas,
        clock=stage.clock,
        random=random.Random(1),
    )
    watcher = Watcher(database, TopPlatform(client), stage.clock, replace(PACE, every_s=300))
    items = await stage.publish(500)
    calls = 0
    for look in range(288):
        looked = await watcher.look(SHOP)
        calls += looked.calls
        if 10 <= look < 100:
            stage.seller(("delist", "sell_out", "delete")[look % 3], items[look])
        stage.clock.jump(300)

    assert calls < 2500
    assert len(await stage.told()) == 90


async def test_a_quota_that_is_used_up_blinds_and_calls_nothing(stage: Stage, database: Database) -> None:
    client = TopClient(
        AsgiTransport(stage.sandbox, stage.clock, cuts=(ConnectionCut,)),
        apps=OneApp(),
        sessions=OneSession(),
        quotas=Quotas((Limit(3, 86_400),), stage.clock),
        clock=stage.clock,
        random=random.Random(1),
    )
    watcher = Watcher(database, TopPlatform(client), stage.clock, PACE)
    for _ in range(3):
        looked = await watcher.look(SHOP)

    assert (looked.calls, looked.blind_why) == (0, "quota_exceeded")


async def test_a_look_gives_up_when_too_many_id_reads_break_and_the_next_makes_up_for_it(
    stage: Stage,
) -> None:
    items = await stage.learn(400)
    for item in items:
        stage.seller("delist", item)
    stage.fault("bad_json", "taobao.items.seller.list.get")

    looked = await stage.look()
    assert looked.changes == ()
    assert looked.calls < 25
    assert looked.blind_why == "unanswered"
    stage.sandbox.gateway.faults.remove(None)
    for _ in range(3):
        await stage.look()

    assert sorted(change.item_id for change in await stage.told()) == sorted(items)


async def test_an_app_that_may_not_read_items_by_id_is_blind(stage: Stage) -> None:
    item, *_ = await stage.learn()
    stage.sandbox.world.apps["12345678"].denied.append("taobao.items.seller.list.get")
    stage.seller("delist", item)

    looked = await stage.look()

    assert (looked.changes, looked.blind_why) == ((), "permission_refused")


@pytest.mark.parametrize("seed", range(3))
async def test_lists_that_move_while_they_are_read_lose_nothing(stage: Stage, seed: int) -> None:
    """Each call takes a while, and the seller works on meanwhile: pages shift under the reader."""
    dice = random.Random(seed)
    items = await stage.learn(450)
    for item in items[:420]:
        stage.seller("delist", item)
    stage.fault("delay", "reads", seconds=0.5)

    async def work() -> None:
        for _ in range(100):
            await stage.clock.sleep(0.1)
            item = dice.choice(items)
            stage.seller("delist" if stage.shop.shelf.items[item].on_sale else "list", item)

    await asyncio.gather(stage.look(), work())
    stage.sandbox.gateway.faults.remove(None)
    await stage.look()

    known = await known_items(stage.db, "shop", items)
    assert {item: known[item].state for item in items} == {item: truth(stage, item) for item in items}


@pytest.mark.parametrize("calls", [1, 4, 6, 7, 8, 9])
async def test_a_look_broken_off_anywhere_is_made_up_for_and_tells_nothing_twice(
    stage: Stage, calls: int
) -> None:
    items = await stage.learn(50)
    for item in items:
        stage.seller("delist", item)
    stats = stage.sandbox.world.stats
    until = stats.calls + calls
    look = asyncio.create_task(stage.watcher.look(SHOP))
    while stats.calls < until:  # noqa: ASYNC110 - turns of the loop, not time
        await asyncio.sleep(0)
    look.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await look

    stage.watcher = Watcher(stage.db, TopPlatform(stage.client), stage.clock, PACE)
    await stage.look()

    assert sorted(change.item_id for change in await stage.told()) == sorted(items)


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_the_records_end_at_the_truth_and_each_step_is_told_once(
    stage: Stage, seed: int
) -> None:
    """Random acts of the seller, lagging lists, calls going wrong and restarts; then the shelf comes to rest."""
    dice = random.Random(seed)
    items = await stage.learn(40)
    stage.fault("lag", "writes", share=0.5, seconds=3.0, seed=seed)
    stage.fault("cut_after", "reads", share=0.3, seed=seed)
    stage.fault("isp", "reads", share=0.2, seed=seed + 1)
    living = list(items)
    for _ in range(40):
        for item in dice.sample(living, k=min(len(living), dice.randint(0, 4))):
            act(stage, dice, item, living)
        if dice.random() < 0.2:
            stage.watcher = Watcher(stage.db, TopPlatform(stage.client), stage.clock, PACE)
        await stage.look()
    stage.sandbox.gateway.faults.remove(None)
    for _ in range(25):
        await stage.look()

    known = await known_items(stage.db, "shop", items)
    assert {item: known[item].state for item in items} == {item: truth(stage, item) for item in items}
    steps: dict[int, list[ItemChanged]] = {}
    for change in await history(stage.db, "shop", limit=100_000):
        steps.setdefault(change.item_id, []).append(change)
    for chain in steps.values():
        assert [change.version for change in chain] == list(range(1, len(chain) + 1))
        assert [change.old for change in chain] == ["", *(change.new for change in chain[:-1])]


def act(stage: Stage, dice: random.Random, item: ItemId, living: list[ItemId]) -> None:
    on_sale = stage.shop.shelf.items[item].on_sale
    action = dice.choice(("delist", "sell_out", "punish", "delete") if on_sale else ("list", "delete"))
    if action == "delete":
        living.remove(item)
    try:
        stage.seller(action, item)
    except BusinessError:
        return  # sold out or punished items cannot be listed


def truth(stage: Stage, item: ItemId) -> State:
    there = stage.shop.shelf.items[item]
    if there.deleted:
        return State.DELETED
    return State.ONSALE if there.on_sale else State.INSTOCK
