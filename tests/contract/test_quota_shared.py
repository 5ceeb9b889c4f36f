"""One quota over several processes: the same promises whether one process counts or several share a Redis, on virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quota_use import share_used
from redis.asyncio import Redis
from redis_server import Server, redis_server

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import QuotaExceeded, StoreError
from onshelf.platforms.ledger import Away, Ledger
from onshelf.platforms.port import Closure, Lane
from onshelf.platforms.quota import DAY_S, Limit, Past, Quota
from onshelf.platforms.quota_port import AppQuota
from onshelf.platforms.quota_redis import RedisQuota
from onshelf.platforms.window import LANES
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.quota import Quota as Gateway

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)
METHOD = "taobao.item.add"
FLIGHT_S = 60.0
SOON_S = 3.0
KINDS = ["process", "redis"]
APPS = count(1)


def class_of(method: str) -> str:
    return "class:trade" if method.startswith("taobao.trade") else "class:basic"


class House:
    """Quotas of one app, as two processes see it; in the kind "process" both are the same one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ledgers: list[Ledger] = []
        self._quotas: list[AppQuota] = []
        self._app_key = f"app-{next(APPS)}"
        self.clock = FakeClock(START, busy=lambda: any(ledger.busy() for ledger in self._ledgers))
        self.record: list[Past] = []
        self.failures = 0  # of the next readings of the record

    def open(self, limits: Sequence[Limit], kind: type[Ledger] = Ledger) -> AppQuota:
        """Starts a process."""
        if not self._url and self._quotas:
            return self._quotas[0]
        self._quotas.append(self._new(limits, kind))
        self._quotas[-1].seed(self.record)
        return self._quotas[-1]

    def pair(self, *limits: Limit) -> tuple[AppQuota, AppQuota]:
        return self.open(limits), self.open(limits)

    async def close(self) -> None:
        for quota in self._quotas:
            await quota.end()

    def _new(self, limits: Sequence[Limit], kind: type[Ledger]) -> AppQuota:
        if not self._url:
            return Quota(limits, self.clock, class_of=class_of)
        ledger = kind(self._url, self.clock, Random(len(self._ledgers)), own_time=True)
        self._ledgers.append(ledger)
        return RedisQuota(
            self._app_key,
            limits,
            ledger,
            self.clock,
            class_of=class_of,
            recall=self._recall,
            flight_s=FLIGHT_S,
        )

    async def _recall(self, app_key: str) -> list[Past]:
        assert app_key == self._app_key
        if self.failures:
            self.failures -= 1
            raise StoreError("the database is away")
        return self.record


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "process" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    house = House(url)
    yield house
    await house.close()


@pytest.fixture
async def shared(redis_url: str) -> AsyncIterator[House]:
    """A house whose processes are really two."""
    house = House(redis_url)
    yield house
    await house.close()


def in_house(url: str, play: Callable[[House], Awaitable[T]]) -> T:
    """Runs a play to its end in a loop of its own, for properties."""

    async def run() -> T:
        house = House(url)
        try:
            return await play(house)
        finally:
            await house.close()

    return asyncio.run(run())


async def waited_s(house: House, quota: AppQuota, lane: Lane = Lane.LISTING, method: str = METHOD) -> float:
    began = house.clock.monotonic()
    quota.answered(await quota.take(method, lane=lane, shop_id="shop"))
    return house.clock.monotonic() - began


async def use(quota: AppQuota, calls: int, lane: Lane = Lane.LISTING) -> None:
    for _ in range(calls):
        quota.answered(await quota.take(METHOD, lane=lane))


@asynccontextmanager
async def workers(
    house: House, quotas: Sequence[AppQuota], call: Callable[[AppQuota], Awaitable[None]]
) -> AsyncIterator[None]:
    """Keeps eight workers a process calling while the block runs; what goes wrong in one is raised."""

    async def work(quota: AppQuota) -> None:
        while True:
            await call(quota)

    tasks = [asyncio.create_task(work(quota)) for quota in quotas for _ in range(8)]
    yield
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(ended, asyncio.CancelledError), ended


