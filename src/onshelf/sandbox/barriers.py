"""Barriers hold a call at a named point while a test does something to its caller, a kill for instance."""

import asyncio
from dataclasses import dataclass, field

import msgspec

from onshelf.sandbox.errors import ConnectionCut, ControlError
from onshelf.sandbox.faults import covers
from onshelf.sandbox.wire import Json

POINTS = ("before_work", "after_work", "before_reply")


class Arm(msgspec.Struct, forbid_unknown_fields=True):
    """A barrier as it is asked for."""

    method: str
    at: str
    count: int = 1  # calls to hold, one after the other or at once


@dataclass
class Barrier:
    """A barrier; it is spent once `count` calls were held and released."""

    id: int
    arm: Arm
    left: int
    held: dict[str, asyncio.Future[bool]] = field(default_factory=dict)  # request_id → released; True: cut
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state(self) -> str:
        """Returns armed, held or spent."""
        if self.held:
            return "held"
        return "armed" if self.left else "spent"

    def shown(self) -> Json:
        """Returns the barrier for the control page."""
        return {"id": self.id, **msgspec.to_builtins(self.arm), "state": self.state, "held": list(self.held)}


class Barriers:
    """All barriers."""

    def __init__(self) -> None:
        self.all: dict[int, Barrier] = {}
        self._last = 0

    def arm(self, arm: Arm) -> Barrier:
        """Sets a barrier. Raises: ControlError naming the field."""
        if arm.at not in POINTS:
            raise ControlError("at", f"use one of {', '.join(POINTS)}")
        if arm.count < 1:
            raise ControlError("count", "use 1 or more")
        self._last += 1
        barrier = self.all[self._last] = Barrier(self._last, arm, arm.count)
        return barrier

    async def hold(self, method: str, point: str, request_id: str) -> None:
        """Waits here when a barrier is armed for this call; goes on, or is cut, as the release says.

        Raises: ConnectionCut.
        """
        for barrier in self.all.values():
            if barrier.left and barrier.arm.at == point and covers(barrier.arm.method, method):
                barrier.left -= 1
                released = barrier.held[request_id] = asyncio.get_running_loop().create_future()
                barrier.reached.set()
                try:
                    cut = await released
                finally:
                    barrier.held.pop(request_id, None)
                if cut:
                    raise ConnectionCut("barrier")
                return

    def release(self, barrier_id: int | None, *, cut: bool = False) -> int:
        """Lets held calls go and disarms; None is all barriers. Returns how many calls were held."""
        chosen = [one for one in self.all.values() if barrier_id is None or one.id == barrier_id]
        freed = 0
        for barrier in chosen:
            barrier.left = 0
            for waiting in barrier.held.values():
                if not waiting.done():
                    waiting.set_result(cut)
                    freed += 1
        return freed

    def clear(self) -> None:
        """Releases and forgets all."""
        self.release(None)
        self.all.clear()
