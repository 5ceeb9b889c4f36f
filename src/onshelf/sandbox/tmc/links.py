"""The open connections of the message service: who consumes which queue, and whom to wake or hang up on."""

from random import Random
from typing import Protocol
from uuid import UUID

from onshelf.sandbox.tmc.exchange import Key
from onshelf.sandbox.wire import Json


class Consumer(Protocol):
    """A connection that has said who it is."""

    def wake(self) -> None:
        """Lets it look at its queue."""
        ...

    def hang_up(self) -> None:
        """Closes it at once; what was not sent yet is lost."""
        ...

    def shown(self) -> Json:
        """Returns it for the control page."""
        ...


class Links:
    """All connections, by the queue they consume."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(f"{seed}/tmc")
        self._by_key: dict[Key, list[Consumer]] = {}
        self.pushed = self.confirmed = 0  # messages over sockets, redeliveries included

    def new_token(self) -> str:
        """Returns the token of a new connection, 36 characters."""
        return str(UUID(int=self._dice.getrandbits(128), version=4))

    def join(self, key: Key, consumer: Consumer) -> None:
        """Adds a connection."""
        self._by_key.setdefault(key, []).append(consumer)

    def leave(self, key: Key, consumer: Consumer) -> None:
        """Forgets a connection."""
        consumers = self._by_key.get(key, [])
        if consumer in consumers:
            consumers.remove(consumer)
        if not consumers:
            self._by_key.pop(key, None)

    def consumed(self) -> list[Key]:
        """Returns the queues that somebody consumes."""
        return list(self._by_key)

    def ring(self, key: Key) -> None:
        """Wakes the connections of a queue that has got something."""
        for one in self._by_key.get(key, ()):
            one.wake()

    def note_confirmed(self, disconnect_every: int) -> bool:
        """Counts a message confirmed; tells whether its connection is now to be cut, 0 never."""
        self.confirmed += 1
        return bool(disconnect_every) and self.confirmed % disconnect_every == 0

    def hang_up(self) -> int:
        """Closes all connections at once; returns how many there were."""
        consumers = [one for of_key in self._by_key.values() for one in of_key]
        for one in consumers:
            one.hang_up()
        return len(consumers)

    def shown(self) -> list[Json]:
        """Returns all connections for the control page."""
        return [one.shown() for of_key in self._by_key.values() for one in of_key]
