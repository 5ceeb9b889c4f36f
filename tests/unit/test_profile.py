"""The publishing profile: JSON there and back, gaps filled, codes derived, options mapped."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.categories import Offered, offered_by
from onshelf.catalog.fill import Candidate, derive_code, fill, split_pictures
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile, SalesProperty, decode_profile, encode_profile
from onshelf.catalog.readers import Row
from onshelf.catalog.sales import map_options
from onshelf.errors import Unreadable

FULL = Profile(
    category_id=50000671,
    categories={"T恤": 50000671, "Bracelet": 50013865},
    condition="second",
    province="浙江",
    city="杭州",
    delivery_template_id=77,
    description="<p>{title}</p><p>现货</p>",
    properties="20000:29534",
    sales_properties={"颜色": SalesProperty(property_id=1627207, values={"红": 28326})},
    price_rule=PriceRule(margin=Decimal("0.3"), ending=".90"),
    stock=10,
    pictures_optional=True,
    forbidden_words=("最低价",),
)


def always_first(_title: str) -> int:
    return 1


def filled(*cells: dict[str, str], profile: Profile = FULL) -> Candidate:
    rows = [Row(number, {"title": "", **one}) for number, one in enumerate(cells, 2)]
    return fill(rows, profile, always_first)


def test_a_profile_comes_back_from_json_as_it_was() -> None:
    assert decode_profile(encode_profile(FULL), where="shop") == FULL


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"categry_id": 1}', "categry_id"),
        ('{"stock": "many"}', "stock"),
        ('{"condition": "used"}', "condition"),
        ('{"price_rule": {"fee_rate": "0.1"}}', "price_rule"),
        ("{", "truncated"),
    ],
)
def test_a_malformed_profile_names_the_entry(text: str, named: str) -> None:
    with pytest.raises(Unreadable, match=named):
        decode_profile(text, where="profile.json")


def test_a_row_that_says_nothing_is_filled_from_the_profile() -> None:
    candidate = filled({"title": "杯子 <大>", "outer_id": "A1"})

    assert candidate.category_id == 50000671
    assert (candidate.condition, candidate.province, candidate.city) == ("second", "浙江", "杭州")
    assert candidate.delivery_template == "77"
    assert candidate.properties == "20000:29534"
    assert candidate.description == "<p>杯子 &lt;大&gt;</p><p>现货</p>"


def test_what_the_row_says_wins_over_the_profile() -> None:
    said = {"title": "杯", "category": "123", "province": "江苏", "city": "苏州", "condition": "全新"}

    candidate = filled({**said, "description": "好杯子好杯子"})

    assert (candidate.category_id, candidate.province, candidate.condition) == (123, "江苏", "new")
    assert candidate.description == "好杯子好杯子"


@pytest.mark.parametrize(
    ("cells", "category", "unmapped"),
    [
        ({"type": "Bracelet"}, 50013865, ""),
        ({"category": "女装", "type": "T恤"}, 50000671, ""),
        ({"type": "Necklace"}, 50000671, "Necklace"),
        ({}, 50000671, ""),
    ],
)
def test_the_files_own_words_are_mapped_to_categories(
    cells: dict[str, str], category: int, unmapped: str
) -> None:
    candidate = filled({"title": "x", **cells})

    assert (candidate.category_id, candidate.category_word) == (category, unmapped)


def test_a_derived_code_is_the_same_at_each_import_and_fit_to_be_one() -> None:
    code = derive_code("", "夏季新款", always_first)

    assert code == derive_code("", "夏季新款", always_first)
    assert code != derive_code("", "夏季新款2", always_first)
    assert len(code) <= 64
    assert not set(code) & set(", ")


def test_repeated_titles_without_a_code_stay_products_of_their_own() -> None:
    seen: Counter[str] = Counter()

    def occurrence(title: str) -> int:
        seen[title] += 1
        return seen[title]

    codes = [derive_code("", title, occurrence) for title in ("甲", "乙", "甲", "甲")]

    assert len(set(codes)) == 4
    assert codes[2].startswith(codes[0])


@pytest.mark.parametrize(("handle", "code"), [("ocean-blue-shirt", "ocean-blue-shirt"), (" a ", "a")])
def test_a_handle_that_can_be_a_code_is_taken_as_it_is(handle: str, code: str) -> None:
    assert derive_code(handle, "any title", always_first) == code


@pytest.mark.parametrize("handle", ["blue,shirt", "blue shirt", "蓝" * 40])
def test_a_handle_that_cannot_be_a_code_is_digested(handle: str) -> None:
    assert derive_code(handle, "any title", always_first).startswith("h-")


def test_a_code_given_in_the_file_is_never_derived() -> None:
    candidate = filled({"title": "x", "outer_id": "A-1"})

    assert (candidate.outer_id, candidate.outer_id_derived) == ("A-1", False)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg|b.jpg; c.jpg\nd.jpg,e.jpg", ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]),
        ("https://x/a,1.jpg,https://x/b;2.jpg", ["https://x/a,1.jpg", "https://x/b;2.jpg"]),
        ("  ", []),
    ],
)
def test_a_cell_may_name_several_pictures(cell: str, names: list[str]) -> None:
    assert split_pictures(cell) == names


def test_options_without_a_mapping_become_colour_and_size_with_their_text_as_alias() -> None:
    red_small, red_large = (("款式", "红:1"), ("码", "S")), (("款式", "红:1"), ("码", "L"))

    sales = map_options([red_small, red_large], {})

    assert sales.variants == ("1627207:-1001;20509:-1001", "1627207:-1001;20509:-1002")
    assert sales.pairs == ("1627207:-1001", "20509:-1001", "20509:-1002")
    assert sales.alias == "1627207:-1001:红：1;20509:-1001:S;20509:-1002:L"


def test_mapped_values_keep_the_platforms_ids_and_need_no_alias() -> None:
    sales = map_options([(("颜色", "红"),), (("颜色", "墨绿"),)], FULL.sales_properties)

    assert sales.variants == ("1627207:28326", "1627207:-1001")
    assert sales.alias == "1627207:-1001:墨绿"


def test_a_default_property_that_the_profile_took_is_not_given_twice() -> None:
    mapping = {"色": SalesProperty(property_id=1627207)}

    sales = map_options([(("尺码", "S"), ("色", "红"))], mapping)

    assert sales.variants == ("20509:-1001;1627207:-1001",)


def test_a_third_option_without_a_mapping_is_named() -> None:
    assert map_options([(("a", "1"), ("b", "2"), ("c", "3"))], {}).unmapped == ("c",)


COLOUR, SHOE_SIZE = Offered(1627207, "颜色分类", is_colour=True), Offered(20549, "尺码", required=True)


def properties_of(names: str, *offered: Offered) -> list[int]:
    """The properties that options of these names get."""
    sales = map_options([tuple((name, "x") for name in names.split())], {}, offered)
    return [int(pair.partition(":")[0]) for pair in sales.pairs]


@pytest.mark.parametrize(
    ("names", "offered", "expected"),
    [
        ("颜色 尺码", (COLOUR, SHOE_SIZE), [1627207, 20549]),
        ("鞋码 Color", (COLOUR, SHOE_SIZE), [20549, 1627207]),
        ("款式 尺码", (COLOUR, SHOE_SIZE), [1627207, 20549]),
        ("款式", (COLOUR, SHOE_SIZE), [20549]),  # what must be there first
        ("颜色", (Offered(5919063, "套餐类型", takes_own=False), COLOUR), [1627207]),
        ("款式", (Offered(5919063, "套餐类型", takes_own=False), COLOUR), [1627207]),
        ("套餐类型 颜色", (Offered(5919063, "套餐类型", takes_own=False), COLOUR), [5919063, 1627207]),
        ("颜色 尺码", (COLOUR,), [1627207, 20509]),  # the platform may offer more by now
        ("a b c", (COLOUR, SHOE_SIZE, Offered(7, "款式")), [20549, 1627207, 7]),
        ("尺码 颜色", (), [20509, 1627207]),
    ],
)
def test_options_take_the_properties_their_category_offers(
    names: str, offered: tuple[Offered, ...], expected: list[int]
) -> None:
    assert properties_of(names, *offered) == expected


@pytest.mark.parametrize(
    ("category_id", "expected"),
    [(50010850, [1627207, 20509]), (50012906, [1627207, 20549]), (16, []), (None, [])],
)
def test_what_a_category_offers_is_as_recorded(category_id: int | None, expected: list[int]) -> None:
    """Dresses have clothes' sizes, shoes have their own; parents and no category offer nothing."""
    assert [one.property_id for one in offered_by(category_id)] == expected


options = st.lists(
    st.tuples(st.sampled_from("红绿蓝"), st.sampled_from("SML")), min_size=1, max_size=9, unique=True
)


@given(options)
def test_different_variants_never_share_their_properties(chosen: list[tuple[str, str]]) -> None:
    variants = [(("颜色", colour), ("尺码", size)) for colour, size in chosen]

    sales = map_options(variants, {})

    assert len(set(sales.variants)) == len(variants)
    assert set(";".join(sales.variants).split(";")) == set(sales.pairs)
