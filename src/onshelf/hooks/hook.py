"""A webhook, what it wants to hear, and the form of its address. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from onshelf.errors import SettingsError, expected
from onshelf.platforms.addresses import may_be_outside
from onshelf.texts import Words

LONGEST_URL = 2000


class HookState(StrEnum):
    """Whether a webhook is told what happens."""

    ACTIVE = "active"
    PAUSED = "paused"  # a person stopped it; what happens meanwhile is kept, and told when it goes on
    STOPPED = "stopped"  # nothing was accepted for three days; as PAUSED
    ENDED = "ended"  # the receiver answered 410: nothing is kept for it


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that is told what happens."""

    hook_id: str
    url: str
    about: str  # a person's note
    types: frozenset[str]  # of events; empty: all
    shops: frozenset[str] | None  # None: every shop, and what is about none
    state: HookState
    why: str  # the last thing said against it when it was stopped; empty: it works
    made_by: str
    created_us: int
    misses: int = 0  # tries since one was accepted, or since somebody ended its rest
    failing_us: int = 0  # since when; 0: the last try was accepted
    rest_until_us: int = 0  # nothing is sent before
    accepted_us: int = 0  # when it last accepted; 0: never

    @property
    def host(self) -> str:
        """Where it leads, without what may be secret in a path."""
        return urlsplit(self.url).netloc

    def rested(self) -> "Hook":
        """Returns it as it is once its rest is ended."""
        return replace(self, misses=0, rest_until_us=0)

    def wants(self, kind: str, shop_id: str) -> bool:
        """Tells whether it is told of an event; `shop_id` empty: it is about no shop."""
        mine = self.shops is None or shop_id in self.shops
        return mine and (not self.types or kind in self.types) and self.state is not HookState.ENDED


def checked_url(url: str, *, production: bool, inside: bool) -> str:
    """Returns an address in its normal form.

    Raises SettingsError: no web address, credentials in it, plain http in production, or one that leads into this
    machine or its network where it may not.
    """
    given = url.strip()
    try:
        parts = urlsplit(given)
        known = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise _wrong(given, expected("web_address")) from None
    plain = given.isascii() and given.isprintable() and " " not in given
    if parts.scheme not in ("http", "https") or not known or not plain:
        raise _wrong(given, expected("web_address"))
    if "@" in parts.netloc:
        raise _wrong("https://•••", expected("address_without_password"))
    if production and parts.scheme == "http":
        raise _wrong(given, expected("https_unless_development"))
    if not inside and not may_be_outside(given):
        raise _wrong(given, expected("outside"))
    if len(given) > LONGEST_URL:
        raise _wrong(given[:40] + "…", expected("at_most", count=LONGEST_URL))
    return given


def _wrong(value: str, wanted: str | Words) -> SettingsError:
    return SettingsError("url", value=value[:80], origin="webhook", expected=wanted)
