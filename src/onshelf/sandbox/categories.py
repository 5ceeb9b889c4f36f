"""The platform's category tree, the sales properties of its leaves, and the item properties they ask for.

Read when first asked for. Data: onshelf/reference/categories.json.gz and properties.json.gz (recorded),
item-properties.json (invented where it says so).
"""

import gzip
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

import msgspec


class Category(msgspec.Struct, frozen=True):
    """One category; its fields are the wire's."""

    cid: int
    parent_cid: int
    name: str
    is_parent: bool
    sort_order: int
    status: str = "normal"


class Property(msgspec.Struct, frozen=True):
    """One property of a leaf category."""

    pid: int
    name: str
    must: bool
    multi: bool
    is_color_prop: bool
    is_key_prop: bool
    is_enum_prop: bool
    is_input_prop: bool  # takes a value of the seller's own
    is_item_prop: bool
    is_sale_prop: bool
    values: tuple[tuple[int, str], ...]  # (vid, name); empty: free text, or not recorded
    invented: bool = False

    def value(self, vid: int) -> str | None:
        """Returns a value's name; None when it is not among those known."""
        return next((name for one, name in self.values if one == vid), None)


class _Tree(msgspec.Struct):
    cid: list[int]
    parent_cid: list[int]
    name: list[str]
    sort_order: list[int]


class _Sales(msgspec.Struct):
    kinds: list[tuple[int, str, bool, bool, bool, bool, bool, bool, bool]]
    leaves: dict[int, list[tuple[int, str]]]  # cid → (kind, name of its values)
    values: dict[str, tuple[tuple[int, str], ...]]


class _Asked(msgspec.Struct):
    pid: int
    name: str
    must: bool
    key: bool
    input: bool
    values: str
    invented: bool


class _Items(msgspec.Struct):
    roots: dict[int, str]
    sets: dict[str, list[_Asked]]
    values: dict[str, tuple[tuple[int, str], ...]]


def _packed(name: str) -> bytes:
    return gzip.decompress(files("onshelf.reference").joinpath(name).read_bytes())


@cache
def categories() -> dict[int, Category]:
    """Returns every known category by id, parents first; newer ones of the platform are missing."""
    tree = msgspec.json.decode(_packed("categories.json.gz"), type=_Tree)
    parents = frozenset(tree.parent_cid)
    rows = zip(tree.cid, tree.parent_cid, tree.name, tree.sort_order, strict=True)
    return {cid: Category(cid, parent, name, cid in parents, order) for cid, parent, name, order in rows}


@cache
def _children() -> dict[int, list[Category]]:
    found: dict[int, list[Category]] = {}
    for one in sorted(categories().values(), key=lambda one: one.sort_order):
        found.setdefault(one.parent_cid, []).append(one)
    return found


def children(parent_cid: int) -> list[Category]:
    """Returns the categories right below one, 0 for the roots, in their order."""
    return _children().get(parent_cid, [])


def root(cid: int) -> int:
    """Returns the root above a category, itself when it is one; 0 when it is not known."""
    category = categories().get(cid)
    while category is not None and category.parent_cid:
        cid, category = category.parent_cid, categories().get(category.parent_cid)
    return cid if category is not None else 0


@cache
def _sales() -> _Sales:
    return msgspec.json.decode(_packed("properties.json.gz"), type=_Sales)


@cache
def _items() -> _Items:
    return msgspec.json.decode(
        files("onshelf.reference").joinpath("item-properties.json").read_bytes(), type=_Items
    )


@cache
def properties(cid: int) -> tuple[Property, ...]:
    """Returns the properties of a leaf, item properties first; none when the category is no known leaf."""
    category = categories().get(cid)
    if category is None or category.is_parent:
        return ()
    asked = _items().sets.get(_items().roots.get(root(cid), ""), [])
    return tuple(map(_item_property, asked)) + tuple(
        _sales_property(_sales().kinds[kind], values) for kind, values in _sales().leaves.get(cid, ())
    )


@lru_cache(maxsize=1024)
def by_pid(cid: int) -> Mapping[int, Property]:
    """Returns the properties of a leaf by their ids."""
    return {one.pid: one for one in properties(cid)}


@lru_cache(maxsize=1024)
def in_words(cid: int) -> Mapping[str, str]:
    """Returns `property:value` for every `pid:vid` of a leaf."""
    return {f"{one.pid}:{vid}": f"{one.name}:{name}" for one in properties(cid) for vid, name in one.values}


def _item_property(asked: _Asked) -> Property:
    return Property(
        asked.pid,
        asked.name,
        asked.must,
        multi=False,
        is_color_prop=False,
        is_key_prop=asked.key,
        is_enum_prop=bool(asked.values),
        is_input_prop=asked.input,
        is_item_prop=True,
        is_sale_prop=False,
        values=_items().values.get(asked.values, ()),
        invented=asked.invented,
    )


def _sales_property(kind: tuple[int, str, bool, bool, bool, bool, bool, bool, bool], values: str) -> Property:
    return Property(*kind, is_sale_prop=True, values=_sales().values.get(values, ()))
