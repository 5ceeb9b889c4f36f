"""The console's forms of a profile and of a product: what is shown can be read back, and what is wrong is named by its field."""

from decimal import Decimal
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.product import Product, Sku
from onshelf.catalog.profile import Profile, SalesProperty
from onshelf.web.console.product_form import changes_of, value_of
from onshelf.web.console.profile_form import Filled, filled, read, shown, version_of

WHOLE = Profile(
    category_id=50000671,
    categories={"T恤": 50000671, "卫衣": 50010159},
    condition="second",
    province="浙江",
    city="杭州",
    delivery_template_id=7713,
    description="<p>{title}</p><p>现货</p>",
    properties="20000:1",
    sales_properties={"颜色": SalesProperty(property_id=1627207, values={"红": 28326})},
    price_rule=PriceRule(
        markup=Decimal("0.455"), fee_rate=Decimal("0.05"), floor=Decimal("5.00"), ending=".90"
    ),
    stock=3,
    pictures_optional=True,
    forbidden_words=("全网最低价", "国家级"),
)


def sent(profile: Profile, **changes: str) -> Filled:
    """What a browser sends back of a profile's form, with some fields written anew."""
    form = shown(profile)
    pairs: list[tuple[str, str | UploadFile]] = [*({**form.values, **changes}).items()]
    for word, leaf in form.mapping:
        pairs += [("word", word), ("leaf", leaf)]
    for row in form.sales:
        pairs += zip(("sales_option", "sales_property", "sales_values"), row, strict=True)
    return filled(FormData(pairs))


@pytest.mark.parametrize("profile", [Profile(), WHOLE, Profile(price_rule=PriceRule(margin=Decimal("0.3")))])
def test_a_profile_comes_back_from_its_form_as_it_was(profile: Profile) -> None:
    form = sent(profile)

    assert read(form, profile) == profile
    assert form.wrong == {}
    assert form.values["version"] == version_of(profile)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stock": "-1"}, "stock"),
        ({"stock": "很多"}, "stock"),
        ({"delivery_template_id": "包邮"}, "delivery_template_id"),
        ({"category_id": "女装"}, "category_id"),
        ({"share": ""}, "share"),
        ({"share": "一半"}, "share"),
        ({"rule": "margin", "share": "96"}, "share"),
        ({"fee_rate": "-5"}, "fee_rate"),
        ({"floor": "x"}, "floor"),
        ({"ending": "abc"}, "ending"),
        ({"condition": "antique"}, "form"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(changes: dict[str, str], field: str) -> None:
    form = sent(WHOLE, **changes)

    assert read(form, WHOLE) is None
    assert field in form.wrong


def test_a_word_without_a_leaf_is_named_by_its_row() -> None:
    form = filled(FormData([("word", "T恤"), ("leaf", "50000671"), ("word", "发饰"), ("leaf", "")]))

    assert read(form, Profile()) is None
    assert list(form.wrong) == ["mapping.1"]


def test_a_form_that_says_nothing_of_variants_properties_keeps_them() -> None:
    after = read(sent(WHOLE, province="江苏"), WHOLE)

    assert after is not None
    assert after.province == "江苏"
    assert after.sales_properties == WHOLE.sales_properties


def product(**changes: Any) -> Product:
    return Product(
        **{
            "outer_id": "TX-1",
            "title": "宽松T恤",
            "price": Decimal("39.90"),
            "stock": 12,
            "category_id": 50000671,
            "description": "<p>宽松T恤</p>",
            "condition": "new",
            "province": "浙江",
            "city": "杭州",
            **changes,
        }
    )


def test_only_what_was_written_anew_is_a_change() -> None:
    one = product()
    same = {
        name: value_of(one, name)
        for name in ("title", "price", "stock", "category_id", "delivery_template_id")
    }

    assert changes_of(one, same) == {}
    assert changes_of(one, {**same, "price": " 45 ", "delivery_template_id": "7713"}) == {
        "price": "45",
        "delivery_template_id": 7713,
    }


def test_a_product_with_variants_has_its_amounts_there() -> None:
    red = Sku("TX-1-R", (("颜色", "红"),), "1627207:-1001", Decimal("39.90"), 5)
    blue = Sku("TX-1-B", (("颜色", "蓝"),), "1627207:-1002", Decimal("45.00"), 7)
    one = product(skus=(red, blue))

    found = changes_of(one, {"price": "1", "stock": "1", "sku_price.1": "49", "sku_stock.0": "0"})

    assert set(found) == {"skus"}
    assert [(sku.price, sku.stock) for sku in found["skus"]] == [("39.90", "0"), ("49", "7")]


def test_options_are_mapped_to_the_platforms_properties_and_values() -> None:
    form = Filled(
        shown(WHOLE).values,
        shown(WHOLE).mapping,
        sales=[("颜色", "1627207", "红=28326\n 天蓝 = 3232484 "), ("尺码", "20509", "")],
    )

    profile = read(form, WHOLE)

    assert profile
    assert profile.sales_properties == {
        "颜色": SalesProperty(property_id=1627207, values={"红": 28326, "天蓝": 3232484}),
        "尺码": SalesProperty(property_id=20509),
    }
    none = read(Filled(shown(WHOLE).values, []), WHOLE)
    assert none
    assert none.sales_properties == {}


@pytest.mark.parametrize(
    "row",
    [
        ("", "1627207", ""),
        ("颜色", "红", ""),
        ("颜色", "1627207", "红"),
        ("颜色", "1627207", "红=大红"),
        ("颜色", "0", ""),
    ],
)
def test_a_mapping_of_an_option_that_cannot_be_read_is_named(row: tuple[str, str, str]) -> None:
    form = Filled(shown(WHOLE).values, [], sales=[("尺码", "20509", ""), row])

    assert read(form, WHOLE) is None
    assert form.wrong == {"sales.1": "sales"}
