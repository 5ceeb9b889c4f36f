"""What it costs the service to tell 100 followers ten events a second, over real sockets, and how soon they hear of them."""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median

from figures import Figure, process_cpu_s, say

from onshelf.clock import SECOND_US, SystemClock
from onshelf.events import ItemChanged
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.hooks.hub import MOST_EACH
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.store.open import open_database

FOLLOWERS, RATE, SECONDS = 100, 10, 10
CHILD = """
import asyncio, sys
from onshelf.settings import read_settings
from onshelf.web.app import create_app
from onshelf.web.serve import listen, serving
from onshelf.wiring import open_app

async def main(home):
    async with open_app(read_settings({"home": home}, {})) as app:
        async with serving(create_app(app), listen("127.0.0.1:0", "bench")) as address:
            print(address, flush=True)
            await asyncio.Event().wait()

import uvloop
uvloop.run(main(sys.argv[1]))
"""


async def follow(port: int, shown: str, delays_s: list[float]) -> None:
    """Reads a stream and notes how old each event was when it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shown}\r\n\r\n".encode()
    )
    clock = SystemClock()
    while line := await reader.readline():
        if line.startswith(b"data: "):
            seen_us = json.loads(line[6:])["data"]["version"]
            delays_s.append((clock.now_us() - seen_us) / SECOND_US)


async def happen(db: Database, seconds: float) -> int:
    """Writes events at the rate; the version of each carries when that was."""
    clock = SystemClock()
    count = round(seconds * RATE)
    for number in range(count):
        now_us = clock.now_us()
        event = ItemChanged(
            "shop-a", number, now_us, f"code-{number}", "连衣裙 2026 夏季新款", "onsale", "instock", "taken_off",
            now_us, now_us, ours=False, evidence="push",
        )  # fmt: skip
        await db.commit([log.append(event, now_us)])
        await asyncio.sleep(1 / RATE)
    return count


def begin(home: Path) -> "subprocess.Popen[str]":
    """Starts the service in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", CHILD, home], stdout=subprocess.PIPE, text=True)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        child = begin(home)
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline().strip().rpartition(":")[2])
            await measure(str(home / "onshelf.db"), port, child.pid)
        finally:
            child.kill()
            child.wait()


async def measure(path: str, port: int, pid: int) -> None:
    db = await open_database(path)
    keys = Keys(db, SystemClock(), Random(1))
    shown = [
        (await keys.add(f"erp-{number}", role=Role.VIEWER, shops=None, made_by="bench"))[1]
        for number in range(FOLLOWERS // MOST_EACH)
    ]
    idle_before_s = process_cpu_s(pid)
    await happen(db, SECONDS / 2)
    idle = (process_cpu_s(pid) - idle_before_s) / (SECONDS / 2)
    delays_s: list[float] = []
    tasks = [
        asyncio.create_task(follow(port, shown[number // MOST_EACH], delays_s)) for number in range(FOLLOWERS)
    ]
    await asyncio.sleep(2)
    before_s = process_cpu_s(pid)
    told = await happen(db, SECONDS)
    used = (process_cpu_s(pid) - before_s) / SECONDS
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await db.close()
    assert len(delays_s) == told * FOLLOWERS, f"{len(delays_s)} of {told * FOLLOWERS}"
    note = f"{RATE} events/s, {idle:.1%} of a core with nobody"
    say(Figure(f"{FOLLOWERS} followers of the events", used * 100, "% of a core", "≤ 10", note))
    say(Figure("an event reaches a follower, median", median(delays_s), "s", ""))


if __name__ == "__main__":
    asyncio.run(main())
