"""The room is killed (-9) while it works: no change is lost, and a crash repeats at most one message a channel."""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from onshelf.alerts import store
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.directory import Directory
from onshelf.alerts.route import Route
from onshelf.catalog.item import Reason, State
from onshelf.clock import SystemClock
from onshelf.events import ItemChanged
from onshelf.guard.vault import Vault
from onshelf.jobs.job import JobState
from onshelf.platforms.http1 import SocketTransport
from onshelf.sandbox.launch import running
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

KILLS = 6
SHOPS = 12  # a message each to the webhook, every round

CHILD = """
import asyncio, random, sys
from onshelf.alerts.alerts import Alerts
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.decide import Timing
from onshelf.alerts.directory import Directory
from onshelf.clock import SystemClock
from onshelf.guard.vault import Vault
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.http1 import SocketTransport
from onshelf.store.open import open_database

async def main(path, seed, to_the_end):
    clock, rng, transport = SystemClock(), random.Random(seed), SocketTransport()
    db = await open_database(path)
    directory = Directory(db, Vault([bytes(32)]), Tools(transport, clock, production=False), rng)
    alerts = Alerts(db, directory, clock, rng, LocalWaker(), timing=Timing(0, 0), tick_s=0.05, lease_s=1.0)
    print("ready", flush=True)
    if not to_the_end:
        await alerts.run(asyncio.Event())
    while (drained := await alerts.drain_once()).next_us is not None:
        await clock.sleep((drained.next_us - clock.now_us()) / 1e6)
    await transport.close()
    await db.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "end"))
"""


async def happen(db: Database, wave: int) -> None:
    """Writes a wave of changes as watch does: in each shop one item left the shelf."""
    now_us = SystemClock().now_us()
    events = [
        ItemChanged(
            shop_id=f"shop-{shop}",
            item_id=1000 * wave + shop,
            version=2,
            outer_id=f"code-{wave}-{shop}",
            title="连衣裙",
            old=State.ONSALE,
            new=State.INSTOCK,
            reason=Reason.TAKEN_OFF,
            happened_us=now_us,
            seen_us=now_us,
            ours=False,
            evidence="slice",
        )
        for shop in range(SHOPS)
    ]
    await db.commit([log.append(event, now_us) for event in events])


async def add_channels(db: Database, info: dict[str, Any]) -> None:
    transport = SocketTransport()
    tools = Tools(transport, SystemClock(), production=False)
    directory = Directory(db, Vault([bytes(32)]), tools, random.Random(0))
    mail = info["smtp"]
    config = {
        "host": mail["host"],
        "port": str(mail["port"]),
        "security": "starttls",
        "ca_file": mail["ca_file"],
        "sender": "onshelf@shop.example",
        "to": "a@shop.example",
    }
    await directory.add(Route("mail"), "email", config)
    await directory.add(Route("hook"), "webhook", info["webhook"])
    await transport.close()


def start(home: Path, seed: int, until: str) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home / "onshelf.db"), str(seed), until], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


async def test_killed_deliveries_lose_no_change_and_repeat_at_most_one_message_a_crash(
    tmp_path: Path,
) -> None:
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    async with running() as info, aiohttp.ClientSession() as http:
        db = await open_database(str(tmp_path / "onshelf.db"))
        await migrate(db)
        await add_channels(db, info)
        for receiver in ("webhook", "smtp"):
            # Slow receivers make it likely that a kill falls between acceptance and our record of it.
            slow = {"receiver": receiver, "kind": "slow", "count": 100_000, "seconds": 0.03}
            async with http.post(f"{info['control']}/faults", json=slow) as reply:
                assert reply.status == 200

        left_running = 0
        for wave in range(KILLS):
            await happen(db, wave)
            with await asyncio.to_thread(start, tmp_path, seed + wave, "killed") as child:
                await SystemClock().sleep(rng.uniform(0.02, 0.5))  # the random point of the kill
                child.kill()
            left_running += len(await store.deliveries(db, state=JobState.RUNNING))
        last = await asyncio.to_thread(start, tmp_path, seed, "end")
        assert await asyncio.to_thread(last.wait, 60) == 0
        last.communicate()

        async with http.get(f"{info['control']}/received") as reply:
            received = await reply.json()
        fates = {delivery.state for delivery in await store.deliveries(db, limit=1000)}
        await db.close()

    expected = {f"code-{wave}-{shop}" for wave in range(KILLS) for shop in range(SHOPS)}
    hooks = [message for message in received if message["receiver"] == "webhook"]
    by_id = {message["id"]: json.loads(message["body"])["data"]["items"] for message in hooks}
    told = Counter(item["outer_id"] for items in by_id.values() for item in items)
    mails = [message for message in received if message["receiver"] == "smtp"]
    assert set(told) == expected, f"seed {seed}"
    assert max(told.values()) == 1, f"seed {seed}: a change under two ids"
    assert len(hooks) - len(by_id) <= KILLS, f"seed {seed}: more than one repeat a crash"
    assert len(mails) - len({mail["message_id"] for mail in mails}) <= KILLS, f"seed {seed}"
    assert len({message["body"] for message in hooks}) == len(by_id), (
        f"seed {seed}: a repeat told something else"
    )
    assert mails
    assert fates == {JobState.SUCCEEDED}
    assert left_running, f"seed {seed}: no kill came in the middle of a delivery"
