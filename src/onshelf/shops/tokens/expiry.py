"""When a shop's authorisation ends for good, and when somebody is told beforehand. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from onshelf.clock import DAY_US
from onshelf.platforms.top.auth import Token

WARN_DAYS = (30, 7, 1)
"""Days before the end at which somebody is told, the longest first."""

TIERS = ("r1", "r2", "w1", "w2")
"""Reads and writes, normal (1) and high-risk (2). Source: top-protocol 5.1."""


def ends_us(token: Token) -> int | None:
    """Returns when only a person can renew it: a token that can be refreshed serves until that ends. None: not known."""
    if token.expires_us is None or not token.refresh_token or token.refresh_until_us == 0:
        return token.expires_us
    if token.refresh_until_us is None:
        return None
    return max(token.expires_us, token.refresh_until_us)


def tiers(token: Token) -> dict[str, int | None]:
    """Returns when each tier ends; None: as the session itself, as far as is known."""
    return dict(zip(TIERS, (*token.read_until_us, *token.write_until_us), strict=True))


def days_reached(end_us: int | None, now_us: int) -> int | None:
    """Returns the last of 30, 7, 1 and 0 days before the end that has come; None when it is further off, or not known."""
    if end_us is None or end_us - now_us > WARN_DAYS[0] * DAY_US:
        return None
    return next((days for days in reversed((*WARN_DAYS, 0)) if end_us - now_us <= days * DAY_US), None)


@dataclass(frozen=True, slots=True)
class Warned:
    """What somebody was last told."""

    end_us: int
    days: int


class News(StrEnum):
    """What is to be told now."""

    NOTHING = "nothing"
    ENDS = "ends"  # sooner than was told
    OVER = "over"  # it was renewed: the warning is settled


def news(warned: Warned | None, end_us: int | None, now_us: int) -> News:
    """Decides what is to be told. Each step is told once for each end; another end begins anew."""
    days = days_reached(end_us, now_us)
    if days is None:
        return News.OVER if warned else News.NOTHING
    told = warned is not None and abs(warned.end_us - (end_us or 0)) < DAY_US and warned.days <= days
    return News.NOTHING if told else News.ENDS
