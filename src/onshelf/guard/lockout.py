"""How often a password may be guessed: after a few wrong ones the door stays shut, each time longer. Pure."""

from dataclasses import dataclass

FREE = 5
"""Wrong passwords in a row before the first wait."""
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 3600
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong passwords since the last right one."""

    failures: int = 0
    locked_until_us: int = 0  # 0: not locked

    def locked(self, now_us: int) -> bool:
        """Tells whether even the right password is refused now."""
        return now_us < self.locked_until_us


def after_failure(attempts: Attempts, now_us: int) -> Attempts:
    """Counts one more; a wait begins at the fifth and doubles with each after it, to an hour. While locked nothing counts."""
    if attempts.locked(now_us):
        return attempts
    failures = attempts.failures + 1
    if failures < FREE:
        return Attempts(failures, 0)
    wait_s = min(FIRST_WAIT_S * 2 ** min(failures - FREE, 10), LONGEST_WAIT_S)
    return Attempts(failures, now_us + wait_s * _SECOND_US)
