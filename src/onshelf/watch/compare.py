"""Decides what one id read says against what we know: nothing new, a change with its cause, or a doubt. Pure.

Lists only name items; a verdict comes from an id read alone. The one exception is an item never seen before: a list
row is enough to record it, for a first sight alarms nobody and the next id read corrects it.
"""

from dataclasses import dataclass, replace

from onshelf.catalog.item import Expected, Item, Reason, State
from onshelf.clock import SECOND_US, to_us
from onshelf.events import ItemChanged
from onshelf.platforms.port import Bucket, SeenItem, Shelf

REASON_OF: dict[Bucket, Reason] = {
    Bucket.TAKEN_OFF: Reason.TAKEN_OFF,
    Bucket.SOLD_OUT: Reason.SOLD_OUT,
    Bucket.VIOLATION: Reason.VIOLATION,
    Bucket.SCHEDULED: Reason.SCHEDULED,
    Bucket.NEVER_LISTED: Reason.NEVER_LISTED,
}
"""What standing in a warehouse list means. Source: items.inventory.get, `banner`."""
UNWITNESSED_LOOKS = 2  # further looks when the reply showed no item at all, known good ones included


@dataclass(frozen=True, slots=True)
class Rules:
    """What a verdict depends on besides the facts."""

    absent_looks: int  # id reads without the item before it counts as deleted, from 1
    absent_spacing_us: int  # rest between two such reads
    skew_us: int  # difference allowed between the platform's clock and ours


@dataclass(frozen=True, slots=True)
class Nomination:
    """An item somebody named, and why: to be read by id."""

    item_id: int
    evidence: str  # "push", "slice", "count", "sweep"
    bucket: Bucket | None = None  # the list that showed it; None: no list did
    modified_us: int | None = None  # `modified` of that list's row
    failures: int = 0  # id reads that broke on it so far
    gone: bool = False  # the platform itself said that it was deleted: as good as a read that did not show it


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one id read said about one item."""

    item_id: int
    asked_us: int
    answered_us: int
    item: SeenItem | None  # None: the reply left it out
    witnessed: bool = True  # the reply showed some other item, so it was not empty by mistake


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a sighting."""

    record: Item | None = None  # to write; None: nothing is to be written
    change: ItemChanged | None = None
    again_us: int | None = None  # not before; None: no need to ask again
    spent: Expected | None = None  # the expectation this change fulfilled


NOTHING = Verdict()


def judge(known: Item | None, sighting: Sighting, named: Nomination, rules: Rules, shop_id: str) -> Verdict:
    """Compares an id read with our record. An answer asked for before the one on record never counts."""
    asked_us = sighting.item.asked_us if sighting.item else sighting.asked_us
    if known is not None and asked_us < known.asked_us:
        return NOTHING
    if sighting.item is None:
        return _judge_absence(known, sighting, named, rules)
    if known is None:
        return first_sight(shop_id, sighting.item, named, state_of(sighting.item))
    return _judge_presence(known, sighting.item, named, rules)


def state_of(seen: SeenItem) -> State:
    """Tells where an item stands; one that waits for its listing time does so whatever its shelf says.

    Raises ValueError when the reply left the shelf out. Source: item.add, `list_time`: a future time keeps the item
    off the shelf though approve_status is onsale.
    """
    if seen.shelf is None:
        raise ValueError(f"item {seen.item_id} came without approve_status")
    waits = seen.scheduled and (seen.list_time is None or to_us(seen.list_time) > seen.answered_us)
    return State.ONSALE if seen.shelf is Shelf.ONSALE and not waits else State.INSTOCK


def state_in(bucket: Bucket) -> State:
    """Tells which state a list holds."""
    return State.ONSALE if bucket is Bucket.ONSALE else State.INSTOCK


def first_sight(shop_id: str, seen: SeenItem, named: Nomination, state: State) -> Verdict:
    """Records an item nobody knew; the record keeps the list's reason, so that an old violation is not news later."""
    reason = _told_reason(seen, named) if state is State.INSTOCK else Reason.FIRST_SEEN
    record = Item(
        shop_id=shop_id,
        item_id=seen.item_id,
        version=1,
        state=state,
        reason=Reason.FIRST_SEEN if reason is Reason.UNKNOWN else reason,
        outer_id=seen.outer_id or "",
        title=seen.title or "",
        price=seen.price,
        stock=seen.stock,
        seen_us=seen.answered_us,
        asked_us=seen.asked_us,
        changed_us=seen.answered_us,
    )
    return Verdict(record, _change(record, "", Reason.FIRST_SEEN, named, seen.answered_us))


