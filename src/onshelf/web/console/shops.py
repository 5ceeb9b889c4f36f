"""The page of the shops: how each stands, and its pause."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.guard.roles import Permission
from onshelf.shops import upkeep
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit

router = APIRouter()


@router.get("/")
async def home() -> Response:
    """Leads to the first page."""
    return RedirectResponse("/shops", 303)


@router.get("/shops")
async def shops(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Lists the shops of whoever visits."""
    return views_of(request).page(
        request, "shops.html", visit, current="shops", shops=await visit.door.shops()
    )


@router.post("/shops/{shop}/pause")
async def pause(shop: str, visit: Annotated[Visit, Opens(Permission.PUBLISH)]) -> Response:
    """Stops all work for a shop."""
    one = await visit.door.shop(shop)
    await upkeep.pause(visit.door.app.shops, visit.door.app.queue, one.shop_id)
    visit.door.acted("shop.paused", shop)
    return RedirectResponse("/shops", 303)
