"""Where the sandbox receives alerts over HTTP: a DingTalk robot's look-alike and a Standard-Webhooks receiver."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.pages.answer import answer, read, route
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.receivers import DINGTALK_PATH, WEBHOOK_PATH, Settings


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the HTTP receivers and of what all receivers got."""
    return Inbound(platform).routes()


class Inbound:
    """The HTTP receivers of one platform."""

    def __init__(self, platform: Platform) -> None:
        self._receivers = platform.receivers
        self._clock = platform.clock

    def routes(self) -> list[BaseRoute]:
        return [
            route(DINGTALK_PATH, self.dingtalk, "POST"),
            route(WEBHOOK_PATH, self.webhook, "POST"),
            route("/_sandbox/received", self.received, "GET", "DELETE"),
            route("/_sandbox/receivers", self.settings, "GET", "POST"),
        ]

    async def dingtalk(self, request: Request) -> Response:
        """Takes a message for the robot."""

        async def take() -> Response:
            if strike == "error_in_200":
                return answer({"errcode": -1, "errmsg": "系统繁忙"})
            query, body = dict(request.query_params), await request.body()
            return answer(self._receivers.dingtalk.take(query, body, self._clock.now()))

        strike = await self._strike("dingtalk")
        return await _answered(strike, take)

    async def webhook(self, request: Request) -> Response:
        """Takes a signed delivery."""

        async def take() -> Response:
            status = self._receivers.webhook.take(
                dict(request.headers), await request.body(), self._clock.now()
            )
            return answer({"ok": status == 200}, status)

        return await _answered(await self._strike("webhook"), take)

    async def _strike(self, name: str) -> str:
        """Returns the kind of failure meant for this delivery, "" for none; a slow one has been waited for."""
        strike = self._receivers.inbox.strike(name)
        if strike is None:
            return ""
        if strike.kind == "slow":
            await self._clock.sleep(strike.seconds)
        return strike.kind

    async def received(self, request: Request) -> Response:
        """Shows or clears what all receivers got."""
        messages = self._receivers.inbox.messages
        if request.method == "DELETE":
            messages.clear()
        wanted = request.query_params.get("receiver", "")
        return answer([one for one in messages if not wanted or one["receiver"] == wanted])

    async def settings(self, request: Request) -> Response:
        """Shows or switches how receivers judge."""
        if request.method == "POST":
            self._receivers.adjust(await read(request, Settings))
        return answer(self._receivers.settings())


async def _answered(strike: str, take: Callable[[], Awaitable[Response]]) -> Response:
    """Takes a delivery, or lets it fail: before it is taken, or, for a cut answer, after. Raises: ConnectionCut."""
    if strike == "refuse":
        raise ConnectionCut(strike)
    if strike == "http_5xx":
        return answer({"error": "sandbox fault"}, 503)
    reply = await take()
    if strike == "cut_after":
        raise ConnectionCut(strike)
    return reply