CALLERS = st.lists(
    st.tuples(st.floats(0, 3), st.floats(0, 1), st.floats(0, 1), st.sampled_from(LANES), st.booleans()),
    min_size=1,
    max_size=20,
)


@given(callers=CALLERS, limit=st.integers(1, 5), window_s=st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=25)
@pytest.mark.parametrize("kind", KINDS)
def test_no_window_ever_holds_more_than_its_limit_whoever_calls_from_where(
    request: pytest.FixtureRequest,
    kind: str,
    callers: list[tuple[float, float, float, Lane, bool]],
    limit: int,
    window_s: float,
) -> None:
    """The gateway may count a call anywhere between its slot and its reply."""
    arrivals: list[float] = []

    async def play(house: House) -> None:
        pair = house.pair(Limit(limit, window_s))

        async def caller(comes_s: float, there_s: float, back_s: float, lane: Lane, second: bool) -> None:
            await house.clock.sleep(comes_s)
            slot = await pair[second].take(METHOD, lane=lane)
            await house.clock.sleep(there_s)
            arrivals.append(house.clock.monotonic())
            await house.clock.sleep(back_s)
            pair[second].answered(slot)

        await asyncio.gather(*(caller(*one) for one in callers))

    in_house("" if kind == "process" else str(request.getfixturevalue("redis_url")), play)

    assert len(arrivals) == len(callers)
    arrivals.sort()
    assert all(later - first >= window_s for first, later in zip(arrivals, arrivals[limit:], strict=False))


@pytest.mark.parametrize(
    ("limit", "windows", "least"),
    [(Limit(100, 1.0), 5, 0.95), (Limit(300, 60.0), 4, 0.99), (Limit(200, DAY_S), 3, 0.99)],
)
async def test_two_processes_together_use_the_limit_and_are_never_refused(
    house: House, limit: Limit, windows: int, least: float
) -> None:
    """The gateway counts at arrival, exactly, and a refusal ends the test."""
    arrivals: list[float] = []
    gateway, spread = Gateway(), Random(5)
    numbers = {name: limit.limit for name, size in WINDOWS.items() if size == limit.window_s}
    gateway.set(
        Limits(
            app_key="app", per_second=numbers.get("s"), per_minute=numbers.get("m"), per_day=numbers.get("d")
        )
    )

    async def call(quota: AppQuota) -> None:
        slot = await quota.take(METHOD, lane=Lane.LISTING)
        await house.clock.sleep(0.005 * spread.random())
        gateway.admit("app", METHOD, house.clock.monotonic())
        arrivals.append(house.clock.monotonic())
        await house.clock.sleep(0.005 * spread.random())
        quota.answered(slot)

    async with workers(house, house.pair(limit), call):
        await house.clock.sleep(limit.window_s * windows)

    assert share_used(arrivals, limit) >= least


WINDOWS = {"s": 1.0, "m": 60.0, "d": DAY_S}


async def test_what_one_process_uses_the_other_misses_and_sees(house: House) -> None:
    first, second = house.pair(Limit(10, DAY_S))
    await use(first, 4)

    await second.refresh()

    assert second.free(Lane.LISTING).today == 6


async def test_a_slot_given_back_by_one_process_is_free_for_the_other(house: House) -> None:
    first, second = house.pair(Limit(1, 60.0))
    slot = await first.take(METHOD, lane=Lane.LISTING)
    waiting = asyncio.create_task(waited_s(house, second))
    await house.clock.sleep(5)

    first.give_back(slot)

    assert await waiting < 7


