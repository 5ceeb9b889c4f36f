"""The service's HTTP application: joins the routes of this room, what stands before them, and what their errors look like."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles
from structlog import get_logger

from onshelf.errors import Error
from onshelf.guard.keys import Keys
from onshelf.guard.people import People
from onshelf.ids import new_id
from onshelf.texts import text
from onshelf.web import health, metrics
from onshelf.web.api import API, LARGE_BODIES, routers
from onshelf.web.bounds import Bounds
from onshelf.web.console import pages
from onshelf.web.console.view import Views
from onshelf.web.entrance import lang_of
from onshelf.web.etag import Etag
from onshelf.web.headers import SafeHeaders
from onshelf.web.house import House
from onshelf.web.once import Once
from onshelf.web.openapi import described
from onshelf.web.pace import Pace
from onshelf.web.problem import ProblemOut, answer, misread, of_http, problem_of
from onshelf.wiring import App, rehearsing

HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
"""What a request may call this machine: a page of the network must not reach in through a name of its own."""
STATIC = Path(str(files("onshelf.web") / "static"))

_log = get_logger()


def create_app(app: App) -> FastAPI:
    """Returns the ASGI application over an opened app, whose life it does not touch."""
    people, keys = People(app.db, app.clock, app.random), Keys(app.db, app.clock, app.random)
    house = House(app, rehearsing(app), people, keys)
    lang = app.settings["lang"]
    service = FastAPI(
        title="onshelf",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(SafeHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
            Middleware(Bounds, lang=lang, larger=LARGE_BODIES),
            Middleware(
                Pace, prefix=API, limit_per_minute=app.settings["api_per_minute"], clock=app.clock, lang=lang
            ),
            Middleware(Etag, prefix=API),
            Middleware(Once, prefix=API, db=app.db, clock=app.clock, lang=lang),
        ],
    )
    service.state.house = house
    service.state.views = Views(house)
    for room in (health, metrics):
        service.include_router(room.routes(app), include_in_schema=False)
    for router in routers():
        service.include_router(router, prefix=API)
    for page in pages():
        service.include_router(page, include_in_schema=False)
    service.mount("/static", StaticFiles(directory=STATIC))
    _say_errors(service, app)
    service.openapi = described(service)  # type: ignore[method-assign]
    return service


def _say_errors(service: FastAPI, app: App) -> None:
    @service.exception_handler(Error)
    async def ours(request: Request, error: Error) -> Response:
        return await told(request, problem_of(error, lang_of(request)), getattr(error, "headers", None))

    @service.exception_handler(RequestValidationError)
    async def unread(request: Request, error: RequestValidationError) -> Response:
        return await told(request, misread(error, lang_of(request)))

    @service.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return await told(request, of_http(error, lang_of(request)), error.headers)

    @service.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        """Answers 500 with an id that the log has too."""
        error_id = new_id(app.clock.now_us(), app.random)
        _log.error("web.failed", error_id=error_id, path=request.url.path, exc_info=error)
        lang = lang_of(request)
        problem = ProblemOut(
            type="urn:onshelf:problem:broken",
            title=text("web.problem.broken", lang, error_id=error_id),
            status=500,
            code="broken",
            remedy=text("web.problem.broken.remedy", lang),
            error_id=error_id,
        )
        return await told(request, problem)


async def told(request: Request, problem: ProblemOut, headers: Mapping[str, str] | None = None) -> Response:
    """Tells a program by a problem document, a person by a page."""
    if request.url.path.startswith((API, "/healthz", "/readyz", "/metrics", "/static")):
        return answer(problem, headers)
    views: Views = request.app.state.views
    return await views.problem(request, problem)
