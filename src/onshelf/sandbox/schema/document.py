"""Schemas written as XML, and filled-in documents read from it. Pure.

Roots are the recorded ones, `itemRule` and `itemParam`; in what callers send any root is taken.
"""

import re
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from onshelf.sandbox.schema.fields import COMPLEX, MULTI, MULTI_COMPLEX, Field, Rule, Values

_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
MOST_CHARS = 1_000_000
_DEEPEST = 6


class Unreadable(ValueError):
    """The document is no XML, or no schema document."""


def write(fields: tuple[Field, ...], root: str = "itemRule") -> str:
    """Writes a schema."""
    return f"<{root}>{''.join(map(_field, fields))}</{root}>"


def _field(field: Field) -> str:
    inner = ""
    if field.rules:
        inner += f"<rules>{''.join(map(_rule, field.rules))}</rules>"
    if field.options:
        options = (
            f"<option displayName={quoteattr(name)} value={quoteattr(value)}/>"
            for value, name in field.options
        )
        inner += f"<options>{''.join(options)}</options>"
    if field.default:
        inner += _value(field.type, field.default, "default-")
    if field.fields:
        inner += f"<fields>{''.join(map(_field, field.fields))}</fields>"
    return f"<field id={quoteattr(field.id)} name={quoteattr(field.name)} type={quoteattr(field.type)}>{inner}</field>"


def _rule(rule: Rule) -> str:
    text = f"<rule name={quoteattr(rule.name)} value={quoteattr(rule.value)}"
    if rule.include is not None:
        text += f' exProperty="{"include" if rule.include else "not include"}"'
    if rule.unit:
        text += f' unit="{rule.unit}"'
    if not rule.depends:
        return text + "/>"
    expressions = "".join(
        f"<depend-express fieldId={quoteattr(one.field)} value={quoteattr(one.value)} symbol={quoteattr(one.symbol)}/>"
        for one in rule.depends
    )
    return f'{text}><depend-group operator="and">{expressions}</depend-group></rule>'


def _value(kind: str, value: Any, prefix: str = "") -> str:
    if kind == MULTI:
        inner = "".join(f"<value>{escape(one)}</value>" for one in value)
        return f"<{prefix}values>{inner}</{prefix}values>"
    if kind == COMPLEX:
        return _complex(value, prefix)
    if kind == MULTI_COMPLEX:
        return "".join(_complex(one, prefix) for one in value)
    return f"<{prefix}value>{escape(value)}</{prefix}value>"


def _complex(values: Values, prefix: str) -> str:
    inner = "".join(
        f"<field id={quoteattr(name)}>{_value(_kind(one), one)}</field>" for name, one in values.items()
    )
    return f"<{prefix}complex-values>{inner}</{prefix}complex-values>"


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return MULTI_COMPLEX if value and isinstance(value[0], dict) else MULTI
    return COMPLEX if isinstance(value, dict) else "input"


def fill(values: Values, root: str = "itemParam") -> str:
    """Writes a filled-in document; the other way round of `read`."""
    inner = "".join(
        f'<field id={quoteattr(name)} type="{_kind(one)}">{_value(_kind(one), one)}</field>'
        for name, one in values.items()
    )
    return f"<{root}>{inner}</{root}>"


def read(text: str) -> Values:
    """Reads a filled-in document; fields without a value are left out. Raises: Unreadable."""
    if len(text) > MOST_CHARS or _DECLARED.search(text):
        raise Unreadable("too long, or with a document type")
    try:
        root = ET.fromstring(text)  # noqa: S314 no document type, no entity of its own, limited in length
    except ET.ParseError as error:
        raise Unreadable(str(error)) from error
    return _fields(root, 0)


def _fields(parent: ET.Element, depth: int) -> Values:
    if depth > _DEEPEST:
        raise Unreadable("nested too deep")
    found: Values = {}
    for field in parent.findall("field"):
        value = _read_value(field, depth)
        if value not in ("", [], {}):
            found[field.get("id", "")] = value
    return found


def _read_value(field: ET.Element, depth: int) -> Any:
    if groups := field.findall("complex-values"):
        rows = [_fields(group, depth + 1) for group in groups]
        many = len(rows) > 1 or field.get("type") == MULTI_COMPLEX
        return [row for row in rows if row] if many else rows[0]
    if (several := field.find("values")) is not None:
        return [text for one in several.findall("value") if (text := (one.text or "").strip())]
    one = field.find("value")
    return (one.text or "").strip() if one is not None else ""
