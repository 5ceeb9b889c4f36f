"""Opens feeds of messages: over the socket, or over HTTP where the socket cannot be had and the settings permit it."""

import contextlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import PlatformError, Refused
from onshelf.platforms.port import Lane, Push
from onshelf.platforms.top.client import Apps, TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.tmc.connection import Dialler, open_connection
from onshelf.platforms.top.tmc.polling import TmcPolling
from onshelf.platforms.top.tmc.session import Subscriber
from onshelf.shops.push.feeds import Feed, Way

Mode = Literal["auto", "socket", "http"]
PATIENCE = 3
"""Times in a row a socket may be of no use before "auto" asks over HTTP."""
DETOUR_S = 300.0
"""How long "auto" asks over HTTP before it tries the socket again."""


AUTH, ASKS_FOR_TOKEN = "taobao.tmc.auth.get", "mc.api.taobao.com"
_LEARN_EVERY_US = 3600 * SECOND_US
_log = structlog.get_logger()


class _Token(msgspec.Struct):
    """Reply of tmc.auth.get."""

    result: str = ""


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
        self._offset_us = 0  # the platform's clock minus ours
        self._learn_at_us = 0

    async def open(self, feed: Feed, failures: int) -> tuple[Push, Way]:
        way = choose_way(self._manner.mode, failures)
        return (self._poll(feed) if way is Way.HTTP else await self._connect(feed)), way

    def _poll(self, feed: Feed) -> Push:
        for_s = DETOUR_S if self._manner.mode == "auto" else float("inf")
        every_s = self._manner.poll_every_s
        return TmcPolling(self._client, feed.shop, feed.group, self._clock, every_s=every_s, for_s=for_s)

    async def _connect(self, feed: Feed) -> Push:
        """Connects; after a refusal it asks for the platform's time, as a wrong clock may be why."""
        secret = await self._apps.secret(feed.app_key)
        who = Subscriber(feed.app_key, feed.group, await self._token(feed))
        try:
            return await open_connection(
                self._dialler, feed.address, who, secret, self._clock, offset_us=self._offset_us
            )
        except Refused:
            await self._learn_clock(feed)
            raise

    async def _token(self, feed: Feed) -> str:
        """Asks for the app's own token where the official client does; the service takes connections without one, too.

        Source: top-protocol 6.3, `token`.
        """
        if urlsplit(feed.address).hostname != ASKS_FOR_TOKEN:
            return ""
        try:
            answer = await self._client.call(
                AUTH,
                {"group": feed.group},
                _Token,
                shop=feed.shop,
                kind=Kind.READ,
                lane=Lane.POLLS,
                authorised=False,
            )
        except PlatformError as error:
            _log.warning("push.no_token", app_key=feed.app_key, error=str(error))
            return ""
        return answer.value.result

    async def _learn_clock(self, feed: Feed) -> None:
        now_us = self._clock.now_us()
        if now_us < self._learn_at_us:
            return
        self._learn_at_us = now_us + _LEARN_EVERY_US
        with contextlib.suppress(PlatformError):
            self._offset_us = await self._client.learn_clock(feed.shop)
