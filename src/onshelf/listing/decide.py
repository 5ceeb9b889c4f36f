"""What an unanswered write allows next. Pure: the record, what a look showed, the time; no effect anywhere.

The rules are those of "never twice": an item is ours when it carries the exact code, was not there before our first
write, was created after it (within the clocks' skew) and bears the title we sent. Whatever carries the code and is not
ours makes a person decide. Absence needs several spaced looks, and even then the repeat goes into the warehouse first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from onshelf.clock import SECOND_US
from onshelf.listing.intent import CREATES, Intent, Look, Sighting, State

MOST_CREATES = 5
"""Creates without an answer or a trace after which a person is asked: something is wrong that repeating will not mend."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What we assume of the platform; each is a setting."""

    write_timeout_s: float
    settle_s: float  # rest before an unanswered write is looked up
    look_spacing_s: float
    looks: int  # without a find before a create counts as not done
    clock_skew_s: float

    @property
    def rest_us(self) -> int:
        """How long after it was sent a write may still be at work."""
        return round((self.write_timeout_s + self.settle_s) * SECOND_US)

    @property
    def spacing_us(self) -> int:
        return round(self.look_spacing_s * SECOND_US)

    @property
    def skew_us(self) -> int:
        return round(self.clock_skew_s * SECOND_US)


@dataclass(frozen=True, slots=True)
class Adopt:
    """This item is the one we made; the surplus copies are deleted first."""

    item_id: int
    surplus: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ListIt:
    """The copy in the warehouse is the only one: put it on the shelf, after deleting the surplus ones."""

    item_id: int
    surplus: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Not decided yet."""

    at_us: int


@dataclass(frozen=True, slots=True)
class RepeatInWarehouse:
    """Nothing came of the write: it may be repeated, into the warehouse."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A person must choose. `why`: text key; `item_ids`: what speaks for it."""

    why: str
    item_ids: tuple[int, ...] = ()


Verdict = Adopt | ListIt | LookAgain | RepeatInWarehouse | Undecided


def due_us(intent: Intent, timing: Timing) -> int:
    """Tells when an intent may be acted on: never before its last write has settled and its last look is a spacing ago."""
    last_look_us = intent.looks[-1].at_us + timing.spacing_us if intent.looks else 0
    if intent.pending:
        settled_us = intent.sent_us + timing.rest_us
        return max(settled_us, last_look_us) if intent.doing in CREATES else settled_us
    if intent.state is State.REPEAT:
        return max(intent.sent_us + timing.spacing_us, last_look_us)
    return 0


def judge(intent: Intent, look: Look, timing: Timing) -> Verdict:
    """Decides what a look at an unanswered or repeated create means; `intent.looks` holds the earlier looks only."""
    news = [item for item in look.seen if is_news(intent, item, timing)]
    ours = [item for item in news if is_ours(intent, item, timing)]
    if len(ours) < len(news):
        return _ask("strangers", news)
    if len(ours) > intent.attempt:
        return _ask("more_than_sent", ours)
    if not ours:
        return _absent(intent, look, timing)
    if intent.attempt > 1 and any(item.never_listed is None for item in ours):
        return _unclear(intent, look, timing)
    return _choose(intent, ours)


def is_news(intent: Intent, item: Sighting, timing: Timing) -> bool:
    """Tells whether an item has to be explained: it carries the code, or our title since we sent it; and was not there before."""
    if item.item_id in (intent.prior_ids or ()):
        return False
    return item.outer_id == intent.outer_id or _is_recent(intent, item, timing)


def is_ours(intent: Intent, item: Sighting, timing: Timing) -> bool:
    """Tells whether an item can only have come from our own create."""
    return (
        item.outer_id == intent.outer_id
        and item.title == intent.sent.get("title")
        and _is_recent(intent, item, timing)
    )


def may_delete(intent: Intent, item: Sighting, timing: Timing) -> bool:
    """Tells whether a copy is surely a surplus one of ours that no buyer has ever seen."""
    return is_ours(intent, item, timing) and item.never_listed is True and not item.on_shelf


def _is_recent(intent: Intent, item: Sighting, timing: Timing) -> bool:
    return item.created_us is not None and item.created_us >= intent.first_sent_us - timing.skew_us


def _choose(intent: Intent, ours: Sequence[Sighting]) -> Verdict:
    """Picks the one that has been on the shelf; copies that never were are surplus."""
    shown = [item for item in ours if item.on_shelf or not item.never_listed]
    hidden = sorted(item.item_id for item in ours if item not in shown)
    if len(shown) > 1:
        return _ask("several_shown", ours)
    if shown:
        return Adopt(shown[0].item_id, tuple(hidden))
    if intent.attempt == 1:
        return Adopt(hidden[0])
    keep = intent.item_id if intent.item_id in hidden else hidden[0]
    return ListIt(keep, tuple(other for other in hidden if other != keep))


def _absent(intent: Intent, look: Look, timing: Timing) -> Verdict:
    if _looks_done(intent, look) < timing.looks:
        return LookAgain(look.at_us + timing.spacing_us)
    if intent.item_id is not None:
        return _ask("repeat_vanished", ())
    if intent.attempt >= MOST_CREATES:
        return _ask("never_appears", ())
    return RepeatInWarehouse()


def _unclear(intent: Intent, look: Look, timing: Timing) -> Verdict:
    """Waits for the lists of the warehouse, which lag behind the id read."""
    if _looks_done(intent, look) < 2 * timing.looks:
        return LookAgain(look.at_us + timing.spacing_us)
    return _ask("never_clear", look.seen)


def _looks_done(intent: Intent, look: Look) -> int:
    """Counts the complete looks since the last write."""
    return sum(1 for one in (*intent.looks, look) if one.complete and one.at_us > intent.sent_us)


def _ask(why: str, items: Sequence[Sighting]) -> Undecided:
    return Undecided(f"listing.undecided.{why}", tuple(sorted(item.item_id for item in items)))
