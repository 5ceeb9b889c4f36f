"""A service with one of each thing that a path of the API can name, so that every route is really entered."""

from datetime import timedelta
from typing import Any

import aiohttp
from jobs_made import job
from service import Service
from shelf_items import item, keep

from onshelf.clock import SECOND_US, from_us
from onshelf.events import ShopTrouble
from onshelf.store import log

PRODUCT = {"title": "连衣裙 2026 夏季新款 收腰显瘦", "price": "59.00", "stock": 5}
HOOK = {"url": "https://erp.example.com/onshelf"}
CHANNEL = {
    "channel": "erp",
    "kind": "webhook",
    "config": {**HOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
}


CLOSURE = {
    "name": "lang",  # a setting is called so too: both stand as `name` in a path
    "begins": "2099-01-01T00:00:00Z",
    "ends": "2099-01-02T00:00:00Z",
    "methods": ["taobao.item.add"],
}
FILE = "商家编码,标题,价格,库存\nB-1,连衣裙,59.00,5\nB-2,,abc,5\n"


async def furnish(service: Service) -> dict[str, str]:
    """Makes one of each; returns the name of each path parameter with an id that there is."""
    await keep(service, item(1))
    found = {
        "shop": "shop-a",
        "app_key": "12345678",
        "outer_id": "A-1",
        "item_id": "1",
        "job": await job(service),
    }
    await service.api("PUT", "/shops/shop-a/products/A-1", json=PRODUCT)
    found["channel"] = (await made(service, "/channels", **CHANNEL))["channel"]
    found["silence"] = (await silenced(service))["silence"]
    found["name"] = (await made(service, "/closures", **CLOSURE))["name"]
    found["import_id"] = await taken_in(service)
    await made(service, "/invitations", role="viewer", name="guest")
    found["invitation"] = (await service.api("GET", "/invitations")).json["items"][0]["invitation"]
    found["key"] = (await made(service, "/keys", name="reader", role="viewer"))["key"]
    found["webhook"] = (await made(service, "/webhooks", **HOOK))["webhook"]
    await trouble(service)
    messages = (await service.api("GET", f"/webhooks/{found['webhook']}/deliveries")).json["items"]
    found["delivery"] = messages[0]["delivery"]
    found["alert"] = (await service.api("GET", "/alerts")).json["items"][0]["alert"]
    async with service.browser("fuzz"):
        pass
    found["person"] = (await service.api("GET", "/people")).json["items"][0]["person"]
    return found


async def made(service: Service, path: str, **body: Any) -> dict[str, Any]:
    """Makes one thing over the API."""
    answer = await service.api("POST", path, json=body)
    assert answer.status in (200, 201), answer.text
    told: dict[str, Any] = answer.json
    return told


async def silenced(service: Service) -> dict[str, Any]:
    """Keeps the news of some alerts back for a day."""
    until = from_us(service.app.clock.now_us()) + timedelta(days=1)
    return await made(service, "/silences", shop="shop-a", cause="sold_out", until=until.isoformat())


async def taken_in(service: Service) -> str:
    """Brings a file in that has a faulty row; returns the id of the import."""
    form = aiohttp.FormData()
    form.add_field("file", FILE.encode(), filename="products.csv")
    answer = await service.api("POST", "/shops/shop-a/imports", data=form)
    assert answer.json["faulty"], answer.text
    return str(answer.json["import_id"])


async def trouble(service: Service) -> None:
    """Lets something happen that makes an alert and a message to the webhook."""
    now_us = service.app.clock.now_us() + SECOND_US
    event = ShopTrouble("shop-a", "probe", "probe_failed", over=False, loud=True, what="x", at_us=now_us)
    await service.app.db.commit([log.append(event, now_us)])
    await service.app.alerts.read()
    await service.app.hooks.read()
