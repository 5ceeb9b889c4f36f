"""taobao.itemcats.*, itemprops.get, itempropvalues.get: the category tree and its properties."""

from collections.abc import Mapping

import msgspec

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.categories import Property, categories, children, properties
from onshelf.sandbox.propstrings import required
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.wire import Json, listed

TREE_CHANGED = "2018-07-26 16:10:27"  # when the shipped properties were recorded


def itemcats_get(call: Call) -> Json:
    """Answers children of `parent_cid` (0: the roots) or the named categories; `cids` goes before."""
    if not call.get("cids") and call.get("parent_cid") == "":
        raise invalid("cids", "cids、parent_cid至少传一个")
    if cids := call.get("cids"):
        known = (categories().get(int(one)) for one in cids.split(",") if one.strip().isdecimal())
        chosen = [one for one in known if one is not None]
    else:
        chosen = children(call.number("parent_cid"))
    rows = [msgspec.to_builtins(one) for one in chosen]
    if call.get("fields"):
        rows = [call.pick(row) for row in rows]
    return listed("item_cats", "item_cat", rows)


def itemcats_authorize_get(call: Call) -> Json:
    """Answers the root categories; the sandbox restricts no seller and knows no brands."""
    roots = [msgspec.to_builtins(one) for one in children(0)]
    return {"seller_authorize": {"brands": {}, "item_cats": {"item_cat": roots}}}


_FLAGS = ("is_key_prop", "is_sale_prop", "is_color_prop", "is_enum_prop", "is_input_prop", "is_item_prop")
_DEFAULT = "pid,name,must,multi,prop_values"


def itemprops_get(call: Call) -> Json:
    """Answers the properties of a leaf category, filtered by the flags sent; `must` says what item.add asks for."""
    cid = call.number("cid")
    _check_known(cid)
    names = call.method.pick(call.get("fields", _DEFAULT))
    asked = required(cid, invented_too=call.world.policy.required_props)
    rows = [_property(one, order, must=one in asked) for order, one in enumerate(properties(cid))]
    for flag in _FLAGS:
        if wanted := call.get(flag):
            rows = [row for row in rows if row[flag] is (wanted == "true")]
    if pid := call.number("pid"):
        rows = [row for row in rows if row["pid"] == pid]
    return {
        **listed("item_props", "item_prop", [project(row, names) for row in rows]),
        "last_modified": TREE_CHANGED,
    }


def _check_known(cid: int) -> None:
    if cid not in categories():
        raise invalid("cid", f"类目不存在：{cid}")


def _property(prop: Property, order: int, *, must: bool) -> Json:
    values = [{"name": name, "vid": vid} for vid, name in prop.values]
    return {
        "child_template": "",
        "is_allow_alias": prop.is_sale_prop,
        "is_color_prop": prop.is_color_prop,
        "is_enum_prop": prop.is_enum_prop,
        "is_input_prop": prop.is_input_prop,
        "is_item_prop": prop.is_item_prop,
        "is_key_prop": prop.is_key_prop,
        "is_sale_prop": prop.is_sale_prop,
        "multi": prop.multi,
        "must": must,
        "name": prop.name,
        "parent_pid": 0,
        "parent_vid": 0,
        "pid": prop.pid,
        "prop_values": {"prop_value": values} if values else {},
        "sort_order": order,
        "status": "normal",
    }


def itempropvalues_get(call: Call) -> Json:
    """Answers the values of a category's properties; `pvs` (`pid;pid`) names some of them."""
    cid = call.number("cid")
    _check_known(cid)
    wanted = {part.partition(":")[0] for part in call.get("pvs").split(";") if part}
    rows: list[Json] = [
        {
            "cid": cid,
            "is_parent": False,
            "name": name,
            "name_alias": name,
            "pid": prop.pid,
            "prop_name": prop.name,
            "sort_order": order,
            "status": "normal",
            "vid": vid,
        }
        for prop in properties(cid)
        if not wanted or str(prop.pid) in wanted
        for order, (vid, name) in enumerate(prop.values)
    ]
    picked = [call.pick(row) for row in rows]
    return {**listed("prop_values", "prop_value", picked), "last_modified": TREE_CHANGED}


METHODS: Mapping[str, Handler] = {
    "taobao.itemcats.get": itemcats_get,
    "taobao.itemcats.authorize.get": itemcats_authorize_get,
    "taobao.itemprops.get": itemprops_get,
    "taobao.itempropvalues.get": itempropvalues_get,
}
