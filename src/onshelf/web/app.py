"""The service's HTTP application: joins the routes of this room, and says what an error of ours looks like to a program."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from structlog import get_logger

from onshelf.ids import new_id
from onshelf.web import health, metrics
from onshelf.wiring import App

HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
"""What a request may call this machine: a page of the network must not reach in through a name of its own."""

_log = get_logger()


def create_app(app: App) -> FastAPI:
    """Returns the ASGI application over an opened app, whose life it does not touch."""
    service = FastAPI(title="onshelf", docs_url=None, redoc_url=None)
    service.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)
    for room in (health, metrics):
        service.include_router(room.routes(app))

    @service.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> JSONResponse:
        """Answers 500 with an id that the log has too."""
        error_id = new_id(app.clock.now_us(), app.random)
        _log.error("web.failed", error_id=error_id, path=request.url.path, exc_info=error)
        return JSONResponse({"error": "broken", "id": error_id}, 500)

    return service
