"""What apps are permitted, over every database: told, learned from a refusal, forgotten; the calendar; the record booked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, StoreError
from onshelf.guard.audit import Audit
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.port import CallRecord, Closure, Lane
from onshelf.platforms.quota import DAY_S, DayEnded, Limit, Quotas
from onshelf.settings import Secret
from onshelf.shops.quota import calendar, permits
from onshelf.shops.quota.permits import Keeper, Permit, Record, Source, in_force
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.store.db import Database

APP = "12345678"
ADD = "taobao.item.add"
NOBODY: frozenset[Lane] = frozenset()
DAY = Limit(5000, DAY_S)


class House:
    """One process's quotas, its record of calls, and who keeps them to what is permitted."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        vault = Vault([b"k" * 32])
        self.db = database
        self.clock = clock
        self.audit = Audit(database, vault, clock, Random(1))
        self.shops = ShopStore(database, vault)
        self.quotas = Quotas([DAY], clock)
        self.record = Record(database, self.audit, clock)
        self.keeper = Keeper(database, self.shops, self.quotas, self.record, clock, settings=[DAY])

    async def call(self, count: int, method: str = ADD, *, code: int = 0) -> None:
        """Notes calls that were answered at once."""
        for _ in range(count):
            outcome = "refused" if code else "ok"
            record = CallRecord(self.clock.now_us(), 0, "shop", APP, method, outcome, code, "", "", b"")
            self.audit.called(record)
        await self.audit.flush()

    def left(self) -> int | None:
        return self.quotas.of(APP).free(Lane.LISTING).today


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database, FakeClock(datetime(2026, 11, 10, 12, tzinfo=UTC), busy=database.busy))
    shop = Shop(
        ShopId("shop"), "taobao", AppKey(APP), "http://gw/router/rest", "http://gw/oauth", "", "",
        ShopState.NEW, house.clock.now_us(),
    )  # fmt: skip
    await database.commit(house.shops.add(shop, Secret("helloworld")))
    return house


def told(limit: Limit) -> Permit:
    return Permit(APP, limit, Source.TOLD, 1)


async def test_a_process_begins_with_what_the_record_says_was_used(house: House) -> None:
    await house.call(7)

    await house.keeper.prepare()
    await house.keeper.prepare()

    assert house.left() == 5000 - 7


async def test_what_a_person_tells_takes_the_settings_place_until_it_is_forgotten(house: House) -> None:
    await house.call(7)
    await house.db.commit([permits.put(told(Limit(1_000_000, DAY_S)))])
    await house.keeper.prepare()
    raised = house.left()
    await house.db.commit([permits.forget(APP, "app", DAY_S)])

    await house.keeper.follow(NOBODY)

    assert (raised, house.left()) == (1_000_000 - 7, 5000 - 7)


async def test_a_running_process_counts_a_new_window_from_the_record(house: House) -> None:
    await house.keeper.prepare()
    await house.call(3)
    await house.db.commit([permits.put(told(Limit(3, DAY_S, f"method:{ADD}")))])

    await house.keeper.follow(NOBODY)

    quota = house.quotas.of(APP)
    began = house.clock.monotonic()
    await quota.take(ADD, lane=Lane.LISTING)
    assert house.clock.monotonic() - began == pytest.approx(DAY_S, rel=0.001)


async def test_a_limit_of_0_told_lifts_the_settings_own(house: House) -> None:
    await house.db.commit([permits.put(told(Limit(0, DAY_S)))])

    await house.keeper.prepare()

    assert house.left() is None


async def test_a_refusal_for_the_day_teaches_the_limit_from_the_calls_that_passed(house: House) -> None:
    """What is refused for flow control was let through by nobody."""
    await house.keeper.prepare()
    await house.call(1)
    house.clock.jump(DAY_S + 1)
    await house.call(40)
    await house.call(2, code=7)

    house.quotas.day_ended(APP, "app")
    await house.keeper.follow(NOBODY)

    (permit,) = await permits.permits(house.db, APP)
    assert (permit.limit, permit.source) == (Limit(40, DAY_S), Source.LEARNED)
    assert house.quotas.of(APP).free(Lane.LISTING).per_day == 40


async def test_a_refusal_of_one_method_teaches_that_methods_limit(house: House) -> None:
    await house.call(5)
    await house.call(9, "taobao.items.onsale.get")

    permit = await house.record.learn(DayEnded(APP, f"method:{ADD}", house.clock.now_us()))

    assert permit is not None
    assert permit.limit == Limit(5, DAY_S, f"method:{ADD}")


async def test_a_refusal_before_any_call_of_ours_teaches_nothing(house: House) -> None:
    """Another program used up the day: a limit of none would stop us for ever."""
    assert await house.record.learn(DayEnded(APP, "app", house.clock.now_us())) is None


async def test_whoever_keeps_the_quotas_wakes_up_for_a_refusal_and_for_the_end(house: House) -> None:
    began, stop = house.clock.monotonic(), asyncio.Event()
    house.quotas.day_ended(APP, "app")
    await house.keeper.rest(stop)
    house.quotas.ended()
    stop.set()
    await house.keeper.rest(stop)

    assert house.clock.monotonic() == began


async def test_a_database_that_fails_stops_nobody_from_following_it_later(house: House) -> None:
    stop, asked = asyncio.Event(), 0
    await house.db.commit([permits.put(told(Limit(20, DAY_S)))])

    async def expected() -> frozenset[Lane]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StoreError("away")
        stop.set()
        return NOBODY

    await house.keeper.run(stop, expected)

    assert house.left() == 20


async def test_the_calendar_reaches_a_running_quota_and_leaves_it_again(house: House) -> None:
    now_us = house.clock.now_us()
    closure = Closure("双11", now_us, now_us + 3600 * SECOND_US, ("taobao.item.*", "taobao.picture.*"))
    await house.keeper.prepare()
    await house.db.commit([calendar.put(closure)])
    await house.keeper.follow(NOBODY)
    shown = house.quotas.of(APP).free(Lane.LISTING).closures
    await house.db.commit([calendar.remove("双11")])

    await house.keeper.follow(NOBODY)

    assert shown == (closure,)
    assert house.quotas.of(APP).free(Lane.LISTING).closures == ()


async def test_the_calendar_replaces_by_name_and_forgets_what_is_over(house: House) -> None:
    first = Closure("a", 10, 20, ("x",))
    await house.db.commit([calendar.put(first), calendar.put(Closure("b", 5, 15, ("y",), 60))])
    await house.db.commit([calendar.put(replace(first, to_us=30))])

    assert [one.name for one in await calendar.closures(house.db)] == ["b", "a"]
    assert await calendar.closures(house.db, after_us=20) == (replace(first, to_us=30),)


async def test_taking_away_a_closure_that_is_not_there_is_a_conflict(house: House) -> None:
    with pytest.raises(Conflict):
        await house.db.commit([calendar.remove("nobody")])


def test_the_latest_word_on_a_window_counts_and_other_windows_stay() -> None:
    minute = Limit(1000, 60.0, "class:basic")

    limits = in_force([DAY, minute], [told(Limit(20_000, DAY_S)), told(Limit(0, 60.0, "class:basic"))])

    assert list(limits.values()) == [Limit(20_000, DAY_S)]
