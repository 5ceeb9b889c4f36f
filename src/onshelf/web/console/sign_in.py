"""In and out: the first administrator's link, invitations, name and password, the code of the phone, the language switch."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf import acts
from onshelf.errors import AccessError, Conflict, SettingsError, StoreError
from onshelf.guard import names, passwords
from onshelf.guard.passwords import LEAST_PASSWORD
from onshelf.guard.people import Person
from onshelf.guard.roles import Permission
from onshelf.guard.tokens import digest
from onshelf.texts import LANGS
from onshelf.web.console.view import Views, signed_in
from onshelf.web.console.visit import Opens, Visit, check_origin
from onshelf.web.entrance import house_of, is_secure, session_cookie, session_token
from onshelf.web.tongue import LANG_COOKIE

router = APIRouter()
HOME = "/"
LONGEST_PASSWORD = 200
_YEAR_S = 365 * 86_400
TICKET_US = 300 * 1_000_000
_TICKET = "sign_in"
Text = Annotated[str, Form(max_length=LONGEST_PASSWORD)]
Long = Annotated[str, Form(max_length=2_000)]


def views_of(request: Request) -> Views:
    """Returns what renders pages."""
    views: Views = request.app.state.views
    return views


@router.get("/sign-in")
async def ask(request: Request, next_: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """Shows the door."""
    return door(request, next_=next_)


@router.post("/sign-in")
async def enter(
    request: Request, name: Text = "", password: Text = "", next_: Annotated[str, Form(alias="next")] = HOME
) -> Response:
    """Begins a new session, whatever session there was before; asks for a code first where the person has a second factor."""
    check_origin(request)
    people = house_of(request).people
    person = await people.check_password(name, password)
    if person is None:
        refused(request, await people.named(names.name_of(name)))
        return door(request, status=401, wrong="wrong", next_=next_, name=name)
    if person.has_totp:
        return code_asked(request, ticket_of(request, person, next_))
    return await admitted(request, person, next_)


@router.post("/sign-in/code")
async def enter_code(request: Request, ticket: Long = "", code: Text = "") -> Response:
    """Lets in who knew the password and knows the code."""
    check_origin(request)
    house = house_of(request)
    found = holder_of(request, ticket)
    person = await house.people.get(found.person_id) if found else None
    if found is None or person is None or found.password != digest(person.password):
        return door(request, status=401, wrong="late")
    if not await house.totp.check(house.people, person, code):
        refused(request, person)
        return code_asked(request, ticket, status=401, wrong=True)
    return await admitted(request, person, found.next)


@router.post("/sign-out")
async def leave(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Ends this session."""
    await house_of(request).sessions.end(visit.session)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(session_cookie(request), path="/", secure=is_secure(request))
    return answer


@router.get("/welcome/{token}")
async def invited(request: Request, token: str) -> Response:
    """Shows whom an invitation makes; it is used up only when it is accepted."""
    invitation = await house_of(request).invitations.of(token)
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
    house = house_of(request)
    invitation = await house.invitations.of(token)
    name = (invitation.name if invitation else "") or names.name_of(name)
    wrong = _wrong(name, password, again)
    if invitation is not None and not wrong:
        try:
            person = await house.invitations.accept(token, name, password)
        except Conflict:
            wrong = "name_taken"
        except AccessError:
            invitation = None
        else:
            joined = acts.person_joined(person, again=bool(invitation.person_id))
            house.app.audit.acted(person.principal().name, joined)
            return await admitted(request, person, HOME)
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


class Ticket(msgspec.Struct, frozen=True):
    """Shows that somebody knew the password, for as long as a code takes to type."""

    person_id: str
    password: bytes  # digest of what is kept of it: another password since, and the ticket is void
    until_us: int
    next: str


def door(
    request: Request, *, status: int = 200, wrong: str = "", next_: str = HOME, name: str = ""
) -> Response:
    """Shows the door; `wrong` names why somebody stands at it again."""
    openid = house_of(request).openid
    return views_of(request).bare(
        request,
        "sign_in.html",
        status=status,
        wrong=wrong,
        next=inside(next_),
        name=name,
        provider=openid.provider.name if openid else "",
    )


async def admitted(request: Request, person: Person, next_: str) -> Response:
    """Begins a session, ends the one this browser had, and leads on."""
    house = house_of(request)
    before = session_token(request)
    if before:
        await house.sessions.end(digest(before))
    token = await house.sessions.begin(person, agent=agent_of(request), address=address_of(request))
    house.app.audit.acted(person.principal().name, acts.signed_in(person))
    return signed_in(request, RedirectResponse(inside(next_), 303), token)


def refused(request: Request, person: Person | None) -> None:
    """Notes that somebody was not let in."""
    house_of(request).app.audit.acted("nobody", acts.refused(person.name if person else ""))


def code_asked(request: Request, ticket: str, *, status: int = 200, wrong: bool = False) -> Response:
    """Asks for the second factor."""
    return views_of(request).bare(request, "sign_in_code.html", status=status, ticket=ticket, wrong=wrong)


def ticket_of(request: Request, person: Person, next_: str) -> str:
    """Writes a ticket nobody else can write or read."""
    app = house_of(request).app
    ticket = Ticket(person.person_id, digest(person.password), app.clock.now_us() + TICKET_US, inside(next_))
    return app.vault.seal(msgspec.json.encode(ticket), _TICKET).hex()


def holder_of(request: Request, shown: str) -> Ticket | None:
    """Reads a ticket; None: not ours, or too old."""
    app = house_of(request).app
    try:
        ticket = msgspec.json.decode(app.vault.open(bytes.fromhex(shown), _TICKET), type=Ticket)
    except (StoreError, SettingsError, ValueError, msgspec.MsgspecError):
        return None
    return ticket if app.clock.now_us() < ticket.until_us else None


def _wrong(name: str, password: str, again: str) -> str:
    wrong = names.fault_of(name) or passwords.fault_of(password, name)
    return wrong or ("" if password == again else "not_the_same")


def inside(address: str) -> str:
    """Returns an address of ours to go on to; for any other the first page."""
    parts = urlsplit(address)
    ours = (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not (parts.scheme or parts.netloc)
    )
    return address if ours and "\n" not in address and "\r" not in address else HOME


def agent_of(request: Request) -> str:
    """Returns what the browser calls itself."""
    return request.headers.get("user-agent", "")


def address_of(request: Request) -> str:
    """Returns where the request came from."""
    return request.client.host if request.client else ""
