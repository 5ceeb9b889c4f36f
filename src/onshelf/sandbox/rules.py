"""What the platform accepts as an item: pure checks, each raising the platform's sub-code.

Source: reference/top-methods.md 2 and 6. Where no recorded sub-code exists, the family patterns of top-protocol.md 4.4 are used.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from onshelf.sandbox.categories import root
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.wire import Json

TITLE_WIDTH = 60
BOOKS, BOOK_TITLE_WIDTH = 33, 120  # of Tmall's books only
OUTER_ID_BYTES = 64
PROPS_BYTES = 549
PROPS_PAIRS = 35
SKU_TEXT_BYTES = 512
MOST_SELLER_CIDS = 32
MOST_NUM = 900_000_000
MOST_PRICE = 100_000_000
LEAST_FEE, MOST_FEE = Decimal("0.01"), Decimal("999.00")
_NUMBER = re.compile(r"\d{1,12}\Z", re.ASCII)
_PAIRS = re.compile(r"\d{1,18}:-?\d{1,18}(;\d{1,18}:-?\d{1,18})*\Z", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}\Z", re.ASCII)
_PRICE = re.compile(r"\d{1,12}(?:\.\d{1,2})?\Z", re.ASCII)


def width(text: str) -> int:
    """Counts a title as the platform does: a code point above U+00FF is 2 wide."""
    return len(text) + sum(char > "\xff" for char in text)


def whole(text: str) -> int | None:
    """Reads a whole number of at most 18 digits, as ids have; None when it is none."""
    return int(text) if _WHOLE.match(text) else None


def money(text: str) -> str:
    """Writes a price as the platform does, with two decimals."""
    return f"{Decimal(text):.2f}"


def is_price(text: str) -> bool:
    """Tells whether a text is yuan with at most two decimals."""
    return _PRICE.match(text) is not None


def invalid(name: str, why: str) -> BusinessError:
    """Returns the refusal of one parameter."""
    return BusinessError(f"isv.invalid-parameter:{name}", why)


def mismatch(first: str, second: str, why: str) -> BusinessError:
    """Returns the refusal of two parameters that contradict each other."""
    return BusinessError(f"isv.parameters-mismatch:{first}-and-{second}", why)


def service(verb: str, reason: str, why: str) -> BusinessError:
    """Returns a backend's refusal: `verb` add, update, listing, get."""
    return BusinessError(f"isv.item-{verb}-service-error:{reason}", why)


def title_width(cid: int, *, tmall: bool) -> int:
    """Returns how wide a title may be."""
    return BOOK_TITLE_WIDTH if tmall and root(cid) == BOOKS else TITLE_WIDTH


def check_item(wire: Mapping[str, object], skus: list[Json], *, tmall: bool = False) -> None:
    """Checks an item as it would stand after the call. Raises: BusinessError, the first rule broken."""
    check_kind(wire, skus, tmall=tmall)
    check_texts(wire, title_width(int(str(wire.get("cid", 0))), tmall=tmall))
    if str(wire.get("seller_cids", "")).strip(",").count(",") >= MOST_SELLER_CIDS:
        raise invalid("seller_cids", f"店铺分类不能超过{MOST_SELLER_CIDS}个")
    check_freight(wire)
    check_skus(wire, skus)


def check_kind(wire: Mapping[str, object], skus: list[Json], *, tmall: bool) -> None:
    """Checks what kind of sale it is: an auction has no skus; on Tmall everything is new and nothing is auctioned."""
    auction = wire.get("type") == "auction"
    if auction and (tmall or skus):
        raise invalid("type", "拍卖的宝贝不能有SKU，天猫商家不能发布拍卖")
    if tmall and wire.get("stuff_status", "new") != "new":
        raise invalid("stuff_status", "天猫商家只能发布全新的宝贝")


def check_texts(wire: Mapping[str, object], widest: int = TITLE_WIDTH) -> None:
    """Checks title, description, code and properties."""
    title, desc = str(wire["title"]), str(wire["desc"])
    if width(title) > widest or not title.strip():
        raise invalid("title", f"宝贝标题长度不能超过{widest}个字符（汉字算2个），当前{width(title)}")
    if not 5 < len(desc) < 25_000:
        raise invalid("desc", f"宝贝描述字数应大于5且小于25000，当前{len(desc)}")
    if len(str(wire["outer_id"]).encode()) > OUTER_ID_BYTES:
        raise invalid("outer_id", f"商家编码不能超过{OUTER_ID_BYTES}字节")
    props = str(wire.get("props", ""))
    if len(props.encode()) > PROPS_BYTES or props.count(";") >= PROPS_PAIRS + 1:
        raise invalid("props", f"属性串不能超过{PROPS_PAIRS}对、{PROPS_BYTES}字节")


