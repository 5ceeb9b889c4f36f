"""Typed calls for one shop: a request of `generated/` in, its reply out; long lists row by row."""

from collections.abc import AsyncIterator
from typing import Any

from onshelf.platforms.port import AT_ONCE, Lane, Send, ShopRef
from onshelf.platforms.top.arguments import kind_of, needs_session
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.request import Listing, R, Request, Row, checked
from onshelf.platforms.top.walk import fits, halves, later_pages, page, page_size, parts


class Typed:
    """Makes typed calls for one shop at one priority."""

    def __init__(self, client: TopClient, shop: ShopRef, lane: Lane = Lane.STOCK) -> None:
        self._client = client
        self._shop = shop
        self._lane = lane

    async def ask(self, request: Request[R], *, send: Send = AT_ONCE, max_age_s: float | None = 0.0) -> R:
        """Makes one call. Raises WrongArguments before it with every fault, and the PlatformError family after it.

        `max_age_s`: how old a kept reply of a read may be, as of `TopClient.call`.
        """
        params, files = checked(request)
        answer = await self._client.call(
            request.METHOD,
            params,
            request.REPLY,
            shop=self._shop,
            kind=kind_of(request.METHOD, params),
            lane=self._lane,
            send=send,
            files=files,
            authorised=needs_session(request.METHOD),
            max_age_s=max_age_s,
        )
        reply: R = answer.value
        return reply

    async def rows(self, request: Listing[R, Row]) -> AsyncIterator[Row]:
        """Reads a list whole: any number of ids, a window of any length, all pages.

        A list that changes meanwhile may show a row twice. Raises as `ask`, and ValueError when the platform's pages cannot
        show the whole list.
        """
        for part in parts(request):
            async for row in self._part(part):
                yield row

    async def _part(self, request: Listing[R, Row]) -> AsyncIterator[Row]:
        walk = request.WALK
        if not walk.page:
            for row in _rows(request, await self.ask(request)):
                yield row
            return
        first = await self.ask(page(request, 1))
        total = _total(request, first)
        if total is not None and not fits(walk, total, page_size(request)):
            async for row in self._in_halves(request, total):
                yield row
            return
        pages = self._until_short(request, first) if total is None else self._counted(request, first, total)
        async for reply in pages:
            for row in _rows(request, reply):
                yield row

    async def _counted(self, request: Listing[R, Row], first: R, total: int) -> AsyncIterator[R]:
        later = later_pages(request.WALK, total, page_size(request))
        if not (request.WALK.last_first and later):
            yield first
        for number in later:
            yield await self.ask(page(request, number))

    async def _until_short(self, request: Listing[R, Row], first: R) -> AsyncIterator[R]:
        """Reads on until a page is not full: this list is not counted."""
        reply, number = first, 1
        while True:
            yield reply
            if len(_rows(request, reply)) < page_size(request):
                return
            number += 1
            reply = await self.ask(page(request, number))

    async def _in_halves(self, request: Listing[R, Row], total: int) -> AsyncIterator[Row]:
        """Reads a window in two when its pages would not show all of it."""
        cut = halves(request)
        if cut is None:
            raise ValueError(_too_deep(request, total))
        for half in cut:
            async for row in self._part(half):
                yield row


def _rows(request: Listing[Any, Row], reply: Any) -> tuple[Row, ...]:
    found: tuple[Row, ...] = getattr(reply, request.WALK.rows)
    return found


def _total(request: Listing[Any, Any], reply: Any) -> int | None:
    """Returns how many rows the platform counts; None when this list is not counted."""
    return getattr(reply, request.WALK.total) if request.WALK.total else None


def _too_deep(request: Listing[Any, Any], total: int) -> str:
    walk, size = request.WALK, page_size(request)
    remedy = f"narrow it by {walk.start} and {walk.end}" if walk.start else "narrow it"
    return f"{request.METHOD}: {total} rows, and its pages show {walk.most_pages * size}: {remedy}"
