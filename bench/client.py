"""What a call costs: our client against bare aiohttp, and against the topsdk package.

All talk to one server that answers fixed replies from another process. The bare loop sends a body that stands ready and is
signed already, over kept connections in the same event loop, and decodes the reply with `json`. CPU is user and system of
this process, measured in turns within one run; the ratio is the median over the rounds. Ours includes writing a product
as parameters (each create another one), encoding, signing, the quota (a limit a second and one a day), typed decoding,
the counts for metrics, and the audit log with its commits to SQLite.
"""

import asyncio
import contextlib
import gc
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import cast

import aiohttp
import uvloop
from figures import Figure, cpu_s, say

from onshelf.clock import SystemClock
from onshelf.guard.audit import Audit
from onshelf.guard.vault import Vault
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.port import Draft, Lane, Shelf, ShopRef, SkuDraft
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.tally import CallTally, Observers
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.methods.item import WHOLE
from onshelf.platforms.top.platform import TopPlatform, TopShop
from onshelf.platforms.transport import Request, Response, Transport
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database
from onshelf.wiring import CYCLES_AFTER

CONCURRENCY = 32
CALLS = 3000
ROUNDS = 7
SDK_CALLS = 1000
LIMITS = (Limit(100_000, 1.0), Limit(50_000_000, 86_400.0))

READ_REPLY = (
    b'{"items_seller_list_get_response":{"items":{"item":[{"approve_status":"onsale","cid":50010850,'
    b'"list_time":"2026-01-01 12:00:00","modified":"2026-01-01 12:00:00","num":12,"num_iid":600000000005,'
    b'"outer_id":"A-1","price":"96.00","title":"\xe8\xbf\x9e\xe8\xa1\xa3\xe8\xa3\x99 \xe6\x98\xa5\xe5\xad\xa3",'
    b'"violation":false}]},"request_id":"r4lu3uaf87g2"}}'
)
ADD_REPLY = (
    b'{"item_add_response":{"item":{"created":"2026-01-01 12:00:00","iid":"600000000005","num_iid":600000000005},'
    b'"request_id":"r4lu3uaf87g2"}}'
)

DRAFT = Draft(
    outer_id="AUTUMN-2026-0001",
    title="秋季新款 纯棉长袖连衣裙 修身显瘦 中长款",
    price=Decimal("96.00"),
    stock=20,
    category_id=50010850,
    description="<p>纯棉面料，亲肤透气，机洗不变形。</p><p>尺码偏小，建议选大一码。</p>" * 8,
    condition="new",
    province="浙江",
    city="杭州",
    delivery_template_id=12345,
    properties="20000:29534;1627207:28320;1627207:28321;20509:28314",
    skus=(
        SkuDraft("1627207:28320;20509:28314", Decimal("96.00"), 10, "AUTUMN-2026-0001-R"),
        SkuDraft("1627207:28321;20509:28314", Decimal("99.00"), 10, "AUTUMN-2026-0001-B"),
    ),
    pictures=("i1/2200000000/TB221a30ceb67c5b64_!!2200000000.png",),
)


def product(number: int) -> Draft:
    """Returns a product of a catalogue in which none is like another."""
    code, said = f"AUTUMN-2026-{number:04}", f"第{number:04}款"
    skus = tuple(replace(sku, outer_id=f"{code}{sku.outer_id[-2:]}") for sku in DRAFT.skus)
    return replace(
        DRAFT, outer_id=code, title=DRAFT.title + said, description=DRAFT.description + said, skus=skus
    )


class Secrets:
    """The one app's secret and the one shop's session."""

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "6100e23657fb0b2d0c78568e55a3031134be9a3a5d4b3a365753805"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


class Tape:
    """A transport that notes the requests on their way."""

    def __init__(self, inner: SocketTransport) -> None:
        self.inner = inner
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


class FixedReplies(asyncio.Protocol):
    """Answers every POST with the reply of the method it names."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._reply(b"item.add" in self._buffer[: end + 4 + length])
            self._buffer = self._buffer[end + 4 + length :]

    def _reply(self, adding: bool) -> None:
        body = ADD_REPLY if adding else READ_REPLY
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript;charset=UTF-8\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def serve() -> None:
    """Serves until standard input closes; prints the port."""
    server = await asyncio.get_running_loop().create_server(FixedReplies, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[int]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        yield int(await child.stdout.readline())
    finally:
        await child.communicate(b"")


async def nothing() -> None:
    """Leaves nothing behind."""


async def many(
    call: Callable[[], Awaitable[object]], calls: int, settle: Callable[[], Awaitable[None]] = nothing
) -> tuple[float, float]:
    """Makes calls from CONCURRENCY workers, and what they leave to be done later; returns CPU µs and wall seconds a call."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await call()

    started, cpu = perf_counter(), cpu_s()
    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    await settle()
    return (cpu_s() - cpu) / calls * 1e6, (perf_counter() - started) / calls


