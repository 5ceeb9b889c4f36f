"""What an unanswered create allows next: a table, and a model of a platform that does all it may do to us."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from onshelf.clock import SECOND_US
from onshelf.listing.decide import (
    MOST_CREATES,
    Adopt,
    ListIt,
    LookAgain,
    RepeatInWarehouse,
    Timing,
    Undecided,
    Verdict,
    due_us,
    judge,
    may_delete,
)
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State

TIMING = Timing(write_timeout_s=10, settle_s=20, look_spacing_s=10, looks=3, clock_skew_s=5)
SENT_US = 1_000 * SECOND_US
FIRST_LOOK_US = SENT_US + TIMING.rest_us

UNANSWERED = Intent(
    "shop",
    "A",
    version=2,
    state=State.UNANSWERED,
    prior_ids=(7,),
    attempt=1,
    first_sent_us=SENT_US,
    sent_us=SENT_US,
    sent={"title": "T"},
)
REPEATED = replace(UNANSWERED, doing=Doing.REPEAT, attempt=2)
LISTING = replace(REPEATED, doing=Doing.LIST, item_id=2)
RESTING = replace(REPEATED, state=State.REPEAT, item_id=2)


def item(item_id: int, **values: object) -> Sighting:
    given: dict[str, object] = {
        "outer_id": "A",
        "title": "T",
        "on_shelf": True,
        "never_listed": False,
        "created_us": SENT_US,
        "asked_us": FIRST_LOOK_US,
    }
    return Sighting(item_id, **{**given, **values})  # type: ignore[arg-type]


def resting(item_id: int, **values: object) -> Sighting:
    return item(item_id, **{"on_shelf": False, "never_listed": True, **values})


def looks(number: int, *, since_us: int = FIRST_LOOK_US, complete: bool = True) -> tuple[Look, ...]:
    return tuple(Look(since_us + turn * TIMING.spacing_us, complete) for turn in range(number))


@pytest.mark.parametrize(
    ("intent", "seen", "verdict"),
    [
        (UNANSWERED, [item(1)], Adopt(1)),
        (UNANSWERED, [resting(1)], Adopt(1)),
        (UNANSWERED, [], LookAgain(FIRST_LOOK_US + TIMING.spacing_us)),
        (UNANSWERED, [item(7)], LookAgain(FIRST_LOOK_US + TIMING.spacing_us)),
        (UNANSWERED, [item(1), item(2)], Undecided("listing.undecided.more_than_sent", (1, 2))),
        (UNANSWERED, [item(1, title="other")], Undecided("listing.undecided.strangers", (1,))),
        (UNANSWERED, [item(1, created_us=None)], Undecided("listing.undecided.strangers", (1,))),
        (UNANSWERED, [item(1, created_us=1)], Undecided("listing.undecided.strangers", (1,))),
        (UNANSWERED, [item(1, outer_id="")], Undecided("listing.undecided.strangers", (1,))),
        (UNANSWERED, [item(1, created_us=SENT_US - 5 * SECOND_US)], Adopt(1)),
        (REPEATED, [resting(2)], ListIt(2)),
        (REPEATED, [resting(2), resting(3)], ListIt(2, (3,))),
        (REPEATED, [item(1), resting(2)], Adopt(1, (2,))),
        (REPEATED, [item(1, on_shelf=False), resting(2)], Adopt(1, (2,))),
        (REPEATED, [item(1), item(2)], Undecided("listing.undecided.several_shown", (1, 2))),
        (
            REPEATED,
            [resting(2, never_listed=None)],
            LookAgain(FIRST_LOOK_US + TIMING.spacing_us),
        ),
        (LISTING, [resting(2)], ListIt(2)),
        (LISTING, [item(2)], Adopt(2)),
        (LISTING, [item(2), item(1)], Undecided("listing.undecided.several_shown", (1, 2))),
        (RESTING, [resting(2)], ListIt(2)),
        (RESTING, [resting(1), resting(2)], ListIt(2, (1,))),
        (RESTING, [item(1), resting(2)], Adopt(1, (2,))),
    ],
)
def test_a_look_is_judged(intent: Intent, seen: list[Sighting], verdict: Verdict) -> None:
    assert judge(intent, Look(FIRST_LOOK_US, complete=True, seen=tuple(seen)), TIMING) == verdict


def test_absence_needs_three_complete_looks_since_the_last_write() -> None:
    third = Look(FIRST_LOOK_US + 2 * TIMING.spacing_us, complete=True)

    assert judge(replace(UNANSWERED, looks=looks(2)), third, TIMING) == RepeatInWarehouse()
    assert isinstance(judge(replace(UNANSWERED, looks=looks(1)), third, TIMING), LookAgain)
    incomplete = replace(UNANSWERED, looks=looks(2, complete=False))
    assert isinstance(judge(incomplete, third, TIMING), LookAgain)
    before_the_repeat = replace(UNANSWERED, looks=looks(2, since_us=SENT_US - 100 * SECOND_US))
    assert isinstance(judge(before_the_repeat, third, TIMING), LookAgain)


def test_creates_that_never_appear_end_with_a_person() -> None:
    tired = replace(UNANSWERED, attempt=MOST_CREATES, looks=looks(2))

    verdict = judge(tired, Look(FIRST_LOOK_US + 2 * TIMING.spacing_us, complete=True), TIMING)

    assert verdict == Undecided("listing.undecided.never_appears")


def test_a_copy_that_vanished_from_the_warehouse_is_a_question() -> None:
    verdict = judge(replace(RESTING, looks=looks(2)), looks(3)[2], TIMING)

    assert verdict == Undecided("listing.undecided.repeat_vanished")


def test_nothing_is_looked_up_before_it_has_settled_nor_twice_within_the_spacing() -> None:
    assert due_us(UNANSWERED, TIMING) == FIRST_LOOK_US
    assert due_us(replace(UNANSWERED, state=State.SENDING), TIMING) == FIRST_LOOK_US
    assert due_us(replace(UNANSWERED, looks=looks(1)), TIMING) == FIRST_LOOK_US + TIMING.spacing_us
    assert due_us(replace(UNANSWERED, doing=Doing.CHANGE), TIMING) == FIRST_LOOK_US
    assert due_us(RESTING, TIMING) == SENT_US + TIMING.spacing_us
    assert due_us(replace(UNANSWERED, state=State.PLANNED), TIMING) == 0


@pytest.mark.parametrize(
    "copy", [item(2), resting(2, title="x"), resting(2, outer_id="B"), resting(2, never_listed=None)]
)
def test_only_a_copy_that_is_surely_ours_and_unseen_may_be_deleted(copy: Sighting) -> None:
    assert may_delete(REPEATED, resting(2), TIMING)
    assert not may_delete(REPEATED, copy, TIMING)


FATES = ("answered", "lost_before", "lost_after", "lost_late", "died_before", "died_after")


@dataclass
class Made:
    """An item of the model's platform."""

    item_id: int
    made_us: int
    on_shelf: bool
    never_listed: bool


