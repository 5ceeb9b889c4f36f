"""The settings of the quota as limits."""

import pytest

from onshelf.errors import SettingsError
from onshelf.platforms.quota import DAY_S, Limit
from onshelf.settings import read_settings
from onshelf.shops.quota.limits import limits


def test_a_new_app_has_a_day_and_a_minute_for_each_class() -> None:
    assert limits(read_settings({}, {})) == [
        Limit(5000, DAY_S),
        Limit(1000, 60.0, "class:basic"),
        Limit(200, 60.0, "class:trade"),
        Limit(500, 60.0, "class:logistics"),
    ]


def test_single_methods_are_limited_in_any_window_and_0_lifts_a_limit() -> None:
    given = {
        "quota_per_day": 0,
        "quota_basic_per_minute": 0,
        "quota_trade_per_minute": 0,
        "quota_logistics_per_minute": 0,
        "quota_methods": "taobao.item.add=100/60, taobao.items.onsale.get = 50/1,taobao.time.get=0/1",
    }

    assert limits(read_settings(given, {})) == [
        Limit(100, 60.0, "method:taobao.item.add"),
        Limit(50, 1.0, "method:taobao.items.onsale.get"),
    ]


@pytest.mark.parametrize(
    "part", ["fast", "taobao.item.add=100", "=1/1", "taobao.item.add=1/0", "a b=1/1", "a=-1/1"]
)
def test_what_is_no_limit_is_refused_with_its_form(part: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        limits(read_settings({"quota_methods": f"taobao.time.get=1/1,{part}"}, {}))

    assert part in refusal.value.message("en")
    assert "METHOD=CALLS/SECONDS" in refusal.value.message("en")
