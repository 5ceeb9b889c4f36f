"""A home of a large seller, seeded: items, products, changes of 30 days and alerts, for the benchmarks of pages and lists.

Written past the rooms, in the tables' own form, for a million items through the rooms take an hour. Kept under build/ and
made again when its recipe has changed; a newer schema is reached by its migrations.
"""

import asyncio
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter

import apsw
import msgspec
from web_jobs import fill_jobs
from web_office import furnish

from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.catalog.item import Reason, State
from onshelf.catalog.product import Product
from onshelf.catalog.store import ITEM_COLUMNS, PRODUCT_COLUMNS, product_values
from onshelf.clock import DAY_US, SECOND_US, SystemClock
from onshelf.ids import AppKey, ShopId
from onshelf.settings import Secret, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.wiring import open_app

SHOP = ShopId("bench")
ITEMS, PRODUCTS, CHANGES, ALERTS = 1_000_000, 100_000, 1_000_000, 2_000
RECIPE = f"6 {ITEMS} {PRODUCTS} {CHANGES} {ALERTS}"
HOME = Path(__file__).parents[1] / "build" / "bench-web"
STYLES = ("连衣裙", "T恤", "牛仔裤", "卫衣", "半身裙", "羽绒服", "衬衫", "风衣", "针织衫", "西装")
FEATURES = (
    "宽松",
    "修身",
    "复古",
    "法式",
    "小个子",
    "显瘦",
    "高腰",
    "加绒",
    "纯棉",
    "真丝",
    "亚麻",
    "Vintage",
)
OURS = "tbl_name IN ('item', 'change', 'product')"
GONE = (Reason.SOLD_OUT, Reason.TAKEN_OFF, Reason.VIOLATION, Reason.DELETED, Reason.UNKNOWN, Reason.OURS)


def home() -> Path:
    """Returns the home, made when it is not there or of another recipe."""
    mark = HOME / "recipe"
    if not mark.is_file() or mark.read_text() != RECIPE:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        asyncio.run(_begin())
        _fill(SystemClock().now_us())
        asyncio.run(furnish(HOME, SHOP))
        mark.write_text(RECIPE)
    fill_jobs(HOME / "onshelf.db", SHOP, SystemClock().now_us())
    return HOME


async def _begin() -> None:
    async with open_app(read_settings({"home": str(HOME)}, {})) as app:
        now_us = app.clock.now_us()
        for shop_id in (SHOP, ShopId("small")):
            shop = Shop(
                shop_id, "taobao", AppKey("12345678"), "http://127.0.0.1:9/router/rest", "", "", shop_id,
                ShopState.AUTHORISED, now_us,
            )  # fmt: skip
            token = app.shops.put_token(shop_id, session_only("test"), obtained_us=now_us)
            await app.db.commit([*app.shops.add(shop, Secret("helloworld")), token])


def _fill(now_us: int) -> None:
    began = perf_counter()
    db = apsw.Connection(str(HOME / "onshelf.db"))
    db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000")
    random = Random(11)
    indexes = list(
        db.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND {OURS}")
    )
    with db:  # an index is built faster than it is kept
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        db.executemany(
            f"INSERT INTO item ({ITEM_COLUMNS}) VALUES ({', '.join('?' * 16)})", _items(random, now_us)
        )
        db.executemany(
            "INSERT INTO change (shop_id, item_id, version, outer_id, title, old, new, reason, happened_us, seen_us, ours, "
            f"evidence) VALUES ({', '.join('?' * 12)})",
            _changes(random, now_us),
        )
        columns = (*PRODUCT_COLUMNS, "shop_id", "held", "changed_us")
        db.executemany(
            f"INSERT INTO product ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            _products(random, now_us),
        )
        db.executemany(
            "INSERT INTO alert (fingerprint, group_key, state, changed_us, alert, shop_id, rule, cause, severity, standing) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _alerts(random, now_us),
        )
        for _, sql in indexes:
            db.execute(sql)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    print(f"the home took {perf_counter() - began:.0f} s to make", flush=True)


def _title(random: Random, number: int) -> str:
    words = random.sample(FEATURES, 3)
    return f"2026新款{''.join(words[:2])}{random.choice(STYLES)} {words[2]} {number}"


def _items(random: Random, now_us: int) -> Iterator[tuple[object, ...]]:
    states, weights = list(State), (90, 9, 1)
    for number in range(ITEMS):
        (state,) = random.choices(states, weights)
        reason = Reason.LISTED if state is State.ONSALE else random.choice(GONE)
        if state is State.DELETED:
            reason = Reason.DELETED
        changed_us = now_us - random.randrange(30 * DAY_US)
        doubt = int(random.random() < 0.0005)
        yield (
            SHOP, 700_000_000_000 + number, 2, state, reason, f"B-{number:07}", _title(random, number),
            f"{random.randrange(900, 90000) / 100:.2f}", random.randrange(200), now_us, now_us, changed_us,
            None, None, None, doubt,
        )  # fmt: skip


def _changes(random: Random, now_us: int) -> Iterator[tuple[object, ...]]:
    for number in range(CHANGES):
        back = random.random() < 0.4
        reason = Reason.LISTED if back else random.choice(GONE)
        seen_us = now_us - random.randrange(30 * DAY_US)
        old, new = (
            ("instock", "onsale")
            if back
            else ("onsale", "deleted" if reason is Reason.DELETED else "instock")
        )
        item_id = 700_000_000_000 + number
        happened_us = seen_us - random.randrange(1, 400) * SECOND_US // 10
        evidence = random.choice(("push", "slice", "count", "sweep"))
        yield (
            SHOP, item_id, 2, f"B-{number:07}", _title(random, number), old, new, reason, happened_us, seen_us,
            int(reason is Reason.OURS), evidence,
        )  # fmt: skip


def _products(random: Random, now_us: int) -> Iterator[tuple[object, ...]]:
    for number in range(PRODUCTS):
        product = Product(
            outer_id=f"B-{number:07}",
            title=_title(random, number),
            price=Decimal(random.randrange(900, 90000)) / 100,
            stock=random.randrange(200),
            category_id=50000671,
            condition="new",
            description="<p>纯棉面料，亲肤透气，机洗不变形。</p>" * 10,
            province="浙江",
            city="杭州",
            pictures=(f"pictures/{number}.jpg",),
            source=f"products.xlsx:{number}",
        )
        yield (
            *product_values(product),
            SHOP,
            int(random.random() < 0.002),
            now_us - random.randrange(DAY_US),
        )


def _alerts(random: Random, now_us: int) -> Iterator[tuple[object, ...]]:
    for number in range(ALERTS):
        cause = random.choice(GONE[:5])
        loud = cause in (Reason.VIOLATION, Reason.DELETED)
        severity = Severity.CRITICAL if loud else Severity.WARNING
        item_id, at_us = 700_000_000_000 + number, now_us - random.randrange(DAY_US)
        alert = Alert(
            "left_the_shelf", AlertState.FIRING, severity, SHOP, item_id, 2, f"B-{number:07}", _title(random, number),
            "onsale", "instock", cause, at_us, at_us, at_us,
        )  # fmt: skip
        told = msgspec.json.encode(alert).decode()
        yield (
            alert.fingerprint,
            alert.group,
            "firing",
            at_us,
            told,
            SHOP,
            alert.rule,
            cause,
            severity,
            "firing",
        )


if __name__ == "__main__":
    home()
