"""Which events become alerts, how loud they are, and when they are over. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from onshelf.catalog.item import Reason, State
from onshelf.events import Event, HookTrouble, ItemChanged, ShopTrouble


class AlertState(StrEnum):
    """How an alert stands. A rule knows firing and resolved; the others are what people make of one that fires."""

    FIRING = "firing"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"  # a person has it
    SILENCED = "silenced"  # nobody is told for a while


class Severity(StrEnum):
    """How loud an alert is."""

    WARNING = "warning"
    CRITICAL = "critical"


RANK: Mapping[Severity, int] = {Severity.WARNING: 1, Severity.CRITICAL: 2}
"""Severities in order, the louder the higher."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a rule says of one item, one shop or one webhook after one change of it; the latest one is how the alert stands."""

    rule: str
    state: AlertState
    severity: Severity
    shop_id: str
    item_id: int  # 0: it is about the shop, or with an `outer_id` about the webhook of that id
    version: int  # of the item's record (of a shop: the time); with the rule it makes a change unique
    outer_id: str  # empty when the item carries none
    title: str
    old: str  # catalog.item.State value, "" when first seen
    new: str
    cause: str  # catalog.item.Reason value
    happened_us: int
    seen_us: int
    since_us: int  # when the trouble began: happened_us of the change that made it fire

    @property
    def fingerprint(self) -> str:
        """Identity of the alert over its whole life; may stand in a path as it is."""
        about = self.item_id or (f"0.{self.outer_id}" if self.outer_id else 0)
        return f"{self.shop_id}:{about}:{self.rule}"

    @property
    def group(self) -> str:
        """Alerts of one group go out in one message."""
        return f"{self.shop_id}:{self.rule}"

    @property
    def change_id(self) -> str:
        """Identity of this one change: the same event told twice has the same."""
        return f"{self.fingerprint}:{self.version}"


LOUD = frozenset({Reason.DELETED, Reason.VIOLATION})
"""Causes that cost money at once and cannot be mended by a click."""


def left_the_shelf(event: Event) -> Alert | None:
    """Fires when an item goes off the shelf, is deleted or punished and our own job did not intend it.

    Recovered means: back on sale, whoever did it, or put away by our own job, for then somebody has dealt with it.
    An item seen for the first time is no news.
    """
    if not isinstance(event, ItemChanged) or not event.old:
        return None
    if event.new == State.ONSALE or event.ours:
        return _alert("left_the_shelf", event, AlertState.RESOLVED)
    if event.old == State.ONSALE or event.new == State.DELETED or event.reason == Reason.VIOLATION:
        return _alert("left_the_shelf", event, AlertState.FIRING)
    return None


SHOP_CAUSES = frozenset(
    {
        "authorisation_ends",
        "authorisation_ended",
        "tier_ended",
        "probe_failed",
        "messages_down",
        "webhook_stopped",
    }
)
"""Causes of alerts that are about a shop, or a webhook, and no item; their `item_id` is 0."""


def authorisation(event: Event) -> Alert | None:
    """Fires 30, 7 and 1 days before a shop's authorisation ends, and when it has ended; over when it was renewed."""
    return _of_shop("authorisation", event)


def tier(event: Event) -> Alert | None:
    """Fires when a living authorisation is refused for calls of one tier; over when it was renewed."""
    return _of_shop("tier", event)


def probe(event: Event) -> Alert | None:
    """Fires when a shop's daily probe is refused; over when all of it is answered again."""
    return _of_shop("probe", event)


def messages(event: Event) -> Alert | None:
    """Fires when a shop's pushed messages have not come for long; over when they come again."""
    return _of_shop("messages", event)


def webhook(event: Event) -> Alert | None:
    """Fires when a webhook is told nothing any more: it failed for three days, or asked to stop; over when it is resumed.

    It is about no shop, so only channels of every shop hear of it.
    """
    if not isinstance(event, HookTrouble):
        return None
    return Alert(
        rule="webhook",
        state=AlertState.RESOLVED if event.over else AlertState.FIRING,
        severity=Severity.CRITICAL,
        shop_id="",
        item_id=0,
        version=event.at_us,
        outer_id=event.hook_id,
        title=event.host,
        old="",
        new="",
        cause="webhook_stopped",
        happened_us=event.at_us,
        seen_us=event.at_us,
        since_us=event.at_us,
    )


