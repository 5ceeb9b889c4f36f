"""`/changes` and `/shops/{shop}/changes`: what happened on the shelf, each change once, with its cause."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from onshelf.catalog.item import Reason, State
from onshelf.clock import SECOND_US, from_us
from onshelf.events import ItemChanged
from onshelf.guard.roles import Permission
from onshelf.watch import changes
from onshelf.watch.changes import ChangeFilter, Order, Place, place_of_change
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, Fields, Limit, Page, Row, answer_page, place_of, since_us

router = APIRouter(tags=["changes"])


class ChangeOut(Row):
    """One change of an item's state."""

    shop: str
    item_id: int
    version: int = Field(description="of the item after it; shop, item_id and version are unique together")
    outer_id: str
    title: str
    old: State | None = Field(description="null: the item was met for the first time")
    new: State = Field(description="the state after it")
    reason: Reason = Field(description="why, as far as the platform tells")
    happened: datetime = Field(description="the platform's time of it, else when it was seen")
    seen: datetime = Field(description="when the read that decided was answered")
    detected_s: float = Field(description="from the one to the other, in seconds")
    ours: bool = Field(description="a job of ours intended it")
    evidence: str = Field(description="what named the item: `push`, `slice`, `count` or `sweep`")

    @classmethod
    def of(cls, change: ItemChanged) -> "ChangeOut":
        return cls(
            shop=change.shop_id,
            item_id=change.item_id,
            version=change.version,
            outer_id=change.outer_id,
            title=change.title,
            old=State(change.old) if change.old else None,
            new=State(change.new),
            reason=Reason(change.reason),
            happened=from_us(change.happened_us),
            seen=from_us(change.seen_us),
            detected_s=round((change.seen_us - change.happened_us) / SECOND_US, 3),
            ours=change.ours,
            evidence=change.evidence,
        )


StateParam = Annotated[State | None, Query(description="the state after the change")]
ReasonParam = Annotated[
    Reason | None, Query(description="its cause; `first_seen` shows the items met for the first time")
]
OursParam = Annotated[bool | None, Query(description="whether a job of ours intended it")]
SinceParam = Annotated[AwareDatetime | None, Query(description="seen then or later")]
OrderParam = Annotated[
    Order, Query(description="newest first, or oldest first to read on with `since` and `next`")
]


@router.get("/changes", response_model=Page[ChangeOut])
async def list_changes(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: StateParam = None,
    reason: ReasonParam = None,
    ours: OursParam = None,
    since: SinceParam = None,
    order: OrderParam = Order.NEWEST,
) -> JSONResponse:
    """Lists the changes of all your shops together."""
    shops = [shop.shop_id for shop in await door.shops()]
    wanted = ChangeFilter(state, reason, ours, since_us(since))
    return await _page(door, shops, wanted, order=order, limit=limit, cursor=cursor, fields=fields)


@router.get("/shops/{shop}/changes", response_model=Page[ChangeOut])
async def list_shop_changes(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: StateParam = None,
    reason: ReasonParam = None,
    ours: OursParam = None,
    since: SinceParam = None,
    order: OrderParam = Order.NEWEST,
) -> JSONResponse:
    """Lists the changes of a shop."""
    wanted = ChangeFilter(state, reason, ours, since_us(since))
    return await _page(door, [shop], wanted, order=order, limit=limit, cursor=cursor, fields=fields)


async def _page(
    door: Door,
    shops: Sequence[str],
    wanted: ChangeFilter,
    *,
    order: Order,
    limit: int,
    cursor: str | None,
    fields: str | None,
) -> JSONResponse:
    after: Place | None = place_of(cursor, int, str, int, int)
    found = await changes.list_changes(door.app.db, shops, wanted, order=order, after=after, limit=limit + 1)
    more = place_of_change(found[limit - 1]) if len(found) > limit else None
    return answer_page([ChangeOut.of(change) for change in found[:limit]], more, fields)
