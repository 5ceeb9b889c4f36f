"""What the features ask of a platform, in small protocols, and the values that cross this border.

Prices are `Decimal` yuan, times aware UTC datetimes or `_us` integers, ids our own names (`item_id`); wire names stay
inside each platform's folder. Every verb raises the `PlatformError` family and nothing else (`errors.py`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

import msgspec

from onshelf.ids import ItemId, ShopId, SkuId


class Lane(StrEnum):
    """Priority of a call when quota is short, highest first."""

    TRADES = "trades"
    STOCK = "stock"
    LISTING = "listing"
    POLLS = "polls"


class Shelf(StrEnum):
    """The two states the platform itself knows (`approve_status`)."""

    ONSALE = "onsale"
    INSTOCK = "instock"


class Bucket(StrEnum):
    """A list of the platform an item can stand in; in the warehouse it tells why (`banner` of items.inventory.get)."""

    ONSALE = "onsale"
    SCHEDULED = "regular_shelved"
    NEVER_LISTED = "never_on_shelf"
    TAKEN_OFF = "off_shelf"
    SOLD_OUT = "sold_out"
    VIOLATION = "violation_off_shelf"


@dataclass(frozen=True, slots=True)
class SkuDraft:
    """One variant to publish."""

    properties: str  # "pid:vid;pid:vid"
    price: Decimal  # yuan, two decimals
    stock: int
    outer_id: str  # "" for none


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a listing says, as it shall stand on the platform."""

    outer_id: str
    title: str
    price: Decimal  # yuan, two decimals
    stock: int  # the sum of the skus when there are any
    category_id: int
    description: str  # HTML
    condition: str  # state of goods: "new", "second", "unused"
    province: str
    city: str
    delivery_template_id: int | None = None  # None: the seller pays, no template
    properties: str = ""  # "pid:vid;pid:vid", sales properties included
    property_alias: str = ""  # "pid:vid:text;…"
    input_pids: str = ""  # typed-in properties, comma list
    input_str: str = ""
    skus: tuple[SkuDraft, ...] = ()
    pictures: tuple[str, ...] = ()  # picture-space paths, main picture first
    shop_category_ids: tuple[int, ...] = ()
    list_time: datetime | None = None  # scheduled listing


@dataclass(frozen=True, slots=True)
class SeenSku:
    """One variant as the platform shows it."""

    sku_id: SkuId
    properties: str
    price: Decimal
    stock: int
    outer_id: str


class SeenItem(msgspec.Struct, frozen=True):
    """An item as one reply showed it. Fields that were not asked for or not sent are None."""

    item_id: ItemId
    asked_us: int  # our clock, before the call
    answered_us: int  # our clock, after the reply
    outer_id: str | None = None
    title: str | None = None
    price: Decimal | None = None
    stock: int | None = None
    shelf: Shelf | None = None
    violation: bool | None = None
    scheduled: bool | None = None  # is_timing
    category_id: int | None = None
    created: datetime | None = None
    modified: datetime | None = None
    list_time: datetime | None = None
    delist_time: datetime | None = None  # planned end of the listing period, no proof of delisting
    skus: tuple[SeenSku, ...] | None = None
    pictures: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list of the platform."""

    bucket: Bucket
    page: int = 1  # from 1
    page_size: int = 200  # 1..200
    modified_from: datetime | None = None  # warehouse buckets only
    modified_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a list answered."""

    items: tuple[SeenItem, ...]
    total: int  # rows of the whole list as the platform counts them


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the picture space."""

    picture_id: int
    path: str  # relative address, what a listing names
    title: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ShopRef:
    """Which shop calls, through which app. Tokens are asked for at each call (`Sessions`), never carried."""

    shop_id: ShopId
    app_key: str
    gateway: str


class CallRecord(msgspec.Struct, frozen=True):
    """One attempt on the wire as observers see it: digests only, never a parameter's value."""

    at_us: int  # when it was sent
    took_us: int
    shop_id: str
    app_key: str
    method: str
    outcome: str  # "ok", "not_sent", "unanswered", "refused"
    platform_code: int  # 0 when there is none
    sub_code: str
    request_id: str
    request_digest: bytes  # SHA-256 of method and application parameters, the same over all attempts
    lane: str = ""  # what it was for; empty: not told

    @property
    def counts(self) -> bool:
        """Tells whether it reached the platform, refusals for quota included, so that the platform may count it."""
        return self.outcome != "not_sent" or self.platform_code != 0


class Observer(Protocol):
    """Hears of every attempt; must not wait."""

    def called(self, record: CallRecord) -> None: ...


class Sessions(Protocol):
    """Gives a live session for a shop, refreshing it when it is due."""

    async def session(self, shop_id: ShopId) -> str:
        """Returns the token; raises SessionExpired when only a person can renew it."""
        ...

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        """Is told that the platform refused this session; returns whether another one is there to try.

        `tier`: it was refused for calls of one tier only.
        """
        ...


