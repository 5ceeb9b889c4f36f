"""Properties in words, as items and skus carry them beside their numbers: `pid:vid:property:value;…`. Pure.

Source: props_name and properties_name of a recorded item.get reply.
"""

from collections.abc import Mapping

from onshelf.sandbox.categories import by_pid, in_words
from onshelf.sandbox.wire import Json


def spoken(cid: int, pairs: str, aliases: str = "") -> str:
    """Returns pairs in words; a value of the seller's own is called by its alias, what nobody knows by its number."""
    if not pairs:
        return ""
    called = dict(one.rpartition(":")[::2] for one in aliases.split(";") if one.count(":") == 2)
    return ";".join(f"{pair}:{_named(cid, pair, called)}" for pair in pairs.split(";"))


def _named(cid: int, pair: str, called: Mapping[str, str]) -> str:
    """Returns `property:value` of one pair."""
    known = in_words(cid).get(pair)
    if known and pair not in called:
        return known
    pid, _, vid = pair.partition(":")
    prop = by_pid(cid).get(int(pid)) if pid.isdecimal() else None
    return f"{prop.name if prop else pid}:{called.get(pair, vid)}"


def speak(wire: Json, skus: list[Json]) -> None:
    """Writes the words of an item's properties into its fields, and those of its skus into them."""
    cid, aliases = wire["cid"], wire.get("property_alias", "")
    wire["props_name"] = spoken(cid, wire.get("props", ""), aliases)
    for sku in skus:
        sku["properties_name"] = spoken(cid, sku["properties"], aliases)
