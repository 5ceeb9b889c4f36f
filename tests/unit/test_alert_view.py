"""What the pages of alerts are asked for and show."""

import pytest

from onshelf.alerts.board import Count, Telling
from onshelf.alerts.rules import AlertState, Severity
from onshelf.clock import SECOND_US
from onshelf.errors import SettingsError
from onshelf.jobs.job import JobState
from onshelf.web.console.alert_view import Asked, end_of, groups_of, span, states_of, told_words

NOW = 1_763_724_483_000_000
HOUR_US = 3600 * SECOND_US


def count(shop: str, cause: str, severity: str, number: int, state: str = "firing") -> Count:
    return Count(shop, cause, AlertState(state), Severity(severity), number)


def test_what_is_no_choice_of_ours_counts_as_nothing_asked() -> None:
    asked = Asked.of({"state": "loud", "severity": "deafening", "shop": " a ", "cause": "x" * 200})

    assert asked == Asked("firing", "a", "x" * 80, "")


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        (Asked(), "/alerts"),
        (Asked("acknowledged", "旗舰店"), "/alerts?state=acknowledged&shop=%E6%97%97%E8%88%B0%E5%BA%97"),
        (Asked("firing", "a", "sold_out"), "/alerts?shop=a&cause=sold_out"),
    ],
)
def test_an_address_says_what_is_asked_and_reads_back_as_the_same(asked: Asked, address: str) -> None:
    assert asked.address() == address


def test_an_address_may_change_a_field_and_carry_a_cursor() -> None:
    assert Asked("firing", "a").address(shop="", cursor="x") == "/alerts?cursor=x"


def test_groups_come_the_gravest_first_then_the_largest() -> None:
    counts = [
        count("a", "sold_out", "warning", 9),
        count("a", "taken_off", "warning", 2),
        count("b", "deleted", "critical", 1),
        count("b", "sold_out", "warning", 4, "silenced"),
    ]

    groups = groups_of(counts, Asked())

    assert [(one.shop_id, one.cause, one.count) for one in groups] == [
        ("b", "deleted", 1),
        ("a", "sold_out", 9),
        ("a", "taken_off", 2),
    ]
    assert [one.shop_id for one in groups_of(counts, Asked("silenced"))] == ["b"]
    assert [one.cause for one in groups_of(counts, Asked(shop="a", cause="taken_off"))] == ["taken_off"]
    assert states_of(counts) == {"firing": 12, "acknowledged": 0, "silenced": 4}


def test_what_is_over_and_one_group_alone_is_one_list() -> None:
    assert [Asked().grouped, Asked("resolved").grouped, Asked(shop="a", cause="b").grouped] == [
        True,
        False,
        False,
    ]


def test_a_time_that_was_typed_goes_before_the_button_that_was_chosen() -> None:
    typed = end_of({"until": "hour", "own": "2026-01-31T09:00"}, NOW)

    assert end_of({"until": "hour", "own": ""}, NOW) == NOW + HOUR_US
    assert typed == end_of({"until": "own", "own": "2026-01-31T09:00"}, NOW)
    with pytest.raises(SettingsError):
        end_of({"until": "own", "own": ""}, NOW)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, ("m", 0)), (59, ("m", 0)), (3599, ("m", 59)), (7200, ("h", 2)), (172_800, ("d", 2))],
)
def test_how_long_something_lasts_is_told_in_the_largest_unit(seconds: int, told: tuple[str, int]) -> None:
    assert span(NOW - seconds * SECOND_US, NOW) == told


@pytest.mark.parametrize(
    ("held", "delivery", "state", "stopped", "words"),
    [
        (True, "", None, "", "held"),
        (False, "", None, "", "gathers"),
        (False, "", None, "HTTP 410", "stopped"),
        (False, "d", JobState.WAITING, "", "waiting"),
        (False, "d", JobState.SUCCEEDED, "HTTP 410", "succeeded"),
    ],
)
def test_who_was_told_and_why_not_has_its_words(
    held: bool, delivery: str, state: JobState | None, stopped: str, words: str
) -> None:
    assert told_words(Telling("c", "erp", held, delivery, state, 0, "", stopped))[0] == words
