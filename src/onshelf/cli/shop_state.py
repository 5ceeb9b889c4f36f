"""What `onshelf shop` tells of a shop's authorisation and of its last probe, for people and for programs."""

from datetime import datetime
from typing import Any

from onshelf.cli.out import Out, cell, moment
from onshelf.clock import BEIJING
from onshelf.shops import standing
from onshelf.shops.health import Probed
from onshelf.shops.standing import Authorisation
from onshelf.shops.store import StoredToken
from onshelf.texts import Lang

UNKNOWN = "—"


def authorisation(stored: StoredToken | None, now_us: int) -> dict[str, Any] | None:
    """Tells when an authorisation ends, as far as the platform said; None when there is none.

    `expires`: the session in use; `ends`: when only a person can renew it; `warn_days`: the last of 30, 7, 1 and 0 days
    before that which has come; of the tiers None stands for: not told.
    """
    return told_of(standing.authorisation(stored, now_us))


def told_of(found: Authorisation | None) -> dict[str, Any] | None:
    """Gives an authorisation for programs; None stays."""
    if found is None:
        return None
    return {
        "dead": found.dead,
        "expires": optional(found.expires_us),
        "ends": optional(found.ends_us),
        "days_left": None if found.days_left is None else round(found.days_left, 2),
        "warn_days": found.warn_days,
        "refreshable": found.refreshable,
        "sub_account": found.sub_nick,
        "tiers": {name: optional(until_us) for name, until_us in found.tiers.items()},
    }


def last_probe(probed: Probed | None, lang: Lang) -> dict[str, Any] | None:
    """Tells what the last probe found; None when there was none."""
    if probed is None:
        return None
    return {
        "at": moment(probed.at_us),
        "well": not probed.faults,
        "faults": {fault.method: fault.message[lang] for fault in probed.faults},
    }


def optional(moment_us: int | None) -> datetime | None:
    """Turns stored microseconds into a time to show; None stays."""
    return None if moment_us is None else moment(moment_us)


def ends_cell(told: dict[str, Any] | None) -> str:
    """Shows in a table when a person must authorise again: as a date with a mark when it is near; nothing when it has ended."""
    if told is None or told["dead"] or told["ends"] is None:
        return ""
    near = "" if told["warn_days"] is None else " !"
    return f"{told['ends'].astimezone(BEIJING).strftime('%Y-%m-%d')}{near}"


def say_authorisation(out: Out, told: dict[str, Any] | None) -> None:
    """Prints how long session and tiers last, when the platform told any of it."""
    if told is None or not any((told["expires"], told["ends"], *told["tiers"].values())):
        return
    times = {name: cell(told[name]) or UNKNOWN for name in ("expires", "ends")}
    shown = {name: cell(until) or UNKNOWN for name, until in told["tiers"].items()}
    out.say("shop.lasts", **times, **shown)
