"""Pushed messages over every database: kept before they are confirmed, kept once, handled once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import NotSent, PlatformError, Refused
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.port import NAMELESS, PushMessage, ShopRef
from onshelf.settings import Secret
from onshelf.shops.push.feeds import Feed, Link, Way, links
from onshelf.shops.push.inbox import AT_ONCE, KEPT_FOR_S, Inbox
from onshelf.shops.push.intake import Intake
from onshelf.shops.push.sealing import sealed
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.store import log
from onshelf.store.db import Database, Write
from onshelf.store.log import Message

APP = AppKey("12345678")
FEED = Feed(APP, "default", "ws://mc/", ShopRef(ShopId("a"), APP, "http://gw"))
VAULT = Vault([b"k" * 32])
TOPIC = "taobao_item_ItemUpdate"
WAIT_S = 60  # for what takes milliseconds on a machine with nothing else to do


class Service:
    """The platform's side: gives out what is not confirmed, under a new delivery id at each connection."""

    def __init__(self, messages: int, database: Database) -> None:
        self.left = {str(number) for number in range(messages)}  # data ids not confirmed yet
        self.given: Counter[str] = Counter()
        self.refusals: list[PlatformError] = []  # answers to the next attempts to connect
        self.hang_up_after = 0  # messages of a connection; 0: never
        self.deaf = 0  # confirms that get lost
        self.failures_told: list[int] = []
        self.open_ones = 0
        self.unkept: set[str] = set()  # confirmed before they were in the inbox
        self.db = database
        self.message: PushMessage | None = None  # to give out instead of made-up ones
        self.all_confirmed = asyncio.Event()
        self.way = Way.SOCKET
        self.named = True  # whether deliveries tell a data id
        self.ids: dict[int, str] = {}  # data id of each delivery
        self.batch = 50
        self.ids_from = 0
        self.heard: list[Sequence[int]] = []  # every confirm

    async def open(self, feed: Feed, failures: int) -> tuple["Connection", Way]:
        self.failures_told.append(failures)
        if self.refusals:
            raise self.refusals.pop(0)
        self.open_ones += 1
        return Connection(self), self.way


class Connection:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._due = sorted(service.left, key=int)
        self._took = 0

    async def ready(self) -> None: ...

    async def receive(self) -> Sequence[PushMessage]:
        enough = self._service.hang_up_after
        if enough and self._took >= enough:
            raise NotSent("tmc connect", "the connection ended")
        most = self._service.batch
        batch, self._due = self._due[:most], self._due[most:]
        if not batch:
            await asyncio.Event().wait()
        self._took += len(batch)
        return [self._delivery(data_id) for data_id in batch]

    def _delivery(self, data_id: str) -> PushMessage:
        self._service.given[data_id] += 1
        delivery_id = int(data_id) * 1000 + self._service.given[data_id] + self._service.ids_from
        self._service.ids[delivery_id] = data_id
        if self._service.message:
            return replace(self._service.message, delivery_id=delivery_id, data_id=data_id)
        named = data_id if self._service.named else f"{NAMELESS}{delivery_id}"
        return PushMessage(delivery_id, named, TOPIC, content_of(data_id), "7", "小店")

    async def confirm(self, delivery_ids: Sequence[int]) -> None:
        service = self._service
        if service.deaf:
            service.deaf -= 1
            raise NotSent("tmc connect", "gone before the confirm")
        inbox = {row[0] for row in await service.db.fetch("SELECT content FROM inbox")}
        service.heard.append(delivery_ids)
        confirmed = {service.ids[one] for one in delivery_ids}
        if not service.message:
            service.unkept |= {one for one in confirmed if content_of(one) not in inbox}
        service.left -= confirmed
        self._due = [one for one in self._due if one in service.left]
        if not service.left:
            service.all_confirmed.set()

    async def close(self) -> None:
        self._service.open_ones -= 1


def content_of(data_id: str) -> bytes:
    return b'{"n":%d}' % int(data_id)


class Marks:
    """Writes a row for each message it is handed; a content of `bad` breaks it."""

    def __init__(self) -> None:
        self.acted: Counter[str] = Counter()
        self.busy = asyncio.Event()  # acts wait for it

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        if any(one.content == b"bad" for one in messages):
            raise KeyError("num_iid")
        return [Write("INSERT INTO mark VALUES (?, ?)", (shop_id, one.data_id)) for one in messages]

    async def act(self, shop_id: ShopId) -> None:
        self.acted[shop_id] += 1
        await self.busy.wait()


@pytest.fixture
def clock(database: Database) -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=database.busy)


