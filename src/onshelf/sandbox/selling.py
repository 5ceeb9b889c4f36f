"""What can happen to an item, whoever causes it: created, changed, listed, delisted, sold out, punished, deleted.

A transition makes the item's next version and notes its cause. Relisting sets `list_time` and leaves `modified` alone, as recorded
on the platform (top-protocol.md 14), so slices by modified time miss it.
"""

from dataclasses import dataclass
from typing import Any

from onshelf.sandbox import topics
from onshelf.sandbox.clock import read_time, wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.rules import service
from onshelf.sandbox.shelf import NEVER_LISTED, OFF_SHELF, ONSALE, SCHEDULED, SOLD_OUT, VIOLATION, Item
from onshelf.sandbox.state import DAY_S, Shop, World
from onshelf.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Cause:
    """Who did it: a call of an app, the shop's seller by hand, or the clock."""

    at: float  # seconds since the epoch
    actor: str  # call, seller, platform (its staff), clock
    method: str = ""
    request_id: str = ""
    app_key: str = ""
    attempt: int = 0  # of a create: how many creates with this outer_id have arrived so far

    def event(self, what: str, **details: object) -> Json:
        """Returns the note kept with the item."""
        note = {
            "at": self.at,
            "what": what,
            "actor": self.actor,
            "method": self.method,
            "request_id": self.request_id,
        }
        if self.attempt:
            note["attempt"] = self.attempt
        return {**note, "app_key": self.app_key, **details} if self.app_key else {**note, **details}


