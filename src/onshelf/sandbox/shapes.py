"""The methods of which names, types and shapes are known but no limits: the public catalogue beyond the typed 235.

Data: onshelf/reference/all-methods.json.gz, shared with the client; the code is not. It is read when the first of them is called.
"""

import gzip
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from onshelf.sandbox.arguments import Method, catalogue, compiled
from onshelf.sandbox.errors import InvalidMethod
from onshelf.sandbox.wire import Json

_TYPES = {
    "String": "string",
    "Number": "number",
    "BigDecimal": "number",
    "byte": "number",
    "Price": "price",
    "Date": "datetime",
    "Boolean": "boolean",
    "byte[]": "bytes",
}
"""The catalogue's word -> ours. Any other is an object, which travels as JSON."""

_LIMITS = {
    "minValue": "min",
    "maxValue": "max",
    "maxLength": "max_length",
    "maxListSize": "max_list_size",
}


def known(name: str) -> Method:
    """Returns a method of either catalogue. Raises: InvalidMethod.

    Whether one without limits needs a session is not known, so none is asked for.
    """
    method = catalogue().get(name)
    if method is None and name not in _lines():
        raise InvalidMethod
    return method or _read(name)


@lru_cache(maxsize=1024)
def _read(name: str) -> Method:
    raw = msgspec.json.decode(_lines()[name], type=Json)
    params = [_param(one) for one in raw["params"]]
    shape = {"fields": [_field(one) for one in raw["response"]]}
    return compiled(name, {"session": "optional", "params": params, "response": shape})


@cache
def _lines() -> Mapping[str, msgspec.Raw]:
    packed = files("onshelf.reference").joinpath("all-methods.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=dict[str, msgspec.Raw])


def _param(raw: Json) -> Json:
    kind, many = _kind(raw["type"] or "String")
    own = {"name": raw["name"], "required": raw.get("required", False), "type": kind or "json"}
    limits = {ours: raw[theirs] for theirs, ours in _LIMITS.items() if theirs in raw}
    return {**own, **limits, "list": many and bool(kind)}


def _field(raw: Json) -> Json:
    kind, many = _kind(raw["type"] or "String")
    return {"name": raw["name"], "type": kind or "object", "list": many, "fields": raw.get("fields", [])}


def _kind(written: str) -> tuple[str, bool]:
    """Returns our word for a type, "" for an object, and whether there are many of it."""
    if written in _TYPES:
        return _TYPES[written], False
    return _TYPES.get(written.removesuffix("[]").strip(), ""), written.endswith("[]")
