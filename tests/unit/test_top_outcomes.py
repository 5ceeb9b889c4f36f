"""What each refusal means for a read, an absolute write and a create. Source: never-twice 5; top-protocol 4 and 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.errors import (
    BusinessFault,
    PermissionRefused,
    PlatformError,
    QuotaExceeded,
    Refused,
    ServiceFault,
    SessionExpired,
    SignatureRefused,
    TierExpired,
    Unanswered,
)
from onshelf.platforms.top.outcomes import Kind, ban_scope, ban_seconds, judge
from onshelf.platforms.top.protocol import Refusal

B, S, U, Q = BusinessFault, ServiceFault, Unanswered, QuotaExceeded


@pytest.mark.parametrize(
    ("code", "sub_code", "read", "write", "create"),
    [
        (1, "", S, U, U),
        (10, "", S, U, U),
        (7, "accesscontrol.limited-by-app-access-count", Q, Q, Q),
        (7, "isp.call-limited", Q, Q, Q),
        (15, "isp.call-limited", Q, Q, Q),
        (8, "", Q, Q, Q),
        (15, "isp.remote-service-timeout", S, S, U),
        (520, "isp.remote-connection-error", S, S, U),
        (530, "isp.item-update-service-error:GENERIC_FAILURE", S, S, U),
        (50, "isp.top-mapping-parse-error", Refused, U, U),
        (40, "isp.unknown-error", S, S, U),
        (15, "isv.item-is-delete:invalid-numIid-or-iid", B, B, B),
        (50, "isv.invalid-parameter", B, B, B),
        (530, "isv.missing-parameter:image", B, B, B),
        (15, "atr_refund_segment_refund", B, B, U),
        (15, "", S, S, U),
        (999, "", S, S, U),
        (3, "", B, B, B),
        (40, "", B, B, B),
        (41, "", B, B, B),
        (24, "", *[SignatureRefused] * 3),
        (25, "", *[SignatureRefused] * 3),
        (26, "", *[SessionExpired] * 3),
        (27, "invalid-sessionkey", *[SessionExpired] * 3),
        (42, "", *[TierExpired] * 3),
        (53, "isv.r2-security-authorize-invalid", *[TierExpired] * 3),
        (11, "isv.permission-api-package-empty", *[PermissionRefused] * 3),
        (12, "", *[PermissionRefused] * 3),
        (22, "", *[Refused] * 3),
        (29, "isv.appkey-not-exists", *[Refused] * 3),
        (31, "", *[Refused] * 3),
    ],
)
def test_a_refusal_means_what_its_kind_of_call_allows(
    code: int,
    sub_code: str,
    read: type[PlatformError],
    write: type[PlatformError],
    create: type[PlatformError],
) -> None:
    for kind, expected in ((Kind.READ, read), (Kind.WRITE, write), (Kind.CREATE, create)):
        assert type(judge("m", kind, Refusal(code, "msg", sub_code), 0)) is expected, kind


SUB_CODES = st.one_of(st.just(""), st.text(max_size=20), st.text(max_size=10).map(lambda text: f"isp.{text}"))


@given(code=st.integers(0, 10_000), sub_code=SUB_CODES)
def test_trouble_behind_the_gateway_never_lets_a_create_be_repeated_blindly(code: int, sub_code: str) -> None:
    error = judge("m", Kind.CREATE, Refusal(code, "", sub_code), 0)

    if sub_code.startswith("isp.") and code not in (4, 5, 6, 7, 8) and sub_code != "isp.call-limited":
        assert type(error) is Unanswered
    assert not isinstance(error, ServiceFault)


def test_a_ban_names_its_seconds_and_one_that_names_none_lasts_one() -> None:
    ban = Refusal(7, "App Call Limited", "x", "This ban will last for 86400 more seconds")
    error = judge("m", Kind.CREATE, ban, 5 * SECOND_US)

    assert isinstance(error, QuotaExceeded)
    assert error.retry_at_us == 86_405 * SECOND_US
    assert ban_seconds(Refusal(7, "App Call Limited")) == 1


@pytest.mark.parametrize(
    ("sub_code", "scope"),
    [
        ("accesscontrol.limited-by-app-access-count", "app"),
        ("accesscontrol.limited-by-api-access-count", "method"),
        ("accesscontrol.limited-by-app-api-access-count", "method"),
        ("accesscontrol.limited-by-nick-access-count", "shop"),
        ("accesscontrol.limited-by-dynamic-access-count", "app"),
        ("accesscontrol.something-new", "app"),
        ("isp.call-limited", "method"),
        ("", "app"),
    ],
)
def test_a_ban_holds_up_what_its_sub_code_says(sub_code: str, scope: str) -> None:
    assert ban_scope(Refusal(7, "App Call Limited", sub_code)) == scope
