"""How many connections there may be at once, in all and from one address, and who makes room for a newcomer. Pure.

A connection costs a file of the process: a few thousand that say nothing would leave none for the database. Whoever waits
between two requests makes room first, the oldest first; one that is being answered, a live stream too, is never cut.
"""

from collections import Counter
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

MOST = 1000


class Connection(Protocol):
    """What is counted."""

    @property
    def address(self) -> str:
        """Returns where it comes from; empty: not known."""
        ...

    @property
    def idle(self) -> bool:
        """Tells whether no request of it is being answered."""
        ...

    def cut(self) -> None:
        """Ends it at once."""
        ...


class Crowd:
    """The connections of one service."""

    def __init__(self, most: int = MOST, fronts: Collection[IPv4Network | IPv6Network] = ()) -> None:
        """`fronts`: proxies that bring everybody; one other address may have half of `most`."""
        self._most = most
        self._fronts = tuple(fronts)
        self._present: dict[Connection, str] = {}  # oldest first
        self._from: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._present)

    def enter(self, newcomer: Connection) -> bool:
        """Counts a newcomer, and cuts one that is idle where there is no room; False: nobody is, and it must go."""
        address = newcomer.address
        if self._from[address] >= self._share(address) and not self._make_room(address):
            return False
        if len(self._present) >= self._most and not self._make_room():
            return False
        self._present[newcomer] = address
        self._from[address] += 1
        return True

    def leave(self, one: Connection) -> None:
        """Counts a connection no more. Harmless to repeat."""
        address = self._present.pop(one, None)
        if address is not None:
            self._from -= Counter({address: 1})

    def _make_room(self, address: str | None = None) -> bool:
        """Cuts the oldest idle connection, of an address when one is named; False: there is none."""
        idle = (one for one, whose in self._present.items() if address in (None, whose) and one.idle)
        found = next(idle, None)
        if found is None:
            return False
        self.leave(found)
        found.cut()
        return True

    def _share(self, address: str) -> int:
        try:
            place = ip_address(address)
        except ValueError:
            return self._most
        return self._most if any(place in front for front in self._fronts) else max(1, self._most // 2)
