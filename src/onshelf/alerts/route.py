"""Which receivers hear of an alert. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from onshelf.alerts.rules import CAUSES, RANK, SHOPLESS, Alert, AlertState, Severity


@dataclass(frozen=True, slots=True)
class Route:
    """What one receiver wants to hear."""

    receiver: str  # a channel's name
    shops: frozenset[str] = frozenset()  # empty: every shop
    least: Severity = Severity.WARNING  # nothing quieter
    resolved: bool = True  # recoveries too


def route(alert: Alert, routes: Iterable[Route]) -> tuple[str, ...]:
    """Returns the receivers of an alert in the order of the routes; empty when nobody wants it."""
    return tuple(wanted.receiver for wanted in routes if wants(wanted, alert))


def hears(wanted: Route, rule: str, cause: str) -> bool:
    """Tells whether a receiver hears of what a rule tells for a cause, of some shop at least."""
    loud = any(RANK[severity] >= RANK[wanted.least] for severity in CAUSES[rule][cause])
    return loud and not (wanted.shops and rule in SHOPLESS)


def reaches(wanted: Route, shops: frozenset[str] | None) -> bool:
    """Tells whether a receiver hears of one of these shops at least. `shops`: None for every shop."""
    return shops is None or not wanted.shops or bool(wanted.shops & shops)


def stays_within(wanted: Route, shops: frozenset[str] | None) -> bool:
    """Tells whether a receiver hears of no other shops than these. `shops`: None for every shop."""
    return shops is None or (bool(wanted.shops) and wanted.shops <= shops)


def wants(wanted: Route, alert: Alert) -> bool:
    """Tells whether one receiver hears of an alert."""
    return (
        (not wanted.shops or alert.shop_id in wanted.shops)
        and RANK[alert.severity] >= RANK[wanted.least]
        and (wanted.resolved or alert.state == AlertState.FIRING)
    )
