"""What becomes of work whose handler raised: it waits, it fails, or its whole shop pauses. Pure."""

from dataclasses import dataclass

from onshelf.clock import SECOND_US
from onshelf.errors import Error, NotSent, QuotaExceeded, Refused, SessionExpired, TierExpired
from onshelf.texts import LANGS, text

HELD_EXPIRED = "jobs.held.expired"
"""Text key of the reason when a dead token holds a shop."""

HELD_TIER = "jobs.held.tier"
"""Text key of the reason when a tier of a living token holds a shop."""

MOST_ATTEMPTS = 10
"""Claims after which a passing fault counts as a lasting one; what was never sent is not counted."""

_FIRST_BACKOFF_S = 1.0
_LONGEST_BACKOFF_S = 300.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again at this time."""

    run_at_us: int


@dataclass(frozen=True, slots=True)
class Fail:
    """Trying again is useless."""


@dataclass(frozen=True, slots=True)
class PauseShop:
    """Nothing of this shop can go on until a person acts."""

    why: str  # text key


Decision = Wait | Fail | PauseShop


def decide(error: Exception, *, attempt: int, now_us: int, spread: float) -> Decision:
    """Says what to do after an error. `attempt` counts from 1; `spread`: a random number in [0, 1)."""
    if isinstance(error, SessionExpired):
        return PauseShop(HELD_TIER if isinstance(error, TierExpired) else HELD_EXPIRED)
    if isinstance(error, QuotaExceeded):
        return Wait(max(error.retry_at_us, now_us))
    lasting = attempt >= MOST_ATTEMPTS and not isinstance(error, NotSent)
    if isinstance(error, Error) and error.retryable and not lasting:
        return Wait(now_us + round(backoff_s(attempt, spread) * SECOND_US))
    return Fail()


def backoff_s(attempt: int, spread: float) -> float:
    """Gives the rest after a failed attempt: min(300, 2^(attempt-1)) seconds, times 0.5 to 1 by `spread`."""
    whole = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** min(attempt - 1, 30))
    return whole * (0.5 + spread / 2)


def outcome_of(error: Exception) -> dict[str, object]:
    """Tells an error as a line's outcome: code, message and remedy in both languages, and the platform's own sub-code.

    A foreign exception gives its type only: its text may hold a secret, and is in the log, masked.
    """
    if isinstance(error, Error):
        told: dict[str, object] = {
            "code": f"errors.{error.code}",
            "message": {lang: error.message(lang) for lang in LANGS},
            "remedy": {lang: error.remedy(lang) for lang in LANGS},
        }
        return {**told, "sub_code": error.sub_code} if isinstance(error, Refused) and error.sub_code else told
    kind = type(error).__name__
    return {
        "code": "jobs.internal",
        "message": {lang: text("jobs.internal", lang, kind=kind) for lang in LANGS},
        "remedy": {lang: text("jobs.internal.remedy", lang) for lang in LANGS},
    }
