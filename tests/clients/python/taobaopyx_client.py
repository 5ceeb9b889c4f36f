"""PyPI taobaopyx: the asynchronous cousin of taobaopy, on an httpx of 2020."""

import asyncio
import sys
from typing import Any

from lines import Order, Refused, serve
from taobaopyx.taobao import AsyncTaobaoAPIClient, TaobaoAPIError

DOMAIN = sys.argv[1].removesuffix("/router/rest")


async def ask(order: Order) -> Any:
    client = AsyncTaobaoAPIClient(app_key=order.app_key, app_secret=order.secret, domain=DOMAIN)
    session = {"session": order.session} if order.session else {}
    try:
        return await getattr(client, order.method)(**order.params, **order.opened(), **session)
    except TaobaoAPIError as refusal:
        raise Refused(refusal.code, refusal.sub_code) from refusal
    finally:
        await client.aclose()


def call(order: Order) -> Any:
    return asyncio.run(ask(order))


serve(call)
