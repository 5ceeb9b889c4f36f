"""How alerts stand for people: what an acknowledgement covers, what a silence holds back, and what its end lets go."""

import contextlib
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.alerts.silence import Scope, Silence, check_silence, covering, read_until, usual_ends
from onshelf.alerts.standing import Acknowledgement, Fate, Standing, goes_out, step, steps
from onshelf.catalog.item import Reason, State
from onshelf.clock import BEIJING, SECOND_US, to_us
from onshelf.errors import SettingsError

FIRES = Alert(
    rule="left_the_shelf",
    state=AlertState.FIRING,
    severity=Severity.WARNING,
    shop_id="a",
    item_id=7,
    version=2,
    outer_id="SKU-77",
    title="连衣裙",
    old=State.ONSALE,
    new=State.INSTOCK,
    cause=Reason.SOLD_OUT,
    happened_us=1,
    seen_us=2,
    since_us=1,
)
BACK = replace(FIRES, state=AlertState.RESOLVED, version=3, cause=Reason.LISTED)
MINE = Acknowledgement("person:lin", 5)
NOW = to_us(datetime(2026, 11, 21, 15, 30, tzinfo=BEIJING))
HOUR_US = 3600 * SECOND_US


def quiet(number: int = 1, *, hours: int = 1, ended_us: int = 0, **scope: str) -> Silence:
    return Silence(str(number), Scope(**scope), NOW + hours * HOUR_US, "盘点", "person:lin", NOW, ended_us)


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        (Standing(FIRES), AlertState.FIRING),
        (Standing(FIRES, MINE), AlertState.ACKNOWLEDGED),
        (Standing(FIRES, None, "1"), AlertState.SILENCED),
        (Standing(FIRES, MINE, "1"), AlertState.SILENCED),
        (Standing(BACK, None, "1"), AlertState.RESOLVED),
    ],
)
def test_people_see_one_of_four_states(standing: Standing, state: AlertState) -> None:
    assert standing.state == state


def test_an_acknowledged_alert_that_fires_again_is_not_told_again() -> None:
    again = replace(FIRES, version=3, cause=Reason.TAKEN_OFF)

    found = step(Standing(FIRES, MINE), again, ())

    assert (found.fate, found.standing.acknowledged) == (Fate.KNOWN, MINE)


def test_what_has_become_graver_than_was_acknowledged_is_told() -> None:
    gone = replace(FIRES, version=3, severity=Severity.CRITICAL, cause=Reason.DELETED)

    found = step(Standing(FIRES, MINE), gone, ())

    assert (found.fate, found.standing.acknowledged) == (Fate.TOLD, None)


def test_the_recovery_of_an_acknowledged_alert_is_told_and_ends_the_acknowledgement() -> None:
    found = step(Standing(FIRES, MINE), BACK, ())

    assert (found.fate, found.standing) == (Fate.TOLD, Standing(BACK))


def test_a_recovery_is_held_by_what_silenced_the_trouble_though_its_cause_is_another() -> None:
    sold_out = quiet(cause=Reason.SOLD_OUT)
    fired, back = steps([FIRES, BACK], {}, [sold_out])

    assert (fired.fate, back.fate, back.standing.silence_id) == (Fate.HELD, Fate.HELD, "1")


def test_news_that_no_silence_covers_takes_what_was_held_along() -> None:
    deleted = replace(FIRES, version=3, cause=Reason.DELETED)

    fired, gone = steps([FIRES, deleted], {}, [quiet(cause=Reason.SOLD_OUT)])

    assert (fired.frees, gone.fate, gone.frees) == (False, Fate.TOLD, True)


@pytest.mark.parametrize(
    ("told", "now", "goes"),
    [
        (None, "firing", True),
        (None, "resolved", False),
        ("firing", "firing", True),
        ("firing", "resolved", True),
        ("resolved", "resolved", False),
        ("resolved", "firing", True),
    ],
)
def test_held_news_goes_out_when_a_receiver_would_else_believe_what_is_not_so(
    told: str | None, now: str, goes: bool
) -> None:
    assert goes_out(AlertState(told) if told else None, AlertState(now)) is goes


@pytest.mark.parametrize(
    ("scope", "fits"),
    [
        (Scope(shop_id="a"), True),
        (Scope(shop_id="b"), False),
        (Scope(fingerprint="a:7:left_the_shelf"), True),
        (Scope(fingerprint="a:8:left_the_shelf"), False),
        (Scope(rule="left_the_shelf", cause="sold_out"), True),
        (Scope(shop_id="a", cause="deleted"), False),
        (Scope(code_prefix="SKU-7"), True),
        (Scope(code_prefix="SKU-8"), False),
    ],
)
def test_a_silence_means_what_fits_all_it_names(scope: Scope, fits: bool) -> None:
    assert scope.fits(FIRES) is fits


def test_of_several_silences_the_longest_covers_and_an_ended_one_covers_nothing() -> None:
    longest = quiet(3, hours=9, ended_us=NOW, shop_id="a")

    assert covering([quiet(1, shop_id="a"), quiet(2, hours=5, shop_id="a"), longest], FIRES) == "2"
    assert covering([longest], FIRES) == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("30m", "2026-11-21T16:00"),
        ("2h", "2026-11-21T17:30"),
        ("1d", "2026-11-22T15:30"),
        ("22:00", "2026-11-21T22:00"),
        ("9:00", "2026-11-22T09:00"),
        ("2026-11-25T09:00", "2026-11-25T09:00"),
        ("2026-11-25T01:00:00Z", "2026-11-25T09:00"),
    ],
)
def test_an_end_is_read_as_people_write_it(given: str, expected: str) -> None:
    assert read_until(given, NOW) == to_us(datetime.fromisoformat(expected).replace(tzinfo=BEIJING))


@pytest.mark.parametrize("given", ["", "soon", "25:00", "9", "1w", "2026-13-01T00:00", "-1h", "99999d99"])
def test_any_other_end_is_refused_with_what_was_expected(given: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_until(given, NOW)

    assert caught.value.context["name"] == "until"


@given(st.text(max_size=30))
def test_no_words_for_an_end_break_anything(given: str) -> None:
    with contextlib.suppress(SettingsError):
        read_until(given, NOW)


@pytest.mark.parametrize(
    ("hour", "ends"),
    [(3, ["hour", "tonight", "tomorrow"]), (21, ["hour", "tonight", "tomorrow"]), (23, ["hour", "tomorrow"])],
)
def test_the_usual_ends_lie_ahead(hour: int, ends: list[str]) -> None:
    now = to_us(datetime(2026, 11, 21, hour, 30, tzinfo=BEIJING))

    found = usual_ends(now)

    assert list(found) == ends
    assert all(at_us > now for at_us in found.values())
    assert found["tomorrow"] == to_us(datetime(2026, 11, 22, 9, tzinfo=BEIJING))


@pytest.mark.parametrize(
    ("scope", "until_us", "why", "wrong"),
    [
        (Scope(), NOW + HOUR_US, "", "scope"),
        (Scope(shop_id="a"), NOW, "", "until"),
        (Scope(shop_id="a"), NOW + 400 * 24 * HOUR_US, "", "until"),
        (Scope(shop_id="a"), 1 << 62, "", "until"),
        (Scope(shop_id="a"), NOW + HOUR_US, "x" * 301, "why"),
    ],
)
def test_a_silence_of_everything_or_without_an_end_is_refused(
    scope: Scope, until_us: int, why: str, wrong: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        check_silence(scope, until_us, why, NOW)

    assert caught.value.context["name"] == wrong
