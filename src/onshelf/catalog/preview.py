"""How a price follows from a cost, step by step, for people who set the rule. Pure, in `Decimal` yuan."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from onshelf.catalog.pricing import CENT, PriceRule, price_from_cost, round_up


@dataclass(frozen=True, slots=True)
class Preview:
    """One cost, priced; all but the shares have two decimals."""

    cost: Decimal
    computed: Decimal  # by margin or markup and the fee, before floor and ending
    price: Decimal
    raised_to_floor: bool
    fee: Decimal  # what the platform keeps of the price
    left: Decimal  # price - fee - cost
    margin: Decimal  # left as a share of the price


def preview(cost: Decimal, rule: PriceRule) -> Preview:
    """Prices a cost above zero."""
    bare = PriceRule(margin=rule.margin, markup=rule.markup, fee_rate=rule.fee_rate)
    computed = price_from_cost(cost, bare)
    price = price_from_cost(cost, rule)
    fee = (price * rule.fee_rate).quantize(CENT, rounding=ROUND_HALF_UP)
    left = price - fee - cost
    return Preview(cost, computed, price, round_up(computed, rule.ending) < price, fee, left, left / price)
