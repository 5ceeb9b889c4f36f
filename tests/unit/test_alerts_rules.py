"""Which events become alerts, how loud they are, and who hears of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.alerts.route import Route, route
from onshelf.alerts.rules import CAUSES, RULES, Alert, AlertState, Severity, changes, follow, match
from onshelf.catalog.item import Reason, State
from onshelf.events import ItemChanged
from onshelf.texts import LANGS, text

LEFT = ItemChanged(
    shop_id="a",
    item_id=7,
    version=2,
    outer_id="code-7",
    title="连衣裙",
    old=State.ONSALE,
    new=State.INSTOCK,
    reason=Reason.TAKEN_OFF,
    happened_us=1_000_000,
    seen_us=2_000_000,
    ours=False,
    evidence="slice",
)


def only(event: ItemChanged) -> Alert:
    (alert,) = match(event)
    return alert


@pytest.mark.parametrize(
    ("reason", "new", "severity"),
    [
        (Reason.TAKEN_OFF, State.INSTOCK, Severity.WARNING),
        (Reason.SOLD_OUT, State.INSTOCK, Severity.WARNING),
        (Reason.SCHEDULED, State.INSTOCK, Severity.WARNING),
        (Reason.UNKNOWN, State.INSTOCK, Severity.WARNING),
        (Reason.VIOLATION, State.INSTOCK, Severity.CRITICAL),
        (Reason.DELETED, State.DELETED, Severity.CRITICAL),
        (Reason.UNKNOWN, State.DELETED, Severity.CRITICAL),
    ],
)
def test_leaving_the_shelf_fires_as_loud_as_its_cause(reason: Reason, new: State, severity: Severity) -> None:
    alert = only(replace(LEFT, reason=reason, new=new))

    assert (alert.state, alert.severity, alert.cause) == (AlertState.FIRING, severity, reason)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"old": "", "new": State.INSTOCK, "reason": Reason.FIRST_SEEN}, "an item seen first is no news"),
        ({"old": "", "new": State.ONSALE, "reason": Reason.FIRST_SEEN}, "nor one on sale"),
        ({"old": State.INSTOCK, "reason": Reason.SCHEDULED}, "moving about in the warehouse is no news"),
    ],
)
def test_what_concerns_nobody_makes_no_alert(change: dict[str, Any], why: str) -> None:
    assert match(replace(LEFT, **change)) == (), why


@pytest.mark.parametrize("new", [State.INSTOCK, State.DELETED])
def test_our_own_job_fires_nothing_and_ends_what_fired(new: State) -> None:
    ours = replace(LEFT, version=3, new=new, reason=Reason.OURS, ours=True)

    assert changes([ours], {}) == []
    assert [alert.state for alert in changes([LEFT, ours], {})] == [AlertState.FIRING, AlertState.RESOLVED]


def test_an_item_deleted_or_punished_in_the_warehouse_fires_too() -> None:
    stored = replace(LEFT, old=State.INSTOCK)

    assert only(replace(stored, new=State.DELETED, reason=Reason.DELETED)).state == AlertState.FIRING
    assert only(replace(stored, reason=Reason.VIOLATION)).severity == Severity.CRITICAL


def test_a_recovery_is_as_loud_as_what_it_ends_and_knows_when_that_began() -> None:
    punished = only(replace(LEFT, reason=Reason.VIOLATION))
    back = only(
        replace(LEFT, version=3, old=State.INSTOCK, new=State.ONSALE, reason=Reason.LISTED, happened_us=9)
    )

    told = follow(punished, back)

    assert told is not None
    assert (told.state, told.severity, told.since_us) == (
        AlertState.RESOLVED,
        Severity.CRITICAL,
        punished.happened_us,
    )


def test_a_recovery_of_what_was_not_firing_is_nothing_to_tell() -> None:
    back = only(replace(LEFT, old=State.INSTOCK, new=State.ONSALE, reason=Reason.LISTED))

    assert follow(None, back) is None
    assert follow(replace(back, version=1), back) is None


def test_trouble_that_grows_is_told_again_and_keeps_its_beginning() -> None:
    gone = replace(
        LEFT,
        version=3,
        old=State.INSTOCK,
        new=State.DELETED,
        reason=Reason.DELETED,
        happened_us=5_000_000,
    )

    first, second = changes([LEFT, gone], {})

    assert (first.severity, second.severity) == (Severity.WARNING, Severity.CRITICAL)
    assert second.since_us == first.happened_us


def test_the_same_event_again_changes_nothing() -> None:
    assert len(changes([LEFT, LEFT], {})) == 1
    assert changes([LEFT], {only(LEFT).fingerprint: only(LEFT)}) == []


@given(st.lists(st.sampled_from(["leave", "back", "delete", "ours"]), max_size=12), st.integers(0, 12))
def test_reading_in_two_batches_tells_the_same_as_reading_in_one(steps: list[str], cut: int) -> None:
    made: dict[str, dict[str, Any]] = {
        "leave": {"old": State.ONSALE, "new": State.INSTOCK, "reason": Reason.TAKEN_OFF},
        "back": {"old": State.INSTOCK, "new": State.ONSALE, "reason": Reason.LISTED},
        "delete": {"old": State.ONSALE, "new": State.DELETED, "reason": Reason.DELETED},
        "ours": {"old": State.ONSALE, "new": State.INSTOCK, "reason": Reason.OURS},
    }
    events = [
        replace(LEFT, **made[step], ours=step == "ours", version=version)
        for version, step in enumerate(steps, 1)
    ]

    first = changes(events[:cut], {})
    second = changes(events[cut:], {alert.fingerprint: alert for alert in first})

    assert first + second == changes(events, {})


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained_in_both_languages(rule: str) -> None:
    assert all(text(f"alerts.rule.{rule}", lang) for lang in LANGS)


@pytest.mark.parametrize("reason", CAUSES["left_the_shelf"])
def test_an_item_leaves_for_each_cause_as_loud_as_the_rule_says(reason: Reason) -> None:
    new = State.DELETED if reason == Reason.DELETED else State.INSTOCK

    assert (only(replace(LEFT, reason=reason, new=new)).severity,) == CAUSES["left_the_shelf"][reason]


def test_every_rule_says_what_it_tells_of() -> None:
    assert set(CAUSES) == set(RULES)


def test_a_route_takes_its_shops_its_loudness_and_recoveries_or_not() -> None:
    warning, critical = only(LEFT), only(replace(LEFT, reason=Reason.VIOLATION))
    recovery = replace(warning, state=AlertState.RESOLVED)
    routes = [
        Route("everything"),
        Route("other-shop", shops=frozenset({"b"})),
        Route("loud", least=Severity.CRITICAL),
        Route("trouble", resolved=False),
    ]

    assert route(warning, routes) == ("everything", "trouble")
    assert route(critical, routes) == ("everything", "loud", "trouble")
    assert route(recovery, routes) == ("everything",)
