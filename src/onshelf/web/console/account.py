"""One's own account: password, second factor, linked provider, and the sessions that can be ended."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from onshelf import acts
from onshelf.errors import Error
from onshelf.guard.passwords import LEAST_PASSWORD, fault_of
from onshelf.guard.roles import Permission
from onshelf.guard.totp import address_of
from onshelf.web.console.sign_in import Long, Text, views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.entrance import house_of
from onshelf.web.qr import path_of, squares_of

router = APIRouter()
Own = Annotated[Visit, Opens(Permission.READ)]


@router.get("/account")
async def account(request: Request, visit: Own) -> Response:
    """Shows one's own account."""
    return await account_page(request, visit)


@router.post("/account/password")
async def change_password(
    request: Request, visit: Own, old: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Changes the password and ends all other sessions."""
    if wrong := fault_of(password, visit.person.name):
        return await account_page(request, visit, wrong=wrong)
    if password != again:
        return await account_page(request, visit, wrong="not_the_same")
    people = house_of(request).people
    if not await people.set_password(visit.person, old, password, keep=visit.session):
        return await account_page(request, visit, wrong="old_password")
    visit.door.acted(acts.password_changed(visit.person))
    return await account_page(request, visit, done="password")


@router.get("/account/totp")
async def propose(request: Request, visit: Own) -> Response:
    """Shows a new secret, as a picture for the phone and as text."""
    return _proposal(request, visit)


@router.post("/account/totp")
async def enrol(
    request: Request, visit: Own, sealed: Long = "", code: Annotated[str, Form(max_length=12)] = ""
) -> Response:
    """Asks for codes from now on, once the phone has shown a right one; shows the codes on paper, once."""
    totp = house_of(request).totp
    person_id = visit.person.person_id
    try:
        secret = totp.proposed(person_id, sealed)
    except (Error, ValueError):
        return RedirectResponse("/account/totp", 303)
    codes = None if visit.person.has_totp else await totp.enrol(person_id, secret, code)
    if codes is None:
        return _proposal(request, visit, secret=secret, sealed=sealed, wrong=True)
    await house_of(request).sessions.end_others(person_id, visit.session)
    visit.door.acted(acts.second_factor_added(visit.person))
    return views_of(request).page(request, "account_codes.html", visit, current="", codes=codes)


@router.post("/account/totp/remove")
async def remove(request: Request, visit: Own, password: Text = "") -> Response:
    """Asks for no code any more, for who knows the password."""
    house = house_of(request)
    if not await house.people.knows(visit.person, password):
        return await account_page(request, visit, wrong="old_password")
    await house.totp.remove(visit.person.person_id)
    visit.door.acted(acts.second_factor_removed(visit.person))
    return RedirectResponse("/account", 303)


@router.post("/account/openid/unlink")
async def unlink(request: Request, visit: Own) -> Response:
    """Lets the provider vouch for this person no more; who has no password would be shut out."""
    if not visit.person.password:
        return await account_page(request, visit, wrong="only_way")
    await house_of(request).people.link(visit.person.person_id, None)
    visit.door.acted(acts.unlinked(visit.person))
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/{session}/end")
async def end_session(request: Request, session: str, visit: Own) -> Response:
    """Ends one of one's own sessions."""
    if await house_of(request).sessions.end_named(visit.person.person_id, session):
        visit.door.acted(acts.session_ended(visit.person))
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/end-others")
async def end_others(request: Request, visit: Own) -> Response:
    """Ends all of one's own sessions but this one."""
    await house_of(request).sessions.end_others(visit.person.person_id, visit.session)
    visit.door.acted(acts.sessions_ended(visit.person))
    return RedirectResponse("/account", 303)


async def account_page(request: Request, visit: Visit, *, wrong: str = "", done: str = "") -> Response:
    """Shows one's own account; `wrong`, `done` name what was just tried."""
    house = house_of(request)
    person = await house.people.get(visit.person.person_id) or visit.person
    return views_of(request).page(
        request,
        "account.html",
        visit,
        status=422 if wrong else 200,
        current="",
        person=person,
        sessions=await house.sessions.of(person.person_id),
        this=visit.session,
        codes_left=await house.totp.left(person.person_id),
        provider=house.openid.provider.name if house.openid else "",
        least=LEAST_PASSWORD,
        wrong=wrong,
        done=done,
    )


def _proposal(
    request: Request, visit: Visit, *, secret: str = "", sealed: str = "", wrong: bool = False
) -> Response:
    if visit.person.has_totp:
        return RedirectResponse("/account", 303)
    if not secret:
        secret, sealed = house_of(request).totp.propose(visit.person.person_id)
    squares = squares_of(address_of(secret, visit.person.name))
    picture: dict[str, Any] = {"size": len(squares), "path": path_of(squares)}
    return views_of(request).page(
        request,
        "account_totp.html",
        visit,
        status=422 if wrong else 200,
        current="",
        picture=picture,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        sealed=sealed,
        wrong=wrong,
    )
