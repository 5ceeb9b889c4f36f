"""What a large seeded catalogue costs the sandbox: time to start, memory, a page deep in a list, a slice, a write, a snapshot."""

import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import aiohttp
import uvloop
from figures import Figure, say

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.launch import running
from sandbox import ADD, signed

ITEMS = 1_000_000
ROUNDS = 50


def rss_mb(pid: int) -> float:
    """Gives the resident memory of a process. Source: proc(5), status."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def took_ms(call: Callable[[int], Awaitable[object]]) -> float:
    """Gives the median of some rounds."""
    rounds = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        await call(number)
        rounds.append((time.perf_counter() - began) * 1000)
    return median(rounds)


async def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    began = time.perf_counter()
    async with running(items=items) as info, aiohttp.ClientSession() as http:

        async def ask(method: str, **arguments: str) -> dict[str, object]:
            async with http.post(info["gateway"], data=signed(method, **arguments)) as reply:
                (inner,) = json.loads(await reply.read()).values()
            if "code" in inner:
                raise SystemExit(str(inner))
            answer: dict[str, object] = inner
            return answer

        async def page(number: int) -> dict[str, object]:
            deep = str(number % 100 + 1)
            return await ask(
                "taobao.items.onsale.get", fields="num_iid,title,modified,num", page_size="200", page_no=deep
            )

        async def touch(number: int) -> dict[str, object]:
            return await ask(
                "taobao.item.update",
                num_iid=str(700_000_000_000 + number * 7919 % items),
                title=f"新标题 {number}",
            )

        async def slice_of_a_day(number: int) -> dict[str, object]:
            start = time.time() - (number + 2) * 86_400
            days = {"start_modified": wire_time(start), "end_modified": wire_time(start + 86_400)}
            return await ask(
                "taobao.items.onsale.get", fields="num_iid", page_size="200", order_by="modified:desc", **days
            )

        total = (await page(0))["total_results"]
        name = f"sandbox of {items:,} items"
        say(
            Figure(
                f"{name}, start to first page",
                round(time.perf_counter() - began, 2),
                "s",
                "≤ 60",
                f"{total} on sale",
            )
        )
        for what, call in (
            ("page of 200", page),
            ("slice of a day", slice_of_a_day),
            ("item.update", touch),
            ("item.add", lambda number: ask("taobao.item.add", **ADD)),
        ):
            say(
                Figure(
                    f"{name}, {what}",
                    round(await took_ms(call), 2),
                    "ms",
                    "",
                    f"median of {ROUNDS}, one at a time",
                )
            )
        async with http.post(f"{info['control']}/snapshot") as reply:
            size = len(await reply.read())
        say(
            Figure(
                f"{name}, snapshot", round(size / 1024), "kB", "", f"{ROUNDS} items touched, {ROUNDS} added"
            )
        )
        say(Figure(f"{name}, memory", round(rss_mb(info["pid"])), "MB", "≤ 2000"))


if __name__ == "__main__":
    uvloop.run(main())
