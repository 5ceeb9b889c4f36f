"""Builds what receives pushed messages and what hands them on; `working.work` runs it."""

import asyncio
from collections import Counter
from random import Random

from onshelf.clock import Clock
from onshelf.guard.vault import Vault
from onshelf.ids import ShopId
from onshelf.jobs.waker import LocalWaker, Waker
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.tmc.connection import Dialler
from onshelf.settings import Settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.push.counted import CountingSource
from onshelf.shops.push.feeds import groups_of
from onshelf.shops.push.inbox import Handler, Inbox
from onshelf.shops.push.intake import Intake
from onshelf.shops.push.receive import Receiver
from onshelf.shops.push.source import Manner, TmcSource
from onshelf.shops.push.topics import AuthCancel, StaleReads
from onshelf.shops.store import ShopStore
from onshelf.watch import push
from onshelf.watch.watch import Watcher

OFF = "off"


def received_groups(settings: Settings) -> tuple[str, ...]:
    """Returns the consumer groups that are received here; none when push is off."""
    return () if settings["push"] == OFF else groups_of(settings["push_groups"])


class Pushing:
    """The parts of a worker that deal with pushed messages."""

    def __init__(
        self,
        settings: Settings,
        *,
        shops: ShopStore,
        vault: Vault,
        client: TopClient,
        watcher: Watcher,
        alerts: Waker,
        clock: Clock,
        random: Random,
        counted: Counter[str] | None = None,
    ) -> None:
        """`alerts`: woken when a message led to a change. `counted`: counts what is received, by topic."""
        self._settings = settings
        self._shops = shops
        self._vault = vault
        self._client = client
        self._watcher = watcher
        self._alerts = alerts
        self._clock = clock
        self._random = random
        self._counted: Counter[str] = Counter() if counted is None else counted
        self._waker = LocalWaker()

    async def run(self, stop: asyncio.Event, dialler: Dialler | None) -> None:
        """Hands on what is in the inbox until `stop` is set, and receives as well when there is a dialler."""
        inbox = Inbox(self._shops, self._vault, self._handlers(), self._clock, self._waker)
        async with asyncio.TaskGroup() as loops:
            loops.create_task(inbox.run(stop))
            if dialler is not None and self._settings["push"] != OFF:
                loops.create_task(self._receiver(dialler).run(stop))

    def _handlers(self) -> dict[str, Handler]:
        """Names who takes which topics. Adding one: a line here."""
        return {
            push.TOPICS: push.PushedItems(self._shops.db, self._clock, self._look),
            "taobao_trade_": StaleReads(self._client, "trades"),
            # a trade tells how its refund stands
            "taobao_refund_": StaleReads(self._client, "refunds", "trades"),
            "taobao_top_AuthCancel": AuthCancel(self._client, self._shops),
        }

    def _receiver(self, dialler: Dialler) -> Receiver:
        of = self._settings
        source = CountingSource(
            TmcSource(
                self._client,
                AppSecrets(self._shops, self._clock),
                dialler,
                self._clock,
                Manner(of["push"], of["push_poll_s"]),
            ),
            self._counted,
        )
        return Receiver(
            self._shops,
            self._client,
            Intake(self._shops.db, self._vault, source, self._clock, self._random, self._waker.wake),
            self._clock,
            groups=received_groups(of),
            environment=of["environment"],
        )

    async def _look(self, shop_id: ShopId) -> None:
        """Reads the items of a shop that messages named."""
        shop = await self._shops.get(shop_id)
        if shop is None:
            return
        await self._client.forget(shop_id, "items")
        looked = await self._watcher.read_named(shop.ref())
        if looked.changes:
            self._alerts.wake()
