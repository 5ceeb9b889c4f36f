"""What making a call twice does: nothing, the same again, or a second time. Pure.

The platform says it of no method. The last word of a name tells most of it; where it would mislead, a table below corrects it.
Whatever is not clearly harmless counts as a create, which the client never repeats without an answer.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from onshelf.platforms.top.outcomes import Kind

_READS = frozenset({"get", "search", "count", "query", "list", "check", "getall", "find", "detail"})
_WRITES = frozenset(
    {"update", "delete", "listing", "delisting", "upshelf", "downshelf", "cancel", "permit", "tmall"}
)
_READS_ALL_THE_SAME = re.compile(
    r"taobao\.universalbp\.report\.query\..*|taobao\.openuid\.get\..*|taobao\.user\.openuid\.getbyorder"
    r"|tmall\.product\.schema\.match|taobao\.tmc\.msg\.sendrecord"
)
"""Reads whose names do not end like one."""
_BEGINS_A_TASK = re.compile(r"taobao\.topats\.(?!result\.|tasks\.).*\.get")
"""Called get, but each call asks for one more bulk task. Source: top-methods 5, asynchronous tasks."""
_STOCK = re.compile(r"quantity|inventory|stock|\.incr\.")
"""Stock of methods nobody has described may be added to: alibaba.icbu.product.inventory.update takes an `operate`."""
ADDING: Mapping[str, str] = {
    "taobao.item.quantity.update": "type=2",
    "taobao.skus.quantity.update": "type=2",
    "taobao.fenxiao.product.quantity.update": "type=2",
    "tmall.item.quantity.update": 'options={"type":2}',
}
"""Methods that set a quantity -> the argument with which they add to it. Source: top-methods 2; the catalogue's own parameters."""
_SETS = (None, "", 1, "1")


def kind_of(method: str, params: Mapping[str, str]) -> Kind:
    """Tells what repeating a call would do."""
    last = method.rpartition(".")[2]
    if _BEGINS_A_TASK.fullmatch(method):
        return Kind.CREATE
    if last in _READS or _READS_ALL_THE_SAME.fullmatch(method):
        return Kind.READ
    if last not in _WRITES:
        return Kind.CREATE
    if method in ADDING:
        return Kind.WRITE if _type(params) in _SETS else Kind.CREATE
    return Kind.CREATE if _STOCK.search(method) else Kind.WRITE


def _type(params: Mapping[str, str]) -> Any:
    """Returns the type of a change of stock, wherever the method takes it; unreadable options count as an unknown type."""
    if not params.get("options"):
        return params.get("type")
    try:
        return msgspec.json.decode(params["options"], type=dict[str, Any]).get("type")
    except msgspec.MsgspecError:
        return "unreadable"
