"""Kills (-9) a publishing process again and again over one catalogue, and counts what stands on the shelf at the end.

`python tests/crash/crash.py --kills 100 --rows 500 --seed 1 --home DIR [--resume]`: a real sandbox that loses 5 % of
the writes in each of four ways and shows them 3 s late, real workers, kills at random moments and at the sandbox's
barriers. When a publish job has ended, the catalogue is changed and published again, until the kills are spent. Then one
undisturbed run, and the count: each row on the shelf exactly once or undecided, none twice, no copy in the warehouse.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from onshelf.catalog.product import Product
from onshelf.catalog.store import PRODUCT_COLUMNS, product_values
from onshelf.ids import AppKey, ShopId
from onshelf.listing.choose import undecided
from onshelf.listing.pictures import hash_files
from onshelf.listing.start import start
from onshelf.sandbox.launch import running
from onshelf.settings import Secret, Settings, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.wiring import App, open_app
from onshelf.working import work

SHOP = "crash"
FAULTS: list[dict[str, object]] = [
    {"kind": "cut_before", "method": "writes", "share": 0.05},
    {"kind": "cut_after", "method": "writes", "share": 0.05},
    {"kind": "cut_then_done", "method": "writes", "share": 0.05, "seconds": 1.5},
    {"kind": "isp_after", "method": "writes", "share": 0.05},
    {"kind": "lag", "method": "writes", "seconds": 3},
]
SETTINGS: dict[str, object] = {
    "connect_timeout_s": 1.0,
    "write_timeout_s": 2.0,
    "read_timeout_s": 5.0,
    "lease_s": 12.0,
    "batch": 10,
    "settle_s": 4.0,
    "look_spacing_s": 1.0,
    "clock_skew_s": 10.0,
    "quota_per_day": 0,
    "quota_basic_per_minute": 0,
    "database": "",
}
BARRIERS = (
    ("taobao.item.add", ("before_work", "after_work", "before_reply")),
    ("taobao.picture.upload", ("before_work", "after_work")),
    ("taobao.item.update*", ("before_work", "after_work")),
    ("taobao.items.seller.list.get", ("before_work",)),
    ("taobao.items.custom.get", ("before_reply",)),
)
ROWS_A_PICTURE = 5
LAST_RUNS = 5
RUN_S = 240.0


@dataclass
class Spent:
    """What has been done so far; kept in a file, so that an interrupted run can go on."""

    kills: int = 0
    rounds: int = 0  # versions of the catalogue published
    at_barriers: int = 0


@dataclass
class Count:
    """What stands at the end."""

    rows: int
    once: int = 0
    undecided: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    in_warehouse: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # another title, price or picture than the catalogue's
    made: int = 0  # items ever made: what exceeds the rows was made twice, and removed
    uploads: int = 0  # pictures in the picture space
    pictures: int = 0  # different pictures in the catalogue

    @property
    def good(self) -> bool:
        return not (self.twice or self.missing or self.in_warehouse or self.wrong)


def settings_of(home: Path) -> Settings:
    return read_settings({**SETTINGS, "home": str(home / "app")}, {})


async def run_worker(home: Path) -> None:
    """The process that is killed: the home's worker, until no publish line is open."""
    async with open_app(settings_of(home)) as app:
        if not app.lock.try_acquire():
            raise SystemExit("another worker holds the home")
        stop = asyncio.Event()
        working = asyncio.create_task(work(app, stop))
        print("working", flush=True)  # noqa: T201
        while not working.done() and await app.queue.due("publish"):
            await app.clock.sleep(0.1)
        stop.set()
        await working


