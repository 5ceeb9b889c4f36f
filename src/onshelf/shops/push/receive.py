"""Keeps one intake running for each feed there is, and tells the platform which sellers' messages are wanted."""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import PlatformError, StoreError
from onshelf.ids import ShopId
from onshelf.jobs.waker import Crew, LocalWaker
from onshelf.platforms.port import Lane
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.shops.push.feeds import LEFT_ALONE, Feed, Way, feeds_of, put_link, takes_from_others
from onshelf.shops.push.intake import Intake
from onshelf.shops.shop import NEVER_US, Shop, ShopState
from onshelf.shops.store import ShopStore
from onshelf.shops.upkeep import passes

PERMIT = "taobao.tmc.user.permit"
LOOK_S = 5.0
"""How often it looks for shops that were added, moved or authorised."""
_AGAIN_S, _REFUSED_AGAIN_S = 60, 3600  # before a consent that could not be given is tried again
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Permit:
    """A consent that was asked for."""

    version: int  # of the token it was asked with
    again_us: int  # when to ask again


class Receiver:
    """Receives for all shops that name a message service."""

    def __init__(
        self,
        shops: ShopStore,
        client: TopClient,
        intake: Intake,
        clock: Clock,
        *,
        groups: tuple[str, ...],
        environment: str,
    ) -> None:
        self._shops = shops
        self._client = client
        self._intake = intake
        self._clock = clock
        self._groups = groups
        self._environment = environment
        self._crew = Crew(clock, LocalWaker())
        self._asking = Crew(clock, LocalWaker())
        self._running: dict[Feed, asyncio.Event] = {}
        self._permits: dict[ShopId, _Permit] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Receives until `stop` is set; then every connection is closed."""
        while not stop.is_set():
            try:
                shops = [shop for shop in await self._shops.list() if shop.tmc]
                await self._arrange(feeds_of(shops, self._groups))
                versions = await self._shops.token_versions()
                for shop in shops:
                    self._ask_to_permit(shop, versions.get(shop.shop_id, 0))
            except StoreError as error:
                _log.warning("push.shops_unread", error=str(error))
            await self._crew.rest(stop, LOOK_S)
        for ended in self._running.values():
            ended.set()
        await self._asking.abandon()
        await self._crew.finish()

    async def _arrange(self, wanted: list[Feed]) -> None:
        """Starts the feeds that are new or have broken down, and stops those nobody wants any more.

        A feed that has moved begins at its new address once it has ended at the old one.
        """
        for feed in [one for one in self._running if one not in wanted]:
            self._running.pop(feed).set()
        for feed in wanted:
            slot = (feed.app_key, feed.group)
            if self._crew.in_flight(slot):
                continue
            if takes_from_others(feed, self._environment):
                now_us = self._clock.now_us()
                await self._shops.db.commit([put_link(feed, Way.DOWN, now_us, LEFT_ALONE)])
                continue
            self._running[feed] = asyncio.Event()
            self._crew.start(self._receive(feed, self._running[feed]), slot)

    async def _receive(self, feed: Feed, stop: asyncio.Event) -> None:
        try:
            await self._intake.run(feed, stop)
        except Exception as error:  # noqa: BLE001 begun anew at the next look
            _log.warning("push.intake_failed", app_key=feed.app_key, group=feed.group, exc_info=error)

    def _ask_to_permit(self, shop: Shop, version: int) -> None:
        """Asks for the messages of an authorised shop, once for each token: a seller may have taken consent back between two."""
        known = self._permits.get(shop.shop_id)
        if shop.state is not ShopState.AUTHORISED:
            self._permits.pop(shop.shop_id, None)
        elif known is None or known.version != version or self._clock.now_us() >= known.again_us:
            if self._asking.in_flight(shop.shop_id):
                return
            self._permits[shop.shop_id] = _Permit(version, NEVER_US)
            self._asking.start(self._permit(shop, version), shop.shop_id)

    async def _permit(self, shop: Shop, version: int) -> None:
        """Permits all topics the app subscribes to; when that fails it is tried again later."""
        try:
            await self._client.call(
                PERMIT, {}, dict[str, Any], shop=shop.ref(), kind=Kind.WRITE, lane=Lane.POLLS
            )
        except PlatformError as error:
            _log.warning("push.not_permitted", shop_id=shop.shop_id, error=str(error))
            rest_s = _AGAIN_S if passes(error) else _REFUSED_AGAIN_S
            self._permits[shop.shop_id] = _Permit(version, self._clock.now_us() + rest_s * SECOND_US)
