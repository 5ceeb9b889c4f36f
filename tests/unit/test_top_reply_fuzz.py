"""Whatever a gateway sends as a reply, the client reads an answer or a refusal, or says that it is neither; it never falls over."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from top_requests import request_type

from onshelf.platforms.top.batch import SEPARATOR, split_batch
from onshelf.platforms.top.catalogue import typed
from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.protocol import Format, Unparsable, parse_reply, read_xml
from onshelf.sandbox.wire import encode_result

METHODS = st.sampled_from(sorted(REQUESTS))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 1e308, -0.0]),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.sampled_from(
        ["", "null", "0", "9.90", "2026-01-01 00:00:00", "0000-00-00 00:00:00", "true", "{}", "[]"]
    ),
)


def field_names(method: str) -> list[str]:
    """Returns every name that occurs in a method's reply, and those of any refusal."""
    found = ["request_id", "code", "msg", "sub_code", "sub_msg"]
    fields = list(typed()[method].response.fields)
    while fields:
        one = fields.pop()
        found += [one.name] + ([one.item_key] if one.item_key else [])
        fields += one.fields
    return found


@st.composite
def replies(draw: st.DrawFn) -> tuple[str, Any]:
    """A tree of the right names with whatever in it, under the right root, the root of refusals, or none."""
    method = draw(METHODS)
    names = st.sampled_from(field_names(method))
    tree = st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    )
    inside = draw(st.dictionaries(names, tree, max_size=5) | tree)
    root = draw(st.sampled_from([typed()[method].response.root_key, "error_response", ""]))
    return method, {root: inside} if root else inside


def read(body: bytes, method: str, reply_format: Format, *, simplified: bool = False) -> None:
    try:
        parse_reply(body, method, request_type(method).REPLY, reply_format, simplified=simplified)
    except Unparsable:
        return


@given(replies(), st.booleans())
def test_any_json_of_the_right_names_is_read_or_refused(reply: tuple[str, Any], simplified: bool) -> None:
    method, tree = reply

    read(json.dumps(tree).encode(), method, "json", simplified=simplified)


def as_xml(name: str, value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    return "".join(f"<{name}>{_inside(one)}</{name}>" for one in rows)


def _inside(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(as_xml(name, one) for name, one in value.items())
    if isinstance(value, list):
        return as_xml("string", value)
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


@given(replies())
def test_any_xml_of_the_right_names_is_read_or_refused(reply: tuple[str, Any]) -> None:
    method, tree = reply
    root, inside = next(iter(tree.items())) if isinstance(tree, dict) and tree else ("x", tree)

    read(as_xml(root, inside).encode(), method, "xml")


DAMAGED = [
    b'{"item_seller_get_response":{"item":{"num_iid":1,"title":"\xe8\xa3\x99","skus":{"sku":[{"sku_id":2}]}}}}',
    b'{"error_response":{"code":7,"msg":"App Call Limited","sub_msg":"This ban will last for 1 more seconds"}}',
    b"<item_get_response><item><title>a&amp;b</title><skus><sku><sku_id>2</sku_id></sku></skus></item></item_get_response><!--h-->",
]


@given(st.sampled_from(DAMAGED), st.data(), st.booleans())
def test_a_damaged_reply_is_read_or_refused(body: bytes, data: st.DataObject, simplified: bool) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + data.draw(st.integers(0, 9)) :]
    reply_format: Format = "xml" if body.startswith(b"<") else "json"
    method = "taobao.item.get" if reply_format == "xml" else "taobao.item.seller.get"

    read(damaged, method, reply_format, simplified=simplified)


@pytest.mark.parametrize(
    ("body", "reply_format"),
    [
        (b'{"item_seller_get_response":' + b'{"item":' * 100_000, "json"),
        (b'{"item_seller_get_response":' + b"[" * 1_000_000, "json"),
        (b"<a>" * 100_000, "xml"),
        (b"<a>" * 20_000 + b"</a>" * 20_000, "xml"),
        (b'<?xml version="1.0" encoding="gbk"?><a/>', "xml"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "xml"),
        (b"\x00" * 1000, "xml"),
    ],
    ids=range(7),
)
def test_a_reply_deeper_or_stranger_than_any_is_refused_at_once(body: bytes, reply_format: Format) -> None:
    with pytest.raises(Unparsable):
        parse_reply(body, "taobao.item.seller.get", dict, reply_format)


@pytest.mark.parametrize("text", ["  两边 ", "a\n b ", "a\r\nb", "\ta", "x"])
def test_a_text_of_xml_keeps_its_spaces_and_lines(text: str) -> None:
    body = encode_result("x_response", {"title": text}, "r1", xml=True, simplify=False)

    assert read_xml(body)["x_response"]["title"] == text


def test_an_indented_sample_is_read_without_its_indent() -> None:
    assert read_xml(b"<x>\n  <num>\n    8\n  </num>\n  <a>  </a>\n</x>") == {"x": {"num": "8", "a": ""}}


LAUGHS = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_no_document_declares_a_type_in_any_charset(charset: str) -> None:
    with pytest.raises(Unparsable):
        read_xml(LAUGHS.format(charset).encode(charset))


@given(st.binary(max_size=80), st.integers(1, 20))
@example(SEPARATOR.encode(), 2)
@example(SEPARATOR.encode() * 19, 20)
def test_a_batch_has_as_many_pieces_as_calls(body: bytes, count: int) -> None:
    assert len(split_batch(body, count)) == count
