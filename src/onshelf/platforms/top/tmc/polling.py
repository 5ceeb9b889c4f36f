"""Messages over HTTP, for where no WebSocket can be had: asked for again and again, confirmed by a call.

A reply tells no data id, so a message is known by the id of its delivery, and two that tell the same are two. One whose
confirm was not heard would come again under another id: who keeps messages confirms it anew before asking for more
(`shops/push/intake.py`). Source: top-protocol 6.7.
"""

from collections.abc import Sequence

import msgspec

from onshelf.clock import Clock
from onshelf.errors import NotSent
from onshelf.platforms.port import NAMELESS, Lane, PushMessage, ShopRef
from onshelf.platforms.top.call import T
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind

CONSUME, CONFIRM = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"
MOST = 200  # messages a call, to consume and to confirm


class _Message(msgspec.Struct):
    id: int
    topic: str = ""
    content: str = ""
    user_id: int | str = ""
    user_nick: str = ""


class _Messages(msgspec.Struct):
    tmc_message: list[_Message] = []


class ConsumeReply(msgspec.Struct):
    """Reply of tmc.messages.consume; without messages their key is absent."""

    messages: _Messages = msgspec.field(default_factory=_Messages)


class TmcPolling:
    """Implements the port `Push` by calls, for a while: then `receive` raises NotSent, so that a socket is tried again."""

    def __init__(
        self, client: TopClient, shop: ShopRef, group: str, clock: Clock, *, every_s: float, for_s: float
    ) -> None:
        """`shop`: any of the app. `every_s`: the rest after an empty reply; `for_s`: how long to go on."""
        self._client = client
        self._shop = shop
        self._group = group
        self._clock = clock
        self._every_s = every_s
        self._until = clock.monotonic() + for_s
        self._first: Sequence[PushMessage] = ()

    async def ready(self) -> None:
        """Asks once; what comes is the first to be received."""
        self._first = await self._consume()

    async def receive(self) -> Sequence[PushMessage]:
        """Asks until there are messages. Raises the PlatformError family."""
        first, self._first = self._first, ()
        if first:
            return first
        while self._clock.monotonic() < self._until:
            found = await self._consume()
            if found:
                return found
            await self._clock.sleep(self._every_s)
        raise NotSent(CONSUME, "time to try the socket again")

    async def confirm(self, delivery_ids: Sequence[int]) -> None:
        for start in range(0, len(delivery_ids), MOST):
            ids = ",".join(map(str, delivery_ids[start : start + MOST]))
            await self._call(CONFIRM, {"s_message_ids": ids, "group_name": self._group}, dict)

    async def close(self) -> None: ...

    async def _consume(self) -> list[PushMessage]:
        reply = await self._call(CONSUME, {"quantity": str(MOST), "group_name": self._group}, ConsumeReply)
        return [
            PushMessage(
                delivery_id=one.id,
                data_id=f"{NAMELESS}{one.id}",
                topic=one.topic,
                content=one.content.encode(),
                user_id=str(one.user_id),
                nick=one.user_nick,
            )
            for one in reply.messages.tmc_message
        ]

    async def _call(self, method: str, params: dict[str, str], reply: type[T]) -> T:
        """Calls for the app; both methods may be repeated without harm, and so count as reads."""
        answer = await self._client.call(
            method, params, reply, shop=self._shop, kind=Kind.READ, lane=Lane.POLLS, authorised=False
        )
        return answer.value
