"""Drafts become requests that name only what was asked, and replies become what was seen."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.ids import ItemId
from onshelf.platforms.port import Bucket, Draft, Shelf, SkuDraft, Slice
from onshelf.platforms.top.arguments import advise, needs_session
from onshelf.platforms.top.catalogue import typed
from onshelf.platforms.top.methods import item, picture
from onshelf.platforms.top.methods.item import WIRE_NAMES, WireItem

ITEM = ItemId(600000000005)
PLAIN = Draft(
    outer_id="A-1",
    title="连衣裙",
    price=Decimal("96"),
    stock=5,
    category_id=50010850,
    description="<p>纯棉面料</p>",
    condition="new",
    province="浙江",
    city="杭州",
)
SKUS = (
    SkuDraft("1627207:28320", Decimal("99"), 2, "A-1-R"),
    SkuDraft("1627207:28321", Decimal("96"), 3, "A-1-B"),
)
WITH_SKUS = replace(PLAIN, skus=SKUS, properties="1627207:28320;1627207:28321")
FULL = replace(
    WITH_SKUS,
    delivery_template_id=7,
    pictures=("i1/a.png", "i1/b.png"),
    shop_category_ids=(1, 2),
    list_time=datetime(2026, 1, 1, tzinfo=UTC),
)
FIELDS = frozenset(field.name for field in fields(Draft))


def calls(draft: Draft, *names: str) -> list[tuple[str, dict[str, str]]]:
    return [(step.method, step.params) for step in item.update_steps(ITEM, draft, frozenset(names))]


def test_every_field_of_a_draft_has_a_wire_name() -> None:
    assert set(WIRE_NAMES) | {"skus"} == FIELDS


@pytest.mark.parametrize("draft", [PLAIN, WITH_SKUS, FULL])
def test_a_create_passes_the_platforms_own_argument_rules(draft: Draft) -> None:
    params = {name: value for name, value in item.add_params(draft, Shelf.INSTOCK).items() if value}

    assert [advice for advice in advise("taobao.item.add", params) if advice.severity == "fault"] == []
    assert {advice.rule for advice in advise("taobao.item.add", params)} == {"left"}


def test_a_create_sends_skus_as_parallel_lists_and_prices_with_two_decimals() -> None:
    params = item.add_params(FULL, Shelf.ONSALE)

    assert params["sku_quantities"] == "2,3"
    assert params["sku_prices"] == "99.00,96.00"
    assert params["price"] == "96.00"
    assert params["seller_cids"] == ",1,2,"
    assert params["list_time"] == "2026-01-01 08:00:00"
    assert (params["freight_payer"], params["postage_id"]) == ("buyer", "7")
    assert params["pic_path"] == "i1/a.png"


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("96", "96.00"),
        ("96.5", "96.50"),
        ("96.00", "96.00"),
        ("1E+2", "100.00"),
        ("0.125", "0.12"),
        ("1.5E+3", "1500.00"),
    ],
)
def test_a_price_is_written_with_two_decimals(price: str, text: str) -> None:
    assert item.add_params(replace(PLAIN, price=Decimal(price)), Shelf.ONSALE)["price"] == text


@given(names=st.sets(st.sampled_from(sorted(FIELDS - {"skus"}))))
def test_an_update_touches_only_what_is_named(names: set[str]) -> None:
    own = {WIRE_NAMES[name] for name in names if name in WIRE_NAMES}
    if "delivery_template_id" in names:
        own.add("freight_payer")

    (method, params), *more = calls(replace(FULL, skus=()), *names, "title")

    assert (method, more) == ("taobao.item.update", [])
    assert set(params) - {"num_iid", "empty_fields"} <= own | {"title"}


def test_stock_alone_is_set_in_full_by_the_quantity_call() -> None:
    expected = {"num_iid": str(ITEM), "quantity": "5", "type": "1"}

    assert calls(PLAIN, "stock") == [("taobao.item.quantity.update", expected)]


def test_stock_of_skus_is_set_by_their_codes_twenty_at_a_time() -> None:
    many = tuple(SkuDraft(f"1:{number}", Decimal(1), number, f"C{number}") for number in range(21))

    first, second = calls(replace(PLAIN, skus=many), "stock")

    assert first[0] == second[0] == "taobao.skus.quantity.update"
    assert first[1]["outerid_quantities"].count(";") == 19
    assert second[1]["outerid_quantities"] == "C20:20"
    assert second[1]["type"] == "1"


@pytest.mark.parametrize("codes", [("A", "A"), ("A", ""), ("A", "B:1"), ("A", "B;C")])
def test_skus_without_usable_codes_are_replaced_as_a_whole(codes: tuple[str, str]) -> None:
    skus = tuple(replace(sku, outer_id=code) for sku, code in zip(SKUS, codes, strict=True))

    ((method, params),) = calls(replace(PLAIN, skus=skus), "stock")

    assert method == "taobao.item.update"
    assert params["sku_quantities"] == "2,3"
    assert params["num"] == "5"


def test_a_new_price_of_skus_sends_no_stock() -> None:
    steps = calls(WITH_SKUS, "price")

    assert {method for method, _ in steps} == {"taobao.item.sku.price.update"}
    assert not any({"quantity", "num", "sku_quantities"} & set(params) for _, params in steps)


PRICES = st.lists(st.integers(1, 50), min_size=1, max_size=6)


@given(before=PRICES, after=PRICES, data=st.data())
def test_while_sku_prices_change_the_items_own_price_stays_within_theirs(
    before: list[int], after: list[int], data: st.DataObject
) -> None:
    size = min(len(before), len(after))
    shown = dict(zip((f"1:{number}" for number in range(size)), before, strict=False))
    skus = tuple(
        SkuDraft(f"1:{number}", Decimal(price), 1, f"C{number}") for number, price in enumerate(after[:size])
    )
    price = data.draw(st.integers(min(after[:size]), max(after[:size])))

    steps = calls(replace(PLAIN, price=Decimal(price), skus=skus), "price")

    for _, params in steps:
        shown[params["properties"]] = int(Decimal(params["price"]))
        assert min(shown.values()) <= Decimal(params["item_price"]) <= max(shown.values())
    assert Decimal(steps[-1][1]["item_price"]) == price


def test_an_emptied_field_is_named_as_empty() -> None:
    ((_, params),) = calls(PLAIN, "property_alias", "title")

    assert params["empty_fields"] == "property_alias"


@pytest.mark.parametrize(("names", "why"), [({"num_iid"}, "num_iid"), ({"skus"}, "taken away")])
def test_an_update_that_cannot_be_is_refused(names: set[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        item.update_steps(ITEM, PLAIN, frozenset(names))


def test_a_slice_of_the_warehouse_asks_by_banner_and_change() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    step = item.slice_request(Slice(Bucket.SOLD_OUT, page=2, modified_from=moment))

    assert step.method == "taobao.items.inventory.get"
    assert step.params["banner"] == "sold_out"
    assert step.params["start_modified"] == "2026-01-01 08:00:00"
    assert item.slice_request(Slice(Bucket.ONSALE)).method == "taobao.items.onsale.get"


def test_a_field_the_platform_did_not_send_is_none_but_skus_asked_for_are_none_there() -> None:
    listed = item.seen(WireItem(5), 1, 2)
    whole = item.seen(WireItem(5), 1, 2, whole=True)

    assert (listed.title, listed.skus, listed.pictures) == (None, None, None)
    assert (whole.skus, whole.pictures) == ((), ())


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://img.alicdn.com/imgextra/i4/112/TB2_!!112.jpg", "i4/112/TB2_!!112.jpg"),
        ("http://img03.taobaocdn.com/bao/uploaded/i3/T1d.jpg", "i3/T1d.jpg"),
        ("i3/156447112/Tdsxsiixxx.jpg", "i3/156447112/Tdsxsiixxx.jpg"),
    ],
)
def test_a_picture_is_named_by_its_path(address: str, path: str) -> None:
    assert picture.picture_path(address) == path


def test_every_method_of_this_room_stands_in_the_catalogue() -> None:
    steps = [
        *item.update_steps(ITEM, WITH_SKUS, frozenset({"price"})),
        item.slice_request(Slice(Bucket.ONSALE)),
    ]

    assert {step.method for step in steps} <= set(typed())
    assert not needs_session("taobao.time.get")
