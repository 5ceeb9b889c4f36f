"""Follows the clock of a sandbox, so that several processes share one virtual time: a pause and a jump there are seen here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from onshelf.clock import SECOND_US, Clock, FollowedClock, SystemClock
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Transport

ANSWERS_WITHIN_S = 30.0  # the sandbox answers after 20 s at the latest
AGAIN_S = 0.5  # real seconds until a sandbox that does not answer is asked again
JSON_TYPE = "application/json"


class Told(msgspec.Struct):
    """What the sandbox says of its clock."""

    epoch: float
    paused: bool
    version: int


class NoClock(Exception):
    """There is no sandbox's clock at this address."""


@contextlib.asynccontextmanager
async def following(address: str, transport: Transport) -> AsyncIterator[Clock]:
    """Yields a clock that shows the sandbox's time, and follows it while open.

    While the sandbox does not answer, time goes on as it last did. Raises: NoClock when it does not answer at first.
    """
    clock = FollowedClock()
    try:
        version = await _learn(clock, address, transport, None)
    except (ConnectFailed, NoReply, ValueError) as error:
        raise NoClock(str(error)) from error
    task = asyncio.create_task(_follow(clock, address, transport, version))
    try:
        yield clock
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _follow(clock: FollowedClock, address: str, transport: Transport, version: int) -> None:
    real = SystemClock()
    while True:
        try:
            version = await _learn(clock, address, transport, version)
        except (ConnectFailed, NoReply, ValueError):
            await real.sleep(AGAIN_S)


async def _learn(clock: FollowedClock, address: str, transport: Transport, version: int | None) -> int:
    """Asks the time, at once or when it is moved; returns the version of what was told."""
    body = msgspec.json.encode({"wait": version})
    reply = await transport.send(Request(address, body, JSON_TYPE, ANSWERS_WITHIN_S))
    told = msgspec.json.decode(reply.body, type=Told)  # a DecodeError is a ValueError
    clock.tell(round(told.epoch * SECOND_US), paused=told.paused)
    return told.version
