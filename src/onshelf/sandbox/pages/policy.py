"""The platform's house rules, to read and to switch."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.pages.answer import answer, read, route
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.policy import Policy


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the route of the house rules."""

    async def policy(request: Request) -> Response:
        """Shows the house rules, or switches some of them."""
        world = platform.world
        if request.method == "POST":
            world.policy = _changed(world.policy, await read(request, dict[str, Any]))
        return answer(msgspec.to_builtins(world.policy))

    return [route("/_sandbox/policy", policy, "GET", "POST")]


def _changed(policy: Policy, order: dict[str, Any]) -> Policy:
    """Returns the rules with those of the order. Raises: ControlError."""
    for name, value in order.items():
        try:
            msgspec.convert({name: value}, Policy)
        except msgspec.ValidationError as error:
            raise ControlError(name, str(error)) from error
    for name in ("space_bytes", "batch_calls"):
        if order.get(name, 0) < 0:
            raise ControlError(name, "use 0 or more")
    return msgspec.convert({**msgspec.to_builtins(policy), **order}, Policy)
