"""Products (SPU), which items of many shops hang on: what tells two of a category apart, and how they are shown. Pure.

A product is kept with its property strings (`props`, `input_pids`, `input_str`), whichever family of methods made it.
"""

from collections.abc import Iterable

from onshelf.sandbox.categories import Property, categories, properties
from onshelf.sandbox.propstrings import read_pairs, read_typed
from onshelf.sandbox.spoken import spoken
from onshelf.sandbox.wire import Json

BY_SELLER, BY_STAFF = 0, 3  # who confirmed it; other states cannot be searched for
_STRINGS = ("props", "binds", "sale_props")
_HIDDEN = frozenset(("images", "input_pids", "input_str", "nick", "specs"))


def keys(cid: int) -> tuple[Property, ...]:
    """Returns the properties that tell products of a category apart: its key properties."""
    return tuple(one for one in properties(cid) if one.is_key_prop and not one.is_sale_prop)


def told_apart_by(product: Json) -> dict[int, str]:
    """Returns what a product's key properties say: the number of a value, or the words typed in."""
    said = {pid: str(vid) for pid, vid in read_pairs(product.get("props", ""))} | read_typed(product)
    return {one.pid: said[one.pid] for one in keys(product["cid"]) if one.pid in said}


def alike(products: Iterable[Json], product: Json) -> list[Json]:
    """Returns the products of its category that say the same of themselves; none when this one says nothing."""
    own = told_apart_by(product)
    return [one for one in products if own and one["cid"] == product["cid"] and told_apart_by(one) == own]


def shown(product: Json) -> Json:
    """Returns every field of a product as taobao.product.get answers it."""
    category = categories().get(product["cid"])
    words = {f"{name}_str": spoken(product["cid"], product.get(name, "")) for name in _STRINGS}
    return {
        **{name: value for name, value in product.items() if name not in _HIDDEN},
        **words,
        "cat_name": category.name if category else "",
        "customer_props": ";".join(f"{pid}:{text}" for pid, text in read_typed(product).items()),
        "name": product.get("name") or words["props_str"],
        "tsc": "",
    }