class Crash:
    """One run of the harness against a running sandbox."""

    def __init__(
        self, home: Path, rows: int, kills: int, seed: int, gateway: str, stop: asyncio.Event
    ) -> None:
        self.home, self.rows, self.kills, self.stop = home, rows, kills, stop
        self.random = random.Random(seed)
        self.gateway = gateway
        self.base = gateway.removesuffix("/router/rest")
        self.spent = Spent()
        self._file = home / "progress.json"
        if self._file.exists():
            self.spent = Spent(**json.loads(self._file.read_text()))

    async def run(self) -> Count | None:
        """Kills until the kills are spent, then counts. None: interrupted."""
        async with aiohttp.ClientSession() as self.http:
            await self.prepare()
            while self.spent.kills < self.kills and not self.stop.is_set():
                if not await self.has_work():
                    await self.next_round()
                await self.run_and_kill()
                self.keep()
            await self.control("POST", "/_sandbox/barrier/release", {})
            for _ in range(LAST_RUNS):
                if self.stop.is_set():
                    return None
                await self.run_undisturbed()
                if not await self.enqueue():
                    break
            return await self.count()

    async def prepare(self) -> None:
        """Sets up shop, pictures and faults, unless an earlier run did."""
        self.draw_pictures()
        await self.control("DELETE", "/_sandbox/faults")
        for number, fault in enumerate(FAULTS):
            await self.control("POST", "/_sandbox/faults", {**fault, "seed": number})
        async with open_app(settings_of(self.home)) as app:
            if await app.shops.get(SHOP) is None:
                await add_shop(app, self.gateway)
            else:
                shop = await app.shops.get(SHOP)
                assert shop is not None
                await app.db.commit([app.shops.update(move(shop, self.gateway))])
        if not self.spent.rounds:
            await self.next_round()

    def draw_pictures(self) -> None:
        folder = self.home / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(-(-self.rows // ROWS_A_PICTURE)):
            path = folder / f"{number}.png"
            if not path.exists():
                Image.new("RGB", (800, 800), (number % 256, number // 256, 99)).save(path)

    def products(self) -> list[Product]:
        """The catalogue as it is to stand now."""
        return [
            Product(
                outer_id=f"C{number:04d}",
                title=f"崩溃测试商品 {number} 第 {self.spent.rounds} 版",
                price=Decimal(10 + number % 40 + self.spent.rounds),
                stock=5 + number % 7,
                category_id=50010850,
                description="一件会被反复打断的商品。",
                condition="new",
                province="浙江",
                city="杭州",
                pictures=(str(self.home / "pictures" / f"{number // ROWS_A_PICTURE}.png"),),
            )
            for number in range(self.rows)
        ]

    async def next_round(self) -> None:
        """Changes the whole catalogue and enqueues it."""
        self.spent.rounds += 1
        rows = [(SHOP, *product_values(product), 0, 0) for product in self.products()]
        async with open_app(settings_of(self.home)) as app:
            columns = ("shop_id", *PRODUCT_COLUMNS, "held", "changed_us")
            await app.db.upsert_many("product", key=("shop_id", "outer_id"), columns=columns, rows=rows)
        await self.enqueue()
        self.keep()
        say(f"round {self.spent.rounds}: {self.rows} rows enqueued")

    async def enqueue(self) -> bool:
        async with open_app(settings_of(self.home)) as app:
            return await start(app.db, app.queue, SHOP, app.clock, self.random) is not None

    async def has_work(self) -> bool:
        async with open_app(settings_of(self.home)) as app:
            return bool(await app.queue.due("publish"))

    @contextlib.asynccontextmanager
    async def worker(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Starts a worker and waits until it works; it is dead afterwards."""
        with (self.home / "worker.log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                __file__,
                "--worker",
                "--home",
                str(self.home),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        try:
            assert child.stdout is not None
            await child.stdout.readline()
            yield child
        finally:
            if child.returncode is None:
                child.kill()
            await child.communicate()

    async def run_and_kill(self) -> None:
        """Lets a worker work for a moment, and kills it where the dice say."""
        barrier = await self.arm() if self.random.random() < 0.5 else None
        async with self.worker() as child:
            if barrier is None:
                await ends_within(child, self.random.uniform(0.1, 1.5))
            held = barrier is not None and await self.holds(barrier, child)
            if child.returncode is None:
                child.kill()
                self.spent.kills += 1
                self.spent.at_barriers += held
                place = f" {barrier['at']} of {barrier['method']}" if barrier and held else ""
                say(f"kill {self.spent.kills}/{self.kills}{place}")
        if barrier is not None:
            cut = self.random.random() < 0.5
            await self.control("POST", "/_sandbox/barrier/release", {"id": barrier["id"], "cut": cut})
        doubles = (await self.control("GET", "/_sandbox/stats"))["doubles"]
        if doubles:
            raise SystemExit(f"on the shelf more than once: {doubles}")

    async def arm(self) -> dict[str, Any]:
        method, points = self.random.choice(BARRIERS)
        order = {"method": method, "at": self.random.choice(points)}
        armed: dict[str, Any] = await self.control("POST", "/_sandbox/barrier", order)
        return armed

    async def holds(self, barrier: dict[str, Any], child: asyncio.subprocess.Process) -> bool:
        """Waits a while for a call at the barrier."""
        for _ in range(40):
            if await ends_within(child, 0.05):
                return False
            armed = await self.control("GET", "/_sandbox/barrier")
            if any(one["id"] == barrier["id"] and one["state"] == "held" for one in armed):
                return True
        return False

    async def run_undisturbed(self) -> None:
        say("a run without a kill")
        async with self.worker() as child:
            if not await ends_within(child, RUN_S):
                raise SystemExit(f"the last run did not end within {RUN_S:g} s")

    async def control(self, verb: str, path: str, order: object = None) -> Any:
        async with self.http.request(verb, self.base + path, json=order) as reply:
            found = await reply.json(content_type=None)
            if reply.status != 200:
                raise SystemExit(f"{path} {order}: {found}")
            return found

    async def count(self) -> Count:
        items = await self.control("GET", "/_sandbox/items?deleted=1")
        pictures = await self.control("GET", "/_sandbox/pictures")
        async with open_app(settings_of(self.home)) as app:
            questions = {one.outer_id for one in await undecided(app.db, SHOP)}
        return count(self.products(), items, pictures, questions)

    def keep(self) -> None:
        self._file.write_text(json.dumps(asdict(self.spent)))


def count(
    products: list[Product],
    items: list[dict[str, Any]],
    pictures: list[dict[str, Any]],
    questions: set[str],
) -> Count:
    """Compares the shelf with the catalogue. Pure."""
    codes = {product.outer_id for product in products}
    ours = [item for item in items if item["outer_id"] in codes]
    living = [item for item in ours if not item["deleted"]]
    hashes = hash_files({source for product in products for source in product.pictures})
    titles = {path: one["title"] for one in pictures for path in [short(one["path"])]}
    shown = Counter(item["outer_id"] for item in living if item["approve_status"] == "onsale")
    by_code = {item["outer_id"]: item for item in living if item["approve_status"] == "onsale"}
    found = Count(len(products), undecided=sorted(questions), made=len(ours))
    found.pictures, found.uploads = len(set(hashes.values())), len(pictures)
    found.in_warehouse = sorted(
        item["outer_id"]
        for item in living
        if item["approve_status"] != "onsale" and item["outer_id"] not in questions
    )
    for product in products:
        code = product.outer_id
        if shown[code] > 1:
            found.twice.append(code)
        elif code in questions:
            continue
        elif not shown[code]:
            found.missing.append(code)
        elif not stands(product, by_code[code], hashes, titles):
            found.wrong.append(code)
        else:
            found.once += 1
    return found


def stands(product: Product, item: dict[str, Any], hashes: dict[str, str], titles: dict[str, str]) -> bool:
    """Tells whether an item shows what the catalogue says, its picture included."""
    picture = titles.get(short(item["pictures"][0]), "") if item["pictures"] else ""
    return (
        item["title"] == product.title
        and Decimal(item["price"]) == product.price
        and picture.startswith(hashes[product.pictures[0]])
    )


def short(path: str) -> str:
    return path.rpartition("/")[2]


async def ends_within(child: asyncio.subprocess.Process, seconds: float) -> bool:
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def add_shop(app: App, gateway: str) -> None:
    shop = Shop(
        ShopId(SHOP),
        "taobao",
        AppKey("12345678"),
        gateway,
        "",
        "",
        "",
        ShopState.NEW,
        app.clock.now_us(),
    )
    await app.db.commit(app.shops.add(shop, Secret("helloworld")))
    await app.sessions.accept(shop.shop_id, session_only("test"))


def move(shop: Shop, gateway: str) -> Shop:
    """A resumed run's sandbox has another port."""
    given = {name: getattr(shop, name) for name in Shop.__dataclass_fields__}
    return Shop(**{**given, "gateway": gateway})


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)  # noqa: T201


async def crash(
    home: Path, *, rows: int, kills: int, seed: int, resume: bool = False, stop: asyncio.Event | None = None
) -> dict[str, Any] | None:
    """Runs the harness and returns its result as JSON. None: interrupted; `--resume` goes on."""
    state = home / "sandbox.state"
    began = time.monotonic()
    if not resume or not state.exists():
        for left in leftovers(home):
            left.unlink()
    async with running(state=state, seed=seed) as info:
        run = Crash(home, rows, kills, seed, info["gateway"], stop or asyncio.Event())
        counted = await run.run()
    if counted is None:
        return None
    return {
        "good": counted.good,
        "seed": seed,
        **asdict(run.spent),
        **asdict(counted),
        "seconds": round(time.monotonic() - began, 1),
    }


async def interruptible(home: Path, given: argparse.Namespace, seed: int) -> dict[str, Any] | None:
    """Runs the harness until it ends or somebody interrupts it."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return await crash(home, rows=given.rows, kills=given.kills, seed=seed, resume=given.resume, stop=stop)


def leftovers(home: Path) -> Iterator[Path]:
    """The files of an earlier run that would mix with a fresh one."""
    yield from (path for path in (home / "app").rglob("*") if path.is_file())
    yield from (path for path in home.glob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="0 takes one from the clock and prints it")
    parser.add_argument("--home", type=Path, default=Path("build/crash"))
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    home = given.home.resolve()
    if given.worker:
        asyncio.run(run_worker(home))
        return
    seed = given.seed or time.time_ns() % 1_000_000
    say(f"seed {seed}")
    home.mkdir(parents=True, exist_ok=True)
    result = asyncio.run(interruptible(home, given, seed))
    if result is None:
        say("interrupted; --resume goes on")
        raise SystemExit(1)
    print(json.dumps(result, ensure_ascii=False))  # noqa: T201
    raise SystemExit(0 if result["good"] else 1)


if __name__ == "__main__":
    main()
