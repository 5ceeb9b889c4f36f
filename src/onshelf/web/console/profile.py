"""The page of a shop's publishing profile: what its files lack, which category its words mean, how a price follows from a cost."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.catalog.amounts import parse_money
from onshelf.catalog.leaves import find_leaves
from onshelf.catalog.places import cities, provinces
from onshelf.catalog.preview import preview
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import load_profile
from onshelf.errors import Conflict, PlatformError
from onshelf.guard.roles import Permission
from onshelf.shops.delivery import delivery_templates
from onshelf.web import keeping
from onshelf.web.console import profile_form
from onshelf.web.console.profile_form import Filled
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit

router = APIRouter()
COSTS = tuple(map(Decimal, ("9.90", "25", "60", "120", "399")))
"""What the preview prices beside a cost of one's own."""
Reads = Annotated[Visit, Opens(Permission.READ)]


@router.get("/shops/{shop}/profile")
async def show(shop: str, request: Request, visit: Reads) -> Response:
    """Shows the profile; whoever may not change it reads it."""
    saved = "saved" in request.query_params
    return await _form(
        request, visit, shop, profile_form.shown(await load_profile(visit.door.app.db, shop)), saved=saved
    )


@router.post("/shops/{shop}/profile")
async def save(shop: str, request: Request, visit: Annotated[Visit, Opens(Permission.APPROVE)]) -> Response:
    """Keeps the profile, unless a field is wrong or somebody else changed it meanwhile."""
    before = await load_profile(visit.door.app.db, shop)
    sent = profile_form.filled(await request.form())
    wanted = profile_form.read(sent, before)
    if sent.values["version"] != profile_form.version_of(before):
        sent.wrong["form"] = "stale"
    if sent.wrong or wanted is None:
        return await _form(request, visit, shop, sent, status=422)
    try:
        await keeping.set_profile(visit.door, shop, before, wanted)
    except Conflict:
        sent.wrong["form"] = "stale"
        return await _form(request, visit, shop, sent, status=409)
    return RedirectResponse(f"{request.url.path}?saved", 303)


@router.post("/shops/{shop}/profile/prices")
async def prices(shop: str, request: Request, visit: Reads) -> Response:
    """Shows what the rule in the form makes of some costs; keeps nothing."""
    form = await request.form()
    sent = profile_form.filled(form)
    own = parse_money(str(form.get("cost") or ""))
    return views_of(request).page(request, "profile_prices.html", visit, **_prices(sent, own))


@router.get("/categories")
async def categories(
    request: Request, visit: Reads, q: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Finds leaf categories by words."""
    found = find_leaves(q, limit=12)
    return views_of(request).page(request, "profile_leaves.html", visit, leaves=found, q=q)


@router.get("/shops/{shop}/delivery-templates")
async def templates(
    shop: str, request: Request, visit: Annotated[Visit, Opens(Permission.APPROVE)]
) -> Response:
    """Asks the platform for the shop's delivery templates."""
    app = visit.door.app
    problem = None
    found = []
    try:
        found = await delivery_templates(app.client, await app.shop(shop))
    except PlatformError as error:
        problem = error
    return views_of(request).page(request, "profile_templates.html", visit, templates=found, problem=problem)


async def _form(
    request: Request, visit: Visit, shop: str, sent: Filled, *, status: int = 200, saved: bool = False
) -> Response:
    return views_of(request).page(
        request,
        "profile.html",
        visit,
        status=status,
        current="products",
        shop=shop,
        tab="profile",
        form=sent,
        saved=saved,
        empty=sent.values["version"] == profile_form.version_of(Profile()),
        provinces=provinces(),
        cities=cities(),
        **_prices(sent, None),
    )


def _prices(sent: Filled, own: Decimal | None) -> dict[str, Any]:
    """Prices the costs by the rule as the form has it; what is wrong in the form stands in its copy."""
    tried = Filled(dict(sent.values), [])
    rule = profile_form.read_rule(tried)
    costs = (*COSTS, *([own] if own else []))
    return {
        "rows": [preview(cost, rule) for cost in costs] if rule else [],
        "faults": tried.wrong,
        "tried": own is not None,
    }
