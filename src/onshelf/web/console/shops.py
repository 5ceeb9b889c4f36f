"""The page of the shops, those that need somebody first, and what is done to one from there."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.guard.roles import Permission
from onshelf.shops.quota.outlook import Outlook
from onshelf.shops.standing import Standing, standings
from onshelf.web import keeping
from onshelf.web.console.shop_view import rows_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door
from onshelf.working import expected_lanes

router = APIRouter()


async def standing_shops(door: Door) -> list[Standing]:
    """Tells how all shops of whoever visits stand."""
    app = door.app
    return await standings(app.shops, app.queue, await door.shops(), app.clock.now_us())


async def quotas_of(door: Door, found: list[Standing]) -> dict[str, Outlook]:
    """Tells the quota of each app of these shops."""
    lanes = await expected_lanes(door.app)
    return {
        key: await door.app.outlooks.of(key, lanes) for key in sorted({one.shop.app_key for one in found})
    }


@router.get("/shops")
async def shops(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Lists the shops of whoever visits."""
    found = await standing_shops(visit.door)
    rows = rows_of(found, await quotas_of(visit.door, found))
    return views_of(request).page(
        request,
        "shops.html",
        visit,
        current="shops",
        tab="shops",
        rows=rows,
        waiting=[row for row in rows if row.needs_consent],
        ending=[row for row in rows if not row.needs_consent and row.ends.kind in ("bad", "warn")],
    )


@router.post("/shops/{shop}/pause")
async def pause(shop: str, visit: Annotated[Visit, Opens(Permission.PUBLISH)]) -> Response:
    """Pauses all jobs of a shop."""
    await keeping.pause(visit.door, await visit.door.shop(shop))
    return RedirectResponse(f"/shops/{shop}", 303)


@router.post("/shops/{shop}/resume")
async def resume(shop: str, visit: Annotated[Visit, Opens(Permission.PUBLISH)]) -> Response:
    """Lets the work for a paused shop go on."""
    await keeping.resume(visit.door, await visit.door.shop(shop))
    return RedirectResponse(f"/shops/{shop}", 303)
