"""How much of a limit is used, and how often the gateway refused: by one process, by two on one Redis, over minutes and days.

The gateway counts exactly, at arrival. Seconds are real; minutes and days pass on a clock that jumps.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.request import urlopen

import uvloop
from figures import Figure, say
from shelf import SHOP, prepare, settings, write_catalogue

from onshelf.clock import FakeClock
from onshelf.errors import QuotaExceeded
from onshelf.listing.start import start
from onshelf.platforms.port import Lane
from onshelf.platforms.quota import DAY_S, Limit, Quota
from onshelf.platforms.top.client import TimeReply
from onshelf.platforms.top.outcomes import Kind
from onshelf.sandbox.errors import CallLimited
from onshelf.sandbox.launch import running
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.quota import Quota as Gateway
from onshelf.wiring import App, open_app
from onshelf.working import work

PER_SECOND = 100
SECONDS = 60
WARM_UP_S = 2  # the first second's calls go at once; they are not counted
CALLS_A_PRODUCT = 2.1
WORKERS = 16
TIME = "taobao.time.get"


async def stats(info: dict[str, Any]) -> dict[str, Any]:
    """Returns the gateway's own counts."""

    def ask() -> dict[str, Any]:
        with urlopen(f"{info['control']}/stats", timeout=10) as reply:
            counts: dict[str, Any] = json.load(reply)
            return counts

    return await asyncio.to_thread(ask)


async def counted(info: dict[str, Any], seconds: int) -> tuple[int, int, float]:
    """Waits; returns the calls the gateway counted meanwhile, its refusals for quota and the seconds between."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(WARM_UP_S)
    before, began = await stats(info), loop.time()
    await asyncio.sleep(seconds)
    after, ended = await stats(info), loop.time()
    return after["calls"] - before["calls"], int(after["refusals"].get("7", 0)), ended - began


async def publish(seconds: int) -> None:
    """One process publishes."""
    products = round(PER_SECOND * (seconds + WARM_UP_S + 3) / CALLS_A_PRODUCT)
    with tempfile.TemporaryDirectory() as folder:
        file = write_catalogue(Path(folder), products)
        async with (
            running(per_second=PER_SECOND) as info,
            open_app(settings(Path(folder, "home"), quota_per_second=PER_SECOND)) as app,
        ):
            await prepare(app, info, file)
            await start(app.db, app.queue, SHOP, app.clock, app.random)
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(work(app, stop))
                told = await counted(info, seconds)
                stop.set()
    tell(f"publish under {PER_SECOND} calls/s", *told, aim=97)


async def together(seconds: int) -> None:
    """Two processes, each with a data folder of its own, read as fast as one Redis lets them."""
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as url:
        if not url:
            return
        file = write_catalogue(Path(folder), 1)
        async with running(per_second=PER_SECOND) as info, readers(info, file, Path(folder), url):
            told = await counted(info, seconds)
    tell(f"two processes on Redis under {PER_SECOND} calls/s", *told, aim=95)


def tell(what: str, calls: int, refused: int, took: float, *, aim: int) -> None:
    used = round(100 * calls / (PER_SECOND * took), 2)
    note = f"{calls} calls in {took:.1f} s, as the gateway counted them"
    say(Figure(f"{what}: quota used", used, "%", f"≥ {aim}", note))
    say(Figure(f"{what}: refused for quota", refused, "calls", "≤ 0"))


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Runs a Redis on a socket in a folder; yields its address, or nothing where there is no server."""
    if shutil.which("redis-server") is None:
        sys.stderr.write("no redis-server here: the figure of two processes is left out\n")
        yield ""
        return
    socket = folder / "redis"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(["redis-server", *options], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait()


@asynccontextmanager
async def readers(info: dict[str, Any], file: Path, folder: Path, url: str) -> AsyncIterator[None]:
    """Keeps two processes reading while the block runs; yields when both have begun."""
    command = [sys.executable, __file__, "--reader", json.dumps(info), str(file)]
    children = [
        await asyncio.create_subprocess_exec(
            *command, str(folder / name), url, stdout=asyncio.subprocess.PIPE
        )
        for name in ("first", "second")
    ]
    try:
        for child in children:
            assert child.stdout is not None
            await child.stdout.readline()
        yield
    finally:
        for child in children:
            child.terminate()
            await child.wait()


async def read_on(info: dict[str, Any], file: Path, home: Path, url: str) -> None:
    """Is one of the two: reads until it is ended."""
    async with open_app(settings(home, quota_per_second=PER_SECOND, redis=url)) as app:
        await prepare(app, info, file)
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(_read_on(app))


async def _read_on(app: App) -> None:
    shop = await app.shop(SHOP)
    while True:
        await app.client.call(TIME, {}, TimeReply, shop=shop, kind=Kind.READ, lane=Lane.POLLS)


async def long_window(limit: Limit, windows: int, name: str) -> None:
    """A process calls as fast as it may for some windows of virtual time, at 0 to 100 ms a call."""
    clock, gateway, spread = FakeClock(datetime(2026, 1, 1, tzinfo=UTC)), Gateway(), Random(1)
    minute, day = (limit.limit if limit.window_s == window_s else None for window_s in (60.0, DAY_S))
    gateway.set(Limits(app_key="app", per_minute=minute, per_day=day))
    quota, ends = Quota([limit], clock), clock.monotonic() + limit.window_s * windows
    arrivals: list[float] = []
    refused = 0

    async def call_on() -> None:
        nonlocal refused
        while True:
            try:
                slot = await quota.take(TIME, lane=Lane.POLLS, not_after_us=round(ends * 1_000_000))
            except QuotaExceeded:
                return
            await clock.sleep(0.05 * spread.random())
            try:
                gateway.admit("app", TIME, clock.monotonic())
                arrivals.append(clock.monotonic())
            except CallLimited:
                refused += 1
            await clock.sleep(0.05 * spread.random())
            quota.answered(slot)

    await asyncio.gather(*(call_on() for _ in range(WORKERS)))
    gaps = [later - first for first, later in zip(arrivals, arrivals[limit.limit :], strict=False)]
    used = round(100 * limit.window_s * len(gaps) / sum(gaps), 2)
    note = f"{len(arrivals)} calls; the window over the mean time in which {limit.limit} came"
    say(Figure(f"{limit.limit} calls a {name}: quota used", used, "%", "≥ 99", note))
    say(Figure(f"{limit.limit} calls a {name}: refused for quota", refused, "calls", "≤ 0"))


async def main(seconds: int) -> None:
    await long_window(Limit(1000, 60.0), 5, "minute")
    await long_window(Limit(5000, DAY_S), 2, "day")
    await publish(seconds)
    await together(seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--reader", nargs=4, metavar=("INFO", "FILE", "HOME", "REDIS"))
    given = parser.parse_args()
    if given.reader:
        told, catalogue, place, address = given.reader
        uvloop.run(read_on(json.loads(told), Path(catalogue), Path(place), address))
    else:
        uvloop.run(main(given.seconds))
