"""Replies whose values are of other types than the catalogue says, put right before they are decoded again. Pure.

The platform is not of one mind about types: an id, a price, a flag comes as a number here and as a text there, XML has an
empty text for whatever is empty, and `"null"` has been seen. Source: top-protocol 14.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from onshelf.platforms.top.rows import Rows, is_struct, listed


def mend(found: Any, wanted: Any) -> Any:
    """Returns a decoded value in the shape that is wanted: numbers as texts, rows as lists, nothing for what is empty."""
    if wanted is str:
        return found if isinstance(found, str) else _text(found)
    if is_struct(wanted):
        if isinstance(found, dict):
            return dict(_mended(found, wanted))
        return {} if found == "" else found
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _mend_any(found, get_args(wanted))
    if origin is Rows:
        (row,) = get_args(wanted)
        return [mend(one, row) for one in listed(found, row)]
    if origin is list and isinstance(found, list):
        return [mend(row, get_args(wanted)[0]) for row in found]
    return found


def _mend_any(found: Any, wanted: tuple[Any, ...]) -> Any:
    """Mends for a union, which is always one type or None."""
    (only, *others) = [one for one in wanted if one is not NoneType]
    return found if others else mend(found, only)


def _mended(found: dict[str, Any], wanted: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    """Yields the known fields; what is empty or cannot be read counts as not sent where None can say so."""
    fields = _fields(wanted)
    for name, value in found.items():
        field = fields.get(name)
        if field is None:
            continue
        told = value.strip() if isinstance(value, str) and not _is_text(field.type) else value
        strict = field.required or field.type in _SCALARS
        if strict or (not _is_empty(told, field.type) and _fits(told, field.type)):
            yield name, mend(told, field.type)


@cache
def _fields(wanted: type[msgspec.Struct]) -> Mapping[str, FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(wanted)}


def _is_empty(value: Any, wanted: Any) -> bool:
    return value is None or (value == "" and not _is_text(wanted))


def _fits(value: Any, wanted: Any) -> bool:
    """Tells whether a number, amount or flag can be read: `"null"` has been seen for one."""
    if get_origin(wanted) is Rows or not _SCALARS & {wanted, *get_args(wanted)}:
        return True
    try:
        msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError:
        return False
    return True


_SCALARS = {int, float, bool, Decimal}


def _is_text(wanted: Any) -> bool:
    return str in (wanted, *get_args(wanted))


def _text(found: Any) -> Any:
    """Writes a scalar as the platform would have, an object as JSON; None stays None."""
    if found is None:
        return None
    return msgspec.json.encode(found).decode()
