"""`/shops/{shop}/items`: what stands on the platform, how each got there, and orders to list or delist."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from onshelf import acts
from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.item_list import ItemFilter, Place, Sort, count_by_cause, find_items
from onshelf.catalog.store import known_items
from onshelf.clock import from_us, to_us
from onshelf.guard.roles import Permission
from onshelf.listing.intent import Doing
from onshelf.listing.shelf import Ordered, order
from onshelf.texts import Lang, text
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.item_life import Moment, life_of, page_of_item
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, answer_page, place_of
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

router = APIRouter(prefix="/shops/{shop}/items", tags=["items"])
MOST_AT_ONCE = 10_000
MOST_WORDS = 8
ItemIdParam = Annotated[int, Path(ge=0, lt=1 << 63, description="the platform's id of the item")]


class ItemOut(Row):
    """What is known of an item on the platform."""

    shop: str
    item_id: int = Field(description="the platform's id (num_iid)")
    outer_id: str = Field(description="商家编码; empty when it carries none")
    title: str
    price: Decimal | None = Field(description="yuan; null: never shown")
    stock: int | None = Field(description="pieces; null: never shown")
    state: State = Field(description="where it stands")
    reason: Reason = Field(description="why it stands there, as far as the platform tells")
    changed: datetime = Field(description="when its state changed, as well as known")
    seen: datetime = Field(description="when it was last read by id, or met in a list")
    doubtful: bool = Field(
        description="the last reads did not show it; it is asked again before it counts as deleted"
    )
    version: int = Field(description="counts the changes of its state, from 1")

    @classmethod
    def of(cls, item: Item) -> "ItemOut":
        return cls(
            shop=item.shop_id,
            item_id=item.item_id,
            outer_id=item.outer_id,
            title=item.title,
            price=item.price,
            stock=item.stock,
            state=item.state,
            reason=item.reason,
            changed=from_us(item.changed_us),
            seen=from_us(item.seen_us),
            doubtful=item.doubt > 0,
            version=item.version,
        )


class MomentOut(BaseModel):
    """Something that happened to an item."""

    at: datetime = Field(description="when")
    kind: str = Field(description="`change`, `sent` (a write of ours), `verified`, `alert` or `alert_over`")
    words: str = Field(description="what happened, for people")
    note: str = Field(description="the evidence, for people; may be empty")
    state: State | None = Field(description="the state after it; null: it did not change")
    job: str | None = Field(description="the job of ours that did it")

    @classmethod
    def of(cls, moment: Moment) -> "MomentOut":
        return cls(
            at=from_us(moment.at_us),
            kind=moment.kind,
            words=moment.words,
            note=moment.note,
            state=State(moment.state) if moment.state else None,
            job=moment.job_id or None,
        )


class ItemLifeOut(ItemOut):
    """An item with its life."""

    page: str = Field(description="address of its page on the platform")
    life: list[MomentOut] = Field(description="newest first; at most 200 changes")


class ShelfCountOut(BaseModel):
    """Items in one state for one cause."""

    state: State = Field(description="where they stand")
    reason: Reason = Field(description="why")
    count: int = Field(description="how many")


class ShelfCountsOut(BaseModel):
    """How many items stand where."""

    total: dict[State, int] = Field(description="by state; a state without items has 0")
    doubtful: int = Field(description="of all: those that the last reads did not show")
    by_cause: list[ShelfCountOut] = Field(description="by state and cause")


class OrderIn(Sent):
    """Items to list or delist."""

    items: list[Annotated[int, Field(ge=0, lt=1 << 63)]] = Field(
        min_length=1, max_length=MOST_AT_ONCE, description="ids; a repeated one counts once"
    )


class RefusedOut(BaseModel):
    """An item that cannot be listed or delisted from here."""

    item_id: int
    code: str = Field(description="why; stable, for programs")
    message: str = Field(description="why, for people")
    remedy: str


class OrderOut(BaseModel):
    """What came of an order: the rest is a durable job."""

    job: str | None = Field(description="follow it at /jobs; null: no item may be, or this was a dry run")
    accepted: list[int] = Field(description="ids the job works on")
    refused: list[RefusedOut] = Field(description="ids it does not, each with the reason")


@router.get("", response_model=Page[ItemOut])
async def list_items(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[State | None, Query(description="only items in this state")] = None,
    reason: Annotated[Reason | None, Query(description="only items that stand there for this cause")] = None,
    outer_id: Annotated[
        str, Query(max_length=64, description="beginning of the code; the rows then come in its order")
    ] = "",
    title: Annotated[
        str, Query(max_length=120, description="words of the title, all of them, in any order")
    ] = "",
    changed_since: Annotated[AwareDatetime | None, Query(description="state changed then or later")] = None,
    doubtful: Annotated[bool | None, Query(description="the last reads did not show it")] = None,
    sort: Annotated[Sort, Query(description="last change first, or by id")] = Sort.CHANGED,
) -> JSONResponse:
    """Lists items. With words of the title a page may hold fewer rows than asked for; `next` tells whether there is more."""
    wanted = ItemFilter(
        state, reason, outer_id, tuple(title.split()[:MOST_WORDS]), since_us(changed_since), doubtful
    )
    after: Place | None = place_of(cursor, str if outer_id else int, int)
    found = await find_items(door.app.db, shop, wanted, sort=sort, after=after, limit=limit)
    return answer_page([ItemOut.of(item) for item in found.items], found.next, fields)


@router.get("/counts")
async def count_items(shop: str, door: Annotated[Door, Needs(Permission.READ)]) -> ShelfCountsOut:
    """Counts a shop's items by state and cause; costs the same for ten and for a million."""
    counts = await count_by_cause(door.app.db, shop)
    return ShelfCountsOut(
        total={state: counts.of(state) for state in State},
        doubtful=counts.doubtful,
        by_cause=[ShelfCountOut(state=s, reason=r, count=n) for (s, r), n in sorted(counts.by_cause.items())],
    )


