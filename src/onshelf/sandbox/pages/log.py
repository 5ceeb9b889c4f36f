"""The last calls of the gateway, and why a signature is wrong."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.calls import Seen, signed
from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.explain import compare_own, explain
from onshelf.sandbox.pages.answer import answer, read, route, whole
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.wire import Json

MOST_ROWS = 500


class OwnString(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says it signed."""

    id: str  # request_id of the call
    string: str


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the log."""
    return LogPages(platform).routes()


class LogPages:
    """The pages of one sandbox's calls."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._calls = platform.gateway.calls

    def routes(self) -> list[BaseRoute]:
        return [
            route("/_sandbox/calls", self.calls, "GET", "DELETE"),
            route("/_sandbox/calls/compare", self.compare, "POST"),
        ]

    async def calls(self, request: Request) -> Response:
        """Shows the last calls, the newest first; one with its signature explained; or forgets them."""
        if request.method == "DELETE":
            return answer({"removed": self._calls.clear()})
        asked = request.query_params
        if "id" in asked:
            seen = self._find(asked["id"])
            return answer(
                {
                    **seen.shown(),
                    "text": seen.text,
                    "files": seen.files,
                    "reply": seen.reply.decode("utf-8", "replace"),
                    "signature": self._explained(seen),
                }
            )
        limit = min(whole(request, "limit", 100), MOST_ROWS)
        rows = (seen.shown() for seen in self._calls.newest(asked.get("before", "")))
        wanted = {name: asked[name] for name in ("method", "app_key", "outcome", "code") if asked.get(name)}
        matching = (row for row in rows if all(str(row[name]) == value for name, value in wanted.items()))
        return answer([row for row, _ in zip(matching, range(limit), strict=False)])

    async def compare(self, request: Request) -> Response:
        """Sets a string a caller says it signed beside the gateway's."""
        own = await read(request, OwnString)
        seen = self._find(own.id)
        if not seen.secret or seen.explained:
            raise ControlError(
                "id", "this call's own string is not kept: its app is unknown or it was too large"
            )
        return answer(compare_own(signed(seen, self._secrets()), own.string))

    def _find(self, request_id: str) -> Seen:
        seen = self._calls.find(request_id)
        if seen is None:
            raise ControlError(
                "id", f"no call {request_id!r} is kept; GET /_sandbox/calls lists the last ones"
            )
        return seen

    def _explained(self, seen: Seen) -> Json | None:
        """Returns how the signature stands; None where none was checked."""
        if seen.path == "part" or not seen.secret:
            return None
        return seen.explained or explain(signed(seen, self._secrets()))

    def _secrets(self) -> dict[str, str]:
        return {one.app_key: one.app_secret for one in self._platform.world.apps.values()}
