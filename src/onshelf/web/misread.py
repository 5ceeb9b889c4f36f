"""What of a request could not be read, in the caller's language: each field with what it should be. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from onshelf.texts import Lang, catalogue, text

_SAME = {
    "int_type": "int_parsing",
    "int_from_float": "int_parsing",
    "float_type": "float_parsing",
    "decimal_type": "float_parsing",
    "decimal_parsing": "float_parsing",
    "finite_number": "float_parsing",
    "bool_type": "bool_parsing",
    "datetime_type": "datetime",
    "datetime_parsing": "datetime",
    "datetime_from_date_parsing": "datetime",
    "timezone_aware": "datetime",
    "enum": "literal_error",
    "model_type": "dict_type",
    "model_attributes_type": "dict_type",
    "decimal_max_places": "decimal_max_digits",
    "decimal_whole_digits": "decimal_max_digits",
}
"""Errors of pydantic that ask for the same as another."""


def field_of(one: Mapping[str, Any]) -> str:
    """Names the field: `body.skus.0.price`, `query.limit`; of a body that is no JSON the body."""
    return ".".join(map(str, one["loc"][:1] if one["type"] == "json_invalid" else one["loc"]))


def value_of(one: Mapping[str, Any]) -> str:
    """Tells what stood there, shortened; nothing of lists and objects."""
    given = one.get("input")
    if given is None or (isinstance(given, Mapping | Sequence) and not isinstance(given, str)):
        return ""
    return str(given)[:80]


def words_of(one: Mapping[str, Any], lang: Lang) -> tuple[str, str]:
    """Returns what is wrong with a field, and what to do about it."""
    kind = str(one["type"])
    if kind in ("missing", "extra_forbidden"):
        return text(f"web.misread.{kind}", lang), text(f"web.misread.{kind}.remedy", lang)
    expected = _expected(kind, one, lang)
    return text("web.misread", lang, expected=expected), text("web.misread.remedy", lang, expected=expected)


def _expected(kind: str, one: Mapping[str, Any], lang: Lang) -> str:
    key = f"web.misread.expected.{_SAME.get(kind, kind)}"
    if key not in catalogue("web"):
        return str(one["msg"])
    return text(key, lang, at=next(reversed(one["loc"]), ""), **(one.get("ctx") or {}))
