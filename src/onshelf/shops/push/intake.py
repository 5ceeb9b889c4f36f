"""Receives pushed messages: keeps them durably, then confirms them, and connects again whenever the feed breaks off.

A message the platform has been told we have is in the inbox; one that is only in the inbox comes again, is kept once and
confirmed again. Where a message that comes again could not be known, it is confirmed anew before any other is taken. Who
handles it is for `inbox.py`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Protocol

import structlog

from onshelf.clock import Clock
from onshelf.errors import BusinessFault, PlatformError, StoreError
from onshelf.guard.vault import Vault
from onshelf.platforms.port import NAMELESS, Push, PushMessage
from onshelf.shops.push.feeds import BEAT_S, STOPPED, Feed, Way, beat, came, links, put_link
from onshelf.shops.push.sealing import sealed
from onshelf.store import log
from onshelf.store.db import Database, Write

FIRST_REST_S = 0.5
LONGEST_REST_S = 60.0
UNHEARD_MOST = 5000  # latest messages whose confirm may not have been heard
_MOST_ID = (1 << 63) - 1  # a database keeps no greater number
_log = structlog.get_logger()


class Source(Protocol):
    """Opens feeds. Raises the PlatformError family."""

    async def open(self, feed: Feed, failures: int) -> tuple[Push, Way]:
        """Opens a feed in the way that suits. `failures`: times in a row that it gave nothing."""
        ...


def rest_s(failures: int, spread: float) -> float:
    """Gives the rest before the next attempt: min(60, 2^failures / 2) seconds, times 0.5 to 1 by `spread` in [0, 1)."""
    return min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(failures, 30)) * (0.5 + spread / 2)


class Intake:
    """Takes in the messages of feeds. `wake` is called whenever messages were kept."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        source: Source,
        clock: Clock,
        random: Random,
        wake: Callable[[], None],
    ) -> None:
        self._db = db
        self._vault = vault
        self._source = source
        self._clock = clock
        self._random = random
        self._wake = wake

    async def run(self, feed: Feed, stop: asyncio.Event) -> None:
        """Receives until `stop` is set; a unit on its way to the database is finished by the database."""
        receiving = asyncio.ensure_future(self._receive_on(feed))
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({receiving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (receiving, stopped):
                task.cancel()
            ended = await asyncio.gather(receiving, stopped, return_exceptions=True)
        if isinstance(ended[0], Exception):
            raise ended[0]
        await self._tell(put_link(feed, Way.DOWN, self._clock.now_us(), STOPPED))

    async def _receive_on(self, feed: Feed) -> None:
        failures = 0
        while True:
            failures = await self._receive_once(feed, failures)
            await self._clock.sleep(rest_s(failures, self._random.random()))

    async def _receive_once(self, feed: Feed, failures: int) -> int:
        """Takes messages until the feed breaks off; returns how often in a row it was of no use."""
        began, taken = self._clock.monotonic(), 0
        try:
            async with self._opened(feed, failures) as push:
                began = self._clock.monotonic()
                while True:
                    taken += await self._take(feed, push)
        except (PlatformError, StoreError) as error:
            _log.warning("push.broken_off", app_key=feed.app_key, group=feed.group, why=str(error))
            await self._tell(put_link(feed, Way.DOWN, self._clock.now_us(), error.code))
        useful = taken or self._clock.monotonic() - began >= LONGEST_REST_S
        return 0 if useful else failures + 1

    @contextlib.asynccontextmanager
    async def _opened(self, feed: Feed, failures: int) -> AsyncIterator[Push]:
        """Opens the feed, says that it stands while the block runs, and closes it."""
        push, way = await self._source.open(feed, failures)
        beating = asyncio.create_task(self._beat(feed))
        try:
            await self._confirm_anew(feed, push, way)
            await push.ready()
            await self._tell(put_link(feed, way, self._clock.now_us()))
            yield push
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await push.close()

    async def _confirm_anew(self, feed: Feed, push: Push, way: Way) -> None:
        """Confirms once more what is kept and may come again without the data id by which it would be known.

        So it does not come again. Those are all messages when asked for over HTTP, and those that came over HTTP.
        """
        link = (await links(self._db)).get((feed.app_key, feed.group))
        since_us = link.sure_us if link else 0
        latest = await log.deliveries(
            self._db, feed.app_key, feed.group, since_us=since_us, among=UNHEARD_MOST
        )
        ids = [number for number, data_id in latest if way is Way.HTTP or data_id.startswith(NAMELESS)]
        if not ids:
            return
        try:
            await push.confirm(ids)
        except BusinessFault as error:  # ids the platform has forgotten, perhaps
            _log.warning("push.not_confirmed_anew", app_key=feed.app_key, group=feed.group, why=str(error))

    async def _take(self, feed: Feed, push: Push) -> int:
        """Keeps what has come as one durable unit, and only then confirms it; returns how many messages that were."""
        messages = await push.receive()
        now_us = self._clock.now_us()
        kept = log.keep([sealed(self._vault, _as_kept(feed, one, now_us)) for one in messages])
        await self._db.commit([*kept, came(feed, now_us)])
        self._wake()
        await push.confirm([one.delivery_id for one in messages if one.delivery_id is not None])
        return len(messages)

    async def _beat(self, feed: Feed) -> None:
        while True:
            await self._clock.sleep(BEAT_S)
            await self._tell(beat(feed, self._clock.now_us()))

    async def _tell(self, write: Write) -> None:
        """Writes how the feed fares; when that fails the feed goes on."""
        try:
            await self._db.commit([write])
        except StoreError as error:
            _log.warning("push.untold", error=str(error))


def _as_kept(feed: Feed, message: PushMessage, now_us: int) -> log.Message:
    return log.Message(
        feed.app_key,
        feed.group,
        message.data_id,
        message.topic,
        message.content,
        now_us,
        message.user_id,
        message.nick,
        _confirmable(message.delivery_id),
    )


def _confirmable(delivery_id: int | None) -> int:
    return delivery_id if delivery_id is not None and 0 < delivery_id <= _MOST_ID else 0
