"""What the benchmarks of publishing share: a catalogue with pictures, an app with a shop, and a publish as users run it."""

import asyncio
import csv
import io
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from figures import Run, cpu_s
from PIL import Image

from onshelf.catalog.imports.intake import import_file
from onshelf.catalog.profile import decode_profile
from onshelf.catalog.store import save_profile
from onshelf.ids import AppKey, JobId, ShopId
from onshelf.listing.start import progress, start
from onshelf.platforms.transport import Transport
from onshelf.settings import Secret, Settings, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.wiring import App, open_app
from onshelf.working import work

SHOP = ShopId("bench")
PROFILE = b'{"categories": {"T\xe6\x81\xa4": 50000671}, "province": "\xe6\xb5\x99\xe6\xb1\x9f", "city": "\xe6\x9d\xad\xe5\xb7\x9e"}'
LOOK_S = 0.05
SEGMENT_BYTES = 60_000  # of a JPEG comment: 65,533 at most


def write_catalogue(folder: Path, count: int, *, picture_bytes: int = 100_000) -> Path:
    """Writes products with a different picture each; returns the file."""
    random, plain = Random(5), _plain_picture()
    file = folder / "products.csv"
    (folder / "pictures").mkdir()
    with file.open("w", encoding="utf-8", newline="") as catalogue:
        rows = csv.writer(catalogue)
        rows.writerow(["商家编码", "标题", "品类", "价格", "库存", "图片", "描述"])
        for number in range(count):
            name = f"pictures/B-{number:05}.jpg"
            (folder / name).write_bytes(_with_noise(plain, picture_bytes, random))
            words = "纯棉面料，亲肤透气，机洗不变形。尺码偏小，建议选大一码。" * 4
            rows.writerow(
                [f"B-{number:05}", f"短袖T恤 宽松圆领 {number}", "T恤", "39.90", 20, name, f"<p>{words}</p>"]
            )
    return file


def settings(home: Path, **given: object) -> Settings:
    """Gives the default settings under a home, with no quota a day or minute unless told."""
    free = {"quota_per_day": 0, "quota_basic_per_minute": 0}
    return read_settings({"home": str(home), **free, **given}, {})


async def publish(info: dict[str, Any], file: Path, of: Settings, transport: Transport | None = None) -> Run:
    """Imports a catalogue into a new home and measures its publish, plan and enqueueing included."""
    async with open_app(of, transport=transport) as app:
        await prepare(app, info, file)
        began, used = perf_counter(), cpu_s()
        job_id = await start(app.db, app.queue, SHOP, app.clock, app.random)
        if job_id is None:
            raise SystemExit("the catalogue has nothing to publish")
        await work_until_ended(app, job_id)
        await app.audit.flush()
        took, cpu = perf_counter() - began, cpu_s() - used
        return Run((await progress(app.queue, job_id)).succeeded, took, cpu)


async def prepare(app: App, info: dict[str, Any], file: Path) -> None:
    """Adds the shop and its profile, learns the clock, and imports the catalogue."""
    shop = Shop(
        SHOP, "taobao", AppKey(info["app_key"]), info["gateway"], info["oauth"], "", info["seller_nick"],
        ShopState.NEW, app.clock.now_us(),
    )  # fmt: skip
    profile = decode_profile(PROFILE, where="profile")
    saved = save_profile(SHOP, profile, app.clock.now_us())
    await app.db.commit([*app.shops.add(shop, Secret(info["app_secret"])), saved])
    await app.sessions.accept(SHOP, session_only(info["session"]))
    await app.client.learn_clock(shop.ref())
    report = await import_file(app.db, file, profile, shop_id=SHOP, import_id="bench", clock=app.clock)
    if report.tally.faulty:
        raise SystemExit(f"{report.tally.faulty} rows of the catalogue are faulty: {report.findings[:1]}")


async def work_until_ended(app: App, job_id: JobId) -> None:
    """Is the home's worker until the job has ended."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work(app, stop))
        while await app.queue.has_open_lines(job_id):
            await app.clock.sleep(LOOK_S)
        stop.set()


def _plain_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 800), (200, 160, 120)).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def _with_noise(picture: bytes, size: int, random: Random) -> bytes:
    """Fills a JPEG up to a size with comments of random bytes, so that no two are alike."""
    comments, left = [], size - len(picture)
    while left > 4:
        length = min(SEGMENT_BYTES, left) - 4
        comments.append(b"\xff\xfe" + (length + 2).to_bytes(2, "big") + random.randbytes(length))
        left -= length + 4
    return picture[:2] + b"".join(comments) + picture[2:]