async def test_a_ban_told_to_one_process_holds_all_and_one_call_of_all_tries_after_it(house: House) -> None:
    first, second = house.pair()
    began = house.clock.monotonic()
    went: list[float] = []
    first.ban(5, scope="app")
    await house.clock.sleep(0.1)

    async def caller(quota: AppQuota) -> None:
        slot = await quota.take(METHOD, lane=Lane.LISTING)
        went.append(round(house.clock.monotonic() - began, 1))
        await house.clock.sleep(2)
        quota.answered(slot)

    await asyncio.gather(*(caller(quota) for quota in (first, second, first, second)))

    assert went[0] == 5.0
    assert all(7.0 <= later <= 7.2 for later in went[1:])


async def test_a_try_that_is_banned_again_starts_no_storm(house: House) -> None:
    first, second = house.pair()
    began = house.clock.monotonic()
    first.ban(1, scope="app")
    await house.clock.sleep(0.1)
    waiting = [asyncio.create_task(quota.take(METHOD, lane=Lane.LISTING)) for quota in (first, second)]
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    slot = done.pop().result()
    first.ban(3, scope="app")
    first.answered(slot, passed=False)

    await others.pop()

    assert house.clock.monotonic() - began == pytest.approx(4, abs=0.2)


async def test_a_ban_of_one_method_or_shop_holds_up_nothing_else(house: House) -> None:
    first, second = house.pair(Limit(100, 1.0))
    first.ban(60, scope="method:other")
    first.ban(60, scope="shop:slow")
    await house.clock.sleep(0.1)

    assert await waited_s(house, second) < 0.1


async def test_the_watch_of_one_process_keeps_its_share_of_the_day_from_the_listing_of_another(
    house: House,
) -> None:
    watch, listing = house.pair(Limit(100, DAY_S))
    await use(watch, 1, Lane.POLLS)

    await listing.refresh()

    assert listing.free(Lane.LISTING).now == 90
    assert listing.free(Lane.POLLS).now == 99


async def test_a_trade_beside_a_flood_of_listing_of_another_process_waits_for_one_window_at_most(
    house: House,
) -> None:
    """Within so short a window processes keep no lanes in order: each asks for one call at a time, and whoever asks first goes."""
    first, second = house.pair(Limit(10, 1.0))

    async def list_one(quota: AppQuota) -> None:
        slot = await quota.take(METHOD, lane=Lane.LISTING)
        await house.clock.sleep(0.02)
        quota.answered(slot)

    waits = []
    async with workers(house, [first], list_one):
        for _ in range(30):
            await house.clock.sleep(0.3)
            waits.append(await waited_s(house, second, Lane.TRADES))

    assert max(waits) <= 1.0


async def test_a_lane_that_is_expected_has_its_share_before_its_first_call(house: House) -> None:
    first, _ = house.pair(Limit(100, DAY_S))
    first.expect(frozenset({Lane.POLLS}))

    await first.refresh()

    assert first.free(Lane.LISTING).now == 90


async def test_classes_and_methods_hold_up_only_theirs(house: House) -> None:
    first, second = house.pair(Limit(1, 20.0, "class:trade"), Limit(1, 10.0, f"method:{METHOD}"))
    await waited_s(house, first, method="taobao.trade.get")
    await waited_s(house, first)

    assert await waited_s(house, second, method="taobao.items.get") < 0.1
    assert await waited_s(house, second) == pytest.approx(10, abs=0.5)
    assert await waited_s(house, second, method="taobao.trades.sold.get") == pytest.approx(10, abs=0.5)


async def test_the_calls_of_the_record_count_from_the_first_one_on(house: House) -> None:
    ago_us = house.clock.now_us() - 3600 * SECOND_US
    house.record = [Past(ago_us, METHOD, Lane.LISTING)] * 7 + [Past(ago_us, "other", Lane.LISTING)]
    first, second = house.pair(Limit(10, DAY_S), Limit(100, DAY_S, f"method:{METHOD}"))

    await use(first, 1)
    await second.refresh()

    assert second.free(Lane.LISTING).today == 1


