"""What can be said about a call before it is made: names, required parameters, types and ranges. Pure.

Data: `reference/methods.json` and `reference/names.json`. A door asks before it sends whatever a person typed; typed
requests of this room are right by construction.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import msgspec

from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import read_time
from onshelf.texts import Lang, text

Severity = Literal["fault", "warning"]


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark. A fault would be refused by the platform, or cannot be meant; a warning is sent all the same."""

    severity: Severity
    rule: str
    facts: dict[str, object]  # a fact in words is a mapping of both languages

    def message(self, lang: Lang) -> str:
        facts = {name: fact[lang] if isinstance(fact, dict) else fact for name, fact in self.facts.items()}
        return text(f"platforms.advice.{self.rule}", lang, **facts)


@cache
def _reference(name: str) -> dict[str, Any]:
    raw = (files("onshelf") / "reference" / name).read_bytes()
    return cast("dict[str, Any]", msgspec.json.decode(raw))


@cache
def methods() -> Mapping[str, Mapping[str, Any]]:
    """Returns every known method by name, as `reference/methods.json` describes it."""
    return {name: row for name, row in _reference("methods.json").items() if not name.startswith("_")}


def needs_session(method: str) -> bool:
    """Tells whether a method is called for a shop; one in no catalogue is taken to be."""
    return bool(methods().get(method, {}).get("session", "yes") != "no")


def kind_of(method: str, params: Mapping[str, str]) -> Kind:
    """Guesses what repeating a call would do; whatever is not clearly harmless counts as a create, increments too."""
    words = method.split(".")
    if words[-2:] == ["quantity", "update"] and params.get("type") == "2":
        return Kind.CREATE
    if words[-1] in _READS:
        return Kind.READ
    return Kind.WRITE if words[-1] in _WRITES else Kind.CREATE


_READS = frozenset({"get", "search", "count", "query", "list", "check", "getall", "find", "detail"})
_WRITES = frozenset(
    {"update", "delete", "listing", "delisting", "upshelf", "downshelf", "cancel", "permit", "tmall"}
)


def advise(method: str, params: Mapping[str, str], file_names: Collection[str] = ()) -> tuple[Advice, ...]:
    """Lists all that is wrong or doubtful about a call; empty when nothing is."""
    if found := _named("invented", method):
        return (
            Advice("fault", "invented", {"method": method, "why": {"zh": found["zh"], "en": found["en"]}}),
        )
    if method not in methods():
        return (Advice("warning", "unknown_method", {"method": method}),)
    known = {row["name"]: row for row in methods()[method].get("params", ())}
    return (
        *_about_method(method),
        *_missing(known, params, file_names),
        *(
            Advice("warning", "unknown_param", {"method": method, "name": name})
            for name in params
            if name not in known
        ),
        *(
            advice
            for name, value in params.items()
            if name in known and value.strip()
            for advice in _about_value(known[name], value)
        ),
    )


def _named(group: str, method: str) -> Mapping[str, Any] | None:
    for row in _reference("names.json")[group]:
        if re.fullmatch(re.escape(row["name"]).replace(r"\*", ".*"), method):
            return cast("Mapping[str, Any]", row)
    return None


def _about_method(method: str) -> Iterator[Advice]:
    successor = _named("successors", method)
    if successor is not None:
        yield Advice("warning", "left", {"method": method, "use": ", ".join(successor["use"])})


def _missing(
    known: Mapping[str, Mapping[str, Any]], params: Mapping[str, str], file_names: Collection[str]
) -> Iterator[Advice]:
    for name, row in known.items():
        if row["required"] and not params.get(name, "").strip() and name not in file_names:
            yield Advice("fault", "missing", {"name": name, "meaning": row["description_short"]})


def _about_value(row: Mapping[str, Any], value: str) -> Iterator[Advice]:
    """Yields the faults of one value, the type first; a wrong type hides the rest."""
    facts: dict[str, object] = {"name": row["name"], "value": value[:60]}
    if row["type"] == "bytes":
        yield Advice("fault", "not_a_file", facts)
        return
    wrong = _wrong_type(row, value)
    if wrong is not None:
        yield Advice("fault", wrong, {**facts, "scale": row.get("scale", 2)})
        return
    allowed = [str(choice) for choice in row.get("enum", ())]
    if allowed and value not in allowed:
        yield Advice("fault", "one_of", {**facts, "allowed": ", ".join(allowed)})
    yield from _out_of_range(row, value, facts)


def _wrong_type(row: Mapping[str, Any], value: str) -> str | None:
    match row["type"]:
        case "integer" if not re.fullmatch(r"-?\d+", value):
            return "integer"
        case "boolean" if value not in ("true", "false"):
            return "boolean"
        case "datetime" if read_time(value) is None:
            return "datetime"
        case "price" if not _is_price(value, row.get("scale", 2)):
            return "price"
    return None


def _is_price(value: str, scale: int) -> bool:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and -cast("int", amount.as_tuple().exponent) <= scale


def _out_of_range(row: Mapping[str, Any], value: str, facts: dict[str, object]) -> Iterator[Advice]:
    if row["type"] in ("integer", "price"):
        if "min" in row and Decimal(value) < Decimal(str(row["min"])):
            yield Advice("fault", "least", {**facts, "limit": row["min"]})
        if "max" in row and Decimal(value) > Decimal(str(row["max"])):
            yield Advice("fault", "most", {**facts, "limit": row["max"]})
        return
    if len(value) > row.get("max_length", len(value)):
        yield Advice("fault", "too_long", {**facts, "measured": len(value), "limit": row["max_length"]})
    most = row.get("max_list_size") or row.get("max_items_documented")
    count = len([part for part in re.split(r"[,;]", value) if part])
    if most and row["name"] != "fields" and count > most:
        yield Advice("fault", "too_many", {**facts, "measured": count, "limit": most})
