"""A filled-in document against the rules of its schema: all faults at once. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from onshelf.sandbox.clock import read_time
from onshelf.sandbox.rules import width
from onshelf.sandbox.schema.fields import COMPLEX, MULTI, MULTI_COMPLEX, SINGLE, Field, Rule, Values

_WHOLE = re.compile(r"-?\d{1,18}\Z", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d+)?\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class Fault(NamedTuple):
    """One rule broken by one field."""

    field: str  # dotted inside complex fields
    rule: str
    text: str


def faults(fields: Iterable[Field], values: Values) -> list[Fault]:
    """Returns every fault of these fields, in the schema's order."""
    return [fault for field in fields for fault in _field(field, values, "")]


def disabled(field: Field, values: Values) -> bool:
    """Tells whether other fields' values take this one away: its value is then not read."""
    return any(
        rule.name == "disableRule" and rule.depends and all(one.holds(values) for one in rule.depends)
        for rule in field.rules
    )


def _field(field: Field, values: Values, prefix: str) -> Iterator[Fault]:
    if disabled(field, values):
        return
    name, value = f"{prefix}{field.id}", values.get(field.id, "")
    if value in ("", [], {}):
        if field.required:
            yield Fault(name, "requiredRule", f"{field.name}必填")
        return
    if not _fits(field, value):
        yield Fault(name, "type", f"{field.name}的值须按{field.type}填写")
        return
    if field.type == COMPLEX:
        yield from _inner(field, value, f"{name}.")
    elif field.type == MULTI_COMPLEX:
        for at, row in enumerate(value):
            yield from _inner(field, row, f"{name}[{at}].")
    yield from _options(field, name, value)
    for rule in field.rules:
        if not _TESTS.get(rule.name, _pass)(rule, field, value):
            yield Fault(name, rule.name, f"{field.name}不符合{rule.name}={rule.value}")


_SHAPES: Mapping[str, type] = {MULTI: list, COMPLEX: dict, MULTI_COMPLEX: list}


def _fits(field: Field, value: Any) -> bool:
    """Tells whether a value has its field's form; rows of a multiComplex are complex, choices of a multiCheck texts."""
    if not isinstance(value, _SHAPES.get(field.type, str)):
        return False
    each = dict if field.type == MULTI_COMPLEX else str
    return not isinstance(value, list) or all(isinstance(one, each) for one in value)


def _inner(field: Field, values: Values, prefix: str) -> Iterator[Fault]:
    for one in field.fields:
        yield from _field(one, values, prefix)


def _options(field: Field, name: str, value: Any) -> Iterator[Fault]:
    if not field.options or field.type not in (SINGLE, MULTI):
        return
    allowed = {option for option, _ in field.options}
    for one in value if field.type == MULTI else [value]:
        if one not in allowed and not (field.custom and one.startswith("-")):
            yield Fault(name, "options", f"{field.name}没有选项{one}")


def _pass(_rule: Rule, _field: Field, _value: Any) -> bool:
    return True


def _kind(rule: Rule, _field: Field, value: Any) -> bool:
    match rule.value:
        case "integer" | "long":
            return _WHOLE.match(value) is not None
        case "decimal":
            return _DECIMAL.match(value) is not None
        case "url":
            return "://" in value or "/" in value
        case "date":
            return _DAY.match(value) is not None
        case "time":
            return _is_time(value)
    return True


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except (ValueError, OverflowError):
        return False
    return True


def _size(rule: Rule, value: str) -> int:
    """Counts as the title's limit does: a Chinese character is two bytes."""
    return width(value) if rule.unit == "byte" else len(value)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError):
        return None


def _above(rule: Rule, _field: Field, value: Any) -> bool:
    number, least = _number(value), Decimal(rule.value)
    return number is not None and (number >= least if rule.include else number > least)


def _below(rule: Rule, _field: Field, value: Any) -> bool:
    number, most = _number(value), Decimal(rule.value)
    return number is not None and (number <= most if rule.include else number < most)


def _unchanged(_rule: Rule, field: Field, value: Any) -> bool:
    return not field.default or bool(value == field.default)


_TESTS: Mapping[str, Callable[[Rule, Field, Any], bool]] = {
    "valueTypeRule": _kind,
    "maxLengthRule": lambda rule, _field, value: _size(rule, value) <= int(rule.value),
    "minLengthRule": lambda rule, _field, value: _size(rule, value) >= int(rule.value),
    "minValueRule": _above,
    "maxValueRule": _below,
    "regexRule": lambda rule, _field, value: re.search(rule.value, value) is not None,
    "maxInputNumRule": lambda rule, _field, value: len(value) <= int(rule.value),
    "minInputNumRule": lambda rule, _field, value: len(value) >= int(rule.value),
    "readOnlyRule": _unchanged,
}
