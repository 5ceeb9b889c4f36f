"""The schedule over every database: missed runs collapse, a poisoned run is pushed ahead, a stop breaks off and gives back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, LeaseLost, QuotaExceeded
from onshelf.jobs.schedule import Entry, Scheduler, Schedules, next_run_us
from onshelf.jobs.waker import LocalWaker
from onshelf.store.db import Database

LEASE_S = 60.0


@pytest.fixture
def clock(database: Database) -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=database.busy)


@pytest.fixture
def schedules(database: Database, clock: FakeClock) -> Schedules:
    return Schedules(database, clock, LEASE_S)


async def ensure(schedules: Schedules, name: str = "watch:a", *, every_s: float = 300.0) -> None:
    await schedules.db.commit([schedules.ensure(name, kind="watch", every_s=every_s, payload='{"shop":"a"}')])


class Acts:
    """A handler that counts its runs and does `act` in each."""

    def __init__(self, act: Callable[[Entry], Awaitable[None]]) -> None:
        self.runs: list[Entry] = []
        self._act = act

    async def run(self, entry: Entry) -> None:
        self.runs.append(entry)
        await self._act(entry)


def scheduler(schedules: Schedules, clock: FakeClock, handler: Acts) -> Scheduler:
    return Scheduler(schedules, {"watch": handler}, clock, LocalWaker(), random=Random(1), tick_s=10)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(0, 10**9))
def test_the_next_run_is_the_first_of_the_rhythm_after_now(run_at: int, every: int, now: int) -> None:
    following = next_run_us(run_at, every, now)

    assert following > now or now < run_at
    assert following > run_at
    assert (following - run_at) % every == 0
    assert following - every <= max(now, run_at)


async def test_an_entry_runs_at_once_and_then_in_its_rhythm(schedules: Schedules, clock: FakeClock) -> None:
    await ensure(schedules)
    start_us = clock.now_us()
    [entry] = await schedules.claim(["watch"], 9)
    clock.jump(7)
    await schedules.db.commit([schedules.succeed(entry)])

    [after] = await schedules.entries()

    assert (entry.payload, entry.run_at_us) == ('{"shop":"a"}', start_us)
    assert after.run_at_us == start_us + 300 * SECOND_US
    assert after.last_run_us == start_us + 7 * SECOND_US
    assert await schedules.next_us(["watch"]) == after.run_at_us


async def test_missed_runs_collapse_into_one(schedules: Schedules, clock: FakeClock) -> None:
    await ensure(schedules)
    clock.jump(10_000)
    [entry] = await schedules.claim(["watch"], 9)
    await schedules.db.commit([schedules.succeed(entry)])

    assert await schedules.claim(["watch"], 9) == []


async def test_an_entry_in_hand_is_nobody_elses_until_its_lease_lapses(
    schedules: Schedules, clock: FakeClock
) -> None:
    await ensure(schedules)
    [first] = await schedules.claim(["watch"], 9)
    while_held = await schedules.claim(["watch"], 9)
    clock.jump(LEASE_S)

    [second] = await schedules.claim(["watch"], 9)

    assert while_held == []
    with pytest.raises(LeaseLost):
        await schedules.renew(first)
    with pytest.raises(Conflict):
        await schedules.db.commit([schedules.succeed(first)])
    await schedules.db.commit([schedules.succeed(second)])


async def test_a_new_worker_takes_over_the_entries_of_a_dead_one_at_once(schedules: Schedules) -> None:
    await ensure(schedules)
    (dead,) = await schedules.claim(["watch"], 1)

    await schedules.db.commit([schedules.take_over()])

    assert [entry.fence for entry in await schedules.claim(["watch"], 1)] == [dead.fence + 1]


async def test_entries_of_kinds_without_a_handler_here_are_left_to_others(schedules: Schedules) -> None:
    await ensure(schedules)

    assert await schedules.claim(["sweep"], 9) == []
    assert await schedules.next_us(["sweep"]) is None
    assert await schedules.claim([], 9) == []


async def test_a_changed_rhythm_counts_from_the_last_run_and_an_equal_one_changes_nothing(
    schedules: Schedules, clock: FakeClock
) -> None:
    await ensure(schedules, every_s=86_400)
    start_us = clock.now_us()
    [entry] = await schedules.claim(["watch"], 9)
    await schedules.db.commit([schedules.succeed(entry)])

    await ensure(schedules, every_s=86_400)
    same = await schedules.next_us(["watch"])
    await ensure(schedules, every_s=60)

    assert same == start_us + 86_400 * SECOND_US
    assert await schedules.next_us(["watch"]) == start_us + 60 * SECOND_US


async def test_an_entry_that_was_removed_runs_no_more(schedules: Schedules) -> None:
    await ensure(schedules)
    [entry] = await schedules.claim(["watch"], 9)
    await schedules.db.commit([schedules.succeed(entry)])

    await schedules.db.commit([schedules.remove("watch:a")])

    assert await schedules.entries() == []
    assert await schedules.next_us(["watch"]) is None


async def test_the_loop_runs_an_hour_of_a_five_minute_rhythm(schedules: Schedules, clock: FakeClock) -> None:
    await ensure(schedules)
    stop, start_us = asyncio.Event(), clock.now_us()

    async def until_the_hour(entry: Entry) -> None:
        if clock.now_us() - start_us >= 3600 * SECOND_US:
            stop.set()
            await asyncio.Event().wait()

    handler = Acts(until_the_hour)
    await asyncio.wait_for(scheduler(schedules, clock, handler).run(stop), 30)

    assert [(entry.run_at_us - start_us) // SECOND_US for entry in handler.runs] == list(range(0, 3601, 300))
    [left] = await schedules.entries()
    assert (left.lease_until_us, left.run_at_us - start_us) == (0, 3600 * SECOND_US)


async def test_a_poisoned_run_is_recorded_and_pushed_ahead_while_others_go_on(
    schedules: Schedules, clock: FakeClock
) -> None:
    await ensure(schedules, "watch:poisoned")
    await ensure(schedules, "watch:sound")
    stop = asyncio.Event()

    async def act(entry: Entry) -> None:
        if entry.name == "watch:poisoned":
            raise KeyError("session=secret")
        if len([run for run in handler.runs if run.name == entry.name]) == 2:
            stop.set()

    handler = Acts(act)
    await asyncio.wait_for(scheduler(schedules, clock, handler).run(stop), 30)

    poisoned, sound = await schedules.entries()
    tries = len([run for run in handler.runs if run.name == "watch:poisoned"])
    assert poisoned.failures == tries
    assert 5 < tries < 12  # 1, 2, 4, … seconds apart within the 300 s
    assert poisoned.last_error == "KeyError"
    assert (sound.failures, sound.last_error) == (0, "")


async def test_a_run_refused_for_quota_comes_back_when_the_quota_is_free(
    schedules: Schedules, clock: FakeClock
) -> None:
    await ensure(schedules)
    stop, start_us = asyncio.Event(), clock.now_us()

    async def refused_first(entry: Entry) -> None:
        if len(handler.runs) == 1:
            raise QuotaExceeded("taobao.items.inventory.get", retry_at_us=start_us + 47 * SECOND_US)
        assert clock.now_us() - start_us == 47 * SECOND_US
        stop.set()

    handler = Acts(refused_first)
    await asyncio.wait_for(scheduler(schedules, clock, handler).run(stop), 30)

    assert handler.runs[1].failures == 1
    assert "taobao.items.inventory.get" in handler.runs[1].last_error


async def test_a_long_run_keeps_its_lease(schedules: Schedules, clock: FakeClock) -> None:
    await ensure(schedules)
    stop = asyncio.Event()

    async def long(entry: Entry) -> None:
        await clock.sleep(5 * LEASE_S)
        stop.set()

    handler = Acts(long)
    await asyncio.wait_for(scheduler(schedules, clock, handler).run(stop), 30)

    assert len(handler.runs) == 1
    [entry] = await schedules.entries()
    assert (entry.failures, entry.fence) == (0, 1)
