"""When news goes out, and how long a refused message rests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.alerts.decide import (
    LONGEST_ASKED_S,
    LONGEST_RETRY_S,
    Group,
    Reason,
    Timing,
    Told,
    decide,
    retry_s,
)
from onshelf.clock import SECOND_US

TIMING = Timing(wait_s=5, interval_s=30)
AT = 1000 * SECOND_US


def group(*, fired: int = 0, resolved: int = 0, standing: int = 0, oldest_us: int = AT) -> Group:
    return Group("dingtalk", "a:left_the_shelf", oldest_us, fired, resolved, standing)


@pytest.mark.parametrize(
    ("news", "told", "after_s", "reason"),
    [
        (group(), None, 60, Reason.NOTHING),
        (group(fired=1, standing=1), None, 4.9, Reason.WAITING),
        (group(fired=1, standing=1), None, 5, Reason.FIRST),
        (group(fired=1, standing=1), Told(AT - 3600 * SECOND_US, 0), 5, Reason.FIRST),
        (group(fired=1, standing=3), Told(AT - 3600 * SECOND_US, 2), 5, Reason.NEW_ALERTS),
        (group(fired=1, standing=3), Told(AT, 2), 29.9, Reason.WAITING),
        (group(fired=1, standing=3), Told(AT, 2), 30, Reason.NEW_ALERTS),
        (group(resolved=1, standing=1), Told(AT - 3600 * SECOND_US, 2), 5, Reason.NEW_RESOLVED),
        (group(resolved=2), Told(AT - 3600 * SECOND_US, 2), 5, Reason.ALL_RESOLVED),
        (group(fired=1, resolved=1), None, 5, Reason.FIRST),
    ],
)
def test_news_of_a_group(news: Group, told: Told | None, after_s: float, reason: Reason) -> None:
    now_us = AT + round(after_s * SECOND_US)

    assert decide(news, told, now_us, TIMING).reason == reason


def test_unless_told_otherwise_messages_of_a_group_rest_six_times_the_wait() -> None:
    assert (Timing().rest_us, Timing(wait_s=0.5).rest_us) == (30 * SECOND_US, 3 * SECOND_US)


def test_news_older_than_the_wait_goes_out_at_once_after_a_restart() -> None:
    old = group(fired=1, standing=1, oldest_us=AT - 3600 * SECOND_US)

    assert decide(old, None, AT, TIMING).send


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.none() | st.builds(Told, st.integers(AT - 10**9, AT), st.integers(0, 3)),
    st.integers(0, 10**9),
)
def test_news_is_sent_when_its_time_has_come_and_never_before(
    fired: int, resolved: int, told: Told | None, later_us: int
) -> None:
    """Grouping loses no alert: whatever was told before, news goes out at the time the decision names."""
    news = group(fired=fired, resolved=resolved, standing=fired)

    waiting = decide(news, told, AT, TIMING)
    at_its_time = decide(news, told, max(AT, waiting.due_us) + later_us, TIMING)

    assert at_its_time.send == bool(fired + resolved)
    if waiting.reason is Reason.WAITING:
        assert not decide(news, told, waiting.due_us - 1, TIMING).send


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e9), st.floats(0, 1))
def test_the_rest_before_a_retry_stays_in_its_bounds(
    attempt: int, asked_s: float | None, spread: float
) -> None:
    rest_s = retry_s(attempt, asked_s, spread)

    assert 1.0 <= rest_s <= max(LONGEST_RETRY_S, LONGEST_ASKED_S * 1.1)
    assert asked_s is None or rest_s >= min(asked_s, LONGEST_ASKED_S)


def test_the_rest_doubles_until_ten_minutes() -> None:
    assert [retry_s(attempt, None, 0) for attempt in (1, 2, 3, 9, 10, 50)] == [2, 4, 8, 512, 600, 600]
