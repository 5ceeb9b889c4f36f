"""A seller's consent in the browser: the link, and the page the platform sends the seller back to."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf import acts
from onshelf.errors import Error, SettingsError
from onshelf.guard.people import Person
from onshelf.guard.roles import Permission
from onshelf.shops.tokens.consent import Asked, Consents, take_code
from onshelf.web.consents import CALLBACK, seller_link
from onshelf.web.console.shop_view import wrong_field
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.entrance import house_of, lang_of, session_token

router = APIRouter()
Word = Annotated[str, Query(max_length=4_000)]
OWN = "own"


@router.post("/shops/{shop}/authorise")
async def ask(
    shop: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.SHOPS)],
    who: Annotated[str, Form(max_length=20)] = OWN,
) -> Response:
    """Leads to the platform's page, or shows the link that somebody else is to open."""
    one = await visit.door.shop(shop)
    own, wrong, link, asked = who == OWN, {}, "", None
    try:
        link, asked = await seller_link(
            request, visit.door, one, person_id=visit.person.person_id if own else ""
        )
    except SettingsError as error:
        wrong = wrong_field(error)
    by_script = "hx-request" in request.headers
    if link and own and by_script:
        return Response(status_code=204, headers={"HX-Redirect": link})
    return views_of(request).page(
        request,
        "shop_link_part.html" if by_script else "shop_link.html",
        visit,
        status=422 if wrong and not by_script else 200,
        current="shops",
        shop=one,
        link=link,
        asked=asked,
        own=own,
        wrong=wrong,
    )


@router.get(CALLBACK)
async def back(
    request: Request, state: Word = "", code: Word = "", error: Word = "", error_description: Word = ""
) -> Response:
    """Takes what the platform sends back: believed by its state alone, once, from whom the link was made for."""
    app = house_of(request).app
    consents = Consents(app.db, app.clock, app.random)
    asked = await consents.find(state)
    person = await _visitor(request)
    if asked is None:
        return _told(request, "not_ours", 400)
    if not asked.is_for(person.person_id if person else ""):
        return _told(request, "not_you", 403, asked)
    if not code:
        return _told(request, "declined", 200, asked, why=error_description or error)
    if not await consents.use(state):
        return _told(request, "not_ours", 400)
    shop = await app.shops.get(asked.shop_id)
    if shop is None:
        return _told(request, "not_ours", 400)
    try:
        token = await take_code(
            app.shops, app.authoriser, app.sessions, shop, code, redirect_uri=asked.redirect_uri
        )
    except Error as failed:
        lang = lang_of(request)
        return _told(request, "failed", 502, asked, why=failed.message(lang), remedy=failed.remedy(lang))
    who = person.principal() if person else None
    app.audit.acted(who.name if who else "seller", acts.shop_authorised(shop, "link", asked.asked_by))
    if who and who.sees(shop.shop_id):
        return RedirectResponse(f"/shops/{shop.shop_id}?authorised=true", 303)
    return _told(request, "done", 200, asked, nick=token.nick)


async def _visitor(request: Request) -> Person | None:
    token = session_token(request)
    return await house_of(request).sessions.whose(token) if token else None


def _told(
    request: Request,
    verdict: str,
    status: int,
    asked: Asked | None = None,
    *,
    nick: str = "",
    why: str = "",
    remedy: str = "",
) -> Response:
    return views_of(request).bare(
        request,
        "shop_consent.html",
        status=status,
        verdict=verdict,
        shop=asked.shop_id if asked else "",
        nick=nick,
        why=why[:300],
        remedy=remedy,
    )
