"""Sign-in by a provider: there, back, and linking one's own account to it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from structlog import get_logger

from onshelf import acts
from onshelf.errors import AccessError, Conflict, Error
from onshelf.guard.openid import OpenId
from onshelf.guard.openid_providers import Vouched
from onshelf.guard.people import Person
from onshelf.guard.roles import Permission, Role
from onshelf.web.console.account import account_page
from onshelf.web.console.sign_in import HOME, Text, admitted, door, inside, views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.entrance import house_of, is_secure, session_token
from onshelf.web.problem import Problem
from onshelf.web.reach import base_of

router = APIRouter()
BACK = "/sign-in/openid/back"
_MOST = 4_000  # characters a provider may send back
_log = get_logger()
Word = Annotated[str, Query(max_length=_MOST)]


@router.get("/sign-in/openid")
async def go(request: Request, next_: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """Leads to the provider."""
    try:
        address, sealed = await _openid(request).begin(back=_back(request), next_=inside(next_))
    except AccessError as error:
        return _refused(request, error)
    return _carried(request, RedirectResponse(address, 303), sealed)


@router.post("/account/openid")
async def link(
    request: Request, visit: Annotated[Visit, Opens(Permission.READ)], password: Text = ""
) -> Response:
    """Shows who knows the password the way to the provider, to link one's own account: no form may lead to another site.

    A borrowed session is not enough: a link is a way in that outlives it.
    """
    openid = _openid(request)
    if not await house_of(request).people.knows(visit.person, password):
        return await account_page(request, visit, wrong="old_password")
    try:
        address, sealed = await openid.begin(
            back=_back(request), next_="/account", person_id=visit.person.person_id
        )
    except AccessError as error:
        return _refused(request, error)
    answer = views_of(request).page(
        request, "account_link.html", visit, current="", address=address, provider=openid.provider.name
    )
    return _carried(request, answer, sealed)


@router.get(BACK)
async def back(
    request: Request,
    state: Word = "",
    code: Word = "",
    auth_code: Annotated[str, Query(alias="authCode", max_length=_MOST)] = "",
) -> Response:
    """Takes the provider's answer: for who began this very try in this very browser, once."""
    openid = _openid(request)
    sealed = request.cookies.get(_cookie(request), "")
    try:
        tried, vouched = await openid.finish(sealed, state, code or auth_code)
        if tried.person_id and await _visitor(request) != tried.person_id:
            raise AccessError("openid", "linked for somebody else")
        person = await _person(request, vouched, tried.person_id)
    except (AccessError, Conflict) as error:
        answer = _refused(request, error)
    else:
        answer = (
            RedirectResponse("/account", 303)
            if tried.person_id
            else await admitted(request, person, tried.next)
        )
    answer.delete_cookie(_cookie(request), path="/", secure=is_secure(request))
    return answer


async def _visitor(request: Request) -> str:
    """Returns who has signed in here; empty: nobody. A link is made only for who asked for it, in a session that still is."""
    token = session_token(request)
    person = await house_of(request).sessions.whose(token) if token else None
    return person.person_id if person else ""


def _back(request: Request) -> str:
    return base_of(house_of(request).app.settings, str(request.base_url)) + BACK


def _refused(request: Request, error: Error) -> Response:
    _log.warning("web.openid_refused", why=str(error))
    return door(request, status=401, wrong="openid")


def _carried(request: Request, answer: Response, sealed: str) -> Response:
    """Lets this browser, and no other, carry the try."""
    answer.set_cookie(
        _cookie(request), sealed, max_age=600, httponly=True, secure=is_secure(request), samesite="lax"
    )
    return answer


async def _person(request: Request, vouched: Vouched, linking: str) -> Person:
    """Returns who it is: known, linking just now, or new where the setting lets newcomers in. Raises AccessError, Conflict."""
    house = house_of(request)
    known = await house.people.known_as(vouched.subject)
    if linking:
        await house.people.link(linking, vouched.subject)
        person = await house.people.get(linking)
        if person is not None:
            house.app.audit.acted(person.principal().name, acts.linked(person))
            return person
    if known is None and house.app.settings["openid_role"] != "known":
        known = await house.people.admit(
            vouched.subject, vouched.name, Role(house.app.settings["openid_role"])
        )
        house.app.audit.acted(known.principal().name, acts.person_joined(known))
    if known is None or known.ended:
        raise AccessError("openid", f"nobody is linked to {vouched.subject}")
    return known


def _openid(request: Request) -> OpenId:
    openid = house_of(request).openid
    if openid is None:
        raise Problem(404, "no_openid")
    return openid


def _cookie(request: Request) -> str:
    return "__Host-onshelf_openid" if is_secure(request) else "onshelf_openid"
