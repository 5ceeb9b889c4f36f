"""A shop's leave-taking as every door has it: what goes with it and what is in doubt, and its removal."""

from onshelf.listing.store import count_doubts
from onshelf.shops import register
from onshelf.shops.register import Leaving
from onshelf.shops.shop import Shop
from onshelf.wiring import App


async def leaving(app: App, shop: Shop) -> Leaving:
    """Tells what goes with a shop; changes nothing."""
    return await register.leaving(app.shops, app.schedules, shop, await count_doubts(app.db, shop.shop_id))


async def retire(app: App, shop: Shop, *, force: bool = False) -> Leaving:
    """Removes a shop and tells what went with it: token and secret, looks, open jobs, standing alerts; durable.

    Products, items, intents, history and the audit log stay, so that one added again lists nothing twice.
    Raises InDoubt while writes of it are in doubt, unless forced; Conflict when it is gone already.
    """
    gone = await leaving(app, shop)
    now_us = app.clock.now_us()
    await register.remove(app.shops, app.schedules, app.sessions, shop, gone, now_us=now_us, force=force)
    app.wakers.alerts.wake()
    return gone
