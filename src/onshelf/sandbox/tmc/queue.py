"""The messages of one consumer group: kept until confirmed, given out at least once. Pure: every verb is told the time.

Source: reference/top-protocol.md 6.6.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple

import msgspec


class Message(msgspec.Struct, frozen=True):
    """Something that happened to a seller, as apps are told of it."""

    data_id: int  # one for all groups and deliveries
    topic: str
    content: str  # one JSON object
    publisher: str  # app key
    user_id: int
    nick: str
    born_at: float  # seconds since the epoch


class Kept(msgspec.Struct):
    """A message in a queue, from its coming to its confirmation or its end."""

    message: Message
    seq: int  # order of coming
    due_at: float  # not given out before
    expires_at: float
    ids: list[int] = []  # of its deliveries, oldest first; empty: never given out
    delivered_at: float = 0.0  # the last time
    done: bool = False  # confirmed or expired


class Delivery(NamedTuple):
    """A message on its way to a consumer; `id` is this delivery's alone, and what a confirm names."""

    id: int
    message: Message
    at: float
    retried: bool


class Counts(msgspec.Struct):
    """What has happened in a queue since it was made."""

    put: int = 0
    delivered: int = 0  # redeliveries included
    redelivered: int = 0
    confirmed: int = 0
    failed: int = 0  # deliveries a consumer said it could not handle
    expired: int = 0


class SavedQueue(msgspec.Struct):
    """A queue as one value."""

    kept: list[Kept]
    counts: Counts
    last_seq: int


class Queue:
    """One group's queue, shared by all its consumers: each delivery goes to one of them."""

    def __init__(self, new_id: Callable[[], int], saved: SavedQueue | None = None) -> None:
        saved = saved or SavedQueue([], Counts(), 0)
        self._new_id = new_id
        self._last_seq = saved.last_seq
        self.counts = saved.counts
        self._waiting = [(one.due_at, one.seq, one) for one in saved.kept if not one.ids]
        heapify(self._waiting)
        given = sorted((one for one in saved.kept if one.ids), key=lambda one: (one.delivered_at, one.seq))
        # in order of delivery; stale ones among them
        self._given = deque((one.ids[-1], one) for one in given)
        self._by_id = {number: one for one in given for number in one.ids}
        self._open = len(given)

    @property
    def waiting(self) -> int:
        """Returns how many messages were never given out."""
        return len(self._waiting)

    @property
    def unconfirmed(self) -> int:
        """Returns how many messages were given out and not confirmed."""
        return self._open

    def put(self, message: Message, due_at: float, expires_at: float) -> None:
        """Keeps a message, to be given out from `due_at` on."""
        self._last_seq += 1
        kept = Kept(message, self._last_seq, due_at, expires_at)
        heappush(self._waiting, (due_at, kept.seq, kept))
        self.counts.put += 1

    def take(self, most: int, now: float, redeliver_s: float) -> list[Delivery]:
        """Gives out up to `most` messages: first those unconfirmed for `redeliver_s`, then new ones, oldest first."""
        taken: list[Delivery] = []
        while len(taken) < most and (kept := self._overdue(now, redeliver_s) or self._next(now)):
            taken.append(self._hand_out(kept, now))
        return taken

    def _overdue(self, now: float, redeliver_s: float) -> Kept | None:
        """Removes and returns the next message to give out again; what has expired by then is dropped."""
        while (first := self._oldest()) and first.delivered_at + redeliver_s <= now:
            self._given.popleft()
            if first.expires_at > now:
                return first
            self._close(first)
            self.counts.expired += 1
        return None

    def _oldest(self) -> Kept | None:
        """Returns the message unconfirmed for longest; confirmed ones and earlier deliveries before it are forgotten."""
        while self._given:
            number, kept = self._given[0]
            if not kept.done and kept.ids[-1] == number:
                return kept
            self._given.popleft()
        return None

    def _next(self, now: float) -> Kept | None:
        while self._waiting and self._waiting[0][0] <= now:
            kept = heappop(self._waiting)[2]
            if kept.expires_at > now:
                self._open += 1
                return kept
            self.counts.expired += 1
        return None

    def _hand_out(self, kept: Kept, now: float) -> Delivery:
        number = self._new_id()
        retried = bool(kept.ids)
        kept.ids.append(number)
        kept.delivered_at = now
        self._by_id[number] = kept
        self._given.append((number, kept))
        self.counts.delivered += 1
        self.counts.redelivered += retried
        return Delivery(number, kept.message, now, retried)

    def confirm(self, number: int) -> bool:
        """Ends a message by the id of any of its deliveries; False when the id is unknown or was confirmed before."""
        kept = self._by_id.get(number)
        if kept is None:
            return False
        self._close(kept)
        self.counts.confirmed += 1
        self._oldest()
        return True

    def _close(self, kept: Kept) -> None:
        kept.done = True
        self._open -= 1
        for number in kept.ids:
            del self._by_id[number]

    def fail(self, number: int) -> bool:
        """Notes that a consumer could not handle a delivery; the message stays unconfirmed and comes again in its time."""
        known = number in self._by_id
        self.counts.failed += known
        return known

    def next_due(self, redeliver_s: float) -> float | None:
        """Returns when the next message may be given out; None when there is none."""
        oldest = self._oldest()
        times = [oldest.delivered_at + redeliver_s] if oldest else []
        if self._waiting:
            times.append(self._waiting[0][0])
        return min(times, default=None)

    def expire(self, now: float) -> None:
        """Drops messages that nobody took in their time, so that a queue without consumers does not grow for ever."""
        while self._waiting and self._waiting[0][2].expires_at <= now:
            heappop(self._waiting)
            self.counts.expired += 1

    def rows(self, most: int) -> list[Kept]:
        """Returns the first messages still here: those given out, then those that wait."""
        return list(islice(self.kept(), most))

    def kept(self) -> Iterator[Kept]:
        """Yields all messages still here: those given out, then those that wait."""
        yield from (kept for number, kept in self._given if not kept.done and kept.ids[-1] == number)
        yield from (kept for _, _, kept in sorted(self._waiting, key=lambda one: one[:2]))

    def save(self) -> SavedQueue:
        """Returns the queue as one value; deliveries under way stay unconfirmed."""
        return SavedQueue(list(self.kept()), self.counts, self._last_seq)
