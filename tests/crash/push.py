"""Kills (-9) a process that receives pushed messages again and again, cuts its connections, and counts what it has at the end.

`python tests/crash/push.py --messages 1000000 --kills 20 --seed 1 --home DIR`: a real sandbox pushes, cuts the
connection every 10,000 messages, and pushes again what was not confirmed; a real intake stores, confirms and hands on.
With `--way http` it asks for them instead. The handler writes a row for each message in the unit that ends it: each
message must have exactly one.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import structlog

from onshelf.clock import SystemClock
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.sandbox.launch import running
from onshelf.settings import Secret, Settings, read_settings
from onshelf.shops.apps import AppSecrets
from onshelf.shops.push.feeds import feeds_of
from onshelf.shops.push.inbox import Inbox
from onshelf.shops.push.intake import Intake
from onshelf.shops.push.source import Manner, Mode, TmcSource
from onshelf.shops.shop import Shop, ShopState
from onshelf.store.db import Database, Write
from onshelf.store.log import Message
from onshelf.wiring import open_app

CUT_EVERY = 10_000  # messages
REDELIVER_S = 2
PUBLISHED_AT_ONCE = 100_000
LAST_RUN_S = 600.0
ORDER = {
    "topic": "taobao_item_ItemStockChanged",
    "content": {"nick": "crash", "increment": 1, "num": 502, "changed_fields": "num", "num_iid": 15380658823},
}


@dataclass
class Count:
    """What stands at the end."""

    messages: int
    kills: int
    kept: int = 0  # in the inbox
    waiting: int = 0
    handled: int = 0  # different messages the handler has a row of
    twice: int = 0  # rows beyond one a message
    confirmed: int = 0  # as the sandbox counts
    delivered: int = 0  # times the sandbox pushed one, redeliveries included
    half_done: int = 0  # kills that left messages kept and not handled, or handled and not confirmed

    @property
    def good(self) -> bool:
        return self.kept == self.handled == self.confirmed == self.messages and not self.twice + self.waiting


class Marks:
    """Writes a row for each message."""

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        return [Write("INSERT INTO done (data_id) VALUES (?)", (one.data_id,)) for one in messages]

    async def act(self, shop_id: ShopId) -> None: ...


def settings_of(home: Path) -> Settings:
    return read_settings({"home": str(home), "database": ""}, {})


async def receive(home: Path, way: Mode) -> None:
    """The process that is killed: receives and hands on; prints how many messages it has handled so far."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    async with open_app(settings_of(home)) as app:
        waker, stop = LocalWaker(), asyncio.Event()
        source = TmcSource(
            app.client, AppSecrets(app.shops, app.clock), WebSocketDialler(), app.clock, Manner(way, 0.1)
        )
        intake = Intake(app.db, app.vault, source, app.clock, app.random, waker.wake)
        (feed,) = feeds_of(await app.shops.list(), ["default"])
        async with asyncio.TaskGroup() as loops:
            loops.create_task(intake.run(feed, stop))
            loops.create_task(Inbox(app.shops, app.vault, {"": Marks()}, app.clock, waker).run(stop))
            while True:
                print(await number(app.db, "SELECT count(*) FROM done"), flush=True)  # noqa: T201
                await app.clock.sleep(0.02)


async def number(db: Database, sql: str) -> int:
    ((found,),) = await db.fetch(sql)
    return cast("int", found)


