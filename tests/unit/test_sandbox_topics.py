"""Which change of an item gives which message."""

from typing import Any

import pytest

from onshelf.sandbox import topics
from onshelf.sandbox.shelf import OFF_SHELF, ONSALE, SOLD_OUT, VIOLATION, Item
from onshelf.sandbox.wire import Json

WIRE: Json = {
    "nick": "小店",
    "num_iid": 1,
    "title": "裙子",
    "price": "9.90",
    "num": 5,
    "modified": "2026-11-11 00:00:00",
    "approve_status": "onsale",
}


def item(banner: str = ONSALE, *, deleted: bool = False, **fields: Any) -> Item:
    return Item(1, banner, {**WIRE, **fields}, [], deleted)


def with_skus(*quantities: int) -> Item:
    skus = [{"sku_id": 10 + n, "quantity": left, "modified": str(left)} for n, left in enumerate(quantities)]
    return item(num=sum(quantities), skus={"sku": skus})


def told(before: Item | None, after: Item) -> dict[str, Json]:
    return {topic.removeprefix("taobao_item_"): content for topic, content in topics.of_item(before, after)}


def test_a_new_item_is_told_once_with_its_state() -> None:
    (content,) = told(None, item()).values()

    assert content == {
        "nick": "小店",
        "num": 5,
        "num_iid": 1,
        "price": "9.90",
        "title": "裙子",
        "status": "onsale",
    }


@pytest.mark.parametrize(
    ("before", "after", "topic"),
    [
        (item(OFF_SHELF), item(), "ItemUpshelf"),
        (item(), item(OFF_SHELF), "ItemDownshelf"),
        (item(), item(VIOLATION), "ItemPunishDownshelf"),
        (item(OFF_SHELF), item(VIOLATION), "ItemPunishDownshelf"),
        (item(), item(deleted=True), "ItemDelete"),
    ],
)
def test_each_move_of_an_item_has_its_topic(before: Item, after: Item, topic: str) -> None:
    assert list(told(before, after)) == [topic]


def test_an_edit_names_the_changed_fields_and_carries_the_new_values() -> None:
    change = told(item(), item(title="长裙", price="19.90", desc="新", modified="later"))

    assert change == {
        "ItemUpdate": {
            "nick": "小店",
            "num_iid": 1,
            "changed_fields": "desc,price,title",
            "title": "长裙",
            "price": "19.90",
        }
    }


def test_a_new_stock_tells_the_total_and_the_difference_as_recorded_on_the_platform() -> None:
    assert told(item(num=501), item(num=502)) == {
        "ItemStockChanged": {
            "nick": "小店",
            "increment": 1,
            "num": 502,
            "changed_fields": "num",
            "num_iid": 1,
        }
    }


def test_the_last_piece_sold_tells_of_zero_stock_and_not_of_a_delisting() -> None:
    assert list(told(item(), item(SOLD_OUT, num=0))) == ["ItemStockChanged", "ItemZeroStock"]


def test_each_sku_tells_of_its_own_stock() -> None:
    messages = list(topics.of_item(with_skus(2, 3), with_skus(0, 4)))

    assert [
        (topic.removeprefix("taobao_item_Item"), content.get("sku_id")) for topic, content in messages
    ] == [
        ("StockChanged", 10),
        ("SkuZeroStock", 10),
        ("StockChanged", 11),
    ]
    assert messages[2][1]["increment"] == 1
    assert messages[2][1]["sku_num"] == 4


@pytest.mark.parametrize("same", [item(), item(OFF_SHELF), with_skus(1, 2)])
def test_nothing_is_told_of_a_version_that_changes_nothing(same: Item) -> None:
    assert told(same, Item(1, same.banner, {**same.wire, "modified": "later"}, [])) == {}


@pytest.mark.parametrize(
    ("topic", "known"),
    [
        ("taobao_trade_TradeCreate", True),
        ("taobao_trade_TradeCreated", False),
        ("taobao_trade_TradePayment", False),
        ("taobao_item_ItemDownshelf", True),
        ("taobao_fuwu_OrderPaid", True),
        ("", False),
    ],
)
def test_invented_names_in_the_known_families_do_not_exist(topic: str, known: bool) -> None:
    assert topics.exists(topic) is known