async def take_all(db: Database, service: Service, clock: FakeClock) -> None:
    """Receives until the service has nothing left, then stops."""
    stop = asyncio.Event()
    running = asyncio.create_task(Intake(db, VAULT, service, clock, Random(1), lambda: None).run(FEED, stop))
    async with asyncio.timeout(WAIT_S):
        await service.all_confirmed.wait()
    stop.set()
    await running


async def kept_ids(db: Database) -> list[str]:
    return [one.message.data_id for one in await log.waiting(db, 100_000)]


async def kept_contents(db: Database) -> list[bytes]:
    return [one.message.content for one in await log.waiting(db, 100_000)]


async def link(db: Database) -> Link:
    return (await links(db))[APP, "default"]


async def test_every_message_is_kept_before_it_is_confirmed(database: Database, clock: FakeClock) -> None:
    service = Service(220, database)

    await take_all(database, service, clock)

    assert sorted(map(int, await kept_ids(database))) == list(range(220))
    assert service.unkept == set()
    (first, *_) = await log.waiting(database, 1)
    assert first.message == Message(
        APP, "default", "0", TOPIC, b'{"n":0}', first.message.received_us, "7", "小店", 1
    )


async def test_a_message_that_comes_again_is_kept_once_and_confirmed_again(
    database: Database, clock: FakeClock
) -> None:
    service = Service(100, database)
    service.deaf = 1

    await take_all(database, service, clock)

    assert service.given["0"] == 2
    assert sorted(map(int, await kept_ids(database))) == list(range(100))


@pytest.mark.parametrize("deaf", [1, 3])
async def test_over_http_what_the_platform_may_not_have_heard_is_confirmed_before_more_is_taken(
    database: Database, clock: FakeClock, deaf: int
) -> None:
    """A message that comes again would have another id and no data id: it must not come again."""
    service = Service(220, database)
    service.way, service.named, service.deaf = Way.HTTP, False, deaf

    await take_all(database, service, clock)

    assert set(service.given.values()) == {1}
    assert sorted(await kept_contents(database)) == sorted(content_of(str(n)) for n in range(220))


async def test_what_came_over_the_socket_does_not_come_again_over_http(
    database: Database, clock: FakeClock
) -> None:
    service = Service(100, database)
    service.deaf = 1
    stop = asyncio.Event()
    running = asyncio.create_task(
        Intake(database, VAULT, service, clock, Random(1), lambda: None).run(FEED, stop)
    )
    async with asyncio.timeout(WAIT_S):
        while service.deaf:
            await clock.sleep(0.01)
        service.way, service.named = Way.HTTP, False
        await service.all_confirmed.wait()
        stop.set()
        await running

    assert set(service.given.values()) == {1}
    assert len(await kept_contents(database)) == 100


async def test_what_was_confirmed_long_ago_is_not_confirmed_anew(
    database: Database, clock: FakeClock
) -> None:
    service = Service(50, database)
    service.way = Way.HTTP
    await take_all(database, service, clock)
    for data_id in ("77", "88"):
        clock.jump(3600)
        service.left, service.all_confirmed = {data_id}, asyncio.Event()
        await take_all(database, service, clock)

    heard = [sorted(service.ids[one] for one in ids) for ids in service.heard]
    assert len(heard[0]) == 50
    assert heard[1:] == [heard[0], ["77"], ["77"], ["88"]], "each last batch once more, at the next opening"


async def test_a_delivery_id_no_database_can_keep_does_no_harm(database: Database, clock: FakeClock) -> None:
    service = Service(1, database)
    service.ids_from = 1 << 80

    await take_all(database, service, clock)

    assert await kept_ids(database) == ["0"]


async def test_a_feed_that_breaks_off_is_opened_again_until_all_is_here(
    database: Database, clock: FakeClock
) -> None:
    service = Service(500, database)
    service.hang_up_after = 100

    await take_all(database, service, clock)

    assert len(await kept_ids(database)) == 500
    assert service.failures_told == [0, 0, 0, 0, 0]
    assert service.open_ones == 0


async def test_attempts_that_fail_are_repeated_after_longer_and_longer_rests(
    database: Database, clock: FakeClock
) -> None:
    service = Service(1, database)
    service.refusals = [NotSent("tmc connect", "no route")] * 4 + [
        Refused("tmc connect", "bad", platform_code=25)
    ]
    began = clock.monotonic()

    await take_all(database, service, clock)

    assert service.failures_told == [0, 1, 2, 3, 4, 5]
    assert (1 + 2 + 4 + 8 + 16) / 2 <= clock.monotonic() - began <= 1 + 2 + 4 + 8 + 16