async def prepare(home: Path, info: dict[str, Any]) -> None:
    async with open_app(settings_of(home)) as app:
        shop = Shop(
            ShopId("crash"),
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
        await app.db.commit([Write("CREATE TABLE done (data_id TEXT NOT NULL)")])


class Run:
    """One run against a running sandbox."""

    def __init__(
        self,
        home: Path,
        info: dict[str, Any],
        count: Count,
        seed: int,
        http: aiohttp.ClientSession,
        way: Mode,
    ) -> None:
        self.way = way
        self.home, self.info, self.count, self.http = home, info, count, http
        self.random = random.Random(seed)

    async def publish(self) -> None:
        await self.control("messages/service", {"disconnect_every": CUT_EVERY})
        for start in range(0, self.count.messages, PUBLISHED_AT_ONCE):
            count = min(PUBLISHED_AT_ONCE, self.count.messages - start)
            await self.control("messages", {**ORDER, "count": count, "app_key": self.info["app_key"]})

    async def kill_all(self) -> None:
        """Lets each process handle its share, more or less, and kills it."""
        done, share = 0, self.count.messages / (self.count.kills + 1)
        for kill in range(self.count.kills):
            target = min(done + share * self.random.uniform(0.1, 1.9), share * (kill + 1.9))
            done = await self.live(round(target), after_s=self.random.uniform(0, 0.03))
            self.count.half_done += await self.is_half_done()

    async def live(self, until: int, after_s: float = 0.0) -> int:
        """Runs a process until so many messages are handled and a moment longer, then kills it; returns the last count."""
        command = [sys.executable, __file__, "--receive", "--home", str(self.home), "--way", self.way]
        with (self.home / "log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=log)
        assert child.stdout is not None
        done = 0
        try:
            async with asyncio.timeout(LAST_RUN_S):
                while done < until and (line := await child.stdout.readline()):
                    done = int(line)
            await SystemClock().sleep(after_s)  # the random point of the kill, not a wait for anything
        finally:
            child.kill()
            await child.communicate()
        return done

    async def is_half_done(self) -> bool:
        await self.look()
        return not self.count.kept == self.count.handled == self.count.confirmed

    async def finish(self) -> None:
        """Runs without a kill until the sandbox has nothing left to push."""
        child = asyncio.create_task(self.live(sys.maxsize))
        clock = SystemClock()
        async with asyncio.timeout(LAST_RUN_S):
            while await self.confirmed() < self.count.messages or not await self.all_handled():
                await clock.sleep(0.1)
        child.cancel()
        await asyncio.gather(child, return_exceptions=True)
        await self.look()

    async def all_handled(self) -> bool:
        await self.look()
        return not self.count.waiting

    async def look(self) -> None:
        async with open_app(settings_of(self.home)) as app:
            self.count.kept = await number(app.db, "SELECT count(*) FROM inbox")
            self.count.waiting = await number(app.db, "SELECT count(*) FROM inbox WHERE state <> 'handled'")
            self.count.handled = await number(app.db, "SELECT count(DISTINCT data_id) FROM done")
            self.count.twice = await number(app.db, "SELECT count(*) - count(DISTINCT data_id) FROM done")
        await self.confirmed()

    async def confirmed(self) -> int:
        queues = (await self.control("messages"))["queues"]
        self.count.confirmed = sum(queue["confirmed"] for queue in queues)
        self.count.delivered = sum(queue["delivered"] for queue in queues)
        return self.count.confirmed

    async def control(self, path: str, order: object = None) -> Any:
        verb = "GET" if order is None else "POST"
        async with self.http.request(verb, f"{self.info['control']}/{path}", json=order) as reply:
            found = await reply.json(content_type=None)
            assert reply.status == 200, found
            return found


async def crash(home: Path, *, messages: int, kills: int, seed: int, way: Mode = "socket") -> dict[str, Any]:
    """Runs the harness in an empty folder and returns its result as JSON."""
    began = time.monotonic()
    async with running(tmc_port=0, tmc_redeliver_s=REDELIVER_S, seed=seed) as info:
        await prepare(home, info)
        async with aiohttp.ClientSession() as http:
            run = Run(home, info, Count(messages, kills), seed, http, way)
            await run.publish()
            await run.kill_all()
            await run.finish()
    seconds = round(time.monotonic() - began, 1)
    return {"good": run.count.good, "seed": seed, **asdict(run.count), "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="0 takes one from the clock and prints it")
    parser.add_argument("--home", type=Path, default=Path("build/crash-push"))
    parser.add_argument("--way", choices=("socket", "http"), default="socket")
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    home = given.home.resolve()
    if given.receive:
        asyncio.run(receive(home, given.way))
        return
    shutil.rmtree(home, ignore_errors=True)
    seed = given.seed or time.time_ns() % 1_000_000
    result = asyncio.run(crash(home, messages=given.messages, kills=given.kills, seed=seed, way=given.way))
    print(json.dumps(result))  # noqa: T201
    raise SystemExit(0 if result["good"] else 1)


if __name__ == "__main__":
    main()
