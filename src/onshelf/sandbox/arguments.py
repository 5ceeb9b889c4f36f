"""The catalogue of methods and the argument checks compiled from it: types, limits, enums, list sizes. Pure.

Data: onshelf/reference/methods.json, shared with the client; the code is not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from onshelf.sandbox.clock import read_time
from onshelf.sandbox.errors import InvalidArguments, MissingArguments
from onshelf.sandbox.wire import Json, read_json, root_name

Check = Callable[[Any], bool]  # text (or bytes) → may it pass

_INTEGER = re.compile(r"-?\d{1,19}\Z", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,10})?\Z", re.ASCII)
_PRICE = re.compile(r"\d{1,15}(?:\.\d{1,2})?\Z", re.ASCII)
_COUNTS = frozenset(("integer", "number"))
_BOOLEANS = frozenset(("true", "false"))


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the catalogue."""

    name: str
    root: str  # root key of its reply
    session: str  # yes, no, optional
    required: tuple[str, ...]  # in the catalogue's order
    checks: Mapping[str, Check]
    uploads: frozenset[str]  # names of file parameters
    fields: frozenset[str]  # of the list or object it returns; empty: not known
    empty: Json  # its reply when there is nothing to say

    def check(self, text: Mapping[str, str], uploads: Mapping[str, memoryview]) -> None:
        """Checks presence, then form, in the catalogue's and the caller's order. Unknown parameters pass; a file is no
        text, nor a text a file.

        Raises: MissingArguments, InvalidArguments.
        """
        for name in self.required:
            if not text.get(name, "").strip() and name not in uploads:
                raise MissingArguments(name)
        for name, value in text.items():
            check = self.checks.get(name)
            if check is not None and value and (name in self.uploads or not check(value)):
                raise InvalidArguments(name)
        for name, content in uploads.items():
            if name in self.checks and (name not in self.uploads or not self.checks[name](content)):
                raise InvalidArguments(name)

    def pick(self, fields: str) -> tuple[str, ...]:
        """Reads a `fields` parameter: names this method can return, alphabetical; selectors without plural are understood."""
        return _pick(fields, self.fields)


_PLURALS = {"sku": "skus", "item_img": "item_imgs", "prop_img": "prop_imgs", "video": "videos"}


@cache
def _pick(fields: str, allowed: frozenset[str]) -> tuple[str, ...]:
    names = set()
    for part in fields.split(","):
        name = part.strip().partition(".")[0]
        name = _PLURALS.get(name, name)
        if not allowed or name in allowed:
            names.add(name)
    return tuple(sorted(names))


def project(row: Mapping[str, Any], names: tuple[str, ...]) -> Json:
    """Returns only the asked fields of a row; a field the row lacks is left out, never null."""
    return {name: row[name] for name in names if name in row}


@cache
def catalogue() -> Mapping[str, Method]:
    """Returns the methods whose limits are known, by name."""
    raw = msgspec.json.decode(files("onshelf.reference").joinpath("methods.json").read_bytes())
    return {name: compiled(name, entry) for name, entry in raw.items() if name != "_meta"}


def compiled(name: str, entry: Json) -> Method:
    """Compiles a method from its entry, in the form of methods.json."""
    params = entry.get("params", [])
    return Method(
        name=name,
        root=root_name(name),
        session=entry["session"],
        required=tuple(one["name"] for one in params if one["required"]),
        checks={one["name"]: _check(one) for one in params},
        uploads=frozenset(one["name"] for one in params if one["type"] == "bytes"),
        fields=_returned(entry["response"]["fields"]),
        empty=_empty(entry["response"]["fields"]),
    )


def _returned(fields: list[Json]) -> frozenset[str]:
    inner = [one for one in fields if one.get("fields")]
    return frozenset(child["name"] for child in inner[0]["fields"]) if inner else frozenset()


def _empty(fields: list[Json]) -> Json:
    """A method without behaviour answers its counts as 0 and nothing else: an empty list at the root has no key."""
    has_list = any(one.get("list") for one in fields)
    return {one["name"]: 0 for one in fields if has_list and one["type"] in _COUNTS and not one.get("list")}


def _check(param: Json) -> Check:
    """Compiles one parameter's rules into one test of its text."""
    kind = param["type"]
    if kind == "bytes":
        most = param.get("max_length", param.get("max_bytes"))  # None: its method may have a limit of its own
        return lambda content: most is None or len(content) <= most
    if param.get("wire") == "JSON" or kind == "json":
        return _is_json
    if param.get("list") or "max_list_size" in param or "max_items_documented" in param:
        return _list_check(param)
    return _scalar_check(param)


def _list_check(param: Json) -> Check:
    most = int(param.get("max_list_size") or param.get("max_items_documented") or 1000)
    separator = ";" if param["name"].endswith("_quantities") else ","
    each = _scalar_check(param) if param.get("list") else None

    def check(text: str) -> bool:
        parts = text.strip(separator).split(separator)
        return len(parts) <= most and (each is None or all(each(part.strip()) for part in parts))

    return check


def _scalar_check(param: Json) -> Check:
    tests = [_TYPES.get(param["type"], _is_text)]
    if "enum" in param:
        allowed = frozenset(str(one) for one in param["enum"])
        tests.append(lambda text: text in allowed)
    if "enum_columns" in param:
        orders = frozenset(
            f"{column}{way}" for column in param["enum_columns"] for way in ("", ":asc", ":desc")
        )
        tests.append(lambda text: text in orders)
    if "max_length" in param:
        longest = int(param["max_length"])
        tests.append(lambda text: len(text) <= longest)
    if param["type"] in ("integer", "number", "price") and ("min" in param or "max" in param):
        low, high = param.get("min", float("-inf")), param.get("max", float("inf"))
        read = int if param["type"] == "integer" else float
        tests.append(lambda text: low <= read(text) <= high)
    if len(tests) == 1:
        return tests[0]
    return lambda text: all(test(text) for test in tests)


def _is_text(_text: str) -> bool:
    return True


def _is_integer(text: str) -> bool:
    return _INTEGER.match(text) is not None and -(1 << 63) <= int(text) < 1 << 63


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _is_price(text: str) -> bool:
    return _PRICE.match(text) is not None


def _is_boolean(text: str) -> bool:
    return text in _BOOLEANS


def _is_datetime(text: str) -> bool:
    try:
        read_time(text)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        read_json(text, object)
    except msgspec.DecodeError:
        return False
    return True


_TYPES: Mapping[str, Check] = {
    "integer": _is_integer,
    "number": _is_number,
    "price": _is_price,
    "boolean": _is_boolean,
    "datetime": _is_datetime,
}
