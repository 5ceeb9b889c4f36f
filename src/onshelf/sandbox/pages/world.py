"""What is in the sandbox's world, to read and to arrange: items, pictures, the seller's hand, apps, sessions, snapshots."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.bounds import Name, Seconds
from onshelf.sandbox.errors import ApiError, ControlError
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.pages.answer import Id, answer, read, route, whole
from onshelf.sandbox.pages.hand import ON_REFUNDS, ON_TRADES, act_on_trade
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.rules import money
from onshelf.sandbox.seed import open_shop
from onshelf.sandbox.seeded import MOST
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.shelf import FOR_SHELVED, ONSALE, SOLD_OUT, VIOLATION, Item
from onshelf.sandbox.state import DAY_S, App, Session, Shop, World
from onshelf.sandbox.tokens import cancel
from onshelf.sandbox.wire import Json

ON_ITEMS = ("delist", "list", "sell_out", "punish", "delete", "edit", "restock", "copy")
MOST_AT_ONCE = 100_000  # items of one answer


class SellerOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Something the seller, or the platform's staff, does by hand."""

    action: str  # one of ON_ITEMS, ON_TRADES, ON_REFUNDS
    num_iid: Id = Id(0)  # of an item's action
    tid: Id = Id(0)  # ship, close
    refund_id: Id = Id(0)  # agree, refuse
    nick: str = ""  # "" the first shop
    title: str | None = None  # edit
    price: str | None = None  # edit; of an item without skus
    outer_id: str | None = None  # edit
    desc: str | None = None  # edit
    num: int = 100  # restock: of the item, or of each sku


class AppOrder(msgspec.Struct, forbid_unknown_fields=True):
    """An app to add or change."""

    app_key: Name
    app_secret: Name
    denied: list[str] = []  # methods or prefixes it has no permission for
    topics: list[str] = []  # it subscribes to; none: all


class ShopOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A shop to open."""

    nick: Name
    kind: Literal["C", "B"] = "C"  # B: Tmall
    items: int = 0  # it begins with so many, made from the seed


class SessionOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A session to add, or an old one to change; expires_in 0 ends it now, cancel as the seller does."""

    session: str = ""
    app_key: str = ""
    nick: str = ""
    expires_in: Seconds = 365 * DAY_S
    re_expires_in: Seconds | None = None  # 0: cannot be refreshed
    tiers: dict[Literal["r1", "r2", "w1", "w2"], Seconds] = {}  # → seconds from now
    cancel: bool = False


class FileOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Where a snapshot lies; "" is the body itself."""

    file: str = ""


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the world."""
    return WorldPages(platform).routes()