async def test_how_a_feed_fares_is_told(database: Database, clock: FakeClock) -> None:
    service = Service(3, database)
    service.refusals = [Refused("tmc connect", "Invalid signature", platform_code=25)]
    stop = asyncio.Event()
    running = asyncio.create_task(
        Intake(database, VAULT, service, clock, Random(1), lambda: None).run(FEED, stop)
    )

    async with asyncio.timeout(WAIT_S):
        await service.all_confirmed.wait()
        up = await link(database)
        await clock.sleep(300)
        later = await link(database)
        stop.set()
        await running
    ended = await link(database)

    assert up.way is Way.SOCKET
    assert up.last_us
    assert up.why == ""
    assert later.stands(clock.now_us())
    assert not later.stands(clock.now_us() + 100 * SECOND_US), "a process that fell silent has ended"
    assert later.since_us == up.since_us
    assert (ended.way, ended.why) == (Way.DOWN, "stopped")


async def test_a_refused_feed_tells_why(database: Database, clock: FakeClock) -> None:
    service = Service(1, database)
    service.refusals = [Refused("tmc connect", "bad", platform_code=25)] * 99
    stop = asyncio.Event()
    running = asyncio.create_task(
        Intake(database, VAULT, service, clock, Random(1), lambda: None).run(FEED, stop)
    )

    async with asyncio.timeout(WAIT_S):
        while not await links(database):
            await clock.sleep(0.1)
    seen = await link(database)
    stop.set()
    await running

    assert (seen.way, seen.why) == (Way.DOWN, "refused")


async def prepare(db: Database, *shops: tuple[str, str]) -> ShopStore:
    """Adds shops (name, nick) of one app, and a table for what the handler does."""
    store = ShopStore(db, VAULT)
    await db.commit([Write("CREATE TABLE mark (shop_id TEXT NOT NULL, data_id TEXT NOT NULL)")])
    for name, nick in shops:
        shop = Shop(ShopId(name), "taobao", APP, "http://gw", "", "", nick, ShopState.AUTHORISED, 1)
        await db.commit(store.add(shop, Secret("s")))
    return store


def told(number: int, *, nick: str = "小店", topic: str = TOPIC, content: bytes = b"{}") -> Message:
    return Message(APP, "default", str(number), topic, content, 9, "7", nick)


async def marks(db: Database) -> list[tuple[object, ...]]:
    return sorted(
        await db.fetch("SELECT shop_id, data_id FROM mark"), key=lambda row: (row[0], int(str(row[1])))
    )


async def drain(inbox: Inbox) -> None:
    async with asyncio.timeout(WAIT_S):
        while await inbox.handle_some():
            pass


async def test_each_message_is_handled_once_for_the_shop_it_is_about(
    database: Database, clock: FakeClock
) -> None:
    store = await prepare(database, ("a", "小店"), ("b", "另一家"))
    count = AT_ONCE + 20
    await database.commit(log.keep([told(number) for number in range(count)]))
    handler = Marks()
    inbox = Inbox(store, VAULT, {"taobao_item_": handler}, clock, LocalWaker())

    await drain(inbox)
    await database.commit(log.keep([told(number) for number in range(count)]))
    await drain(inbox)

    assert await marks(database) == [("a", str(number)) for number in range(count)]
    assert not handler.acted, "only a running inbox acts"


async def test_what_came_while_a_shop_was_busy_is_acted_on_once_more(
    database: Database, clock: FakeClock
) -> None:
    store = await prepare(database, ("a", "小店"), ("b", "另一家"))
    handler = Marks()
    inbox, stop = Inbox(store, VAULT, {"taobao_item_": handler}, clock, LocalWaker()), asyncio.Event()
    running = asyncio.create_task(inbox.run(stop))

    async with asyncio.timeout(WAIT_S):
        for number in range(4):
            await database.commit(log.keep([told(number)]))
            while len(await marks(database)) <= number:
                await clock.sleep(0.1)
        assert handler.acted == {"a": 1}
        handler.busy.set()
        while handler.acted["a"] < 2:
            await clock.sleep(0.1)
        await clock.sleep(10)
        stop.set()
        await running

    assert handler.acted == {"a": 2}


@pytest.mark.parametrize(
    ("nick", "shops"),
    [("小店", ["a"]), ("", ["a", "b", "c"]), ("无人认识", ["c"])],
    ids=["known seller", "seller not told", "unknown seller"],
)
async def test_a_message_goes_to_every_shop_it_may_be_about(
    database: Database, clock: FakeClock, nick: str, shops: list[str]
) -> None:
    store = await prepare(database, ("a", "小店"), ("b", "另一家"), ("c", ""))
    await database.commit(log.keep([told(1, nick=nick)]))

    await drain(Inbox(store, VAULT, {"taobao_item_": Marks()}, clock, LocalWaker()))

    assert await marks(database) == [(shop, "1") for shop in shops]


