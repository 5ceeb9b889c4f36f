"""How many messages a second the sandbox's service pushes and takes the confirms of, over one WebSocket.

The client knows only as much of the protocol as it needs, so that it is not what is measured: it finds each message's id in the
bytes and confirms it. The server has one core to itself where there are two. Medians over the rounds.
"""

import asyncio
import base64
import struct
import sys
import time
from statistics import median
from urllib.parse import urlsplit

import aiohttp
import uvloop
from figures import Figure, process_cpu_s, say

from onshelf.sandbox.launch import running
from onshelf.sandbox.tmc import frames
from onshelf.sandbox.tmc.frames import Frame, Kind, byte, int64, text
from onshelf.sandbox.wire import Json, sign
from sandbox import part_cores

MESSAGES = 20_000
ROUNDS = 5
AIM = "≥ 10000"
CONTENT = {"nick": "沙箱小店", "increment": 1, "num": 502, "changed_fields": "num", "num_iid": 11223344}
ID_ENTRY = b"\x01\x00\x02\x00\x00\x00id\x05"
FLAG = 99


def masked(payload: bytes) -> bytes:
    """Writes a client's binary WebSocket frame, masked with zeros."""
    size = len(payload)
    head = bytes((0x82, 0x80 | size)) if size < 126 else struct.pack(">BBH", 0x82, 0x80 | 126, size)
    return head + bytes(4) + payload


def connect() -> bytes:
    fields = {
        "app_key": "12345678",
        "group_name": "default",
        "timestamp": str(int(time.time() * 1000)),
    }
    fields["sign"] = sign(fields.items(), "helloworld", "md5")
    return frames.encode(Frame(Kind.CONNECT, customs={name: text(value) for name, value in fields.items()}))


class Reader:
    """Reads a server's WebSocket frames in the order they come."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._left = b""

    async def some(self) -> list[bytes]:
        """Returns the payloads of the whole frames that have come, at least one."""
        while True:
            found, self._left = split(self._left)
            if found:
                return found
            more = await self._reader.read(1 << 18)
            if not more:
                raise SystemExit("the service closed the connection")
            self._left += more


def split(raw: bytes) -> tuple[list[bytes], bytes]:
    found, at = [], 0
    while len(raw) - at >= 4:
        size, start = raw[at + 1], at + 2
        if size == 126:
            size, start = int.from_bytes(raw[at + 2 : at + 4], "big"), at + 4
        if start + size > len(raw):
            break
        found.append(raw[start : start + size])
        at = start + size
    return found, raw[at:]


async def dial(url: str) -> tuple[Reader, asyncio.StreamWriter]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)
    key = base64.b64encode(bytes(16)).decode()
    head = f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return Reader(reader), writer


async def consume(url: str, count: int) -> float:
    """Takes and confirms so many messages; returns the seconds until the service has taken the last confirm."""
    reader, writer = await dial(url)
    writer.write(masked(connect()))
    first, *pushed = await reader.some()
    begun, token, taken = time.perf_counter(), frames.decode(first).token, 0
    about = {"__kind": byte(2), "id": int64(0)}
    head, tail = frames.encode(Frame(Kind.SEND, token=token, customs=about))[:-10], b"\x00\x00"
    while True:
        ids = [one[at + 9 : at + 17] for one in pushed if (at := one.find(ID_ENTRY)) > 0]
        writer.write(b"".join([masked(head + number + tail) for number in ids]))
        taken += len(ids)
        if taken >= count:
            break
        pushed = await reader.some()
    writer.write(masked(frames.encode(Frame(Kind.SEND, flag=FLAG, token=token, customs={"__kind": byte(0)}))))
    await reader.some()
    took = time.perf_counter() - begun
    writer.close()
    await writer.wait_closed()
    return took


async def measure(info: Json, http: aiohttp.ClientSession, count: int) -> tuple[float, float]:
    """Gives messages a second, and the server's CPU µs a message."""
    order = {"topic": "taobao_item_ItemStockChanged", "content": CONTENT, "count": count, "group": "default"}
    async with http.post(f"{info['control']}/messages", json=order) as reply:
        await reply.read()
    before = process_cpu_s(info["pid"])
    took = await consume(info["tmc"], count)
    used = process_cpu_s(info["pid"]) - before
    async with http.get(f"{info['control']}/messages") as reply:
        (queue,) = (await reply.json())["queues"]
    if queue["unconfirmed"] or queue["waiting"] or queue["redelivered"]:
        raise SystemExit(f"not all were confirmed once: {queue}")
    return count / took, used / count * 1e6


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    async with running() as info, aiohttp.ClientSession() as http:
        pinned = part_cores(info["pid"])
        await measure(info, http, count // 8)
        rounds = [await measure(info, http, count) for _ in range(ROUNDS)]
    rates = [rate for rate, _ in rounds]
    note = f"{median(cpu for _, cpu in rounds):.0f} µs of the server's CPU a message"
    note += f"; {min(rates):,.0f} to {max(rates):,.0f} in {ROUNDS} rounds, {pinned}"
    say(Figure("sandbox, messages pushed and confirmed", round(median(rates)), "messages/s", AIM, note))


if __name__ == "__main__":
    uvloop.run(main())
