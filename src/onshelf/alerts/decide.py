"""When a group's news is sent, and when a refused message is tried again. Pure; the reasons are shown to people.

Source of the grouping habits: Alertmanager's notification pipeline (group_wait, group_interval, needsUpdate).
"""

from dataclasses import dataclass
from enum import StrEnum

from onshelf.clock import SECOND_US


class Reason(StrEnum):
    """Why a message goes out now, or why not."""

    FIRST = "first"  # trouble where there was none
    NEW_ALERTS = "new_alerts"  # more trouble
    NEW_RESOLVED = "new_resolved"  # some of it is over
    ALL_RESOLVED = "all_resolved"
    WAITING = "waiting"  # gathers more until `due_us`
    NOTHING = "nothing"  # no news


@dataclass(frozen=True, slots=True)
class Timing:
    """How long news gathers."""

    wait_s: float = 5.0  # after the first news of a group
    interval_s: float | None = None  # between two messages of a group; None: six times the wait

    @property
    def rest_us(self) -> int:
        """The least time between two messages of a group."""
        return round((6 * self.wait_s if self.interval_s is None else self.interval_s) * SECOND_US)


@dataclass(frozen=True, slots=True)
class Group:
    """The untold news of one group for one receiver."""

    receiver: str
    key: str
    oldest_us: int  # when the oldest untold change was seen
    fired: int  # untold changes that fire
    resolved: int  # untold recoveries
    standing: int  # alerts of the group that fire now, told or not


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver was last told of a group."""

    at_us: int
    firing: int  # alerts of the group that fired then


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a group; `due_us` is when its news goes out."""

    reason: Reason
    due_us: int

    @property
    def send(self) -> bool:
        return self.reason not in {Reason.WAITING, Reason.NOTHING}


def decide(group: Group, told: Told | None, now_us: int, timing: Timing) -> Decision:
    """Decides whether the group's news goes out now. News never expires: it is sent or still waits.

    An item that left and came back within the wait is told all the same, for it was off the shelf.
    """
    if not group.fired + group.resolved:
        return Decision(Reason.NOTHING, now_us)
    due_us = group.oldest_us + round(timing.wait_s * SECOND_US)
    if told is not None:
        due_us = max(due_us, told.at_us + timing.rest_us)
    if due_us > now_us:
        return Decision(Reason.WAITING, due_us)
    if group.fired:
        return Decision(Reason.NEW_ALERTS if told is not None and told.firing else Reason.FIRST, due_us)
    return Decision(Reason.NEW_RESOLVED if group.standing else Reason.ALL_RESOLVED, due_us)


FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 600.0
LONGEST_ASKED_S = 3600.0  # a receiver that asks for a longer rest is not believed


def retry_s(attempt: int, asked_s: float | None, spread: float) -> float:
    """Returns the rest before the next try: doubling from 2 s to 10 min, never less than the receiver asked for.

    attempt: from 1, the one that failed. spread: 0..1, chance; the rest is cut by up to half of it (jitter), or
    prolonged by up to a tenth when the receiver named the rest itself.
    """
    rest_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 20)) * (1 - spread / 2)
    if asked_s is None:
        return rest_s
    return max(rest_s, min(asked_s, LONGEST_ASKED_S) * (1 + spread / 10))
