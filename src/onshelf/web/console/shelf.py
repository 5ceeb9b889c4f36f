"""The page of the shelf: a shop's items by state and filter, one item's life, and orders to list or delist."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.catalog.item import Reason, State
from onshelf.catalog.item_list import ItemCounts, Place, count_by_cause, count_left, find_items
from onshelf.catalog.saved_filters import SavedFilter, drop_filter, save_filter, saved_filters
from onshelf.catalog.store import known_items
from onshelf.guard.roles import Permission
from onshelf.listing.choose import question
from onshelf.listing.intent import Doing
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.standing import authorisation
from onshelf.web.api.items import MOST_AT_ONCE, ordered, refused_out
from onshelf.web.api.matching import order_matching
from onshelf.web.console.shelf_view import DOUBTFUL, FIELDS, LEFT, WITHIN, Asked, today_us
from onshelf.web.console.shop_view import consent_gone
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.item_life import life_of, page_of_item
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem
from onshelf.wiring import App

router = APIRouter()
ROWS = 50
MOST = 1_000  # ticked items of one order
SHOWN_OF_ALL = 20
ItemId = Annotated[int, Path(ge=0, lt=1 << 63)]
Doings = Annotated[Doing, Form(alias="do")]
Chosen = Annotated[list[Annotated[int, Form(ge=0, lt=1 << 63)]], Form(default_factory=list, max_length=MOST)]
TICKED_AGAIN = 100
"""Ticks that the way back to the shelf carries; more would be too long an address."""
_LONGEST_TICKED = TICKED_AGAIN * 20


@router.get("/shelf")
async def shelf(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows a shop's items; without a shop in the address, those of the first one."""
    shops = await visit.door.shops()
    asked = Asked.of(request.query_params)
    if not asked.shop and shops:
        asked = replace(asked, shop=first_shop(shops).shop_id)
    app = visit.door.app
    counts = await count_by_cause(app.db, asked.shop)
    left = (await count_left(app.db, [asked.shop], today_us(app.clock.now_us()))).get(asked.shop, Counter())
    return views_of(request).page(
        request,
        "shelf.html",
        visit,
        current="shelf",
        shops=shops,
        tabs=_tabs(counts, left),
        causes=_causes(counts, left, asked),
        within=WITHIN,
        saved=await saved_filters(app.db, visit.person.person_id),
        consent=await _consent(app, shops, asked.shop),
        none_ticked="none_ticked" in request.query_params,
        **await _rows(request, visit, asked),
    )


