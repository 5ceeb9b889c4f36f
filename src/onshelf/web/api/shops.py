"""`/shops`: the shops of whoever asks, how each stands, and what is done to one: added, changed, paused, removed."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from onshelf.errors import Conflict
from onshelf.guard.roles import Permission
from onshelf.shops import register
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.standing import standings
from onshelf.web import keeping
from onshelf.web.api.shop_forms import LeavingOut, ShopChange, ShopIn, ShopOut, secret_of
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, page, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/shops", tags=["shops"])


async def told(door: Door, shop: Shop) -> ShopOut:
    """Tells how one shop stands."""
    app = door.app
    (found,) = await standings(app.shops, app.queue, [shop], app.clock.now_us())
    return ShopOut.of(found, door.lang)


@router.get("", response_model=Page[ShopOut])
async def list_shops(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[ShopState | None, Query(description="only shops in this state")] = None,
) -> JSONResponse:
    """Lists your shops by name, each with how it stands."""
    app, (after,) = door.app, place_of(cursor, str) or ("",)
    shops = await app.shops.page(after=after, state=state, only=door.who.shops, limit=limit + 1)
    found = await standings(app.shops, app.queue, shops, app.clock.now_us())
    return page([ShopOut.of(one, door.lang) for one in found], limit, lambda row: (row.shop,), fields)


@router.post("", status_code=201)
async def add_shop(
    given: ShopIn, door: Annotated[Door, Needs(Permission.SHOPS)], dry_run: DryRun = False
) -> ShopOut:
    """Adds a shop. Without a session it is authorised next, by a link. The platform is not asked."""
    app = door.app
    shop = register.new_shop(
        given.shop,
        given.app_key,
        gateway=given.gateway,
        oauth=given.oauth,
        tmc=given.tmc,
        now_us=app.clock.now_us(),
    )
    secret, session = secret_of(given.app_secret, "app_secret"), secret_of(given.session, "session")
    try:
        begun = await keeping.add(door, shop, secret, session)
    except Conflict:
        raise Problem(409, "shop_taken", shop=shop.shop_id) from None
    return await told(door, begun)


@router.get("/{shop}")
async def show_shop(shop: str, door: Annotated[Door, Needs(Permission.READ)]) -> ShopOut:
    """Shows one shop and how it stands."""
    return await told(door, await door.shop(shop))


@router.patch("/{shop}")
async def change_shop(
    shop: str, given: ShopChange, door: Annotated[Door, Needs(Permission.SHOPS)], dry_run: DryRun = False
) -> ShopOut:
    """Changes a shop's details; what is left out stays. The platform is not asked."""
    before, secret = await door.shop(shop), secret_of(given.app_secret, "app_secret")
    return await told(door, await keeping.change(door, before, replace(before, **given.fields()), secret))


@router.delete("/{shop}")
async def remove_shop(
    shop: str,
    door: Annotated[Door, Needs(Permission.SHOPS)],
    force: Annotated[bool, Query(description="though products are in doubt")] = False,
    dry_run: DryRun = False,
) -> LeavingOut:
    """Removes a shop and says what goes with it. Its products, items and history stay. `dry_run=true` tells it beforehand.

    Refused (409) while it is not known what writes to the platform came to: settle those products first, or force it.
    """
    one = await door.shop(shop)
    return LeavingOut.of(shop, await keeping.remove(door, one, force=force))


@router.post("/{shop}/pause")
async def pause_shop(
    shop: str, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> ShopOut:
    """Pauses all jobs of a shop until it is resumed; its shelf is still watched.

    What is under way ends first. Harmless to repeat.
    """
    return await told(door, await keeping.pause(door, await door.shop(shop)))


@router.post("/{shop}/resume")
async def resume_shop(
    shop: str, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> ShopOut:
    """Lets the work for a paused shop go on. Harmless to repeat."""
    return await told(door, await keeping.resume(door, await door.shop(shop)))
