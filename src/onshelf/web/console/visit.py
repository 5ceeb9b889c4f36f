"""A person's visit to a page: signed in, permitted, and for a change asked from a page of ours."""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request

from onshelf.guard.people import Person
from onshelf.guard.roles import Permission, Principal
from onshelf.guard.tokens import digest
from onshelf.web.entrance import SAFE, Entrance, house_of, session_token, unknown
from onshelf.web.house import Door
from onshelf.web.problem import Problem

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf"
QUIET = "x-quiet"
"""The header of what a page asks for by itself."""
_PURPOSE = "csrf"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who visits, and what a form of ours must carry."""

    door: Door
    person: Person
    session: bytes  # digest of the session's token
    csrf: str


class Visits(Entrance):
    """Lets a signed-in person in. A change must come from a page of ours: by its origin and by the token in its form."""

    strict = False  # a page reads its filters from the address itself, and an old bookmark still opens it

    async def __call__(self, request: Request) -> Visit:  # type: ignore[override]
        """Raises Problem 401 (nobody), 403 (not permitted, or asked from elsewhere), 404 (no shop of the person's)."""
        token = session_token(request)
        quiet = QUIET in request.headers
        person = await house_of(request).sessions.whose(token, quiet=quiet) if token else None
        if person is None:
            raise unknown("no_session")
        request.state.principal = person.principal()
        door = await super().__call__(request)
        csrf = csrf_of(request, token)
        if request.method not in SAFE:
            check_origin(request)
            await check_token(request, csrf)
        return Visit(door, person, digest(token), csrf)

    async def identify(self, request: Request) -> Principal:
        found: Principal = request.state.principal
        return found


def csrf_of(request: Request, token: str) -> str:
    """Returns what the forms of a session carry: nobody without the master key can make it."""
    return house_of(request).app.vault.sign(digest(token), _PURPOSE).hex()


def check_origin(request: Request) -> None:
    """Raises Problem 403 when a browser says that another site asks."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    ):
        raise Problem(403, "foreign_site")


async def check_token(request: Request, csrf: str) -> None:
    """Raises Problem 403 when the form's token is not that of the session."""
    shown = request.headers.get(CSRF_HEADER)
    if shown is None:
        shown = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(shown.encode(), csrf.encode()):
        raise Problem(403, "stale_form")


def Opens(permission: Permission) -> Any:  # noqa: N802 - reads as what FastAPI calls such markers
    """Marks a page: whoever opens it is signed in and has the permission."""
    return Depends(Visits(permission))
