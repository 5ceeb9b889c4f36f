"""What a process counts of its calls, its waits and its times, in plain numbers."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import QuotaExceeded
from onshelf.platforms.port import CallRecord, Lane
from onshelf.platforms.quota import Limit, Quota
from onshelf.platforms.tally import BOUNDS_US, CallTally, Observers, Spread

METHOD = "taobao.item.add"


def record(outcome: str, *, code: int = 0, took_us: int = 30_000) -> CallRecord:
    return CallRecord(0, took_us, "shop", "app", METHOD, outcome, code, "", "", b"")


def test_attempts_are_counted_by_method_outcome_and_code() -> None:
    tally = CallTally()

    for one in (record("ok"), record("ok"), record("refused", code=7), record("not_sent")):
        tally.called(one)

    assert tally.calls == {(METHOD, "ok", 0): 2, (METHOD, "refused", 7): 1, (METHOD, "not_sent", 0): 1}


def test_what_was_never_sent_took_no_time() -> None:
    tally = CallTally()

    for outcome in ("not_sent", "ok", "unanswered", "refused"):
        tally.called(record(outcome))

    assert sum(tally.took[METHOD].counts) == 3


@given(st.lists(st.integers(0, 60 * SECOND_US)))
def test_a_spread_knows_how_many_times_are_not_above_each_bound(times: list[int]) -> None:
    spread = Spread()

    for one in times:
        spread.note(one)

    for place, bound in enumerate(BOUNDS_US):
        assert sum(spread.counts[: place + 1]) == sum(one <= bound for one in times)
    assert sum(spread.counts) == len(times)
    assert spread.sum_us == sum(times)


def test_every_observer_hears_of_every_attempt() -> None:
    one, other = CallTally(), CallTally()

    Observers(one, other).called(record("ok"))

    assert one.calls == other.calls == {(METHOD, "ok", 0): 1}


def test_a_call_that_waits_for_the_quota_is_counted_with_its_wait_and_one_that_goes_at_once_is_not() -> None:
    async def play() -> Quota:
        clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        quota = Quota([Limit(1, 10)], clock)
        quota.answered(await quota.take(METHOD, lane=Lane.LISTING))
        await quota.take(METHOD, lane=Lane.LISTING)
        return quota

    waits = asyncio.run(play()).waits

    assert sum(waits.waited[Lane.LISTING].counts) == 1
    assert waits.waited[Lane.LISTING].sum_us == pytest.approx(10 * SECOND_US, abs=0.1 * SECOND_US)
    assert not any(waits.given_up.values())


def test_a_call_that_no_slot_comes_for_in_time_is_counted_as_given_up() -> None:
    """Whether that is known at once, or only when its time has come."""

    async def play() -> Quota:
        clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        quota = Quota([Limit(1, 10)], clock)
        slot = await quota.take(METHOD, lane=Lane.POLLS)
        soon_us = clock.now_us() + SECOND_US
        with pytest.raises(QuotaExceeded):  # its slot is in flight, so nobody knows when it falls due
            await quota.take(METHOD, lane=Lane.POLLS, not_after_us=soon_us)
        quota.answered(slot)
        with pytest.raises(QuotaExceeded):
            await quota.take(METHOD, lane=Lane.POLLS, not_after_us=clock.now_us() + SECOND_US)
        return quota

    waits = asyncio.run(play()).waits

    assert waits.given_up[Lane.POLLS] == 2
    assert not sum(waits.waited[Lane.POLLS].counts)
