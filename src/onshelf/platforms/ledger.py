"""The one door to Redis: the quota's script, run as one step for an app."""

from importlib.resources import files
from random import Random

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from onshelf.clock import Clock
from onshelf.errors import SettingsError

PREFIX = "onshelf:quota:"
PATIENCE_S = 2.0
"""How long Redis may take to accept a connection, or to answer."""


class Away(Exception):
    """Redis cannot be reached, or does not answer."""


class Ledger:
    """The script on a Redis, over a connection of its own."""

    def __init__(self, url: str, clock: Clock, random: Random, *, own_time: bool = False) -> None:
        """`own_time`: counts by our clock instead of the server's; for virtual days, when all processes share one clock."""
        try:
            self._redis = Redis.from_url(
                url,
                socket_connect_timeout=PATIENCE_S,
                socket_timeout=PATIENCE_S,
                decode_responses=True,
                retry=Retry(NoBackoff(), 0),  # a verb that ran without an answer must not run again
            )
        except ValueError as error:
            raise SettingsError(
                "redis", value="•••", origin="settings", expected="redis://host:port/0 or unix:///path"
            ) from error
        self._script = self._redis.register_script(
            (files("onshelf.platforms") / "quota.lua").read_text("utf-8")
        )
        self._clock = clock
        self._own_time = own_time
        self._name = f"{random.getrandbits(64):016x}"
        self._marks = 0
        self._asking = 0

    def busy(self) -> bool:
        """Tells whether a reply is awaited (`FakeClock` must not jump then)."""
        return self._asking > 0

    def mark(self) -> str:
        """Returns a name for one call that no process has used."""
        self._marks += 1
        return f"{self._name}-{self._marks}"

    async def run(self, app_key: str, verb: str, *args: object) -> list[str]:
        """Runs a verb of the script as one step; raises Away, and then it may have run or not."""
        now = str(self._clock.now_us()) if self._own_time else "0"
        self._asking += 1
        try:
            told = await self._script(keys=[f"{PREFIX}{{{app_key}}}"], args=[verb, now, *map(str, args)])
        except (RedisError, OSError) as error:
            raise Away(str(error)) from error
        finally:
            self._asking -= 1
        return [str(one) for one in told or ()]

    async def close(self) -> None:
        await self._redis.aclose()
