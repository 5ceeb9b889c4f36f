"""Options of a product's variants (颜色 红) as sales properties of the platform (1627207:-1001). Pure and repeatable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.catalog.profile import SalesProperty

Options = tuple[tuple[str, str], ...]

DEFAULT_PROPERTIES = (1627207, 20509)
"""Properties of a first and a second option that the profile does not map: colour and size, as most categories have them.

Source: item.add, sku_properties and property_alias; custom values are the negative ids from -1001 on.
"""
_FIRST_CUSTOM = -1001


@dataclass(frozen=True, slots=True)
class Sales:
    """The mapped options of one product."""

    variants: tuple[str, ...]  # "pid:vid;pid:vid" of each variant, in the order given
    pairs: tuple[str, ...]  # every "pid:vid" once, in order of appearance: part of the item's own properties
    alias: str  # "pid:vid:text;…" for custom values
    unmapped: tuple[str, ...] = ()  # options that no property is left for


def map_options(variants: Sequence[Options], mapping: Mapping[str, SalesProperty]) -> Sales:
    """Maps the options of all variants; a custom value is numbered by its place among the values of its property."""
    names = [name for name, _ in variants[0]] if variants else []
    properties, unmapped = _properties(names, mapping)
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
    names: Sequence[str], mapping: Mapping[str, SalesProperty]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Gives each option its property: the profile's, else the defaults that the profile has not taken, in order."""
    taken = {mapping[name].property_id for name in names if name in mapping}
    free = [property_id for property_id in DEFAULT_PROPERTIES if property_id not in taken]
    properties: dict[str, int] = {}
    unmapped: list[str] = []
    for name in names:
        if name in mapping:
            properties[name] = mapping[name].property_id
        elif free:
            properties[name] = free.pop(0)
        else:
            unmapped.append(name)
    return properties, tuple(unmapped)


def _joined(variant: Options, properties: Mapping[str, int], given: Mapping[tuple[int, str], int]) -> str:
    pairs = [(properties[name], value) for name, value in variant if name in properties]
    return ";".join(f"{property_id}:{given[property_id, value]}" for property_id, value in pairs)


def _aliased(value: str) -> str:
    """Replaces the two characters that separate aliases by their full-width forms."""
    return value.replace(":", "：").replace(";", "；")
