"""Options of a product's variants (颜色 红) as sales properties of the platform (1627207:-1001). Pure and repeatable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.catalog.categories import Offered
from onshelf.catalog.profile import SalesProperty

Options = tuple[tuple[str, str], ...]

DEFAULT_PROPERTIES = (Offered(1627207, "颜色分类", is_colour=True), Offered(20509, "尺码"))
"""What a category that offers fewer, or is not known, is taken to offer: colour and size, as most categories do.

Source: item.add, sku_properties and property_alias; custom values are the negative ids from -1001 on.
"""
_FIRST_CUSTOM = -1001
_COLOURS = ("色", "colo")
_SIZES = ("码", "尺", "寸", "size", "身高", "大小")


@dataclass(frozen=True, slots=True)
class Sales:
    """The mapped options of one product."""

    variants: tuple[str, ...]  # "pid:vid;pid:vid" of each variant, in the order given
    pairs: tuple[str, ...]  # every "pid:vid" once, in order of appearance: part of the item's own properties
    alias: str  # "pid:vid:text;…" for custom values
    unmapped: tuple[str, ...] = ()  # options that no property is left for


def map_options(
    variants: Sequence[Options], mapping: Mapping[str, SalesProperty], offered: Sequence[Offered] = ()
) -> Sales:
    """Maps the options of all variants to the profile's properties, else to those the category offers.

    A custom value is numbered by its place among the values of its property.
    """
    names = [name for name, _ in variants[0]] if variants else []
    properties, unmapped = _properties(names, mapping, offered)
    given: dict[tuple[int, str], int] = {}
    custom: dict[int, int] = {}
    aliases: list[str] = []
    for name, value in (option for variant in variants for option in variant):
        property_id = properties.get(name)
        if property_id is None or (property_id, value) in given:
            continue
        known = mapping[name].values.get(value) if name in mapping else None
        if known is None:
            known = custom.get(property_id, _FIRST_CUSTOM)
            custom[property_id] = known - 1
            aliases.append(f"{property_id}:{known}:{_aliased(value)}")
        given[property_id, value] = known
    return Sales(
        tuple(_joined(variant, properties, given) for variant in variants),
        tuple(dict.fromkeys(f"{property_id}:{value}" for (property_id, _), value in given.items())),
        ";".join(aliases),
        unmapped,
    )


def _properties(
    names: Sequence[str], mapping: Mapping[str, SalesProperty], offered: Sequence[Offered]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Gives each option its property: the profile's, else one that means the same, else the next that is left."""
    properties = {name: mapping[name].property_id for name in names if name in mapping}
    free = [one for one in _filled_up(offered) if one.property_id not in properties.values()]
    for name in names:
        alike = next((one for one in free if name not in properties and _same(name, one)), None)
        if alike is not None:
            free.remove(alike)
            properties[name] = alike.property_id
    free.sort(key=lambda one: (not one.required, not one.takes_own))
    left = [name for name in names if name not in properties]
    properties |= {name: one.property_id for name, one in zip(left, free, strict=False)}
    return properties, tuple(left[len(free) :])


def _filled_up(offered: Sequence[Offered]) -> list[Offered]:
    """Returns what the category offers, and defaults where that is less than two."""
    known = {one.property_id for one in offered}
    more = [one for one in DEFAULT_PROPERTIES if one.property_id not in known]
    return [*offered, *more[: max(0, len(DEFAULT_PROPERTIES) - len(offered))]]


def _same(option: str, property_: Offered) -> bool:
    """Tells whether an option means a property: by its name, or both mean a colour, or a size."""
    word = option.strip().casefold()
    if word == property_.name.casefold():
        return True
    if any(part in word for part in _COLOURS):
        return property_.is_colour
    return any(part in word for part in _SIZES) and any(part in property_.name for part in _SIZES)


def _joined(variant: Options, properties: Mapping[str, int], given: Mapping[tuple[int, str], int]) -> str:
    pairs = [(properties[name], value) for name, value in variant if name in properties]
    return ";".join(f"{property_id}:{given[property_id, value]}" for property_id, value in pairs)


def _aliased(value: str) -> str:
    """Replaces the two characters that separate aliases by their full-width forms."""
    return value.replace(":", "：").replace(";", "；")
