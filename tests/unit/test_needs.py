"""When nobody sees a shop's shelf, and where the cause of an alert is mended."""

import pytest

from onshelf.alerts.mending import mend_of
from onshelf.alerts.rules import CAUSES
from onshelf.clock import SECOND_US
from onshelf.platforms.port import Closure
from onshelf.platforms.window import Limit
from onshelf.shops.quota.outlook import Origin, Outlook, Window, outlook_of
from onshelf.texts import LANGS, text
from onshelf.watch.figures import LastLook
from onshelf.web.needs import BLIND_WHY, KINDS, Need, blind_words, of_quotas, unseen_since

MINUTE_US = 60 * SECOND_US
NOW_US = 1_000 * MINUTE_US


@pytest.mark.parametrize(
    ("look", "since_us"),
    [
        (LastLook(NOW_US - MINUTE_US, 0, ""), None),
        (LastLook(NOW_US - MINUTE_US, NOW_US - MINUTE_US, "not_sent"), None),
        (LastLook(NOW_US - 9 * MINUTE_US, NOW_US - 6 * MINUTE_US, "not_sent"), NOW_US - 6 * MINUTE_US),
        (LastLook(NOW_US - 14 * MINUTE_US, 0, ""), None),
        (LastLook(NOW_US - 16 * MINUTE_US, 0, ""), NOW_US - 16 * MINUTE_US),
    ],
    ids=["fresh", "blind for less than a round", "blind for a round", "three rounds ago", "longer ago"],
)
def test_a_shop_nobody_sees_is_told_after_a_round_or_three(look: LastLook, since_us: int | None) -> None:
    assert unseen_since(look, NOW_US, 5 * MINUTE_US, NOW_US) == since_us


def test_a_shop_just_added_has_three_rounds_until_its_first_look_is_missed() -> None:
    never = LastLook(0, 0, "")

    assert unseen_since(never, NOW_US - 15 * MINUTE_US, 5 * MINUTE_US, NOW_US) is None
    assert unseen_since(never, NOW_US - 16 * MINUTE_US, 5 * MINUTE_US, NOW_US) == NOW_US - 16 * MINUTE_US


def test_quick_rounds_are_given_a_minute() -> None:
    look = LastLook(NOW_US - 50 * SECOND_US, 0, "")

    assert unseen_since(look, 0, SECOND_US, NOW_US) is None


@pytest.mark.parametrize("code", [*sorted(BLIND_WHY), "", "never heard of"])
def test_why_nobody_sees_is_said_in_both_languages(code: str) -> None:
    assert blind_words(code, "zh")
    assert blind_words(code, "en")


@pytest.mark.parametrize("cause", [cause for causes in CAUSES.values() for cause in causes])
def test_every_cause_of_an_alert_leads_to_a_page(cause: str) -> None:
    one, all_ = mend_of(cause, "店 1", item_id=7, outer_id="h1"), mend_of(cause, "店 1")

    assert one.path.startswith("/")
    assert " " not in one.path + all_.path


@pytest.mark.parametrize(
    ("cause", "path"),
    [
        ("authorisation_ended", "/shops/a"),
        ("webhook_stopped", "/developer/webhooks/h1"),
        ("violation", "/shelf/a/7"),
        ("deleted", "/shelf/a/7"),
    ],
)
def test_an_alert_is_mended_where_its_cause_is(cause: str, path: str) -> None:
    assert mend_of(cause, "a", item_id=7, outer_id="h1").path == path


def test_every_need_has_a_word_for_its_button() -> None:
    assert all(text(f"web.today.act.{kind}", lang) for kind in KINDS for lang in LANGS)


def quota(used: int, *closures: Closure) -> Outlook:
    day = Window(Limit(1000, 86_400.0), Origin.DEFAULT, None, used)
    return outlook_of("app", (day,), {}, closures, frozenset(), NOW_US)


@pytest.mark.parametrize(("used", "bad"), [(899, []), (900, [False]), (999, [False]), (1000, [True])])
def test_calls_that_run_out_are_told_from_the_last_tenth_on(used: int, bad: list[bool]) -> None:
    found = of_quotas([quota(used)], NOW_US, "zh")

    assert [one.bad for one in found] == bad
    assert all(one.link == "/quota/app" for one in found)


def test_a_closure_that_is_on_is_told_once_and_one_to_come_not_yet() -> None:
    on = Closure("双11", NOW_US - MINUTE_US, NOW_US + MINUTE_US, ("*",), 0)
    later = Closure("双12", NOW_US + MINUTE_US, NOW_US + 2 * MINUTE_US, ("*",), 0)

    (told,) = of_quotas([quota(0, on, later), quota(0, on, later)], NOW_US, "zh")

    assert told == Need("quota", False, told.words, "/calendar")
    assert "双11" in told.words
