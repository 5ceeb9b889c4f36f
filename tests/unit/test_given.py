"""A product that a program gives is held to the same rules as the row of a file."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.check import Look, Terms
from onshelf.catalog.given import HEADER, Given, Outcome, check_given, given_of, lines_of, read_line
from onshelf.catalog.imports.intake import Intake
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import understand
from onshelf.catalog.store import product_values

PROFILE = Profile(
    category_id=50010850,
    categories={"杯子": 50010851},
    province="浙江",
    city="杭州",
    stock=5,
    pictures_optional=True,
)
SKUS = [
    {"outer_id": "T-R", "options": {"颜色": "红"}, "price": "59", "stock": 3},
    {"outer_id": "T-B", "options": {"颜色": "蓝"}, "price": 61.5, "stock": "4"},
]


def checked(**product: Any) -> Outcome:
    whole = {"outer_id": "A", "title": "杯", "price": "1", **product}
    made = msgspec.convert(whole, Given)
    return check_given(made, Terms.of(PROFILE), lambda name: Look(name, f"/p/{name}"), source="test")


def rules(outcome: Outcome) -> list[str]:
    faults = outcome.finding.faults if outcome.finding else ()
    return [fault.rule for fault in faults if fault.severity == "fault"]


def test_numbers_and_texts_are_amounts_alike() -> None:
    for price in ("12.50", 12.5, "¥12.50"):
        assert checked(price=price).product is not None
        assert checked(price=price).product.price == Decimal("12.50")  # type: ignore[union-attr]


def test_variants_become_skus_with_their_own_amounts() -> None:
    product = checked(price="", skus=SKUS).product

    assert product is not None
    assert [(sku.outer_id, sku.price, sku.stock) for sku in product.skus] == [
        ("T-R", Decimal("59.00"), 3),
        ("T-B", Decimal("61.50"), 4),
    ]


def test_a_variant_without_a_price_has_the_products() -> None:
    skus = [{"options": {"颜色": "红"}}, {"options": {"颜色": "蓝"}, "price": "7"}]

    product = checked(price="5", stock=2, skus=skus).product

    assert product is not None
    assert [(sku.price, sku.stock) for sku in product.skus] == [(Decimal("5.00"), 2), (Decimal("7.00"), 2)]


@pytest.mark.parametrize("field", ["price", "cost", "stock"])
def test_an_amount_that_every_variant_overrides_is_a_fault(field: str) -> None:
    skus = [{**sku, "cost": "1"} for sku in SKUS]

    assert rules(checked(**{"price": "", field: "3", "skus": skus})) == ["sku_amounts"]


def test_a_code_is_never_derived() -> None:
    assert "outer_id_blank" in rules(checked(outer_id=""))


def test_a_category_word_is_mapped_and_a_number_counts_first() -> None:
    assert checked(category="杯子").product.category_id == 50010851  # type: ignore[union-attr]
    assert checked(category="杯子", category_id=7).product.category_id == 7  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"7",
        b"[]",
        b"{",
        b'{"outer_id": 1}',
        b'{"name": "x"}',
        b'{"skus": [{"price": 1}]}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_a_line_that_is_no_product_says_why(line: bytes) -> None:
    assert isinstance(read_line(line), str)


def test_a_product_read_back_is_the_same_product() -> None:
    for whole in (
        {"description": "<p>好杯</p>", "pictures": ["a.jpg", "b.jpg"]},
        {"price": "", "skus": SKUS},
    ):
        product = checked(**whole).product
        assert product is not None
        back = given_of(product)
        again = check_given(back, Terms.of(PROFILE), lambda name: Look(name, name), source="test").product
        assert again is not None
        assert product_values(again) == product_values(product)


def test_its_rows_in_the_workbook_are_read_as_the_same_product(tmp_path: Path) -> None:
    made = msgspec.convert({"outer_id": "A", "title": "杯", "skus": SKUS, "city": "宁波"}, Given)
    content = [HEADER, *(values for _, values in lines_of(made, 1))]
    path = tmp_path / "failed.csv"
    path.write_text("\n".join(",".join(row) for row in content), "utf-8")

    (chunk,) = Intake(path, PROFILE, open_pictures=False).chunks()

    direct = check_given(made, Terms.of(PROFILE), lambda name: Look(name, name), source="x").product
    assert direct is not None
    assert product_values(chunk.products[0])[:-3] == product_values(direct)[:-3]


def test_every_column_of_the_workbook_is_understood() -> None:
    assert understand(HEADER, {}).unknown == ()


TEXTS = st.text(max_size=30)


@given(
    st.fixed_dictionaries(
        {
            "outer_id": TEXTS,
            "title": TEXTS,
            "price": TEXTS | st.floats(allow_nan=False),
            "stock": TEXTS | st.integers(),
        },
        optional={
            "description": TEXTS,
            "category": TEXTS,
            "properties": TEXTS,
            "pictures": st.lists(TEXTS, max_size=3),
            "skus": st.lists(
                st.fixed_dictionaries({"options": st.dictionaries(TEXTS, TEXTS, max_size=3), "price": TEXTS}),
                max_size=3,
            ),
        },
    )
)
def test_whatever_is_given_is_either_a_product_or_has_a_fault(product: dict[str, Any]) -> None:
    outcome = checked(**product)

    assert (outcome.product is None) == bool(rules(outcome))
