"""Cells written to keep us busy: what is done with one grows with its length and not with the square of it (ReDoS)."""

from decimal import Decimal
from time import process_time

import pytest

from onshelf.catalog.check import Terms, check
from onshelf.catalog.fill import fill
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import Row
from onshelf.catalog.suggest import suggest

ROW = 7
PROFILE = Profile(
    province="浙江",
    city="杭州",
    pictures_optional=True,
    price_rule=PriceRule(markup=Decimal(1)),
    forbidden_words=("最低价",),
)
GOOD = {
    "outer_id": "TX-1",
    "title": "爆款宽松T恤",
    "price": "39.90",
    "stock": "12",
    "category": "50000671",
    "description": "好",
}
UNITS = [
    " ", ",", ", ", "<", "&", "a ", "1", "(", "中", "<img ", "<a href=", "&#", "=", '"', "'", "|", "http://", "<p>", "<b",
    "1:1;", "-", ".", "1,", "x=", "二手", "a,", "<!--", "￥1", "<p><b><i>", "&lt;",
]  # fmt: skip
LENGTH = 100_000
ENOUGH_S = 5.0
"""Of the processor: what grows with the square takes minutes, all else hundredths."""


@pytest.mark.parametrize("field", [*GOOD, "pictures", "sku_1_name", "cost", "condition"])
def test_a_cell_of_any_kind_is_checked_and_mended_in_no_time(field: str) -> None:
    since_s = process_time()
    for unit in UNITS:
        cells = {**GOOD, field: "a" + unit * (LENGTH // len(unit)) + "b"}
        row = fill([Row(ROW, cells)], PROFILE, lambda _: 1)
        for fault in check(row, [], Terms.of(PROFILE), source="a.csv:7").faults:
            suggest(fault, cells, ROW, PROFILE.price_rule)

    assert process_time() - since_s < ENOUGH_S
