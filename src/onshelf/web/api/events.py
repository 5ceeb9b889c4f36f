"""`/events`: what happens, as it happens, over one connection that stays open (server-sent events)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from onshelf.guard.roles import Permission, Principal
from onshelf.hooks.hub import HEARTBEAT_S, MOST, MOST_EACH, Hub, place_of
from onshelf.hooks.told import TYPES, Told
from onshelf.store.log import Cursor, is_forgotten
from onshelf.web.entrance import Entrance, Needs
from onshelf.web.house import Door
from onshelf.web.problem import Problem

router = APIRouter(tags=["events"])

MEDIA_TYPE = "text/event-stream"
_EXAMPLE = 'id: 0-4711\nevent: item.changed\ndata: {"type":"item.changed","version":1,"timestamp":"…","data":{"shop":"my-shop","item_id":520813250866}}\n\n'  # noqa: E501


class Stream(Response):
    """An answer without end: what a hub tells a follower, until either goes away or the follower may not stay."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        hub: Hub,
        door: Door,
        wants: Callable[[Told], bool],
        place: Cursor | None,
        still: Callable[[], Awaitable[bool]],
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._door, self._wants, self._place, self._still = hub, door, wants, place, still

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        pump = asyncio.create_task(self._pump(send))
        left = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({pump, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pump.cancel()
            left.cancel()
            await asyncio.gather(pump, left, return_exceptions=True)
        await send({"type": "http.response.body", "body": b""})

    async def _pump(self, send: Send) -> None:
        clock = self._door.app.clock
        checked_s = clock.monotonic()
        async with aclosing(self._hub.follow(self._door.who.caller_id, self._wants, self._place)) as chunks:
            async for chunk in chunks:
                if clock.monotonic() - checked_s >= HEARTBEAT_S:
                    if not await self._still():
                        return
                    checked_s = clock.monotonic()
                await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, one after the other; the connection stays open.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    410: {"description": "What came after the `id` is no longer kept."},
}


@router.get("/events", response_class=Response, responses=_ANSWERS)
async def follow_events(
    request: Request,
    door: Annotated[Door, Needs(Permission.READ)],
    shop: Annotated[
        str | None, Query(max_length=200, description="only this shop's; absent: all of yours")
    ] = None,
    types: Annotated[
        str | None,
        Query(
            max_length=400, description="only these types, with commas between; `GET /event-types` lists them"
        ),
    ] = None,
    after: Annotated[
        str | None, Query(max_length=60, description="as `Last-Event-ID`, for who cannot send a header")
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=60,
            description="the `id` seen last: what came after it is told first; absent: only what is to come",
        ),
    ] = None,
) -> Response:
    """Follows what happens. After a break come back with the `id` seen last: nothing is missed, nothing comes twice.

    A comment comes every 15 s when nothing happens. A follower that does not take what is sent is cut off. 410: what came
    after the `id` is no longer kept; read anew what you need and begin without one.
    """  # fmt: skip
    hub = door.house.hub
    place = await _place(door, last_event_id or after)
    wants = wanted(door.who, shop, _types(types))
    if not hub.has_room(door.who.caller_id):
        raise Problem(429, "too_many_streams", most=MOST_EACH, headers={"Retry-After": "30"})
    if hub.is_full:
        raise Problem(503, "full_house", most=MOST, headers={"Retry-After": "30"})
    return Stream(hub, door, wants, place, partial(_stays, request, door))


def wanted(who: Principal, shop: str | None, types: frozenset[str]) -> Callable[[Told], bool]:
    """Returns what a caller may see and wants to. What is about no shop is for those who see every shop."""

    def wants(what: Told) -> bool:
        seen = who.sees(what.shop_id) if what.shop_id else who.shops is None
        return seen and (shop is None or what.shop_id == shop) and (not types or what.type in types)

    return wants


async def _stays(request: Request, door: Door) -> bool:
    """Tells whether the caller's key or session is still good for what it sees."""
    try:
        who = await Entrance(door.permission).identify(request)
    except Problem:
        return False
    return who == door.who


def _types(given: str | None) -> frozenset[str]:
    wished = frozenset(one.strip() for one in (given or "").split(",") if one.strip())
    unknown = sorted(wished - set(TYPES))
    if unknown:
        raise Problem(422, "no_event_type", type=unknown[0][:40], known=TYPES)
    return wished


async def _place(door: Door, given: str | None) -> Cursor | None:
    """Reads where a follower was; None: only what is to come. Raises Problem 422, and 410 when it could miss something."""
    if not given:
        return None
    try:
        place = place_of(given)
    except ValueError:
        raise Problem(422, "bad_event_id", id=given[:40]) from None
    if await is_forgotten(door.app.db, place):
        raise Problem(410, "event_forgotten", id=given, days=door.app.settings["events_days"])
    return place
