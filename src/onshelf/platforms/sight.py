"""What a look at the logs of a shared quota saw: how many calls each limit has room for, lane by lane. Pure."""

import math
from collections.abc import Sequence

from onshelf.platforms.port import Lane
from onshelf.platforms.window import LANES, Limit

GOOD_FOR_S = 1.0
"""How old a look may be before the next one is due."""


class Sight:
    """The last look; before the first, nothing has room."""

    def __init__(self) -> None:
        self.banned = False
        self._rooms: dict[tuple[str, float], tuple[int, ...]] = {}
        self._at = -math.inf

    def note(self, limits: Sequence[Limit], told: Sequence[str], now: float) -> None:
        """Takes in what the ledger told of these limits: how long the app is banned, then each limit's room for each lane."""
        rooms = [int(one) for one in told[1:]]
        self.banned = int(told[0]) > 0
        self._rooms = {
            (limit.scope, limit.window_s): tuple(rooms[at : at + len(LANES)])
            for limit, at in zip(limits, range(0, len(rooms), len(LANES)), strict=True)
        }
        self._at = now

    def is_old(self, now: float) -> bool:
        return now >= self._at + GOOD_FOR_S

    def rooms(self, lane: Lane, limits: Sequence[Limit]) -> list[tuple[Limit, int]]:
        """Returns the room of each limit; one that was not seen yet, or has other figures now, has none it could vouch for."""
        nothing, place = (0,) * len(LANES), LANES.index(lane)
        return [(limit, self._rooms.get((limit.scope, limit.window_s), nothing)[place]) for limit in limits]

    def forget(self) -> None:
        """Is told that limits have changed."""
        self._rooms = {}