async def compare(
    name: str,
    ready: Request,
    call: Callable[[], Awaitable[object]],
    settle: Callable[[], Awaitable[None]],
    aim: str,
) -> None:
    """Measures our call and the bare one in turns. `ready`: what our call sends."""
    headers = {"Content-Type": ready.content_type}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def bare() -> None:
            async with session.post(ready.url, data=ready.body, headers=headers) as reply:
                json.loads(await reply.read())

        await many(bare, CALLS // 4)
        await many(call, CALLS // 4, settle)
        pairs = [(await many(bare, CALLS), await many(call, CALLS, settle)) for _ in range(ROUNDS)]
    bare_us = median(base[0] for base, _ in pairs)
    own_us = median(own[0] for _, own in pairs)
    say(
        Figure(
            f"client CPU of {name} over bare aiohttp",
            round(median(own[0] / base[0] for base, own in pairs), 3),
            "x",
            aim,
            f"{own_us:.0f} µs against {bare_us:.0f} µs, body {len(ready.body)} bytes, concurrency {CONCURRENCY}",
        )
    )


async def compare_sdk(port_number: int, call: Callable[[], Awaitable[object]]) -> None:
    """Measures our read against topsdk's, which is sequential by nature."""
    from top import appinfo
    from top.api.base import RestApi

    class ItemsSellerListGet(RestApi):  # type: ignore[misc]
        """The package generates one such class a method."""

        def getapiname(self) -> str:
            return "taobao.items.seller.list.get"

    request = ItemsSellerListGet("127.0.0.1", port_number)
    request.set_app_info(appinfo("12345678", "helloworld"))
    request.fields, request.num_iids = WHOLE, "600000000005"

    def sdk() -> tuple[float, float]:
        started, cpu = perf_counter(), cpu_s()
        for _ in range(SDK_CALLS):
            request.getResponse("test")
        return (cpu_s() - cpu) / SDK_CALLS * 1e6, (perf_counter() - started) / SDK_CALLS

    pairs = [(sdk(), await many(call, CALLS)) for _ in range(ROUNDS)]
    cheaper = median(theirs[0] / own[0] for theirs, own in pairs)
    faster = median(theirs[1] / own[1] for theirs, own in pairs)
    cpu_note = f"{median(t[0] for t, _ in pairs):.0f} µs against {median(o[0] for _, o in pairs):.0f} µs"
    say(Figure("client CPU of topsdk over ours, small read", round(cheaper, 2), "x", "≥ 1.5", cpu_note))
    rate_note = (
        f"{1 / median(o[1] for _, o in pairs):,.0f} calls/s against {1 / median(t[1] for t, _ in pairs):,.0f}"
    )
    say(Figure("client calls/s over topsdk, small read", round(faster, 2), "x", "≥ 2.5", rate_note))


@contextlib.asynccontextmanager
async def audited(clock: SystemClock) -> AsyncIterator[Audit]:
    """The real audit log, on a database file of its own."""
    with TemporaryDirectory() as folder:
        db = await open_database(str(Path(folder) / "bench.db"))
        await migrate(db)
        audit = Audit(db, Vault([bytes(32)]), clock, Random(1))
        yield audit
        await audit.close()
        await db.close()


async def main() -> None:
    clock, secrets = SystemClock(), Secrets()
    gc.set_threshold(CYCLES_AFTER)  # as in every process that opens the app; for the bare loop too
    async with server() as port_number, audited(clock) as audit:
        shop = ShopRef(ShopId("bench"), "12345678", f"http://127.0.0.1:{port_number}/router/rest")
        drafts = cycle([product(number) for number in range(CALLS)])
        wire, tape = SocketTransport(), Tape(SocketTransport())

        def over(transport: Transport) -> TopShop:
            client = TopClient(
                transport,
                apps=secrets,
                sessions=secrets,
                quotas=Quotas(LIMITS, clock),
                clock=clock,
                random=Random(1),
                observer=Observers(audit, CallTally()),
            )
            return TopPlatform(client).for_shop(shop, Lane.LISTING)

        port, noted = over(wire), over(tape)

        async def read(by: TopShop = port) -> object:
            return await by.get_items([ItemId(600000000005)])

        async def add(by: TopShop = port) -> object:
            return await by.create(next(drafts), shelf=Shelf.ONSALE)

        await read(noted)
        await add(noted)
        reads, adds = tape.sent
        await compare("a small read", reads, read, audit.flush, "≤ 1.6")
        await compare("item.add", adds, add, audit.flush, "≤ 1.5")
        await compare_sdk(port_number, read)
        await tape.close()
        await wire.close()


if __name__ == "__main__":
    uvloop.run(serve() if "--serve" in sys.argv else main())
