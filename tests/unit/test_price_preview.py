"""A price shown step by step to whoever sets the rule."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from onshelf.catalog.preview import preview
from onshelf.catalog.pricing import PriceRule


def test_a_markup_shows_fee_and_what_is_left() -> None:
    rule = PriceRule(markup=Decimal("0.45"), fee_rate=Decimal("0.05"), floor=Decimal(5), ending=".90")

    found = preview(Decimal(25), rule)

    assert (found.computed, found.price) == (Decimal("38.16"), Decimal("38.90"))
    assert (found.fee, found.left) == (Decimal("1.95"), Decimal("11.95"))
    assert not found.raised_to_floor


def test_a_price_raised_to_the_floor_says_so() -> None:
    rule = PriceRule(markup=Decimal("0.10"), floor=Decimal(20))

    assert preview(Decimal(3), rule).raised_to_floor
    assert not preview(Decimal(30), rule).raised_to_floor


@given(
    cost=some.decimals("0.01", "9999", places=2),
    share=some.decimals("0", "0.6", places=2),
    fee=some.decimals("0", "0.3", places=2),
)
def test_what_is_left_is_the_price_less_fee_and_cost_and_at_least_the_margin_asked_for(
    cost: Decimal, share: Decimal, fee: Decimal
) -> None:
    found = preview(cost, PriceRule(margin=share, fee_rate=fee))

    assert found.left == found.price - found.fee - cost
    assert found.left >= found.price * share - Decimal("0.01")
