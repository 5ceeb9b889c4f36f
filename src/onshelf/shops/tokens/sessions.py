"""Live sessions for the platform's client: refreshed early, one refresh at a time, and the shop paused when only a person can help.

One refresh at a time holds in a process by a lock a shop, between processes by a lease on the stored token's version.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import NoReturn, Protocol

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, NotSent, PlatformError, SessionExpired, Unanswered
from onshelf.events import ShopTrouble
from onshelf.ids import ShopId
from onshelf.jobs.failure import HELD_EXPIRED, HELD_TIER
from onshelf.jobs.queue import Queue
from onshelf.platforms.top.auth import Token
from onshelf.shops import health
from onshelf.shops.shop import NEVER_US, Shop, ShopState, is_alive, look_at_us
from onshelf.shops.store import ShopStore, StoredToken
from onshelf.shops.tokens.expiry import tiers
from onshelf.store.db import Write
from onshelf.store.log import append

log = structlog.get_logger()

REFRESH = "oauth refresh"
"""What errors name as the method when a token could not be renewed."""

_LEASE_US = 60 * SECOND_US  # longer than a refresh may take
_LOOK_S = 0.5  # between two looks whether another process has refreshed
_TRY_AGAIN_US = 60 * SECOND_US  # after a failed early refresh


class Renewer(Protocol):
    """Asks the platform for the next token."""

    async def refresh(self, shop: Shop, token: Token) -> Token:
        """Raises the PlatformError family; SessionExpired means that only a person can authorise again."""
        ...


@dataclass(frozen=True, slots=True)
class _Live:
    session: str
    look_at_us: int  # until then it is given out without a further thought


class ShopSessions:
    """Implements the port `Sessions`. `margin_s`: how long before its end a token is refreshed."""

    def __init__(
        self, store: ShopStore, queue: Queue, clock: Clock, renewer: Renewer, *, margin_s: float = 7200.0
    ) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._renewer = renewer
        self._margin_us = round(margin_s * SECOND_US)
        self._live: dict[ShopId, _Live] = {}
        self._locks: defaultdict[ShopId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._renewed_for_tier: dict[ShopId, int] = {}  # version of the token that was got for a tier
        self._told_of_tier: dict[ShopId, int] = {}  # version of the token somebody was told of

    async def session(self, shop_id: ShopId) -> str:
        """Returns the session, from memory nearly always; refreshes it when it is due.

        Raises:
            SessionExpired: only a person can renew it; the shop's jobs are paused.
            NotSent: it has run out and the platform could not be asked for the next one.
        """
        live = self._live.get(shop_id)
        if live is None or self._clock.now_us() >= live.look_at_us:
            live = await self._look(shop_id)
        return live.session

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        """Is told that the platform refused this session; returns whether another one is there to try.

        When not, the shop's jobs are paused; a session refused for a tier only is left to the other calls, and an alert
        tells of it. Raises NotSent when the platform could not be asked for the next one.
        """
        if tier:
            return await self._refused_for_tier(shop_id, session)
        async with self._locks[shop_id]:
            self._live.pop(shop_id, None)
            stored = await self._store.token(shop_id)
            if stored is None or stored.dead:
                return False
            if stored.token.session == session:
                try:
                    stored = await self._refresh_or_bury(shop_id, stored)
                except SessionExpired:
                    return False
            self._keep(shop_id, stored)
            return True

    async def _refused_for_tier(self, shop_id: ShopId, session: str) -> bool:
        """Refreshes a living token once, for that may renew its tiers; when it does not, a person is told, once a token."""
        async with self._locks[shop_id]:
            stored = await self._store.token(shop_id)
            if stored is None or stored.dead:
                return False
            if stored.token.session != session:
                self._keep(shop_id, stored)
                return True
            if fresh := await self._renew_for_tier(shop_id, stored):
                self._keep(shop_id, fresh)
                return True
            await self._tell_of_tier(shop_id, stored)
            return False

    async def _renew_for_tier(self, shop_id: ShopId, stored: StoredToken) -> StoredToken | None:
        now_us = self._clock.now_us()
        if not stored.token.refreshable(now_us) or self._renewed_for_tier.get(shop_id) == stored.version:
            return None
        try:
            fresh = await self._refresh(shop_id, stored)
        except PlatformError as error:
            log.warning("shops.refresh_failed", shop_id=shop_id, error=str(error))
            return None
        self._renewed_for_tier[shop_id] = fresh.version
        return fresh

    async def _tell_of_tier(self, shop_id: ShopId, stored: StoredToken) -> None:
        if self._told_of_tier.get(shop_id) == stored.version:
            return
        now_us = self._clock.now_us()
        ended = [name for name, until in tiers(stored.token).items() if until is not None and until <= now_us]
        told = ShopTrouble(shop_id, "tier", "tier_ended", False, False, ", ".join(ended), now_us)
        await self._store.db.commit([append(told, now_us)])
        self._told_of_tier[shop_id] = stored.version
        log.warning("shops.tier_ended", shop_id=shop_id, tiers=ended)

    async def accept(self, shop_id: ShopId, token: Token) -> None:
        """Stores a new authorisation; durable. The shop's paused jobs go on, unless a person paused the shop."""
        async with self._locks[shop_id]:
            now_us = self._clock.now_us()
            put = self._store.put_token(shop_id, token, obtained_us=now_us)
            over = ShopTrouble(shop_id, "authorisation", "authorisation_ended", True, False, "", now_us)
            settled = [health.settle_warning(shop_id), append(over, now_us)]
            await self._store.db.commit([put, *self._reviving(shop_id), *settled])
            self._live.pop(shop_id, None)

    def forget(self, shop_id: ShopId) -> None:
        """Is told that a shop was removed: its session is given out no more."""
        self._live.pop(shop_id, None)

    async def _look(self, shop_id: ShopId) -> _Live:
        async with self._locks[shop_id]:
            live = self._live.get(shop_id)
            if live is not None and self._clock.now_us() < live.look_at_us:
                return live
            stored = await self._store.token(shop_id)
            if stored is None or stored.dead:
                self._live.pop(shop_id, None)
                raise SessionExpired(REFRESH, "not authorised", platform_code=27)
            now_us = self._clock.now_us()
            if now_us < self._look_at_us(stored):
                return self._keep(shop_id, stored)
            if is_alive(stored.token, now_us):
                return await self._refresh_early(shop_id, stored)
            return self._keep(shop_id, await self._refresh_or_bury(shop_id, stored))

    async def _refresh_early(self, shop_id: ShopId, stored: StoredToken) -> _Live:
        """Refreshes a token that still works; a failure is only tried again later."""
        if stored.token.refreshable(self._clock.now_us()):
            try:
                stored = await self._refresh(shop_id, stored)
            except PlatformError as error:
                log.warning("shops.refresh_failed", shop_id=shop_id, error=str(error))
                return self._keep(shop_id, stored, not_before_us=self._clock.now_us() + _TRY_AGAIN_US)
        return self._keep(shop_id, stored)

    async def _refresh_or_bury(self, shop_id: ShopId, stored: StoredToken) -> StoredToken:
        """Refreshes a token that works no more, or pauses the shop."""
        if not stored.token.refreshable(self._clock.now_us()):
            await self._bury(shop_id, stored, "no refresh possible")
        try:
            return await self._refresh(shop_id, stored)
        except SessionExpired as error:
            await self._bury(shop_id, stored, error.why)
        except (NotSent, Unanswered) as error:
            # For the call that needed the session nothing has happened, whatever became of the refresh.
            raise NotSent(REFRESH, str(error)) from error

    async def _refresh(self, shop_id: ShopId, stored: StoredToken) -> StoredToken:
        """Gets the next token, by this process or by another that has begun already; durable."""
        while not await self._begin(shop_id, stored.version):
            await self._clock.sleep(_LOOK_S)
            newer = await self._store.token(shop_id)
            if newer is None or newer.dead:
                raise SessionExpired(REFRESH, "another process was refused", platform_code=27)
            if newer.version != stored.version:
                return newer
        try:
            return await self._ask(shop_id, stored)
        except PlatformError:
            await self._store.db.commit([self._store.end_refresh(shop_id, stored.version)])
            raise

    async def _begin(self, shop_id: ShopId, version: int) -> bool:
        now_us = self._clock.now_us()
        return await self._store.begin_refresh(shop_id, version, now_us=now_us, until_us=now_us + _LEASE_US)

    async def _ask(self, shop_id: ShopId, stored: StoredToken) -> StoredToken:
        shop = await self._store.get(shop_id)
        if shop is None:
            raise SessionExpired(REFRESH, "no such shop", platform_code=27)
        token = await self._renewer.refresh(shop, stored.token)
        now_us = self._clock.now_us()
        put = self._store.put_token(shop_id, token, obtained_us=now_us, version=stored.version)
        try:
            await self._store.db.commit([put, *self._reviving(shop_id)])
        except Conflict:  # a person has authorised meanwhile: theirs is the newer
            newer = await self._store.token(shop_id)
            return newer or stored
        log.info("shops.refreshed", shop_id=shop_id, expires_us=token.expires_us)
        return StoredToken(token, now_us, stored.version + 1, dead=False)

    def _reviving(self, shop_id: ShopId) -> list[Write]:
        """Gives the writes by which an authorised shop's work goes on."""
        now_us = self._clock.now_us()
        tiers_again = ShopTrouble(shop_id, "tier", "tier_ended", True, False, "", now_us)
        return [
            self._store.set_state(shop_id, ShopState.AUTHORISED),
            *self._queue.resume_shop(shop_id, HELD_EXPIRED),
            *self._queue.resume_shop(shop_id, HELD_TIER),
            append(tiers_again, now_us),
        ]

    async def _bury(self, shop_id: ShopId, stored: StoredToken, why: str) -> NoReturn:
        """Marks shop and token, pauses the jobs, tells it, as one unit; once, and a newer token makes all of it void."""
        now_us = self._clock.now_us()
        ended = ShopTrouble(shop_id, "authorisation", "authorisation_ended", False, True, "", now_us)
        unit = [
            self._store.bury_token(shop_id, stored.version),
            self._store.set_state(shop_id, ShopState.EXPIRED),
            *self._queue.pause_shop(shop_id, HELD_EXPIRED),
            append(ended, now_us),
        ]
        self._live.pop(shop_id, None)
        try:
            await self._store.db.commit(unit)
        except Conflict as changed:
            now = await self._store.token(shop_id)
            if now is not None and not now.dead:
                raise NotSent(REFRESH, "a newer token has come") from changed
            raise SessionExpired(REFRESH, why, platform_code=27) from changed
        log.warning("shops.expired", shop_id=shop_id, why=why)
        raise SessionExpired(REFRESH, why, platform_code=27)

    def _keep(self, shop_id: ShopId, stored: StoredToken, *, not_before_us: int = 0) -> _Live:
        """Remembers a session until it must be thought of again; one that is due already, until its end."""
        end_us = stored.token.expires_us or NEVER_US
        at_us = max(self._look_at_us(stored), not_before_us)
        if at_us <= self._clock.now_us():
            at_us = end_us
        live = _Live(stored.token.session, min(at_us, end_us))
        self._live[shop_id] = live
        return live

    def _look_at_us(self, stored: StoredToken) -> int:
        return look_at_us(stored.token, stored.obtained_us, self._margin_us)
