"""Categories, their properties and areas: the slice of the platform's trees that the package carries; data shared, code not.

Data: onshelf/reference/categories.json and areas.json; what is not the platform's own is marked `invented` there.
"""

from functools import cache
from importlib.resources import files

import msgspec

from onshelf.sandbox.wire import Json


class Category(msgspec.Struct, frozen=True):
    """One category; its fields are the wire's."""

    cid: int
    parent_cid: int
    name: str
    is_parent: bool
    sort_order: int
    status: str


class Property(msgspec.Struct, frozen=True):
    """One property of a leaf category."""

    pid: int
    name: str
    must: bool
    multi: bool
    is_sale_prop: bool
    is_color_prop: bool
    is_key_prop: bool
    invented: bool
    values: str  # name of its value list


class _Tree(msgspec.Struct):
    categories: list[Category]
    properties: dict[str, list[Property]]
    values: dict[str, list[tuple[int, str]]]


@cache
def _tree() -> _Tree:
    return msgspec.json.decode(
        files("onshelf.reference").joinpath("categories.json").read_bytes(), type=_Tree
    )


@cache
def categories() -> dict[int, Category]:
    """Returns the shipped categories by id; the platform has some 20,000, this is a slice."""
    return {one.cid: one for one in _tree().categories}


def properties(cid: int) -> list[Property]:
    """Returns the properties of a leaf category; empty when it is not in the slice."""
    return _tree().properties.get(str(cid), [])


def values(prop: Property) -> list[tuple[int, str]]:
    """Returns (vid, name) of the values a property may take."""
    return _tree().values[prop.values]


@cache
def areas() -> list[Json]:
    """Returns countries, provinces and cities, parents first."""
    rows: list[Json] = msgspec.json.decode(files("onshelf.reference").joinpath("areas.json").read_bytes())[
        "areas"
    ]
    return rows


@cache
def carriers() -> list[Json]:
    """Returns the carriers a parcel may go by."""
    rows: list[Json] = msgspec.json.decode(files("onshelf.reference").joinpath("carriers.json").read_bytes())[
        "carriers"
    ]
    return rows
