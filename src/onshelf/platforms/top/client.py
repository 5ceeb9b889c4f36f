"""One call to the gateway: quota, fence, fresh timestamp and signature, send, observe, judge; and again where that is safe."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from random import Random
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from onshelf.clock import SECOND_US, Clock, from_us, to_us
from onshelf.errors import (
    NotSent,
    PlatformError,
    QuotaExceeded,
    SessionExpired,
    SettingsError,
    TierExpired,
    Unanswered,
    expected,
)
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.cache import Asked, Kept, ReadCache
from onshelf.platforms.port import AT_ONCE, CallRecord, Lane, Observer, Send, Sessions, ShopRef
from onshelf.platforms.quota import AppQuota, Quotas, Slot
from onshelf.platforms.retry import RetryPolicy, decide
from onshelf.platforms.top.cacheable import about, asked_of, untrue_after
from onshelf.platforms.top.call import (
    Answer,
    Call,
    T,
    banned_scope,
    is_wrong_clock,
    read_response,
    request_id_of,
)
from onshelf.platforms.top.offsets import Offsets
from onshelf.platforms.top.outcomes import (
    BAD_TIMESTAMP,
    Kind,
    ban_seconds,
    ends_the_day,
    is_limited,
    judge,
)
from onshelf.platforms.top.protocol import (
    Credentials,
    File,
    Format,
    Refusal,
    SignMethod,
    Unparsable,
    decode,
    encode_request,
    prepare,
    read_time,
    timestamp,
)
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response, Transport


class Apps(Protocol):
    """Gives the secret of an app; asked at each call, so it keeps its own cache."""

    async def secret(self, app_key: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How a client behaves."""

    read_timeout_s: float = 15.0
    write_timeout_s: float = 30.0
    concurrency: int = 32  # calls on the wire at once
    # how long a call without its own `not_after_us` waits for the quota, bans included
    patience_s: float = 60.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    sign_method: SignMethod = "hmac"
    production: bool = False  # then plain http gateways are refused, but for this machine's own
    reply_format: Format = "json"
    simplify: bool = False  # ask for JSON without wrappers; the gateway knows it in JSON only


class TimeReply(msgspec.Struct):
    """Reply of `taobao.time.get`."""

    time: str


