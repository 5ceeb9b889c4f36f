"""People who buy: made from the seed and a number, the same each time. Nobody real; what sellers see of them is masked."""

import random
from functools import lru_cache

import msgspec

from onshelf.sandbox.reference import areas

CROWD = 5000  # how many different people the market knows
_FAMILY = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
_GIVEN = "子涵欣怡浩宇梓轩诗雨佳明思远晓梅建国志强丽娜文静海燕俊杰"
_STREETS = ("文一路", "人民路", "解放大道", "中山北路", "建设街", "和平路", "学府路", "滨江大道")
_DISTRICTS = ("东城区", "西城区", "城关区", "新城区", "高新区")


class Buyer(msgspec.Struct, frozen=True):
    """One buyer, with everything a parcel needs."""

    number: int  # 0 to CROWD - 1 in the market; any number may be asked for
    nick: str
    open_uid: str
    name: str
    mobile: str
    state: str
    city: str
    district: str
    address: str
    zip: str

    @property
    def masked_nick(self) -> str:
        """Returns the nick as sellers' programs get it."""
        return f"{self.nick[0]}**{self.nick[-1]}"

    @property
    def oaid(self) -> str:
        """Returns the token that stands for this receiver's address."""
        return f"1{self.open_uid[::-1]}"


@lru_cache(maxsize=CROWD)
def buyer(seed: int, number: int) -> Buyer:
    """Returns buyer `number` of the world of that seed."""
    chance = random.Random(f"{seed}/buyer/{number}")
    cities = [area for area in areas() if area["type"] == 3]
    city = chance.choice(cities)
    state = next(area["name"] for area in areas() if area["id"] == city["parent_id"])
    name = chance.choice(_FAMILY) + "".join(chance.choices(_GIVEN, k=2))
    return Buyer(
        number=number,
        nick=f"{name}{number}",
        open_uid=f"AAE{chance.getrandbits(128):032x}",
        name=name,
        mobile=f"1{chance.choice('35789')}{chance.randrange(10**9):09}",
        state=state,
        city=city["name"],
        district=chance.choice(_DISTRICTS),
        address=f"{chance.choice(_STREETS)}{chance.randrange(1, 999)}号{chance.randrange(1, 30)}幢",
        zip=city["zip"] or "310000",
    )


def mask_name(name: str) -> str:
    """Returns `王**`."""
    return f"{name[:1]}**" if name else ""


def mask_mobile(mobile: str) -> str:
    """Returns `138****0000`."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 7 else mobile


def mask_address(address: str) -> str:
    """Returns an address with every digit hidden."""
    return "".join("*" if char.isdigit() else char for char in address)
