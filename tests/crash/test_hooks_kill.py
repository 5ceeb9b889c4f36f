"""The telling of webhooks is killed (-9) while it works: no event is lost, and each keeps its one id."""

import asyncio
import json
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from aiohttp import web

from onshelf.clock import SystemClock
from onshelf.events import ShopTrouble
from onshelf.guard.vault import Vault
from onshelf.hooks import messages
from onshelf.hooks.decide import PARALLEL
from onshelf.hooks.directory import HookDirectory, Tools
from onshelf.jobs.job import JobState
from onshelf.platforms.http1 import SocketTransport
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

KILLS = 6
EVENTS = 60  # a round

CHILD = """
import asyncio, random, sys
from onshelf.clock import SystemClock
from onshelf.guard.vault import Vault
from onshelf.hooks.directory import HookDirectory, Tools
from onshelf.hooks.hooks import Hooks
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.http1 import SocketTransport
from onshelf.store.open import open_database

async def main(path, seed, to_the_end):
    clock, rng, transport = SystemClock(), random.Random(seed), SocketTransport()
    db = await open_database(path)
    directory = HookDirectory(db, Vault([bytes(32)]), Tools(transport, clock, production=False), rng)
    hooks = Hooks(db, directory, rng, LocalWaker(), tick_s=0.02, lease_s=1.0)
    print("ready", flush=True)
    if not to_the_end:
        await hooks.run(asyncio.Event())
    while (due_us := await hooks.drain_once()) is not None:
        await clock.sleep((due_us - clock.now_us()) / 1e6)
    await transport.close()
    await db.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "end"))
"""


async def happen(db: Database, wave: int) -> None:
    now_us = SystemClock().now_us()
    await db.commit(
        [
            log.append(
                ShopTrouble("a", "probe", "probe_failed", over=False, loud=True, what=f"{wave}-{one}", at_us=now_us),
                now_us,
            )
            for one in range(EVENTS)
        ]
    )  # fmt: skip


def start(home: Path, seed: int, until: str) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home / "onshelf.db"), str(seed), until], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


async def test_a_killed_worker_loses_no_event_and_repeats_each_under_its_one_id(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    got: dict[str, list[str]] = defaultdict(list)  # what happened -> ids it came under

    async def take(request: web.Request) -> web.Response:
        got[json.loads(await request.read())["data"]["what"]].append(request.headers["webhook-id"])
        # A slow receiver makes it likely that a kill falls between acceptance and our record of it.
        await SystemClock().sleep(0.02)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    db = await open_database(str(tmp_path / "onshelf.db"))
    await migrate(db)
    transport = SocketTransport()
    directory = HookDirectory(
        db, Vault([bytes(32)]), Tools(transport, SystemClock(), production=False), random.Random(0)
    )
    hook, _ = await directory.add(f"http://127.0.0.1:{runner.addresses[0][1]}/", made_by="test")

    left_running = 0
    for wave in range(KILLS):
        await happen(db, wave)
        with await asyncio.to_thread(start, tmp_path, seed + wave, "killed") as child:
            await SystemClock().sleep(rng.uniform(0.02, 0.3))  # the random point of the kill
            child.kill()
        left_running += len(await messages.deliveries(db, hook.hook_id, state=JobState.RUNNING, limit=100))
    last = await asyncio.to_thread(start, tmp_path, seed, "end")
    assert await asyncio.to_thread(last.wait, 60) == 0
    last.communicate()
    fates = {one.state for one in await messages.deliveries(db, hook.hook_id, limit=10_000)}
    await runner.cleanup()
    await transport.close()
    await db.close()

    assert set(got) == {f"{wave}-{one}" for wave in range(KILLS) for one in range(EVENTS)}, f"seed {seed}"
    assert all(len(set(ids)) == 1 for ids in got.values()), f"seed {seed}: one event under two ids"
    assert len({ids[0] for ids in got.values()}) == KILLS * EVENTS, f"seed {seed}: two events under one id"
    repeats = sum(len(ids) - 1 for ids in got.values())
    assert repeats <= KILLS * PARALLEL, f"seed {seed}: {repeats} repeats"
    assert fates == {JobState.SUCCEEDED}, f"seed {seed}"
    assert left_running, f"seed {seed}: no kill came in the middle of a delivery"
