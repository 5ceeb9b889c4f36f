"""Calls for one shop: a request of `generated/` in, its reply out; long lists row by row; any other method by its name."""

import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

from onshelf.platforms.port import AT_ONCE, Lane, Send, ShopRef
from onshelf.platforms.top.arguments import Advice, needs_session
from onshelf.platforms.top.batch import BatchClient, Part
from onshelf.platforms.top.call import Answer
from onshelf.platforms.top.protocol import Format
from onshelf.platforms.top.repeats import kind_of
from onshelf.platforms.top.request import Listing, R, Request, Row, Written, checked, written
from onshelf.platforms.top.unread import Unread
from onshelf.platforms.top.walk import fits, halves, page, page_size
from onshelf.platforms.top.walk import parts as parts_of


class Typed:
    """Makes calls for one shop at one priority."""

    def __init__(self, client: BatchClient, shop: ShopRef, lane: Lane = Lane.STOCK) -> None:
        self._client = client
        self._shop = shop
        self._lane = lane

    async def ask(self, request: Request[R], *, send: Send = AT_ONCE, max_age_s: float | None = 0.0) -> R:
        """Makes one call. Raises WrongArguments before it with every fault, and the PlatformError family after it.

        A method that has left the catalogue warns, and is called all the same.
        `max_age_s`: how old a kept reply of a read may be, as of `TopClient.call`.
        """
        params, files, doubts = checked(request)
        _warn(doubts)
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

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        send: Send = AT_ONCE,
        reply_format: Format | None = None,
    ) -> dict[str, Any]:
        """Calls any method by its name, with values as of typed requests, and returns the reply's fields as they came.

        Checked like typed calls as far as the catalogue knows the method; what it does not know warns and is sent.
        """
        given, files, doubts = written(method, params)
        _warn(doubts)
        answer = await self._client.call(
            method,
            given,
            dict[str, Any],
            shop=self._shop,
            kind=kind_of(method, given),
            lane=self._lane,
            send=send,
            files=files,
            authorised=needs_session(method),
            reply_format=reply_format,
        )
        return answer.value

    async def batch(self, requests: Sequence[Request[Any]], *, send: Send = AT_ONCE) -> list[Any]:
        """Makes at most 20 calls in one request; returns each one's reply, or the PlatformError it ended in."""
        made = [(request, checked(request)) for request in requests]
        for _, one in made:
            _warn(one.doubts)
        parts = [_part_of(request, one) for request, one in made]
        results = await self._client.batch(parts, shop=self._shop, lane=self._lane, send=send)
        return [one.value if isinstance(one, Answer) else one for one in results]

    async def rows(self, request: Listing[R, Row]) -> AsyncGenerator[Row, None]:
        """Reads a list whole: any number of ids, a window of any length, all pages.

        Rows that come in or leave meanwhile may make others come twice, but none is missed that was there throughout, unless as
        many come in as leave between two calls: the total then tells nothing. Where the platform asks to begin at the last page,
        rows only leave, for a window that reaches into the future is read up to now.
        Raises as `ask`, and ValueError when the platform's pages cannot show the whole list.
        """
        for part in parts_of(request, self._client.now_at(self._shop)):
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
        """Reads the pages of a list that is counted; the first page, which told the total, is read again when it comes last."""
        size, last_first = page_size(request), request.WALK.last_first
        unread = Unread(total, size, last_first=last_first)
        if total <= size or not last_first:
            yield first
            unread.heard(1, total)
        while number := unread.next_page():
            if unread.is_restless:
                raise ValueError(_restless(request))
            reply = await self.ask(page(request, number))
            yield reply
            counted = _total(request, reply)
            unread.heard(number, total if counted is None else counted)

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


def _warn(doubts: Sequence[Advice]) -> None:
    """Warns in the name of whoever called the method that calls this."""
    for one in doubts:
        warnings.warn(one.message("en"), stacklevel=3)


def _part_of(request: Request[Any], made: Written) -> Part:
    if made.files:
        raise ValueError(f"{request.METHOD}: a batch can carry no file; ask for it alone")
    return Part(request.METHOD, made.params, kind_of(request.METHOD, made.params), request.REPLY)


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


def _restless(request: Listing[Any, Any]) -> str:
    remedy = "larger pages" if page_size(request) < request.WALK.most_rows else "a narrower list"
    return f"{request.METHOD}: it changes faster than its pages can be read: ask for {remedy}"
