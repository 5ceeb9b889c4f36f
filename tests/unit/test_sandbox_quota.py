"""The gateway's flow control: exact windows, and bans that last their seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.errors import CallLimited
from onshelf.sandbox.quota import OF_METHOD, Limits, Quota

APP = "12345678"


def admitted(quota: Quota, at: float, method: str = "taobao.item.add") -> bool:
    try:
        quota.admit(APP, method, at)
    except CallLimited:
        return False
    return True


@given(st.lists(st.floats(0, 3, allow_nan=False), max_size=200), st.integers(1, 5))
def test_no_second_ever_holds_more_calls_than_the_limit(gaps: list[float], limit: int) -> None:
    quota, now, passed = Quota(), 0.0, []
    quota.set(Limits(app_key=APP, per_second=limit))

    for gap in gaps:
        now += gap / 10
        if admitted(quota, now):
            passed.append(now)

    assert all(later - first >= 1.0 for first, later in zip(passed, passed[limit:], strict=False))


def test_a_ban_lasts_the_seconds_it_names() -> None:
    quota = Quota()
    quota.set(Limits(app_key=APP, per_second=1, ban_s=5))
    admitted(quota, 0.0)

    with pytest.raises(CallLimited) as refusal:
        quota.admit(APP, "taobao.item.add", 0.5)

    assert refusal.value.sub_msg == "This ban will last for 5 more seconds"
    assert not admitted(quota, 5.49)
    assert admitted(quota, 5.5)


def test_the_seconds_named_shrink_while_the_ban_lasts() -> None:
    quota = Quota()
    quota.ban(APP, 0.0, 10, "")

    with pytest.raises(CallLimited, match="accesscontrol") as refusal:
        quota.admit(APP, "taobao.item.add", 7.5)

    assert refusal.value.sub_msg == "This ban will last for 3 more seconds"


def test_a_full_minute_bans_until_its_oldest_call_has_left() -> None:
    quota = Quota()
    quota.set(Limits(app_key=APP, per_minute=2))
    admitted(quota, 0.0)
    admitted(quota, 30.0)

    with pytest.raises(CallLimited) as refusal:
        quota.admit(APP, "taobao.item.add", 40.0)

    assert refusal.value.sub_msg == "This ban will last for 20 more seconds"


def test_a_limit_on_a_method_leaves_others_alone() -> None:
    quota = Quota()
    quota.set(Limits(app_key=APP, method="taobao.item.add", per_second=1))
    admitted(quota, 0.0)

    with pytest.raises(CallLimited, match=OF_METHOD):
        quota.admit(APP, "taobao.item.add", 0.1)

    assert admitted(quota, 0.1, "taobao.item.update")


def test_a_refused_call_does_not_count() -> None:
    quota = Quota()
    quota.set(Limits(app_key=APP, per_minute=1))
    admitted(quota, 0.0)

    for second in range(1, 60):
        admitted(quota, float(second))

    assert admitted(quota, 60.0)


def test_another_app_is_not_limited() -> None:
    quota = Quota()
    quota.set(Limits(app_key="other", per_second=0))

    assert admitted(quota, 0.0)
