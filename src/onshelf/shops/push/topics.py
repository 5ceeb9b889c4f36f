"""What follows from pushed topics that only this room and the client care about. None of them decides by itself."""

from collections.abc import Sequence

import structlog

from onshelf.errors import PlatformError
from onshelf.ids import ShopId
from onshelf.platforms.port import Lane
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.shops.probe import SELLER
from onshelf.shops.store import ShopStore
from onshelf.store.db import Write
from onshelf.store.log import Message

_log = structlog.get_logger()


class StaleReads:
    """Topics that make kept replies of reads untrue. `subjects`: as the client's cache knows them ("trades")."""

    def __init__(self, client: TopClient, *subjects: str) -> None:
        self._client = client
        self._subjects = subjects

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        return []

    async def act(self, shop_id: ShopId) -> None:
        for subject in self._subjects:
            await self._client.forget(shop_id, subject)


class AuthCancel:
    """The seller took the authorisation back, days ago perhaps, and may have given another since: one call tells.

    A session the platform refuses is buried by the client's own way, and the shop's jobs pause.
    """

    def __init__(self, client: TopClient, shops: ShopStore) -> None:
        self._client = client
        self._shops = shops

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        return []

    async def act(self, shop_id: ShopId) -> None:
        shop = await self._shops.get(shop_id)
        if shop is None:
            return
        try:
            await self._client.call(
                SELLER, {"fields": "user_id"}, dict, shop=shop.ref(), kind=Kind.READ, lane=Lane.TRADES
            )
        except PlatformError as error:
            _log.warning("push.authorisation_checked", shop_id=shop_id, error=error.code)
