"""Who comes in: a program with a key, or a person with a session; and whether the role permits what the route does.

Every route names one permission: `door: Annotated[Door, Needs(Permission.READ)]`. A route with a path or query parameter
`shop` is entered only by those whose shop it is.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Scope

from onshelf.guard.roles import Permission, Principal
from onshelf.texts import Lang, Words
from onshelf.web.actors import actor_words
from onshelf.web.house import Door, House
from onshelf.web.noted import CALLER
from onshelf.web.paging import check_fields
from onshelf.web.problem import Problem
from onshelf.web.shown import cookie_of, key_of, session_of
from onshelf.web.tongue import spoken

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def house_of(request: Request) -> House:
    """Returns what the service is built of."""
    return cast("House", request.app.state.house)


def is_secure(request: Request) -> bool:
    """Tells whether the browser reached us over https."""
    return request.url.scheme == "https"


def session_cookie(request: Request) -> str:
    """Returns the name under which this browser keeps its session."""
    return cookie_of(request.scope)


def session_token(request: Request) -> str:
    """Returns what the browser shows of its session; empty: nothing."""
    return session_of(request.scope)


def lang_of(request: Request) -> Lang:
    """Returns the language of the answer."""
    return spoken(request.scope, house_of(request).app.settings["lang"])


async def is_known(house: House, scope: Scope) -> bool:
    """Tells whether a request shows a key or a session that is good, before it is read any further."""
    return await _principal(house, scope) is not None


async def why_not(house: House, permission: Permission, scope: Scope) -> Problem | None:
    """Tells why a caller may not do what needs a permission, before its request is read any further; None: it may."""
    who = await _principal(house, scope)
    if who is None:
        return unknown("no_key" if key_of(scope) is None else "bad_key")
    return None if who.may(permission) else not_permitted(who, permission)


async def _principal(house: House, scope: Scope) -> Principal | None:
    shown, token = key_of(scope), session_of(scope)
    if shown is not None:
        key = await house.keys.whose(shown)
        return key.principal() if key else None
    person = await house.sessions.whose(token) if token else None
    return person.principal() if person else None


def is_dry(given: str | None) -> bool:
    """Tells whether a dry run is asked for, in any of the words a route takes for yes; what is not plainly a no is one."""
    return given is not None and given.lower() not in ("false", "0", "no", "off", "f", "n")


class Entrance:
    """Lets a program or a person in who may do what a route does, and refuses everybody else."""

    strict: ClassVar[bool] = True  # refuses parameters that the route does not name

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Door:
        """Raises Problem 401 (nobody), 403 (not permitted), 422 (a parameter there is not), 404 (no shop of the caller's)."""
        who = await self.identify(request)
        if not who.may(self.permission):
            raise not_permitted(who, self.permission)
        door = Door(
            house_of(request),
            who,
            self.permission,
            lang_of(request),
            is_dry(request.query_params.get("dry_run")),
        )
        if self.strict:
            check_parameters(request)
        shop_id = request.path_params.get("shop") or request.query_params.get("shop")
        if shop_id:
            await door.shop(shop_id)
        return door

    async def identify(self, request: Request) -> Principal:
        """Returns whose key the request shows; a session will do to read. Raises Problem 401."""
        house = house_of(request)
        shown = key_of(request.scope)
        if shown is not None:
            key = await house.keys.whose(shown)
            if key is not None:
                request.scope[CALLER] = (who := key.principal()).name
                return who
            raise unknown("bad_key")
        token = session_token(request)
        if token and request.method in SAFE:
            person = await house.sessions.whose(token)
            if person is not None:
                return person.principal()
        raise unknown("no_key")


def check_parameters(request: Request) -> None:
    """Lets on a request whose parameters the route knows: a filter written wrongly must not list everything. Raises Problem 422.

    So with the fields a list is to give.
    """
    route: APIRoute = request.scope["route"]
    known = parameters_of(route)
    wrong = next((name for name in request.query_params if name not in known), None)
    if wrong is not None:
        raise Problem(422, "no_parameter", parameter=wrong[:40], known=tuple(sorted(known)))
    if "fields" in known:
        check_fields(request.query_params.get("fields"), route.response_model)


def parameters_of(route: APIRoute) -> frozenset[str]:
    """Returns the names a route takes after the `?`."""
    return frozenset(_query_names(route.dependant))


def _query_names(of: Dependant) -> Iterator[str]:
    yield from (one.alias for one in of.query_params)
    for deeper in of.dependencies:
        yield from _query_names(deeper)


def not_permitted(who: Principal, permission: Permission) -> Problem:
    """Says in words of people who may not do what."""
    return Problem(
        403,
        "not_permitted",
        who=actor_words(who.name),
        role=Words(f"web.role.{who.role}", {}),
        permission=Words(f"web.permission.{permission}", {}),
    )


def unknown(why: str) -> Problem:
    """Says that nobody is known to be asking."""
    return Problem(401, why, headers={"WWW-Authenticate": 'Bearer realm="onshelf"'})


def Needs(permission: Permission) -> Any:  # noqa: N802 - reads as what FastAPI calls such markers
    """Marks a route's door: whoever enters has the permission."""
    return Depends(Entrance(permission))
