"""A large catalogue that the seed makes: each item is worked out when it is looked at, so a million of them cost nothing. Pure.

Item k carries the code `S-0000042`; states repeat in a shuffled pattern of 100, times rise with k. So the n-th item of a list,
the number of items in it, and the first item of a slice by time are arithmetic.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

import msgspec

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.wire import Json

MOST = 10_000_000
FIRST_ID = 700_000_000_000  # ids the sandbox gives by itself start far below
FIRST_SKU_ID = 5_700_000_000_000
SKUS = ((28326, "红色"), (28341, "黑色"), (28320, "白色"))
YEAR_S = 364 * 86_400.0
TEN_YEARS_S = 3650 * 86_400  # an untouched item does not end by its valid_thru
PATTERN = {"onsale": 80, "off_shelf": 9, "never_on_shelf": 5, "sold_out": 4, "violation_off_shelf": 2}
PERIOD = sum(PATTERN.values())
_BUCKETS = {"for_shelved": ("off_shelf", "never_on_shelf"), **{banner: (banner,) for banner in PATTERN}}
_KINDS = ((50010850, "连衣裙"), (50000671, "T恤"), (162104, "衬衫"), (1623, "半身裙"), (50008897, "风衣"))
_LOOKS = ("春季新款", "夏季薄款", "秋冬加厚", "复古", "简约", "宽松", "修身显瘦", "小众设计")
_STUFF = ("纯棉", "雪纺", "亚麻", "针织", "真丝", "牛仔")
_FIXED: Json = {
    "auction_point": 0,
    "freight_payer": "seller",
    "has_discount": False,
    "has_invoice": False,
    "has_showcase": False,
    "has_warranty": False,
    "is_fenxiao": 0,
    "is_timing": False,
    "is_virtual": False,
    "location": {"city": "杭州", "state": "浙江"},
    "seller_cids": "",
    "sold_quantity": 0,
    "stuff_status": "new",
    "sub_stock": 0,
    "type": "fixed",
    "valid_thru": 14,
    "with_hold_quantity": 0,
}


class Spec(msgspec.Struct, frozen=True):
    """All there is to keep of a seeded catalogue."""

    count: int
    first_id: int  # num_iid of the first; the others follow
    seed: int
    start: float  # when the first was listed, seconds since the epoch; the last one was a year later


class Traits(dict[str, Any]):
    """The fields of an item that are made at once; asked for another one it makes the others."""

    __slots__ = ("of",)
    of: "tuple[Seeded, int]"

    def __missing__(self, name: str) -> Any:
        seeded, number = self.of
        return seeded.rest(number)[name]


class Seeded:
    """The items of a specification, by their number from 0."""

    def __init__(self, spec: Spec, nick: str) -> None:
        self.spec, self.nick = spec, nick
        self._step_s = YEAR_S / max(spec.count, 1)
        self._banners = [banner for banner, share in PATTERN.items() for _ in range(share)]
        random.Random(spec.seed).shuffle(self._banners)
        self._places = {
            bucket: [place for place, banner in enumerate(self._banners) if banner in members]
            for bucket, members in _BUCKETS.items()
        }

    def number(self, num_iid: int) -> int | None:
        """Returns the number of an id; None when the seed makes no such item."""
        number = num_iid - self.spec.first_id
        return number if 0 <= number < self.spec.count else None

    def banner(self, number: int) -> str:
        """Returns `onsale`, or why the item is in the warehouse."""
        return self._banners[number % PERIOD]

    def buckets(self, number: int) -> list[str]:
        """Returns the lists an item stands in."""
        return [bucket for bucket, members in _BUCKETS.items() if self.banner(number) in members]

    def rank(self, bucket: str, number: int) -> int:
        """Returns how many items of a list come before this number."""
        places = self._places.get(bucket, [])
        periods, rest = divmod(number, PERIOD)
        return periods * len(places) + bisect_left(places, rest)

    def size(self, bucket: str) -> int:
        """Returns how many items a list has."""
        return self.rank(bucket, self.spec.count)

    def select(self, bucket: str, rank: int) -> int:
        """Returns the number of the item at a place of a list, from 0."""
        places = self._places[bucket]
        periods, rest = divmod(rank, len(places))
        return periods * PERIOD + places[rest]

    def stamp(self, number: int) -> str:
        """Returns when an item was listed and last changed, as the platform writes it."""
        return wire_time(self.listed_at(number))

    def listed_at(self, number: int) -> float:
        """Returns when an item was listed, seconds since the epoch."""
        return self.spec.start + number * self._step_s

    def first_from(self, stamp: str) -> int:
        """Returns the first number at or after a time."""
        return bisect_left(range(self.spec.count), stamp, key=self.stamp)

    def first_after(self, stamp: str) -> int:
        """Returns the first number after a time."""
        return bisect_right(range(self.spec.count), stamp, key=self.stamp)

    def coded(self, code: str) -> int | None:
        """Returns the number that carries a seller's code."""
        number = int(code[2:]) if code.startswith("S-") and code[2:].isdecimal() and code.isascii() else -1
        return number if 0 <= number < self.spec.count and code == _code(number) else None

    def with_sku(self, sku_id: int) -> int | None:
        """Returns the number of the item with this sku."""
        number = (sku_id - FIRST_SKU_ID) // len(SKUS) - (self.spec.first_id - FIRST_ID)
        return number if 0 <= number < self.spec.count and number % 4 == 0 else None

    def numbers(self, bucket: str, low: int, high: int) -> Iterator[int]:
        """Yields the numbers of a list from `low` to below `high`."""
        for rank in range(self.rank(bucket, low), self.rank(bucket, high)):
            yield self.select(bucket, rank)

    def traits(self, number: int) -> "Traits":
        """Makes what filters and orders mostly look at; the rest of the item is made when it is looked at."""
        mixed = (number * 2_654_435_761 + self.spec.seed * 40_503) % (1 << 32)
        cid, noun = _KINDS[mixed % len(_KINDS)]
        look, stuff = _LOOKS[mixed // 8 % len(_LOOKS)], _STUFF[mixed // 64 % len(_STUFF)]
        stock = 0 if self.banner(number) == "sold_out" else 1 + mixed // 4096 % 200
        traits = Traits(_FIXED)
        traits["cid"] = cid
        traits["num"] = stock * len(SKUS) if number % 4 == 0 else stock
        traits["price"] = f"{9 + mixed // 512 % 490}.{mixed % 10}0"
        traits["title"] = f"{noun} {look} {stuff} {number}"
        traits.of = (self, number)
        return traits

    def rest(self, number: int) -> Json:
        """Makes the other fields of an item."""
        stamp, banner = self.stamp(number), self.banner(number)
        num_iid, on_sale = self.spec.first_id + number, banner == "onsale"
        end = wire_time(self.listed_at(number) + TEN_YEARS_S) if on_sale else stamp
        return {
            "approve_status": "onsale" if on_sale else "instock",
            "created": stamp,
            "delist_time": end,
            "desc": f"{self.nick}的第 {number} 件商品，由沙箱生成。",
            "detail_url": f"http://item.taobao.com/item.htm?id={num_iid}",
            "list_time": stamp,
            "modified": stamp,
            "nick": self.nick,
            "num_iid": num_iid,
            "outer_id": _code(number),
            "props": "",
            "violation": banner == "violation_off_shelf",
        }

    def wire(self, number: int) -> Json:
        """Makes an item as item.seller.get returns it."""
        wire: Json = {**self.traits(number), **self.rest(number)}
        if number % 4 == 0:
            self._add_skus(wire)
        return wire

    def _add_skus(self, wire: Json) -> None:
        first = FIRST_SKU_ID + (wire["num_iid"] - FIRST_ID) * len(SKUS)
        rows = [
            {
                "created": wire["created"],
                "modified": wire["modified"],
                "num_iid": wire["num_iid"],
                "outer_id": f"{wire['outer_id']}-{place}",
                "price": wire["price"],
                "properties": f"1627207:{value}",
                "properties_name": f"1627207:{value}:颜色分类:{name}",
                "quantity": wire["num"] // len(SKUS),
                "sku_id": first + place,
                "status": "normal",
            }
            for place, (value, name) in enumerate(SKUS)
        ]
        wire["skus"] = {"sku": rows}
        wire["props"] = ";".join(row["properties"] for row in rows)


def _code(number: int) -> str:
    return f"S-{number:07}"
