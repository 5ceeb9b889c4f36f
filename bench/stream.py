"""100,000 products in one streaming request: products a second, the longest the service kept others waiting, and its memory."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from time import perf_counter

import aiohttp
import msgspec
from figures import Figure, process_cpu_s, say

from onshelf.catalog.profile import Profile
from onshelf.catalog.store import save_profile
from onshelf.ids import AppKey, ShopId
from onshelf.settings import Secret, read_settings
from onshelf.shops.shop import Shop, ShopState
from onshelf.wiring import open_app
from web import CHILD, come_in

WORDS = "夏季 新款 纯棉 短袖 女装 宽松 韩版 圆领 上衣 学生 百搭 白色 印花 显瘦 休闲 情侣".split()  # noqa: SIM905
PIECE = 1 << 16


def products(count: int) -> bytes:
    """Makes lines with a description each; one in a hundred is faulty."""
    random = Random(7)
    return b"".join(
        msgspec.json.encode(
            {
                "outer_id": f"SKU-{number:07d}",
                "title": "".join(random.choices(WORDS, k=9)) + f" {number}",
                "price": "" if number % 100 == 99 else f"{random.randint(500, 20_000) / 100:.2f}",
                "stock": random.randint(1, 500),
                "category_id": 50000671,
                "description": f"<p>{' '.join(random.choices(WORDS, k=12))}</p>",
            }
        )
        + b"\n"
        for number in range(count)
    )


async def begin(home: Path) -> None:
    async with open_app(read_settings({"home": str(home)}, {})) as app:
        shop = Shop(
            ShopId("bench"), "taobao", AppKey("12345678"), "http://127.0.0.1:9/router/rest", "", "", "bench",
            ShopState.AUTHORISED, app.clock.now_us(),
        )  # fmt: skip
        profile = Profile(province="浙江", city="杭州", pictures_optional=True)
        await app.db.commit([*app.shops.add(shop, Secret("helloworld")), save_profile("bench", profile, 1)])


def memory_mb(pid: int) -> float:
    """Returns the largest memory a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


async def measure(home: Path, address: str, pid: int, body: bytes) -> None:
    shown, _ = await come_in(home)
    headers = {"Authorization": f"Bearer {shown}", "Content-Type": "application/x-ndjson"}
    waits: list[float] = []

    async def ask_meanwhile(http: aiohttp.ClientSession) -> None:
        while True:
            began = perf_counter()
            async with http.get(f"{address}/healthz") as reply:
                await reply.read()
            waits.append((perf_counter() - began) * 1000)
            await asyncio.sleep(0.02)

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), PIECE):
            yield body[start : start + PIECE]

    async with aiohttp.ClientSession() as http:
        for what in ("new", "the same again"):
            before, used, last = memory_mb(pid), process_cpu_s(pid), b""
            asking = asyncio.create_task(ask_meanwhile(http))
            began = perf_counter()
            async with http.post(
                f"{address}/api/v1/shops/bench/imports", data=parts(), headers=headers
            ) as reply:
                async for line in reply.content:
                    last = line
            took, cpu = perf_counter() - began, process_cpu_s(pid) - used
            asking.cancel()
            lines = msgspec.json.decode(last)["lines"]
            note = f"{lines / cpu:,.0f} a second of the service's CPU"
            say(Figure(f"products streamed in, {what}", lines / took, "products/s", "≥ 10000", note))
            say(Figure(f"longest a request waited meanwhile, {what}", max(waits), "ms", "≤ 100"))
            say(Figure(f"memory it took, {what}", memory_mb(pid) - before, "MB", "≤ 100"))
            waits.clear()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=100_000)
    count = parser.parse_args().products
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(begin(Path(folder)))
        child = subprocess.Popen([sys.executable, "-c", CHILD, folder], stdout=subprocess.PIPE, text=True)
        try:
            assert child.stdout is not None
            asyncio.run(measure(Path(folder), child.stdout.readline().strip(), child.pid, products(count)))
        finally:
            child.terminate()
            child.wait(10)


if __name__ == "__main__":
    main()
