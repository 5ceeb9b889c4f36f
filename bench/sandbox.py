"""How many signed calls one core of the sandbox answers: a small read, item.add, a list page and a picture of 100 kB.

The server has one core to itself where there are two, the load comes from the other. Beside the calls a second as seen
stands the server's own CPU a call, which a busy machine does not spoil. Medians over the rounds.
"""

import asyncio
import os
import sys
import time
from statistics import median
from urllib.parse import urlencode

import uvloop
from figures import Figure, process_cpu_s, say

from onshelf.sandbox.launch import running
from onshelf.sandbox.wire import sign

CONCURRENCY = 16
CALLS = 6000
ROUNDS = 5
AIMS = {"small read": "≥ 3000", "item.add": "≥ 2500"}
ADD = {
    "type": "fixed",
    "cid": "50010850",
    "desc": "一条很好的裙子" * 20,
    "num": "5",
    "stuff_status": "new",
    "title": "连衣裙 春季新款 收腰显瘦",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
    "outer_id": "A-1",
}


def signed(method: str, **arguments: str) -> dict[str, str]:
    fields = {"method": method, "app_key": "12345678", "session": "test", "v": "2.0", "format": "json"}
    fields |= {"sign_method": "hmac-sha256", "timestamp": str(int(time.time() * 1000)), **arguments}
    return {**fields, "sign": sign(fields.items(), "helloworld", "hmac-sha256")}


def form(fields: dict[str, str]) -> bytes:
    return post("/router/rest", urlencode(fields).encode(), "application/x-www-form-urlencoded;charset=UTF-8")


def post(path: str, body: bytes, kind: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def upload(size: int) -> bytes:
    query = urlencode(
        signed("taobao.picture.upload", picture_category_id="0", image_input_title="a.jpg", title="a")
    )
    fields = {"picture_category_id": "0", "image_input_title": "a.jpg", "title": "a"}
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    head = "".join(parts) + '--B\r\nContent-Disposition: form-data; name="img"; filename="a.gif"\r\n\r\n'
    body = head.encode() + b"GIF89a\x05\x00\x04\x00" + os.urandom(size) + b"\r\n--B--\r\n"
    return post(f"/router/rest?{query}", body, "multipart/form-data; boundary=B")


async def work(port: int, request: bytes, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        reply = await reader.readexactly(size)
    if b"error_response" in reply:
        raise SystemExit(reply.decode())
    writer.close()
    await writer.wait_closed()


async def measure(port: int, pid: int, request: bytes, count: int) -> tuple[float, float]:
    """Gives calls a second as seen, and the server's CPU µs a call."""
    before, start = process_cpu_s(pid), time.perf_counter()
    await asyncio.gather(*(work(port, request, count // CONCURRENCY) for _ in range(CONCURRENCY)))
    took, used = time.perf_counter() - start, process_cpu_s(pid) - before
    return count / took, used / count * 1e6


def part_cores(server: int) -> str:
    """Gives the server the first core and this process another one, where there is another; tells what was done."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return "not pinned"
    os.sched_setaffinity(server, cores[:1])
    os.sched_setaffinity(0, cores[1:2])
    return "pinned"


async def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    async with running() as info:
        port, pid = int(info["gateway"].split(":")[2].split("/")[0]), info["pid"]
        pinned = part_cores(pid)
        read = form(signed("taobao.item.seller.get", fields="num_iid,title,price,num", num_iid="11223344"))
        page = form(
            signed("taobao.items.onsale.get", fields="num_iid,modified,num", page_size="200", page_no="3")
        )
        jobs = {"small read": read, "item.add": form(signed("taobao.item.add", **ADD)), "page of 200": page}
        jobs["picture 100 kB"] = upload(100_000)
        for name, request in jobs.items():
            count = calls if name in AIMS else calls // 8
            await measure(port, pid, request, count // 8)
            rounds = [await measure(port, pid, request, count) for _ in range(ROUNDS)]
            rates = [rate for rate, _ in rounds]
            note = f"{median(cpu for _, cpu in rounds):.0f} µs of the server's CPU a call"
            note += f"; {min(rates):,.0f} to {max(rates):,.0f} in {ROUNDS} rounds, {pinned}"
            say(Figure(f"sandbox, {name}", round(median(rates)), "calls/s", AIMS.get(name, ""), note))


if __name__ == "__main__":
    uvloop.run(main())
