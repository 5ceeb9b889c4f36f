"""A pushed message makes the kept replies untrue that it tells of, on its whole way from the inbox to the cache."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from onshelf.clock import SystemClock
from onshelf.ids import AppKey, ShopId
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.port import Lane
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.transport import AsgiTransport
from onshelf.pushing import Pushing
from onshelf.sandbox.launch import in_process
from onshelf.settings import Secret, read_settings
from onshelf.shops.push.sealing import sealed
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.store import log
from onshelf.store.log import Message
from onshelf.wiring import App, open_app

SHOP = Shop(
    ShopId("店"),
    "taobao",
    AppKey("12345678"),
    "http://sandbox/router/rest",
    "",
    "",
    "",
    ShopState.AUTHORISED,
    0,
)
ITEMS = ("taobao.items.onsale.get", {"fields": "num_iid"})
TRADES = ("taobao.trades.sold.get", {"fields": "tid"})
REFUNDS = ("taobao.refunds.receive.get", {"fields": "refund_id"})
READS = (ITEMS, TRADES, REFUNDS)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[App]:
    """Opens an app whose shop is in the sandbox, and hands on what is in its inbox."""
    clock, stop = SystemClock(), asyncio.Event()
    transport = AsgiTransport(in_process(clock), clock)
    async with open_app(
        read_settings({"home": str(home)}, {}), clock=clock, random=Random(1), transport=transport
    ) as app:
        token = app.shops.put_token(SHOP.shop_id, session_only("test"), obtained_us=clock.now_us())
        await app.db.commit([*app.shops.add(SHOP, Secret("helloworld")), token])
        pushing = Pushing(
            app.settings,
            shops=app.shops,
            vault=app.vault,
            client=app.client,
            watcher=app.watcher,
            alerts=LocalWaker(),
            clock=clock,
            random=Random(2),
        )
        handing_on = asyncio.create_task(pushing.run(stop, None))
        yield app
        stop.set()
        await handing_on


async def asked_at(app: App, read: tuple[str, dict[str, str]]) -> int:
    """Returns when the reply was asked for that a reader is given who accepts a kept one."""
    answer = await app.client.call(
        *read, dict[str, Any], shop=SHOP.ref(), kind=Kind.READ, lane=Lane.POLLS, max_age_s=None
    )
    return answer.asked_us


@pytest.mark.parametrize(
    ("topic", "stale", "true"),
    [
        ("taobao_item_ItemUpdate", [ITEMS], [TRADES, REFUNDS]),
        ("taobao_trade_TradeBuyerPay", [TRADES], [REFUNDS]),
        ("taobao_refund_RefundCreated", [REFUNDS, TRADES], [ITEMS]),
    ],
)
async def test_what_a_message_tells_of_is_asked_for_again(
    home: Path, topic: str, stale: list[tuple[str, dict[str, str]]], true: list[tuple[str, dict[str, str]]]
) -> None:
    async with opened(home) as app:
        before = [await asked_at(app, read) for read in READS]
        assert before == [await asked_at(app, read) for read in READS]

        told = Message("12345678", "default", "1", topic, b'{"num_iid":11223344,"tid":1}', app.clock.now_us())
        await app.db.commit(log.keep([sealed(app.vault, told)]))

        async with asyncio.timeout(60):
            for read in stale:
                while await asked_at(app, read) == before[READS.index(read)]:  # noqa: ASYNC110 nothing tells when it was heard of
                    await asyncio.sleep(0.02)
        assert [await asked_at(app, read) for read in true] == [before[READS.index(read)] for read in true]
