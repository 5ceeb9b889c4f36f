"""What is told of a shop's authorisation over its life, and of its evening probes, over every database."""

from datetime import UTC, datetime, time
from random import Random

import pytest

from onshelf.alerts.rules import AlertState, changes
from onshelf.clock import BEIJING, SECOND_US, FakeClock
from onshelf.events import Event, ShopTrouble
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Entry
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.auth import Token
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process
from onshelf.settings import Secret
from onshelf.shops import health
from onshelf.shops.apps import AppSecrets
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.shops.upkeep import EveningProbe, Upkeep
from onshelf.store import log
from onshelf.store.db import Database

SHOP = ShopId("我的小店")
APP = {"app_key": "12345678", "app_secret": "helloworld"}
HOUR_S = 3600
DAY_S = 24 * HOUR_S
TICK = Entry("shops", "shops", "{}", 1, 0, 0, 0, 0, "", 0)
NOON = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)  # in Beijing


class House:
    """A shop, its sandbox, and what looks after it, on one clock."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.clock = FakeClock(NOON, busy=database.busy)
        self.sandbox = in_process(self.clock)
        self.transport = AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,))
        self.store = ShopStore(database, Vault([b"k" * 32]))
        self.queue = Queue(database, self.clock, lease_s=60)
        renewer = Authoriser(self.store, self.transport, self.clock)
        self.sessions = ShopSessions(self.store, self.queue, self.clock, renewer)
        self.client = TopClient(
            self.transport,
            apps=AppSecrets(self.store, self.clock),
            sessions=self.sessions,
            quotas=Quotas((), self.clock),
            clock=self.clock,
            random=Random(1),
        )
        self.upkeep = Upkeep(self.store, self.queue, self.sessions, self.clock)
        self.evening = EveningProbe(self.store, self.client, self.clock, time(20, tzinfo=BEIJING))

    async def told(self) -> list[Event]:
        """Returns the events of the log."""
        return [entry.event for entry in await log.read(self.db, "test", 100)]

    async def causes(self) -> list[tuple[str, bool, bool]]:
        """Returns each trouble told: its cause, whether it was loud, whether it told the end of it."""
        return [(one.cause, one.loud, one.over) for one in await self.told() if isinstance(one, ShopTrouble)]

    async def authorise(self, *, days: float) -> None:
        """The seller agrees; nothing can be refreshed."""
        end_us = self.clock.now_us() + round(days * DAY_S * SECOND_US)
        token = Token("test", "", end_us, 0, (None, None), (None, None), "1", "小店")
        await self.sessions.accept(SHOP, token)


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database)
    shop = Shop(
        shop_id=SHOP,
        platform="taobao",
        app_key=AppKey("12345678"),
        gateway="http://sandbox/router/rest",
        oauth="",
        tmc="",
        nick="",
        state=ShopState.NEW,
        created_us=house.clock.now_us(),
    )
    await database.commit(house.store.add(shop, Secret("helloworld")))
    return house


async def test_an_end_is_told_30_7_and_1_days_before_and_when_it_has_come(house: House) -> None:
    await house.authorise(days=32)

    for _ in range(33 * 4):
        house.clock.jump(6 * HOUR_S)
        await house.upkeep.run(TICK)

    assert await house.causes() == [
        ("tier_ended", False, True),  # accepting settles whatever stood
        ("authorisation_ended", False, True),
        ("authorisation_ends", False, False),
        ("authorisation_ends", False, False),
        ("authorisation_ends", True, False),
        ("authorisation_ended", True, False),
    ]


async def test_a_new_authorisation_settles_the_warning(house: House) -> None:
    await house.authorise(days=5)
    await house.upkeep.run(TICK)
    house.clock.jump(60)

    await house.authorise(days=365)
    await house.upkeep.run(TICK)

    assert (await house.causes())[-1] == ("authorisation_ended", False, True)
    assert await health.warnings(house.db) == {}
    (firing, settled) = changes(await house.told(), {})
    assert (firing.state, settled.state) == (AlertState.FIRING, AlertState.RESOLVED)


async def test_a_shop_that_works_well_is_no_news(house: House) -> None:
    await house.sessions.accept(SHOP, session_only("test"))

    for _ in range(3):
        await house.upkeep.run(TICK)

    assert changes(await house.told(), {}) == []


async def test_a_shop_is_probed_once_an_evening(house: House) -> None:
    await house.sessions.accept(SHOP, session_only("test"))
    probed = []

    for hour in range(50):
        await house.evening.run(TICK)
        last = (await health.probes(house.db)).get(SHOP)
        probed += [hour] if last and last.at_us > house.clock.now_us() - HOUR_S * SECOND_US else []
        house.clock.jump(HOUR_S)

    assert probed == [8, 32]  # from noon on: 20:00 today and tomorrow


async def test_a_refused_probe_is_told_and_a_good_one_ends_it(house: House) -> None:
    await house.sessions.accept(SHOP, session_only("test"))
    await control(house.sandbox, "apps", {**APP, "denied": ["taobao.picture.get"]})

    house.clock.jump(9 * HOUR_S)
    await house.evening.run(TICK)
    probed = (await health.probes(house.db))[SHOP]
    await control(house.sandbox, "apps", {**APP, "denied": []})
    house.clock.jump(DAY_S)
    await house.evening.run(TICK)

    firing, settled = changes(await house.told(), {})
    assert (firing.cause, firing.title) == ("probe_failed", "taobao.picture.get")
    assert settled.state is AlertState.RESOLVED
    assert [fault.code for fault in probed.faults] == ["permission_refused"]
    assert "图片空间" in probed.faults[0].message["zh"]


async def test_a_platform_in_passing_trouble_is_no_trouble_of_the_shop(house: House) -> None:
    await house.sessions.accept(SHOP, session_only("test"))
    await control(house.sandbox, "faults", {"kind": "isp", "method": "reads"})

    house.clock.jump(9 * HOUR_S)
    await house.evening.run(TICK)

    assert changes(await house.told(), {}) == []
    assert (await health.probes(house.db))[SHOP].faults


async def test_a_shop_whose_authorisation_has_ended_or_that_was_paused_is_not_probed(house: House) -> None:
    await house.authorise(days=0.1)
    house.clock.jump(9 * HOUR_S)
    await house.upkeep.run(TICK)

    await house.evening.run(TICK)

    assert await health.probes(house.db) == {}


async def test_a_removed_shop_leaves_no_health_behind(house: House) -> None:
    await house.authorise(days=5)
    await house.upkeep.run(TICK)
    house.clock.jump(9 * HOUR_S)
    await house.evening.run(TICK)

    await house.db.commit(house.store.remove(SHOP))

    assert await health.probes(house.db) == {}
    assert await health.warnings(house.db) == {}
