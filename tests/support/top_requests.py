"""Typed requests of any method, filled in with values it may take."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec

from onshelf.platforms.top.catalogue import Param, describe, example, typed
from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Request


def request_type(method: str) -> type[Request[Any]]:
    module, name = REQUESTS[method]
    found: type[Request[Any]] = getattr(import_module(f"onshelf.platforms.top.generated.{module}"), name)
    return found


def argument(param: Param) -> Any:
    """Returns a value of the type a request wants."""
    value = example(param)
    match param.type:
        case "datetime":
            return datetime(2026, 1, 1, tzinfo=UTC)
        case "price":
            return Decimal(value)
        case "bytes":
            return File("a.jpg", b"\xff\xd8\xff")
    if param.is_json and param.list:
        return [value]
    return value


def filled(method: str) -> Request[Any]:
    """Returns a request with every required argument."""
    made = request_type(method)
    names = {field.encode_name: field.name for field in msgspec.structs.fields(made)}
    return made(**{names[one.name]: argument(one) for one in typed()[method].params if one.required})


def given(method: str) -> dict[str, Any]:
    """Returns values for the required parameters of any known method, by their wire names."""
    known = describe(method)
    params = known.params if known else ()
    return {one.name: _value(one) for one in params if one.required}


def _value(param: Param) -> Any:
    if param.is_json:
        inside = {field.name: _value(field) for field in param.fields if field.required}
        return [inside] if param.list else inside
    return argument(param)
