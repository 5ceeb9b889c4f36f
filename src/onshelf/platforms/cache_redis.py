"""Kept replies on Redis, for all processes that share one: what any of them writes or hears of is dropped for all.

A reply that was asked for before a drop, and comes after it from another process, is not kept: each drop leaves a number
behind for longer than any call may take, and a reply is kept only where the numbers are those from before its call. The
numbers are Redis's own, so the clocks of machines need not agree.
"""

from collections.abc import Sequence
from typing import cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from onshelf.clock import Clock
from onshelf.errors import SettingsError, StoreError, expected
from onshelf.platforms.cache import LARGEST_BYTES, Asked, Kept

PREFIX = "onshelf:kept:"
PATIENCE_S = 0.5
"""How long Redis may take; a call to the platform is not much slower."""
REMEMBERED_MS = 600_000
"""How long the number of a drop is kept: longer than the slowest read, retries included."""

_PUT = """
local ttl, drops = tonumber(ARGV[3]), {}
for i = 2, #KEYS do drops[i - 1] = redis.call('GET', KEYS[i] .. ':dropped') or '' end
if table.concat(drops, ' ') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
for i = 2, #KEYS do
  redis.call('SADD', KEYS[i], KEYS[1])
  if redis.call('PTTL', KEYS[i]) < ttl then redis.call('PEXPIRE', KEYS[i], ttl) end
end
return 1
"""
"""KEYS: the reply, its tags. ARGV: the reply, its mark (the numbers of its tags' drops), how long it is kept (ms)."""

_DROP = """
local number = redis.call('INCR', ARGV[1])
for i = 1, #KEYS do
  redis.call('SET', KEYS[i] .. ':dropped', number, 'PX', ARGV[2])
  for _, key in ipairs(redis.call('SMEMBERS', KEYS[i])) do redis.call('DEL', key) end
  redis.call('DEL', KEYS[i])
end
"""
"""KEYS: tags. ARGV: where drops are counted, how long a drop's number is remembered (ms)."""


class RedisStore:
    """Implements `platforms.cache.CacheStore`. Raises StoreError when Redis is away."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self._untold_us = -1
        """When a drop last failed: what was asked for before may have become untrue without a trace. -1: never."""
        try:
            self._redis = Redis.from_url(
                url,
                socket_connect_timeout=PATIENCE_S,
                socket_timeout=PATIENCE_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise SettingsError(
                "redis", value="•••", origin="settings", expected=expected("redis")
            ) from error
        self._put = self._redis.register_script(_PUT)
        self._drop = self._redis.register_script(_DROP)

    async def get(self, key: str) -> Kept | None:
        try:
            found = cast("bytes | None", await self._redis.get(f"{PREFIX}{key}"))
        except RedisError as error:
            raise StoreError(f"kept replies on Redis: {error}") from error
        kept = None if found is None else msgspec.msgpack.decode(found, type=Kept)
        return None if kept is None or kept.asked_us <= self._untold_us else kept

    async def mark(self, asked: Asked) -> str:
        tags = sorted(asked.tags)
        try:
            found = await self._redis.mget([f"{_tag(tag)}:dropped" for tag in tags]) if tags else []
        except RedisError as error:
            raise StoreError(f"kept replies on Redis: {error}") from error
        return " ".join((one or b"").decode() for one in cast("list[bytes | None]", found))

    async def put(self, asked: Asked, kept: Kept, until_us: int, mark: str = "") -> None:
        """Stores a reply that is not too large, unless what it tells of was dropped since its mark was taken."""
        ttl_ms = (until_us - self._clock.now_us()) // 1000
        if ttl_ms <= 0 or len(kept.value) > LARGEST_BYTES:
            return
        keys = [f"{PREFIX}{asked.key}", *map(_tag, sorted(asked.tags))]
        try:
            await self._put(keys, [msgspec.msgpack.encode(kept), mark, ttl_ms])
        except RedisError as error:
            raise StoreError(f"kept replies on Redis: {error}") from error

    async def drop(self, tags: Sequence[str]) -> None:
        """Throws away for all processes; while Redis is away, for this one: the others may go on with what they accept."""
        if not tags:
            return
        try:
            await self._drop([*map(_tag, tags)], [f"{PREFIX}drops", REMEMBERED_MS])
        except RedisError as error:
            self._untold_us = self._clock.now_us()
            raise StoreError(f"kept replies on Redis: {error}") from error

    async def close(self) -> None:
        await self._redis.aclose()


def _tag(tag: str) -> str:
    return f"{PREFIX}tag:{tag}"
