"""The service's HTTP application: joins the routes of this room, what stands before them, and what their errors look like."""

from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from traceback import format_exception, format_tb

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from structlog import get_logger

from onshelf.errors import Error
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.mask import mask
from onshelf.guard.openid import OpenId
from onshelf.guard.openid_providers import must_of
from onshelf.guard.passwords import Passwords
from onshelf.guard.people import People
from onshelf.guard.sessions import Sessions
from onshelf.guard.totp import Totp
from onshelf.hooks.hub import Hub
from onshelf.ids import new_id
from onshelf.platforms.http1 import SocketTransport
from onshelf.texts import text
from onshelf.web import health, metrics
from onshelf.web.api import API, BRINGS, LARGE_BODIES, routers
from onshelf.web.bounds import Bounds
from onshelf.web.console import pages
from onshelf.web.console.view import Views
from onshelf.web.entrance import is_known, lang_of, why_not
from onshelf.web.etag import Etag
from onshelf.web.headers import HEADERS, SafeHeaders
from onshelf.web.house import House
from onshelf.web.named import Named
from onshelf.web.noted import Noted
from onshelf.web.once import Once
from onshelf.web.openapi import described
from onshelf.web.pace import Pace
from onshelf.web.problem import ProblemOut, answer, misread, of_http, problem_of
from onshelf.web.reach import hosts_of
from onshelf.web.vouching import checked_provider
from onshelf.wiring import App, rehearsing

SIGN_INS_PER_MINUTE = 60
"""From one address, whatever name is tried."""
STATIC = Path(str(files("onshelf.web") / "static"))

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_log = get_logger()


def create_app(app: App, *, passwords: Passwords | None = None) -> FastAPI:
    """Returns the ASGI application over an opened app, whose life it does not touch; tests pass quicker `passwords`."""
    house = _house(app, passwords or Passwords())
    lang = app.settings["lang"]
    service = FastAPI(
        title="onshelf",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SafeHeaders),
            Middleware(Named, names=hosts_of(app.settings), lang=lang),
            Middleware(
                Noted,
                prefix=API,
                audit=app.audit,
                clock=app.clock,
                whose=house.keys.whose,
                routes=[route for router in routers() for route in router.routes],
            ),
            Middleware(
                Bounds,
                lang=lang,
                larger=LARGE_BODIES,
                clock=app.clock,
                why_not=partial(why_not, house, BRINGS),
            ),
            Middleware(
                Pace,
                prefix="/sign-in",
                limit_per_minute=SIGN_INS_PER_MINUTE,
                clock=app.clock,
                lang=lang,
            ),
            Middleware(
                Pace,
                prefix=API,
                limit_per_minute=app.settings["api_per_minute"],
                clock=app.clock,
                lang=lang,
                known=partial(is_known, house),
            ),
            Middleware(Etag, prefix=API),
            Middleware(
                Once, prefix=API, db=app.db, clock=app.clock, lang=lang, known=partial(is_known, house)
            ),
        ],
    )
    service.state.house = house
    service.state.views = Views(house)
    for room in (health, metrics):
        service.include_router(room.routes(app), include_in_schema=False)
    service.router.routes.extend(_joined())
    service.mount("/static", StaticFiles(directory=STATIC))
    _say_errors(service, app)
    service.openapi = described(service)  # type: ignore[method-assign]
    return service


@cache
def _joined() -> tuple[BaseRoute, ...]:
    """Returns the routes of the API and of the console. They know no app, so that all apps of a process have the same ones."""
    joined = APIRouter()
    for router in routers():
        joined.include_router(router, prefix=API)
    for page in pages():
        joined.include_router(page, include_in_schema=False)
    return tuple(joined.routes)


def _house(app: App, passwords: Passwords) -> House:
    parts = (app.db, app.clock, app.random)
    return House(
        app,
        rehearsing(app),
        People(*parts, passwords),
        Keys(*parts),
        Sessions(*parts),
        Invitations(*parts, passwords),
        Totp(app.db, app.vault, app.clock, app.random),
        _openid(app),
        Hub(app.db, app.clock),
    )


def _openid(app: App) -> OpenId | None:
    """Returns the provider people sign in by; None: none is set. Raises SettingsError when what it needs is missing."""
    of = app.settings
    if of["openid"] == "off":
        return None
    return OpenId(
        checked_provider(of),
        of["openid_client"],
        of["openid_secret"],
        claim=of["openid_claim"],
        must=must_of(of["openid_must"]),
        vault=app.vault,
        clock=app.clock,
        random=app.random,
        connect=lambda: SocketTransport(connect_timeout_s=of["connect_timeout_s"]),
    )


def _say_errors(service: FastAPI, app: App) -> None:
    @service.exception_handler(Error)
    async def ours(request: Request, error: Error) -> Response:
        return await told(request, problem_of(error, lang_of(request)), getattr(error, "headers", None))

    @service.exception_handler(RequestValidationError)
    async def unread(request: Request, error: RequestValidationError) -> Response:
        return await told(request, misread(error, lang_of(request)))

    @service.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = _allowed(request) if error.status_code == 405 else error.headers
        return await told(request, of_http(error, lang_of(request)), headers)

    @service.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        """Answers 500 with an id that the log has too."""
        error_id = new_id(app.clock.now_us(), app.random)
        _log.error("web.failed", error_id=error_id, route=_route(request), trace=_trace(error))
        lang = lang_of(request)
        problem = ProblemOut(
            type="urn:onshelf:problem:broken",
            title=text("web.problem.broken", lang, error_id=error_id),
            status=500,
            code="broken",
            remedy=text("web.problem.broken.remedy", lang),
            error_id=error_id,
        )
        answered = await told(request, problem)
        answered.headers.update(HEADERS)  # made outside of what adds them to every other answer
        return answered


def _route(request: Request) -> str:
    """Names what was asked by its route's pattern: a path may hold the secret of a link."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '?')}"


def _allowed(request: Request) -> dict[str, str]:
    """Names every method an address takes: each of them is a route of its own."""
    routes = [one for one in request.app.router.routes if not isinstance(one, Mount)]
    found = [
        method
        for method in _METHODS
        if any(one.matches({**request.scope, "method": method})[0] is Match.FULL for one in routes)
    ]
    return {"Allow": ", ".join(found)} if found else {}


def _trace(error: Exception) -> str:
    """Tells where an error came from: lines of code and masked messages, never values; of what was sent nothing is told."""
    quoting = isinstance(error, RequestValidationError) or isinstance(
        error.__context__, RequestValidationError
    )
    return mask("".join(format_tb(error.__traceback__) if quoting else format_exception(error)))


async def told(request: Request, problem: ProblemOut, headers: Mapping[str, str] | None = None) -> Response:
    """Tells a program by a problem document, a person by a page."""
    if request.url.path.startswith((API, "/healthz", "/readyz", "/metrics", "/static")):
        return answer(problem, headers)
    views: Views = request.app.state.views
    return await views.problem(request, problem)
