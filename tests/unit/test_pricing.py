"""Prices: a blank is never zero, nothing goes below the floor, endings round up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.pricing import Asked, PriceRule, price_from_cost, price_variant, round_up

yuan = st.decimals("0.01", "100000", places=2)
shares = st.decimals("0", "0.45", places=3)
endings = st.sampled_from(["", ".90", ".9", ".99", "9.00", "8", "9.90", "88.00"])
rules = st.builds(
    PriceRule, margin=shares, fee_rate=shares, floor=st.decimals("0", "500", places=2), ending=endings
)


@given(cost=yuan, rule=rules)
def test_a_computed_price_is_never_below_the_floor_nor_below_what_cost_and_margin_ask(
    cost: Decimal, rule: PriceRule
) -> None:
    price = price_from_cost(cost, rule)

    assert rule.margin is not None
    assert price >= rule.floor >= 0
    assert price * (1 - rule.fee_rate - rule.margin) >= cost - Decimal("1e-18")


@given(price=yuan, ending=endings)
def test_rounding_to_an_ending_goes_up_and_by_less_than_one_step(price: Decimal, ending: str) -> None:
    rounded = round_up(price, ending)

    whole, _, part = ending.partition(".")
    step = Decimal(10) ** len(whole) if ending else Decimal("0.01")
    assert price <= rounded < price + step or (
        rounded == Decimal(f"{whole or 0}.{part or 0}") and price <= rounded
    )
    assert f"{rounded:.2f}".endswith(f"{whole}.{part or '0':0<2}" if ending else "")


@given(cost=yuan, floor=yuan, rule=rules)
def test_a_products_own_floor_holds_as_well(cost: Decimal, floor: Decimal, rule: PriceRule) -> None:
    priced = price_variant(Asked(cost=str(cost), floor=str(floor)), rule)

    assert priced.price is not None
    assert priced.price >= floor


@pytest.mark.parametrize(
    ("cost", "rule", "price"),
    [
        ("10", PriceRule(margin=Decimal("0.3"), fee_rate=Decimal("0.05")), "15.39"),
        ("10", PriceRule(margin=Decimal("0.3"), fee_rate=Decimal("0.05"), ending=".90"), "15.90"),
        ("10", PriceRule(markup=Decimal("0.5"), fee_rate=Decimal("0.2")), "18.75"),
        ("10", PriceRule(markup=Decimal("0.29"), ending=".90"), "12.90"),
        ("1", PriceRule(markup=Decimal(0), floor=Decimal("9.95"), ending=".90"), "10.90"),
        ("43", PriceRule(markup=Decimal(0), ending="9.00"), "49.00"),
    ],
)
def test_a_price_follows_from_its_cost(cost: str, rule: PriceRule, price: str) -> None:
    assert price_from_cost(Decimal(cost), rule) == Decimal(price)


@pytest.mark.parametrize(
    ("asked", "rule", "broken"),
    [
        (Asked(), None, "price_missing"),
        (Asked(), PriceRule(markup=Decimal(1)), "price_missing"),
        (Asked(list_price="20"), None, "price_missing"),
        (Asked(cost="10"), None, "price_no_rule"),
        (Asked(cost="0"), PriceRule(markup=Decimal(1)), "cost_range"),
        (Asked(price="十元"), None, "amount_form"),
        (Asked(price="10", cost="x"), None, "amount_form"),
        (Asked(price="4.99"), PriceRule(markup=Decimal(1), floor=Decimal(5)), "price_below_floor"),
        (Asked(price="4.99", floor="5"), None, "price_below_floor"),
    ],
)
def test_a_price_that_cannot_be_told_is_a_fault(asked: Asked, rule: PriceRule | None, broken: str) -> None:
    (fault,) = price_variant(asked, rule).faults

    assert fault.rule == broken
    assert fault.severity == "fault"


def test_a_price_in_the_file_wins_over_the_rule() -> None:
    priced = price_variant(Asked(price="30", cost="10"), PriceRule(markup=Decimal(1)))

    assert priced.price == 30


@pytest.mark.parametrize(
    ("asked", "broken"),
    [
        (Asked(price="199.0", cost="10"), "price_far_off"),
        (Asked(price="1.99", list_price="19.90"), "price_far_off"),
        (Asked(price="9", cost="10"), "price_below_cost"),
    ],
)
def test_a_price_that_looks_like_a_slip_is_a_warning_and_stands(asked: Asked, broken: str) -> None:
    priced = price_variant(asked, None)

    assert [(fault.rule, fault.severity) for fault in priced.faults] == [(broken, "warning")]
    assert priced.price is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"margin": Decimal("0.1"), "markup": Decimal("0.1")},
        {"margin": Decimal("0.6"), "fee_rate": Decimal("0.4")},
        {"markup": Decimal(-1)},
        {"markup": Decimal(1), "fee_rate": Decimal(1)},
        {"markup": Decimal(1), "floor": Decimal(-1)},
        {"markup": Decimal(1), "ending": ".999"},
        {"markup": Decimal(1), "ending": "x"},
    ],
)
def test_a_rule_that_cannot_work_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"rule|margin|markup|fee_rate|ending"):
        PriceRule(**wrong)  # type: ignore[arg-type]
