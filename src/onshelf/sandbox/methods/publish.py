"""alibaba.item.publish.*, alibaba.item.edit.*: the newer generation's way to make and change items, by schema."""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.methods import documents
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.schema.document import write
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json


def market_get(call: Call) -> Json:
    """Answers the markets the seller may publish to."""
    return {"markets": documents.market(call)}


def schema_get(call: Call) -> Json:
    """Answers the fields of an item in a category."""
    documents.check_market(call)
    return {"result": write(documents.fields_of(call, call.number("cat_id")))}


def props_get(call: Call) -> Json:
    """Answers the field of one property, with the values it has beside those already chosen; none here depends on others."""
    documents.check_market(call)
    documents.document(call, "schema")
    wanted = {f"prop_{call.text['prop_id']}", f"in_prop_{call.text['prop_id']}"}
    fields = documents.fields_of(call, call.number("cat_id"))
    inner = (one for field in fields for one in (field, *field.fields))
    chosen = tuple(one for one in inner if one.id in wanted)
    if not chosen:
        raise invalid("prop_id", f"类目没有这个属性：{call.text['prop_id']}")
    return {"result": write(chosen)}


def submit(call: Call) -> Json:
    """Makes an item of a filled-in schema."""
    documents.check_market(call)
    item = documents.add(call, call.number("cat_id"), "schema")
    return {
        "create_time": item.wire["created"],
        "item_id": item.num_iid,
        "market": documents.market(call),
    }


def edit_schema_get(call: Call) -> Json:
    """Answers the fields of an item with what they hold; `fields` names some of them."""
    item = documents.own_item(call)
    fields = documents.fields_of(call, item.wire["cid"])
    wanted = [one.strip() for one in call.get("fields").split(",") if one.strip()]
    return {"result": write(documents.filled(fields, item.wire, wanted))}


def edit_submit(call: Call) -> Json:
    """Makes an item what the schema says, whole."""
    return _edited(call, documents.edit(call, documents.own_item(call), "schema"))


def edit_fastupdate(call: Call) -> Json:
    """Changes only what the schema names."""
    return _edited(call, documents.edit_part(call, documents.own_item(call), "schema"))


def _edited(call: Call, item: Item) -> Json:
    return {
        "item_id": item.num_iid,
        "market": documents.market(call),
        "update_time": item.wire["modified"],
    }


METHODS: Mapping[str, Handler] = {
    "alibaba.item.publish.market.get": market_get,
    "alibaba.item.publish.schema.get": schema_get,
    "alibaba.item.publish.props.get": props_get,
    "alibaba.item.publish.submit": submit,
    "alibaba.item.edit.schema.get": edit_schema_get,
    "alibaba.item.edit.submit": edit_submit,
    "alibaba.item.edit.fastupdate": edit_fastupdate,
}
