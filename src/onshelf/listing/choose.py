"""What only a person can decide: the evidence, and the three choices."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from onshelf.catalog.store import get_products
from onshelf.errors import Conflict
from onshelf.listing.intent import GONE, Doing, Intent, Look, Sighting, State
from onshelf.listing.plan import question_of
from onshelf.listing.store import deleted_items, load_intents, open_questions, save
from onshelf.listing.work import kept_problem, outcome
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
    given_up: bool = False  # a person chose to leave it alone, and may choose otherwise
    deleted_us: int = 0  # since when our record of the shelf holds its item as deleted; 0: it does not

    @property
    def gone(self) -> bool:
        """Tells whether the platform does not show its item any more."""
        return self.why == GONE

    @property
    def shown(self) -> tuple[Sighting, ...]:
        """Returns each item that may be it as the last look that met it saw it, oldest item first."""
        latest = {one.item_id: one for look in self.looks for one in look.seen}
        return tuple(latest[item_id] for item_id in sorted(latest))

    @property
    def choices(self) -> tuple[int, ...]:
        """Returns the items a person may adopt: every one ever seen in connection with the code, but for one that is gone."""
        seen = (one.item_id for one in self.shown)
        linked = set() if self.item_id is None else {self.item_id}
        every = {*self.item_ids, *self.prior_ids, *seen}
        return tuple(sorted(every - linked if self.gone else every | linked))


@dataclass(frozen=True, slots=True)
class AdoptItem:
    """This item is the product's; other items are left alone."""

    item_id: int


@dataclass(frozen=True, slots=True)
class Absent:
    """None of the items is ours: the product may be created again. Items seen so far stay foreign for good.

    The item of a product that is gone is not foreign: should a look before the create find it, it is linked again.
    """


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave it alone until a person chooses otherwise."""


Choice = AdoptItem | Absent | GiveUp


async def undecided(db: Database, shop_id: str, *, after: str = "", limit: int = 1_000_000) -> list[Evidence]:
    """Lists the questions of a shop by code, those after the code `after`.

    They are undecided creates, and published items that are gone or stand otherwise.
    """
    asked = await open_questions(db, shop_id, after=after, limit=limit)
    deleted = await deleted_items(db, shop_id, asked)
    return [_evidence(intent, deleted) for intent in asked]


async def question(db: Database, shop_id: str, outer_id: str) -> Evidence | None:
    """Returns what a person may decide about one product, what was given up included; None: nothing, or there is no product."""
    intent = (await load_intents(db, shop_id, [outer_id])).get(outer_id)
    if intent is None or not (intent.asking or await get_products(db, shop_id, [outer_id])):
        return None
    deleted = await deleted_items(db, shop_id, [intent])
    return _evidence(intent, deleted) if _is_open(intent, deleted) else None


async def settle(db: Database, shop_id: str, outer_id: str, choice: Choice) -> None:
    """Settles one question durably; publish the product again afterwards.

    Raises:
        Conflict: there is no such product in question, or it was settled or worked on meanwhile.
    """
    intent = (await load_intents(db, shop_id, [outer_id])).get(outer_id)
    deleted = await deleted_items(db, shop_id, [intent]) if intent else {}
    if intent is None or not _is_open(intent, deleted):
        raise Conflict(f"{outer_id} waits for no choice")
    _, write = save(chosen(_with_loss(intent, deleted), choice), intent)
    await db.commit([write])


def chosen(intent: Intent, choice: Choice) -> Intent:
    """Tells what a choice makes of an intent."""
    if isinstance(choice, AdoptItem):
        sent = bool(intent.sent) and intent.doing is not Doing.DELETE
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
    foreign = {*(intent.prior_ids or ()), *_seen_ids(intent)}
    return replace(
        Intent(intent.shop_id, intent.outer_id),
        version=intent.version,
        prior_ids=tuple(sorted(foreign - {intent.item_id} if intent.lost else foreign)),
        looks=intent.looks,
        removed=intent.removed,
    )


def _is_open(intent: Intent, deleted: Mapping[int, int]) -> bool:
    return intent.state is State.GIVEN_UP or bool(question_of(intent, deleted))


def _with_loss(intent: Intent, deleted: Mapping[int, int]) -> Intent:
    """Writes into the record what our record of the shelf says of its item."""
    if intent.item_id not in deleted or not (intent.at_rest or intent.state is State.GIVEN_UP):
        return intent
    return replace(intent, problem=kept_problem(outcome(GONE, item_id=intent.item_id)))


def _seen_ids(intent: Intent) -> set[int]:
    seen = {sighting.item_id for look in intent.looks for sighting in look.seen}
    own = {intent.item_id} if intent.item_id is not None else set()
    return seen | own | set(intent.told.get("item_ids", ()))


def _evidence(intent: Intent, deleted: Mapping[int, int]) -> Evidence:
    told = _with_loss(intent, deleted).told
    given_up = intent.state is State.GIVEN_UP
    return Evidence(
        outer_id=intent.outer_id,
        title=intent.sent.get("title", ""),
        why=str(told.get("code", "listing.plan.given_up" if given_up else "listing.undecided")),
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
        given_up=given_up,
        deleted_us=0 if intent.item_id is None else deleted.get(intent.item_id, 0),
    )
