"""A server that answers with bytes prepared for it, one after the other: what a proxy or a broken connection makes of an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Answering:
    """Its address, and the first line of each request that came."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[Answering]:
    """Gives the answers in turn, the last one for ever; each ends its connection."""
    found = Answering()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        _, _, length = head.partition("content-length: ")
        await reader.readexactly(int(length.partition("\r\n")[0] or 0))
        found.asked.append(head.partition("\r\n")[0])
        writer.write(answers[min(len(found.asked), len(answers)) - 1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        found.address = "http://{}:{}".format(*server.sockets[0].getsockname()[:2])
        yield found
