"""`/shops/{shop}/…`: how a shop comes to its session, and whether that works: a link, a session by hand, a probe."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from onshelf.clock import from_us
from onshelf.guard.roles import Permission
from onshelf.shops import health
from onshelf.shops.probe import METHODS
from onshelf.shops.register import read_secret
from onshelf.web import keeping
from onshelf.web.api.shop_forms import AuthoriseLinkOut, ProbeOut, SessionIn, ShopOut
from onshelf.web.api.shops import told
from onshelf.web.consents import seller_link
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.once import KEPT_NOWHERE
from onshelf.web.paging import DryRun

router = APIRouter(prefix="/shops/{shop}", tags=["shops"])


@router.post("/authorise")
async def authorise_shop(
    shop: str,
    request: Request,
    response: Response,
    door: Annotated[Door, Needs(Permission.SHOPS)],
    dry_run: DryRun = False,
) -> AuthoriseLinkOut:
    """Makes a link for the seller, good once and for a day; the platform is not asked. In a dry run it is good for nothing."""
    response.headers.update(KEPT_NOWHERE)
    link, asked = await seller_link(request, door, await door.shop(shop))
    return AuthoriseLinkOut(
        shop=shop, link=link, redirect_uri=asked.redirect_uri, until=from_us(asked.until_us)
    )


@router.put("/session")
async def put_session(
    shop: str, given: SessionIn, door: Annotated[Door, Needs(Permission.SHOPS)], dry_run: DryRun = False
) -> ShopOut:
    """Takes a session that came another way; paused jobs go on. The platform is not asked: probe the shop to try it."""
    session = read_secret(given.session.get_secret_value(), "session")
    return await told(door, await keeping.put_session(door, await door.shop(shop), session))


@router.post("/probe")
async def probe_shop(
    shop: str, door: Annotated[Door, Needs(Permission.PUBLISH)], dry_run: DryRun = False
) -> ProbeOut:
    """Asks the platform with five reads whether session, permissions and clock are well; a dry run asks nothing."""
    one, app = await door.shop(shop), door.app
    if door.dry_run:
        return ProbeOut(at=None, well=True, offset_s=None, allowed=list(METHODS), faults=[])
    await keeping.probe(door, one)
    return ProbeOut.of((await health.probes(app.db))[one.shop_id], door.lang)
