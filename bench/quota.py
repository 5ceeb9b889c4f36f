"""A publish under a quota of 100 calls a second: the share of it that is used over 60 s, and how often the gateway refused."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvloop
from figures import Figure, say
from shelf import SHOP, prepare, settings, write_catalogue

from onshelf.listing.start import start
from onshelf.sandbox.launch import running
from onshelf.wiring import open_app, work

PER_SECOND = 100
SECONDS = 60
WARM_UP_S = 2  # the first second's calls go at once; they are not counted
CALLS_A_PRODUCT = 2.1


async def stats(info: dict[str, Any]) -> dict[str, Any]:
    """Returns the gateway's own counts."""

    def ask() -> dict[str, Any]:
        with urlopen(f"{info['control']}/stats", timeout=10) as reply:
            counts: dict[str, Any] = json.load(reply)
            return counts

    return await asyncio.to_thread(ask)


async def measure(info: dict[str, Any], file: Path, home: Path, seconds: int) -> tuple[int, int, float]:
    """Publishes for a while; returns the calls the gateway counted, its refusals for quota and the seconds between."""
    async with open_app(settings(home, quota_per_second=PER_SECOND)) as app:
        await prepare(app, info, file)
        await start(app.db, app.queue, SHOP, app.clock, app.random)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work(app, stop))
            await app.clock.sleep(WARM_UP_S)
            before, began = await stats(info), app.clock.monotonic()
            await app.clock.sleep(seconds)
            after, ended = await stats(info), app.clock.monotonic()
            stop.set()
    return after["calls"] - before["calls"], int(after["refusals"].get("7", 0)), ended - began


async def main(seconds: int) -> None:
    products = round(PER_SECOND * (seconds + WARM_UP_S + 3) / CALLS_A_PRODUCT)
    with tempfile.TemporaryDirectory() as folder:
        file = write_catalogue(Path(folder), products)
        async with running(per_second=PER_SECOND) as info:
            calls, refused, took = await measure(info, file, Path(folder, "home"), seconds)
    used = calls / (PER_SECOND * took)
    note = f"{calls} calls in {took:.1f} s, as the gateway counted them"
    say(Figure(f"publish under {PER_SECOND} calls/s: quota used", round(100 * used, 2), "%", "≥ 97", note))
    say(Figure(f"publish under {PER_SECOND} calls/s: refused for quota", refused, "calls", "≤ 0"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    uvloop.run(main(parser.parse_args().seconds))
