"""Whatever is sent, the gateway answers in its own form: no handler and no parser falls over."""

import asyncio
from urllib.parse import quote_from_bytes, urlencode

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from onshelf.sandbox.arguments import catalogue
from onshelf.sandbox.launch import in_process, request, signed
from onshelf.sandbox.methods import HANDLERS

SANDBOX = in_process()
NASTY = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "²",
    "٣",
    "1e3",
    "NaN",
    "9" * 25,
    "11223344",
    "1,2",
    ",",
    ";",
    "1:2;1:3,1:4",
    "true",
    "裙",
]
NASTY += [
    "2026-01-01 00:00:00",
    "0001-01-01 00:00:00",
    "{}",
    "A",
    "onsale",
    "instock",
    "fixed",
    "new",
    "7",
    "99.00",
    "\ud7ff\x00",
]
PLAIN = {
    "type": "fixed",
    "stuff_status": "new",
    "num_iid": "11223344",
    "desc": "一条很好的裙子",
    "fields": "num_iid,sku",
}


@given(st.data())
@settings(max_examples=300)
def test_no_arguments_break_a_method(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(HANDLERS)))
    known = sorted(catalogue()[name].checks) or ["x"]
    given_ = data.draw(st.dictionaries(st.sampled_from(known), st.sampled_from(NASTY), max_size=8))
    required = {one: PLAIN.get(one, "1") for one in catalogue()[name].required}
    body = urlencode(signed(SANDBOX, name, {**required, **given_})).encode()

    _, _, reply = asyncio.run(request(SANDBOX, "POST", "/router/rest", body))

    (root,) = msgspec.json.decode(reply) if reply.startswith(b"{") else ("error_response",)
    assert root in (catalogue()[name].root, "error_response")


@given(
    st.binary(max_size=60),
    st.binary(max_size=200),
    st.sampled_from(("/router/rest", "/router/batch")),
    st.booleans(),
)
@settings(max_examples=300)
def test_no_bytes_break_the_gateway(query: bytes, body: bytes, path: str, multipart: bool) -> None:
    kind = {
        "content-type": "multipart/form-data; boundary=B"
        if multipart
        else "application/x-www-form-urlencoded"
    }

    status, _, reply = asyncio.run(
        request(SANDBOX, "POST", f"{path}?{quote_from_bytes(query, safe='&=%')}", body, kind)
    )

    assert status == 200
    assert b"error_response" in reply


def test_a_timestamp_of_any_length_is_only_invalid() -> None:
    for stamp in ("9" * 400, "9" * 5000, "²", "2016-01-01 12:00:61"):
        body = urlencode(signed(SANDBOX, "taobao.time.get", {"timestamp": stamp})).encode()

        _, _, reply = asyncio.run(request(SANDBOX, "POST", "/router/rest", body))

        assert b'"code":31' in reply