async def test_a_message_nobody_wants_is_handled_by_nobody(database: Database, clock: FakeClock) -> None:
    store = await prepare(database, ("a", "小店"))
    await database.commit(log.keep([told(1, topic="taobao_item"), told(2, topic="")]))

    await drain(Inbox(store, VAULT, {"taobao_item_": Marks()}, clock, LocalWaker()))

    assert await marks(database) == []
    assert await log.waiting(database, 10) == []


async def test_a_message_that_breaks_its_handler_is_set_aside_and_holds_up_no_other(
    database: Database, clock: FakeClock
) -> None:
    store = await prepare(database, ("a", "小店"))
    await database.commit(log.keep([told(1), told(2, content=b"bad"), told(3)]))

    await drain(Inbox(store, VAULT, {"taobao_item_": Marks()}, clock, LocalWaker()))

    assert await marks(database) == [("a", "1"), ("a", "3")]
    assert await database.fetch("SELECT data_id FROM inbox WHERE state = 'failed'") == [("2",)]


TRADE = PushMessage(1, "1", "taobao_trade_TradeClose", b'{"buyer_nick":"someone"}', "7", "小店")


class Hears(Marks):
    """Keeps the contents it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[bytes] = []

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        self.heard += [one.content for one in messages]
        return await super().writes(shop_id, messages)


async def test_what_a_message_tells_of_a_buyer_rests_sealed_and_is_handed_on_whole(
    database: Database, clock: FakeClock
) -> None:
    store, handler = await prepare(database, ("a", "小店")), Hears()
    service = Service(1, database)
    service.message = TRADE

    await take_all(database, service, clock)
    ((rests),) = await database.fetch("SELECT content FROM inbox")
    await drain(Inbox(store, VAULT, {"taobao_trade_": handler}, clock, LocalWaker()))

    assert b"someone" not in bytes(rests[0])  # type: ignore[arg-type]
    assert handler.heard == [TRADE.content]


async def test_a_sealed_content_whose_key_is_gone_is_set_aside(database: Database, clock: FakeClock) -> None:
    store, handler = await prepare(database, ("a", "小店")), Hears()
    trade = told(1, topic="taobao_trade_TradeClose")
    await database.commit(
        log.keep([sealed(Vault([b"o" * 32]), trade), sealed(VAULT, replace(trade, data_id="2"))])
    )

    await drain(Inbox(store, VAULT, {"taobao_trade_": handler}, clock, LocalWaker()))

    assert await marks(database) == [("a", "2")]
    assert await database.fetch("SELECT data_id FROM inbox WHERE state = 'failed'") == [("1",)]


async def test_two_processes_handle_a_message_once(database: Database, clock: FakeClock) -> None:
    store = await prepare(database, ("a", "小店"))
    await database.commit(log.keep([told(number) for number in range(300)]))
    both = [Inbox(store, VAULT, {"taobao_item_": Marks()}, clock, LocalWaker()) for _ in range(2)]

    await asyncio.gather(*(drain(inbox) for inbox in both))

    assert await marks(database) == [("a", str(number)) for number in range(300)]


async def test_handled_messages_are_forgotten_once_the_platform_repeats_them_no_more(
    database: Database, clock: FakeClock
) -> None:
    store = await prepare(database, ("a", "小店"))
    messages = [replace(told(number), received_us=clock.now_us()) for number in range(3)]
    await database.commit(log.keep(messages[:2]))
    inbox = Inbox(store, VAULT, {}, clock, LocalWaker())
    await drain(inbox)
    await database.commit(log.keep(messages[2:]))

    await run_until(inbox, clock, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE state = 'waiting')")
    before = await database.fetch("SELECT data_id FROM inbox ORDER BY id")
    clock.jump(KEPT_FOR_S + 1)
    await database.commit(log.keep([replace(told(9), received_us=clock.now_us())]))
    await run_until(inbox, clock, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE data_id = '0')")

    assert before == [("0",), ("1",), ("2",)]
    assert await database.fetch("SELECT data_id FROM inbox") == [("9",)]


async def run_until(inbox: Inbox, clock: FakeClock, sql: str) -> None:
    """Runs the inbox until a query finds something."""
    stop = asyncio.Event()
    running = asyncio.create_task(inbox.run(stop))
    async with asyncio.timeout(WAIT_S):
        while not await inbox.db.fetch(sql):
            await clock.sleep(0.5)
        stop.set()
        await running
