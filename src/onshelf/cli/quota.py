"""`onshelf quota`: what may be called now, what the day has left, and what that means for people."""

import math

import click

from onshelf.cli.door import opens_app
from onshelf.cli.out import Out
from onshelf.guard.audit import calls_since
from onshelf.platforms.port import Lane
from onshelf.watch.plan import detection_s
from onshelf.wiring import App, pace, seed_quotas

CALLS_A_PRODUCT = 2.1  # a picture, the item, and shared look-ups and read-backs


@click.command("quota")
@opens_app
async def quota(app: App, out: Out) -> None:
    await seed_quotas(app)
    day_ago_us = app.clock.now_us() - 86_400_000_000
    told, rows = [], []
    for shop in await app.shops.list():
        free = app.platform.free(shop.ref(), Lane.LISTING)
        used = len(await calls_since(app.db, shop.app_key, day_ago_us))
        products = None if free.today is None else int(free.today / CALLS_A_PRODUCT)
        detected_s = round(detection_s(pace(app.settings), app.settings["quota_per_day"]), 1)
        told.append(
            {
                "shop": shop.shop_id,
                "app_key": shop.app_key,
                "limits": free.limits,
                "used_24h": used,
                "left_today": free.today,
                "per_second": None if math.isinf(free.per_second) else round(free.per_second, 3),
                "products_today": products,
                "detection_s": detected_s,
            }
        )
        rows.append(
            (shop.shop_id, shop.app_key, "; ".join(free.limits), used, free.today, products, detected_s)
        )
    out.table(
        ["shop", "app_key", "limits", "used_24h", "left_today", "products_today", "detection_s"],
        rows,
        right=("used_24h", "left_today", "products_today", "detection_s"),
    )
    out.data(told)