class TopClient:
    """Calls any method of the platform. One instance serves all shops and apps of a process, in one event loop."""

    def __init__(
        self,
        transport: Transport,
        *,
        apps: Apps,
        sessions: Sessions,
        quotas: Quotas,
        clock: Clock,
        random: Random,
        observer: Observer | None = None,
        cache: ReadCache | None = None,
        options: ClientOptions | None = None,
    ) -> None:
        self.quotas = quotas
        self._transport = transport
        self._apps = apps
        self._sessions = sessions
        self._clock = clock
        self._random = random
        self._observer = observer
        self._cache = cache
        self._options = options or ClientOptions()
        self._on_the_wire = asyncio.Semaphore(self._options.concurrency)
        self._offsets = Offsets()

    async def call(
        self,
        method: str,
        params: Mapping[str, str],
        reply: type[T],
        *,
        shop: ShopRef,
        kind: Kind,
        lane: Lane,
        send: Send = AT_ONCE,
        files: Mapping[str, File] | None = None,
        authorised: bool = True,
        max_age_s: float | None = 0.0,
        reply_format: Format | None = None,
    ) -> Answer[T]:
        """Calls a method and decodes its reply as `reply` (a Struct, or `dict[str, Any]`); blank parameters are not sent.

        `authorised`: send the shop's session; without one `shop` needs only its app and gateway.
        `send.before_send` is awaited before each attempt. Repeats what was not sent, what was refused for a ban, a dead
        session or a wrong clock, and for reads everything passing; see `retry.decide`. Raises the PlatformError family.
        `max_age_s`: how old a kept reply of a read may be; 0 wants a fresh one, None as old as the cache's settings say.
        `reply_format`: None for the client's own.
        """
        self._check_gateway(shop.gateway)
        call = self._call(
            method, params, reply, shop, kind, lane, send, files, authorised, reply_format=reply_format
        )
        if self._cache is None:
            return await self._repeat(call)
        if kind is not Kind.READ:
            return await self._write(call, self._cache)
        form = f"{call.reply_format} {authorised}"
        asked = (
            None
            if max_age_s == 0
            else asked_of(method, call.prepared.params, call.prepared.digest, shop, form)
        )
        if asked is None:
            return await self._repeat(call)
        return await self._kept(call, asked, self._cache, max_age_s)

    def _call(
        self,
        method: str,
        params: Mapping[str, str],
        reply: type[T],
        shop: ShopRef,
        kind: Kind,
        lane: Lane,
        send: Send,
        files: Mapping[str, File] | None = None,
        authorised: bool = True,
        *,
        reply_format: Format | None = None,
    ) -> Call[T]:
        chosen = reply_format or self._options.reply_format
        simplified = self._options.simplify and chosen == "json"
        return Call(
            prepare(method, {**params, "simplify": "true"} if simplified else params, files),
            reply,
            shop,
            kind,
            lane,
            send,
            authorised,
            send.not_after_us or self._clock.now_us() + round(self._options.patience_s * SECOND_US),
            method,
            chosen,
            simplified,
        )

    async def _kept(
        self, call: Call[T], asked: Asked, cache: ReadCache, max_age_s: float | None
    ) -> Answer[T]:
        """Answers a read from the cache, or calls; the times are those of the call that was made."""

        async def load() -> Kept:
            whole = await self._repeat(
                cast("Call[dict[str, Any]]", msgspec.structs.replace(call, reply=dict))
            )
            return Kept(msgspec.json.encode(whole.value), whole.asked_us, whole.answered_us)

        kept = await cache.read(asked, load, max_age_s)
        try:
            value = decode(kept.value, call.reply)
        except msgspec.MsgspecError as error:
            raise Unanswered(call.method, str(error)) from error
        return Answer(value, kept.asked_us, kept.answered_us)

    async def _write(self, call: Call[T], cache: ReadCache) -> Answer[T]:
        """Makes a write; whatever became of it, what it may have changed is no longer kept."""
        try:
            return await self._repeat(call)
        finally:
            await cache.drop(untrue_after(call.method, call.prepared.params, call.shop.shop_id))

    async def _repeat(self, call: Call[T]) -> Answer[T]:
        """Makes a call, and again where that is safe."""
        shop, authorised = call.shop, call.authorised
        attempt, renewed, corrected, offset_us = 1, False, False, self._offsets.of(shop.gateway)
        while True:
            session = await self._sessions.session(shop.shop_id) if authorised else ""
            try:
                return await self._attempt(call, session)
            except SessionExpired as error:
                tier = isinstance(error, TierExpired)
                told = tier or not renewed
                another = told and await self._sessions.refused(shop.shop_id, session, tier=tier)
                if renewed or not another:
                    raise
                renewed = True
            except PlatformError as error:
                if is_wrong_clock(error) and not corrected and self._offsets.of(shop.gateway) != offset_us:
                    corrected = True
                    continue
                await self._wait_or_raise(error, call.kind, attempt)
                attempt += not isinstance(error, QuotaExceeded)

    def now_at(self, shop: ShopRef) -> datetime:
        """Returns the time it is at a shop's gateway, as far as we know."""
        return from_us(self._clock.now_us() + self._offsets.of(shop.gateway))

    async def learn_clock(self, shop: ShopRef, send: Send = AT_ONCE) -> int:
        """Asks the platform for its time; returns, and from now on signs with, its offset to ours in microseconds."""
        answer = await self.call(
            "taobao.time.get",
            {},
            TimeReply,
            shop=shop,
            kind=Kind.READ,
            lane=Lane.POLLS,
            send=send,
            authorised=False,
        )
        moment = read_time(answer.value.time)
        if moment is None:
            raise Unanswered("taobao.time.get", f"unreadable time {answer.value.time!r}")
        return self._offsets.learn(shop.gateway, to_us(moment), (answer.asked_us + answer.answered_us) // 2)

    async def forget(self, shop_id: ShopId, subject: str, item_id: ItemId | None = None) -> None:
        """Keeps no longer what a pushed message makes untrue: one item and every list, or all of a subject ("trades")."""
        if self._cache is not None:
            await self._cache.drop(about(shop_id, subject, item_id))

    async def close(self) -> None:
        if self._cache is not None:
            await self._cache.close()
        await self._transport.close()

    async def _wait_or_raise(self, error: PlatformError, kind: Kind, attempt: int) -> None:
        decision = decide(
            error,
            harmless=kind is Kind.READ,
            attempt=attempt,
            policy=self._options.retry,
            spread=self._random.random(),
        )
        if not decision.again:
            raise error
        if decision.wait_s:
            await self._clock.sleep(decision.wait_s)

    async def _attempt(self, call: Call[T], session: str) -> Answer[T]:
        """Takes a slot, sends, and settles the slot whatever happens."""
        secret = await self._apps.secret(call.shop.app_key)
        caller = Credentials(call.shop.app_key, secret, session, self._options.sign_method)
        quota = self.quotas.of(caller.app_key)
        slot = await quota.take(
            call.method, lane=call.lane, shop_id=call.shop.shop_id, not_after_us=call.not_after_us
        )
        asked_us = 0
        try:
            async with self._on_the_wire:
                if call.send is not AT_ONCE:
                    await self._last_look(call)
                request = self._request(call, caller, asked_us := self._clock.now_us())
                response = await self._transport.send(request)
        except ConnectFailed as error:
            quota.give_back(slot)
            self._observe(call, asked_us, "not_sent")
            raise NotSent(call.method, str(error)) from error
        except NoReply as error:
            quota.answered(slot, passed=False)
            self._observe(call, asked_us, "unanswered")
            raise Unanswered(call.method, str(error)) from error
        except BaseException:
            # Cancelled in mid-air, or the fence refused: without a send there is nothing to record.
            if asked_us:
                quota.answered(slot, passed=False)
                self._observe(call, asked_us, "unanswered")
            else:
                quota.give_back(slot)
            raise
        return self._read(call, response, asked_us, quota, slot)

    async def _last_look(self, call: Call[Any]) -> None:
        """Makes sure that the send's time has not passed, then runs its fence."""
        if call.send.not_after_us is not None and (now_us := self._clock.now_us()) > call.send.not_after_us:
            raise QuotaExceeded(call.method, "its time passed before the send", retry_at_us=now_us)
        if call.send.before_send is not None:
            await call.send.before_send()

    def _request(self, call: Call[Any], caller: Credentials, now_us: int) -> Request:
        query, body, content_type = encode_request(
            call.prepared,
            caller,
            timestamp(now_us + self._offsets.of(call.shop.gateway)),
            call.reply_format,
        )
        url = f"{call.shop.gateway}?{query}" if query else call.shop.gateway
        reads = call.kind is Kind.READ
        timeout_s = self._options.read_timeout_s if reads else self._options.write_timeout_s
        return Request(url, body, content_type, timeout_s)

    def _read(
        self, call: Call[T], response: Response, asked_us: int, quota: AppQuota, slot: Slot
    ) -> Answer[T]:
        """Decodes a reply; raises what a refusal or an unreadable one means for this kind of call."""
        answered_us = self._clock.now_us()
        try:
            found = read_response(response, call)
        except Unparsable as error:
            quota.answered(slot)
            self._observe(call, asked_us, "unanswered", answered_us)
            raise Unanswered(call.method, str(error)) from error
        if isinstance(found, Refusal):
            self._settle_refusal(call, found, response, asked_us, answered_us, quota, slot)
            raise judge(call.method, call.kind, found, answered_us)
        quota.answered(slot)
        self._observe(call, asked_us, "ok", answered_us, request_id=request_id_of(found))
        return Answer(found, asked_us, answered_us)

    def _settle_refusal(
        self,
        call: Call[Any],
        refusal: Refusal,
        response: Response,
        asked_us: int,
        answered_us: int,
        quota: AppQuota,
        slot: Slot,
    ) -> None:
        """Learns what a refusal teaches: a ban, or how wrong our clock is."""
        limited = is_limited(refusal)
        if limited:
            quota.ban(ban_seconds(refusal), scope=(scope := banned_scope(refusal, call)))
            if ends_the_day(refusal):
                self.quotas.day_ended(call.shop.app_key, scope)
        quota.answered(slot, passed=not limited)
        if refusal.code == BAD_TIMESTAMP:
            date = response.headers.get("Date", "")
            self._offsets.learn_from_date(call.shop.gateway, date, (asked_us + answered_us) // 2)
        self._observe(
            call,
            asked_us,
            "refused",
            answered_us,
            platform_code=refusal.code,
            sub_code=refusal.sub_code,
            request_id=refusal.request_id,
        )

    def _observe(
        self,
        call: Call[Any],
        asked_us: int,
        outcome: str,
        answered_us: int = 0,
        *,
        platform_code: int = 0,
        sub_code: str = "",
        request_id: str = "",
    ) -> None:
        if self._observer is None:
            return
        took_us = (answered_us or self._clock.now_us()) - asked_us
        self._observer.called(
            CallRecord(
                asked_us,
                took_us,
                call.shop.shop_id,
                call.shop.app_key,
                call.method,
                outcome,
                platform_code,
                sub_code,
                request_id,
                call.prepared.digest,
                call.lane,
            )
        )

    def _check_gateway(self, gateway: str) -> None:
        if self._options.production and not _is_private(gateway):
            raise SettingsError(
                "gateway", value=gateway, origin="shop", expected=expected("https_in_production")
            )


@lru_cache(maxsize=64)
def _is_private(gateway: str) -> bool:
    """Tells whether nobody between us and a gateway reads along: TLS, or this machine itself."""
    address = urlsplit(gateway)
    host = address.hostname or ""
    try:
        own = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        own = False
    return own or address.scheme == "https"
