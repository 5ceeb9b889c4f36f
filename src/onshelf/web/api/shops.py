"""`/shops`: the shops of whoever asks, how each stands, and its pause."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from onshelf.clock import from_us
from onshelf.guard.roles import Permission
from onshelf.shops import upkeep
from onshelf.shops.shop import Shop, ShopState
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of

router = APIRouter(prefix="/shops", tags=["shops"])


class ShopOut(Row):
    """A shop an operator added; its secrets are never told."""

    shop: str = Field(description="the operator's name for it")
    platform: str
    app_key: str
    gateway: str
    nick: str = Field(description="the seller's name on the platform; empty until it is known")
    state: ShopState
    created: datetime

    @classmethod
    def of(cls, shop: Shop) -> "ShopOut":
        return cls(
            shop=shop.shop_id,
            platform=shop.platform,
            app_key=shop.app_key,
            gateway=shop.gateway,
            nick=shop.nick,
            state=shop.state,
            created=from_us(shop.created_us),
        )


@router.get("", response_model=Page[ShopOut])
async def list_shops(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[ShopState | None, Query(description="only shops in this state")] = None,
) -> JSONResponse:
    """Lists your shops by name."""
    after = place_of(cursor, str)
    shops = [
        shop
        for shop in await door.shops()
        if state in (None, shop.state) and (after is None or shop.shop_id > after[0])
    ]
    return page([ShopOut.of(shop) for shop in shops[: limit + 1]], limit, lambda row: (row.shop,), fields)


@router.get("/{shop}")
async def show_shop(shop: str, door: Annotated[Door, Needs(Permission.READ)]) -> ShopOut:
    """Shows one shop."""
    return ShopOut.of(await door.shop(shop))


@router.post("/{shop}/pause")
async def pause_shop(
    shop: str, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> ShopOut:
    """Stops all work for a shop until it is resumed; what is under way ends first. Harmless to repeat."""
    one = await door.shop(shop)
    await upkeep.pause(door.app.shops, door.app.queue, one.shop_id)
    door.acted("shop.paused", shop)
    return ShopOut.of(replace(one, state=ShopState.PAUSED))


@router.post("/{shop}/resume")
async def resume_shop(
    shop: str, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> ShopOut:
    """Lets the work for a paused shop go on. Harmless to repeat."""
    one = await door.shop(shop)
    state = await upkeep.resume(door.app.shops, door.app.queue, one.shop_id)
    door.acted("shop.resumed", shop)
    return ShopOut.of(replace(one, state=state))
