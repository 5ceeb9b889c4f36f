"""One client for one shop, against a sandbox in the same process, on one clock that jumps."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from onshelf.clock import FakeClock
from onshelf.ids import ShopId
from onshelf.platforms.cache import ReadCache
from onshelf.platforms.port import CallRecord, ShopRef
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.top.batch import BatchClient
from onshelf.platforms.top.client import ClientOptions
from onshelf.platforms.top.typed import Typed
from onshelf.platforms.transport import AsgiTransport, ConnectFailed, Request, Response, Transport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import in_process

START = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
SHOP = ShopRef(ShopId("s"), "12345678", "http://127.0.0.1/router/rest")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


class Keys:
    """One app, one session."""

    secret_key = "helloworld"

    async def secret(self, app_key: str) -> str:
        return self.secret_key

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


class Line:
    """A transport that keeps what it carried, and may be down."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.down = False
        self.sent: list[Request] = []
        self.replies: list[bytes] = []

    async def send(self, request: Request) -> Response:
        if self.down:
            raise ConnectFailed("connection refused")
        self.sent.append(request)
        reply = await self.inner.send(request)
        self.replies.append(reply.body)
        return reply

    async def close(self) -> None:
        await self.inner.close()


class TopBench:
    """A shop in a sandbox, and what was called."""

    def __init__(self, limits: tuple[Limit, ...] = (), **options: Any) -> None:
        self.clock = FakeClock(START)
        self.sandbox = in_process(self.clock)
        self.line = Line(AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,)))
        self.calls: list[CallRecord] = []
        self.keys = Keys()
        self.quotas = Quotas(limits, self.clock)
        self.client = BatchClient(
            self.line,
            apps=self.keys,
            sessions=self.keys,
            quotas=self.quotas,
            clock=self.clock,
            random=Random(1),
            observer=self,
            cache=ReadCache(self.clock),
            options=ClientOptions(**options),
        )
        self.top = Typed(self.client, SHOP)

    def called(self, record: CallRecord) -> None:
        self.calls.append(record)
