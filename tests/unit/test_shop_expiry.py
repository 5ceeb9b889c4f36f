"""When an authorisation ends, who is told how long before, and when a day's probe is due."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import BEIJING, DAY_US, to_us
from onshelf.platforms.top.auth import Token
from onshelf.shops.evening import last_due_us, read_time_of_day
from onshelf.shops.shop import session_only
from onshelf.shops.tokens.expiry import News, Warned, days_reached, ends_us, news, tiers

NOW = to_us(datetime(2026, 11, 10, 12, 0, tzinfo=UTC))
TOKEN = Token(
    session="s",
    refresh_token="r",
    expires_us=NOW + DAY_US,
    refresh_until_us=NOW + 90 * DAY_US,
    read_until_us=(NOW + DAY_US, NOW + DAY_US // 2),
    write_until_us=(NOW + DAY_US, None),
    user_id="1",
    nick="小店",
)


@pytest.mark.parametrize(
    ("token", "days"),
    [
        (TOKEN, 90),
        (replace(TOKEN, refresh_token=""), 1),
        (replace(TOKEN, refresh_until_us=0), 1),
        (replace(TOKEN, refresh_until_us=NOW), 1),
        (replace(TOKEN, refresh_until_us=None), None),
        (session_only("6100"), None),
    ],
)
def test_a_token_serves_until_nobody_but_a_person_can_renew_it(token: Token, days: int | None) -> None:
    assert ends_us(token) == (None if days is None else NOW + days * DAY_US)


def test_tiers_are_told_by_their_names() -> None:
    assert tiers(TOKEN) == {"r1": NOW + DAY_US, "r2": NOW + DAY_US // 2, "w1": NOW + DAY_US, "w2": None}


@pytest.mark.parametrize(
    ("left", "days"), [(30.1, None), (30, 30), (8, 30), (7, 7), (1.5, 7), (1, 1), (0.1, 1), (0, 0), (-3, 0)]
)
def test_the_steps_are_30_7_and_1_days(left: float, days: int | None) -> None:
    assert days_reached(NOW + round(left * DAY_US), NOW) == days


def test_an_end_nobody_knows_is_never_told() -> None:
    assert days_reached(None, NOW) is None
    assert news(None, None, NOW) is News.NOTHING


def test_each_step_is_told_once_over_a_whole_life() -> None:
    end_us, warned, told = NOW + 40 * DAY_US, None, []
    for hour in range(41 * 24):
        now_us = NOW + hour * DAY_US // 24
        if news(warned, end_us, now_us) is News.ENDS:
            days = days_reached(end_us, now_us)
            assert days is not None
            told.append(days)
            warned = Warned(end_us, days)

    assert told == [30, 7, 1, 0]


def test_a_step_missed_while_nothing_ran_is_not_made_up_for() -> None:
    assert days_reached(NOW + 5 * DAY_US, NOW) == 7
    assert news(Warned(NOW + 5 * DAY_US, 30), NOW + 5 * DAY_US, NOW) is News.ENDS


def test_a_renewal_settles_the_warning() -> None:
    assert news(Warned(NOW + DAY_US, 1), NOW + 90 * DAY_US, NOW) is News.OVER
    assert news(Warned(NOW + DAY_US, 1), None, NOW) is News.OVER


def test_another_end_begins_anew() -> None:
    assert news(Warned(NOW + DAY_US, 1), NOW + 20 * DAY_US, NOW) is News.ENDS


@pytest.mark.parametrize(
    ("given", "at"),
    [("20:00", time(20, tzinfo=BEIJING)), (" 07:05 ", time(7, 5, tzinfo=BEIJING)), ("", None)],
)
def test_a_time_of_day_is_read(given: str, at: time | None) -> None:
    assert read_time_of_day(given) == at


@pytest.mark.parametrize("given", ["25:00", "20", "8pm", "20:00:00"])
def test_what_is_no_time_of_day_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_time_of_day(given)


@given(now_us=st.integers(0, 2**51), at=st.times())
def test_a_probe_was_last_due_within_the_last_day_at_its_time(now_us: int, at: time) -> None:
    due_us = last_due_us(at.replace(tzinfo=BEIJING), now_us)

    assert 0 <= now_us - due_us < DAY_US
    due = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due_us)).astimezone(BEIJING)
    assert due.time() == at.replace(tzinfo=None)
