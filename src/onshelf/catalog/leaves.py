"""The leaf categories of the platform by name, as recorded: found by words, and guessed from a title. Pure.

Data: onshelf/reference/categories.json.gz (public dump of 2017-05), read when first asked for. The platform may have other
leaves by now, and may not permit a shop all of them: a number that is not known here is as good as one that is.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

_BETWEEN = re.compile(r"[/、·()（）\s]+")
_LONGEST_PART, _LEAST_PART = 10, 2  # characters
_FOR_WHOM = ("女", "男", "童", "婴")
_SPECIAL = (
    "专用",
    "闲置",
    "定制",
    "全球购",
    "淘花",
    "票",
    "俪人购",
    "童",
    "婴",
    "孕",
    "宠物",
    "古董",
    "周边",
    "宜家",
)
"""Marks of paths that hold copies of ordinary categories, for one channel of the platform or a kind of buyers."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A category that products can be listed in."""

    category_id: int
    name: str
    path: str  # with its parents: "男装 > 卫衣"


class _Recorded(msgspec.Struct):
    cid: list[int]
    parent_cid: list[int]
    name: list[str]


@cache
def leaves() -> dict[int, Leaf]:
    """Returns all leaves that are known, by id."""
    tree = _recorded()
    parents = dict(zip(tree.cid, tree.parent_cid, strict=True))
    names = dict(zip(tree.cid, tree.name, strict=True))
    above = set(tree.parent_cid)
    return {one: Leaf(one, names[one], _path(one, parents, names)) for one in tree.cid if one not in above}


def leaf_of(category_id: int | None) -> Leaf | None:
    """Returns a leaf by its id; None when it is not known here."""
    return leaves().get(category_id or 0)


def find_leaves(words: str, *, limit: int = 20) -> list[Leaf]:
    """Finds leaves whose path holds every word, those whose own name does first; a number finds the leaf of that id."""
    if words.strip().isdecimal():
        known = leaf_of(int(words))
        return [known] if known else []
    wanted = words.casefold().split()
    found = _folded() if wanted else []
    for word in wanted:
        found = [one for one in found if word in one[2]]
    ranked = sorted(
        (strange, _rank(name, wanted[-1]), depth, leaf.category_id)
        for leaf, name, _ in found
        for strange, depth in (_unusual(leaf, words),)
    )
    return [leaves()[category_id] for *_, category_id in ranked[:limit]]


def nearest_leaves(texts: Sequence[str], *, limit: int = 3) -> list[Leaf]:
    """Guesses a product's leaf from what its file says (its category word, its title): the longest name that occurs in it.

    Of leaves with the same name those come first whose path tells the same sex; those for one channel or a kind of buyers
    nobody spoke of are left out. Empty: nothing is alike.
    """
    said = " ".join(texts)
    for text in texts:
        for part in _parts_within(text.casefold()):
            alike = [leaf for one in _by_part()[part] if not _unusual(leaf := leaves()[one], said)[0]]
            return sorted(alike, key=lambda leaf: _unlike(leaf, part, said))[:limit]
    return []


@cache
def _recorded() -> _Recorded:
    packed = files("onshelf.reference").joinpath("categories.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=_Recorded)


@cache
def _folded() -> list[tuple[Leaf, str, str]]:
    """Returns each leaf with its name and its path in small letters."""
    return [(leaf, leaf.name.casefold(), leaf.path.casefold()) for leaf in leaves().values()]


@cache
def _by_part() -> dict[str, tuple[int, ...]]:
    """Maps each part of a leaf's name ("水杯" of "杯子/水杯") to the leaves that have it."""
    found: dict[str, list[int]] = {}
    for leaf in leaves().values():
        for part in dict.fromkeys(_BETWEEN.split(leaf.name.casefold())):
            if _LEAST_PART <= len(part) <= _LONGEST_PART:
                found.setdefault(part, []).append(leaf.category_id)
    return {part: tuple(ids) for part, ids in found.items()}


def _path(category_id: int, parents: dict[int, int], names: dict[int, str]) -> str:
    steps: list[str] = []
    while category_id in names:
        steps.append(names[category_id])
        category_id = parents[category_id]
    return " > ".join(reversed(steps))


def _rank(name: str, word: str) -> int:
    """Grades how well a leaf's own name answers the last word, 0 best."""
    return 0 if name == word else 1 if name.startswith(word) else 2 if word in name else 3


def _parts_within(text: str) -> Iterator[str]:
    """Yields the names that occur in a text, the longest first; of equals the later, for a title ends with the thing.

    A name of two characters counts only at the end: `手机壳` is no `手机`.
    """
    for length in range(min(_LONGEST_PART, len(text)), _LEAST_PART - 1, -1):
        last = len(text) - length
        for start in range(last, last - 1 if length == _LEAST_PART else -1, -1):
            if text[start : start + length] in _by_part():
                yield text[start : start + length]


def _unlike(leaf: Leaf, part: str, said: str) -> tuple[int, int, int, int, int]:
    told = sum(mark not in leaf.path for mark in _FOR_WHOM if mark in said)
    return told, *_unusual(leaf, said), int(leaf.name.casefold() != part), leaf.category_id


def _unusual(leaf: Leaf, said: str) -> tuple[int, int]:
    """Grades how far a leaf lies from the ordinary ones: by special marks nobody said, then by depth."""
    return sum(mark in leaf.path for mark in _SPECIAL if mark not in said), leaf.path.count(" > ")
