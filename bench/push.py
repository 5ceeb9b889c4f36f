"""Pushed messages, from the sandbox in a process of its own.

How many a second are stored durably and then confirmed; and how long it takes from the seller's taking an item off, or
putting it back, until the watch has stored the change.
"""

import asyncio
import json
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, cast
from urllib.request import Request, urlopen

import uvloop
from figures import Figure, cpu_s, process_cpu_s, say

from onshelf.cli.logs import configure
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.sandbox.launch import running
from onshelf.settings import Secret, read_settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.push import feeds
from onshelf.shops.push.feeds import Feed
from onshelf.shops.push.intake import Intake
from onshelf.shops.push.source import Manner, TmcSource
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.wiring import App, open_app
from onshelf.working import begin_watching, work

MESSAGES = 30_000
ROUNDS = 3
CHANGES = 30
SHOP = ShopId("bench")
CONTENT = {"nick": "usernick", "increment": 1, "num": 502, "changed_fields": "num", "num_iid": 15380658823}


def control(info: dict[str, Any], path: str, order: object = None) -> Any:
    body = None if order is None else json.dumps(order).encode()
    with urlopen(Request(f"{info['control']}/{path}", data=body), timeout=60) as reply:
        return json.load(reply)


def confirmed(info: dict[str, Any]) -> int:
    return sum(queue["confirmed"] for queue in control(info, "messages")["queues"])


async def add_shop(app: App, info: dict[str, Any]) -> Feed:
    shop = Shop(
        SHOP,
        "taobao",
        AppKey(info["app_key"]),
        info["gateway"],
        "",
        info["tmc"],
        "",
        ShopState.NEW,
        1,
    )
    await app.db.commit(app.shops.add(shop, Secret(info["app_secret"])))
    return Feed(shop.app_key, "default", shop.tmc, shop.ref())


async def one_round(info: dict[str, Any]) -> tuple[float, float, float]:
    """Takes in a queue full of messages; returns its seconds, our CPU seconds, and the sandbox's."""
    before = await asyncio.to_thread(confirmed, info)
    order = {
        "topic": "taobao_item_ItemStockChanged",
        "content": CONTENT,
        "count": MESSAGES,
        "app_key": info["app_key"],
    }
    await asyncio.to_thread(control, info, "messages", order)
    with TemporaryDirectory(prefix="onshelf-bench-") as folder:
        settings = read_settings({"home": str(Path(folder))}, {})
        async with open_app(settings) as app:
            feed = await add_shop(app, info)
            source = TmcSource(
                app.client,
                AppSecrets(app.shops, app.clock),
                WebSocketDialler(),
                app.clock,
                Manner("socket", 1.0),
            )
            stop = asyncio.Event()
            intake = Intake(app.db, app.vault, source, app.clock, Random(1), wake=lambda: None)
            began, cpu, theirs = perf_counter(), cpu_s(), process_cpu_s(info["pid"])
            receiving = asyncio.create_task(intake.run(feed, stop))
            while await asyncio.to_thread(confirmed, info) - before < MESSAGES:
                await app.clock.sleep(0.05)
            took = perf_counter() - began
            spent = cpu_s() - cpu, process_cpu_s(info["pid"]) - theirs
            stop.set()
            await receiving
            ((stored,),) = await app.db.fetch("SELECT count(*) FROM inbox")
            assert stored == MESSAGES
    return took, *spent


async def detections_ms(info: dict[str, Any]) -> list[float]:
    """Watches a shop whose looks come too seldom to matter, and times each change."""
    with TemporaryDirectory(prefix="onshelf-bench-") as folder:
        given = {"home": folder, "watch_every_s": 3600, "sweep_every_s": 3600, "quota_per_day": 0}
        settings = read_settings(given, {})
        configure(settings)
        async with open_app(settings) as app:
            await add_shop(app, info)
            await app.sessions.accept(SHOP, session_only(info["session"]))
            await begin_watching(app, [SHOP])
            stop = asyncio.Event()
            working = asyncio.create_task(work(app, stop, WebSocketDialler()))
            await changed(app, 0)
            while not (await feeds.links(app.db)).values():
                await app.clock.sleep(0.05)
            found = [
                await one_change(app, info, "list" if number % 2 else "delist") for number in range(CHANGES)
            ]
            stop.set()
            await working
    return found


async def one_change(app: App, info: dict[str, Any], action: str) -> float:
    """Lets the seller act; returns the milliseconds until the change was seen."""
    ((known,),) = await app.db.fetch("SELECT count(*) FROM change")
    began_us = app.clock.now_us()
    await asyncio.to_thread(control, info, "seller", {"action": action, "num_iid": info["num_iid"]})
    return (await changed(app, cast("int", known)) - began_us) / 1000


async def changed(app: App, known: int) -> int:
    """Waits for the change after so many; returns when it was seen."""
    while True:
        rows = await app.db.fetch("SELECT seen_us FROM change ORDER BY seen_us LIMIT 1 OFFSET ?", (known,))
        if rows:
            return cast("int", rows[0][0])
        await app.clock.sleep(0.005)


async def main() -> None:
    async with running(tmc_port=0) as info:
        noticed = sorted(await detections_ms(info))
        rounds = [await one_round(info) for _ in range(ROUNDS)]
    note = f"median {median(noticed):.0f} ms, {CHANGES} changes; looks alone: every 300 s"
    say(Figure("a pushed delisting noticed, the slowest of all", round(noticed[-1], 1), "ms", "≤ 1000", note))
    took, ours, theirs = min(rounds)
    note = (
        f"best of {ROUNDS} × {MESSAGES:,}; {ours / MESSAGES * 1e6:.0f} µs CPU a message here, "
        f"{theirs / MESSAGES * 1e6:.0f} in the sandbox"
    )
    say(
        Figure(
            "messages stored (synchronous=FULL), then confirmed",
            MESSAGES / took,
            "messages/s",
            "≥ 3000",
            note,
        )
    )


if __name__ == "__main__":
    uvloop.run(main())
