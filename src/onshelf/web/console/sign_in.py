"""In and out: the first administrator's link, invitations, name and password, the language switch."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.errors import AccessError, Conflict
from onshelf.guard.people import LEAST_PASSWORD
from onshelf.guard.roles import Permission
from onshelf.texts import LANGS
from onshelf.web.console.view import Views, signed_in
from onshelf.web.console.visit import Opens, Visit, check_origin
from onshelf.web.entrance import LANG_COOKIE, SESSION_COOKIE, house_of

router = APIRouter()
HOME = "/"
LONGEST_PASSWORD = 200
_YEAR_S = 365 * 86_400
Text = Annotated[str, Form(max_length=LONGEST_PASSWORD)]


def views_of(request: Request) -> Views:
    """Returns what renders pages."""
    views: Views = request.app.state.views
    return views


@router.get("/sign-in")
async def ask(request: Request, next_: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """Shows the door."""
    return views_of(request).bare(request, "sign_in.html", wrong=False, next=inside(next_), name="")


@router.post("/sign-in")
async def enter(
    request: Request, name: Text = "", password: Text = "", next_: Annotated[str, Form(alias="next")] = HOME
) -> Response:
    """Begins a new session, whatever session there was before."""
    check_origin(request)
    people = house_of(request).people
    person = await people.check_password(name.strip(), password)
    if person is None:
        house_of(request).app.audit.acted("nobody", "person.refused", {}, subject=name.strip()[:64])
        return views_of(request).bare(
            request, "sign_in.html", status=401, wrong=True, next=inside(next_), name=name
        )
    token = await people.sign_in(person, agent=agent_of(request), address=address_of(request))
    house_of(request).app.audit.acted(person.principal().name, "person.signed_in", {}, subject=person.name)
    return signed_in(RedirectResponse(inside(next_), 303), token, secure=is_secure(request))


@router.post("/sign-out")
async def leave(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Ends this session."""
    await house_of(request).people.sign_out(visit.session)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@router.get("/welcome/{token}")
async def invited(request: Request, token: str) -> Response:
    """Shows whom an invitation makes; it is used up only when it is accepted."""
    invitation = await house_of(request).people.invitation(token)
    return views_of(request).bare(
        request,
        "welcome.html",
        status=200 if invitation else 404,
        invitation=invitation,
        token=token,
        name="",
        wrong="",
        least=LEAST_PASSWORD,
    )


@router.post("/welcome/{token}")
async def accept(
    request: Request, token: str, name: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Makes the person, and signs in at once."""
    check_origin(request)
    people = house_of(request).people
    invitation = await people.invitation(token)
    name = (invitation.name if invitation else "") or name.strip()
    wrong = _wrong(name, password, again)
    if invitation is not None and not wrong:
        try:
            person = await people.accept(token, name, password)
        except Conflict:
            wrong = "name_taken"
        except AccessError:
            invitation = None
        else:
            house_of(request).app.audit.acted(
                person.principal().name, "person.joined", {"role": person.role}, subject=person.name
            )
            session = await people.sign_in(person, agent=agent_of(request), address=address_of(request))
            return signed_in(RedirectResponse(HOME, 303), session, secure=is_secure(request))
    return views_of(request).bare(
        request,
        "welcome.html",
        status=422 if invitation else 404,
        invitation=invitation,
        token=token,
        name=name,
        wrong=wrong,
        least=LEAST_PASSWORD,
    )


@router.post("/language")
async def language(request: Request, lang: Text, back: Text = HOME) -> Response:
    """Switches the language of this browser."""
    check_origin(request)
    answer = RedirectResponse(inside(back), 303)
    if lang in LANGS:
        answer.set_cookie(LANG_COOKIE, lang, max_age=_YEAR_S, samesite="lax", secure=is_secure(request))
    return answer


def _wrong(name: str, password: str, again: str) -> str:
    if not 0 < len(name) <= 64:
        return "no_name"
    if len(password) < LEAST_PASSWORD:
        return "short_password"
    return "" if password == again else "not_the_same"


def inside(address: str) -> str:
    """Returns an address of ours to go on to; for any other the first page."""
    parts = urlsplit(address)
    ours = (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not (parts.scheme or parts.netloc)
    )
    return address if ours and "\n" not in address and "\r" not in address else HOME


def is_secure(request: Request) -> bool:
    """Tells whether the browser reached us over https."""
    return request.url.scheme == "https"


def agent_of(request: Request) -> str:
    """Returns what the browser calls itself."""
    return request.headers.get("user-agent", "")


def address_of(request: Request) -> str:
    """Returns where the request came from."""
    return request.client.host if request.client else ""
