"""A clock that is told the time: it runs, stands and jumps as told, its monotonic side never goes back, sleepers follow."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, FollowedClock

NOON_US = 1_800_000_000 * SECOND_US
WITHIN_S = 5.0
HOUR_US = 3600 * SECOND_US


def test_a_clock_that_was_told_nothing_shows_the_machines_time() -> None:
    clock = FollowedClock()

    first, second = clock.now_us(), clock.now_us()

    assert 0 <= second - first < SECOND_US


def test_a_paused_clock_stands_at_what_it_was_told() -> None:
    clock = FollowedClock()

    clock.tell(NOON_US, paused=True)

    assert (clock.now_us(), clock.now_us()) == (NOON_US, NOON_US)
    assert clock.now().timestamp() == NOON_US / SECOND_US


@given(st.lists(st.tuples(st.integers(0, 2 * NOON_US), st.booleans()), max_size=20))
def test_monotonic_time_never_goes_back_whatever_is_told(told: list[tuple[int, bool]]) -> None:
    clock = FollowedClock()
    seen = [clock.monotonic()]

    for now_us, paused in told:
        clock.tell(now_us, paused=paused)
        seen.append(clock.monotonic())

    assert seen == sorted(seen)


def test_a_jump_forward_moves_both_sides_alike_and_one_back_only_the_wall_time() -> None:
    clock = FollowedClock()
    clock.tell(NOON_US, paused=True)
    before = clock.monotonic()

    clock.tell(NOON_US + HOUR_US, paused=True)
    forward = clock.monotonic() - before
    clock.tell(NOON_US, paused=True)

    assert forward == 3600
    assert (clock.now_us(), clock.monotonic() - before) == (NOON_US, 3600)


async def test_a_sleeper_wakes_with_the_jump_that_reaches_its_time() -> None:
    clock = FollowedClock()
    clock.tell(NOON_US, paused=True)
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)

    clock.tell(NOON_US + HOUR_US - 1, paused=True)
    for _ in range(5):
        await asyncio.sleep(0)
    early = sleeper.done()
    clock.tell(NOON_US + HOUR_US, paused=False)

    await asyncio.wait_for(sleeper, WITHIN_S)
    assert not early


async def test_a_short_sleep_on_a_running_clock_ends_by_itself() -> None:
    await asyncio.wait_for(FollowedClock().sleep(0.01), WITHIN_S)
