"""What every answer tells browsers: to refuse foreign scripts, frames and guesses at types, and to keep nothing private."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # pages of other ports of this machine send our cookies along
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ASSETS = "/static/"
HTTPS_ONLY = "max-age=31536000"


class SafeHeaders:
    """ASGI: adds the headers to every answer. What does not say how it may be kept is kept nowhere; assets are, for a day."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                asset = scope["path"].startswith(ASSETS) and message["status"] in (200, 304)
                headers.setdefault("Cache-Control", "public, max-age=86400" if asset else "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HTTPS_ONLY
            await send(message)

        await self._app(scope, receive, telling if scope["type"] == "http" else send)
