"""Asks the platform who a shop is, how far its clock is from ours, and what the app may call: a few reads, nothing changed."""

from dataclasses import dataclass

import msgspec

from onshelf.errors import Error, PlatformError
from onshelf.platforms.port import Lane, Send, ShopRef
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind

SELLER = "taobao.user.seller.get"
READS: tuple[tuple[str, dict[str, str]], ...] = (
    ("taobao.items.onsale.get", {"fields": "num_iid", "page_no": "1", "page_size": "1"}),
    ("taobao.items.inventory.get", {"fields": "num_iid", "page_no": "1", "page_size": "1"}),
    ("taobao.picture.get", {"page_no": "1", "page_size": "1"}),
)
"""Reads that stand for the permission packages listing and watch need."""


class _User(msgspec.Struct):
    user_id: int = 0
    nick: str = ""


class _SellerReply(msgspec.Struct):
    user: _User


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe found."""

    nick: str  # "" when the platform did not tell
    seller_id: int  # 0 when the platform did not tell
    offset_us: int | None  # the platform's clock minus ours; None: it did not answer
    allowed: tuple[str, ...]  # methods that answered
    faults: tuple[tuple[str, Error], ...]  # method and why not, with its remedy

    @property
    def is_well(self) -> bool:
        """Tells whether everything that was asked was answered."""
        return not self.faults


METHODS = ("taobao.time.get", SELLER, *(method for method, _ in READS))
"""What a probe asks, in order."""


async def probe(client: TopClient, shop: ShopRef, *, not_after_us: int | None = None) -> Health:
    """Probes a shop with at most five calls. Raises nothing of the platform: what went wrong stands in `faults`.

    `not_after_us`: until when calls may wait for the quota; None: as long as the client is patient.
    """
    send = Send(not_after_us=not_after_us)
    offset_us, user = None, _User()
    allowed: list[str] = []
    faults: list[tuple[str, Error]] = []
    try:
        offset_us = await client.learn_clock(shop, send)
    except PlatformError as error:
        faults.append(("taobao.time.get", error))
    try:
        user = await _seller(client, shop, send)
        allowed.append(SELLER)
    except PlatformError as error:
        faults.append((SELLER, error))
    for method, params in READS:
        try:
            await client.call(method, params, dict, shop=shop, kind=Kind.READ, lane=Lane.POLLS, send=send)
            allowed.append(method)
        except PlatformError as error:
            faults.append((method, error))
    return Health(user.nick, user.user_id, offset_us, tuple(allowed), tuple(faults))


async def _seller(client: TopClient, shop: ShopRef, send: Send) -> _User:
    fields = {"fields": "user_id,nick"}
    answer = await client.call(
        SELLER, fields, _SellerReply, shop=shop, kind=Kind.READ, lane=Lane.POLLS, send=send
    )
    return answer.value.user
