"""One connection to the message service: frames in, answers and pushed messages out. Knows no socket, only a wire."""

import asyncio
from typing import Protocol

from onshelf.sandbox import errors
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.tmc import frames, talk
from onshelf.sandbox.tmc.exchange import Exchange
from onshelf.sandbox.tmc.frames import Frame, Kind
from onshelf.sandbox.tmc.produce import produce
from onshelf.sandbox.tmc.talk import Caller, What
from onshelf.sandbox.wire import Json

BATCH = 64  # messages pushed before others have their turn


class Wire(Protocol):
    """Where a connection's frames go."""

    async def send(self, raw: bytes) -> None:
        """Sends one frame; waits while the other side does not read. Raises: ConnectionError."""
        ...

    def abort(self) -> None:
        """Closes at once."""
        ...


class Link:
    """One connection. The messages of its queue are pushed without being asked for; a pull only hurries them."""

    def __init__(self, platform: Platform, wire: Wire) -> None:
        self._platform = platform
        self._wire = wire
        self._bell = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._version = 2
        self._token = ""
        self.caller: Caller | None = None
        self._pushed = self._confirmed = 0

    def wake(self) -> None:
        self._bell.set()

    def hang_up(self) -> None:
        self._wire.abort()

    def shown(self) -> Json:
        key = self.caller.key if self.caller else ("", "")
        return {"app_key": key[0], "group": key[1], "pushed": self._pushed, "confirmed": self._confirmed}

    async def take(self, raw: bytes) -> None:
        """Takes one frame. Raises: Malformed, ApiError after a CONNECT was refused, ConnectionError."""
        frame = frames.decode(raw)
        if frame.kind == Kind.CONNECT:
            await self._connect(frame)
        elif frame.kind != Kind.CONNECTACK:
            await self._hear(frame)

    async def _connect(self, frame: Frame) -> None:
        now = self._platform.clock.now()
        try:
            caller = talk.admit(frame, self._platform.world.apps, now)
        except errors.ApiError as refusal:
            await self._send(talk.refuse(frame, refusal))
            raise
        await self.close()
        self.caller, self._version = caller, frame.version
        self._token = self._token or self._platform.links.new_token()
        await self._send(talk.welcome(frame, self._token))
        self._platform.links.join(caller.key, self)
        self._pump = asyncio.create_task(self._push_all(caller))

    async def _hear(self, frame: Frame) -> None:
        """Does what a SEND asks for; answers it when it carries a flag."""
        try:
            if self.caller is None or frame.token not in ("", self._token):
                raise errors.InvalidSession
            self._do(frame, self.caller)
        except errors.ApiError as refusal:
            answer = talk.refuse(frame, refusal, self._token)
        else:
            answer = talk.accept(frame, self._token)
        if frame.flag is not None and frame.kind == Kind.SEND:
            await self._send(answer)

    def _do(self, frame: Frame, caller: Caller) -> None:
        """Raises: ApiError. Some clients send no token with a pull, so an absent one passes. Source: top-protocol.md 13."""
        exchange, what = self._platform.world.messages, frame.number("__kind")
        if what == What.PULL:
            self.wake()
        elif what == What.CONFIRM:
            self._confirm(exchange, caller, frame.number("id") or 0)
        elif what == What.FAILED:
            exchange.queue(caller.key).fail(frame.number("id") or 0)
        elif what == What.DATA:
            self._publish(frame, caller)

    def _confirm(self, exchange: Exchange, caller: Caller, number: int) -> None:
        if not exchange.queue(caller.key).confirm(number):
            return
        self._confirmed += 1
        if self._platform.links.note_confirmed(exchange.settings.disconnect_every):
            self.hang_up()

    def _publish(self, frame: Frame, caller: Caller) -> None:
        world, now = self._platform.world, self._platform.clock.now()
        session = world.sessions.get(frame.word("session"))
        if frame.word("session") and (session is None or now >= session.expires_at):
            raise errors.InvalidSession
        produce(world, caller.app_key, session, frame.word("topic"), talk.content_of(frame), now)

    async def _push_all(self, caller: Caller) -> None:
        """Pushes what its queue has, whenever it is woken."""
        while True:
            self._bell.clear()
            exchange = self._platform.world.messages
            now, again_s = self._platform.clock.now(), exchange.settings.redeliver_s
            deliveries = exchange.queue(caller.key).take(BATCH, now, again_s)
            for one in deliveries:
                await self._send(talk.push(one, self._token, self._version))
                self._pushed += 1
                self._platform.links.pushed += 1
            if deliveries:
                asyncio.get_running_loop().call_soon(self.wake)
            await self._bell.wait()

    async def _send(self, frame: Frame) -> None:
        await self._wire.send(frames.encode(frame))

    async def close(self) -> None:
        """Stops pushing and leaves the queue to others. Raises: what ended the pushing, other than the connection's end."""
        if self._pump is None or self.caller is None:
            return
        self._platform.links.leave(self.caller.key, self)
        self._pump.cancel()
        (ended,) = await asyncio.gather(self._pump, return_exceptions=True)
        self._pump = None
        if isinstance(ended, Exception) and not isinstance(ended, ConnectionError):
            raise ended
