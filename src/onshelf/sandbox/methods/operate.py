"""alibaba.item.operate.*: the newer generation's list, delist and delete."""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.methods.items import list_one
from onshelf.sandbox.wire import Json


def upshelf(call: Call) -> Json:
    """Lists an item; without a quantity its stock stays."""
    counter = call.counter()
    item = counter.find(call.number("item_id"))
    list_one(counter, item, call.number("quantity", item.wire["num"]))
    return {"result": "success"}


def downshelf(call: Call) -> Json:
    """Takes an item off the shelf."""
    counter = call.counter()
    counter.take_off(counter.find(call.number("item_id")))
    return {"result": "success"}


def delete(call: Call) -> Json:
    """Deletes an item."""
    counter = call.counter()
    counter.delete(counter.find(call.number("item_id")))
    return {"result": "success"}


METHODS: Mapping[str, Handler] = {
    "alibaba.item.operate.upshelf": upshelf,
    "alibaba.item.operate.downshelf": downshelf,
    "alibaba.item.operate.delete": delete,
}
