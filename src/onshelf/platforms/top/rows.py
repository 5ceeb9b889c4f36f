"""Lists as the platform writes them. Pure.

A list travels as `{"item": […]}`, simplified as `[…]`, empty as `{}` or not at all; XML of one row has no list at all.
`Rows` is what all of them become. Source: top-protocol 3.1, 3.2, 3.4, 14.
"""

from typing import Any, TypeVar, get_args, get_origin

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
    return Rows(msgspec.convert(listed(found, row), list[row], strict=False, dec_hook=unwrap))  # type: ignore[valid-type]


def listed(found: Any, row: Any) -> list[Any]:
    """Takes a list of `row`s out of whatever holds it."""
    if isinstance(found, dict):
        inner = next(iter(found.values()), None)
        bare = is_struct(row) and not isinstance(inner, dict | list) and inner not in (None, "")
        found = [found] if bare else inner  # samples of 2010 leave the element between list and row out
    if found is None or found == "":
        return []
    return found if isinstance(found, list) else [found]


def is_struct(wanted: Any) -> bool:
    """Tells whether a type is a Struct."""
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)
