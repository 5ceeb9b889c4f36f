"""Every typed reply reads every field of its method's shape, in JSON, simplified JSON and XML alike."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from lossless import lost
from top_requests import request_type

from onshelf.platforms.top.catalogue import Field, typed
from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.protocol import parse_reply

BEYOND_DOUBLES = 149180334653332324
VALUES = {
    "integer": BEYOND_DOUBLES,
    "boolean": True,
    "datetime": "2026-01-01 00:00:00",
    "price": "9.90",
    "string": "裙 <&>",
}


def whole(fields: Iterable[Field], *, simplified: bool = False) -> dict[str, Any]:
    """Makes a reply with every field, and two rows in every list."""
    return {field.name: _value(field, simplified) for field in fields}


def _value(field: Field, simplified: bool) -> Any:
    one = whole(field.fields, simplified=simplified) if field.fields else _scalar(field)
    if not field.list:
        return one
    return [one, one] if simplified else {field.item_key: [one, one]}


def _scalar(field: Field) -> Any:
    """Returns a value; amounts and ids are such even where the catalogue calls them texts."""
    if field.type == "string" and field.name.endswith(("_id", "_fee", "price")):
        return "9"
    return VALUES.get(field.type, {})


def as_xml(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    for key, inner in value.items() if isinstance(value, dict) else ():
        element.extend([as_xml(key, one) for one in (inner if isinstance(inner, list) else [inner])])
    if not isinstance(value, dict):
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return element


@pytest.mark.parametrize("method", REQUESTS)
def test_a_reply_reads_every_field_in_every_form(method: str) -> None:
    shape, wanted = typed()[method].response, request_type(method).REPLY
    raw, flat = whole(shape.fields), whole(shape.fields, simplified=True)

    plain = parse_reply(msgspec.json.encode({shape.root_key: raw}), method, wanted)
    simplified = parse_reply(msgspec.json.encode({**flat, "request_id": ""}), method, wanted, simplified=True)
    xml = parse_reply(ET.tostring(as_xml(shape.root_key, raw), "utf-8"), method, wanted, "xml")

    assert list(lost(raw, plain, method)) == []
    assert simplified == plain
    assert list(lost(raw, xml, method)) == []
