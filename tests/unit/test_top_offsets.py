"""Whose clock is right, as a client learns it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.platforms.top.offsets import WORTH_LEARNING_US, Offsets

GATEWAY = "http://gateway"
NOON = "Tue, 10 Nov 2026 12:00:00 GMT"
NOON_US = 1_794_312_000 * SECOND_US


def test_a_gateway_never_heard_of_is_right() -> None:
    assert Offsets().of(GATEWAY) == 0


@given(ahead_s=st.integers(-86_400, 86_400), fraction_us=st.integers(0, SECOND_US - 1))
def test_a_learned_clock_is_right_to_half_a_second(ahead_s: int, fraction_us: int) -> None:
    offsets = Offsets()
    theirs_us = NOON_US + fraction_us
    ours_us = theirs_us - ahead_s * SECOND_US

    offsets.learn(GATEWAY, theirs_us - fraction_us, ours_us)

    assert abs(ours_us + offsets.of(GATEWAY) - theirs_us) <= SECOND_US // 2
    assert offsets.of("http://another") == 0


@pytest.mark.parametrize(
    ("ours_us", "learned"),
    [(NOON_US - 1200 * SECOND_US, True), (NOON_US + 2 * SECOND_US, False), (NOON_US + 60 * SECOND_US, True)],
)
def test_a_date_header_counts_when_it_differs_by_more_than_seconds(ours_us: int, learned: bool) -> None:
    offsets = Offsets()

    offsets.learn_from_date(GATEWAY, NOON, ours_us)

    assert (offsets.of(GATEWAY) != 0) is learned
    assert not learned or abs(ours_us + offsets.of(GATEWAY) - NOON_US) <= SECOND_US


@pytest.mark.parametrize("date", ["", "nonsense", "Tue, 10 Nov 2026 12:00:00"])
def test_a_date_that_is_none_teaches_nothing(date: str) -> None:
    offsets = Offsets()
    learned_us = offsets.learn(GATEWAY, NOON_US, NOON_US - 2 * WORTH_LEARNING_US)

    offsets.learn_from_date(GATEWAY, date, NOON_US)

    assert offsets.of(GATEWAY) == learned_us
