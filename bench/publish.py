"""1,000 products with a picture of 100 kB each, published to an unthrottled sandbox: products/s, and our CPU beside a bare loop's.

Sandbox, publish and its rivals are processes of their own. The bare loop (aiohttp, uvloop) sends the very bytes the publish
sent, to the same sandbox, and does nothing else. `script.py` makes the same calls but has to read, sign, encode and decode
them, as any script must. Ratios of CPU are taken within each round; medians over the rounds.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import aiohttp
import msgspec
import uvloop
from figures import Figure, Run, cpu_s, process_cpu_s, say
from shelf import publish, settings, write_catalogue
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


@dataclass(frozen=True, slots=True)
class Round:
    """The runs of one round, all against one sandbox."""

    own: Run
    bare: Run
    script: Run
    served_s: float  # the sandbox's CPU during our run


def child(program: str, *words: str) -> Run:
    """Runs a file of this folder in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name(program)), *words]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ended.stdout, type=Run)


async def measure(file: Path) -> Round:
    """Runs the publish, then its rivals."""
    with tempfile.TemporaryDirectory() as folder:
        tape = ("--tape", str(Path(folder, "tape")))
        async with running() as info:
            line, before = json.dumps(info), process_cpu_s(info["pid"])
            own = await asyncio.to_thread(child, "publish.py", "--ours", line, "--file", str(file), *tape)
            served_s = process_cpu_s(info["pid"]) - before
            base = await asyncio.to_thread(child, "publish.py", *tape)
            script = await asyncio.to_thread(child, "script.py", line, str(file))
    return Round(own, base, script, served_s)


def report(rounds: Sequence[Round], products: int) -> None:
    """Says the medians."""
    if any((one.own.succeeded, one.script.succeeded) != (products, products) for one in rounds):
        raise SystemExit(f"not every product was published: {rounds}")
    rates = [products / one.own.seconds for one in rounds]
    calls, served_us = (
        rounds[0].bare.succeeded / products,
        median(one.served_s for one in rounds) / products * 1e6,
    )
    note = f"{min(rates):.0f} to {max(rates):.0f} in {len(rounds)} rounds, {calls:.2f} calls a product; "
    note += f"the sandbox takes {served_us:.0f} µs of CPU a product"
    name = f"publish of {products} products with a picture of 100 kB"
    say(Figure(name, round(median(rates), 1), "products/s", "≥ 300", note))
    compare("a bare loop's", [(one.own, one.bare) for one in rounds], products, "≤ 1.8")
    compare("a script's", [(one.own, one.script) for one in rounds], products, "")


def compare(whose: str, pairs: Sequence[tuple[Run, Run]], products: int, aim: str) -> None:
    """Says our CPU over a rival's."""
    ratios = [own.cpu_s / rival.cpu_s for own, rival in pairs]
    own_us, rival_us = (
        median(run.cpu_s for run in runs) / products * 1e6 for runs in zip(*pairs, strict=True)
    )
    slower = median(own.seconds / rival.seconds for own, rival in pairs)
    note = f"{own_us:.0f} µs against {rival_us:.0f} µs a product; {min(ratios):.2f} to {max(ratios):.2f}; time {slower:.2f} x"
    say(Figure(f"publish, our CPU over {whose}", round(median(ratios), 2), "x", aim, note))


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
