"""Several calls in one request, by the gateway's batch address. Source: top-protocol 1.6 and 2.3.

It saves round trips, not quota: the gateway counts every part. Nothing in a batch is repeated by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from onshelf.errors import NotSent, PlatformError, Unanswered
from onshelf.platforms.port import AT_ONCE, Lane, Send, ShopRef
from onshelf.platforms.quota import AppQuota, Slot
from onshelf.platforms.top.cacheable import untrue_after
from onshelf.platforms.top.call import Answer, Call
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import (
    VERSION,
    Credentials,
    Format,
    Prepared,
    encode_form,
    sign,
    timestamp,
)
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response

SEPARATOR = "\r\n-S-\r\n"
MOST_PARTS = 20  # often stated, in no authoritative source
TEXT_TYPE = "text/plain;charset=UTF-8"
Result = Answer[Any] | PlatformError


class Part(msgspec.Struct, frozen=True):
    """One call of a batch; it can carry no file."""

    method: str
    params: Mapping[str, str]
    kind: Kind
    reply: Any = dict[str, Any]  # type of the reply


def encode_batch(
    parts: Sequence[Prepared],
    caller: Credentials,
    at: str,
    reply_format: Format = "json",
    *,
    simplify: bool = False,
) -> tuple[str, str]:
    """Returns query and body of a batch; the body is signed together with the protocol's parameters."""
    body = SEPARATOR.join(f"{encode_form({'method': part.method})}&{part.form}".rstrip("&") for part in parts)
    own = {
        "app_key": caller.app_key,
        "format": reply_format,
        "session": caller.session,
        "sign_method": caller.sign_method,
        "simplify": "true" if simplify else "",
        "timestamp": at,
        "v": VERSION,
    }
    own = {name: value for name, value in own.items() if value}
    return encode_form({**own, "sign": sign(own, caller.secret, caller.sign_method, body)}), body


def split_batch(body: bytes, count: int) -> list[bytes]:
    """Returns the replies of the parts in their order; a reply that has not as many is one for all."""
    pieces = body.split(SEPARATOR.encode())
    return pieces if len(pieces) == count else [body] * count


class BatchClient(TopClient):
    """A client that can also send several calls as one."""

    async def batch(
        self, parts: Sequence[Part], *, shop: ShopRef, lane: Lane, send: Send = AT_ONCE
    ) -> list[Result]:
        """Makes at most 20 calls for one shop in one request; returns each part's answer or error, in their order.

        Raises NotSent when none was sent, and QuotaExceeded when the quota has no room for all of them in time.
        """
        if not 0 < len(parts) <= MOST_PARTS:
            raise ValueError(f"{len(parts)} parts: a batch has 1 to {MOST_PARTS}")
        self._check_gateway(shop.gateway)
        calls = [self._call(one.method, one.params, one.reply, shop, one.kind, lane, send) for one in parts]
        quota = self.quotas.of(shop.app_key)
        caller = Credentials(
            shop.app_key,
            await self._apps.secret(shop.app_key),
            await self._sessions.session(shop.shop_id),
            self._options.sign_method,
        )
        async with self.quotas.gathering[shop.app_key]:
            slots = await self._slots(calls, quota)
        try:
            return await self._exchange(calls, caller, quota, slots)
        finally:
            await self._drop_untrue(calls)

    async def _exchange(
        self, calls: Sequence[Call[Any]], caller: Credentials, quota: AppQuota, slots: Sequence[Slot]
    ) -> list[Result]:
        """Sends the parts, and settles their slots whatever happens."""
        asked_us = 0
        try:
            async with self._on_the_wire:
                await self._last_look(calls[0])
                asked_us = self._clock.now_us()
                response = await self._transport.send(self._joined(calls, caller, asked_us))
        except ConnectFailed as error:
            self._unsent(calls, quota, slots)
            raise NotSent("batch", str(error)) from error
        except NoReply as error:
            self._unheard(calls, quota, slots, asked_us)
            return [Unanswered(call.method, str(error)) for call in calls]
        except BaseException:
            if asked_us:
                self._unheard(calls, quota, slots, asked_us)
            else:
                self._unsent(calls, quota, slots)
            raise
        pieces = split_batch(response.body, len(calls))
        return [
            self._result(call, Response(response.status, response.headers, piece), asked_us, quota, slot)
            for call, piece, slot in zip(calls, pieces, slots, strict=True)
        ]

    async def _drop_untrue(self, calls: Sequence[Call[Any]]) -> None:
        """Keeps no longer what the writes among the parts may have changed."""
        for call in calls:
            if self._cache is not None and call.kind is not Kind.READ:
                await self._cache.drop(untrue_after(call.method, call.prepared.params, call.shop.shop_id))

    async def _slots(self, calls: Sequence[Call[Any]], quota: AppQuota) -> list[Slot]:
        """Takes a slot for each part, or none."""
        slots: list[Slot] = []
        for call in calls:
            shop_id, not_after_us = call.shop.shop_id, call.not_after_us
            try:
                slot = await quota.take(
                    call.method, lane=call.lane, shop_id=shop_id, not_after_us=not_after_us
                )
            except BaseException:
                for taken in slots:
                    quota.give_back(taken)
                raise
            slots.append(slot)
        return slots

    def _joined(self, calls: Sequence[Call[Any]], caller: Credentials, now_us: int) -> Request:
        first = calls[0]
        at = timestamp(now_us + self._offsets.of(first.shop.gateway))
        prepared = [call.prepared for call in calls]
        query, body = encode_batch(prepared, caller, at, first.reply_format, simplify=first.simplified)
        reads = all(call.kind is Kind.READ for call in calls)
        timeout_s = self._options.read_timeout_s if reads else self._options.write_timeout_s
        url = f"{first.shop.gateway.removesuffix('/rest')}/batch?{query}"
        return Request(url, body.encode("ascii"), TEXT_TYPE, timeout_s)

    def _unsent(self, calls: Sequence[Call[Any]], quota: AppQuota, slots: Sequence[Slot]) -> None:
        for call, slot in zip(calls, slots, strict=True):
            quota.give_back(slot)
            self._observe(call, self._clock.now_us(), "not_sent")

    def _unheard(
        self, calls: Sequence[Call[Any]], quota: AppQuota, slots: Sequence[Slot], asked_us: int
    ) -> None:
        for call, slot in zip(calls, slots, strict=True):
            quota.answered(slot, passed=False)
            self._observe(call, asked_us, "unanswered")

    def _result(
        self, call: Call[Any], response: Response, asked_us: int, quota: AppQuota, slot: Slot
    ) -> Result:
        try:
            return self._read(call, response, asked_us, quota, slot)
        except PlatformError as error:
            return error
