"""One shop of the platform for a program of its own: app key, secret and session in, calls out; nothing else of onshelf."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import SystemRandom

from onshelf.clock import SystemClock
from onshelf.ids import ShopId
from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.port import Lane, ShopRef
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.top.batch import BatchClient
from onshelf.platforms.top.client import ClientOptions
from onshelf.platforms.top.typed import Typed
from onshelf.platforms.transport import Transport

GATEWAY = "https://eco.taobao.com/router/rest"


class FixedKeys:
    """One app and one session, known from the start and never renewed."""

    def __init__(self, app_secret: str, session: str) -> None:
        self._app_secret = app_secret
        self._session = session

    async def secret(self, app_key: str) -> str:
        return self._app_secret

    async def session(self, shop_id: ShopId) -> str:
        return self._session

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


@asynccontextmanager
async def connect(
    app_key: str,
    app_secret: str,
    session: str = "",
    *,
    gateway: str = GATEWAY,
    limits: Sequence[Limit] = (),
    options: ClientOptions | None = None,
    transport: Transport | None = None,
) -> AsyncIterator[Typed]:
    """Gives calls for one shop while the block runs.

    `session`: "" for methods that need none. `limits`: what this program may call; none: only bans hold it up.
    """
    keys, clock = FixedKeys(app_secret, session), SystemClock()
    client = BatchClient(
        transport or SocketTransport(),
        apps=keys,
        sessions=keys,
        quotas=Quotas(tuple(limits), clock),
        clock=clock,
        random=SystemRandom(),
        options=options,
    )
    try:
        yield Typed(client, ShopRef(ShopId(app_key), app_key, gateway), Lane.STOCK)
    finally:
        await client.close()
