"""`Idempotency-Key`: the first answer to a write is kept for a day, and given again to whoever asks again with the same key."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onshelf.clock import Clock
from onshelf.errors import Conflict
from onshelf.store.db import Database, Write
from onshelf.texts import Lang
from onshelf.web.asked import Asked
from onshelf.web.entrance import SAFE
from onshelf.web.problem import Problem, answer, problem_of
from onshelf.web.shown import caller_of
from onshelf.web.tongue import spoken

KEPT_US = 24 * 3600 * 1_000_000
UNDER_WAY_US = 60 * 1_000_000
"""After so long without a word its process is taken for dead, and the write may be tried again."""
WORD_EVERY_S = 20.0
LONGEST_KEY = 200
LARGEST_BYTES = 32 << 20
"""Of an answer as it is kept, packed: lines about hundreds of thousands of faulty products. A larger one is not kept."""
_NOT_AN_ANSWER = frozenset({401, 403, 408, 409, 412, 413, 429, 500, 503})
"""Nothing was done, or a failure of ours: asking again may end better."""
KEPT_NOWHERE = {"Cache-Control": "no-store"}
"""Headers of an answer that is shown once: it is not given again, and lies in no database and no cache."""
_KEPT_HEADERS = ("content-type", "location", "etag")
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, or a write under way (`status` 0)."""

    request: bytes  # what was asked: `Asked.said`
    status: int
    headers: dict[str, str]
    body: bytes  # packed


class Once:
    """ASGI: answers a write under `prefix` that carries a key of its caller's once, as long as the caller is `known`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        prefix: str,
        db: Database,
        clock: Clock,
        lang: Lang,
        known: Callable[[Scope], Awaitable[bool]],
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._db = db
        self._clock = clock
        self._lang = lang
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("idempotency-key") if scope["type"] == "http" else None
        if given is None or scope["method"] in SAFE or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        if not await self._known(scope):  # a key that was ended since hears nothing of its earlier answers
            await self._app(scope, receive, send)
            return
        try:
            await self._once(given, scope, receive, send)
        except Problem as problem:
            told = problem_of(problem, spoken(scope, self._lang))
            await answer(told, problem.headers)(scope, receive, send)

    async def _once(self, given: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not 0 < len(given) <= LONGEST_KEY:
            raise Problem(422, "bad_key_length", longest=LONGEST_KEY)
        asked = Asked(scope, receive)
        key = blake2b(caller_of(scope) + given.encode(), digest_size=32).digest()
        if not await self._begin(key, asked.address):
            kept = await self._kept(key)
            if kept is None or kept.status == 0:
                raise Problem(409, "under_way", headers={"Retry-After": "1"})
            if not await asked.is_again(kept.request):
                raise Problem(422, "key_reused")
            await _tell_again(kept, send)
            return
        told, word = _Told(send), asyncio.create_task(self._say_it_lives(key))
        try:
            await self._app(scope, asked.receive, told)
        finally:
            word.cancel()
            await asyncio.gather(word, return_exceptions=True)
            await self._db.commit([self._end(key, asked, told, spoken(scope, self._lang))])
        await told.finish()

    async def _say_it_lives(self, key: bytes) -> None:
        """Keeps a long write under way until it is cancelled."""
        while True:
            await self._clock.sleep(WORD_EVERY_S)
            until_us = self._clock.now_us() + UNDER_WAY_US
            await self._db.commit(
                [Write("UPDATE kept_answer SET until_us = ? WHERE key = ?", (until_us, key))]
            )

    async def _begin(self, key: bytes, request: bytes) -> bool:
        now_us = self._clock.now_us()
        try:
            await self._db.commit(
                [
                    Write("DELETE FROM kept_answer WHERE until_us <= ?", (now_us,)),
                    Write(
                        "INSERT INTO kept_answer (key, request, status, headers, body, until_us) VALUES (?, ?, 0, '', ?, ?)",
                        (key, request, b"", now_us + UNDER_WAY_US),
                    ),
                ]
            )
        except Conflict:
            return False
        return True

    async def _kept(self, key: bytes) -> Kept | None:
        rows = await self._db.fetch(
            "SELECT request, status, headers, body FROM kept_answer WHERE key = ?", (key,)
        )
        if not rows:
            return None
        request, status, headers, body = cast("tuple[Any, ...]", rows[0])
        return Kept(request, status, msgspec.json.decode(headers) if headers else {}, body)

    def _end(self, key: bytes, asked: Asked, told: "_Told", lang: Lang) -> Write:
        """Keeps the answer; what is none, passes, or is too large to keep, leaves the key free again."""
        if told.status == 0 or told.status in _NOT_AN_ANSWER or told.size > LARGEST_BYTES or not told.whole:
            return Write("DELETE FROM kept_answer WHERE key = ?", (key,))
        headers = {name: told.headers[name] for name in _KEPT_HEADERS if name in told.headers}
        status, body = told.status, told.packed()
        # shown once: kept nowhere, and not done twice
        if "no-store" in told.headers.get("cache-control", ""):
            again = answer(problem_of(Problem(409, "shown_once"), lang))
            status, body = 409, zlib.compress(bytes(again.body), 1)
            headers = {"content-type": again.headers["content-type"]}
        until_us = self._clock.now_us() + KEPT_US
        return Write(
            "UPDATE kept_answer SET request = ?, status = ?, headers = ?, body = ?, until_us = ? WHERE key = ?",
            (asked.said, status, msgspec.json.encode(headers).decode(), body, until_us, key),
        )


class _Told:
    """Passes an answer on and remembers it; its end is held back until it is kept, so that whoever asks again finds it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.headers: Headers = Headers()
        self.size = 0  # packed, without what is packed at the very end
        self._packer = zlib.compressobj(1)
        self._parts: list[bytes] = []
        self._end: Message | None = None

    @property
    def whole(self) -> bool:
        return self._end is not None

    def packed(self) -> bytes:
        """Returns the body of an answer that is whole. Only once."""
        return b"".join((*self._parts, self._packer.flush()))

    async def finish(self) -> None:
        """Passes on the end."""
        if self._end is not None:
            await self._send(self._end)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], Headers(raw=message["headers"])
        elif message["type"] == "http.response.body":
            self._keep(message.get("body", b""))
            if not message.get("more_body", False):
                self._end = message
                return
        await self._send(message)

    def _keep(self, body: bytes) -> None:
        if self.size > LARGEST_BYTES:
            return
        part = self._packer.compress(body)
        self.size += len(part)
        self._parts.append(part)
        if self.size > LARGEST_BYTES:
            self._parts.clear()


async def _tell_again(kept: Kept, send: Send) -> None:
    """Sends a kept answer, piece by piece: unpacked it may be a hundred times as large."""
    headers = Headers({**kept.headers, "Idempotency-Replayed": "true"}).raw
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    unpack, packed = zlib.decompressobj(), kept.body
    while piece := unpack.decompress(packed, _PIECE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        packed = unpack.unconsumed_tail
    await send({"type": "http.response.body", "body": b"", "more_body": False})
