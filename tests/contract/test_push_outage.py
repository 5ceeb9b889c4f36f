"""When somebody is told that pushed messages do not come, and that they come again, over every database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from onshelf.alerts.rules import AlertState, Severity, changes
from onshelf.clock import SECOND_US, FakeClock
from onshelf.events import ShopTrouble
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.schedule import Entry
from onshelf.platforms.port import ShopRef
from onshelf.settings import Secret
from onshelf.shops.push.feeds import LEFT_ALONE, SILENT_US, STOPPED, Feed, Link, Way, beat, links, put_link
from onshelf.shops.push.outage import News, Outages, news
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.store import log
from onshelf.store.db import Database

APP = AppKey("12345678")
SHOP = Shop(ShopId("小店"), "taobao", APP, "http://gw", "", "ws://mc/", "", ShopState.AUTHORISED, 1)
TICK = Entry("messages", "messages", "{}", 1, 0, 0, 0, 0, "", 0)
AFTER_S = 600
AFTER_US = AFTER_S * SECOND_US
NOW_US = 10_000 * SECOND_US
DOWN = Link(Way.DOWN, "not_sent", NOW_US - AFTER_US, NOW_US, 0)
UP = Link(Way.SOCKET, "", NOW_US, NOW_US, 0)


@pytest.mark.parametrize(
    ("wanted", "told", "expected"),
    [
        ([DOWN], False, News.DOWN),
        ([DOWN], True, News.NOTHING),
        ([replace(DOWN, since_us=DOWN.since_us + 1)], False, News.NOTHING),
        ([replace(DOWN, since_us=DOWN.since_us + 1)], True, News.NOTHING),
        ([replace(DOWN, alive_us=NOW_US - SILENT_US)], False, News.NOTHING),
        ([replace(DOWN, why=STOPPED)], False, News.NOTHING),
        ([replace(DOWN, why=STOPPED)], True, News.NOTHING),
        ([replace(DOWN, why=LEFT_ALONE)], False, News.NOTHING),
        ([UP, DOWN], False, News.DOWN),
        ([UP, DOWN], True, News.NOTHING),
        ([UP], False, News.NOTHING),
        ([UP, UP], True, News.OVER),
        ([replace(UP, way=Way.HTTP)], True, News.OVER),
        ([], True, News.OVER),
        ([], False, News.NOTHING),
    ],
)
def test_it_is_told_once_that_no_messages_come_and_once_that_all_come(
    wanted: Sequence[Link], told: bool, expected: News
) -> None:
    assert news(wanted, told=told, after_us=AFTER_US, now_us=NOW_US) is expected


class House:
    """Shops of one app, the feeds of its groups, and who looks at them each minute."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock(datetime(2026, 11, 11, tzinfo=UTC), busy=db.busy)
        self.shops = ShopStore(db, Vault([b"k" * 32]))
        self.outages = self.outages_of(["default", "night"])

    def outages_of(self, groups: Sequence[str], after_s: float = AFTER_S) -> Outages:
        return Outages(self.shops, self.clock, groups=groups, after_s=after_s)

    async def fare(self, way: Way, *, minutes: int, why: str = "", group: str = "default") -> None:
        """Lets a feed fare so for a while; its process tells it, and every minute it is looked at."""
        feed = Feed(APP, group, "ws://mc/", ShopRef(SHOP.shop_id, APP, "http://gw"))
        await self.db.commit([put_link(feed, way, self.clock.now_us(), why)])
        for _ in range(minutes):
            self.clock.jump(60)
            again = put_link(feed, way, self.clock.now_us(), why)
            await self.db.commit([again if way is Way.DOWN else beat(feed, self.clock.now_us())])
            await self.outages.run(TICK)

    async def told(self, shop_id: str = SHOP.shop_id) -> list[ShopTrouble]:
        events = [entry.event for entry in await log.read(self.db, "test", 100)]
        return [one for one in events if isinstance(one, ShopTrouble) and one.shop_id == shop_id]


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database)
    for shop in (
        SHOP,
        replace(SHOP, shop_id=ShopId("二店")),
        replace(SHOP, shop_id=ShopId("无消息"), tmc=""),
    ):
        await database.commit(house.shops.add(shop, Secret("s")))
    return house


async def test_an_outage_is_an_alert_after_ten_minutes_and_over_when_messages_come(house: House) -> None:
    await house.fare(Way.SOCKET, minutes=30)
    await house.fare(Way.DOWN, minutes=9, why="not_sent")
    assert await house.told() == []

    await house.fare(Way.DOWN, minutes=30, why="refused")
    await house.fare(Way.SOCKET, minutes=5)

    firing, over = changes(await house.told(), {})
    assert (firing.rule, firing.cause, firing.severity) == ("messages", "messages_down", Severity.WARNING)
    assert firing.title == "2026-11-11 08:30", "when it began, in Beijing"
    assert (over.state, over.since_us) == (AlertState.RESOLVED, firing.since_us)
    assert len(await house.told("二店")) == 2
    assert await house.told("无消息") == []


async def test_an_outage_of_one_group_is_over_when_all_groups_stand(house: House) -> None:
    await house.fare(Way.DOWN, minutes=12, why="not_sent", group="night")
    await house.fare(Way.SOCKET, minutes=1)
    assert [one.over for one in await house.told()] == [False]

    await house.fare(Way.HTTP, minutes=1, group="night")

    assert [one.over for one in await house.told()] == [False, True]


async def test_a_restart_ends_no_outage_and_begins_none(house: House) -> None:
    await house.fare(Way.DOWN, minutes=12, why="not_sent")
    await house.fare(Way.DOWN, minutes=0, why=STOPPED)
    await house.outages.run(TICK)
    await house.fare(Way.DOWN, minutes=5, why="not_sent")
    assert [one.over for one in await house.told()] == [False]
    await house.fare(Way.SOCKET, minutes=1)
    await house.fare(Way.DOWN, minutes=0, why=STOPPED)
    house.clock.jump(86_400)

    await house.fare(Way.DOWN, minutes=9, why="not_sent")

    assert [one.over for one in await house.told()] == [False, True], "stopped for a day is no outage"


async def test_a_process_that_died_while_it_tried_in_vain_leaves_no_outage_to_the_next(house: House) -> None:
    await house.fare(Way.DOWN, minutes=5, why="not_sent")
    house.clock.jump(86_400)

    await house.fare(Way.DOWN, minutes=9, why="not_sent")

    assert await house.told() == []


@pytest.mark.parametrize(("groups", "after_s"), [([], AFTER_S), (["default"], 0)])
async def test_it_is_over_when_nobody_wants_messages_or_alerts_any_more(
    house: House, groups: list[str], after_s: float
) -> None:
    await house.fare(Way.DOWN, minutes=12, why="not_sent")

    await house.outages_of(groups, after_s).run(TICK)

    assert [one.over for one in await house.told()] == [False, True]
    assert not any(link.told_us for link in (await links(house.db)).values())
