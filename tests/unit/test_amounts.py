"""Numbers as people write them, read without guessing."""

from decimal import Decimal

import pytest

from onshelf.catalog.amounts import parse_count, parse_money


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12", "12"),
        ("12.50", "12.50"),
        ("¥1,234.50", "1234.50"),
        ("￥ 12", "12"),
        ("12.5元", "12.5"),
        ("１２．５", "12.5"),
        ("-3", "-3"),
    ],
)
def test_money_is_read_in_the_forms_of_sheets(written: str, amount: str) -> None:
    assert parse_money(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["", "约三十元", "1,23", "1.2.3", "12-15", "1e5", "12,5", "NaN", "$12", "12 元起"]
)
def test_what_is_no_clear_amount_of_money_is_not_guessed(written: str) -> None:
    assert parse_money(written) is None


@pytest.mark.parametrize(
    ("written", "count"), [("0", 0), ("12", 12), ("1,200", 1200), ("12.0", 12), ("１２", 12), ("-1", -1)]
)
def test_counts_are_read_in_the_forms_of_sheets(written: str, count: int) -> None:
    assert parse_count(written) == count


@pytest.mark.parametrize("written", ["", "12.5", "若干", "1,2", "²", "1e3", "12件"])
def test_what_is_no_clear_count_is_not_guessed(written: str) -> None:
    assert parse_count(written) is None
