"""The sandbox's world: apps, shops, sessions and what is due later; plain data that can be saved and loaded whole."""

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from onshelf.sandbox.market.crowd import Market
from onshelf.sandbox.market.ledger import Ledger
from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.trade import Trade
from onshelf.sandbox.pictures import Folder, Picture, PictureSpace
from onshelf.sandbox.policy import Policy
from onshelf.sandbox.seeded import FIRST_ID, MOST, Seeded, Spec
from onshelf.sandbox.shelf import Item, Shelf
from onshelf.sandbox.tmc.exchange import Exchange, SavedExchange
from onshelf.sandbox.wire import Json, base36

DAY_S = 86400
FIRST_USER = 2_200_000_000  # user ids of sellers; smaller numbers are those of buyers


class App(msgspec.Struct):
    """A developer's application."""

    app_key: str
    app_secret: str
    denied: list[str] = []  # method names or prefixes (`taobao.trade.*`) it has no permission package for


class ShopRecord(msgspec.Struct):
    """A seller and the shop: everything of it that is not items or pictures."""

    nick: str
    user_id: int
    kind: str = "C"  # C Taobao, B Tmall: business sub-codes then end in -tmall
    seller_cats: list[Json] = []
    templates: list[Json] = []  # delivery templates
    created: str = "2016-01-01 12:00:00"
    seeded: Spec | None = None  # items the seed makes, beside those that are kept


class Session(msgspec.Struct):
    """An authorisation of one seller for one app."""

    token: str
    refresh_token: str
    app_key: str
    nick: str
    created_at: float
    expires_at: float
    refresh_until: float  # 0: cannot be refreshed
    tiers: dict[str, float] = {}  # r1 r2 w1 w2 → end; absent: as long as the session


class AuthCode(msgspec.Struct):
    """What the authorise page hands out: one use, ten minutes."""

    app_key: str
    nick: str
    expires_at: float
    redirect_uri: str = ""  # the browser was sent back to; "" it was shown


class Due(msgspec.Struct, order=True, frozen=True):
    """Something that happens by itself at a time: a scheduled listing, an end of valid_thru, work of a call that was cut."""

    at: float
    seq: int
    kind: str  # list, expire, call; trade, refund, buyer, market
    nick: str = ""
    num_iid: int = 0  # or the number of the trade or refund
    stamp: str = ""  # list: the item's list_time; expire: its delist_time; another by then → nothing to do
    call: Json = {}


class Saved(msgspec.Struct):
    """The whole world as one value."""

    apps: dict[str, App]
    shops: dict[str, ShopRecord]
    sessions: dict[str, Session]
    codes: dict[str, AuthCode]
    items: dict[str, list[Item]]
    pictures: dict[str, list[Picture]]
    folders: dict[str, list[Folder]]
    due: list[Due]
    last_id: int
    messages: SavedExchange = msgspec.field(default_factory=SavedExchange)
    trades: dict[str, list[Trade]] = {}
    refunds: dict[str, list[Refund]] = {}
    market: Market = msgspec.field(default_factory=Market)
    policy: Policy = msgspec.field(default_factory=Policy)
    products: list[Json] = []  # of all sellers, oldest first


class Shop:
    """One shop with its shelf, picture space and trades."""

    def __init__(
        self, record: ShopRecord, shelf: Shelf, pictures: PictureSpace, ledger: Ledger | None = None
    ) -> None:
        self.record = record
        self.nick = record.nick
        self.shelf = shelf
        self.pictures = pictures
        self.ledger = ledger or Ledger()

    def lag(self, seconds: float, *, ids: bool = False) -> None:
        """Sets how late the next write shows in lists and look-ups, and whether reads by id lag too."""
        self.shelf.lag_s = self.pictures.lag_s = seconds
        self.shelf.lag_ids = ids

    def settle(self, now: float) -> None:
        """Lets lists and look-ups take in what is due by now."""
        self.shelf.settle(now)
        self.pictures.settle(now)


@dataclass
class Stats:
    """Counts since the start or the last reset."""

    calls: int = 0
    writes: int = 0
    by_method: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)


