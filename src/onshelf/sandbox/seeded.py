"""A large catalogue that the seed makes: each item is worked out when it is looked at, so a million of them cost nothing. Pure.

Item k carries the code `S-0000042`. What lists filter and order by repeats: states in a shuffled pattern of 100, title, category,
stock and shop category in a block of 5,000; times rise with k. So the n-th item of a list, filtered or not, the number of items
in it, and the first item of a slice by time are arithmetic.
"""

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import msgspec

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.filters import ANY, Filter
from onshelf.sandbox.wire import Json

MOST = 10_000_000
FIRST_ID = 700_000_000_000  # ids the sandbox gives by itself start far below
FIRST_SKU_ID = 5_700_000_000_000
SKUS = ((28326, "红色"), (28341, "黑色"), (28320, "白色"))
YEAR_S = 364 * 86_400.0
TEN_YEARS_S = 3650 * 86_400  # an untouched item does not end by its valid_thru
PATTERN = {"onsale": 80, "off_shelf": 9, "never_on_shelf": 5, "sold_out": 4, "violation_off_shelf": 2}
PERIOD = sum(PATTERN.values())
BLOCK = 5_000  # after so many items all but ids, codes, times and descriptions repeat; a multiple of PERIOD and of 4
TIMES = frozenset(("list_time", "modified"))
_BUCKETS = {"for_shelved": ("off_shelf", "never_on_shelf"), **{banner: (banner,) for banner in PATTERN}}
_KINDS = ((50010850, "连衣裙"), (50000671, "T恤"), (162104, "衬衫"), (1623, "半身裙"), (50008897, "风衣"))
_LOOKS = ("春季新款", "夏季薄款", "秋冬加厚", "复古", "简约", "宽松", "修身显瘦", "小众设计")
_STUFF = ("纯棉", "雪纺", "亚麻", "针织", "真丝", "牛仔")
_FIXED: Json = {
    "auction_point": 0,
    "freight_payer": "seller",
    "has_invoice": False,
    "has_warranty": False,
    "is_fenxiao": 0,
    "is_timing": False,
    "is_virtual": False,
    "location": {"city": "杭州", "state": "浙江"},
    "sold_quantity": 0,
    "stuff_status": "new",
    "sub_stock": 0,
    "type": "fixed",
    "valid_thru": 14,
    "with_hold_quantity": 0,
}


_CODE = re.compile(r"S-\d{7}\Z", re.ASCII)


class Spec(msgspec.Struct, frozen=True):
    """All there is to keep of a seeded catalogue."""

    count: int
    first_id: int  # num_iid of the first; the others follow
    seed: int
    start: float  # when the first was listed, seconds since the epoch; the last one was a year later
    seller_cids: tuple[int, ...] = ()  # shop categories the items stand in, by turns with none
    block: int = BLOCK


class Run(NamedTuple):
    """The items at some places of every block, by number: they follow each other in a list."""

    places: list[int]
    block: int

    def rank(self, number: int) -> int:
        """Returns how many of them come before this number."""
        blocks, place = divmod(number, self.block)
        return blocks * len(self.places) + bisect_left(self.places, place)

    def select(self, rank: int) -> int:
        """Returns the number of the one at this rank, from 0."""
        blocks, at = divmod(rank, len(self.places))
        return blocks * self.block + self.places[at]


class Seeded:
    """The items of a specification, by their number from 0."""

    def __init__(self, spec: Spec, nick: str) -> None:
        self.spec, self.nick = spec, nick
        self._step_s = YEAR_S / max(spec.count, 1)
        self._banners = [banner for banner, share in PATTERN.items() for _ in range(share)]
        random.Random(spec.seed).shuffle(self._banners)
        self._places = range(min(spec.block, -(-spec.count // PERIOD) * PERIOD))
        self.runs = lru_cache(maxsize=64)(self._runs)

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

    def _runs(self, bucket: str, wanted: Filter = ANY, order: str = "list_time") -> Mapping[Any, Run]:
        """Returns a list's items in its order, by what they are ordered by: one run unless that repeats; none for none."""
        members = _BUCKETS.get(bucket, ())
        places = [place for place, banner in enumerate(self._banners) if banner in members]
        if wanted is ANY and order != "num":
            return {None: Run(places, PERIOD)} if places else {}
        fitting = self.parted(
            (start + one for start in self._places[::PERIOD] for one in places), wanted, order
        )
        return {value: Run(fitting[value], self.spec.block) for value in sorted(fitting)}

    def parted(self, numbers: Iterable[int], wanted: Filter, order: str) -> dict[Any, list[int]]:
        """Parts the numbers that are as wanted by what they are ordered by, as the runs of a list are."""
        found: dict[Any, list[int]] = {}
        for number in numbers:
            traits = self._block[number % self.spec.block]
            if wanted.fits(traits):
                found.setdefault(traits["num"] if order == "num" else None, []).append(number)
        return found

    def value(self, order: str, number: int) -> Any:
        """Returns what an item is ordered by."""
        return self.stamp(number) if order in TIMES else self.wire(number)[order]

    def stamp(self, number: int) -> str:
        """Returns when an item was listed and last changed, as the platform writes it."""
        return wire_time(self.listed_at(number))

    def listed_at(self, number: int) -> float:
        """Returns when an item was listed, seconds since the epoch."""
        return self.spec.start + number * self._step_s

    def window(self, start: str, end: str) -> tuple[int, int]:
        """Returns from and below which number items were changed between two times, both included; "" is open."""
        numbers = range(self.spec.count)
        low = bisect_left(numbers, start, key=self.stamp) if start else 0
        high = bisect_right(numbers, end, key=self.stamp) if end else self.spec.count
        return low, max(low, high)

    def coded(self, code: str) -> int | None:
        """Returns the number that carries a seller's code."""
        number = int(code[2:]) if _CODE.match(code) else -1
        return number if 0 <= number < self.spec.count and code == _code(number) else None

    def with_sku(self, sku_id: int) -> int | None:
        """Returns the number of the item with this sku."""
        number = (sku_id - FIRST_SKU_ID) // len(SKUS) - (self.spec.first_id - FIRST_ID)
        return number if 0 <= number < self.spec.count and number % 4 == 0 else None

    @cached_property
    def _block(self) -> list[Json]:
        return [self._traits(place) for place in self._places]

    def _traits(self, place: int) -> Json:
        """Makes the fields that repeat with the block."""
        mixed = (place * 2_654_435_761 + self.spec.seed * 40_503) % (1 << 32)
        cid, noun = _KINDS[mixed % len(_KINDS)]
        look, stuff = _LOOKS[mixed // 8 % len(_LOOKS)], _STUFF[mixed // 64 % len(_STUFF)]
        stock = 0 if self.banner(place) == "sold_out" else 1 + mixed // 4096 % 200
        shelf = mixed // 32 % (len(self.spec.seller_cids) + 1)
        return {
            "cid": cid,
            "has_discount": mixed // 16 % 8 == 0,
            "has_showcase": mixed // 128 % 16 == 0,
            "num": stock * len(SKUS) if place % 4 == 0 else stock,
            "price": f"{9 + mixed // 512 % 490}.{mixed % 10}0",
            "seller_cids": f"{self.spec.seller_cids[shelf - 1]}," if shelf else "",
            "title": f"{noun} {look} {stuff} {place:04}",
        }

    def _own(self, number: int) -> Json:
        """Makes the fields that no other item shares."""
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
        wire: Json = {**_FIXED, **self._block[number % self.spec.block], **self._own(number)}
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