async def test_a_call_that_cannot_go_in_time_is_refused_and_takes_no_slot(house: House) -> None:
    first, second = house.pair(Limit(1, 10.0))
    await use(first, 1)
    began = house.clock.monotonic()

    with pytest.raises(QuotaExceeded) as refusal:
        await second.take(METHOD, lane=Lane.LISTING, not_after_us=house.clock.now_us() + 3 * SECOND_US)

    assert house.clock.monotonic() == pytest.approx(began, abs=0.1)
    assert refusal.value.retry_at_us - house.clock.now_us() == pytest.approx(10 * SECOND_US, rel=0.02)
    assert await waited_s(house, second) == pytest.approx(10, abs=0.1)


async def test_a_caller_that_is_cancelled_holds_nobody_up(house: House) -> None:
    first, second = house.pair(Limit(1, 1.0))
    held = await first.take(METHOD, lane=Lane.LISTING)
    gone = asyncio.create_task(second.take(METHOD, lane=Lane.TRADES))
    await house.clock.sleep(0.1)
    gone.cancel()
    await asyncio.wait([gone])
    first.answered(held)

    assert await waited_s(house, second) < 3


async def test_a_closure_pauses_and_slows_in_every_process(house: House) -> None:
    first, second = house.pair()
    now_us = house.clock.now_us()
    slow = Closure("慢, or | slow", now_us, now_us + 300 * SECOND_US, ("taobao.items.*",), 2)
    closures = [Closure("shut", now_us, now_us + 30 * SECOND_US, ("taobao.item.*",)), slow]
    for quota in (first, second):
        quota.close(closures)

    assert await waited_s(house, second) == pytest.approx(30, abs=0.1)
    waits = [await waited_s(house, quota, method="taobao.items.get") for quota in (first, second, first)]
    assert waits == pytest.approx([0, 0, 60], abs=0.2)


async def test_a_closure_that_slows_holds_nobody_past_its_end(house: House) -> None:
    quota, _ = house.pair()
    now_us = house.clock.now_us()
    quota.close([Closure("slow", now_us, now_us + 20 * SECOND_US, ("*",), 1)])

    assert [await waited_s(house, quota) for _ in range(2)] == pytest.approx([0, 20], abs=0.2)


async def test_whoever_is_told_of_a_ban_sends_nothing_more_before_the_others_have_heard(house: House) -> None:
    quota, _ = house.pair(Limit(100, 1.0))
    slot = await quota.take(METHOD, lane=Lane.LISTING)
    quota.ban(5, scope="app")
    quota.answered(slot, passed=False)

    assert await waited_s(house, quota) == pytest.approx(5, abs=0.1)


class Losing(Ledger):
    """A connection that loses the first answer to a verb after it has run."""

    lost = ""

    async def run(self, app_key: str, verb: str, *args: object) -> list[str]:
        told = await super().run(app_key, verb, *args)
        if verb == "take" and told[0] == "go" and not self.lost:
            self.lost = verb
            raise Away("cut")
        return told


async def test_a_slot_whose_grant_got_lost_on_the_way_is_given_back(shared: House) -> None:
    quota = shared.open([Limit(10, DAY_S)], kind=Losing)
    await use(quota, 1)
    await shared.clock.sleep(2)

    await quota.refresh()

    assert quota.free(Lane.LISTING).today == 9


async def test_a_limit_told_while_work_waits_holds_at_once(house: House) -> None:
    first, _ = house.pair(Limit(1, 60.0))
    await use(first, 1)
    waiting = asyncio.create_task(waited_s(house, first))
    await house.clock.sleep(1)

    first.permit(Limit(2, 60.0))

    assert await waiting == pytest.approx(1, abs=0.2)


async def test_the_calls_in_flight_of_a_killed_process_fall_due_when_they_are_given_up(shared: House) -> None:
    first, second = shared.pair(Limit(1, 10.0))
    await first.take(METHOD, lane=Lane.LISTING)  # and is never heard of again

    assert await waited_s(shared, second) == pytest.approx(FLIGHT_S + 10, abs=1.5)


