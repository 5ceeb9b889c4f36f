"""What we did, or may have done, to put one product on the shelf: one durable record for each (shop, outer_id). Pure values.

planned → sending → published | refused | unanswered
unanswered → adopted | repeat | undecided, or sending again when the write may be repeated
repeat → published (listed after one more look) | adopted (the first copy showed up, ours is deleted) | undecided

`sending` found by another worker means the same as `unanswered`: the worker died between the send and its record.
An intent is a Struct, for it is replaced a dozen times on its way and a dataclass would cost thirty times as much.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec


class State(StrEnum):
    """How far the intent got."""

    PLANNED = "planned"  # nothing of it is under way
    SENDING = "sending"  # a write may be on its way
    UNANSWERED = "unanswered"  # a write was sent, and nobody knows what became of it
    REPEAT = "repeat"  # a repeated create rests in the warehouse until one more look
    PUBLISHED = "published"  # the platform answered with success
    ADOPTED = "adopted"  # found by a look, not by an answer
    REFUSED = "refused"  # the platform answered no
    UNDECIDED = "undecided"  # a person must choose
    GIVEN_UP = "given_up"  # a person chose to leave it alone


class Doing(StrEnum):
    """Which write the intent is about."""

    CREATE = "create"
    REPEAT = "repeat"  # a create into the warehouse, after one that nobody answered
    CHANGE = "change"
    LIST = "list"
    DELIST = "delist"
    DELETE = "delete"


CREATES = frozenset({Doing.CREATE, Doing.REPEAT})
GONE = "listing.gone"
"""The problem of a product whose item the platform does not show any more."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item that may be ours, as an id read showed it."""

    item_id: int
    outer_id: str
    title: str
    on_shelf: bool
    never_listed: bool | None  # None: it is off the shelf and no list of the warehouse shows it yet
    created_us: int | None  # None: the platform did not say
    asked_us: int  # when the read was sent


@dataclass(frozen=True, slots=True)
class Look:
    """One look for an unanswered create, by code and by every list: the evidence a person is shown."""

    at_us: int  # when it began
    complete: bool  # every list was read to the end of its window; an incomplete look proves no absence
    seen: tuple[Sighting, ...] = ()  # carries the code, or the title with no code of ours


class Intent(msgspec.Struct, frozen=True):
    """The record. `version` grows with each write and is the compare-and-set of every one."""

    shop_id: str
    outer_id: str
    version: int = 0  # 0: not stored yet
    state: State = State.PLANNED
    doing: Doing = Doing.CREATE
    item_id: int | None = None  # the item this product is; while REPEAT: the copy in the warehouse
    prior_ids: tuple[int, ...] | None = None  # carried the code before our first write; None: not asked yet
    attempt: int = 0  # creates sent whose making of an item is not excluded
    first_sent_us: int = 0  # the first of those
    sent_us: int = 0  # the last write that was sent, or the last refusal that asks for a new look
    fence: int = 0  # of the line that sent it
    looks: tuple[Look, ...] = ()  # oldest first
    sent: Mapping[str, str] = msgspec.field(default_factory=dict)  # content of the last write, by field
    # content that a read-back last confirmed
    published: Mapping[str, str] = msgspec.field(default_factory=dict)
    before: str = ""  # JSON: what the platform showed before our change, to undo it
    surplus: tuple[int, ...] = ()  # copies in the warehouse still to be deleted
    removed: tuple[int, ...] = ()  # copies deleted: noted
    reads: int = 0  # read-backs since the last write that did not show what was intended
    verified_us: int = 0  # when a read-back agreed with the last write; 0: not yet
    problem: str = ""  # JSON: why it is refused or undecided
    job_id: str = ""

    @property
    def pending(self) -> bool:
        """Tells whether the outcome of a write is unknown."""
        return self.state in (State.SENDING, State.UNANSWERED)

    @property
    def answered(self) -> bool:
        """Tells whether the last write is known to have been done."""
        return self.state in (State.PUBLISHED, State.ADOPTED)

    @property
    def told(self) -> dict[str, Any]:
        """Reads what `problem` says; empty: nothing."""
        return msgspec.json.decode(self.problem, type=dict[str, Any]) if self.problem else {}

    @property
    def asking(self) -> bool:
        """Tells whether a question is open that a person must answer first."""
        return self.state is State.UNDECIDED or (self.answered and bool(self.problem))

    @property
    def lost(self) -> bool:
        """Tells whether the platform did not show its item when it was last read."""
        return self.told.get("code") == GONE

    @property
    def at_rest(self) -> bool:
        """Tells whether it is linked to an item, and nothing of it is under way or in doubt."""
        if self.item_id is None or (self.doing is Doing.DELETE and not self.problem):
            return False
        linked = self.state is State.PLANNED and self.doing is Doing.CHANGE
        return self.answered or self.state is State.REFUSED or linked

    @property
    def to_list(self) -> bool:
        """Tells whether a repeated create still waits in the warehouse for its place on the shelf."""
        return (
            self.doing is Doing.LIST and not self.published and (self.pending or self.state is State.PLANNED)
        )

    @property
    def doubtful(self) -> bool:
        """Tells whether a look must come before anything else: an item of ours may be there that we do not know."""
        if self.state is State.REPEAT or self.to_list or (self.pending and self.doing in CREATES):
            return True
        return self.item_id is None and self.attempt > 0 and self.state in (State.PLANNED, State.REFUSED)
