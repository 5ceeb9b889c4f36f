"""What a quota promises, whether one process counts (`quota.py`) or several together (`quota_redis.py`), and its values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from onshelf.platforms.port import Closure, Free, Lane
from onshelf.platforms.tally import Waits
from onshelf.platforms.window import Gate, Limit, SlidingLog

ClassOf = Callable[[str], str]
"""Method -> scope of its class, "" for none."""


@dataclass(frozen=True, slots=True)
class Past:
    """A call of an earlier process, as the record of calls tells it."""

    answered_us: int  # wall time; for a call that was never answered, the latest moment it can have arrived
    method: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Slot:
    """Permission for one call; goes back by `answered` or `give_back`, exactly once."""

    lane: Lane
    gates: tuple[Gate, ...] = ()
    logs: tuple[SlidingLog, ...] = ()
    mark: str = ""  # its name in a quota of several processes


@dataclass(frozen=True, slots=True)
class DayEnded:
    """The gateway's word that a day's calls are used up."""

    app_key: str
    scope: str
    at_us: int


class AppQuota(Protocol):
    """The permitted calls of one app."""

    waits: Waits

    async def take(
        self, method: str, *, lane: Lane, shop_id: str = "", not_after_us: int | None = None
    ) -> Slot: ...

    def answered(self, slot: Slot, *, passed: bool = True) -> None: ...

    def give_back(self, slot: Slot) -> None: ...

    def ban(self, seconds: float, *, scope: str) -> None: ...

    @property
    def limits(self) -> tuple[Limit, ...]: ...

    def permit(self, limit: Limit, past: Iterable[Past] = ()) -> None: ...

    def close(self, closures: Sequence[Closure]) -> None: ...

    def expect(self, lanes: frozenset[Lane]) -> None: ...

    def seed(self, past: Iterable[Past]) -> None: ...

    def free(self, lane: Lane) -> Free: ...

    async def refresh(self) -> None:
        """Makes `free` tell what is true now, other processes included."""
        ...

    async def end(self) -> None: ...


def scopes_of(method: str, shop_id: str, class_of: ClassOf) -> tuple[str, ...]:
    """Names the scopes a call counts in, closures aside."""
    return ("app", f"method:{method}", f"shop:{shop_id}", class_of(method))