class Counter:
    """The verbs of one shop's items, all in one cause: the counter a seller works at."""

    def __init__(self, world: World, shop: Shop, cause: Cause) -> None:
        self.world, self.shop, self.cause = world, shop, cause
        self.stamp = wire_time(cause.at)

    def find(self, num_iid: int) -> Item:
        """Returns a living item. Raises: BusinessError when it is unknown or deleted."""
        item = self.shop.shelf.items.get(num_iid)
        if item is None:
            raise BusinessError("isv.item-not-exist:invalid-numIid-or-iid", "商品不存在")
        if item.deleted:
            raise BusinessError("isv.item-is-delete:invalid-numIid-or-iid", "商品已删除")
        return item

    def create(self, wire: Json, *, num_iid: int = 0) -> Item:
        """Keeps a new item, on sale, scheduled or in the warehouse as its fields say."""
        list_time, wanted = wire.pop("list_time", ""), wire["approve_status"]
        number = num_iid or self.world.new_id()
        wire |= {"num_iid": number, "nick": self.shop.nick, "created": self.stamp, "modified": self.stamp}
        wire |= {"list_time": self.stamp, "delist_time": self.stamp, "is_timing": False, "violation": False}
        wire["detail_url"] = f"http://item.taobao.com/item.htm?id={number}"
        for sku in wire.get("skus", {}).get("sku", ()):
            self._stamp_sku(sku, number)
        item = Item(number, NEVER_LISTED, wire, [self.cause.event("created", approve_status=wanted)])
        if self._is_future(list_time):
            return self._schedule(item, list_time)
        if wanted != ONSALE:
            return self._write(item, approve_status="instock")
        return self._put_on_sale(item)

    def _stamp_sku(self, sku: Json, num_iid: int) -> None:
        sku |= {"sku_id": self.world.new_id() + 4_000_000_000_000, "num_iid": num_iid, "status": "normal"}
        sku |= {"created": self.stamp, "modified": self.stamp}

    def _is_future(self, list_time: str) -> bool:
        return bool(list_time) and list_time > self.stamp

    def _write(self, item: Item, banner: str = "", **fields: Any) -> Item:
        version = Item(
            item.num_iid, banner or item.banner, {**item.wire, **fields}, item.events, item.deleted
        )
        return self._keep(version)

    def _keep(self, version: Item) -> Item:
        """Makes this version the truth, and tells the apps that may know what it changes."""
        before = self.shop.shelf.items.get(version.num_iid)
        self.shop.shelf.write(version, self.cause.at)
        if self.world.messages.heard(self.shop.nick):
            for topic, content in topics.of_item(before, version):
                self.world.tell(self.shop.nick, topic, content, self.cause.at)
        return version

    def _put_on_sale(self, item: Item, **fields: Any) -> Item:
        end = self.cause.at + int(item.wire["valid_thru"]) * DAY_S
        until = wire_time(end)
        self.world.later(end, "expire", self.shop.nick, num_iid=item.num_iid, stamp=until)
        times = {"list_time": self.stamp, "delist_time": until, "is_timing": False}
        return self._write(item, ONSALE, approve_status=ONSALE, **times, **fields)

    def _schedule(self, item: Item, list_time: str) -> Item:
        self.world.later(read_time(list_time), "list", self.shop.nick, num_iid=item.num_iid, stamp=list_time)
        return self._write(item, SCHEDULED, approve_status="instock", list_time=list_time, is_timing=True)

    def note(self, item: Item, what: str, **details: object) -> None:
        """Adds an event to the item's history."""
        item.events.append(self.cause.event(what, **details))

    def change(self, item: Item, fields: Json) -> Item:
        """Changes fields; stock and state follow: nothing left is sold out, a list_time ahead takes it off until then."""
        list_time, wanted = fields.pop("list_time", ""), fields.pop("approve_status", "")
        if wanted == ONSALE and not item.on_sale:
            self._check_listable(item, {**item.wire, **fields}["num"])
        self.note(item, "changed", fields=sorted(fields))
        for sku in fields.get("skus", {}).get("sku", ()):
            if "sku_id" not in sku:
                self._stamp_sku(sku, item.num_iid)
        item = self._restocked(item, {**fields, "modified": self.stamp})
        if self._is_future(list_time):
            return self._schedule(item, list_time)
        if wanted == ONSALE or list_time:
            return item if item.on_sale else self.put_on(item)
        return self.take_off(item) if wanted and item.on_sale else item

    def _restocked(self, item: Item, fields: Json) -> Item:
        left = fields.get("num", item.wire["num"])
        if item.on_sale and not left:
            self.note(item, "sold_out")
            return self._write(
                item,
                SOLD_OUT,
                approve_status="instock",
                delist_time=self.stamp,
                **_but(fields, "delist_time"),
            )
        back = OFF_SHELF if item.banner == SOLD_OUT and left else ""
        return self._write(item, back, **fields)

    def put_on(self, item: Item, *, forgive: bool = False, **fields: Any) -> Item:
        """Lists an item; listing one that is listed only sets its times anew. Raises: BusinessError: no stock, punished."""
        self._check_listable(item, {**item.wire, **fields}["num"], forgive=forgive)
        self.note(item, "listed")
        return self._put_on_sale(item, violation=False, **fields)

    def _check_listable(self, item: Item, num: int, *, forgive: bool = False) -> None:
        if not num:
            raise service("listing", "FORBIDDEN_QUANTITY_ZERO_ERROR", "商品数量为0，不能上架")
        if item.banner == VIOLATION and not forgive:
            raise service("listing", "IC_CHECKSTEP_NO_PERMISSION", "违规下架的商品不能上架")

    def take_off(self, item: Item, what: str = "delisted", banner: str = OFF_SHELF) -> Item:
        """Moves an item to the warehouse; a seller taking off what is off already changes nothing."""
        resting = not item.on_sale and item.banner != SCHEDULED
        if item.banner == banner or (resting and banner == OFF_SHELF):
            return item
        self.note(item, what)
        fields = {
            "approve_status": "instock",
            "modified": self.stamp,
            "delist_time": self.stamp,
            "is_timing": False,
        }
        return self._write(item, banner, **fields, violation=banner == VIOLATION)

    def sold(self, num_iid: int, pieces: int) -> None:
        """Counts pieces that were paid for; that is no change of the item, so `modified` stays."""
        item = self.shop.shelf.items.get(num_iid)
        if item is not None and not item.deleted:
            self._write(item, sold_quantity=item.wire.get("sold_quantity", 0) + pieces)

    def sell_out(self, item: Item) -> Item:
        """Sells the last piece of everything."""
        skus = [{**sku, "quantity": 0, "modified": self.stamp} for sku in item.skus]
        fields: Json = {"num": 0, "modified": self.stamp}
        if skus:
            fields["skus"] = {"sku": skus}
        return self._restocked(item, fields)

    def restock(self, item: Item, num: int) -> Item:
        """Sets the stock of the item, or of each of its skus."""
        if not item.skus:
            return self.change(item, {"num": num})
        skus = [{**sku, "quantity": num, "modified": self.stamp} for sku in item.skus]
        return self.change(item, {"num": num * len(skus), "skus": {"sku": skus}})

    def copy(self, item: Item) -> Item:
        """Makes another item like this one, the seller's code included."""
        fields = {name: value for name, value in item.wire.items() if name not in ("list_time", "skus")}
        if item.skus:
            fields["skus"] = {"sku": [dict(sku) for sku in item.skus]}
        return self.create(fields)

    def punish(self, item: Item) -> Item:
        """The platform's staff takes the item off for a violation."""
        return self.take_off(item, "punished", VIOLATION)

    def delete(self, item: Item) -> Item:
        """Deletes for good: no list and no look-up shows it, reads by id say it is deleted."""
        self.note(item, "deleted")
        wire = {**item.wire, "modified": self.stamp, "approve_status": "instock"}
        return self._keep(Item(item.num_iid, item.banner, wire, item.events, deleted=True))

    def settle(self, num_iid: int, kind: str, stamp: str) -> None:
        """Does what the clock brings: a scheduled listing, the end of valid_thru; nothing when the item has moved on."""
        item = self.shop.shelf.items.get(num_iid)
        if item is None or item.deleted:
            return
        if kind == "list" and item.banner == SCHEDULED and item.wire["list_time"] == stamp:
            self.put_on(item) if item.wire["num"] else self.take_off(item)
        elif kind == "expire" and item.on_sale and item.wire["delist_time"] == stamp:
            self.take_off(item, "valid_thru_ended")


def _but(fields: Json, name: str) -> Json:
    return {key: value for key, value in fields.items() if key != name}