@router.get("/shelf/rows")
async def rows(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows the rows that follow; asked for by the page itself."""
    found = await _rows(request, visit, Asked.of(request.query_params))
    return views_of(request).page(request, "shelf_rows.html", visit, current="shelf", **found)


@router.get("/shelf/{shop}/{item_id}")
async def item(
    request: Request, shop: str, item_id: ItemId, visit: Annotated[Visit, Opens(Permission.READ)]
) -> Response:
    """Shows one item and its life."""
    app = visit.door.app
    found = (await known_items(app.db, shop, [item_id])).get(item_id)
    if found is None:
        raise Problem(404, "no_item", item=item_id)
    asks = await question(app.db, shop, found.outer_id) if found.state is State.DELETED else None
    return views_of(request).page(
        request,
        "shelf_item.html",
        visit,
        current="shelf",
        item=found,
        asks=asks if asks and asks.item_id in (None, item_id) else None,
        life=await life_of(app, found, visit.door.lang),
        page=page_of_item(await visit.door.shop(shop), item_id, app.settings["environment"]),
    )


@router.post("/shelf/{shop}/ask")
async def ask(
    request: Request,
    shop: str,
    visit: Annotated[Visit, Opens(Permission.PUBLISH)],
    doing: Doings,
    items: Chosen,
) -> Response:
    """Asks before an order is given: what would be done, what cannot be and why. Without an item, back to the shelf."""
    asked = await _asked(request, shop)
    if not items:
        return RedirectResponse(asked.address(none_ticked="yes"), 303)
    rehearsed = replace(visit.door, dry_run=True)
    found = await ordered(rehearsed, shop, items, doing)
    known = await known_items(visit.door.app.db, shop, items)
    lang = visit.door.lang
    return views_of(request).page(
        request,
        "shelf_order.html",
        visit,
        current="shelf",
        asked=asked,
        back=asked.address(ticked=",".join(map(str, items)) if len(items) <= TICKED_AGAIN else ""),
        doing=doing.value,
        accepted=[known[item_id] for item_id in found.accepted],
        refused=[
            (known.get(item_id), refused_out(item_id, why, lang)) for item_id, why in found.refused.items()
        ],
    )


@router.post("/shelf/{shop}/ask-all")
async def ask_all(
    request: Request, shop: str, visit: Annotated[Visit, Opens(Permission.PUBLISH)], doing: Doings
) -> Response:
    """Asks before an order for all items that match: how many would be done, and which cannot be, by reason."""
    return await _ask_all(request, visit, await _asked(request, shop), doing)


@router.post("/shelf/{shop}/order-all")
async def order_all(
    request: Request,
    shop: str,
    visit: Annotated[Visit, Opens(Permission.PUBLISH)],
    doing: Doings,
    count: Annotated[int, Form(ge=0, le=MOST_AT_ONCE)],
) -> Response:
    """Gives the order for all that match and leads to its job; when it would be another number by now, it is asked again."""
    asked = await _asked(request, shop)
    wanted = asked.wanted(visit.door.app.clock.now_us())
    try:
        found, _ = await order_matching(visit.door, shop, wanted, doing, count=count)
    except Problem as problem:
        if problem.why != "items_count":
            raise
        return await _ask_all(request, visit, asked, doing, recounted=True)
    return RedirectResponse(f"/jobs/{found.job_id}" if found.job_id else asked.address(), 303)


@router.post("/shelf/{shop}/order")
async def order(
    request: Request,
    shop: str,
    visit: Annotated[Visit, Opens(Permission.PUBLISH)],
    doing: Doings,
    items: Chosen,
) -> Response:
    """Gives the order and leads to its job; when nothing is left to do, back to the shelf as it was asked for."""
    asked = await _asked(request, shop)
    found = await ordered(visit.door, shop, items, doing)
    return RedirectResponse(f"/jobs/{found.job_id}" if found.job_id else asked.address(), 303)


@router.post("/shelf/filters")
async def keep(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    name: Annotated[str, Form(min_length=1, max_length=40)],
) -> Response:
    """Keeps what the page is asked for under a name of the person's own."""
    asked = await _asked(request)
    saved = SavedFilter(name.strip() or "—", asked.query())
    await visit.door.app.db.commit([save_filter(visit.person.person_id, saved)])
    return RedirectResponse(asked.address(), 303)


@router.post("/shelf/filters/drop")
async def forget(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    name: Annotated[str, Form(max_length=40)],
) -> Response:
    """Forgets a filter of the person's own, and shows the page as it was asked for."""
    asked = await _asked(request)
    await visit.door.app.db.commit([drop_filter(visit.person.person_id, name)])
    return RedirectResponse(asked.address(), 303)


def first_shop(shops: Sequence[Shop]) -> Shop:
    """Chooses the shop that is shown when none is named: the first that is authorised, else that was before it was paused."""
    order = (ShopState.AUTHORISED, ShopState.PAUSED)
    return min(shops, key=lambda one: order.index(one.state) if one.state in order else len(order))


async def _consent(app: App, shops: Sequence[Shop], shop_id: str) -> str:
    """Says whether the seller of the shop shown has yet to agree, or again: `new`, `expired`, or empty."""
    shop = next((one for one in shops if one.shop_id == shop_id), None)
    if shop is None:
        return ""
    found = authorisation(await app.shops.token(shop.shop_id), app.clock.now_us())
    return consent_gone(shop.state, found)


async def _asked(request: Request, shop: str = "") -> Asked:
    """Reads what the page was asked for from a form that passes it on; `shop`: the one of the address."""
    form = await request.form()
    asked = Asked.of({name: str(form.get(name, "")) for name in FIELDS})
    return replace(asked, shop=shop) if shop else asked


async def _ask_all(
    request: Request, visit: Visit, asked: Asked, doing: Doing, *, recounted: bool = False
) -> Response:
    app, rehearsed = visit.door.app, replace(visit.door, dry_run=True)
    found, more = await order_matching(
        rehearsed, asked.shop, asked.wanted(app.clock.now_us()), doing, count=None
    )
    first = await known_items(app.db, asked.shop, found.accepted[:SHOWN_OF_ALL])
    reasons = Counter(found.refused.values())
    lang = visit.door.lang
    return views_of(request).page(
        request,
        "shelf_order_all.html",
        visit,
        status=409 if recounted else 200,
        current="shelf",
        asked=asked,
        doing=doing.value,
        count=len(found.accepted),
        more=more,
        most=MOST_AT_ONCE,
        recounted=recounted,
        first=[first[item_id] for item_id in found.accepted[:SHOWN_OF_ALL]],
        refused=[(n, refused_out(0, why, lang)) for why, n in reasons.most_common()],
    )


async def _rows(request: Request, visit: Visit, asked: Asked) -> dict[str, Any]:
    """Reads a page of items and says where the next begins; `looking`: it goes on by itself, for little was found yet."""
    after: Place | None = place_of(request.query_params.get("cursor"), str if asked.code else int, int)
    app = visit.door.app
    wanted = asked.wanted(app.clock.now_us())
    found = await find_items(app.db, asked.shop, wanted, after=after, limit=ROWS)
    following = "" if found.next is None else cursor_text(found.next)
    ticked = request.query_params.get("ticked", "")[:_LONGEST_TICKED]
    return {
        "ticked": frozenset(ticked.split(",")),
        "asked": asked,
        "items": found.items,
        "first": after is None,
        "more": asked.address("/shelf/rows", cursor=following, ticked=ticked) if following else "",
        "further": asked.address(cursor=following, ticked=ticked) if following else "",
        "looking": bool(following) and len(found.items) < ROWS,
    }


def _tabs(counts: ItemCounts, left: Counter[Reason]) -> list[tuple[str, int]]:
    every = [(state.value, counts.of(state)) for state in State]
    return [("", sum(n for _, n in every)), *every, (DOUBTFUL, counts.doubtful), (LEFT, left.total())]


def _causes(counts: ItemCounts, left: Counter[Reason], asked: Asked) -> list[tuple[str, int]]:
    """Lists the causes there are in the tab shown, the most frequent first; the one asked for is always there."""
    found: Counter[Reason] = Counter()
    if asked.state == LEFT:
        found += left
    else:
        for (state, reason), n in counts.by_cause.items():
            if asked.state in ("", DOUBTFUL, state):
                found[reason] += n
    if asked.cause:
        found[Reason(asked.cause)] += 0
    return [(reason.value, n) for reason, n in found.most_common()]
