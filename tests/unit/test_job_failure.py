"""What an error makes of a line: it waits, fails, or pauses its shop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.errors import (
    BusinessFault,
    NotSent,
    QuotaExceeded,
    ServiceFault,
    SessionExpired,
    Unanswered,
)
from onshelf.jobs.failure import (
    HELD_EXPIRED,
    MOST_ATTEMPTS,
    Fail,
    PauseShop,
    Wait,
    backoff_s,
    decide,
    outcome_of,
)

NOW_US = 1_000 * SECOND_US
SERVICE = ServiceFault("m", "isp", platform_code=15)


@pytest.mark.parametrize(
    ("error", "attempt", "decision"),
    [
        (NotSent("m", "connect"), 1, Wait(NOW_US + SECOND_US // 2)),
        (NotSent("m", "connect"), 1000, Wait(NOW_US + 150 * SECOND_US)),
        (QuotaExceeded("m", retry_at_us=NOW_US + 7), 1000, Wait(NOW_US + 7)),
        (QuotaExceeded("m", retry_at_us=0), 1, Wait(NOW_US)),
        (SERVICE, 3, Wait(NOW_US + 2 * SECOND_US)),
        (SERVICE, MOST_ATTEMPTS, Fail()),
        (SessionExpired("m", platform_code=27), 1, PauseShop(HELD_EXPIRED)),
        (BusinessFault("m", platform_code=15), 1, Fail()),
        (Unanswered("m", "cut"), 1, Fail()),
        (KeyError("x"), 1, Fail()),
    ],
)
def test_an_error_decides_what_becomes_of_its_line(
    error: Exception, attempt: int, decision: Wait | Fail | PauseShop
) -> None:
    assert decide(error, attempt=attempt, now_us=NOW_US, spread=0.0) == decision


@given(st.integers(1, 100_000), st.floats(0, 1, exclude_max=True))
def test_backoff_is_bounded_and_spread_over_half_of_itself(attempt: int, spread: float) -> None:
    assert backoff_s(attempt, 0.0) <= backoff_s(attempt, spread) <= 2 * backoff_s(attempt, 0.0) <= 300


def test_the_text_of_a_foreign_error_stays_out_of_the_record() -> None:
    outcome = outcome_of(ValueError("session=6100secret"))

    assert outcome["code"] == "jobs.internal"
    assert "secret" not in str(outcome)
    assert "ValueError" in str(outcome)


def test_an_error_of_ours_is_told_in_both_languages_with_its_remedy() -> None:
    outcome = outcome_of(SERVICE)

    assert outcome["code"] == "errors.service_fault"
    assert outcome["message"] == {"zh": SERVICE.message("zh"), "en": SERVICE.message("en")}
    assert outcome["remedy"] == {"zh": SERVICE.remedy("zh"), "en": SERVICE.remedy("en")}
