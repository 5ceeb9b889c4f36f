"""Links for sellers, as both doors make them: where the code comes back to, and who may bring it; and how long a probe waits."""

from fastapi import Request

from onshelf import acts
from onshelf.shops.shop import Shop
from onshelf.shops.tokens.consent import Asked, Consents, link_for
from onshelf.web.house import Door
from onshelf.web.reach import base_of

CALLBACK = "/oauth/callback"
PROBE_PATIENCE_S = 10.0
"""How long a probe's calls may wait for the quota before the answer says so."""


def callback_address(request: Request, door: Door) -> str:
    """Returns where the platform sends sellers back to: the service as others reach it, else as this request did."""
    return base_of(door.app.settings, str(request.base_url)) + CALLBACK


async def seller_link(request: Request, door: Door, shop: Shop, *, person_id: str = "") -> tuple[str, Asked]:
    """Makes a link for a seller and notes it. `person_id`: who alone may bring the code back; empty: whoever has the link."""
    app = door.app
    link, asked = await link_for(
        Consents(app.db, app.clock, app.random),
        app.authoriser,
        shop,
        redirect_uri=callback_address(request, door),
        asked_by=door.who.name,
        person_id=person_id,
    )
    door.acted(acts.link_made(shop, for_anybody=not person_id))
    return link, asked
