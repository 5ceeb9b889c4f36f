"""What the pages of shops show at a glance: who needs a person, in which colour, and the words of a form that is wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from onshelf.clock import BEIJING, from_us
from onshelf.errors import SettingsError
from onshelf.shops.push import feeds
from onshelf.shops.quota.outlook import Outlook
from onshelf.shops.shop import ShopState
from onshelf.shops.standing import Authorisation, Standing
from onshelf.texts import Lang

SOON_DAYS, NEAR_DAYS = 30, 7
"""Days before the end of an authorisation from which it is told, and told loudly."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with its colour: `good`, `warn`, `bad`, `info` or `quiet`; `key` continues `web.`."""

    kind: str
    key: str
    days: int = 0


def state_tag(state: ShopState) -> Tag:
    """Tells a shop's state."""
    kinds = {ShopState.AUTHORISED: "good", ShopState.EXPIRED: "bad", ShopState.PAUSED: "warn"}
    return Tag(kinds.get(state, "info"), f"shop_state.{state}")


def ends_tag(found: Authorisation | None) -> Tag:
    """Tells how long an authorisation lasts."""
    if found is None:
        return Tag("info", "shops.ends.none")
    if found.dead or (found.days_left is not None and found.days_left <= 0):
        return Tag("bad", "shops.ends.over")
    if found.days_left is None:
        return Tag("quiet", "shops.ends.unknown")
    days = int(found.days_left)
    kind = "bad" if days < NEAR_DAYS else "warn" if days < SOON_DAYS else "good"
    return Tag(kind, "shops.ends.today" if days < 1 else "shops.ends.days", days)


def consent_gone(state: ShopState, found: Authorisation | None) -> str:
    """Says why nothing can be done for a shop until its seller agrees: `new` or `expired`; empty: it can."""
    if state is ShopState.NEW or found is None:
        return "new"
    return "expired" if state is ShopState.EXPIRED or ends_tag(found).key == "shops.ends.over" else ""


def push_tag(push: feeds.Standing) -> Tag:
    """Tells whether messages come."""
    kinds = {
        feeds.Standing.SOCKET: "good",
        feeds.Standing.HTTP: "good",
        feeds.Standing.DOWN: "bad",
        feeds.Standing.ENDED: "warn",
    }
    return Tag(kinds.get(push, "quiet"), f"shops.push.{push}")


def probe_tag(standing: Standing) -> Tag:
    """Tells what the last probe found."""
    if standing.probed is None:
        return Tag("quiet", "shops.probe.never")
    return Tag("bad", "shops.probe.faults") if standing.probed.faults else Tag("good", "shops.probe.well")


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One shop as the list shows it."""

    standing: Standing
    quota: Outlook

    @property
    def needs_consent(self) -> bool:
        """Tells whether nothing can be done for the shop until its seller agrees."""
        return bool(consent_gone(self.standing.shop.state, self.standing.authorisation))

    @property
    def state(self) -> Tag:
        return state_tag(self.standing.shop.state)

    @property
    def ends(self) -> Tag:
        return ends_tag(self.standing.authorisation)

    @property
    def push(self) -> Tag:
        return push_tag(self.standing.push)

    @property
    def probe(self) -> Tag:
        return probe_tag(self.standing)

    def faults(self, lang: Lang) -> list[tuple[list[str], str]]:
        """Returns what the last probe found wrong, methods with the same fault together."""
        found: dict[str, tuple[list[str], str]] = {}
        for one in self.standing.probed.faults if self.standing.probed else ():
            message = one.message[lang]
            found.setdefault(message.replace(one.method, ""), ([], message))[0].append(one.method)
        return list(found.values())

    @property
    def urgency(self) -> int:
        """Sorts what needs a person first."""
        kinds = {self.state.kind, self.ends.kind, self.probe.kind, self.push.kind}
        return 0 if self.needs_consent else 1 if "bad" in kinds else 2 if "warn" in kinds else 3


def rows_of(found: Sequence[Standing], quotas: Mapping[str, Outlook]) -> list[ShopRow]:
    """Puts shops in the order in which they need somebody, then by name."""
    rows = [ShopRow(one, quotas[one.shop.app_key]) for one in found]
    return sorted(rows, key=lambda row: (row.urgency, row.standing.shop.shop_id))


def ends_by_day(found: Sequence[Standing]) -> dict[date, list[str]]:
    """Names the shops whose authorisation ends on each day of Beijing."""
    days: dict[date, list[str]] = {}
    for one in found:
        end_us = one.authorisation and not one.authorisation.dead and one.authorisation.ends_us
        if end_us:
            days.setdefault(from_us(end_us).astimezone(BEIJING).date(), []).append(one.shop.shop_id)
    return days


FIELDS = {"NAME": "name"}
"""What an error calls a field -> what the form does, where they differ."""


def wrong_field(error: SettingsError) -> dict[str, str]:
    """Returns the field of a form that is wrong, with the text key of what is."""
    field = FIELDS.get(error.context["name"], error.context["name"])
    return {field: f"shop_form.wrong.{field}"}
