"""The price of a variant: the file's own, or computed from its cost by the shop's rule. Pure, in `Decimal` yuan."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

import msgspec

from onshelf.catalog.amounts import parse_money
from onshelf.catalog.product import Fault
from onshelf.catalog.rules import broken

CENT = Decimal("0.01")
_SHIFT = 10  # a price this many times off its cost or list price looks like a shifted decimal point


class PriceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a price follows from a cost. Exactly one of margin and markup is set.

    margin: price = cost / (1 - fee_rate - margin), so that `margin` of the price is left after cost and fees
    markup: price = cost * (1 + markup) / (1 - fee_rate)
    Then the price is raised to the floor and rounded up to the ending.
    """

    margin: Decimal | None = None  # share of the price, 0 ≤ margin < 1 - fee_rate
    markup: Decimal | None = None  # share of the cost, ≥ 0
    fee_rate: Decimal = Decimal(0)  # share of the price the platform keeps, 0 ≤ fee_rate < 1
    floor: Decimal = Decimal(0)  # yuan; no price of the shop may lie below, written in the file or computed
    ending: str = ""  # how prices end: ".90", "9.00", "" for any cent

    def __post_init__(self) -> None:
        if (self.margin is None) == (self.markup is None):
            raise ValueError("a price rule has either a margin or a markup")
        if not 0 <= self.fee_rate < 1 or self.floor < 0:
            raise ValueError("fee_rate lies in 0 ≤ fee_rate < 1 and floor is not negative")
        if self.margin is not None and not 0 <= self.margin < 1 - self.fee_rate:
            raise ValueError("margin lies in 0 ≤ margin < 1 - fee_rate")
        if self.markup is not None and self.markup < 0:
            raise ValueError("markup is not negative")
        if self.ending:
            _ending(self.ending)


class Asked(msgspec.Struct, frozen=True):
    """What the file says about a variant's price, as text; empty for nothing."""

    price: str = ""
    cost: str = ""
    floor: str = ""
    list_price: str = ""


class Priced(msgspec.Struct, frozen=True):
    """A price, and what is wrong with it."""

    price: Decimal | None  # None: a fault says why
    faults: tuple[Fault, ...] = ()  # warnings too


def price_variant(asked: Asked, rule: PriceRule | None) -> Priced:
    """Decides the price. A price written in the file wins, blank is never zero, and nothing is sold below the floor."""
    if not asked.cost and not asked.floor and not asked.list_price and (rule is None or not rule.floor):
        return _written(asked.price)
    named = {"price": asked.price, "cost": asked.cost, "floor": asked.floor, "list_price": asked.list_price}
    amounts: dict[str, Decimal] = {}
    faults: list[Fault] = []
    for name, text in named.items():
        amount = parse_money(text) if text else None
        if amount is not None:
            amounts[name] = amount
        elif text:
            faults.append(broken("amount_form", name, text))
    return Priced(None, tuple(faults)) if faults else _weighed(asked, amounts, rule)


def price_from_cost(cost: Decimal, rule: PriceRule, *, floor: Decimal = Decimal(0)) -> Decimal:
    """Computes a price with two decimals: at least the rule's and the product's own floor, rounded up to the ending."""
    if rule.margin is not None:
        price = cost / (1 - rule.fee_rate - rule.margin)
    else:
        price = cost * (1 + (rule.markup or 0)) / (1 - rule.fee_rate)
    return round_up(max(price, rule.floor, floor), rule.ending)


def round_up(price: Decimal, ending: str) -> Decimal:
    """Returns the smallest amount of whole cents that is not below `price` and ends so; "" ends anyhow."""
    if not ending:
        return price.quantize(CENT, rounding=ROUND_CEILING)
    end, step = _ending(ending)
    steps = ((price - end) / step).to_integral_value(rounding=ROUND_CEILING)
    return (max(steps, Decimal(0)) * step + end).quantize(CENT)


def _written(text: str) -> Priced:
    """The common row: a price and nothing to weigh it against."""
    if not text:
        return Priced(None, (broken("price_missing", "price"),))
    price = parse_money(text)
    return Priced(None, (broken("amount_form", "price", text),)) if price is None else Priced(price)


def _weighed(asked: Asked, amounts: dict[str, Decimal], rule: PriceRule | None) -> Priced:
    floor = max(amounts.get("floor", Decimal(0)), rule.floor if rule else Decimal(0))
    price, cost = amounts.get("price"), amounts.get("cost")
    if price is None:
        if cost is None:
            return Priced(None, (broken("price_missing", "price"),))
        if cost <= 0:
            return Priced(None, (broken("cost_range", "cost", asked.cost),))
        if rule is None:
            return Priced(None, (broken("price_no_rule", "price", cost=str(cost)),))
        price = price_from_cost(cost, rule, floor=floor)
    if price < floor:
        return Priced(price, (broken("price_below_floor", "price", str(price), floor=str(floor)),))
    return Priced(price, tuple(_doubts(price, amounts)))


def _doubts(price: Decimal, amounts: dict[str, Decimal]) -> Iterator[Fault]:
    """Names what is odd about a price, as warnings."""
    for name in ("cost", "list_price"):
        other = amounts.get(name, Decimal(0))
        if other > 0 and not other / _SHIFT < price < other * _SHIFT:
            yield broken("price_far_off", "price", str(price), other=str(other))
    if price < amounts.get("cost", price):
        yield broken("price_below_cost", "price", str(price), cost=str(amounts["cost"]))


def _ending(ending: str) -> tuple[Decimal, Decimal]:
    """Splits an ending into its amount and the step at which it recurs: "9.90" is 9.90 in every 10."""
    whole, point, part = ending.partition(".")
    if not (whole + part).isdigit() or not (point or whole) or len(part) > 2:
        raise ValueError("an ending is digits of a price: .90, 9.00, 8")
    return Decimal(f"{whole or 0}.{part or 0}"), Decimal(10) ** len(whole)
