"""How an alert stands for people: answered or not, silenced or not, and whether a change of it is told. Pure.

firing → acknowledged (a person has it) · firing | acknowledged → silenced (for a while) → as before · any → resolved
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from onshelf.alerts.rules import RANK, Alert, AlertState
from onshelf.alerts.silence import Silence, covering


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person's word that somebody sees to it."""

    who: str  # as the audit log names people and programs
    at_us: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert, and what people have made of it."""

    alert: Alert
    acknowledged: Acknowledgement | None = None
    silence_id: str = ""  # what holds its news back, a recovery included; empty: nothing

    @property
    def state(self) -> AlertState:
        """The state people see. Silenced goes before acknowledged, and resolved before both."""
        if self.alert.state == AlertState.RESOLVED:
            return AlertState.RESOLVED
        if self.silence_id:
            return AlertState.SILENCED
        return AlertState.ACKNOWLEDGED if self.acknowledged else AlertState.FIRING


class Fate(StrEnum):
    """What becomes of the news of one change."""

    TOLD = "told"
    HELD = "held"  # until the silence ends
    KNOWN = "known"  # whoever acknowledged the alert knows as much


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an alert: how it stands afterwards, and what becomes of the news."""

    standing: Standing
    fate: Fate
    frees: bool  # news held so far goes out too, ahead of this


def steps(changes: Iterable[Alert], known: Mapping[str, Standing], silences: Sequence[Silence]) -> list[Step]:
    """Decides every change in turn. known: how the alerts stood before, by fingerprint; silences: those not ended."""
    now, taken = dict(known), []
    for change in changes:
        found = step(now.get(change.fingerprint), change, silences)
        now[change.fingerprint] = found.standing
        taken.append(found)
    return taken


def step(known: Standing | None, change: Alert, silences: Sequence[Silence]) -> Step:
    """Decides what a change of an alert makes of it.

    An acknowledged alert that fires again is not told again, unless it has become graver than what was acknowledged.
    A recovery ends the acknowledgement. It is silenced by what silenced the trouble: its own cause is another.
    """
    firing = change.state == AlertState.FIRING
    acknowledged = _still_acknowledged(known, change) if known and firing else None
    before = known.silence_id if known else ""
    silence_id = covering(silences, change) if firing else before
    fate = Fate.KNOWN if acknowledged else Fate.HELD if silence_id else Fate.TOLD
    return Step(Standing(change, acknowledged, silence_id), fate, frees=bool(before) and not silence_id)


def ended(firing: Iterable[Standing], now_us: int) -> list[Standing]:
    """Ends alerts whose shop has left."""
    return [
        Standing(replace(one.alert, state=AlertState.RESOLVED, happened_us=now_us, seen_us=now_us))
        for one in firing
    ]


def goes_out(told: AlertState | None, now: AlertState) -> bool:
    """Decides whether held news goes out when its silence ends, or is dropped.

    told: what the receiver last heard of the alert, None for nothing; now: whether its cause still stands. Trouble that came
    and went in silence is nobody's news; all else would leave the receiver with a wrong picture.
    """
    return AlertState.FIRING in (told, now)


def _still_acknowledged(known: Standing, change: Alert) -> Acknowledgement | None:
    return known.acknowledged if RANK[change.severity] <= RANK[known.alert.severity] else None
