"""The pages of products: what a shop has here, what is held and why, how it stands on the shelf; cells are changed in the grid."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from onshelf import acts
from onshelf.catalog.amounts import is_number
from onshelf.catalog.edit import Editor, get_product, version_of
from onshelf.catalog.leaves import leaf_of
from onshelf.catalog.pictures import look_at
from onshelf.catalog.product import Finding
from onshelf.catalog.product_list import (
    ProductFilter,
    Shown,
    page_products,
    show_products,
    why_held,
)
from onshelf.catalog.store import Stored, count_products
from onshelf.catalog.suggest import suggest
from onshelf.errors import Conflict, RowFaults
from onshelf.guard.roles import Permission
from onshelf.listing.choose import question
from onshelf.web.console.product_form import changes_of, value_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.problem import Problem

router = APIRouter()
Reads = Annotated[Visit, Opens(Permission.READ)]
Edits = Annotated[Visit, Opens(Permission.PRODUCTS)]
Code = Annotated[str, Query(max_length=200)]
Text = Annotated[str, Form(max_length=100_000)]
GRID = ("title", "price", "stock")
"""Fields that are changed in the list itself."""
SHOWN = 50
_TRIES = 5
_YES = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Line:
    """A product as the list shows it."""

    shown: Shown
    why: Finding | None  # it is held


@router.get("/products")
async def first(request: Request, visit: Reads, shop: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Leads to the products of a shop, of the first when none is named."""
    shops = await visit.door.shops()
    if not shops:
        return views_of(request).page(request, "products_none.html", visit, current="products")
    return RedirectResponse(f"/shops/{quote(shop or shops[0].shop_id, safe='')}/products", 303)


@router.get("/shops/{shop}/products")
async def every(
    shop: str,
    request: Request,
    visit: Reads,
    q: Annotated[str, Query(max_length=120)] = "",
    category: Annotated[str, Query(max_length=18)] = "",
    held: str = "",
    listed: str = "",
    after: Code = "",
) -> Response:
    """Lists a shop's products by code."""
    db = visit.door.app.db
    wanted = ProductFilter(
        q=q.strip(),
        category_id=int(category) if is_number(category) else None,
        held=_YES.get(held),
        listed=_YES.get(listed),
    )
    found = await page_products(db, shop, wanted, after=after, limit=SHOWN + 1)
    lines = [
        Line(one, await why_held(db, shop, one.stored.product.outer_id) if one.stored.held else None)
        for one in found[:SHOWN]
    ]
    filters = {"q": q, "category": category, "held": held, "listed": listed}
    chosen = {name: value for name, value in filters.items() if value}
    more = {**chosen, "after": lines[-1].shown.stored.product.outer_id} if len(found) > SHOWN else None
    return views_of(request).page(
        request,
        "products.html",
        visit,
        current="products",
        tab="products",
        shop=shop,
        shops=await visit.door.shops(),
        lines=lines,
        counts=await count_products(db, shop),
        filtered=bool(chosen or after),
        begins=not after,
        filters=filters,
        more=f"?{urlencode(more)}" if more else "",
        leaf_of=leaf_of,
        value_of=value_of,
    )


@router.post("/shops/{shop}/products/cell")
async def cell(
    shop: str, request: Request, visit: Edits, code: Text, field: Text, value: Text = "", was: Text = ""
) -> Response:
    """Saves one cell of the list, if it still shows what it did; a fault is told in the cell."""
    if field not in GRID:
        raise Problem(422, "no_field", field=field[:40], known=GRID)
    told: dict[str, Any] = {"faults": (), "suggestion": "", "saved": False, "conflict": ""}
    shown = value
    try:
        shown, told["saved"] = await _write_cell(visit, shop, code, field, value=value.strip(), was=was)
    except RowFaults as refused:
        own = [fault for fault in refused.faults if fault.severity == "fault"]
        better = [suggest(one, {field: value, "outer_id": code}, 1) for one in own if one.field == field]
        told |= {"faults": own, "suggestion": next((one.value for one in better if one), "")}
    except Conflict:
        told["conflict"], shown = value_of((await _known(visit, shop, code)).product, field), was
    saved = was if told["faults"] else shown
    return views_of(request).page(
        request,
        "products_cell.html",
        visit,
        shop=shop,
        code=code,
        field=field,
        value=shown,
        was=saved,
        **told,
    )