@router.get("/{item_id}")
async def show_item(
    shop: str, item_id: ItemIdParam, door: Annotated[Door, Needs(Permission.READ)]
) -> ItemLifeOut:
    """Shows one item and its life: changes with their evidence, our own writes, alerts."""
    item = (await known_items(door.app.db, shop, [item_id])).get(item_id)
    if item is None:
        raise Problem(404, "no_item", item=item_id)
    return ItemLifeOut(
        **ItemOut.of(item).model_dump(),
        page=page_of_item(await door.shop(shop), item_id, door.app.settings["environment"]),
        life=[MomentOut.of(moment) for moment in await life_of(door.app, item, door.lang)],
    )


@router.post("/list")
async def put_items_on_sale(
    shop: str, given: OrderIn, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> OrderOut:
    """Puts items on the shelf, as a durable job; tells of each that cannot be, why."""
    return order_out(await ordered(door, shop, given.items, Doing.LIST), door)


@router.post("/delist")
async def take_items_off(
    shop: str, given: OrderIn, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> OrderOut:
    """Takes items off the shelf, as a durable job; watching does not alarm what we intend."""
    return order_out(await ordered(door, shop, given.items, Doing.DELIST), door)


@router.post("/{item_id}/list")
async def put_item_on_sale(
    shop: str, item_id: ItemIdParam, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> OrderOut:
    """Puts one item on the shelf, as a durable job."""
    return _one(await ordered(door, shop, [item_id], Doing.LIST), item_id, door)


@router.post("/{item_id}/delist")
async def take_item_off(
    shop: str, item_id: ItemIdParam, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> OrderOut:
    """Takes one item off the shelf, as a durable job."""
    return _one(await ordered(door, shop, [item_id], Doing.DELIST), item_id, door)


async def ordered(
    door: Door, shop: str, item_ids: list[int], doing: Doing, *, expect: int | None = None
) -> Ordered:
    """Orders it, wakes the worker and notes who did it; a dry run only tells what would be. `expect`: as `order` takes it."""
    app = door.app
    found = await order(
        app.db, app.queue, shop, item_ids, doing,
        clock=app.clock, random=app.random, by=door.who.name, expect=expect,
    )  # fmt: skip
    if found.job_id is not None and not door.dry_run:
        app.wakers.jobs.wake()
        listed, count = doing is Doing.LIST, len(found.accepted)
        door.acted(acts.items_ordered(shop, found.job_id, listed=listed, count=count))
    return found


def refused_out(item_id: int, why: str, lang: Lang) -> RefusedOut:
    """Says why an item cannot be listed or delisted."""
    key = f"web.problem.item_{why}"
    message, remedy = text(key, lang, item=item_id), text(f"{key}.remedy", lang)
    return RefusedOut(item_id=item_id, code=why, message=message, remedy=remedy)


def order_out(found: Ordered, door: Door) -> OrderOut:
    """Puts what came of an order into words."""
    return OrderOut(
        job=None if door.dry_run else found.job_id,
        accepted=list(found.accepted),
        refused=[refused_out(item_id, why, door.lang) for item_id, why in found.refused.items()],
    )


def _one(found: Ordered, item_id: int, door: Door) -> OrderOut:
    """Answers for a single item: a refusal is a problem. Raises Problem 404 and 409."""
    why = found.refused.get(item_id)
    if why is not None:
        raise Problem(404 if why == "unknown" else 409, f"item_{why}", item=item_id)
    return order_out(found, door)


def since_us(moment: datetime | None) -> int:
    """Turns a moment asked for into microseconds; none, and one before 1970, is the beginning."""
    return 0 if moment is None else max(0, to_us(moment))
