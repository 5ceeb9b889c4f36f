"""An answer that streams while its request still comes: neither side waits for the other.

A client that sends everything before it reads (most do) would otherwise stop both: we could not write, so we would not read.
So what is answered waits in a file of the machine, not in memory, until the client takes it. Whoever makes the answer bounds
it; what is left of the request when it is made is read and dropped, so that such a client gets to the answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16

Body = AsyncIterator[bytes]


class Gone(Exception):
    """The client left in the middle of its request."""


class Exchange(Response):
    """Streams what `work` makes of the request's body."""

    def __init__(self, work: Callable[[Body], Body], *, media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            spool = _Spool(file)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._make(receive, spool))
                tasks.create_task(_pass_on(spool, send))

    async def _make(self, receive: Receive, spool: "_Spool") -> None:
        body = _body(receive)
        try:
            async for piece in self._work(body):
                spool.add(piece)
            async for _ in body:
                pass
        except Gone:
            spool.broken = True
        finally:
            spool.end()


class _Spool:
    """What was made and not yet sent."""

    def __init__(self, file: "SpooledTemporaryFile[bytes]") -> None:
        self.broken = False
        self._file = file
        self._made = self._sent = 0
        self._ended = False
        self._news = asyncio.Event()

    def add(self, piece: bytes) -> None:
        self._file.seek(self._made)
        self._file.write(piece)
        self._made += len(piece)
        self._news.set()

    def end(self) -> None:
        self._ended = True
        self._news.set()

    async def next(self) -> bytes:
        """Returns the next piece; empty: that was all."""
        while self._sent == self._made and not self._ended:
            self._news.clear()
            await self._news.wait()
        self._file.seek(self._sent)
        piece = self._file.read(min(_PIECE, self._made - self._sent))
        self._sent += len(piece)
        return piece


async def _pass_on(spool: _Spool, send: Send) -> None:
    while piece := await spool.next():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if not spool.broken:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _body(receive: Receive) -> Body:
    """Yields the parts of a request's body. Raises Gone."""
    message: Message = {"more_body": True}
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        if message.get("body"):
            yield message["body"]
