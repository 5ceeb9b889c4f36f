"""Whether a call that failed is made again, and after how long. Pure."""

from dataclasses import dataclass

from onshelf.errors import NotSent, PlatformError, QuotaExceeded, ServiceFault, Unanswered


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently. The n-th wait is `base_s` doubled n - 1 times, at most `cap_s`, then spread."""

    attempts: int = 3  # tries in all
    base_s: float = 0.2
    cap_s: float = 5.0
    jitter: float = 0.5  # a wait is shortened by up to this part of it


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """`again` with the seconds to wait first, and why or why not."""

    again: bool
    wait_s: float
    why: str


def decide(
    error: PlatformError, *, harmless: bool, attempt: int, policy: RetryPolicy, spread: float
) -> RetryDecision:
    """Decides after the `attempt`-th try (from 1). `harmless`: the call changes nothing, so repeating is always safe.

    A ban is waited for by the quota itself and counts as no attempt; our own quota's refusal is final, its time is up.
    A write that was sent and got no clear answer is never repeated here: who made it looks first.
    """
    if isinstance(error, QuotaExceeded):
        return RetryDecision(bool(error.sub_code), 0.0, "ban" if error.sub_code else "no slot in time")
    if isinstance(error, NotSent):
        why = "nothing was sent"
    elif harmless and isinstance(error, Unanswered | ServiceFault):
        why = "a read may be repeated"
    else:
        return RetryDecision(False, 0.0, "an answer" if not isinstance(error, Unanswered) else "look first")
    if attempt >= policy.attempts:
        return RetryDecision(False, 0.0, f"{attempt} attempts made")
    return RetryDecision(True, backoff_s(attempt, policy, spread), why)


def backoff_s(attempt: int, policy: RetryPolicy, spread: float) -> float:
    """Returns the wait after the `attempt`-th try: min(cap, base × 2^(attempt-1)) × (1 - jitter × spread); `spread` in [0, 1)."""
    longest = min(policy.cap_s, policy.base_s * 2.0 ** min(attempt - 1, 32))
    return longest * (1.0 - policy.jitter * spread)
