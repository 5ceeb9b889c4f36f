"""Lists as the platform writes them, and values of another type than the catalogue's. Pure.

A list travels as `{"item": […]}`, simplified as `[…]`, empty as `{}` or not at all; XML of one row has no list at all.
`Rows` is what all of them become. Source: top-protocol 3.1, 3.2, 3.4, 14.
"""

from collections.abc import Iterator
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

T = TypeVar("T")


class Rows(tuple[T, ...]):
    """A list of a reply; empty when the platform sent none."""

    __slots__ = ()


def unwrap(wanted: Any, found: Any) -> Any:
    """Decodes what msgspec has no own type for: `Rows`, in any of its forms (a `dec_hook`)."""
    if get_origin(wanted) is not Rows:
        raise NotImplementedError(f"no way to decode {wanted}")
    (row,) = get_args(wanted)
    return Rows(msgspec.convert(_listed(found, row), list[row], strict=False, dec_hook=unwrap))  # type: ignore[valid-type]


def _listed(found: Any, row: Any) -> list[Any]:
    """Takes a list of `row`s out of whatever holds it."""
    if isinstance(found, dict):
        inner = next(iter(found.values()), None)
        bare = _is_struct(row) and not isinstance(inner, dict | list) and inner not in (None, "")
        found = [found] if bare else inner  # samples of 2010 leave the element between list and row out
    if found is None or found == "":
        return []
    return found if isinstance(found, list) else [found]


def _is_struct(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)


def mend(found: Any, wanted: Any) -> Any:
    """Returns a decoded value with numbers as texts where texts are wanted, and without the empty texts that XML has for
    whatever is empty.

    The platform is not of one mind about types (an id, a price, a flag). This is the slow way, for replies that do not fit.
    """
    if wanted is str:
        return found if isinstance(found, str) else _text(found)
    if _is_struct(wanted):
        if isinstance(found, dict):
            return dict(_mended(found, wanted))
        return {} if found == "" else found
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _mend_any(found, get_args(wanted))
    if origin is Rows:
        (row,) = get_args(wanted)
        return [mend(one, row) for one in _listed(found, row)]
    if origin is list and isinstance(found, list):
        return [mend(row, get_args(wanted)[0]) for row in found]
    return found


def _mend_any(found: Any, wanted: tuple[Any, ...]) -> Any:
    """Mends for a union, which is always one type or None."""
    (only, *others) = [one for one in wanted if one is not NoneType]
    return found if others else mend(found, only)


def _mended(found: dict[str, Any], wanted: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    """Yields the known fields that can be read; what cannot counts as not sent, unless it must be there."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    for name, value in found.items():
        field = fields.get(name)
        if field is None or value is None or (value == "" and not _is_text(field.type)):
            continue
        if field.required or _fits(value, field.type):
            yield name, mend(value, field.type)


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
