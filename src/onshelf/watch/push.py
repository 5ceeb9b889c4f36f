"""Names the items that pushed messages are about, and has them read by id at once. A message decides nothing.

Source: top-protocol 6.8 (topics and contents).
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from onshelf.catalog.item import Item, State
from onshelf.catalog.store import known_items
from onshelf.clock import Clock
from onshelf.ids import ShopId
from onshelf.platforms.port import Bucket
from onshelf.store.db import Database, Write
from onshelf.store.log import Message
from onshelf.watch import store
from onshelf.watch.compare import Nomination

EVIDENCE = "push"
TOPICS = "taobao_item_"

_CLAIMS: dict[str, tuple[State | None, Bucket | None]] = {
    "ItemAdd": (None, None),
    "ItemUpshelf": (State.ONSALE, None),
    "ItemDownshelf": (State.INSTOCK, None),
    "ItemDelete": (State.DELETED, None),
    "ItemUpdate": (None, None),
    "ItemZeroStock": (State.INSTOCK, None),
    "ItemPunishDownshelf": (State.INSTOCK, Bucket.VIOLATION),
    "ItemPunishDelete": (State.DELETED, None),
    "ItemPunishCc": (None, None),
}
"""Topics that may tell of an item's state: the state they claim (None: any), and the list it should stand in."""
_STOCK = "ItemStockChanged"


class _Content(msgspec.Struct):
    """What matters of a content; ids and numbers come as numbers or as texts."""

    num_iid: int
    num: int | None = None


_contents = msgspec.json.Decoder(_Content, strict=False)


def word(topic: str, content: bytes) -> tuple[Nomination, State | None] | None:
    """Reads which item a message names and which state it claims; None: it tells nothing of an item's state."""
    name = topic.removeprefix(TOPICS)
    if name not in _CLAIMS and name != _STOCK:
        return None
    try:
        told = _contents.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if name == _STOCK:
        return (Nomination(told.num_iid, EVIDENCE), State.INSTOCK) if told.num == 0 else None
    state, bucket = _CLAIMS[name]
    return Nomination(told.num_iid, EVIDENCE, bucket, gone=state is State.DELETED), state


def is_news(claimed: State | None, record: Item | None) -> bool:
    """Tells whether a claim calls for an id read: our record says otherwise, is in doubt, or nothing is claimed."""
    return record is None or claimed is None or bool(record.doubt) or record.state is not claimed


class PushedItems:
    """Takes the messages about items: names the items, and looks at once."""

    def __init__(self, db: Database, clock: Clock, look: Callable[[ShopId], Awaitable[None]]) -> None:
        """`look`: reads what is named of a shop. What it leaves named, the next look at the shop takes up."""
        self._db = db
        self._clock = clock
        self._look = look

    async def writes(self, shop_id: ShopId, messages: Sequence[Message]) -> list[Write]:
        """Returns the nominations of a shop; the last message about an item counts, and what we know already is left out."""
        words = [word(one.topic, one.content) for one in messages]
        last = {told[0].item_id: told for told in words if told}
        known = await known_items(self._db, shop_id, list(last))
        now_us = self._clock.now_us()
        return [
            store.name_now(shop_id, named, now_us)
            for named, claimed in last.values()
            if is_news(claimed, known.get(named.item_id))
        ]

    async def act(self, shop_id: ShopId) -> None:
        await self._look(shop_id)
