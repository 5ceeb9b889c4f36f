"""What the pages of alerts are asked for and show: filters, groups, ends of silences, and who was told in which words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from onshelf.alerts.board import Count, Telling
from onshelf.alerts.rules import AlertState, Severity
from onshelf.alerts.silence import read_until, usual_ends
from onshelf.alerts.standing import Standing
from onshelf.clock import SECOND_US
from onshelf.jobs.job import JobState

FIELDS = ("state", "shop", "cause", "severity")
LONGEST = 80
GROUP_ROWS = 6
MOST_GROUPS = 30
OWN = "own"
"""The choice of an end of one's own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the page; an empty one lets all through. What is no choice of ours counts as empty."""

    state: str = AlertState.FIRING
    shop: str = ""
    cause: str = ""
    severity: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        """Reads the fields from an address."""
        told = {name: str(given.get(name, "")).strip()[:LONGEST] for name in FIELDS}
        state = told["state"] if told["state"] in set(AlertState) else AlertState.FIRING
        severity = told["severity"] if told["severity"] in set(Severity) else ""
        return cls(state, told["shop"], told["cause"], severity)

    @property
    def grouped(self) -> bool:
        """Tells whether alerts are shown by shop and cause; what is over, and one group alone, is one list."""
        return self.state != AlertState.RESOLVED and not (self.shop and self.cause)

    def address(self, **changed: str) -> str:
        """Returns the address of the page with some fields changed."""
        told = {name: changed.get(name, getattr(self, name)) for name in FIELDS} | changed
        wanted = {name: value for name, value in told.items() if value}
        if wanted.get("state") == AlertState.FIRING:
            del wanted["state"]
        return f"/alerts?{urlencode(wanted)}" if wanted else "/alerts"


@dataclass(slots=True)
class Group:
    """Alerts of one shop and cause in one state."""

    shop_id: str
    cause: str
    counts: dict[Severity, int] = field(default_factory=dict)
    rows: Sequence[Standing] = ()

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def key(self) -> str:
        """Names the group in a page."""
        return f"{self.shop_id}-{self.cause}"


def states_of(counts: Iterable[Count]) -> dict[str, int]:
    """Counts the alerts whose cause stands by state."""
    found = dict.fromkeys((AlertState.FIRING, AlertState.ACKNOWLEDGED, AlertState.SILENCED), 0)
    for one in counts:
        found[one.state] += one.count
    return {str(state): count for state, count in found.items()}


def groups_of(counts: Iterable[Count], asked: Asked) -> list[Group]:
    """Returns the groups a page shows, without their rows: the gravest first, then the largest."""
    found: dict[tuple[str, str], Group] = {}
    for one in counts:
        fits = asked.shop in ("", one.shop_id) and asked.cause in ("", one.cause)
        if fits and one.state == asked.state and asked.severity in ("", one.severity):
            group = found.setdefault((one.shop_id, one.cause), Group(one.shop_id, one.cause))
            group.counts[one.severity] = group.counts.get(one.severity, 0) + one.count
    return sorted(found.values(), key=lambda g: (Severity.CRITICAL not in g.counts, -g.count, g.key))


def end_of(form: Mapping[str, str], now_us: int) -> int:
    """Reads when a silence is to end: what was typed, else one of the usual ends by name. Raises SettingsError."""
    chosen, typed = form.get("until", ""), form.get(OWN, "").strip()
    usual = usual_ends(now_us)
    return usual[chosen] if chosen in usual and not typed else read_until(typed, now_us)


def span(since_us: int, now_us: int) -> tuple[str, int]:
    """Returns how long something lasts in the largest unit that fits: (m | h | d, how many)."""
    minutes = max(0, now_us - since_us) // (60 * SECOND_US)
    if minutes < 60:
        return "m", minutes
    return ("h", minutes // 60) if minutes < 48 * 60 else ("d", minutes // (24 * 60))


def told_words(one: Telling) -> tuple[str, str]:
    """Returns what became of one message: the last part of its text's name, and the kind of tag it carries."""
    if one.held:
        return "held", "quiet"
    if one.stopped and one.state != JobState.SUCCEEDED:
        return "stopped", "bad"
    if one.state is None:
        return "gathers", "info"
    kinds = {JobState.SUCCEEDED: "good", JobState.FAILED: "bad", JobState.WAITING: "warn"}
    return one.state.value, kinds.get(one.state, "quiet")
