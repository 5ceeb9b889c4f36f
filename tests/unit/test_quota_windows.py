"""The quota's promises, on a clock that jumps: no window over its limit, lanes, shares, bans, deadlines, restarts."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quota_use import share_used

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import QuotaExceeded
from onshelf.platforms.lanes import Waiter, Waiting
from onshelf.platforms.port import Closure, Lane
from onshelf.platforms.quota import DAY_S, Limit, Past, Quota, Slot
from onshelf.platforms.window import LANES, SlidingLog
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.quota import Quota as Gateway

T = TypeVar("T")
METHOD = "taobao.item.add"
START = datetime(2026, 1, 1, tzinfo=UTC)


def on_fake_time(play: Callable[[FakeClock], Awaitable[T]]) -> T:
    """Runs a play in which all waiting is virtual."""

    async def run() -> T:
        return await play(FakeClock(START))

    return asyncio.run(run())


def most_in_any_window(moments: list[float], window_s: float) -> int:
    moments = sorted(moments)
    return max(
        sum(first <= other < first + window_s for other in moments[index:])
        for index, first in enumerate(moments)
    )


CALLERS = st.lists(
    st.tuples(
        st.floats(0, 3),  # when the caller comes
        st.floats(0, 1),  # how long the request is on its way to the gateway
        st.floats(0, 1),  # how long the reply is on its way back
        st.sampled_from(LANES),
    ),
    min_size=1,
    max_size=25,
)


@given(callers=CALLERS, limit=st.integers(1, 5), window_s=st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=60)
def test_no_window_ever_holds_more_than_its_limit_as_the_gateway_counts(
    callers: list[tuple[float, float, float, Lane]], limit: int, window_s: float
) -> None:
    """The gateway may count a call anywhere between send and reply."""
    arrivals: list[float] = []

    async def play(clock: FakeClock) -> None:
        quota = Quota([Limit(limit, window_s)], clock)

        async def caller(comes_s: float, there_s: float, back_s: float, lane: Lane) -> None:
            await clock.sleep(comes_s)
            slot = await quota.take("m", lane=lane)
            await clock.sleep(there_s)
            arrivals.append(clock.monotonic())
            await clock.sleep(back_s)
            quota.answered(slot)

        await asyncio.gather(*(caller(*one) for one in callers))

    on_fake_time(play)

    assert len(arrivals) == len(callers)
    assert most_in_any_window(arrivals, window_s) <= limit


def test_a_busy_quota_is_used_almost_whole() -> None:
    sent: list[float] = []
    limit = Limit(100, 1.0)

    async def play(clock: FakeClock) -> None:
        quota = Quota([limit], clock)

        async def work() -> None:
            while clock.monotonic() < began + 10:
                slot = await quota.take("m", lane=Lane.LISTING)
                sent.append(clock.monotonic())
                await clock.sleep(0.002)
                quota.answered(slot)

        began = clock.monotonic()
        await asyncio.gather(*(work() for _ in range(16)))

    on_fake_time(play)

    assert share_used(sent, limit) >= 0.97


def test_a_higher_lane_goes_first_and_a_lane_is_served_in_order() -> None:
    order: list[str] = []

    async def play(clock: FakeClock) -> None:
        quota = Quota([Limit(1, 1.0)], clock)
        held = await quota.take("m", lane=Lane.POLLS)

        async def caller(name: str, lane: Lane) -> None:
            slot = await quota.take("m", lane=lane)
            order.append(name)
            quota.answered(slot)

        waiting = [
            asyncio.create_task(caller(name, lane))
            for name, lane in (
                ("poll", Lane.POLLS),
                ("first listing", Lane.LISTING),
                ("second listing", Lane.LISTING),
                ("trade", Lane.TRADES),
            )
        ]
        await asyncio.sleep(0)
        quota.answered(held)
        await asyncio.gather(*waiting)

    on_fake_time(play)

    assert order == ["trade", "first listing", "second listing", "poll"]


def test_a_flood_of_listing_leaves_polls_their_share() -> None:
    went = {Lane.LISTING: 0, Lane.POLLS: 0}

    async def play(clock: FakeClock) -> None:
        quota = Quota([Limit(10, 1.0)], clock)

        async def work(lane: Lane) -> None:
            while clock.monotonic() < ends:
                slot = await quota.take("m", lane=lane)
                went[lane] += 1
                quota.answered(slot)

        ends = clock.monotonic() + 30
        await asyncio.gather(*(work(lane) for lane in (*[Lane.LISTING] * 20, *[Lane.POLLS] * 5)))

    on_fake_time(play)

    assert went[Lane.POLLS] / sum(went.values()) == pytest.approx(0.09, abs=0.03)


def test_listing_cannot_eat_the_polls_of_the_day() -> None:
    async def play(clock: FakeClock) -> tuple[int, int]:
        quota = Quota([Limit(100, 86_400.0)], clock)
        quota.answered(await quota.take("m", lane=Lane.POLLS))
        listed = 0
        soon_us = clock.now_us() + SECOND_US
        while quota.free(Lane.LISTING).now:
            quota.answered(await quota.take("m", lane=Lane.LISTING, not_after_us=soon_us))
            listed += 1
        return listed, quota.free(Lane.POLLS).now

    assert on_fake_time(play) == (90, 9)


def test_a_lane_alone_may_use_the_whole_day() -> None:
    async def play(clock: FakeClock) -> int | None:
        quota = Quota([Limit(100, 86_400.0)], clock)
        for _ in range(100):
            quota.answered(await quota.take("m", lane=Lane.LISTING))
        return quota.free(Lane.LISTING).today

    assert on_fake_time(play) == 0


def test_a_call_that_cannot_go_in_time_is_refused_at_once_and_takes_no_slot() -> None:
    async def play(clock: FakeClock) -> tuple[float, int, int]:
        quota = Quota([Limit(1, 10.0)], clock)
        quota.answered(await quota.take("m", lane=Lane.LISTING))
        began = clock.monotonic()
        with pytest.raises(QuotaExceeded) as caught:
            await quota.take("m", lane=Lane.LISTING, not_after_us=clock.now_us() + 3 * SECOND_US)
        return (
            clock.monotonic() - began,
            caught.value.retry_at_us - clock.now_us(),
            quota.free(Lane.LISTING).now,
        )

    waited_s, wait_us, free = on_fake_time(play)

    assert waited_s == 0
    assert wait_us == pytest.approx(10 * SECOND_US, rel=0.01)
    assert free == 0


def test_a_call_whose_time_passes_while_it_waits_is_refused_then() -> None:
    """Nobody knows when the call in flight will be answered, so only the deadline can end the wait."""

    async def play(clock: FakeClock) -> float:
        quota = Quota([Limit(1, 1.0)], clock)
        await quota.take("m", lane=Lane.LISTING)
        began = clock.monotonic()
        with pytest.raises(QuotaExceeded):
            await quota.take("m", lane=Lane.LISTING, not_after_us=clock.now_us() + 3 * SECOND_US)
        return clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx(3, abs=0.01)


def test_a_slot_given_back_is_free_at_once() -> None:
    async def play(clock: FakeClock) -> float:
        quota = Quota([Limit(1, 60.0)], clock)
        slot = await quota.take("m", lane=Lane.LISTING)
        waiting = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        await asyncio.sleep(0)
        quota.give_back(slot)
        await waiting
        return clock.monotonic()

    assert on_fake_time(play) == START.timestamp()


def test_a_slot_freed_while_its_next_caller_is_being_cancelled_goes_to_the_one_behind() -> None:
    """A worker that stops cancels many at once: a slot falls free before the cancelled caller has run."""

    async def play(clock: FakeClock) -> str:
        quota = Quota([Limit(1, 10.0)], clock)
        slot = await quota.take("m", lane=Lane.LISTING)
        gone = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        behind = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        await asyncio.sleep(0)
        gone.cancel()

        quota.give_back(slot)

        await asyncio.wait([gone])
        await behind
        return "gone" if gone.cancelled() else "served"

    assert on_fake_time(play) == "gone"


def test_a_caller_that_is_cancelled_holds_nobody_up() -> None:
    async def play(clock: FakeClock) -> Slot:
        quota = Quota([Limit(1, 1.0)], clock)
        held = await quota.take("m", lane=Lane.LISTING)
        gone = asyncio.create_task(quota.take("m", lane=Lane.TRADES))
        stays = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        await asyncio.sleep(0)
        gone.cancel()
        quota.answered(held)
        return await stays

    assert on_fake_time(play).lane is Lane.LISTING


def test_a_ban_holds_its_scope_for_exactly_its_seconds_then_one_call_tries() -> None:
    went: list[tuple[str, float]] = []

    async def play(clock: FakeClock) -> None:
        quota = Quota([], clock)
        began = clock.monotonic()
        quota.ban(5, scope="method:a")

        async def caller(method: str) -> None:
            slot = await quota.take(method, lane=Lane.LISTING)
            went.append((method, round(clock.monotonic() - began, 1)))
            await clock.sleep(2)
            quota.answered(slot)

        await asyncio.gather(caller("a"), caller("a"), caller("a"), caller("b"))

    on_fake_time(play)

    assert went == [("b", 0.0), ("a", 5.0), ("a", 7.0), ("a", 7.0)]


def test_a_probe_that_is_banned_again_starts_no_storm() -> None:
    async def play(clock: FakeClock) -> float:
        quota = Quota([], clock)
        began = clock.monotonic()
        quota.ban(1, scope="app")
        first = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        second = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        slot = await first
        quota.ban(3, scope="app")
        quota.answered(slot, passed=False)
        await second
        return clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx(4, abs=0.01)


def test_a_banned_shop_holds_up_no_other() -> None:
    async def play(clock: FakeClock) -> float:
        quota = Quota([Limit(100, 1.0)], clock)
        quota.ban(60, scope="shop:slow")
        held_up = asyncio.create_task(quota.take("m", lane=Lane.LISTING, shop_id="slow"))
        await asyncio.sleep(0)
        await quota.take("m", lane=Lane.LISTING, shop_id="quick")
        held_up.cancel()
        return clock.monotonic()

    assert on_fake_time(play) == START.timestamp()


def test_a_quota_without_limits_costs_nothing_again_when_its_bans_are_over() -> None:
    async def play(clock: FakeClock) -> tuple[int, int]:
        quota = Quota([], clock)
        quota.ban(1, scope="app")
        during = quota.free(Lane.LISTING).now
        quota.answered(await quota.take("m", lane=Lane.LISTING))
        assert not (await quota.take("m", lane=Lane.LISTING)).gates
        return during, quota.free(Lane.LISTING).now

    during, after = on_fake_time(play)

    assert during == 0
    assert after > 1_000_000


def test_calls_of_an_earlier_process_count() -> None:
    async def play(clock: FakeClock) -> float:
        quota = Quota([Limit(2, 10.0)], clock)
        now_us = clock.now_us()
        quota.seed(Past(now_us - ago_s * SECOND_US, "m", Lane.LISTING) for ago_s in (60, 6, 4))
        began = clock.monotonic()
        await quota.take("m", lane=Lane.LISTING)
        return clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx(4, abs=0.05)


def test_a_limit_of_one_method_and_one_of_a_class_hold_up_only_theirs() -> None:
    async def play(clock: FakeClock) -> tuple[int, float]:
        limits = [Limit(1, 10.0, "method:a"), Limit(1, 20.0, "class:trade")]
        quota = Quota(limits, clock, class_of=lambda method: "class:trade" if method == "c" else "")
        began = clock.monotonic()
        for method in ("a", "b", "b", "c"):
            quota.answered(await quota.take(method, lane=Lane.LISTING))
        at_once = round(clock.monotonic() - began)
        await quota.take("c", lane=Lane.LISTING)
        return at_once, clock.monotonic() - began

    at_once, later = on_fake_time(play)

    assert at_once == 0
    assert later == pytest.approx(20, abs=0.1)


def test_a_million_calls_a_day_are_remembered_in_little_memory() -> None:
    async def play(clock: FakeClock) -> int:
        quota = Quota([Limit(1_000_000, 86_400.0)], clock)
        for _ in range(20_000):
            quota.answered(await quota.take("m", lane=Lane.LISTING))
            clock.jump(4.32)
        (log,) = quota._gates["app"].logs
        return len(log._due)

    assert on_fake_time(play) <= 2001


async def arrivals_under(
    clock: FakeClock, quota: Quota, gateway: Gateway, seconds: float, latency_s: float = 0.05
) -> list[float]:
    """Lets 20 workers call as fast as the quota lets them; returns when the gateway, by its own windows, let calls in."""
    arrivals: list[float] = []
    spread = Random(3)

    async def work() -> None:
        while True:
            slot = await quota.take(METHOD, lane=Lane.LISTING)
            await clock.sleep(latency_s * spread.random())
            gateway.admit("app", METHOD, clock.monotonic())  # raises when it is one too many
            arrivals.append(clock.monotonic())
            await clock.sleep(latency_s * spread.random())
            quota.answered(slot)

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    await clock.sleep(seconds)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(ended, asyncio.CancelledError), ended
    return arrivals


@pytest.mark.parametrize(
    ("limit", "windows"),
    [(Limit(1000, 60.0), 5), (Limit(200, 60.0, "class:trade"), 10), (Limit(300, DAY_S), 4)],
)
def test_a_minute_and_a_day_are_used_to_99_percent_and_no_call_is_refused(limit: Limit, windows: int) -> None:
    """The gateway counts at arrival, exactly, and a refusal ends the test."""

    async def play(clock: FakeClock) -> list[float]:
        quota = Quota([limit], clock, class_of=lambda _: "class:trade")
        gateway = Gateway()
        minute, day = (limit.limit if limit.window_s == window_s else None for window_s in (60.0, DAY_S))
        gateway.set(Limits(app_key="app", per_minute=minute, per_day=day))
        return await arrivals_under(clock, quota, gateway, limit.window_s * windows)

    assert share_used(on_fake_time(play), limit) >= 0.99


def test_a_flood_of_listing_lets_a_look_of_the_watch_go_at_once_even_when_the_minute_is_full() -> None:
    async def play(clock: FakeClock) -> list[float]:
        quota = Quota([Limit(1000, 60.0)], clock)
        quota.expect(frozenset({Lane.POLLS}))
        waited = []

        async def flood() -> None:
            while True:
                slot = await quota.take(METHOD, lane=Lane.LISTING)
                await clock.sleep(0.01)
                quota.answered(slot)

        listing = [asyncio.create_task(flood()) for _ in range(16)]
        for _ in range(5):
            await clock.sleep(61)
            began = clock.monotonic()
            for _ in range(10):  # what a quiet look takes
                quota.answered(await quota.take(METHOD, lane=Lane.POLLS))
            waited.append(clock.monotonic() - began)
        for task in listing:
            task.cancel()
        await asyncio.gather(*listing, return_exceptions=True)
        return waited

    assert max(on_fake_time(play)) < 0.5


@pytest.mark.parametrize(("after_s", "room"), [(61, 990), (599, 990), (601, 1000)])
def test_a_lane_that_called_within_ten_minutes_has_its_share_of_the_minute(after_s: float, room: int) -> None:
    """A watch that looks every five minutes is in use between its looks."""
    minute = SlidingLog(Limit(1000, 60.0))
    minute.take(Lane.POLLS)
    minute.answered(Lane.POLLS, 0.0)

    assert minute.room(Lane.LISTING, after_s) == room


def test_the_day_keeps_the_share_of_a_watch_that_has_not_begun_yet() -> None:
    async def play(clock: FakeClock) -> tuple[int, int]:
        quota = Quota([Limit(100, DAY_S)], clock)
        quota.expect(frozenset({Lane.POLLS}))
        return quota.free(Lane.LISTING).now, quota.free(Lane.POLLS).now

    assert on_fake_time(play) == (90, 100)


def served(arrivals: Sequence[str], calls: int, *, again: str = "") -> str:
    """Lets shops wait in the order of `arrivals` for one slot at a time; a shop in `again` comes back at once."""
    waiting: Waiting[Waiter] = Waiting()
    numbers = count(1)
    order = ""
    for shop in arrivals:
        waiting.add(Waiter(next(numbers), METHOD, shop, Lane.LISTING))
    for _ in range(calls):
        waiter = waiting.choose(lambda _: True)
        assert waiter is not None
        waiting.went(waiter)
        order += waiter.shop_id
        if waiter.shop_id in again:
            waiting.add(Waiter(next(numbers), METHOD, waiter.shop_id, Lane.LISTING))
    return order


def test_shops_of_one_app_are_served_in_turn_however_many_calls_each_has_waiting() -> None:
    assert served("aaaaaaabbc", 10) == "abcabaaaaa"


def test_a_shop_that_always_comes_back_at_once_does_not_pass_the_others_for_ever() -> None:
    assert served("aaab", 6, again="b") == "ababab"


def test_what_one_shop_is_banned_from_holds_up_no_turn_of_another() -> None:
    waiting: Waiting[Waiter] = Waiting()
    for number, shop in enumerate("aab"):
        waiting.add(Waiter(number, METHOD, shop, Lane.LISTING))

    chosen = waiting.choose(lambda waiter: waiter.shop_id != "a")

    assert chosen is not None
    assert chosen.shop_id == "b"


def closed(clock: FakeClock, from_s: float, to_s: float, per_minute: int = 0) -> Closure:
    now_us = clock.now_us()
    return Closure(
        "midnight", now_us + round(from_s * SECOND_US), now_us + round(to_s * SECOND_US), ("a*",), per_minute
    )


def test_a_closure_pauses_its_methods_from_its_beginning_to_its_end_and_no_others() -> None:
    async def play(clock: FakeClock) -> list[tuple[str, float]]:
        quota, began, went = Quota([], clock), clock.monotonic(), []
        quota.close([closed(clock, 10, 70)])
        for after_s, method in ((5, "add"), (10, "get"), (0, "add")):
            await clock.sleep(after_s)
            quota.answered(await quota.take(method, lane=Lane.LISTING))
            went.append((method, round(clock.monotonic() - began, 1)))
        return went

    assert on_fake_time(play) == [("add", 5.0), ("get", 15.0), ("add", 70.0)]


def test_a_closure_that_slows_lets_so_many_calls_a_minute_through() -> None:
    async def play(clock: FakeClock) -> int:
        quota, calls = Quota([], clock), 0
        quota.close([closed(clock, 0, 3600, per_minute=3)])
        while clock.monotonic() < START.timestamp() + 599:
            quota.answered(await quota.take("add", lane=Lane.LISTING))
            calls += 1
        return calls

    assert on_fake_time(play) == pytest.approx(30, abs=1)


def test_a_closure_taken_off_the_calendar_frees_who_waits_for_its_end() -> None:
    async def play(clock: FakeClock) -> float:
        quota, began = Quota([], clock), clock.monotonic()
        quota.close([closed(clock, 0, 3600)])
        waiting = asyncio.create_task(quota.take("add", lane=Lane.LISTING))
        await clock.sleep(5)
        quota.close([])
        await waiting
        return clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx(5, abs=0.1)


def test_reading_the_calendar_again_does_not_begin_its_minute_anew() -> None:
    slow = Closure("slow", 0, 2**62, ("*",), 1)

    async def play(clock: FakeClock) -> float:
        quota, began = Quota([], clock), clock.monotonic()
        for _ in range(2):
            quota.close([slow])
            quota.answered(await quota.take("add", lane=Lane.LISTING))
        return clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx(60, abs=0.1)


def test_a_limit_told_while_work_waits_holds_at_once() -> None:
    async def play(clock: FakeClock) -> tuple[float, float]:
        quota, began = Quota([Limit(1, 60.0)], clock), clock.monotonic()
        quota.answered(await quota.take("m", lane=Lane.LISTING))
        waiting = asyncio.create_task(quota.take("m", lane=Lane.LISTING))
        await clock.sleep(1)
        quota.permit(Limit(2, 60.0))
        quota.answered(await waiting)
        raised = clock.monotonic() - began
        quota.permit(Limit(0, 60.0))
        quota.answered(await quota.take("m", lane=Lane.LISTING))
        return raised, clock.monotonic() - began

    assert on_fake_time(play) == pytest.approx((1, 1), abs=0.01)


def test_a_window_that_was_not_counted_before_begins_with_what_the_record_tells() -> None:
    async def play(clock: FakeClock) -> int | None:
        quota = Quota([], clock)
        hour_ago = Past(clock.now_us() - 3600 * SECOND_US, "m", Lane.LISTING)
        quota.permit(Limit(10, DAY_S), [hour_ago] * 4)
        return quota.free(Lane.LISTING).today

    assert on_fake_time(play) == 6


def test_booking_the_record_twice_counts_each_call_once_and_keeps_what_is_in_flight() -> None:
    async def play(clock: FakeClock) -> int | None:
        quota = Quota([Limit(10, DAY_S)], clock)
        slot = await quota.take("m", lane=Lane.LISTING)
        past = [Past(clock.now_us() - SECOND_US, "m", Lane.LISTING)] * 3
        quota.seed(past)
        quota.seed(past)
        quota.answered(slot)
        return quota.free(Lane.LISTING).today

    assert on_fake_time(play) == 6


@given(
    steps=st.lists(st.tuples(st.sampled_from(["take", "answer", "back", "wait"]), st.sampled_from(LANES))),
    limit=st.integers(1, 60),
    window_s=st.sampled_from([1.0, 60.0, 86_400.0]),
    expected=st.frozensets(st.sampled_from(LANES)),
)
def test_a_log_is_full_exactly_when_it_has_no_room(
    steps: list[tuple[str, Lane]], limit: int, window_s: float, expected: frozenset[Lane]
) -> None:
    log, now, out = SlidingLog(Limit(limit, window_s)), 0.0, []
    log.expected = expected
    for step, lane in steps:
        if step == "take":
            log.take(lane)
            out.append(lane)
        elif step == "wait":
            now += window_s / 3
        elif out and step == "answer":
            log.answered(out.pop(), now)
        elif out:
            log.give_back(out.pop())

        assert [log.is_full(one, now) for one in LANES] == [log.room(one, now) <= 0 for one in LANES]


def test_a_quota_without_limits_is_cheap() -> None:
    async def play() -> float:
        quota = Quota([], FakeClock(START))
        best = math.inf
        for _ in range(5):
            began = time.process_time()
            for _ in range(2000):
                quota.answered(await quota.take("m", lane=Lane.LISTING, shop_id="s"))
            best = min(best, (time.process_time() - began) / 2000)
        return best * 1e6

    assert asyncio.run(play()) <= 2