BeforeSend = Callable[[], Awaitable[None]]
"""Awaited after the quota slot is taken and just before each attempt's send: the place of the fence, so it must bear being
repeated when an attempt was not sent, or was refused before any work (a ban, a dead session). Raising gives the slot back."""


@dataclass(frozen=True, slots=True)
class Send:
    """How a write is to go out."""

    not_after_us: int | None = None  # our clock; a slot that comes later raises NotSent
    before_send: BeforeSend | None = None


AT_ONCE = Send()


class Publishing(Protocol):
    """Writes of one shop. Every verb raises Unanswered when the outcome is unknown; none repeats by itself."""

    async def create(self, draft: Draft, *, shelf: Shelf, send: Send = AT_ONCE) -> ItemId:
        """Makes an item; not idempotent."""
        ...

    async def update(
        self, item_id: ItemId, draft: Draft, *, fields: frozenset[str], send: Send = AT_ONCE
    ) -> None:
        """Sets the named `Draft` fields of an item to absolute values ("price" and "stock" include the skus)."""
        ...

    async def list_item(self, item_id: ItemId, *, stock: int, send: Send = AT_ONCE) -> None: ...

    async def delist(self, item_id: ItemId, *, send: Send = AT_ONCE) -> None: ...

    async def delete(self, item_id: ItemId, *, send: Send = AT_ONCE) -> None: ...


class Items(Protocol):
    """Reads of one shop."""

    async def get_items(self, item_ids: Sequence[ItemId]) -> tuple[SeenItem, ...]:
        """Reads at most 20 items whole; ids the platform does not know are silently absent."""
        ...

    async def find_by_codes(self, outer_ids: Sequence[str]) -> tuple[SeenItem, ...]:
        """Finds the items that carry any of at most 40 codes; a code may have several items, or none."""
        ...

    async def get_slice(self, wanted: Slice) -> Page:
        """Reads a page of a list: ids, shelf, title, outer_id, price, stock, modified, list_time."""
        ...


class Pictures(Protocol):
    """The picture space of one shop."""

    async def upload(self, content: bytes, *, title: str, file_name: str, send: Send = AT_ONCE) -> Picture:
        """Stores a picture; not idempotent (the same bytes make a second picture)."""
        ...

    async def find_pictures(self, title_start: str) -> tuple[Picture, ...]:
        """Finds pictures whose title begins so."""
        ...


NAMELESS = "id:"
"""How the data id of a message begins for which the platform tells none: its first delivery's id stands for it."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One delivery of a message that a platform pushes."""

    delivery_id: int | None  # what confirms it; None: it cannot be confirmed
    data_id: str  # the same in every delivery of a message, unless it is NAMELESS
    topic: str  # "" when it could not be read
    content: bytes  # JSON, or as it came when it could not be read
    user_id: str = ""  # the seller it is about; "" when not told
    nick: str = ""


class Push(Protocol):
    """Messages of one app and consumer group, at least once each: what is not confirmed comes again."""

    async def ready(self) -> None:
        """Returns once it is certain that messages can come. Raises the PlatformError family."""
        ...

    async def receive(self) -> Sequence[PushMessage]:
        """Waits for messages: at least one. After an error this source gives no more."""
        ...

    async def confirm(self, delivery_ids: Sequence[int]) -> None:
        """Says that deliveries are kept and need not come again; over a socket it is sent, not answered."""
        ...

    async def close(self) -> None: ...


class ShopPort(Publishing, Items, Pictures, Protocol):
    """All a feature may do with one shop, at one priority."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A span of time, as on promotion days, in which the platform shuts some methods or wants fewer calls of them.

    It holds for all apps, since the platform announces it for everybody.
    """

    name: str
    from_us: int  # our clock
    to_us: int
    methods: tuple[str, ...]  # `*` stands for any text
    per_minute: int = 0  # calls of an app a minute over all these methods; 0: none at all

    @property
    def scope(self) -> str:
        return f"closure:{self.name}"

    def covers(self, method: str) -> bool:
        return any(fnmatchcase(method, pattern) for pattern in self.methods)


@dataclass(frozen=True, slots=True)
class Free:
    """What the quota would let go now, as a value for planners."""

    now: int  # calls that may go at once
    per_second: float  # sustained while the day's quota lasts; inf: no limit shorter than a day
    today: int | None  # calls left of the day; None: no daily limit
    limits: tuple[str, ...] = ()  # each limit in words, for people
    per_day: int | None = None  # calls of any day; None: no daily limit
    closures: tuple[Closure, ...] = ()  # that are on or to come


class Platform(Protocol):
    """A platform's client: makes ports."""

    def for_shop(self, shop: ShopRef, lane: Lane) -> ShopPort: ...

    def free(self, shop: ShopRef, lane: Lane) -> Free: ...
