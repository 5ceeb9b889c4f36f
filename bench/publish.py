"""1,000 products with a picture of 100 kB each, published to an unthrottled sandbox: products/s, and our CPU beside a bare loop's.

Sandbox, publish and bare loop are processes of their own. The bare loop (aiohttp, uvloop) sends the very bytes the publish
sent, to the same sandbox, and does nothing else. The ratio of CPU is taken within each round; medians over the rounds.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import aiohttp
import msgspec
import uvloop
from figures import Figure, cpu_s, process_cpu_s, say
from shelf import Run, publish, settings, write_catalogue
from yarl import URL

from onshelf.platforms.http1 import SocketTransport
from onshelf.platforms.transport import Request, Response
from onshelf.sandbox.launch import running

PRODUCTS = 1000
ROUNDS = 5
CONCURRENCY = 32


class Tape:
    """A transport that keeps every request it passes on."""

    def __init__(self) -> None:
        self.inner = SocketTransport()
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


def ours(info: dict[str, Any], file: Path, tape_file: Path) -> Run:
    """Publishes the catalogue, with a quota that is kept but never reached, and leaves the calls on tape."""
    tape = Tape()
    of = settings(tape_file.parent / "home", quota_per_second=100_000, quota_per_day=50_000_000)
    run = uvloop.run(publish(info, file, of, tape))
    tape_file.write_bytes(msgspec.msgpack.encode(tape.requests))
    return run


async def bare(tape: bytes) -> Run:
    """Sends what is on tape, as fast as it goes."""
    requests = msgspec.msgpack.decode(tape, type=list[Request])
    ready = [(URL(one.url, encoded=True), one.body, {"Content-Type": one.content_type}) for one in requests]
    left, refused = iter(ready), 0
    began, used = perf_counter(), cpu_s()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send() -> None:
            nonlocal refused
            for url, body, headers in left:
                async with session.post(url, data=body, headers=headers) as reply:
                    refused += b"error_response" in await reply.read()

        await asyncio.gather(*(send() for _ in range(CONCURRENCY)))
    run = Run(len(ready), perf_counter() - began, cpu_s() - used)
    if refused:
        raise SystemExit(f"the sandbox refused {refused} calls of the tape")
    return run


def child(*words: str) -> Run:
    """Runs this file in a process of its own."""
    ended = subprocess.run([sys.executable, __file__, *words], stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ended.stdout, type=Run)


async def measure(file: Path) -> tuple[Run, Run, float]:
    """Gives one round: our run, the bare one, and the sandbox's CPU seconds during ours."""
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder, "tape")
        async with running() as info:
            before = process_cpu_s(info["pid"])
            own = await asyncio.to_thread(
                child, "--ours", json.dumps(info), "--file", str(file), "--tape", str(tape)
            )
            served = process_cpu_s(info["pid"]) - before
            base = await asyncio.to_thread(child, "--tape", str(tape))
    return own, base, served


def report(rounds: Sequence[tuple[Run, Run, float]], products: int) -> None:
    """Says the medians."""
    if any(own.succeeded != products for own, _, _ in rounds):
        raise SystemExit(f"not every product was published: {[own.succeeded for own, _, _ in rounds]}")
    rates = [products / own.seconds for own, _, _ in rounds]
    ratios = [own.cpu_s / base.cpu_s for own, base, _ in rounds]
    slower = median(own.seconds / base.seconds for own, base, _ in rounds)
    each = 1e6 / products
    own_us, base_us = (
        median(run.cpu_s for run in runs) * each for runs in list(zip(*rounds, strict=True))[:2]
    )
    calls = rounds[0][1].succeeded / products
    note = f"{min(rates):.0f} to {max(rates):.0f} in {len(rounds)} rounds, {calls:.2f} calls a product"
    say(
        Figure(
            f"publish of {products} products with a picture of 100 kB",
            round(median(rates), 1),
            "products/s",
            "≥ 300",
            note,
        )
    )
    note = f"{own_us:.0f} µs against {base_us:.0f} µs a product; {min(ratios):.2f} to {max(ratios):.2f}"
    say(Figure("publish, our CPU over a bare loop's", round(median(ratios), 2), "x", "≤ 1.8", note))
    served = median(served for _, _, served in rounds) * each
    say(
        Figure(
            "publish, time over a bare loop's",
            round(slower, 2),
            "x",
            "",
            f"the sandbox itself takes {served:.0f} µs a product",
        )
    )


async def main(products: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = write_catalogue(Path(folder), products)
        report([await measure(file) for _ in range(rounds)], products)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--ours", type=json.loads, help="the sandbox's start-up line: publish to it, in this process"
    )
    parser.add_argument("--file", type=Path)
    parser.add_argument("--tape", type=Path, help="without --ours: send what is on it")
    given = parser.parse_args()
    if given.ours:
        print(json.dumps(asdict(ours(given.ours, given.file, given.tape))))
    elif given.tape:
        print(json.dumps(asdict(uvloop.run(bare(given.tape.read_bytes())))))
    else:
        uvloop.run(main(given.products, given.rounds))