@dataclass
class Model:
    """A platform and a publisher that dies; only what is durable survives from step to step."""

    fates: list[str]
    late_us: int  # how long after the send lost work may be done: within the rest we allow
    lag_us: int  # how late lists are: within the span of the looks
    now_us: int = SENT_US
    made: list[Made] = field(default_factory=list)
    intent: Intent = field(default_factory=lambda: Intent("shop", "A", prior_ids=(), sent={"title": "T"}))

    def run(self) -> None:
        """Works until the intent is settled; every step starts from the record alone."""
        for _ in range(200):
            self.now_us = max(self.now_us + SECOND_US, due_us(self.intent, TIMING))
            if self.intent.answered or self.intent.state is State.UNDECIDED:
                return
            if self.intent.doubtful:
                self.look()
            else:
                self.create(Doing.CREATE)
            assert sum(one.on_shelf for one in self.present()) <= 1
        raise AssertionError("never settled")

    def present(self) -> list[Made]:
        return [one for one in self.made if one.made_us <= self.now_us]

    def create(self, doing: Doing) -> None:
        fate = self.fates.pop(0) if self.fates else "answered"
        first = self.intent.first_sent_us or self.now_us
        self.intent = replace(
            self.intent,
            state=State.SENDING,
            doing=doing,
            attempt=self.intent.attempt + 1,
            sent_us=self.now_us,
            first_sent_us=first,
        )
        if fate not in ("lost_before", "died_before"):
            at_us = self.now_us + (self.late_us if fate == "lost_late" else 0)
            shown = doing is Doing.CREATE
            self.made.append(Made(len(self.made) + 1, at_us, shown, not shown))
        if fate == "answered":
            state = State.PUBLISHED if doing is Doing.CREATE else State.REPEAT
            self.intent = replace(self.intent, state=state, item_id=self.made[-1].item_id)

    def look(self) -> None:
        seen = [one for one in self.present() if one.made_us + self.lag_us <= self.now_us]
        look = Look(self.now_us, complete=True, seen=tuple(map(self.sight, seen)))
        verdict = judge(self.intent, look, TIMING)
        self.intent = replace(self.intent, looks=(*self.intent.looks, look))
        match verdict:
            case Adopt(item_id, surplus):
                self.delete(surplus)
                self.intent = replace(self.intent, state=State.ADOPTED, item_id=item_id)
            case ListIt(item_id, surplus):
                self.delete(surplus)
                listed = next(one for one in self.made if one.item_id == item_id)
                listed.on_shelf, listed.never_listed = True, False
                self.intent = replace(self.intent, state=State.PUBLISHED, item_id=item_id)
            case RepeatInWarehouse():
                self.create(Doing.REPEAT)
            case Undecided():
                self.intent = replace(self.intent, state=State.UNDECIDED)

    def delete(self, item_ids: Iterable[int]) -> None:
        assert all(one.never_listed for one in self.made if one.item_id in item_ids)
        self.made = [one for one in self.made if one.item_id not in item_ids]

    @staticmethod
    def sight(one: Made) -> Sighting:
        return item(one.item_id, on_shelf=one.on_shelf, never_listed=one.never_listed, created_us=one.made_us)


@settings(max_examples=500)
@given(
    fates=st.lists(st.sampled_from(FATES), max_size=6),
    late_s=st.integers(0, 30),
    lag_s=st.integers(0, 20),
)
def test_whatever_is_lost_one_stands_on_the_shelf_and_no_copy_is_left(
    fates: list[str], late_s: int, lag_s: int
) -> None:
    model = Model(fates, late_us=late_s * SECOND_US, lag_us=lag_s * SECOND_US)

    model.run()

    model.now_us += 1_000 * SECOND_US
    shown = [one for one in model.present() if one.on_shelf]
    if model.intent.state is State.UNDECIDED:
        assert len(shown) <= 1
    else:
        assert [one.item_id for one in shown] == [model.intent.item_id]
        assert len(model.present()) == 1