class World:
    """All state of the sandbox. Methods change it; nothing here knows HTTP."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.stats = Stats()
        self.messages = Exchange()
        # (nick, outer_id) → creates that arrived, answered or not
        self.attempts: dict[tuple[str, str], int] = {}
        self.load(Saved({}, {}, {}, {}, {}, {}, {}, [], 600_000_000_000))

    def load(self, saved: Saved) -> None:
        """Replaces everything by a saved world."""
        self.apps, self.sessions, self.codes = saved.apps, saved.sessions, saved.codes
        self.refreshable = {one.refresh_token: one.token for one in saved.sessions.values()}
        self.due = list(saved.due)
        heapq.heapify(self.due)
        self._last_id, self.market, self.policy = saved.last_id, saved.market, saved.policy
        self.products = saved.products
        self.messages.load(saved.messages)
        # A loaded world must not hand out the tokens of its first life again.
        self.random = random.Random(f"{self.seed}/{saved.last_id}/{len(saved.sessions)}/{len(saved.codes)}")
        self._last_due = max((one.seq for one in saved.due), default=0)
        self.shops = {
            nick: Shop(
                record,
                _shelf(record, saved.items.get(nick, ())),
                PictureSpace(record.user_id, saved.pictures.get(nick, ()), saved.folders.get(nick, ())),
                Ledger(saved.trades.get(nick, ()), saved.refunds.get(nick, ())),
            )
            for nick, record in saved.shops.items()
        }

    def save(self) -> Saved:
        """Returns everything as one value; what lists have not seen yet they will see after loading."""
        shops = self.shops.values()
        return Saved(
            apps=self.apps,
            shops={shop.nick: shop.record for shop in shops},
            sessions=self.sessions,
            codes=self.codes,
            items={shop.nick: list(shop.shelf.items.kept.values()) for shop in shops},
            pictures={shop.nick: list(shop.pictures.rows.values()) for shop in shops},
            folders={shop.nick: list(shop.pictures.folders.values()) for shop in shops},
            trades={shop.nick: list(shop.ledger.trades) for shop in shops},
            refunds={shop.nick: list(shop.ledger.refunds) for shop in shops},
            market=self.market,
            policy=self.policy,
            products=self.products,
            due=self.due,
            last_id=self._last_id,
            messages=self.messages.save(),
        )

    def new_id(self) -> int:
        """Returns the next number; ids of items, skus, shops and folders stay below 2^53."""
        self._last_id += 1
        return self._last_id

    def request_id(self) -> str:
        """Returns a short lower-case base-36 id."""
        return base36(self.random.getrandbits(60) | 1 << 59)

    def later(
        self, at: float, kind: str, nick: str, *, num_iid: int = 0, stamp: str = "", call: Json | None = None
    ) -> None:
        """Notes something that happens by itself at a time."""
        self._last_due += 1
        heapq.heappush(self.due, Due(at, self._last_due, kind, nick, num_iid, stamp, call or {}))

    def take_due(self, now: float) -> Iterable[Due]:
        """Yields and removes what is due by now, in order of time."""
        while self.due and self.due[0].at <= now:
            yield heapq.heappop(self.due)

    def tell(self, nick: str, topic: str, content: Json, at: float) -> int:
        """Pushes what happened in a shop at `at` to every app its seller permitted; returns how many queues got it."""
        return self.messages.tell(nick, self.shops[nick].record.user_id, topic, content, at)

    def add_shop(
        self,
        nick: str,
        kind: str = "C",
        *,
        items: int = 0,
        start: float = 0.0,
        seller_cats: Iterable[Json] = (),
    ) -> Shop:
        """Opens a shop with so many seeded items, the first of them listed at `start`, some in its own categories."""
        place = len(self.shops)
        record = ShopRecord(nick=nick, user_id=FIRST_USER + place, kind=kind, seller_cats=[*seller_cats])
        if items:
            cids = tuple(one["cid"] for one in record.seller_cats)
            record.seeded = Spec(items, FIRST_ID + place * MOST, self.seed + place, start, cids)
        shop = self.shops[nick] = Shop(record, _shelf(record), PictureSpace(record.user_id))
        return shop

    def add_session(
        self,
        app_key: str,
        nick: str,
        now: float,
        *,
        token: str = "",
        expires_in: float = 365 * DAY_S,
        refresh_in: float = 365 * DAY_S,
    ) -> Session:
        """Authorises an app for a seller. Tokens look like the platform's and end with the seller's id."""
        owner = self.shops[nick].record.user_id
        token = token or f"6200{self.random.getrandbits(160):040x}{owner}"
        refresh = f"6201{self.random.getrandbits(160):040x}{owner}"
        until = now + refresh_in if refresh_in else 0
        session = Session(token, refresh, app_key, nick, now, now + expires_in, until)
        self.sessions[token] = session
        self.refreshable[refresh] = token
        return session


def _shelf(record: ShopRecord, items: Iterable[Item] = ()) -> Shelf:
    return Shelf(items, Seeded(record.seeded, record.nick) if record.seeded else None)
