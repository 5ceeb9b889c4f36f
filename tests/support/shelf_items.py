"""Items on a shelf for tests of the service, and what watching sees of them."""

from dataclasses import replace
from typing import Any

from service import Service

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.store import add_item
from onshelf.events import ItemChanged
from onshelf.ids import ShopId
from onshelf.shops.shop import ShopState
from onshelf.store.db import Write
from onshelf.watch import store
from onshelf.watch.compare import Nomination, Verdict
from onshelf.watch.store import Decision

AT_US = 1_790_000_000_000_000
ITEM = Item("shop-a", 101, 1, State.ONSALE, Reason.LISTED, "A-1", "连衣裙 春", None, 5, AT_US, AT_US, AT_US)


def item(item_id: int, **fields: Any) -> Item:
    """Makes an item on sale; later ids changed later."""
    given = {"outer_id": f"A-{item_id}", "changed_us": AT_US + item_id, **fields}
    return replace(ITEM, item_id=item_id, **given)


async def keep(service: Service, *items: Item) -> None:
    """Records items."""
    await service.app.db.commit([add_item(one) for one in items])


async def unauthorise(service: Service, name: str) -> None:
    """Makes a shop one that no seller has agreed to yet."""
    forget = Write("DELETE FROM shop_token WHERE shop_id = ?", (name,))
    await service.app.db.commit([forget, service.app.shops.set_state(ShopId(name), ShopState.NEW)])


async def sold_out(service: Service, one: Item, took_s: float = 2.5) -> ItemChanged:
    """Lets watching see that an item has sold out."""
    seen_us = one.changed_us + 60_000_000
    gone = replace(one, version=2, state=State.INSTOCK, reason=Reason.SOLD_OUT, changed_us=seen_us)
    change = ItemChanged(
        one.shop_id,
        one.item_id,
        2,
        one.outer_id,
        one.title,
        "onsale",
        "instock",
        "sold_out",
        seen_us - round(took_s * 1e6),
        seen_us,
        False,
        "push",
    )
    await store.settle(
        service.app.db, one.shop_id, [Decision(Nomination(one.item_id, "push"), Verdict(gone, change), 1)]
    )
    return change
