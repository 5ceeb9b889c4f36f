"""Property strings of item.add and item.update (`pid:vid;pid:vid`, typed-in values, aliases) against their category. Pure.

Source: reference/top-methods.md 2 and 6.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from onshelf.sandbox.categories import Property, by_pid, properties
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.rules import invalid, mismatch, service, whole

INPUT_BYTES = 3_999
ALIAS_CHARS = 800
_PAIR = re.compile(r"(\d{1,18}):(-?\d{1,18})\Z", re.ASCII)
_ALIAS = re.compile(r"\d{1,18}:-?\d{1,18}:[^;:]+\Z")

Pairs = list[tuple[int, int]]


def read_pairs(text: str) -> Pairs:
    """Reads `pid:vid;pid:vid`. Raises: BusinessError naming the pair that is none."""
    found: Pairs = []
    for pair in text.strip(";").split(";") if text.strip(";") else ():
        match = _PAIR.match(pair)
        if match is None:
            raise invalid("props", f"属性串格式应为pid:vid;pid:vid，不正确：{pair}")
        found.append((int(match[1]), int(match[2])))
    return found


def check_strings(wire: Mapping[str, Any], verb: str, *, invented_too: bool) -> None:
    """Checks an item's property strings as they would stand; `invented_too` asks for invented properties as well.

    Raises: BusinessError, the first rule broken; `verb` is add or update.
    """
    pairs, cid = read_pairs(wire.get("props", "")), int(wire["cid"])
    typed = read_typed(wire)
    _check_values(pairs, by_pid(cid), verb)
    given = {pid for pid, _ in pairs}.union(typed)
    for prop in required(cid, invented_too=invented_too):
        if prop.pid not in given and not (prop.is_sale_prop and _in_skus(prop.pid, wire)):
            raise service(verb, "ITEM_PROPERTIES_ERROR", f"缺少必填属性：{prop.name}({prop.pid})")
    _check_aliases(wire.get("property_alias", ""))


@lru_cache(maxsize=1024)
def required(cid: int, *, invented_too: bool) -> tuple[Property, ...]:
    """Returns the properties an item of a category must have, sales properties among them."""
    return tuple(one for one in properties(cid) if one.must and (invented_too or not one.invented))


def _in_skus(pid: int, wire: Mapping[str, Any]) -> bool:
    """Tells whether every sku has a value of a property; a value of the seller's own need not stand in the item's properties."""
    rows = wire.get("skus", {}).get("sku", ())
    return bool(rows) and all(f";{pid}:" in f";{row['properties']}" for row in rows)


def read_typed(wire: Mapping[str, Any]) -> dict[int, str]:
    """Reads input_pids and input_str. Raises: BusinessError when they do not match."""
    pids = [one for one in str(wire.get("input_pids", "")).split(",") if one]
    text = str(wire.get("input_str", ""))
    if not pids and not text:
        return {}
    if len(text.encode()) > INPUT_BYTES:
        raise invalid("input_str", f"input_str不能超过{INPUT_BYTES}字节")
    values = text.split(",") if text else []
    if len(pids) != len(values):
        raise mismatch("input_pids", "input_str", "input_pids和input_str的个数必须一致")
    numbers = [number for pid in pids if (number := whole(pid.strip())) is not None]
    if len(numbers) != len(pids):
        raise invalid("input_pids", f"属性ID须为数字：{','.join(pids)}")
    return dict(zip(numbers, values, strict=True))


def _check_values(pairs: Pairs, known: Mapping[int, Property], verb: str) -> None:
    """Checks values of recorded properties; an unknown property may be real, and a negative value is the seller's own."""
    chosen: dict[int, int] = {}
    for pid, vid in pairs:
        prop = known.get(pid)
        if prop is None or prop.invented:
            continue
        if prop.values and vid > 0 and not prop.is_input_prop and prop.value(vid) is None:
            raise service(verb, "ITEM_PROPERTIES_ERROR", f"属性{prop.name}没有这个值：{pid}:{vid}")
        if not (prop.multi or prop.is_sale_prop) and chosen.setdefault(pid, vid) != vid:
            raise service(verb, "ITEM_PROPERTIES_ERROR", f"属性{prop.name}只能选一个值")


def _check_aliases(text: str) -> None:
    if len(text) > ALIAS_CHARS:
        raise invalid("property_alias", f"属性别名不能超过{ALIAS_CHARS}个字符")
    for one in text.strip(";").split(";") if text.strip(";") else ():
        if not _ALIAS.match(one):
            raise invalid("property_alias", f"属性别名格式应为pid:vid:alias，不正确：{one}")


def permission(verb: str, cid: int) -> BusinessError:
    """Returns the refusal of a category the seller may not publish in. Source: top-protocol.md 4.4."""
    return service(verb, "ERROR_PUBLISH_PERMISSION_INVALID", f"没有在类目{cid}发布商品的权限")