RULES: Mapping[str, Callable[[Event], Alert | None]] = {
    "left_the_shelf": left_the_shelf,
    "authorisation": authorisation,
    "tier": tier,
    "probe": probe,
    "messages": messages,
    "webhook": webhook,
}
"""Every rule by name; its texts are `alerts.rule.<name>`."""


_WARNING, _CRITICAL = (Severity.WARNING,), (Severity.CRITICAL,)
CAUSES: Mapping[str, Mapping[str, tuple[Severity, ...]]] = {
    "left_the_shelf": {
        Reason.VIOLATION: _CRITICAL,
        Reason.DELETED: _CRITICAL,
        Reason.SOLD_OUT: _WARNING,
        Reason.TAKEN_OFF: _WARNING,
        Reason.SCHEDULED: _WARNING,
        Reason.NEVER_LISTED: _WARNING,
        Reason.UNKNOWN: _WARNING,
    },
    "authorisation": {
        "authorisation_ends": (Severity.WARNING, Severity.CRITICAL),  # from a day before the end
        "authorisation_ended": _CRITICAL,
    },
    "tier": {"tier_ended": _WARNING},
    "probe": {"probe_failed": _WARNING},
    "messages": {"messages_down": _WARNING},
    "webhook": {"webhook_stopped": _CRITICAL},
}
"""What each rule tells of, and how loud; the causes in the words of `alerts.cause.<cause>`."""

SHOPLESS = frozenset({"webhook"})
"""Rules whose alerts are about no shop."""


def match(event: Event) -> tuple[Alert, ...]:
    """Returns what the rules say of an event; empty when it concerns none."""
    return tuple(alert for rule in RULES.values() if (alert := rule(event)) is not None)


def follow(known: Alert | None, alert: Alert) -> Alert | None:
    """Returns how the alert stands after a change, or None when there is nothing to tell.

    Nothing to tell is the recovery of what was not firing, and a change already known. A firing alert that fires
    again (taken off, then deleted) is news. A recovery is as loud as what it ends, so it reaches the same people.
    """
    firing = known is not None and known.state == AlertState.FIRING
    if known is not None and alert.version <= known.version:
        return None
    if alert.state == AlertState.RESOLVED:
        return replace(alert, severity=known.severity, since_us=known.since_us) if known and firing else None
    return replace(alert, since_us=known.since_us) if known and firing else alert


def changes(events: Iterable[Event], known: Mapping[str, Alert]) -> list[Alert]:
    """Returns every change of an alert that the events make, in their order. known: how alerts stand, by fingerprint."""
    now = dict(known)
    told = []
    for event in events:
        for alert in match(event):
            change = follow(now.get(alert.fingerprint), alert)
            if change is not None:
                now[change.fingerprint] = change
                told.append(change)
    return told


def _of_shop(rule: str, event: Event) -> Alert | None:
    if not isinstance(event, ShopTrouble) or event.trouble != rule:
        return None
    return Alert(
        rule=rule,
        state=AlertState.RESOLVED if event.over else AlertState.FIRING,
        severity=Severity.CRITICAL if event.loud else Severity.WARNING,
        shop_id=event.shop_id,
        item_id=0,
        version=event.at_us,
        outer_id="",
        title=event.what,
        old="",
        new="",
        cause=event.cause,
        happened_us=event.at_us,
        seen_us=event.at_us,
        since_us=event.at_us,
    )


def _alert(rule: str, event: ItemChanged, state: AlertState) -> Alert:
    loud = event.new == State.DELETED or event.reason in LOUD
    return Alert(
        rule=rule,
        state=state,
        severity=Severity.CRITICAL if loud else Severity.WARNING,
        shop_id=event.shop_id,
        item_id=event.item_id,
        version=event.version,
        outer_id=event.outer_id,
        title=event.title,
        old=event.old,
        new=event.new,
        cause=event.reason,
        happened_us=event.happened_us,
        seen_us=event.seen_us,
        since_us=event.happened_us,
    )