class WorldPages:
    """The pages of one sandbox's world."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self) -> list[BaseRoute]:
        return [
            route("/_sandbox/items", self.items, "GET"),
            route("/_sandbox/pictures", self.pictures, "GET"),
            route("/_sandbox/seller", self.seller, "POST"),
            route("/_sandbox/apps", self.apps, "GET", "POST"),
            route("/_sandbox/shops", self.shops, "GET", "POST"),
            route("/_sandbox/sessions", self.sessions, "GET", "POST"),
            route("/_sandbox/snapshot", self.snapshot, "POST"),
            route("/_sandbox/restore", self.restore, "POST"),
        ]

    async def items(self, request: Request) -> Response:
        """Shows items with how each came to be; deleted ones when asked."""
        self._platform.gateway.settle_all()
        world = self._platform.world
        many = sum(len(shop.shelf.items) for shop in world.shops.values())
        if many > MOST_AT_ONCE and not request.query_params.keys() & {"page", "outer_id"}:
            raise ControlError("page", f"there are {many} items: ask for page=1 and so on")
        found = _paged(request, _matching(world, request))
        return answer([_item(shop.nick, shop.shelf.items[num_iid]) for shop, num_iid in found])

    async def pictures(self, request: Request) -> Response:
        """Shows every picture ever uploaded."""
        spaces = [shop.pictures for shop in self._platform.world.shops.values()]
        found = _paged(request, (one for space in spaces for one in space.rows.values()))
        return answer([msgspec.to_builtins(one) for one in found])

    async def seller(self, request: Request) -> Response:
        """Does something in the seller's name."""
        self._platform.gateway.settle_all()
        order = await read(request, SellerOrder)
        nick = order.nick or self._platform.options.seller_nick
        if nick not in self._platform.world.shops:
            raise ControlError(
                "nick", f"no such shop: {nick}; use one of {', '.join(self._platform.world.shops)}"
            )
        if order.action not in (*ON_ITEMS, *ON_TRADES, *ON_REFUNDS):
            raise ControlError("action", f"use one of {', '.join((*ON_ITEMS, *ON_TRADES, *ON_REFUNDS))}")
        if order.action not in ON_ITEMS:
            world = self._platform.world
            till = Till(world, world.shops[nick], Cause(self._platform.clock.now(), "seller"))
            return answer(act_on_trade(till, order.action, tid=order.tid, refund_id=order.refund_id))
        return answer(_item(nick, _act(self._platform, nick, order)))

    async def apps(self, request: Request) -> Response:
        """Shows apps, or adds one."""
        if request.method == "POST":
            order = await read(request, AppOrder)
            self._platform.world.apps[order.app_key] = App(order.app_key, order.app_secret, order.denied)
            self._platform.world.messages.subscribe(order.app_key, order.topics)
        return answer([msgspec.to_builtins(one) for one in self._platform.world.apps.values()])

    async def shops(self, request: Request) -> Response:
        """Shows shops, or opens one."""
        if request.method == "POST":
            order = await read(request, ShopOrder)
            if order.nick in self._platform.world.shops:
                raise ControlError("nick", f"there is a shop {order.nick} already")
            if not 0 <= order.items <= MOST:
                raise ControlError("items", f"use 0 to {MOST}")
            now = self._platform.clock.now()
            open_shop(self._platform.world, order.nick, now, order.kind, items=order.items)
        return answer([_shop(shop) for shop in self._platform.world.shops.values()])

    async def sessions(self, request: Request) -> Response:
        """Shows sessions, adds one, or changes when one ends."""
        if request.method == "POST":
            _change_session(self._platform, await read(request, SessionOrder))
        return answer([msgspec.to_builtins(one) for one in self._platform.world.sessions.values()])

    async def snapshot(self, request: Request) -> Response:
        """Answers the whole world as bytes, or writes it to a file."""
        order, content = await read(request, FileOrder), self._platform.snapshot()
        if not order.file:
            return Response(content, media_type="application/octet-stream")
        try:
            Path(order.file).write_bytes(content)  # noqa: ASYNC240 a control, nobody waits
        except OSError as error:
            raise ControlError("file", f"cannot write {order.file!r}: {error.strerror}") from error
        return answer({"bytes": len(content), "file": order.file})

    async def restore(self, request: Request) -> Response:
        """Goes back to a snapshot, sent as bytes or named as a file."""
        body = await request.body()
        if body.startswith(b"{"):
            body = _saved_file(await read(request, FileOrder))
        try:
            self._platform.restore(body)
        except msgspec.DecodeError as error:
            raise ControlError("body", f"send the bytes of a snapshot: {error}") from error
        return answer({"shops": list(self._platform.world.shops)})


def _matching(world: World, request: Request) -> Iterator[tuple[Shop, int]]:
    """Yields the items asked for by shop and id; none is made from the seed for it."""
    asked = request.query_params
    status, code, deleted = asked.get("approve_status"), asked.get("outer_id"), asked.get("deleted")
    for shop in world.shops.values():
        if asked.get("nick", shop.nick) != shop.nick:
            continue
        for one in shop.shelf.items.standing() if code is None else shop.shelf.coded(code):
            if (not one.deleted or deleted) and status in (None, one.approve_status):
                yield shop, one.num_iid


