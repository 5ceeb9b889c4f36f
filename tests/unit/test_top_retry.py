"""When a call is made again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.errors import BusinessFault, NotSent, PlatformError, QuotaExceeded, ServiceFault, Unanswered
from onshelf.platforms.retry import RetryPolicy, backoff_s, decide

POLICY = RetryPolicy(attempts=3, base_s=0.2, cap_s=5.0, jitter=0.5)
NOT_SENT = NotSent("m", "refused")
UNANSWERED = Unanswered("m", "cut")
SERVICE = ServiceFault("m", platform_code=15, sub_code="isp.x")
BUSINESS = BusinessFault("m", platform_code=15, sub_code="isv.x")
BAN = QuotaExceeded("m", retry_at_us=1, sub_code="accesscontrol.x")
NO_SLOT = QuotaExceeded("m", retry_at_us=1)


@pytest.mark.parametrize(
    ("error", "harmless", "attempt", "again"),
    [
        (NOT_SENT, False, 1, True),
        (NOT_SENT, False, 3, False),
        (UNANSWERED, False, 1, False),
        (UNANSWERED, True, 2, True),
        (UNANSWERED, True, 3, False),
        (SERVICE, False, 1, False),
        (SERVICE, True, 1, True),
        (BUSINESS, True, 1, False),
        (BAN, False, 99, True),
        (NO_SLOT, True, 1, False),
    ],
)
def test_only_what_cannot_do_a_second_time_is_repeated(
    error: PlatformError, harmless: bool, attempt: int, again: bool
) -> None:
    assert decide(error, harmless=harmless, attempt=attempt, policy=POLICY, spread=0.5).again is again


@given(attempt=st.integers(1, 10_000), spread=st.floats(0, 1, exclude_max=True))
def test_a_wait_stays_between_its_bounds(attempt: int, spread: float) -> None:
    longest = min(5.0, 0.2 * 2 ** min(attempt - 1, 32))

    assert longest / 2 <= backoff_s(attempt, POLICY, spread) <= longest
