"""What becomes of a message after a try: accepted, tried again later, given up; and when its webhook is stopped. Pure.

Source: Standard Webhooks, "Deliverability and reliability": days of retries with growing rests and jitter, 410 ends, long
failure disables.
"""

from dataclasses import dataclass
from enum import StrEnum

from onshelf.clock import SECOND_US
from onshelf.hooks.hook import Hook
from onshelf.platforms.webhook import Answered

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 3600.0
LONGEST_ASKED_S = 24 * 3600.0  # a receiver that asks for a longer rest is not believed
GIVE_UP_US = 3 * 24 * 3600 * SECOND_US
PARALLEL = 4  # messages in flight to one receiver that accepts them


class Fate(StrEnum):
    """What becomes of a message."""

    ACCEPTED = "accepted"
    PUT_OFF = "put_off"
    GIVEN_UP = "given_up"  # three days after its first try
    GONE = "gone"  # the receiver answered 410: it and all others end


@dataclass(frozen=True, slots=True)
class Decision:
    """The fate of a message, and how its webhook stands."""

    fate: Fate
    run_at_us: int = 0  # the next try of this message
    rest_until_us: int = 0  # the next try of any message to this receiver
    stop: bool = False  # nothing was accepted for three days: tell nobody there any more
    misses: int = 0  # how many tries had failed in a row when it was decided


def decide(
    hook: Hook, answered: Answered | None, *, attempt: int, first_us: int, now_us: int, spread: float
) -> Decision:
    """Decides after a try.

    answered: None when there was no answer. attempt: from 1, of this message since its rests began. first_us: when its first
    try began. spread: 0..1, chance.
    """
    if answered is not None and answered.accepted:
        return Decision(Fate.ACCEPTED)
    if answered is not None and answered.gone:
        return Decision(Fate.GONE)
    asked_s = answered.retry_after_s if answered is not None else None
    rest_us = round(retry_s(attempt, asked_s, spread) * SECOND_US)
    all_rest_us = round(retry_s(hook.misses + 1, asked_s, spread) * SECOND_US)
    failing_since_us = hook.failing_us or now_us
    return Decision(
        Fate.GIVEN_UP if now_us - first_us >= GIVE_UP_US else Fate.PUT_OFF,
        run_at_us=now_us + rest_us,
        rest_until_us=now_us + all_rest_us,
        stop=now_us - failing_since_us >= GIVE_UP_US,
        misses=hook.misses,
    )


def retry_s(attempt: int, asked_s: float | None, spread: float) -> float:
    """Returns the rest after the failed try `attempt`: doubling from 5 s to an hour, cut by up to half of it (jitter).

    It is never less than the receiver asked for.
    """
    rest_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 20)) * (1 - spread / 2)
    return rest_s if asked_s is None else max(rest_s, min(asked_s, LONGEST_ASKED_S) * (1 + spread / 10))


def slots(hook: Hook) -> int:
    """Returns how many messages may be in flight to a receiver: one that fails is asked once at a time."""
    return 1 if hook.failing_us else PARALLEL
