"""One shop: how it stands, its details, a probe, its addition and its removal."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.errors import Conflict, InDoubt, SettingsError
from onshelf.guard.roles import Permission
from onshelf.retiring import leaving
from onshelf.settings import Secret
from onshelf.shops import register
from onshelf.shops.register import GATEWAY, OAUTH, read_secret
from onshelf.shops.shop import Shop
from onshelf.shops.standing import standings
from onshelf.web import keeping
from onshelf.web.consents import callback_address
from onshelf.web.console.shop_view import ShopRow, wrong_field
from onshelf.web.console.shops import quotas_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door

router = APIRouter()
Text = Annotated[str, Form(max_length=5_000)]
BLANK = {"name": "", "app_key": "", "gateway": GATEWAY, "oauth": OAUTH, "tmc": ""}


async def row_of(door: Door, shop: Shop) -> ShopRow:
    """Tells how one shop stands."""
    found = await standings(door.app.shops, door.app.queue, [shop], door.app.clock.now_us())
    return ShopRow(found[0], (await quotas_of(door, found))[shop.app_key])


@router.get("/shops/{shop}")
async def show(
    shop: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    authorised: bool = False,
    saved: bool = False,
) -> Response:
    """Shows a shop."""
    one = await visit.door.shop(shop)
    return await _page(request, visit, one, told="authorised" if authorised else "saved" if saved else "")


async def _page(
    request: Request, visit: Visit, shop: Shop, *, told: str = "", wrong: dict[str, str] | None = None
) -> Response:
    return views_of(request).page(
        request,
        "shop.html",
        visit,
        status=422 if wrong else 200,
        current="shops",
        row=await row_of(visit.door, shop),
        shop=shop,
        told=told,
        wrong=wrong or {},
    )


@router.post("/shops/{shop}/probe")
async def probe(shop: str, request: Request, visit: Annotated[Visit, Opens(Permission.PUBLISH)]) -> Response:
    """Probes a shop now; answers the part of the page that tells what was found, or leads back to the page."""
    one = await visit.door.shop(shop)
    await keeping.probe(visit.door, one)
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/shops/{shop}", 303)
    row = await row_of(visit.door, await visit.door.shop(shop))
    return views_of(request).page(request, "shop_probe.html", visit, current="shops", row=row, shop=one)


@router.post("/shops/{shop}/details")
async def change(
    shop: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.SHOPS)],
    app_key: Text = "",
    app_secret: Text = "",
    gateway: Text = "",
    oauth: Text = "",
    tmc: Text = "",
    nick: Text = "",
) -> Response:
    """Changes a shop's details; an empty secret leaves the one there is."""
    before = await visit.door.shop(shop)
    wished = {"app_key": app_key, "gateway": gateway, "oauth": oauth, "tmc": tmc, "nick": nick}
    wished = {name: value.strip() for name, value in wished.items()}
    after = replace(before, **wished)  # type: ignore[arg-type]
    try:
        await keeping.change(visit.door, before, after, _secret(app_secret))
    except SettingsError as error:
        return await _page(request, visit, after, wrong=_wrong_app(error, app_secret))
    return RedirectResponse(f"/shops/{shop}?saved=true", 303)


def _secret(given: str) -> Secret | None:
    return read_secret(given, "app_secret") if given.strip() else None


@router.post("/shops/{shop}/session")
async def put_session(
    shop: str, request: Request, visit: Annotated[Visit, Opens(Permission.SHOPS)], session: Text = ""
) -> Response:
    """Takes a session that came another way."""
    one = await visit.door.shop(shop)
    try:
        await keeping.put_session(visit.door, one, read_secret(session, "session"))
    except SettingsError as error:
        return await _page(request, visit, one, wrong=wrong_field(error))
    return RedirectResponse(f"/shops/{shop}?authorised=true", 303)


@router.get("/shop-new")
async def ask_new(request: Request, visit: Annotated[Visit, Opens(Permission.SHOPS)]) -> Response:
    """Shows the form that adds a shop."""
    return await _form(request, visit, BLANK, {})


@router.post("/shop-new")
async def add(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.SHOPS)],
    name: Text = "",
    app_key: Text = "",
    app_secret: Text = "",
    gateway: Text = "",
    oauth: Text = "",
    tmc: Text = "",
) -> Response:
    """Adds a shop, and leads to where it is authorised next."""
    given = {"name": name, "app_key": app_key, "gateway": gateway, "oauth": oauth, "tmc": tmc}
    given = {field: value.strip() for field, value in given.items()}
    try:
        shop = register.new_shop(
            given["name"],
            given["app_key"],
            gateway=given["gateway"],
            oauth=given["oauth"],
            tmc=given["tmc"],
            now_us=visit.door.app.clock.now_us(),
        )
        await keeping.add(visit.door, shop, _secret(app_secret))
    except SettingsError as error:
        return await _form(request, visit, given, _wrong_app(error, app_secret))
    except Conflict:
        return await _form(request, visit, given, {"name": "shop_form.wrong.taken"})
    return RedirectResponse(f"/shops/{shop.shop_id}", 303)


def _wrong_app(error: SettingsError, app_secret: str) -> dict[str, str]:
    """An app key that is well formed but unknown lacks its secret."""
    wrong = wrong_field(error)
    if "app_key" in wrong and error.context["value"].strip() and not app_secret.strip():
        return {"app_secret": "shop_form.wrong.app_secret"}
    return wrong


async def _form(request: Request, visit: Visit, given: dict[str, str], wrong: dict[str, str]) -> Response:
    known = sorted({one.app_key for one in await visit.door.shops()})
    return views_of(request).page(
        request,
        "shop_new.html",
        visit,
        status=422 if wrong else 200,
        current="shops",
        given=given,
        wrong=wrong,
        known=known,
        callback=callback_address(request, visit.door),
    )


@router.get("/shops/{shop}/remove")
async def ask_remove(
    shop: str, request: Request, visit: Annotated[Visit, Opens(Permission.SHOPS)]
) -> Response:
    """Says what goes with a shop, and asks."""
    return await _remove_page(request, visit, await visit.door.shop(shop))


@router.post("/shops/{shop}/remove")
async def remove(
    shop: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.SHOPS)],
    name: Text = "",
    force: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Removes a shop whose name was typed again."""
    one = await visit.door.shop(shop)
    if name.strip() != one.shop_id:
        return await _remove_page(request, visit, one, "name")
    try:
        await keeping.remove(visit.door, one, force=bool(force))
    except InDoubt:
        return await _remove_page(request, visit, one, "force")
    return RedirectResponse("/shops", 303)


async def _remove_page(request: Request, visit: Visit, shop: Shop, wrong: str = "") -> Response:
    """`wrong`: the field that keeps the shop from going; empty: none yet."""
    return views_of(request).page(
        request,
        "shop_remove.html",
        visit,
        status={"name": 422, "force": 409}.get(wrong, 200),
        current="shops",
        shop=shop,
        gone=await leaving(visit.door.app, shop),
        wrong=wrong,
    )
