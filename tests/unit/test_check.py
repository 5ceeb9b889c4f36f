"""Every rule of the check: each can be broken alone, is named with field and value, and all faults of a row come at once."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.check import Checked, Look, Terms, check, width_of
from onshelf.catalog.fill import fill
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import Row
from onshelf.catalog.rules import rules
from onshelf.catalog.store import product_values
from onshelf.texts import LANGS, Lang

PROFILE = Profile(
    price_rule=PriceRule(markup=Decimal("0.5"), floor=Decimal(5)), forbidden_words=("最低价", "Best")
)
GOOD = {
    "outer_id": "A-1",
    "title": "夏季新款纯棉短袖",
    "price": "19.90",
    "stock": "12",
    "category": "50000671",
    "description": "<p>好看好穿</p>",
    "province": "浙江",
    "city": "杭州",
}
LOOK = Look("a.jpg", "/shop/a.jpg", width=800, height=800)
Options = tuple[tuple[str, str], ...]


def checked(
    cells: dict[str, str] | None = None,
    *,
    profile: Profile = PROFILE,
    looks: Sequence[Look] = (LOOK,),
    variants: Sequence[tuple[Options, dict[str, str]]] = (),
    code_row: int = 0,
    title_row: int = 0,
) -> Checked:
    """Checks the good row with some cells changed; `variants` makes it a product with options."""
    first = {**GOOD, **(cells or {})}
    group = [Row(2, first)]
    if variants:
        group = [
            Row(number, {**(first if number == 2 else {"title": "", "stock": "1"}), **own}, (), options)
            for number, (options, own) in enumerate(variants, 2)
        ]
    candidate = fill(group, profile, lambda title: 1)
    candidate.code_row, candidate.title_row = code_row, title_row
    return check(candidate, looks, Terms.of(profile), source="products.csv:2")


def broken_rules(outcome: Checked) -> list[str]:
    return [fault.rule for fault in outcome.faults]


def test_a_good_row_becomes_a_product() -> None:
    outcome = checked()

    assert outcome.faults == ()
    assert outcome.product
    assert (outcome.product.price, outcome.product.stock) == (Decimal("19.90"), 12)
    assert outcome.product.pictures == ("/shop/a.jpg",)
    assert outcome.product.source == "products.csv:2"


def test_all_faults_of_a_row_are_named_at_once_with_field_and_value() -> None:
    outcome = checked({"title": "", "price": "x", "stock": "1.5", "city": ""}, looks=[])

    named = {(fault.field, fault.value, fault.rule) for fault in outcome.faults}
    assert outcome.product is None
    assert named == {
        ("title", "", "title_blank"),
        ("price", "x", "amount_form"),
        ("stock", "1.5", "stock_form"),
        ("city", "", "place_missing"),
        ("picture", "", "picture_missing"),
    }


SINGLE_FAULTS: list[tuple[str, dict[str, str]]] = [
    ("title_width", {"title": "夏" * 31}),
    ("odd_characters", {"title": "热水袋\x9f\x9c卡通"}),
    ("odd_characters", {"title": "百\ufffd翡手表"}),
    ("odd_characters", {"title": "卡地\uf880手表"}),
    ("odd_characters", {"title": "短\u200b袖"}),
    ("odd_characters", {"title": "两\n行"}),
    ("odd_characters", {"outer_id": "A\ufeff1"}),
    ("odd_characters", {"description": "<p>好\x86看好穿</p>"}),
    ("undecodable_bytes", {"title": "短\udc9f袖"}),
    ("outer_id_comma", {"outer_id": "A,1"}),
    ("outer_id_space", {"outer_id": " A1"}),
    ("outer_id_long", {"outer_id": "编" * 22}),
    ("price_missing", {"price": ""}),
    ("amount_form", {"price": "十九"}),
    ("cost_range", {"price": "", "cost": "0"}),
    ("price_range", {"price": "100000000.01", "cost": ""}),
    ("price_decimals", {"price": "19.901"}),
    ("price_below_floor", {"price": "4.90"}),
    ("stock_missing", {"stock": ""}),
    ("stock_form", {"stock": "很多"}),
    ("stock_range", {"stock": "900000001"}),
    ("stock_range", {"stock": "-1"}),
    ("stock_zero", {"stock": "0"}),
    ("category_missing", {"category": ""}),
    ("category_missing", {"category": "女装"}),
    ("place_missing", {"province": ""}),
    ("condition_unknown", {"condition": "九成新"}),
    ("template_form", {"delivery_template": "包邮"}),
    ("description_length", {"description": "好好好好好"}),
    ("description_length", {"description": "好" * 25_000}),
    ("forbidden_word", {"title": "全网最低价短袖"}),
    ("forbidden_word", {"description": "<p>the best of all</p>"}),
    ("properties_form", {"properties": "颜色:红"}),
    ("properties_many", {"properties": ";".join(f"1:{n}" for n in range(36))}),
    ("properties_long", {"properties": ";".join(f"1234567:12345678{n}" for n in range(10, 43))}),
]


@pytest.mark.parametrize(("rule", "cells"), SINGLE_FAULTS)
def test_each_rule_can_be_broken_alone(rule: str, cells: dict[str, str]) -> None:
    outcome = checked(cells)

    assert broken_rules(outcome) == [rule]
    assert outcome.product is None


VARIANTS: list[tuple[Options, dict[str, str]]] = [
    ((("颜色", "红"), ("尺码", "S")), {}),
    ((("颜色", "红"), ("尺码", "M")), {}),
]
SKU_FAULTS: list[tuple[str, Sequence[tuple[Options, dict[str, str]]]]] = [
    ("sku_twice", [VARIANTS[0], VARIANTS[0]]),
    ("sku_option_blank", [VARIANTS[0], ((("颜色", "红"),), {})]),
    ("sku_options_uneven", [VARIANTS[0], ((("颜色", "红"), ("尺码", "M"), ("款", "A")), {})]),
    ("sku_options_many", [((("a", "1"), ("b", "2"), ("c", "3")), {})]),
    ("outer_id_comma", [VARIANTS[0], ((("颜色", "红"), ("尺码", "M")), {"sku_outer_id": "A,1"})]),
    ("sku_list_long", [((("颜色", f"{n}"),), {"sku_outer_id": f"{n:060}"}) for n in range(9)]),
    ("alias_long", [((("颜色", f"{'长' * 200}{n}"),), {}) for n in range(5)]),
    ("undecodable_bytes", [((("颜色", "红\udc9f"),), {})]),
]


@pytest.mark.parametrize(("rule", "variants"), SKU_FAULTS)
def test_each_rule_of_variants_can_be_broken_alone(
    rule: str, variants: Sequence[tuple[Options, dict[str, str]]]
) -> None:
    outcome = checked(variants=variants)

    assert broken_rules(outcome) == [rule]


PICTURE_FAULTS = [
    ("picture_missing", []),
    ("picture_remote", [Look("http://x/a.jpg", problem="picture_remote")]),
    ("picture_outside", [Look("../a.jpg", problem="picture_outside")]),
    ("picture_not_found", [Look("b.jpg", problem="picture_not_found")]),
    ("picture_unreadable", [Look("b.jpg", problem="picture_unreadable")]),
    ("picture_kind", [Look("b.jpg", problem="picture_kind", facts={"kind": "WEBP"})]),
    ("picture_large", [Look("b.jpg", problem="picture_large", facts={"size": 9, "limit": 3})]),
    ("picture_small", [Look("b.jpg", "/b.jpg", width=800, height=799)]),
]


@pytest.mark.parametrize(("rule", "looks"), PICTURE_FAULTS)
def test_each_fault_of_a_picture_stops_the_row(rule: str, looks: list[Look]) -> None:
    outcome = checked(looks=looks)

    assert broken_rules(outcome) == [rule]
    assert outcome.product is None


@pytest.mark.parametrize("looks", [[], [Look("http://x/a.jpg", problem="picture_remote")]])
def test_missing_and_remote_pictures_can_be_waived(looks: list[Look]) -> None:
    outcome = checked(looks=looks, profile=Profile(pictures_optional=True))

    assert [fault.severity for fault in outcome.faults] == ["warning"]
    assert outcome.product
    assert outcome.product.pictures == ()


def test_a_broken_picture_cannot_be_waived() -> None:
    looks = [Look("b.jpg", problem="picture_unreadable")]

    assert checked(looks=looks, profile=Profile(pictures_optional=True)).product is None


def test_only_the_main_picture_has_a_least_size_and_five_are_used() -> None:
    small = Look("s.jpg", "/s.jpg", width=100, height=100)

    outcome = checked(looks=[LOOK, *[small] * 5])

    assert broken_rules(outcome) == ["pictures_many"]
    assert outcome.product
    assert len(outcome.product.pictures) == 5


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ("title_repeated", checked(title_row=7)),
        ("entity_residue", checked({"title": "T&amp;T 短袖"})),
        ("price_far_off", checked({"price": "199", "list_price": "19.9"})),
        ("price_below_cost", checked({"price": "10", "cost": "11"})),
        ("category_unmapped", checked({"category": "女装"}, profile=Profile(category_id=9))),
        ("description_cut", checked({"description": "<p>好看<script>x</script>好穿</p>"})),
        ("pictures_many", checked(looks=[LOOK] * 6)),
        ("sales_property_missing", checked({"category": "50012906"})),  # shoes: a size, as recorded
    ],
)
def test_a_warning_is_told_and_does_not_stop_the_row(rule: str, outcome: Checked) -> None:
    assert broken_rules(outcome) == [rule]
    assert outcome.product


@pytest.mark.parametrize("lang", LANGS)
def test_a_rule_and_its_fault_name_the_same_bounds(lang: Lang) -> None:
    (fault,) = checked({"description": "好" * 25_000}).faults
    (rule,) = (one for one in rules() if one.rule == fault.rule)

    for bound in ("6", "24,999"):
        assert bound in rule.title(lang)
        assert bound in fault.message(lang)


def test_a_code_used_twice_in_a_file_is_a_fault_that_names_the_other_row() -> None:
    (fault,) = checked(code_row=7).faults

    assert (fault.rule, fault.facts["row"]) == ("outer_id_twice", 7)


def test_a_row_without_code_and_title_cannot_be_identified() -> None:
    outcome = checked({"outer_id": "", "title": " "})

    assert broken_rules(outcome) == ["title_blank", "outer_id_blank"]


def test_a_cost_without_price_or_rule_is_a_fault() -> None:
    outcome = checked({"price": "", "cost": "10"}, profile=Profile())

    assert broken_rules(outcome) == ["price_no_rule"]


def test_odd_characters_are_named_with_the_place_of_the_first() -> None:
    (fault,) = checked({"title": "热水袋防爆充电暖宝\x9f\x9c卡通"}).faults

    assert fault.facts == {"position": 10, "characters": "U+009F U+009C", "count": 2}
    assert "\x9f" not in fault.value


def test_a_byte_that_could_not_be_decoded_is_named_as_the_byte_it_is() -> None:
    (fault,) = checked({"title": "短\udc9f袖"}).faults

    assert fault.facts["characters"] == "\\x9f"
    fault.value.encode()


def test_variants_give_the_product_its_lowest_price_and_their_stock_together() -> None:
    variants = [
        (VARIANTS[0][0], {"price": "25", "stock": "3", "sku_outer_id": "A-1-S"}),
        (VARIANTS[1][0], {"price": "19.9", "stock": "4", "sku_outer_id": "A-1-M"}),
    ]

    product = checked(variants=variants).product

    assert product
    assert (product.price, product.stock) == (Decimal("19.90"), 7)
    assert [(sku.outer_id, sku.price, sku.stock) for sku in product.skus] == [
        ("A-1-S", Decimal("25.00"), 3),
        ("A-1-M", Decimal("19.90"), 4),
    ]
    assert product.properties == "1627207:-1001;20509:-1001;20509:-1002"


def test_a_price_that_only_the_first_row_names_is_that_of_all_variants() -> None:
    product = checked(variants=VARIANTS).product

    assert product
    assert {sku.price for sku in product.skus} == {Decimal("19.90")}


def test_variants_that_share_a_fault_name_it_once() -> None:
    outcome = checked({"price": "", "cost": "10"}, variants=VARIANTS, profile=Profile())

    assert broken_rules(outcome) == ["price_no_rule"]


def test_a_fault_of_some_variants_names_their_rows() -> None:
    wrong = {"price": "x"}
    variants = [VARIANTS[0], (VARIANTS[1][0], wrong), ((("颜色", "蓝"), ("尺码", "S")), wrong)]

    (fault,) = checked(variants=variants).faults

    assert (fault.rule, fault.rows) == ("amount_form", "3, 4")
    assert fault.message("zh").endswith("（第 3, 4 行）")


def test_a_sold_out_variant_is_no_fault_while_another_has_stock() -> None:
    product = checked({"stock": "0"}, variants=VARIANTS).product

    assert product
    assert [sku.stock for sku in product.skus] == [0, 1]


@pytest.mark.parametrize(("title", "width"), [("abc", 3), ("夏a", 3), ("ÿ", 1), ("Ā", 2), ("😀", 2), ("", 0)])
def test_a_title_is_as_wide_as_the_platform_counts(title: str, width: int) -> None:
    assert width_of(title) == width


wild = st.text(st.one_of(st.characters(), st.sampled_from("\udc80\udcff\ufffd\x00,;:<&1.-")))


@given(wild, st.booleans())
def test_no_text_can_break_the_check_or_slip_into_a_database_that_cannot_hold_it(
    text: str, has_options: bool
) -> None:
    options = (("颜色", text), (text, "M")) if has_options else ()
    outcome = checked(
        dict.fromkeys([*GOOD, "condition", "delivery_template", "properties", "sku_outer_id"], text),
        variants=[(options, {})] if has_options else (),
    )

    for fault in outcome.faults:
        assert fault.message("zh")
        fault.value.encode()
    if outcome.product:
        assert "\x00" not in str(product_values(outcome.product))
        str(product_values(outcome.product)).encode()


@pytest.mark.parametrize("field", ["category", "delivery_template", "stock"])
def test_a_number_too_long_for_a_database_is_a_fault(field: str) -> None:
    assert checked({field: "9" * 30}).product is None


def test_every_rule_has_its_texts_and_is_broken_by_some_test_here() -> None:
    singles = {rule for rule, _ in SINGLE_FAULTS} | {rule for rule, _ in SKU_FAULTS}
    named = singles | {rule for rule, _ in PICTURE_FAULTS}
    apart = {"title_blank", "outer_id_blank", "outer_id_twice", "price_no_rule"}
    given_by_programs = {"sku_amounts", "line_broken"}  # broken in test_given.py

    assert {rule.rule for rule in rules() if rule.severity == "fault"} == named | apart | given_by_programs
    assert all(rule.title(lang) for rule in rules() for lang in LANGS)


@pytest.mark.parametrize(("rule", "cells"), SINGLE_FAULTS)
def test_every_fault_says_what_and_what_to_do_in_both_languages(rule: str, cells: dict[str, str]) -> None:
    for fault in checked(cells).faults:
        for lang in LANGS:
            assert fault.message(lang), rule
            assert fault.remedy(lang), rule
