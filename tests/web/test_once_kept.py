"""Which answers to a write are kept for whoever asks again: whole ones, however long when unpacked; no passing refusals."""

from collections.abc import Iterable
from random import Random
from typing import Any

from service import Service
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from onshelf.clock import FakeClock, from_us
from onshelf.web.once import LARGEST_BYTES, Once

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/api/v1/x",
    "query_string": b"",
    "headers": [(b"idempotency-key", b"k"), (b"authorization", b"Bearer x")],
}
MIB = 1 << 20


class Route:
    """A route that answers in pieces, behind the middleware."""

    def __init__(self, service: Service, pieces: Iterable[bytes]) -> None:
        self._pieces = tuple(pieces)
        self.done = 0
        clock = FakeClock(from_us(1_800_000_000_000_000), busy=service.app.db.busy)
        self.once = Once(
            self._route, prefix="/api", db=service.app.db, clock=clock, lang="en", known=self._known
        )

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.done += 1
        await StreamingResponse(iter(self._pieces))(scope, receive, send)

    async def _known(self, _: Scope) -> bool:
        return True

    async def ask(self) -> bytes:
        """Sends the write; returns the body of its answer."""
        body: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            body.append(message.get("body", b""))

        await self.once({**SCOPE, "asgi": {"spec_version": "2.4"}}, receive, send)
        return b"".join(body)


async def test_a_long_answer_that_packs_well_is_given_again(service: Service) -> None:
    """A hundred thousand lines with their faults are long, and much alike."""
    line = '{"line": %d, "status": "faulty", "faults": [{"message": "标题是空的"}]}\n'
    piece = "".join(line % number for number in range(10_000)).encode()
    route = Route(service, [piece] * (40 * MIB // len(piece) + 1))

    first, again = await route.ask(), await route.ask()

    assert len(first) > LARGEST_BYTES
    assert (again == first, route.done) == (True, 1)


async def test_an_answer_too_large_to_keep_leaves_the_key_free(service: Service) -> None:
    noise = Random(7)
    route = Route(service, [noise.randbytes(MIB) for _ in range(33)])

    first, again = await route.ask(), await route.ask()

    assert (again == first, route.done) == (True, 2)
    assert await service.app.db.fetch("SELECT count(*) FROM kept_answer") == [(0,)]


async def test_who_was_refused_because_it_had_changed_may_ask_again_with_the_key(service: Service) -> None:
    path, key = "/shops/shop-a/profile", {"Idempotency-Key": "k-1"}
    refused = await service.api("PUT", path, json={}, headers={**key, "If-Match": '"old"'})
    tag = (await service.api("GET", path)).headers["ETag"]
    again = await service.api("PUT", path, json={}, headers={**key, "If-Match": tag})

    assert (refused.status, again.status) == (412, 200)


async def test_who_was_refused_by_how_things_stood_may_ask_again_with_the_key(service: Service) -> None:
    shop = {"shop": "shop-a", "app_key": "12345678", "gateway": "http://127.0.0.1:9/router/rest"}
    key = {"Idempotency-Key": "k-1"}
    taken = await service.api("POST", "/shops", json=shop, headers=key)
    await service.api("DELETE", "/shops/shop-a")
    again = await service.api("POST", "/shops", json={**shop, "app_secret": "s"}, headers=key)

    assert (taken.status, again.status) == (409, 201), again.text