async def test_a_redis_that_lost_its_memory_is_told_the_record_before_the_next_call(shared: House) -> None:
    first, second = shared.pair(Limit(10, DAY_S))
    await use(first, 9)
    slot = await first.take(METHOD, lane=Lane.LISTING)
    shared.record = [Past(shared.clock.now_us(), METHOD, Lane.LISTING)] * 9
    await forget_all(shared)

    await second.refresh()
    before = second.free(Lane.LISTING).today
    first.answered(slot)
    await shared.clock.sleep(1)
    await second.refresh()

    assert before == 1
    assert second.free(Lane.LISTING).today == 0


async def test_a_limit_told_while_the_logs_are_looked_at_has_no_room_until_it_is_seen(shared: House) -> None:
    quota = shared.open([Limit(10, DAY_S)])
    await quota.refresh()
    looking = asyncio.create_task(quota.refresh())
    await asyncio.sleep(0)

    quota.permit(Limit(5, 60.0))
    await looking

    assert (quota.free(Lane.LISTING).now, quota.free(Lane.LISTING).today) == (0, 10)
    await quota.refresh()
    assert quota.free(Lane.LISTING).now == 5


async def test_a_record_that_cannot_be_read_holds_calls_up_until_it_can(shared: House) -> None:
    quota = shared.open([Limit(10, DAY_S)])
    shared.failures = 2

    assert await waited_s(shared, quota) == pytest.approx(1, abs=0.3)


async def forget_all(house: House) -> None:
    redis = Redis.from_url(house._url)
    await redis.flushall()
    await redis.aclose()


async def test_while_redis_is_away_nothing_goes_and_work_goes_on_when_it_is_back() -> None:
    with redis_server() as server:
        house = House(server.url)
        try:
            await _through_an_outage(house, server)
        finally:
            await house.close()


async def test_a_process_ends_though_redis_is_away_and_has_not_heard_all() -> None:
    with redis_server() as server:
        house = House(server.url)
        quota = house.open([Limit(10, DAY_S)])
        slot = await quota.take(METHOD, lane=Lane.LISTING)
        server.stop()
        quota.answered(slot)

        await asyncio.wait_for(house.close(), 30)


async def _through_an_outage(house: House, server: Server) -> None:
    first, second = house.pair(Limit(10, DAY_S))
    held = await first.take(METHOD, lane=Lane.LISTING)
    await use(second, 2)
    await second.refresh()
    house.record = [Past(house.clock.now_us(), METHOD, Lane.LISTING)] * 2
    server.stop()

    with pytest.raises(QuotaExceeded, match="Redis"):
        await second.take(
            METHOD, lane=Lane.LISTING, not_after_us=house.clock.now_us() + round(SOON_S * SECOND_US)
        )
    first.answered(held)
    with pytest.raises(QuotaExceeded, match="Redis"):  # not of use soon, but nobody waits for ever
        await second.take(METHOD, lane=Lane.LISTING)
    waiting = asyncio.create_task(second.take(METHOD, lane=Lane.LISTING))
    await house.clock.sleep(3)
    during = second.free(Lane.LISTING).now
    went = waiting.done()
    server.start()
    await waiting
    await house.clock.sleep(2)
    await second.refresh()

    assert (during, went) == (0, False)
    # two of the record, the one that was in flight, the one that waited
    assert second.free(Lane.LISTING).today == 6


async def test_waits_and_calls_given_up_are_counted_by_lane(house: House) -> None:
    quota = house.open([Limit(1, 10)])

    await use(quota, 2)
    with pytest.raises(QuotaExceeded):
        await quota.take(METHOD, lane=Lane.POLLS, not_after_us=house.clock.now_us() + SECOND_US)

    assert quota.waits.waited[Lane.LISTING].sum_us == pytest.approx(10 * SECOND_US, rel=0.05)
    assert quota.waits.given_up == {**dict.fromkeys(Lane, 0), Lane.POLLS: 1}
