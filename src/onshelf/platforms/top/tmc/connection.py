"""A live connection to the message service: signs in, asks for what is stored, and hands out what comes. Knows no socket."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from onshelf.clock import Clock
from onshelf.errors import NotSent, PlatformError
from onshelf.platforms.port import PushMessage
from onshelf.platforms.top.tmc.session import METHOD, Session, Subscriber, acknowledged, connect

MOST_AT_ONCE = 1000
"""Messages handed out at once, and those that may wait to be: more stay with the service until these are taken."""


class Line(Protocol):
    """Carries binary messages both ways. Every verb but `close` raises NotSent once the line is dead."""

    async def send(self, data: bytes) -> None: ...

    async def receive(self) -> bytes: ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class Dialler(Protocol):
    """Makes lines."""

    async def dial(self, address: str) -> Line:
        """Opens a line to `ws://…` or `wss://…`; raises NotSent."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is done how often, as the official client does. Source: top-protocol 6.1."""

    answer_s: float = 5.0  # how long the service may take to answer CONNECT
    pull_s: float = 15.0
    ping_s: float = 45.0


class TmcConnection:
    """Implements the port `Push` over one line. Made by `open_connection`."""

    def __init__(self, line: Line, session: Session, clock: Clock, rhythm: Rhythm) -> None:
        self._line = line
        self._session = session
        self._clock = clock
        self._came: asyncio.Queue[PushMessage | PlatformError] = asyncio.Queue(MOST_AT_ONCE)
        self._tasks = [
            asyncio.create_task(self._read()),
            asyncio.create_task(self._again(rhythm.pull_s, self._pull)),
            asyncio.create_task(self._again(rhythm.ping_s, line.ping)),
        ]

    async def ready(self) -> None:
        """The service has accepted the connection already."""

    async def receive(self) -> Sequence[PushMessage]:
        """Waits for messages and takes all that are there; raises NotSent when the line is dead and all are taken."""
        messages: list[PushMessage] = []
        while not messages or not self._came.empty():
            one = await self._came.get()
            if isinstance(one, PushMessage):
                messages.append(one)
                continue
            self._came.put_nowait(one)  # stays the last word, for whoever asks again
            if not messages:
                raise one
            break
        return messages

    async def confirm(self, delivery_ids: Sequence[int]) -> None:
        for delivery_id in delivery_ids:
            await self._line.send(self._session.confirm(delivery_id))

    async def close(self) -> None:
        """Ends the connection; what was not confirmed comes again at the next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._line.close()

    async def _read(self) -> None:
        """Reads until the line is dead, and tells why it is; waits while too many messages lie here unread."""
        try:
            while True:
                message = self._session.read(await self._line.receive())
                if message is not None:
                    await self._came.put(message)
        except PlatformError as lost:
            await self._came.put(lost)
        except Exception as error:  # noqa: BLE001 whoever waits for messages must hear of it
            await self._came.put(NotSent(METHOD, f"{type(error).__name__}: {error}"))

    async def _pull(self) -> None:
        await self._line.send(self._session.pull)

    async def _again(self, every_s: float, act: Callable[[], Awaitable[None]]) -> None:
        """Acts now and then; a dead line is for the reader to tell."""
        with contextlib.suppress(NotSent):
            while True:
                await act()
                await self._clock.sleep(every_s)


async def open_connection(
    dialler: Dialler,
    address: str,
    subscriber: Subscriber,
    secret: str,
    clock: Clock,
    *,
    offset_us: int = 0,
    rhythm: Rhythm = Rhythm(),
) -> TmcConnection:
    """Dials, signs in, and begins to read. `offset_us`: the platform's clock minus ours.

    Raises NotSent when nobody answers, Refused when the service does not want us, Unanswered when its answer is none.
    """
    line = await dialler.dial(address)
    try:
        await line.send(connect(subscriber, secret, clock.now_us() + offset_us))
        async with asyncio.timeout(rhythm.answer_s):
            answer = await line.receive()
        return TmcConnection(line, acknowledged(answer), clock, rhythm)
    except TimeoutError as late:
        await line.close()
        raise NotSent(METHOD, f"no answer to CONNECT within {rhythm.answer_s:g} s") from late
    except BaseException:
        await line.close()
        raise
