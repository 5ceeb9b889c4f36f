"""Orders for all items that match a filter: counted first, confirmed by the count, a durable job like any other."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from onshelf.catalog.item import Reason, State
from onshelf.catalog.item_list import ItemFilter, matching
from onshelf.guard.roles import Permission
from onshelf.listing.intent import Doing
from onshelf.listing.shelf import Miscounted, Ordered
from onshelf.web.api.items import MOST_AT_ONCE, MOST_WORDS, OrderOut, order_out, ordered
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import DryRun, since_us
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

router = APIRouter(prefix="/shops/{shop}/items/matching", tags=["items"])


class MatchingIn(Sent):
    """A filter, and how many items it was confirmed to list or delist. A field that is left out lets every item through."""

    state: State | None = Field(default=None, description="only items in this state")
    reason: Reason | None = Field(default=None, description="only items that stand there for this cause")
    outer_id: str = Field(default="", max_length=64, description="beginning of the code")
    title: str = Field(
        default="", max_length=120, description="words of the title, all of them, in any order"
    )
    changed_since: AwareDatetime | None = Field(default=None, description="state changed then or later")
    doubtful: bool | None = Field(default=None, description="the last reads did not show it")
    count: int | None = Field(
        default=None,
        ge=0,
        le=MOST_AT_ONCE,
        description="how many items the dry run accepted; without it, or when it is another number now, nothing is done",
    )

    def wanted(self) -> ItemFilter:
        words = tuple(self.title.split()[:MOST_WORDS])
        return ItemFilter(
            self.state, self.reason, self.outer_id, words, since_us(self.changed_since), self.doubtful
        )


class MatchingOut(OrderOut):
    """What came of an order for all items that match."""

    more: bool = Field(
        description=f"others match too: one order takes the first {MOST_AT_ONCE:,}, last change first; order again"
    )


Publishes = Annotated[Door, Needs(Permission.PUBLISH)]


@router.post("/list")
async def put_matching_on_sale(
    shop: str, given: MatchingIn, door: Publishes, dry_run: DryRun = False
) -> MatchingOut:
    """Puts all items that match on the shelf, as a durable job. Ask with `?dry_run=true` first, and send its number as `count`."""
    return await _out(shop, given, door, Doing.LIST)


@router.post("/delist")
async def take_matching_off(
    shop: str, given: MatchingIn, door: Publishes, dry_run: DryRun = False
) -> MatchingOut:
    """Takes all items that match off the shelf, as a durable job; confirmed by `count` as for listing."""
    return await _out(shop, given, door, Doing.DELIST)


async def _out(shop: str, given: MatchingIn, door: Door, doing: Doing) -> MatchingOut:
    found, more = await order_matching(door, shop, given.wanted(), doing, count=given.count)
    return MatchingOut(**order_out(found, door).model_dump(), more=more)


async def order_matching(
    door: Door, shop: str, wanted: ItemFilter, doing: Doing, *, count: int | None
) -> tuple[Ordered, bool]:
    """Orders it for all that match, and tells whether others match beyond what one order takes.

    `count`: how many it must be; a dry run needs none. Raises Problem 409: it would be another number.
    """
    found = await matching(door.app.db, shop, wanted, at_most=MOST_AT_ONCE)
    expect = None if door.dry_run else -1 if count is None else count
    try:
        return await ordered(door, shop, list(found.item_ids), doing, expect=expect), found.more
    except Miscounted as miscounted:
        raise Problem(409, "items_count", count=miscounted.count) from None
