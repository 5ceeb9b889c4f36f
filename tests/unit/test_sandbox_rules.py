"""The platform's business rules, each with its sub-code."""

from typing import Any

import pytest

from onshelf.sandbox.arguments import catalogue
from onshelf.sandbox.categories import categories
from onshelf.sandbox.errors import ApiError, BusinessError
from onshelf.sandbox.faults import Faults, Order, is_write
from onshelf.sandbox.rules import check_item, read_sku_rows, title_width, width

GOOD: dict[str, Any] = {
    "title": "裙",
    "desc": "一条很好的裙子",
    "outer_id": "A",
    "price": "10.00",
    "num": 5,
    "props": "1:2;1:3",
}
SKUS = [
    {"properties": "1:2", "quantity": 2, "price": "10.00", "outer_id": "a"},
    {"properties": "1:3", "quantity": 3, "price": "12.00", "outer_id": "b"},
]


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"title": "裙" * 30 + "a"}, "isv.invalid-parameter:title"),
        ({"title": " "}, "isv.invalid-parameter:title"),
        ({"desc": "12345"}, "isv.invalid-parameter:desc"),
        ({"desc": "x" * 25_000}, "isv.invalid-parameter:desc"),
        ({"outer_id": "码" * 22}, "isv.invalid-parameter:outer_id"),
        ({"props": "1:2;" * 140}, "isv.invalid-parameter:props"),
        ({"price": "12.01"}, "isv.parameters-mismatch:price-and-sku_prices"),
        ({"num": 6}, "isv.parameters-mismatch:num-and-sku_quantities"),
        ({"props": "1:2"}, "isv.item-update-service-error:IC_CHECKSTEP_SKU_PROP_NOT_FOUND_IN_ITEM"),
        ({"freight_payer": "buyer", "express_fee": "1.00"}, "isv.missing-parameter:post_fee"),
    ],
)
def test_a_broken_rule_names_its_sub_code(change: dict[str, Any], sub_code: str) -> None:
    with pytest.raises(BusinessError) as refusal:
        check_item({**GOOD, **change}, SKUS)

    assert refusal.value.sub_code == sub_code


def test_an_item_at_every_limit_passes() -> None:
    check_item(
        {**GOOD, "title": "裙" * 30, "desc": "x" * 24_999, "outer_id": "码" * 21 + "a", "price": "12.00"},
        SKUS,
    )


def test_a_tmall_book_may_have_a_title_twice_as_wide() -> None:
    """Of the recorded Tmall book rule; only there."""
    book = next(one.cid for one in categories().values() if one.parent_cid == 33)

    assert [title_width(book, tmall=tmall) for tmall in (True, False)] == [120, 60]
    check_item({**GOOD, "cid": book, "title": "书" * 60}, SKUS, tmall=True)


def test_a_title_is_measured_in_half_widths() -> None:
    assert width("aé裙😀") == 1 + 1 + 2 + 2


@pytest.mark.parametrize(
    ("text", "sub_code"),
    [
        ({"sku_prices": "1"}, "isv.parameters-mismatch:sku_properties-and-sku_prices"),
        ({"sku_quantities": "1,2,3"}, "isv.parameters-mismatch:sku_properties-and-sku_quantities"),
        ({"sku_outer_ids": "a"}, "isv.parameters-mismatch:sku_properties-and-sku_outer_ids"),
        ({"sku_prices": "1,0"}, "isv.invalid-parameter:sku_prices"),
        ({"sku_quantities": "1,-2"}, "isv.invalid-parameter:sku_quantities"),
        ({"sku_quantities": "1,x"}, "isv.invalid-parameter:sku_quantities"),
    ],
)
def test_sku_lists_must_be_parallel_and_readable(text: dict[str, str], sub_code: str) -> None:
    good = {"sku_properties": "1:2,1:3", "sku_quantities": "1,2", "sku_prices": "1,2", "sku_outer_ids": ","}

    with pytest.raises(BusinessError) as refusal:
        read_sku_rows({**good, **text})

    assert refusal.value.sub_code == sub_code


ADD = {
    "type": "fixed",
    "cid": "50010850",
    "desc": "一条很好的裙子",
    "num": "5",
    "stuff_status": "new",
    "title": "裙",
    "location.state": "浙江",
    "location.city": "杭州",
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"title": ""}, "Missing required arguments:title"),
        ({"title": "", "num": ""}, "Missing required arguments:num"),
        ({"num": "5.0"}, "Invalid arguments:num"),
        ({"num": "900000001"}, "Invalid arguments:num"),
        ({"price": "1.234"}, "Invalid arguments:price"),
        ({"price": "1e3"}, "Invalid arguments:price"),
        ({"type": "gift"}, "Invalid arguments:type"),
        ({"valid_thru": "8"}, "Invalid arguments:valid_thru"),
        ({"has_invoice": "yes"}, "Invalid arguments:has_invoice"),
        ({"list_time": "2026-13-01 00:00:00"}, "Invalid arguments:list_time"),
        ({"title": "x" * 121}, "Invalid arguments:title"),
        ({"seller_cids": ",1,2,3,4,5,6,7,8,9,10,11,"}, "Invalid arguments:seller_cids"),
    ],
)
def test_arguments_are_checked_against_the_catalogue(change: dict[str, str], text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        catalogue()["taobao.item.add"].check({**ADD, **change}, {})

    assert refusal.value.text == text


def test_good_arguments_and_unknown_ones_pass() -> None:
    catalogue()["taobao.item.add"].check(
        {**ADD, "price": "12.5", "seller_cids": ",1,2,", "nobody.knows": "x"}, {}
    )


def test_every_method_of_the_catalogue_is_compiled() -> None:
    assert len(catalogue()) == 235


def test_a_share_of_calls_is_the_same_for_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(0)
        faults.add(Order(kind="isp", share=0.3, seed=seed))
        return [faults.decide("taobao.item.add", 0.0).main is not None for _ in range(200)]

    assert struck(7) == struck(7)
    assert struck(7) != struck(8)
    assert 30 < sum(struck(7)) < 90


def test_a_rule_may_name_which_calls_fail() -> None:
    faults = Faults(0)
    faults.add(Order(kind="isp", method="taobao.item.*", at=[2, 4]))

    struck = [
        faults.decide(name, 0.0).main is not None for name in ("taobao.item.add", "taobao.picture.upload") * 4
    ]

    assert [number for number, hit in enumerate(struck) if hit] == [2, 6]


def test_delays_add_up_and_go_with_another_fault() -> None:
    faults = Faults(0)
    for order in (
        Order(kind="delay", seconds=1),
        Order(kind="isp"),
        Order(kind="delay", seconds=2),
        Order(kind="ban"),
    ):
        faults.add(order)

    fate = faults.decide("taobao.item.add", 0.0)

    assert (fate.delay_s, fate.main and fate.main.kind) == (3, "isp")


def test_writes_are_told_from_reads() -> None:
    writes = {name for name in catalogue() if is_write(name)}

    assert {"taobao.item.add", "taobao.picture.upload", "alibaba.item.operate.upshelf"} <= writes
    assert (
        not {"taobao.items.onsale.get", "taobao.picture.pictures.count", "taobao.top.auth.token.refresh"}
        & writes
    )
