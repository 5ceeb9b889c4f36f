"""Ids of the shop's nouns, told apart by type, and new ids for our own records."""

from random import Random
from typing import NewType

ShopId = NewType("ShopId", str)
"""The name an operator gave the shop, unique in a home."""
AppKey = NewType("AppKey", str)
ItemId = NewType("ItemId", int)
SkuId = NewType("SkuId", int)
JobId = NewType("JobId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now_us: int, random: Random) -> str:
    """Makes an id that sorts by time: ten characters of milliseconds, ten random ones (50 bits)."""
    return _base32(now_us // 1000, 10) + _base32(random.getrandbits(50), 10)


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
