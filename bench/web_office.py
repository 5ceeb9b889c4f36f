"""The rest of the benchmark's home: 200 shops, people, keys, a channel, a webhook, an import with faults, the audit log."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from random import Random

import apsw

from onshelf.alerts.route import Route
from onshelf.clock import SECOND_US
from onshelf.guard.change import Act
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.port import CallRecord
from onshelf.settings import Secret, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.wiring import App, open_app

SHOPS, PEOPLE, KEYS, DELIVERIES, CALLS, ACTS, ROWS = 200, 100, 1_000, 100_000, 400_000, 100_000, 10_000
METHODS = ("taobao.item.add", "taobao.items.onsale.get", "taobao.item.seller.get", "taobao.trades.sold.get")
APP_KEY, CHANNEL = "12345678", "group"


async def furnish(folder: Path, shop: ShopId) -> None:
    """Fills the tables through the rooms; the deliveries past them, for each would be a request."""
    async with open_app(read_settings({"home": str(folder)}, {})) as app:
        await _shops(app)
        parts = (app.db, app.clock, app.random)
        invitations, keys = Invitations(*parts), Keys(*parts)
        for number in range(PEOPLE):
            token = await invitations.invite(role=Role.OPERATOR, shops=[shop], made_by="bench")
            if number % 2:
                await invitations.accept(token, f"运营 {number:03}", "correct-horse-9")
        for number in range(KEYS):
            await keys.add(f"ERP {number:04}", role=Role.VIEWER, shops=[shop], made_by="bench")
        await app.directory.add(
            Route(CHANNEL), "webhook", {"url": "http://127.0.0.1:9/hear", "secret": "whsec_" + "MDEy" * 8}
        )
        hook, _ = await app.webhooks.add("http://127.0.0.1:9/hear", made_by="bench")
        await _import(app, shop)
        await _log(app, shop)
    _deliveries(folder / "onshelf.db", hook.hook_id, shop, app.clock.now_us())


async def _shops(app: App) -> None:
    now_us = app.clock.now_us()
    for number in range(SHOPS):
        name = ShopId(f"shop-{number:03}")
        shop = Shop(
            name, "taobao", AppKey(APP_KEY), "http://127.0.0.1:9/router/rest", "", "", f"旗舰店 {number}",
            ShopState.AUTHORISED, now_us,
        )  # fmt: skip
        token = app.shops.put_token(name, session_only("test"), obtained_us=now_us)
        await app.db.commit([*app.shops.add(shop, Secret("helloworld")), token])


async def _import(app: App, shop: ShopId) -> None:
    """Checks a file of which a third of the rows is faulty."""
    kept = await app.imports.keep(shop, "products.csv", _file(), made_by="bench")
    await app.imports.check(kept.run)


async def _file() -> AsyncIterator[bytes]:
    yield b"outer_id,title,price,stock,category_id\n"
    for number in range(ROWS):
        price = "" if number % 3 == 0 else "129.00"
        yield f"I-{number:05},2026新款法式连衣裙 {number},{price},20,50000671\n".encode()


async def _log(app: App, shop: ShopId) -> None:
    random, now_us = Random(13), app.clock.now_us()
    for number in range(CALLS):
        at_us = now_us - (CALLS - number) * SECOND_US
        app.audit.called(
            CallRecord(
                at_us, 40_000, shop, APP_KEY, random.choice(METHODS), "ok", 0, "", "", sha256(b"").digest()
            )
        )
        if number % (CALLS // ACTS) == 0:
            priced = Act("product.changed", f"{shop}/A", {"price": "9.00"}, {"price": "10.00"})
            app.audit.acted(f"person:{number % 50}", priced)
        if number % 2_000 == 0:
            await app.audit.flush()
    await app.audit.flush()


def _deliveries(file: Path, hook_id: str, shop: ShopId, now_us: int) -> None:
    db = apsw.Connection(str(file))
    with db:
        db.executemany(
            "INSERT INTO hook_delivery (delivery_id, hook_id, type, shop_id, body, state, happened_us, created_us, run_at_us,"
            " attempt, tried_us, ended_us, status) VALUES (?, ?, 'item.changed', ?, '{}', ?, ?, ?, ?, 1, ?, ?, 200)",
            (
                (
                    f"msg_{n:08}",
                    hook_id,
                    shop,
                    "failed" if n % 100 == 0 else "succeeded",
                    *[now_us - n * SECOND_US] * 5,
                )
                for n in range(DELIVERIES)
            ),
        )
    db.close()
