"""What a list of shops shows first, and in which colour."""

from dataclasses import replace

import pytest

from onshelf.clock import DAY_US
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.forecast import DAY_S
from onshelf.platforms.top.auth import Token
from onshelf.platforms.window import Limit
from onshelf.shops.health import Fault, Probed
from onshelf.shops.push import feeds
from onshelf.shops.quota.outlook import outlook_of, windows
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.shops.standing import Standing, authorisation
from onshelf.shops.store import StoredToken
from onshelf.web.console.quota import ahead_of
from onshelf.web.console.shop_view import ShopRow, consent_gone, ends_by_day, ends_tag, rows_of

NOW_US = 1_800_000_000_000_000  # 2027-01-15 16:00 in Beijing
QUOTA = outlook_of("app", (), {}, (), frozenset(), NOW_US)


def token(days: float | None) -> Token:
    return replace(session_only("s"), expires_us=None if days is None else NOW_US + round(days * DAY_US))


def standing(
    name: str,
    *,
    days: float | None = 300,
    state: ShopState = ShopState.AUTHORISED,
    push: feeds.Standing = feeds.Standing.OFF,
    probed: Probed | None = None,
    dead: bool = False,
) -> Standing:
    shop = Shop(ShopId(name), "taobao", AppKey("app"), "http://x", "", "", "", state, 0)
    lasts = authorisation(StoredToken(token(days), NOW_US, 1, dead), NOW_US)
    return Standing(shop, None if state is ShopState.NEW else lasts, probed, push, None, ())


@pytest.mark.parametrize(
    ("days", "dead", "kind", "key", "left"),
    [
        (300, False, "good", "days", 300),
        (29.5, False, "warn", "days", 29),
        (6.9, False, "bad", "days", 6),
        (0.5, False, "bad", "today", 0),
        (-1, False, "bad", "over", 0),
        (300, True, "bad", "over", 0),
        (None, False, "quiet", "unknown", 0),
    ],
)
def test_the_nearer_the_end_the_louder(
    days: float | None, dead: bool, kind: str, key: str, left: int
) -> None:
    tag = ends_tag(authorisation(StoredToken(token(days), NOW_US, 1, dead), NOW_US))

    assert (tag.kind, tag.key, tag.days) == (kind, f"shops.ends.{key}", left)


def test_shops_that_need_somebody_stand_first() -> None:
    failed = Probed(NOW_US, 0, (), (Fault("m", "refused", {"zh": "", "en": ""}),))
    rows = rows_of(
        [
            standing("a-well"),
            standing("b-warned", days=20),
            standing("c-probe", probed=failed),
            standing("d-new", state=ShopState.NEW),
            standing("e-over", days=-1),
            standing("f-silent", push=feeds.Standing.ENDED),
        ],
        {"app": QUOTA},
    )

    assert [row.standing.shop.shop_id for row in rows] == [
        "d-new",
        "e-over",
        "c-probe",
        "b-warned",
        "f-silent",
        "a-well",
    ]
    assert [row.needs_consent for row in rows] == [True, True, False, False, False, False]


def test_methods_with_the_same_fault_are_told_together() -> None:
    faults = [Fault(name, "refused", {"zh": f"{name} 不行", "en": f"{name}: no"}) for name in ("a.b", "c.d")]
    other = Fault("e.f", "refused", {"zh": "别的", "en": "another"})
    row = ShopRow(standing("a", probed=Probed(NOW_US, 0, (), (*faults, other))), QUOTA)

    assert row.faults("en") == [(["a.b", "c.d"], "a.b: no"), (["e.f"], "another")]
    assert ShopRow(standing("b"), QUOTA).faults("zh") == []


def test_a_paused_shop_whose_authorisation_lives_needs_no_consent() -> None:
    assert not ShopRow(standing("a", state=ShopState.PAUSED), QUOTA).needs_consent


def test_ends_are_days_of_beijing_and_a_dead_one_is_none() -> None:
    found = ends_by_day([standing("a", days=0.4), standing("b", days=1), standing("c", days=1, dead=True)])

    assert {day.isoformat(): shops for day, shops in found.items()} == {"2027-01-16": ["a", "b"]}


def test_running_jobs_are_reckoned_one_after_the_other() -> None:
    limit = Limit(100, DAY_S)
    quota = outlook_of("app", windows([limit], [], {}, [], NOW_US), {}, (), frozenset(), NOW_US)
    first, second = ahead_of(quota, {"job-1": 40, "job-2": 40})

    assert (first.reach.calls, first.reach.fits_today, first.done_us) == (84, True, NOW_US)
    assert (second.reach.calls, second.reach.fits_today) == (168, False)
    assert second.done_us == NOW_US + DAY_US


def test_a_quota_that_lets_nothing_go_promises_no_end() -> None:
    closed = replace(QUOTA, free=replace(QUOTA.free, now=0, per_second=0.0))

    assert [one.done_us for one in ahead_of(closed, {"job-1": 1})] == [None]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (standing("a"), ""),
        (standing("a", state=ShopState.PAUSED), ""),
        (standing("a", state=ShopState.NEW), "new"),
        (replace(standing("a", state=ShopState.PAUSED), authorisation=None), "new"),
        (standing("a", state=ShopState.EXPIRED), "expired"),
        (standing("a", state=ShopState.PAUSED, dead=True), "expired"),
        (standing("a", days=-1), "expired"),
    ],
)
def test_a_shop_whose_seller_must_agree_is_told_from_one_that_only_rests(found: Standing, why: str) -> None:
    assert consent_gone(found.shop.state, found.authorisation) == why