async def _write_cell(
    visit: Visit, shop: str, code: str, field: str, *, value: str, was: str
) -> tuple[str, bool]:
    """Writes one cell, and returns what stands there now and whether it was changed.

    Another cell of the product may be written at the same moment: then it is tried again. Raises Conflict: this very cell
    is no longer what was shown; RowFaults.
    """
    for _ in range(_TRIES):
        known = await _known(visit, shop, code)
        now = value_of(known.product, field)
        if now == value and now != was:
            return now, True  # sent again, for its first answer was lost
        if now != was:
            raise Conflict(f"{field} of {code}")
        if value == was:
            return was, False
        try:
            after = await _editor(visit, shop).change(known, {field: value})
        except Conflict:
            continue
        shown = value_of(after.product, field)
        visit.door.acted(acts.product_saved(shop, known, after))
        return shown, True
    raise Conflict(f"{field} of {code}")


@router.get("/shops/{shop}/product")
async def one(shop: str, code: Code, request: Request, visit: Reads, saved: str | None = None) -> Response:
    """Shows one product whole."""
    return await _one(request, visit, shop, code, saved=saved is not None)


@router.post("/shops/{shop}/product")
async def save(
    shop: str, code: Code, request: Request, visit: Edits, tag: Annotated[str, Form()]
) -> Response:
    """Saves what was changed on a product's page, unless the product changed meanwhile."""
    known = await _known(visit, shop, code)
    form = await request.form()
    sent = {name: str(form.get(name, "")) for name in form if isinstance(form.get(name), str)}
    if tag != version_of(known):
        return await _one(request, visit, shop, code, sent=sent, conflict=True)
    changes = changes_of(known.product, sent)
    try:
        after = await _editor(visit, shop).change(known, changes)
    except RowFaults as refused:
        return await _one(request, visit, shop, code, sent=sent, refused=refused)
    except Conflict:
        return await _one(request, visit, shop, code, sent=sent, conflict=True)
    visit.door.acted(acts.product_saved(shop, known, after))
    return RedirectResponse(f"{_address(shop, code)}&saved", 303)


@router.post("/shops/{shop}/product/release")
async def release(shop: str, visit: Edits, code: Text) -> Response:
    """Lets a held product be published as it stands here."""
    await _editor(visit, shop).release(await _known(visit, shop, code))
    visit.door.acted(acts.product_released(shop, code))
    return RedirectResponse(f"{_address(shop, code)}&saved", 303)


@router.post("/shops/{shop}/product/delete")
async def delete(shop: str, visit: Edits, code: Text) -> Response:
    """Deletes our own record of a product; what is on the platform stays."""
    known = await _known(visit, shop, code)
    await _editor(visit, shop).delete(known)
    visit.door.acted(acts.product_deleted(shop, known.product))
    return RedirectResponse(f"/shops/{quote(shop, safe='')}/products", 303)


@router.get("/shops/{shop}/product/picture")
async def picture(shop: str, code: Code, visit: Reads, n: Annotated[int, Query(ge=0, le=99)] = 0) -> Response:
    """Gives a picture of a product from this machine, if it still is one."""
    pictures = (await _known(visit, shop, code)).product.pictures
    path = Path(pictures[n]) if n < len(pictures) else Path()
    if look_at(path.name, path).problem:
        raise Problem(404, "picture_gone", code=code)
    return FileResponse(path, headers={"Cache-Control": "private, max-age=300"})


async def _one(request: Request, visit: Visit, shop: str, code: str, **told: Any) -> Response:
    """Shows a product's page, with what a form was refused for."""
    db = visit.door.app.db
    found = await show_products(db, shop, [code])
    if not found:
        raise Problem(404, "no_product", code=code)
    stored = found[0].stored
    sent = cast("dict[str, str]", told.get("sent") or {})
    refused: RowFaults | None = told.get("refused")
    conflict = bool(told.get("conflict"))
    return views_of(request).page(
        request,
        "products_one.html",
        visit,
        status=409 if conflict else 422 if refused else 200,
        current="products",
        tab="products",
        shop=shop,
        shown=found[0],
        tag=version_of(stored),
        value=lambda name: sent.get(name, value_of(stored.product, name)),
        sku_value=lambda name, place, now: sent.get(f"{name}.{place}", str(now)),
        faults=[one for one in refused.faults if one.severity == "fault"] if refused else [],
        conflict=conflict,
        saved=bool(told.get("saved")),
        why=await why_held(db, shop, code) if stored.held else None,
        asks=await question(db, shop, code),
        leaf=leaf_of(stored.product.category_id),
    )


async def _known(visit: Visit, shop: str, code: str) -> Stored:
    known = await get_product(visit.door.app.db, shop, code)
    if known is None:
        raise Problem(404, "no_product", code=code[:80])
    return known


def _editor(visit: Visit, shop: str) -> Editor:
    app = visit.door.app
    return Editor(
        app.db, shop, folder=app.imports.pictures(shop), by=visit.door.who.name, now_us=app.clock.now_us()
    )


def _address(shop: str, code: str) -> str:
    return f"/shops/{quote(shop, safe='')}/product?{urlencode({'code': code})}"
