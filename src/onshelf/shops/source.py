"""Opens feeds of messages: over the socket, or over HTTP where the socket cannot be had and the settings permit it."""

import contextlib
from dataclasses import dataclass
from typing import Literal

from onshelf.clock import Clock
from onshelf.errors import PlatformError
from onshelf.platforms.port import Push
from onshelf.platforms.top.client import Apps, TopClient
from onshelf.platforms.top.tmc.connection import Dialler, open_connection
from onshelf.platforms.top.tmc.polling import TmcPolling
from onshelf.platforms.top.tmc.session import Subscriber
from onshelf.shops.feeds import Feed, Way

Mode = Literal["auto", "socket", "http"]
PATIENCE = 3
"""Times in a row a socket may be of no use before "auto" asks over HTTP."""
DETOUR_S = 300.0
"""How long "auto" asks over HTTP before it tries the socket again."""


@dataclass(frozen=True, slots=True)
class Manner:
    """The settings of receiving, as a value."""

    mode: Mode
    poll_every_s: float  # rest after an empty reply over HTTP


def choose_way(mode: Mode, failures: int) -> Way:
    """Decides how to try next; `failures`: times in a row that a feed was of no use, HTTP's own among them."""
    if mode == "auto":
        return Way.HTTP if failures % (PATIENCE + 1) == PATIENCE else Way.SOCKET
    return Way.HTTP if mode == "http" else Way.SOCKET


class TmcSource:
    """Implements `intake.Source` for the message service of Taobao."""

    def __init__(self, client: TopClient, apps: Apps, dialler: Dialler, clock: Clock, manner: Manner) -> None:
        self._client = client
        self._apps = apps
        self._dialler = dialler
        self._clock = clock
        self._manner = manner

    async def open(self, feed: Feed, failures: int) -> tuple[Push, Way]:
        """Opens a feed; after a failure it first asks the platform for its time, which CONNECT is signed with."""
        way = choose_way(self._manner.mode, failures)
        if way is Way.HTTP:
            every_s = self._manner.poll_every_s
            for_s = DETOUR_S if self._manner.mode == "auto" else float("inf")
            return TmcPolling(
                self._client, feed.shop, feed.group, self._clock, every_s=every_s, for_s=for_s
            ), way
        offset_us = await self._offset_us(feed) if failures else 0
        secret = await self._apps.secret(feed.app_key)
        who = Subscriber(feed.app_key, feed.group)
        opened = await open_connection(
            self._dialler, feed.address, who, secret, self._clock, offset_us=offset_us
        )
        return opened, way

    async def _offset_us(self, feed: Feed) -> int:
        with contextlib.suppress(PlatformError):
            return await self._client.learn_clock(feed.shop)
        return 0
