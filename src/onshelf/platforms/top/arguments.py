"""What can be said about a call before it is made: names, required parameters, types, ranges and sizes. Pure.

Facts about methods come from `catalogue.py`, those about names from `reference/names.json`. A door asks before it sends
whatever a person typed, and so does every typed request (`request.py`): all faults at once, in the order of the catalogue.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files as package_files
from typing import Any, Literal, cast

import msgspec

from onshelf.platforms.top.catalogue import Method, Param, describe, names
from onshelf.platforms.top.protocol import File, read_time
from onshelf.texts import Lang, text

SLIP = 0.93  # how alike two names are of which one is a slip; 1: the same
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


def needs_session(method: str) -> bool:
    """Tells whether a method is called for a shop; one whose need is not known is taken to be."""
    known = describe(method)
    return known is None or known.session != "no"


def advise(
    method: str, params: Mapping[str, str], files: Mapping[str, File] | None = None
) -> tuple[Advice, ...]:
    """Lists all that is wrong or doubtful about a call; empty when nothing is."""
    known, given = describe(method), files or {}
    if known is None:
        return (_unknown_method(method),)
    rows, required = _params(method)
    return (
        *_about_method(method, known),
        *_missing(required, params, given),
        *(
            Advice("warning", "unknown_param", {"method": method, "name": name})
            for name in (*params, *given)
            if name not in rows
        ),
        *(
            advice
            for name, value in params.items()
            if name in rows and value.strip()
            for advice in _about_value(rows[name], value)
        ),
        *(advice for name, file in given.items() if name in rows for advice in _about_file(rows[name], file)),
    )


def successors(method: str) -> tuple[str, ...] | None:
    """Names what to use instead of a method that has left the catalogue; None for one that has not, or is unknown."""
    found = _named("successors", method)
    return None if found is None else tuple(found["use"])


def _unknown_method(method: str) -> Advice:
    found = _named("invented", method)
    if found is None:
        near = nearest(method)
        return Advice(
            "warning", "unlike_method" if near else "unknown_method", {"method": method, "near": near}
        )
    return Advice("fault", "invented", {"method": method, "why": {"zh": found["zh"], "en": found["en"]}})


@lru_cache(maxsize=256)
def nearest(method: str) -> str:
    """Returns the known method whose name is nearly this one, "" when none is: a slip of the hand, not a new method."""
    found = get_close_matches(method, names(), n=1, cutoff=SLIP)
    return found[0] if found else ""


@cache
def _names() -> dict[str, list[dict[str, Any]]]:
    raw = (package_files("onshelf") / "reference" / "names.json").read_bytes()
    return cast("dict[str, list[dict[str, Any]]]", msgspec.json.decode(raw))


def _named(group: str, method: str) -> Mapping[str, Any] | None:
    for row in _names()[group]:
        if re.fullmatch(re.escape(row["name"]).replace(r"\*", ".*"), method):
            return row
    return None


def _about_method(method: str, known: Method) -> Iterator[Advice]:
    if known.status != "current":
        use = successors(method)
        yield Advice(
            "warning", "left" if use else "left_alone", {"method": method, "use": ", ".join(use or ())}
        )


@lru_cache(maxsize=1024)
def _params(method: str) -> tuple[Mapping[str, Param], tuple[Param, ...]]:
    """Returns the parameters of a known method by name, and those that must be there."""
    known = describe(method)
    params = known.params if known else ()
    return {param.name: param for param in params}, tuple(param for param in params if param.required)


def _missing(
    required: Iterable[Param], params: Mapping[str, str], files: Mapping[str, File]
) -> Iterator[Advice]:
    for param in required:
        if not params.get(param.name, "").strip() and param.name not in files:
            yield Advice("fault", "missing", {"name": param.name, "meaning": param.meaning or param.type})


def _about_file(param: Param, file: File) -> Iterator[Advice]:
    limit = param.max_length or param.max_bytes
    facts: dict[str, object] = {"name": param.name, "measured": len(file.content), "limit": limit}
    if param.type == "bytes" and limit is not None and len(file.content) > limit:
        yield Advice("fault", "too_large", facts)


def _about_value(param: Param, value: str) -> Iterator[Advice]:
    """Yields the faults of one value, the type first; a wrong type hides the rest."""
    facts: dict[str, object] = {"name": param.name, "value": value[:60]}
    if param.type == "bytes":
        yield Advice("fault", "not_a_file", facts)
    elif param.is_json:
        yield from _about_json(param, value, facts)
    else:
        yield from _about_text(param, value, facts)


def _about_text(param: Param, value: str, facts: dict[str, object]) -> Iterator[Advice]:
    allowed = [str(choice) for choice in param.enum]
    for part in value.strip(",").split(",") if param.is_joined else (value,):
        wrong = _wrong_type(param, part)
        if wrong is not None:
            yield Advice("fault", wrong, {**facts, "value": part[:60], "scale": param.scale})
            return
        if allowed and part not in allowed:
            yield Advice("fault", "one_of", {**facts, "value": part[:60], "allowed": ", ".join(allowed)})
    if param.enum_columns and value.partition(":")[0] not in param.enum_columns:
        yield Advice("fault", "one_of", {**facts, "allowed": ", ".join(param.enum_columns)})
    yield from _out_of_range(param, value, facts)


def _about_json(param: Param, value: str, facts: dict[str, object]) -> Iterator[Advice]:
    """Tells whether a value is JSON of the right outer shape, with the fields that must be there."""
    try:
        rows = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        rows = None
    misshapen = param.type != "json" and isinstance(rows, list) is not param.list
    if misshapen or not isinstance(rows, list | dict):
        yield Advice("fault", "json", {**facts, "shape": "[…]" if param.list else "{…}"})
        return
    wanted = [field.name for field in param.fields if field.required]
    for row in rows if isinstance(rows, list) else (rows,):
        for name in wanted:
            if isinstance(row, dict) and row.get(name) in (None, ""):
                yield Advice("fault", "missing_inside", {"name": param.name, "inside": name})


def _wrong_type(param: Param, value: str) -> str | None:
    match param.type:
        case "integer" if not re.fullmatch(r"-?\d+", value):
            return "integer"
        case "number" if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return "number"
        case "boolean" if value not in ("true", "false"):
            return "boolean"
        case "datetime" if read_time(value) is None:
            return "datetime"
        case "price" if not _is_price(value, param.scale):
            return "price"
    return None


def _is_price(value: str, scale: int) -> bool:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and -cast("int", amount.as_tuple().exponent) <= scale


def _out_of_range(param: Param, value: str, facts: dict[str, object]) -> Iterator[Advice]:
    if param.type in ("integer", "number", "price") and not param.is_joined:
        if param.min is not None and Decimal(value) < Decimal(str(param.min)):
            yield Advice("fault", "least", {**facts, "limit": f"{param.min:.12g}"})
        if param.max is not None and Decimal(value) > Decimal(str(param.max)):
            yield Advice("fault", "most", {**facts, "limit": f"{param.max:.12g}"})
        return
    if param.max_length is not None and len(value) > param.max_length:
        yield Advice("fault", "too_long", {**facts, "measured": len(value), "limit": param.max_length})
    if param.max_bytes is not None and (size := least_bytes(value)) > param.max_bytes:
        yield Advice("fault", "too_many_bytes", {**facts, "measured": size, "limit": param.max_bytes})
    if param.most_values is None or param.name == "fields":
        return
    count = len([part for part in re.split(r"[,;]", value) if part])
    if count > param.most_values:
        yield Advice("fault", "too_many", {**facts, "measured": count, "limit": param.most_values})


def least_bytes(value: str) -> int:
    """Returns how many bytes a text has at least: in GBK, where a Chinese character has two; in UTF-8 it has three."""
    return len(value.encode("gbk", "replace"))
