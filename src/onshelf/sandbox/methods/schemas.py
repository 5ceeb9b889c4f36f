"""taobao.item.*schema*: the older generation's items by schema, for shops of either kind; replaced by alibaba.item.publish.*.

Names of the answers: the official Java SDK of 2016. The documents are those of the newer methods.
"""

from collections.abc import Mapping

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.methods import documents
from onshelf.sandbox.rules import invalid, whole
from onshelf.sandbox.schema.document import write
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json


def _number(call: Call, name: str) -> int:
    """Reads a number whose type in the catalogue is a text; 0 without one. Raises: BusinessError."""
    number = whole(call.get(name, "0"))
    if number is None:
        raise invalid(name, f"{name}须为数字：{call.get(name)}")
    return number


def _item(call: Call) -> Item:
    return call.counter().find(_number(call, "item_id"))


def add_schema_get(call: Call) -> Json:
    """Answers the fields of an item in a category."""
    return {"add_rules": write(documents.fields_of(call, _number(call, "category_id")))}


def schema_add(call: Call) -> Json:
    """Makes an item; its id comes as a text."""
    return {"add_result": str(documents.add(call, _number(call, "category_id"), "xml_data").num_iid)}


def update_schema_get(call: Call) -> Json:
    """Answers the fields of an item with what they hold, in another category when one is named."""
    item = _item(call)
    fields = documents.fields_of(call, _number(call, "category_id") or item.wire["cid"])
    return {"update_rules": write(documents.filled(fields, item.wire))}


def schema_update(call: Call) -> Json:
    """Makes an item what the document says, whole, or with `incremental` only what it names."""
    item, _ = _item(call), _number(call, "category_id")
    edit = documents.edit_part if call.get("incremental") == "true" else documents.edit
    return {"update_result": str(edit(call, item, "xml_data").num_iid)}


def increment_schema_get(call: Call) -> Json:
    """Answers some fields of an item with what they hold: those `update_fields` names by comma, all without it."""
    item = _item(call)
    wanted = [one.strip() for one in call.get("update_fields").split(",") if one.strip()]
    return {
        "update_rules": write(
            documents.filled(documents.fields_of(call, item.wire["cid"]), item.wire, wanted)
        )
    }


def schema_increment_update(call: Call) -> Json:
    """Changes only what the document in `parameters` names."""
    return {"item_id": str(documents.edit_part(call, _item(call), "parameters").num_iid)}


METHODS: Mapping[str, Handler] = {
    "taobao.item.add.schema.get": add_schema_get,
    "taobao.item.schema.add": schema_add,
    "taobao.item.update.schema.get": update_schema_get,
    "taobao.item.schema.update": schema_update,
    "taobao.item.increment.update.schema.get": increment_schema_get,
    "taobao.item.schema.increment.update": schema_increment_update,
}