def _judge_presence(known: Item, seen: SeenItem, named: Nomination, rules: Rules) -> Verdict:
    state = state_of(seen)
    told = _told_reason(seen, named) if state is State.INSTOCK else Reason.LISTED
    punished_before = known.state is State.INSTOCK and known.reason is Reason.VIOLATION
    punished = told is Reason.VIOLATION and not punished_before
    if state is known.state and not punished:
        learnt = told if known.reason is Reason.UNKNOWN and state is State.INSTOCK else known.reason
        return Verdict(replace(_refreshed(known, seen), reason=learnt))
    happened_us = _happened_us(known, seen, state, rules)
    spent = None if punished else _fulfilled(known, state, happened_us)
    reason = Reason.OURS if spent else told
    record = replace(
        _refreshed(known, seen),
        version=known.version + 1,
        state=state,
        reason=reason,
        changed_us=happened_us,
        expected=None if spent else known.expected,
    )
    return Verdict(record, _change(record, known.state.value, reason, named, seen.answered_us), spent=spent)


def _judge_absence(known: Item | None, sighting: Sighting, named: Nomination, rules: Rules) -> Verdict:
    """Counts an absence; looks too close together count once, and the change dates from the first of them."""
    if known is None or known.state is State.DELETED:
        return NOTHING
    due_us = known.asked_us + rules.absent_spacing_us
    if known.doubt and sighting.asked_us < due_us:
        return Verdict(again_us=due_us)
    first_us = known.seen_us if known.doubt else sighting.answered_us
    doubted = replace(known, doubt=known.doubt + 1, asked_us=sighting.asked_us, seen_us=first_us)
    needed = rules.absent_looks + (0 if sighting.witnessed else UNWITNESSED_LOOKS)
    if doubted.doubt + named.gone < needed:
        return Verdict(doubted, again_us=sighting.asked_us + rules.absent_spacing_us)
    spent = _fulfilled(known, State.DELETED, first_us)
    record = replace(
        doubted,
        version=known.version + 1,
        state=State.DELETED,
        reason=Reason.OURS if spent else Reason.DELETED,
        seen_us=sighting.answered_us,
        changed_us=first_us,
        expected=None if spent else known.expected,
        doubt=0,
    )
    change = _change(record, known.state.value, record.reason, named, sighting.answered_us)
    return Verdict(record, change, spent=spent)


def _told_reason(seen: SeenItem, named: Nomination) -> Reason:
    """Tells why an item stands in the warehouse; a list row older than the id read tells nothing."""
    modified_us = to_us(seen.modified) if seen.modified else None
    stale = modified_us is not None and named.modified_us is not None and named.modified_us != modified_us
    listed = None if named.bucket is None or stale else REASON_OF.get(named.bucket)
    if seen.violation or listed is Reason.VIOLATION:
        return Reason.VIOLATION
    if listed is not None:
        return listed
    if seen.scheduled:
        return Reason.SCHEDULED
    return Reason.SOLD_OUT if seen.stock == 0 else Reason.UNKNOWN


def _happened_us(known: Item, seen: SeenItem, state: State, rules: Rules) -> int:
    """Takes the platform's time of the change where it is believable, else the time of the answer.

    Relisting sets `list_time` and not `modified`. Source: recorded replies of items.onsale.get, 2015.
    """
    moment = (seen.list_time or seen.modified) if state is State.ONSALE else seen.modified
    if moment is None:
        return seen.answered_us
    told_us, slack_us = to_us(moment), rules.skew_us + SECOND_US
    believable = known.asked_us - slack_us <= told_us <= seen.answered_us + slack_us
    return min(told_us, seen.answered_us) if believable else seen.answered_us


def _fulfilled(known: Item, state: State, happened_us: int) -> Expected | None:
    expected = known.expected
    return expected if expected and expected.state is state and happened_us <= expected.until_us else None


def _refreshed(known: Item, seen: SeenItem) -> Item:
    return replace(
        known,
        outer_id=known.outer_id if seen.outer_id is None else seen.outer_id,
        title=known.title if seen.title is None else seen.title,
        price=known.price if seen.price is None else seen.price,
        stock=known.stock if seen.stock is None else seen.stock,
        seen_us=seen.answered_us,
        asked_us=seen.asked_us,
        doubt=0,
    )


def _change(record: Item, old: str, reason: Reason, named: Nomination, seen_us: int) -> ItemChanged:
    return ItemChanged(
        shop_id=record.shop_id,
        item_id=record.item_id,
        version=record.version,
        outer_id=record.outer_id,
        title=record.title,
        old=old,
        new=record.state.value,
        reason=reason.value,
        happened_us=record.changed_us,
        seen_us=seen_us,
        ours=reason is Reason.OURS,
        evidence=named.evidence,
    )
