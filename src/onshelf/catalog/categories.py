"""The sales properties that a leaf category offers, as recorded in 2018 for 7,710 leaves; the platform may offer others by now.

Data: onshelf/reference/properties.json.gz, read when first asked for.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec


@dataclass(frozen=True, slots=True)
class Offered:
    """A sales property of a category."""

    property_id: int
    name: str
    is_colour: bool = False
    required: bool = False
    takes_own: bool = True  # values of the seller's own beside the platform's


class _Recorded(msgspec.Struct):
    # pid, name, must, multi, colour, key, enum, input, item
    kinds: list[tuple[int, str, bool, bool, bool, bool, bool, bool, bool]]
    leaves: dict[int, list[tuple[int, str]]]  # category → (kind, name of its values)


@cache
def _recorded() -> _Recorded:
    packed = files("onshelf.reference").joinpath("properties.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=_Recorded)


@cache
def offered_by(category_id: int | None) -> tuple[Offered, ...]:
    """Returns a leaf's sales properties in the platform's order; none when the category is not known."""
    kinds = [_recorded().kinds[kind] for kind, _ in _recorded().leaves.get(category_id or 0, ())]
    return tuple(
        Offered(pid, name, colour, required, own) for pid, name, required, _, colour, _, _, own, _ in kinds
    )
