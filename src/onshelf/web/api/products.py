"""`/shops/{shop}/products`: our own products, listed, read whole, written by the rules of a file's row."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from msgspec.structs import replace
from pydantic import AwareDatetime, BaseModel, Field

from onshelf import acts
from onshelf.catalog.edit import Busy, Editor, get_product
from onshelf.catalog.product import Finding
from onshelf.catalog.product_list import ProductFilter, page_products, why_held
from onshelf.catalog.store import Stored
from onshelf.clock import to_us
from onshelf.guard.roles import Permission
from onshelf.web.entrance import Needs
from onshelf.web.etag import check_match
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, page, place_of
from onshelf.web.problem import Problem
from onshelf.web.product_forms import ProductChange, ProductIn, ProductOut, ProductRow, product_etag

router = APIRouter(prefix="/shops/{shop}/products", tags=["products"])
Code = Annotated[str, Path(max_length=400, description="商家编码 of the product")]
IfMatch = Annotated[
    str | None,
    Header(max_length=400, description="the `ETag` it had when it was read: 412 when it has changed since"),
]
_WHOLE = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "for `If-Match`"}}}


@dataclass(frozen=True, slots=True)
class Whole:
    """A product, and why it is held."""

    stored: Stored
    why: Finding | None


@router.get("", response_model=Page[ProductRow])
async def list_products(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    q: Annotated[
        str, Query(max_length=100, description="beginning of the code, or anything of the title")
    ] = "",
    category: Annotated[int | None, Query(ge=1, lt=10**18, description="leaf category")] = None,
    held: Annotated[
        bool | None, Query(description="only those that are held back by a fault, or are not")
    ] = None,
    listed: Annotated[
        bool | None, Query(description="only those with an item on the platform, or without")
    ] = None,
    changed_since: Annotated[
        AwareDatetime | None, Query(description="what is published of it changed then or later")
    ] = None,
) -> JSONResponse:
    """Lists a shop's products in the order of their codes."""
    wanted = ProductFilter(q, category, held, to_us(changed_since) if changed_since else 0, listed)
    place = place_of(cursor, str)
    found = await page_products(door.app.db, shop, wanted, after=place[0] if place else "", limit=limit + 1)
    return page([ProductRow.of(one) for one in found], limit, lambda row: (row.outer_id,), fields)


@router.get("/{outer_id:path}", response_model=ProductOut, responses={200: _WHOLE})
async def show_product(shop: str, outer_id: Code, door: Annotated[Door, Needs(Permission.READ)]) -> Response:
    """Shows a whole product."""
    return _answer(door, shop, await _known(door, shop, outer_id))


@router.put("/{outer_id:path}", response_model=ProductOut, responses={200: _WHOLE})
async def put_product(
    shop: str,
    outer_id: Code,
    given: ProductIn,
    door: Annotated[Door, Needs(Permission.PRODUCTS)],
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Sets a whole product, checked by the rules of a file's row; nothing is listed by it. Harmless to repeat."""
    if given.outer_id not in ("", outer_id):
        raise Problem(422, "other_code", code=given.outer_id[:64], path=outer_id[:64])
    known = await _find(door, shop, outer_id)
    _match(known, if_match)
    before = known.stored if known else None
    stored = await _editor(door, shop).put(replace(given.given(), outer_id=outer_id), known=before)
    door.acted(acts.product_saved(shop, before, stored))
    return _answer(door, shop, Whole(stored, None))


@router.patch("/{outer_id:path}", response_model=ProductOut, responses={200: _WHOLE})
async def change_product(
    shop: str,
    outer_id: Code,
    change: ProductChange,
    door: Annotated[Door, Needs(Permission.PRODUCTS)],
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Changes the fields that are given, and checks the product as a whole; nothing is listed by it.

    A held product stays held unless every field its newest row got wrong is given; PUT of the whole product lifts a hold.
    """
    known = await _known(door, shop, outer_id)
    _match(known, if_match)
    stored = await _editor(door, shop).change(known.stored, change.said())
    door.acted(acts.product_saved(shop, known.stored, stored))
    return _answer(door, shop, Whole(stored, known.why if stored.held else None))


class DeletedOut(BaseModel):
    """What became of a product."""

    outer_id: str
    item_ids: list[int] = Field(
        description="items on the platform with its code: they are still there, as they were"
    )


@router.delete("/{outer_id:path}")
async def delete_product(
    shop: str,
    outer_id: Code,
    door: Annotated[Door, Needs(Permission.PRODUCTS)],
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> DeletedOut:
    """Deletes our own record of a product; items on the platform stay as they are. 409 while a job works on it."""
    known = await _known(door, shop, outer_id)
    _match(known, if_match)
    try:
        deleted = await _editor(door, shop).delete(known.stored)
    except Busy:
        raise Problem(409, "product_busy", code=outer_id[:64]) from None
    door.acted(acts.product_deleted(shop, known.stored.product))
    return DeletedOut(outer_id=deleted.outer_id, item_ids=list(deleted.item_ids))


def _editor(door: Door, shop: str) -> Editor:
    return Editor(
        door.app.db,
        shop,
        folder=door.app.imports.pictures(shop),
        by=door.who.name,
        now_us=door.app.clock.now_us(),
    )


async def _find(door: Door, shop: str, outer_id: str) -> Whole | None:
    stored = await get_product(door.app.db, shop, outer_id)
    if stored is None:
        return None
    return Whole(stored, await why_held(door.app.db, shop, outer_id) if stored.held else None)


async def _known(door: Door, shop: str, outer_id: str) -> Whole:
    found = await _find(door, shop, outer_id)
    if found is None:
        raise Problem(404, "no_product", code=outer_id[:64], shop=shop)
    return found


def _match(known: Whole | None, wished: str | None) -> None:
    """Raises Problem 412 unless the product is as the caller saw it."""
    check_match(wished, product_etag(known.stored, known.why) if known else None)


def _answer(door: Door, shop: str, whole: Whole) -> Response:
    shown = ProductOut.of(whole.stored, whole.why, door.app.imports.pictures(shop), door.lang)
    headers = {"ETag": product_etag(whole.stored, whole.why)}
    return Response(shown.model_dump_json(), media_type="application/json", headers=headers)
