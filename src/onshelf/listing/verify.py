"""Accepted is not live: compares what a read-back shows with what was sent. Pure."""

from dataclasses import dataclass

from onshelf.listing.content import READ_BACK, same, shown_by
from onshelf.listing.intent import Doing, Intent
from onshelf.platforms.port import SeenItem, Shelf


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that does not stand as it was sent."""

    field: str  # of `Draft`, or "shelf"
    intended: str
    shown: str  # empty: the reply does not show the field


def shelf_intended(intent: Intent) -> Shelf | None:
    """Tells where the last write was to leave the item; None: where it was."""
    if intent.doing is Doing.DELIST:
        return Shelf.INSTOCK
    if intent.doing is Doing.CHANGE and (intent.published or intent.item_id in (intent.prior_ids or ())):
        return None
    return Shelf.ONSALE


def differences(intent: Intent, seen: SeenItem) -> tuple[Difference, ...]:
    """Lists the fields of the last write that the item does not show; fields it was not to touch are not compared."""
    shown = shown_by(seen)
    found = [
        Difference(field, intent.sent[field], shown.get(field, ""))
        for field in READ_BACK
        if field in intent.sent
        and not same(intent.sent[field], intent.published.get(field))
        and not same(shown.get(field), intent.sent[field])
    ]
    shelf = shelf_intended(intent)
    if shelf is not None and seen.shelf is not shelf:
        found.append(Difference("shelf", shelf.value, seen.shelf.value if seen.shelf else ""))
    return tuple(found)
