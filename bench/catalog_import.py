"""Import and check of a large file, csv and xlsx: seconds and peak memory, each in a process of its own."""

import argparse
import asyncio
import csv
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter

import xlsxwriter  # type: ignore[import-untyped]
from figures import Figure, cpu_s, say

from onshelf.catalog.imports.intake import import_file
from onshelf.catalog.profile import Profile
from onshelf.settings import read_settings
from onshelf.wiring import open_app

HEADER = "商家编码 标题 价格 成本价 原价 库存 类目 图片 描述 所在省 所在市 新旧程度 品牌 重量 备注".split()  # noqa: SIM905
WORDS = "夏季 新款 纯棉 短袖 女装 宽松 韩版 圆领 上衣 学生 百搭 白色 印花 显瘦 休闲 情侣".split()  # noqa: SIM905


def rows(count: int) -> Iterator[list[str]]:
    """Yields rows of 15 columns with short descriptions; one in a hundred is faulty."""
    random = Random(7)
    for number in range(count):
        title = "".join(random.choices(WORDS, k=9)) + f" {number}"
        cost = random.randint(500, 20_000)
        price = "" if number % 100 == 99 else f"{cost * 1.6 / 100:.2f}"
        words = " ".join(random.choices(WORDS, k=12))
        yield [
            f"SKU-{number:07d}", title, price, "" if not price else f"{cost / 100:.2f}", "", str(random.randint(1, 500)),
            "50000671", f"pictures/{number % 500}.jpg", f"<p>{words}</p>", "浙江", "杭州", "全新", "自有", "0.3", "无",
        ]  # fmt: skip


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows(count)])


def write_xlsx(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, cells in enumerate([HEADER, *rows(count)]):
            sheet.write_row(number, 0, cells)


async def measure(path: Path, database: str) -> dict[str, float]:
    """Imports one file and returns what it took. Memory is the peak of this process, the interpreter included."""
    of = read_settings({"home": str(path.parent / f"home-{path.suffix[1:]}"), "database": database}, {})
    async with open_app(of) as app:
        began, used = perf_counter(), cpu_s()
        report = await import_file(
            app.db,
            path,
            Profile(),
            shop_id="bench",
            import_id=path.name,
            clock=app.clock,
            open_pictures=False,
        )
        took, cpu = perf_counter() - began, cpu_s() - used
    return {"rows": report.tally.rows, "seconds": took, "cpu_s": cpu, "peak_mb": peak_mb()}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tell(suffix: str, took: dict[str, float]) -> None:
    what = f"import and check of {took['rows']:,} rows × {len(HEADER)} columns, {suffix}"
    say(Figure(what, round(took["seconds"], 2), "s", "≤ 10", f"{took['cpu_s']:.1f} s of CPU"))
    say(Figure(f"{what}, peak memory", round(took["peak_mb"]), "MB", "≤ 400"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--database", default="", help="address of a PostgreSQL; empty: a SQLite file that is thrown away"
    )
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(asyncio.run(measure(args.one, args.database))))
        return
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in (("csv", write_csv), ("xlsx", write_xlsx)):
            path = Path(folder, f"catalogue.{suffix}")
            write(path, args.rows)
            command = [sys.executable, __file__, "--one", str(path), "--database", args.database]
            tell(suffix, json.loads(subprocess.check_output(command)))


if __name__ == "__main__":
    main()
