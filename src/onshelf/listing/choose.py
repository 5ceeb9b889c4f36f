"""What only a person can decide: the evidence, and the three choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from onshelf.errors import Conflict
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.store import load_intents, open_questions, save
from onshelf.store.db import Database


@dataclass(frozen=True, slots=True)
class Evidence:
    """A product whose outcome waits for a person, and what is known of it."""

    outer_id: str
    title: str  # as it was sent; empty when nothing was sent
    why: str  # text key
    item_id: int | None  # the item it was linked to
    item_ids: tuple[int, ...]  # items that speak for the question
    attempts: int  # creates that may have made an item
    first_sent_us: int
    prior_ids: tuple[int, ...]  # carried the code before our first write
    looks: tuple[Look, ...]
    sent: Mapping[str, str]  # what our last write said, by field of `Draft`; long texts as digests
    sent_us: int  # when it was sent; 0: nothing was
    differs: Mapping[str, tuple[str, str]]  # field → what was sent, what a read-back shows
    job_id: str  # of the job that worked on it last; empty for none

    @property
    def shown(self) -> tuple[Sighting, ...]:
        """Returns each item that may be it as the last look that met it saw it, oldest item first."""
        latest = {one.item_id: one for look in self.looks for one in look.seen}
        return tuple(latest[item_id] for item_id in sorted(latest))

    @property
    def choices(self) -> tuple[int, ...]:
        """Returns the items a person may adopt: every one that was ever seen in connection with the code."""
        linked = () if self.item_id is None else (self.item_id,)
        seen = (one.item_id for one in self.shown)
        return tuple(sorted({*self.item_ids, *linked, *self.prior_ids, *seen}))


@dataclass(frozen=True, slots=True)
class AdoptItem:
    """This item is the product's; other items are left alone."""

    item_id: int


@dataclass(frozen=True, slots=True)
class Absent:
    """None of the items is ours: the product may be created again. Items seen so far stay foreign for good."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave it alone until a person chooses otherwise."""


Choice = AdoptItem | Absent | GiveUp


async def undecided(db: Database, shop_id: str, *, after: str = "", limit: int = 1_000_000) -> list[Evidence]:
    """Lists the questions of a shop by code, those after the code `after`.

    They are undecided creates, and published items that are gone or stand otherwise.
    """
    return [_evidence(intent) for intent in await open_questions(db, shop_id, after=after, limit=limit)]


async def settle(db: Database, shop_id: str, outer_id: str, choice: Choice) -> None:
    """Settles one question durably; publish the product again afterwards.

    Raises:
        Conflict: there is no such product in question, or it was settled or worked on meanwhile.
    """
    intent = (await load_intents(db, shop_id, [outer_id])).get(outer_id)
    if intent is None or not _is_open(intent):
        raise Conflict(f"{outer_id} waits for no choice")
    _, write = save(chosen(intent, choice), intent)
    await db.commit([write])


def chosen(intent: Intent, choice: Choice) -> Intent:
    """Tells what a choice makes of an intent."""
    if isinstance(choice, AdoptItem):
        sent = bool(intent.sent)
        return replace(
            intent,
            state=State.ADOPTED if sent else State.PLANNED,
            doing=intent.doing if sent else Doing.CHANGE,
            item_id=choice.item_id,
            surplus=(),
            reads=0,
            verified_us=0,
            problem="",
        )
    if isinstance(choice, GiveUp):
        return replace(intent, state=State.GIVEN_UP, surplus=())
    return replace(
        Intent(intent.shop_id, intent.outer_id),
        version=intent.version,
        prior_ids=tuple(sorted({*(intent.prior_ids or ()), *_seen_ids(intent)})),
        looks=intent.looks,
        removed=intent.removed,
    )


def _is_open(intent: Intent) -> bool:
    questionable = intent.answered and bool(intent.problem)
    return questionable or intent.state in (State.UNDECIDED, State.GIVEN_UP)


def _seen_ids(intent: Intent) -> set[int]:
    seen = {sighting.item_id for look in intent.looks for sighting in look.seen}
    own = {intent.item_id} if intent.item_id is not None else set()
    return seen | own | set(_problem(intent).get("item_ids", ()))


def _evidence(intent: Intent) -> Evidence:
    told = _problem(intent)
    return Evidence(
        outer_id=intent.outer_id,
        title=intent.sent.get("title", ""),
        why=str(told.get("code", "listing.undecided")),
        item_id=intent.item_id,
        item_ids=tuple(told.get("item_ids", ())),
        attempts=intent.attempt,
        first_sent_us=intent.first_sent_us,
        prior_ids=intent.prior_ids or (),
        looks=intent.looks,
        sent=intent.sent,
        sent_us=intent.sent_us,
        differs={name: (sent, shown) for name, (sent, shown) in told.get("differs", {}).items()},
        job_id=intent.job_id,
    )


def _problem(intent: Intent) -> dict[str, Any]:
    return msgspec.json.decode(intent.problem, type=dict[str, Any]) if intent.problem else {}
