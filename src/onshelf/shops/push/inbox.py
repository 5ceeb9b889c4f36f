"""Hands the messages of the inbox to whom their topics concern, each once: what follows and "handled" are one unit."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, StoreError
from onshelf.guard.vault import Vault
from onshelf.ids import ShopId
from onshelf.jobs.waker import Crew, Waker
from onshelf.shops.push.feeds import about
from onshelf.shops.push.sealing import opened
from onshelf.shops.store import ShopStore
from onshelf.store import log
from onshelf.store.db import Write
from onshelf.store.log import Kept, Message

AT_ONCE = 500
KEPT_FOR_S = 7 * 86_400.0
"""How long handled messages stay, to be known again when the platform repeats them (47 hours late has been seen)."""
_FORGET_EVERY_US = 600 * SECOND_US
_FORGOTTEN_AT_ONCE = 50_000
_REST_S = 1.0  # longest: other processes may receive without waking this one
_log = structlog.get_logger()


class Handler(Protocol):
    """Takes the messages of some topics."""

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        """Returns what follows from messages about a shop. Sends and changes nothing itself.

        `messages`: in the order they came in; their contents may be of any form.
        """
        ...

    async def act(self, shop_id: ShopId) -> None:
        """Acts on what it returned for a shop, once that stands: one at a time a shop, once for all that came meanwhile.

        A crash may lose it, and so may an error: what was returned must be found in another way, too.
        """
        ...


class Inbox:
    """Handles messages. `handlers`: by the first letters of a topic; a topic no handler wants is handled by nobody."""

    def __init__(
        self, shops: ShopStore, vault: Vault, handlers: Mapping[str, Handler], clock: Clock, waker: Waker
    ) -> None:
        self.db = shops.db
        self._vault = vault
        self._shops = shops
        self._handlers = handlers
        self._clock = clock
        self._crew = Crew(clock, waker)
        self._forget_at_us = 0
        self._to_act: set[tuple[str, ShopId]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Handles what comes until `stop` is set; acts under way are broken off."""
        while not stop.is_set():
            try:
                while await self.handle_some() and not stop.is_set():
                    self._start_acts()
                await self._forget()
            except StoreError as error:
                _log.warning("push.inbox_failed", error=str(error))
            self._start_acts()
            await self._crew.rest(stop, _REST_S)
        await self._crew.abandon()

    async def handle_some(self) -> int:
        """Handles the oldest messages that wait; returns how many were there. Raises StoreError."""
        kept = await log.waiting(self.db, AT_ONCE)
        if not kept:
            return 0
        try:
            await self._handle(kept)
        except Exception as error:  # noqa: BLE001 which of them it was is found by handling each alone
            _log.warning("push.batch_failed", messages=len(kept), error=type(error).__name__)
            for one in kept:
                await self._handle_alone(one)
        return len(kept)

    async def _handle_alone(self, kept: Kept) -> None:
        """Handles one message; one that breaks its handler is set aside for a person. Raises StoreError."""
        try:
            await self._handle([kept])
        except Exception as error:
            if isinstance(error, Conflict) and error.index == 0:
                return  # another process has handled it
            if isinstance(error, StoreError) and not isinstance(error, Conflict):
                raise
            _log.warning("push.message_failed", data_id=kept.message.data_id, exc_info=error)
            await self.db.commit([log.failed(kept)])

    async def _handle(self, kept: Sequence[Kept]) -> None:
        concerned = sort_out(kept, self._handlers)
        shops = await self._shops.list()
        writes: list[Write] = []
        acts: set[tuple[str, ShopId]] = set()
        for prefix, messages in concerned.items():
            handler = self._handlers[prefix]
            by_shop: defaultdict[ShopId, list[Message]] = defaultdict(list)
            for message in messages:
                whole = opened(self._vault, message)
                for shop in about(shops, message.app_key, message.nick):
                    by_shop[shop.shop_id].append(whole)
            for shop_id, its in by_shop.items():
                writes += await handler.writes(shop_id, its)
                acts.add((prefix, shop_id))
        await self.db.commit([*(log.handled(one) for one in kept), *writes])
        self._to_act |= acts

    def _start_acts(self) -> None:
        """Starts what is to be done for shops nobody is busy with; for the others it waits."""
        for slot in [one for one in self._to_act if not self._crew.in_flight(one)]:
            self._to_act.discard(slot)
            self._crew.start(self._act(*slot), slot)

    async def _act(self, prefix: str, shop_id: ShopId) -> None:
        try:
            await self._handlers[prefix].act(shop_id)
        except Exception as error:  # noqa: BLE001 one shop's trouble must not stop the others
            _log.warning("push.act_failed", topics=prefix, shop_id=shop_id, error=str(error)[:200])

    async def _forget(self) -> None:
        """Deletes the oldest handled messages now and then, once the platform repeats them no more."""
        now_us = self._clock.now_us()
        if now_us >= self._forget_at_us:
            self._forget_at_us = now_us + _FORGET_EVERY_US
            await self.db.commit([log.forget(now_us - round(KEPT_FOR_S * SECOND_US), _FORGOTTEN_AT_ONCE)])


def sort_out(kept: Sequence[Kept], prefixes: Mapping[str, object]) -> dict[str, list[Message]]:
    """Parts messages by the topic's first letters; those nobody wants are left out."""
    found: dict[str, list[Message]] = {prefix: [] for prefix in prefixes}
    for one in kept:
        for prefix, messages in found.items():
            if one.message.topic.startswith(prefix):
                messages.append(one.message)
    return {prefix: messages for prefix, messages in found.items() if messages}
