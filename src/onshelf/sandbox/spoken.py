"""Properties in words, as items and skus carry them beside their numbers: `pid:vid:property:value;…`. Pure.

Source: props_name and properties_name of a recorded item.get reply.
"""

from onshelf.sandbox.categories import properties
from onshelf.sandbox.wire import Json


def spoken(cid: int, pairs: str, aliases: str = "") -> str:
    """Returns pairs in words; a value of the seller's own is called by its alias, what nobody knows by its number."""
    known = {str(one.pid): one for one in properties(cid)}
    called = dict(one.rpartition(":")[::2] for one in aliases.split(";") if one.count(":") == 2)
    words = []
    for pair in pairs.split(";") if pairs else ():
        pid, _, vid = pair.partition(":")
        prop = known.get(pid)
        value = called.get(pair) or (prop.value(int(vid)) if prop and vid.isdecimal() else None)
        words.append(f"{pair}:{prop.name if prop else pid}:{value or vid}")
    return ";".join(words)


def speak(wire: Json, skus: list[Json]) -> None:
    """Writes the words of an item's properties into its fields, and those of its skus into them."""
    cid, aliases = wire["cid"], wire.get("property_alias", "")
    wire["props_name"] = spoken(cid, wire.get("props", ""), aliases)
    for sku in skus:
        sku["properties_name"] = spoken(cid, sku["properties"], aliases)
