"""The one door to Redis: the quota's script, run as one step for an app, and the words it is spoken to in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from random import Random
from urllib.parse import quote, unquote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import SettingsError, expected
from onshelf.platforms.quota_port import Past
from onshelf.platforms.window import GRAINS, LANES, Limit, kept_free

LANE_NUMBERS = {lane: str(number) for number, lane in enumerate(LANES, start=1)}
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
                "redis", value="•••", origin="settings", expected=expected("redis")
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


def log_name(limit: Limit) -> str:
    """Returns the script's name of a log."""
    return f"{quote(limit.scope, safe=':*')}/{round(limit.window_s * SECOND_US)}"


def scope_of(name: str) -> tuple[str, int]:
    """Returns the scope and the window in microseconds that a log's name tells."""
    scope, _, window_us = name.rpartition("/")
    return unquote(scope), int(window_us)


def log_words(limits: Sequence[Limit]) -> list[object]:
    """Gives logs as the script reads them: name, limit, and what is kept free for each lane."""
    words: list[object] = []
    for limit in limits:
        kept = kept_free(limit)
        words += [log_name(limit), limit.limit, *(kept.get(lane, 0) for lane in LANES)]
    return words


def seed_words(past: Iterable[Past], window_us: int) -> list[object]:
    """Gives calls of the record as the script books them, those of one grain of the window together and oldest first."""
    grain_us = max(1, window_us // GRAINS)
    seen = Counter((-(-call.answered_us // grain_us) * grain_us, call.lane) for call in past)
    return [
        word for (at_us, lane), calls in sorted(seen.items()) for word in (at_us, LANE_NUMBERS[lane], calls)
    ]


def banned_scopes(method: str, shop_id: str) -> tuple[str, ...]:
    """Names the scopes in which a ban may hold a call up."""
    return ("app", f"method:{method}", f"shop:{shop_id}")
