"""How many pushed messages a second are stored durably and then confirmed, against the sandbox in a process of its own."""

import asyncio
import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

import uvloop
from figures import Figure, cpu_s, process_cpu_s, say

from onshelf.ids import AppKey, ShopId
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.sandbox.launch import running
from onshelf.settings import Secret, read_settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.feeds import Feed
from onshelf.shops.intake import Intake
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.source import Manner, TmcSource
from onshelf.wiring import App, open_app

MESSAGES = 30_000
ROUNDS = 3
CONTENT = {"nick": "usernick", "increment": 1, "num": 502, "changed_fields": "num", "num_iid": 15380658823}


def control(info: dict[str, Any], path: str, order: object = None) -> Any:
    body = None if order is None else json.dumps(order).encode()
    with urlopen(Request(f"{info['control']}/{path}", data=body), timeout=60) as reply:
        return json.load(reply)


def confirmed(info: dict[str, Any]) -> int:
    return sum(queue["confirmed"] for queue in control(info, "messages")["queues"])


async def add_shop(app: App, info: dict[str, Any]) -> Feed:
    shop = Shop(
        ShopId("bench"),
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
            intake = Intake(app.db, source, app.clock, Random(1), wake=lambda: None)
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


async def main() -> None:
    async with running(tmc_port=0) as info:
        rounds = [await one_round(info) for _ in range(ROUNDS)]
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
