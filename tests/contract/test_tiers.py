"""A tier of an authorisation that ends while the session lives: only calls that need it stop, and a person is told once."""

from datetime import UTC, datetime
from random import Random

import pytest

from onshelf.alerts.rules import AlertState, changes
from onshelf.clock import DAY_US, FakeClock
from onshelf.errors import TierExpired
from onshelf.events import ShopTrouble
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.failure import HELD_TIER, PauseShop, decide
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Entry
from onshelf.platforms.port import Lane
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.auth import Token
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process
from onshelf.settings import Secret
from onshelf.shops.apps import AppSecrets
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.shops.upkeep import Upkeep
from onshelf.store import log
from onshelf.store.db import Database

SHOP = Shop(
    ShopId("小店"),
    "taobao",
    AppKey("12345678"),
    "http://sandbox/router/rest",
    "http://sandbox/oauth",
    "",
    "",
    ShopState.NEW,
    1,
)
RISKY, PLAIN = "taobao.items.inventory.get", "taobao.items.onsale.get"
TICK = Entry("shops", "shops", "{}", 1, 0, 0, 0, 0, "", 0)


class House:
    """A shop whose session is "test", the sandbox, and the client between them."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.clock = FakeClock(datetime(2026, 11, 11, tzinfo=UTC), busy=database.busy)
        self.sandbox = in_process(self.clock)
        transport = AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,))
        self.store = ShopStore(database, Vault([b"k" * 32]))
        self.queue = Queue(database, self.clock, lease_s=60)
        renewer = Authoriser(self.store, transport, self.clock)
        self.sessions = ShopSessions(self.store, self.queue, self.clock, renewer)
        self.client = TopClient(
            transport,
            apps=AppSecrets(self.store, self.clock),
            sessions=self.sessions,
            quotas=Quotas((), self.clock),
            clock=self.clock,
            random=Random(1),
        )

    async def authorise(self, refresh_token: str = "") -> None:
        """The seller agrees: reads of the high-risk tier end at once by what the token says."""
        now_us = self.clock.now_us()
        token = Token(
            "test", refresh_token, now_us + DAY_US, None, (now_us + DAY_US, now_us), (None, None), "1", ""
        )
        await self.sessions.accept(SHOP.shop_id, token)

    async def read(self, method: str) -> None:
        await self.client.call(
            method, {"fields": "num_iid"}, dict, shop=SHOP.ref(), kind=Kind.READ, lane=Lane.POLLS
        )

    async def told(self) -> list[ShopTrouble]:
        events = [entry.event for entry in await log.read(self.db, "test", 100)]
        return [one for one in events if isinstance(one, ShopTrouble) and one.trouble == "tier"]

    async def state(self) -> ShopState:
        (shop,) = await self.store.list()
        return shop.state


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database)
    await database.commit(house.store.add(SHOP, Secret("helloworld")))
    await control(house.sandbox, "policy", {"high_risk": [RISKY]})
    await control(house.sandbox, "sessions", {"session": "test", "tiers": {"r2": 0}})
    return house


async def test_only_calls_of_the_tier_are_refused_and_the_session_serves_the_others(house: House) -> None:
    await house.authorise()

    for _ in range(3):
        with pytest.raises(TierExpired):
            await house.read(RISKY)
    await house.read(PLAIN)

    assert await house.state() is ShopState.AUTHORISED
    assert await house.queue.held_shops() == {}


async def test_a_person_is_told_once_a_token_and_it_is_over_after_a_new_authorisation(house: House) -> None:
    await house.authorise()
    for _ in range(3):
        house.clock.jump(60)
        with pytest.raises(TierExpired):
            await house.read(RISKY)
    house.clock.jump(60)

    await house.authorise()

    firing, over = changes(await house.told(), {})
    assert (firing.cause, firing.title, firing.state) == ("tier_ended", "r2", AlertState.FIRING)
    assert over.state is AlertState.RESOLVED


async def test_work_that_needs_the_tier_pauses_until_the_shop_is_authorised_again(house: House) -> None:
    await house.authorise()
    with pytest.raises(TierExpired) as caught:
        await house.read(RISKY)
    decision = decide(caught.value, attempt=1, now_us=0, spread=0)
    await house.db.commit(house.queue.pause_shop(SHOP.shop_id, HELD_TIER))

    await Upkeep(house.store, house.queue, house.sessions, house.clock).run(TICK)
    held = await house.queue.held_shops()
    await house.authorise()

    assert decision == PauseShop(HELD_TIER)
    assert held == {SHOP.shop_id: [HELD_TIER]}, "that the session lives is no reason to go on"
    assert await house.queue.held_shops() == {}


async def refresh_token_of(house: House) -> str:
    return house.sandbox.world.sessions["test"].refresh_token


async def test_a_refresh_that_renews_the_tiers_is_made_before_anybody_is_told(house: House) -> None:
    await house.authorise(await refresh_token_of(house))

    await house.read(RISKY)

    assert [one.over for one in await house.told()] == [True, True]
    assert len(house.sandbox.world.sessions) == 2


async def test_a_refresh_that_does_not_renew_the_tiers_is_made_once(house: House) -> None:
    await house.authorise(await refresh_token_of(house))
    await house.read(RISKY)
    fresh = await house.sessions.session(SHOP.shop_id)
    await control(house.sandbox, "sessions", {"session": fresh, "tiers": {"r2": 0}})

    for _ in range(3):
        with pytest.raises(TierExpired):
            await house.read(RISKY)

    assert len(house.sandbox.world.sessions) == 2
    assert [one.over for one in await house.told()] == [True, True, False]


async def test_a_platform_that_cannot_be_asked_for_the_next_token_leaves_the_living_one(house: House) -> None:
    await house.authorise(await refresh_token_of(house))
    await control(house.sandbox, "faults", {"kind": "cut_before", "method": "oauth.token"})

    with pytest.raises(TierExpired):
        await house.read(RISKY)

    assert await house.sessions.session(SHOP.shop_id) == "test"
    assert await house.state() is ShopState.AUTHORISED
