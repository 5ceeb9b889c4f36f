"""What becomes of a message to a webhook after a try."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.hooks.decide import FIRST_RETRY_S, GIVE_UP_US, LONGEST_RETRY_S, Fate, decide, retry_s, slots
from onshelf.hooks.hook import Hook, HookState
from onshelf.hooks.told import TYPES, sample
from onshelf.platforms.webhook import Answered

NOW = 1_763_724_483_000_000
HOOK = Hook("h", "https://erp.example.com/in", "", frozenset(), None, HookState.ACTIVE, "", "test", NOW - 9)


@given(st.integers(1, 1000), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_a_rest_is_bounded_and_never_shorter_than_half_the_first(
    attempt: int, spread: float, asked_s: float | None
) -> None:
    rest_s = retry_s(attempt, asked_s, spread)

    assert FIRST_RETRY_S / 2 <= rest_s <= max(LONGEST_RETRY_S, 24 * 3600 * 1.1)


@given(st.integers(1, 30))
def test_rests_grow(attempt: int) -> None:
    assert retry_s(attempt, None, 0.0) <= retry_s(attempt + 1, None, 0.0)


@pytest.mark.parametrize(
    ("status", "tried_us", "fate"),
    [
        (204, 0, Fate.ACCEPTED),
        (410, 0, Fate.GONE),
        (500, 0, Fate.PUT_OFF),
        (None, GIVE_UP_US - 1, Fate.PUT_OFF),
        (None, GIVE_UP_US, Fate.GIVEN_UP),
    ],
)
def test_a_message_is_given_up_three_days_after_its_first_try(
    status: int | None, tried_us: int, fate: Fate
) -> None:
    answered = None if status is None else Answered(status)

    decision = decide(HOOK, answered, attempt=1, first_us=NOW - tried_us, now_us=NOW, spread=0.0)

    assert decision.fate is fate


@pytest.mark.parametrize(("failing_us", "stop"), [(0, False), (GIVE_UP_US - 1, False), (GIVE_UP_US, True)])
def test_a_webhook_is_stopped_when_nothing_was_accepted_for_three_days(failing_us: int, stop: bool) -> None:
    hook = replace(HOOK, failing_us=NOW - failing_us if failing_us else 0)

    decision = decide(hook, None, attempt=1, first_us=NOW, now_us=NOW, spread=0.0)

    assert decision.stop is stop


def test_the_rest_a_receiver_asks_for_holds_all_its_messages() -> None:
    decision = decide(HOOK, Answered(429, 120.0), attempt=1, first_us=NOW, now_us=NOW, spread=0.0)

    assert decision.run_at_us == decision.rest_until_us == NOW + 120 * SECOND_US


def test_a_receiver_that_fails_is_asked_one_at_a_time() -> None:
    assert slots(replace(HOOK, failing_us=1)) == 1 < slots(HOOK)


@pytest.mark.parametrize("kind", TYPES)
def test_an_example_is_told_the_same_every_time(kind: str) -> None:
    assert sample(kind) == sample(kind)
    assert f'"type":"{kind}","version":1' in sample(kind)
