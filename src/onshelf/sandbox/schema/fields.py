"""Fields and rules of a schema, as values. Source: a recorded tmall.item.add.schema.get reply (top-protocol.md 14)."""

from typing import Any

import msgspec

INPUT, SINGLE, MULTI = "input", "singleCheck", "multiCheck"
COMPLEX, MULTI_COMPLEX = "complex", "multiComplex"

Values = dict[str, Any]  # field id → text, list of texts, Values (complex) or list of Values (multiComplex)


class Depend(msgspec.Struct, frozen=True):
    """One condition about another field."""

    field: str
    value: str
    symbol: str  # ==, !=, contains, not contains

    def holds(self, values: Values) -> bool:
        """Tells whether the other field's value fits."""
        given = values.get(self.field, "")
        match self.symbol:
            case "==":
                return bool(given == self.value)
            case "!=":
                return bool(given != self.value)
            case "contains":
                return self.value in given
        return self.value not in given


class Rule(msgspec.Struct, frozen=True):
    """One rule; what it means stands in check.py."""

    name: str
    value: str
    include: bool | None = None  # a limit belongs to what is allowed; None: no limit
    unit: str = ""  # byte, character
    depends: tuple[Depend, ...] = ()  # disableRule: strikes when all hold


class Field(msgspec.Struct, frozen=True):
    """One field of an item."""

    id: str
    name: str
    type: str
    rules: tuple[Rule, ...] = ()
    options: tuple[tuple[str, str], ...] = ()  # (value, name)
    fields: tuple["Field", ...] = ()  # of complex and multiComplex
    default: Any = ""  # as a value of this field; "" none
    custom: bool = False  # takes negative ids of the seller's own beside its options

    @property
    def required(self) -> bool:
        """Tells whether a value must be given."""
        return any(rule.name == "requiredRule" for rule in self.rules)

    @property
    def read_only(self) -> bool:
        """Tells whether the default is the only value there is."""
        return any(rule.name == "readOnlyRule" for rule in self.rules)


REQUIRED = Rule("requiredRule", "true")


def kind(name: str) -> Rule:
    """Returns the rule of a value's type: text, html, integer, long, decimal, url, date, time."""
    return Rule("valueTypeRule", name)


def longest(size: int, unit: str) -> Rule:
    """Returns the rule of a text's greatest length."""
    return Rule("maxLengthRule", str(size), include=True, unit=unit)


def shortest(size: int, unit: str) -> Rule:
    """Returns the rule of a text's smallest length."""
    return Rule("minLengthRule", str(size), include=True, unit=unit)


def unless(field: str, value: str, symbol: str = "!=") -> Rule:
    """Returns the rule that takes a field away while another one's value compares so."""
    return Rule("disableRule", "true", depends=(Depend(field, value, symbol),))


def tip(text: str) -> Rule:
    """Returns a rule that only says something."""
    return Rule("tipRule", text)
