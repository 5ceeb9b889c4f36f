"""One line of a batch on its way, and what a line's outcome says. No effect here."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import msgspec

from onshelf.catalog.product import Product
from onshelf.jobs.job import Line
from onshelf.listing.intent import GONE, Doing, Intent, Look
from onshelf.listing.pictures import PictureFile
from onshelf.listing.plan import Action, Kind, plan, plan_act
from onshelf.listing.verify import Difference
from onshelf.platforms.port import SeenItem
from onshelf.texts import LANGS, text

PUBLISH = "publish"
"""Kind of the jobs this room runs; a line's key is an outer_id, its payload `{"do": "publish" | "list" | "delist" | "delete"}`."""


_UNDECIDED = "listing.undecided"
_ASKING = frozenset({_UNDECIDED, GONE, "listing.differs", "listing.plan.undecided", "listing.plan.gone"})
NOTHING = Action(Kind.SKIP, "unchanged")


@dataclass(slots=True, eq=False)
class Work:
    """What the batch knows of one line so far."""

    line: Line
    doing: Doing | None = None  # an act asked for by name; None: publish
    product: Product | None = None
    files: tuple[PictureFile, ...] = ()
    wanted: Mapping[str, str] = field(default_factory=dict)
    deleted: Set[int] = frozenset()  # linked items that our record of the shelf holds as deleted
    intent: Intent | None = None  # as it should be stored
    stored: Intent | None = None  # as it is stored
    action: Action = NOTHING
    look: Look | None = None
    shown: SeenItem | None = None  # before our write
    on_wire: bool = False  # a write of it is under way: it must not be cancelled
    settled: bool = False  # the line has its outcome, or goes back to the queue
    # for the outcome: what was found or left alone on the way
    told: dict[str, Any] = field(default_factory=dict)

    def wire(self, busy: bool) -> None:
        """Notes that a write begins or has ended."""
        self.on_wire = busy

    @property
    def record(self) -> Intent:
        """The intent, which is there from the prior look-up on."""
        if self.intent is None:
            raise ValueError(f"{self.line.key} has no intent yet")
        return self.intent


def doing_of(line: Line) -> Doing | None:
    """Reads what a line asks for; None: publish. Raises ValueError for another word."""
    word = msgspec.json.decode(line.payload).get("do", PUBLISH)
    return None if word == PUBLISH else Doing(word)


def planned(work: Work) -> Action:
    """Plans what the line needs next, by its intent as it stands."""
    if work.doing is not None:
        return plan_act(work.doing, work.intent)
    return plan(work.wanted, work.intent, work.deleted)


def outcome(code: str, **facts: object) -> dict[str, object]:
    """Tells a line's outcome by a text key and what its text names."""
    return {"code": code, **{name: fact for name, fact in facts.items() if fact not in (None, (), [])}}


def question(code: str, **facts: object) -> dict[str, object]:
    """As `outcome`, for a line that a person must look at: with message and remedy in both languages."""
    told = outcome(code, **facts)
    told["message"] = {lang: text(code, lang) for lang in LANGS}
    told["remedy"] = {lang: text(remedy_of(code), lang) for lang in LANGS}
    return told


def remedy_of(code: str) -> str:
    """Returns the text key of what to do about an outcome: what is undecided is settled in one place, whatever made it so."""
    return f"{_UNDECIDED}.remedy" if code.startswith(f"{_UNDECIDED}.") else f"{code}.remedy"


def asks(code: str) -> bool:
    """Tells whether a line with this outcome left a question that a person must answer."""
    return code in _ASKING or code.startswith(f"{_UNDECIDED}.")


def differing(differences: tuple[Difference, ...]) -> dict[str, list[str]]:
    """Field → what was intended and what is shown."""
    return {one.field: [one.intended, one.shown] for one in differences}


def kept_problem(told: Mapping[str, object]) -> str:
    """Turns an outcome into the JSON an intent keeps."""
    return msgspec.json.encode(told).decode()
