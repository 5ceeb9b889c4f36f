"""The page of the shelf: a shop's items by state and filter, one item's life, and orders to list or delist."""

from collections import Counter
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.catalog.item import Reason, State
from onshelf.catalog.item_list import ItemCounts, Place, count_by_cause, find_items
from onshelf.catalog.saved_filters import SavedFilter, drop_filter, save_filter, saved_filters
from onshelf.catalog.store import known_items
from onshelf.guard.roles import Permission
from onshelf.listing.choose import question
from onshelf.listing.intent import Doing
from onshelf.web.api.items import MOST_AT_ONCE, ordered, refused_out
from onshelf.web.api.matching import order_matching
from onshelf.web.console.shelf_view import DOUBTFUL, FIELDS, WITHIN, Asked
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.item_life import life_of, page_of_item
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter()
ROWS = 50
MOST = 1_000  # ticked items of one order
SHOWN_OF_ALL = 20
ItemId = Annotated[int, Path(ge=0, lt=1 << 63)]
Doings = Annotated[Doing, Form(alias="do")]
Chosen = Annotated[list[Annotated[int, Form(ge=0, lt=1 << 63)]], Form(min_length=1, max_length=MOST)]


@router.get("/shelf")
async def shelf(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows a shop's items; without a shop in the address, those of the first one."""
    shops = await visit.door.shops()
    asked = Asked.of(request.query_params)
    if not asked.shop and shops:
        asked = replace(asked, shop=shops[0].shop_id)
    counts = await count_by_cause(visit.door.app.db, asked.shop)
    return views_of(request).page(
        request,
        "shelf.html",
        visit,
        current="shelf",
        shops=shops,
        counts=counts,
        tabs=_tabs(counts),
        causes=_causes(counts, asked),
        within=WITHIN,
        saved=await saved_filters(visit.door.app.db, visit.person.person_id),
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
    """Asks before an order is given: what would be done, what cannot be and why."""
    rehearsed = replace(visit.door, dry_run=True)
    found = await ordered(rehearsed, shop, items, doing)
    known = await known_items(visit.door.app.db, shop, items)
    lang = visit.door.lang
    return views_of(request).page(
        request,
        "shelf_order.html",
        visit,
        current="shelf",
        shop=shop,
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
    form = await request.form()
    asked = replace(Asked.of({name: str(form.get(name, "")) for name in FIELDS}), shop=shop)
    return await _ask_all(request, visit, asked, doing)


@router.post("/shelf/{shop}/order-all")
async def order_all(
    request: Request,
    shop: str,
    visit: Annotated[Visit, Opens(Permission.PUBLISH)],
    doing: Doings,
    count: Annotated[int, Form(ge=0, le=MOST_AT_ONCE)],
) -> Response:
    """Gives the order for all that match and leads to its job; when it would be another number by now, it is asked again."""
    form = await request.form()
    asked = replace(Asked.of({name: str(form.get(name, "")) for name in FIELDS}), shop=shop)
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
    shop: str, visit: Annotated[Visit, Opens(Permission.PUBLISH)], doing: Doings, items: Chosen
) -> Response:
    """Gives the order and leads to its job; when nothing is left to do, back to the shelf."""
    found = await ordered(visit.door, shop, items, doing)
    return RedirectResponse(f"/jobs/{found.job_id}" if found.job_id else Asked(shop=shop).address(), 303)


@router.post("/shelf/filters")
async def keep(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    name: Annotated[str, Form(min_length=1, max_length=40)],
) -> Response:
    """Keeps what the page is asked for under a name of the person's own."""
    asked = Asked.of({name: str(value) for name, value in (await request.form()).items()})
    saved = SavedFilter(name.strip() or "—", asked.query())
    await visit.door.app.db.commit([save_filter(visit.person.person_id, saved)])
    return RedirectResponse(asked.address(), 303)


@router.post("/shelf/filters/drop")
async def forget(
    visit: Annotated[Visit, Opens(Permission.READ)], name: Annotated[str, Form(max_length=40)]
) -> Response:
    """Forgets a filter of the person's own."""
    await visit.door.app.db.commit([drop_filter(visit.person.person_id, name)])
    return RedirectResponse("/shelf", 303)


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
    return {
        "asked": asked,
        "items": found.items,
        "first": after is None,
        "more": asked.address("/shelf/rows", cursor=following) if following else "",
        "further": asked.address(cursor=following) if following else "",
        "looking": bool(following) and len(found.items) < ROWS,
    }


def _tabs(counts: ItemCounts) -> list[tuple[str, int]]:
    every = [(state.value, counts.of(state)) for state in State]
    return [("", sum(n for _, n in every)), *every, (DOUBTFUL, counts.doubtful)]


def _causes(counts: ItemCounts, asked: Asked) -> list[tuple[str, int]]:
    """Lists the causes there are in the tab shown, the most frequent first; the one asked for is always there."""
    found: Counter[Reason] = Counter()
    for (state, reason), n in counts.by_cause.items():
        if asked.state in ("", DOUBTFUL, state):
            found[reason] += n
    if asked.cause:
        found[Reason(asked.cause)] += 0
    return [(reason.value, n) for reason, n in found.most_common()]
