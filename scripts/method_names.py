"""How the generated requests are named and laid out: families, classes, fields."""

import keyword
import re
from functools import cache

FAMILIES = {
    "items": ("Items", r"taobao\.item\.(?!(\w+\.)*schema\.|(img|propimg|joint|quantity|sku|skus)\.)"),
    "stock": ("Stock and variants of items", r"taobao\.(item\.quantity|item\.skus?|skus)\."),
    "lists": ("Lists of items", r"taobao\.items\."),
    "item_pictures": ("Pictures of items", r"taobao\.item\.(img|propimg|joint)\."),
    "publishing": ("Publishing by schema", r"alibaba\.item\."),
    "tmall_items": ("Items on Tmall", r"tmall\.item\."),
    "tmall_products": ("Products on Tmall", r"tmall\.product\."),
    "products": ("Products", r"taobao\.products?\."),
    "item_schemas": ("Items by schema, the form of 2015", r"taobao\.item\.(\w+\.)*schema\."),
    "picture_space": ("The picture space", r"taobao\.picture\."),
    "categories": (
        "Categories, properties, areas",
        r"taobao\.(itemcats|itemprops|itempropvalues|areas|sellercats|shopcats)\.",
    ),
    "delivery": ("Delivery templates", r"taobao\.delivery\."),
    "trades": ("Trades and ratings", r"taobao\.(trades?|traderates)\."),
    "refunds": ("Refunds and returns", r"taobao\.(refunds?|rp)\."),
    "logistics": ("Shipping", r"taobao\.logistics\."),
    "people": ("Sellers, buyers, shops", r"taobao\.(users?|shop|openuid)\."),
    "push": ("The message service", r"taobao\.tmc\."),
    "increment": ("Changes before the message service", r"taobao\.(increment|comet)\."),
    "bulk": ("Bulk tasks, and orders pushed into a database", r"taobao\.(topats|jushita)\."),
    "advertising": ("Advertising reports", r"taobao\.(simba|universalbp|spmeffect)\.|alibaba\.data\."),
    "access": ("Tokens, time, addresses, subscriptions", r"taobao\."),
}
"""Module -> what it holds, and the methods of it that no earlier module has."""
OUR_NAMES = {"datetime", "int", "str", "bool", "list", "type_", "Any"}


@cache
def family_of(method: str) -> str:
    return next(name for name, (_, pattern) in FAMILIES.items() if re.match(pattern, method))


def class_of(method: str) -> str:
    """Names the class: `taobao.item.seller.get` is `ItemSellerGet`, other houses keep their name."""
    return "".join(part[:1].upper() + part[1:] for part in method.removeprefix("taobao.").split("."))


def python_name(wire: str) -> str:
    """Returns a field's name in Python: no dots, no capitals, no keyword, none that hides a type."""
    name = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", wire.replace(".", "_")).lower()
    return f"{name}_" if keyword.iskeyword(name) or name in OUR_NAMES else name


def attribute(wire: str, kind: str, *, required: bool, remark: str) -> str:
    """Writes one field; a long remark stands above it."""
    name = python_name(wire)
    optional = kind if required or kind.startswith("Rows[") else f"{kind} | None"
    empty = "Rows()" if kind.startswith("Rows[") else "None"
    if name != wire:
        default = "" if required else f", default={empty}"
        line = f'    {name}: {optional} = msgspec.field(name="{wire}"{default})'
    else:
        line = f"    {name}: {optional}" + ("" if required else f" = {empty}")
    if not remark:
        return line
    together = f"{line}  # {remark}"
    above = "\n".join(f"    # {part}" for part in wrapped(remark))
    return together if len(together) <= 110 else f"{above}\n{line}"


def wrapped(text: str, width: int = 104) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
