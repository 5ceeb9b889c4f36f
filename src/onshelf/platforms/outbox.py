"""What a process tells the ledger of a shared quota: in order, soon, and later when Redis is away."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from onshelf.clock import Clock
from onshelf.platforms.ledger import Away

REST_S = 0.5
"""Rest before a Redis that could not be reached is told again, and patience with it at the end."""


class Outbox:
    """Words on their way to the ledger of one app."""

    def __init__(
        self,
        tell: Callable[..., Awaitable[object]],
        clock: Clock,
        *,
        heard: Callable[[str], None],
        away: Callable[[Away], None],
    ) -> None:
        """`heard`: is called with the verb when it was told; `away`: when it could not be, each time."""
        self._tell = tell
        self._clock = clock
        self._heard = heard
        self._away = away
        self._words: deque[tuple[object, ...]] = deque()
        self._telling: asyncio.Task[None] | None = None

    def put(self, verb: str, *args: object) -> None:
        self._words.append((verb, *args))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell_all())

    async def end(self) -> None:
        """Tells what is left, if the ledger can be reached soon."""
        if self._telling is None:
            return
        patience = asyncio.create_task(self._clock.sleep(REST_S))
        await asyncio.wait([self._telling, patience], return_when=asyncio.FIRST_COMPLETED)
        patience.cancel()
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell_all(self) -> None:
        while self._words:
            try:
                await self._tell(*map(str, self._words[0]))
            except Away as error:
                self._away(error)
                await self._clock.sleep(REST_S)
            else:
                self._heard(str(self._words.popleft()[0]))