def check_freight(wire: Mapping[str, object]) -> None:
    """Checks that a buyer who pays freight is told how much: by a template, or by all three fees."""
    if wire.get("freight_payer") != "buyer" or wire.get("postage_id"):
        return
    for fee in ("post_fee", "express_fee", "ems_fee"):
        if fee not in wire:
            raise BusinessError(f"isv.missing-parameter:{fee}", "买家承担运费时须填写运费模板或三种运费")
        if not LEAST_FEE <= Decimal(str(wire[fee])) <= MOST_FEE:
            raise invalid(fee, f"运费须在{LEAST_FEE}到{MOST_FEE}元之间：{wire[fee]}")


def check_skus(wire: Mapping[str, object], skus: list[Json]) -> None:
    """Checks price and stock against the skus."""
    if not skus:
        return
    prices = [Decimal(sku["price"]) for sku in skus]
    if not min(prices) <= Decimal(str(wire["price"])) <= max(prices):
        raise mismatch("price", "sku_prices", f"宝贝价格必须在SKU价格{min(prices)}到{max(prices)}之间")
    if int(str(wire["num"])) != sum(sku["quantity"] for sku in skus):
        raise mismatch("num", "sku_quantities", "宝贝数量必须等于各SKU数量之和")
    check_sku_properties(str(wire.get("props", "")), (sku["properties"] for sku in skus))


def check_sku_properties(props: str, each: Iterable[str]) -> None:
    """Checks that sku properties are distinct and stand in the item's properties; a negative value id is the seller's own."""
    known, seen = frozenset(props.split(";")), set()
    for properties in each:
        key = frozenset(properties.split(";"))
        if key in seen:
            raise invalid("sku-properties", f"SKU属性重复：{properties}")
        seen.add(key)
        if any(pair not in known and ":-" not in pair for pair in key):
            raise service(
                "update", "IC_CHECKSTEP_SKU_PROP_NOT_FOUND_IN_ITEM", f"SKU属性不在宝贝属性中：{properties}"
            )


def read_sku_rows(text: Mapping[str, str]) -> list[Json] | None:
    """Reads the parallel comma lists of item.add / item.update; None when the call has none.

    Raises: BusinessError when the lists differ in length or a number is unreadable.
    """
    if not text.get("sku_properties", "").strip(","):
        return None
    for name in ("sku_properties", "sku_outer_ids"):
        if len(text.get(name, "").encode()) > SKU_TEXT_BYTES:
            raise invalid(name, f"{name}不能超过{SKU_TEXT_BYTES}字节")
    properties = text["sku_properties"].split(",")
    quantities = _parallel(text, "sku_quantities", len(properties))
    prices = _parallel(text, "sku_prices", len(properties))
    codes = text.get("sku_outer_ids", "").split(",") if text.get("sku_outer_ids") else [""] * len(properties)
    if len(codes) != len(properties):
        raise mismatch("sku_properties", "sku_outer_ids", "SKU各列表长度必须一致")
    return [
        read_sku(one.strip(";"), quantity=quantity, price=price, code=code)
        for one, quantity, price, code in zip(properties, quantities, prices, codes, strict=True)
    ]


def _parallel(text: Mapping[str, str], name: str, size: int) -> list[str]:
    values = text.get(name, "").split(",")
    if len(values) != size:
        raise mismatch("sku_properties", name, "SKU各列表长度必须一致")
    return values


def read_sku(properties: str, *, quantity: str, price: str, code: str) -> Json:
    """Reads one sku's texts. Raises: BusinessError."""
    if not _PAIRS.match(properties):
        raise invalid("sku-properties", f"SKU属性串格式应为pid:vid;pid:vid，不正确：{properties}")
    if not _NUMBER.match(quantity) or int(quantity) > MOST_NUM:
        raise invalid("sku_quantities", f"SKU数量须为0到{MOST_NUM}的整数：{quantity}")
    if not _PRICE.match(price) or not 0 < Decimal(price) <= MOST_PRICE:
        raise invalid("sku_prices", f"SKU价格须大于0、最多两位小数：{price}")
    return {"properties": properties, "quantity": int(quantity), "price": money(price), "outer_id": code}
