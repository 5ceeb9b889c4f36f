"""Suggestions: what a person accepts mends the fault, and where nobody can know there is none."""

from decimal import Decimal

import pytest

from onshelf.catalog.check import Checked, Terms, check, width_of
from onshelf.catalog.fill import fill
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import Row
from onshelf.catalog.suggest import fit_title, suggest

GOOD = {
    "outer_id": "TX-1",
    "title": "爆款宽松T恤薄款透气",
    "price": "39.90",
    "stock": "12",
    "category": "50000671",
    "description": "<p>现货速发，支持七天无理由退换。</p>",
}
PROFILE = Profile(
    province="浙江",
    city="杭州",
    pictures_optional=True,
    price_rule=PriceRule(markup=Decimal("0.4"), floor=Decimal(5)),
    forbidden_words=("全网最低价",),
)
ROW = 7


def checked(cells: dict[str, str]) -> Checked:
    group = [Row(ROW, cells)]
    return check(fill(group, PROFILE, lambda _: 1), [], Terms.of(PROFILE), source="a.csv:7")


@pytest.mark.parametrize(
    ("rule", "field", "bad", "better"),
    [
        ("title_width", "title", "春夏新款" * 9, "春夏新款" * 7 + "春夏"),
        ("title_blank", "title", " ", "现货速发，支持七天无理由退换。"),
        ("odd_characters", "title", "宽松\ufffdT恤\u200b薄款", "宽松T恤薄款"),
        ("undecodable_bytes", "title", "宽松\udcb0T恤薄款", "宽松T恤薄款"),
        ("outer_id_comma", "outer_id", "SB-1007, SB-1008", "SB-1007-SB-1008"),
        ("outer_id_space", "outer_id", " TX-1 ", "TX-1"),
        ("amount_form", "price", "约39,9元起", "39.9"),
        ("price_decimals", "price", "39.905", "39.91"),
        ("price_below_floor", "price", "0.50", "5"),
        ("stock_form", "stock", "12.5", "12"),
        ("stock_form", "stock", "约20件", "20"),
        ("category_missing", "category", "女士连衣裙", "50010850"),
        ("condition_unknown", "condition", "九成新二手", "二手"),
        ("template_form", "delivery_template", "包邮模板 7713", "7713"),
        ("description_length", "description", "好", "<p>爆款宽松T恤薄款透气</p>"),
        ("forbidden_word", "title", "全网最低价保温杯316不锈钢", "保温杯316不锈钢"),
        ("entity_residue", "title", "T恤&amp;短裤", "T恤&短裤"),
    ],
)
def test_a_suggestion_mends_its_fault(rule: str, field: str, bad: str, better: str) -> None:
    cells = {**GOOD, field: bad}
    fault = next(one for one in checked(cells).faults if one.rule == rule)

    found = suggest(fault, cells, ROW)

    assert found is not None
    assert (found.field, found.value) == (field, better)
    assert rule not in {one.rule for one in checked({**cells, field: better}).faults}


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("price", ""),
        ("price", "面议"),
        ("price", "39 或 49"),
        ("price", "0"),
        ("stock", "充足"),
        ("stock", "0"),
        ("stock", "-3"),
        ("category", "补差价"),
        ("condition", "未知"),
    ],
)
def test_nothing_is_suggested_where_only_a_person_can_know(field: str, bad: str) -> None:
    cells = {**GOOD, field: bad}
    faults = checked(cells).faults

    assert faults
    assert [suggest(fault, cells, ROW) for fault in faults] == [None] * len(faults)


def test_of_two_rows_with_a_code_the_later_gets_another() -> None:
    group = [Row(ROW, GOOD)]
    candidate = fill(group, PROFILE, lambda _: 1)
    later, earlier = candidate, fill(group, PROFILE, lambda _: 1)
    later.code_row, earlier.code_row = 3, 30

    told = [check(one, [], Terms.of(PROFILE), source="").faults[0] for one in (later, earlier)]
    found = [suggest(fault, GOOD, ROW) for fault in told]

    assert found[0] is not None
    assert found[0].value == "TX-1-7"
    assert found[1] is None


def test_a_title_is_cut_between_words_where_a_break_is_near_the_end() -> None:
    spaced = "宽松显瘦短款圆领纯棉短袖 女夏季上衣印花半袖打底衫 薄款透气体恤衫学生"

    assert fit_title(spaced) == "宽松显瘦短款圆领纯棉短袖 女夏季上衣印花半袖打底衫"
    assert fit_title("短标题") == "短标题"
    assert fit_title("婴儿游泳池&hellip") == "婴儿游泳池"
    assert fit_title("杯&amp;碟 H&M") == "杯&碟 H&M"
    assert width_of(fit_title("宽" * 99)) == 60


def test_a_title_cut_short_in_the_fault_is_taken_whole_from_the_row() -> None:
    cells = {**GOOD, "title": "a b" * 80}
    (fault,) = (one for one in checked(cells).faults if one.rule == "title_width")

    found = suggest(fault, cells, ROW)

    assert found is not None
    assert cells["title"].startswith(found.value)