T = TypeVar("T")


def _paged(request: Request, rows: Iterable[T]) -> Iterable[T]:
    """Returns the asked page of rows; without `page`, all."""
    if "page" not in request.query_params:
        return rows
    page, size = whole(request, "page", 1), whole(request, "page_size", 100)
    return islice(rows, (page - 1) * size, page * size)


def _shop(shop: Shop) -> Json:
    index = shop.shelf.index
    instock = sum(index.size(bucket) for bucket in (FOR_SHELVED, SOLD_OUT, VIOLATION))
    return {**msgspec.to_builtins(shop.record), "onsale": index.size(ONSALE), "instock": instock}


def _item(nick: str, item: Item) -> Json:
    events = [{**event, "at": _moment(event["at"])} for event in item.events]
    return {
        "num_iid": item.num_iid,
        "outer_id": item.wire["outer_id"],
        "title": item.wire["title"],
        "approve_status": item.wire["approve_status"],
        "banner": "" if item.on_sale else item.banner,
        "price": item.wire["price"],
        "num": item.wire["num"],
        "skus": item.skus,
        "pictures": [image["url"] for image in item.images],
        "nick": nick,
        "deleted": item.deleted,
        "created_by": events[0],
        "events": events,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _act(platform: Platform, nick: str, order: SellerOrder) -> Item:
    """Does what the seller does to an item. Raises: ControlError: no such item, or the platform's own refusal."""
    shop, now = platform.world.shops[nick], platform.clock.now()
    fate = platform.gateway.faults.decide_lag("seller.update", now)
    shop.lag(fate.lag_s, ids=fate.lag_ids)
    counter = Counter(platform.world, shop, Cause(now, "platform" if order.action == "punish" else "seller"))
    try:
        item = counter.find(order.num_iid)
        match order.action:
            case "delist":
                return counter.take_off(item)
            case "list":
                return counter.put_on(item, forgive=True)
            case "sell_out":
                return counter.sell_out(item)
            case "punish":
                return counter.punish(item)
            case "delete":
                return counter.delete(item)
            case "restock":
                return counter.restock(item, order.num)
            case "copy":
                return counter.copy(item)
            case _:
                return counter.change(item, _edits(order))
    except ApiError as refusal:
        raise ControlError("num_iid", f"{order.num_iid}: {refusal.sub_code} {refusal.sub_msg}") from refusal


def _edits(order: SellerOrder) -> Json:
    fields: Json = {
        name: value
        for name in ("title", "price", "outer_id", "desc")
        if (value := getattr(order, name)) is not None
    }
    if not fields:
        raise ControlError("action", "edit needs title, price, outer_id or desc")
    try:
        return fields | ({"price": money(fields["price"])} if "price" in fields else {})
    except ArithmeticError as error:
        raise ControlError("price", f"use a number like 12.50, not {order.price!r}") from error


def _change_session(platform: Platform, order: SessionOrder) -> Session:
    world, now = platform.world, platform.clock.now()
    session = world.sessions.get(order.session)
    if session is None:
        app_key, nick = order.app_key or platform.options.app_key, order.nick or platform.options.seller_nick
        if app_key not in world.apps:
            raise ControlError("app_key", f"no such app: {app_key}; add it at /_sandbox/apps")
        if nick not in world.shops:
            raise ControlError("nick", f"no such shop: {nick}; add it at /_sandbox/shops")
        session = world.add_session(app_key, nick, now, token=order.session)
    session.expires_at = now + order.expires_in
    if order.re_expires_in is not None:
        session.refresh_until = now + order.re_expires_in if order.re_expires_in else 0
    session.tiers = {tier: now + seconds for tier, seconds in order.tiers.items()}
    if order.cancel:
        cancel(world, session, now)
    return session


def _saved_file(order: FileOrder) -> bytes:
    try:
        return Path(order.file).read_bytes()
    except OSError as error:
        raise ControlError("file", f"cannot read {order.file!r}: {error.strerror}") from error
