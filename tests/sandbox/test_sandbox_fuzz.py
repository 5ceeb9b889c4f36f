"""Whatever is sent, the gateway answers in its own form: no handler and no parser falls over."""

import asyncio
import contextlib
import time
from importlib.resources import files
from typing import Any
from urllib.parse import quote_from_bytes, urlencode
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onshelf.sandbox.arguments import catalogue
from onshelf.sandbox.launch import in_process, request, signed
from onshelf.sandbox.methods import HANDLERS
from onshelf.sandbox.wire import Json, Undecodable, decode_body, sign

SANDBOX = in_process()
LIMITED: dict[str, Json] = msgspec.json.decode(
    files("onshelf.reference").joinpath("methods.json").read_bytes()
)
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


MANY = settings(max_examples=max(300, settings().max_examples))  # more when new examples are looked for
FORMS: list[dict[str, str]] = [{}, {"format": "xml"}, {"simplify": "true"}]


@given(st.data(), st.sampled_from(FORMS))
@MANY
def test_no_arguments_break_a_method(data: st.DataObject, form: dict[str, str]) -> None:
    name = data.draw(st.sampled_from(sorted(HANDLERS)))
    known = sorted(catalogue()[name].checks) or ["x"]
    given_ = data.draw(st.dictionaries(st.sampled_from(known), st.sampled_from(NASTY), max_size=8))
    required = {one: PLAIN.get(one, "1") for one in catalogue()[name].required}
    body = urlencode(signed(SANDBOX, name, {**required, **given_, **form})).encode()

    _, _, reply = asyncio.run(request(SANDBOX, "POST", "/router/rest", body))

    if "format" in form:
        assert ET.fromstring(reply).tag in (catalogue()[name].root, "error_response")
    elif form:
        answer = msgspec.json.decode(reply, type=dict[str, Any])
        assert list(answer) == ["error_response"] or list(answer)[-1] == "request_id"
    else:
        (root,) = msgspec.json.decode(reply)
        assert root in (catalogue()[name].root, "error_response")


@given(
    st.binary(max_size=60),
    st.binary(max_size=200),
    st.sampled_from(("/router/rest", "/router/batch")),
    st.booleans(),
)
@MANY
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


CALLS = st.lists(
    st.sampled_from(
        ["method=taobao.time.get", "N", "", "method=no.such", "fields=%C4%FA", "#PUBLIC#a=b", "&&=", "=\r\n"]
    )
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    min_size=1,
    max_size=6,
)


@given(CALLS, st.sampled_from(["\r\n-S-\r\n", "|", "（分）"]), st.sampled_from(FORMS))
@MANY
def test_a_signed_batch_of_anything_is_answered_part_by_part(
    calls: list[str], separator: str, form: dict[str, str]
) -> None:
    text = separator.join(calls)
    own = {**signed(SANDBOX, "", form), "sign": ""}
    query = {name: one for name, one in own.items() if name not in ("method", "sign")}
    query["sign"] = sign(query.items(), "helloworld", "hmac-sha256", text)
    head = {"top-api-separator": separator} if separator != "\r\n-S-\r\n" else {}

    address = f"/router/batch?{urlencode(query)}"
    _, _, reply = asyncio.run(request(SANDBOX, "POST", address, text.encode(), head))

    parts = text.split(separator)
    for answer in reply.decode().split(separator):
        if "format" in form:
            ET.fromstring(answer)
        else:
            msgspec.json.decode(answer)
    wanted = len(parts) - parts[0].startswith("#PUBLIC#")
    assert len(reply.decode().split(separator)) == max(1, wanted)


NAMES = st.sampled_from(["num_iid", "image", "fields", "id", "sign", "method", 'a"b', "title", ""])


@given(
    st.dictionaries(NAMES, st.binary(max_size=20), max_size=4),
    st.dictionaries(NAMES, st.binary(max_size=20), max_size=2),
    st.sampled_from(["form-data", "file", "attachment", ""]),
)
@example({}, {"num_iid": b""}, "form-data")  # a file by the name of a text: once it broke the check
@MANY
def test_a_multipart_upload_of_anything_is_answered(
    texts: dict[str, bytes], files: dict[str, bytes], kind: str
) -> None:
    parts = [(f'{kind}; name="{name}"', one) for name, one in texts.items()]
    parts += [(f'{kind};filename="a.gif";name="{name}"', one) for name, one in files.items()]
    body = b"".join(
        b"--B\r\nContent-Disposition:%b\r\n\r\n%b\r\n" % (head.encode(), one) for head, one in parts
    )
    own = signed(SANDBOX, "taobao.item.img.upload", {"num_iid": "11223344"})

    _, _, reply = asyncio.run(
        request(
            SANDBOX,
            "POST",
            f"/router/rest?{urlencode(own)}",
            body + b"--B--",
            {"content-type": "multipart/form-data;charset=UTF-8;boundary=B"},
        )
    )

    (root,) = msgspec.json.decode(reply) if reply.startswith(b"{") else ("error_response",)
    assert root in ("item_img_upload_response", "error_response")


def test_a_timestamp_of_any_length_is_only_invalid() -> None:
    for stamp in ("9" * 400, "9" * 5000, "²", "2016-01-01 12:00:61"):
        body = urlencode(signed(SANDBOX, "taobao.time.get", {"timestamp": stamp})).encode()

        _, _, reply = asyncio.run(request(SANDBOX, "POST", "/router/rest", body))

        assert b'"code":31' in reply


DEEP = "[" * 200_000 + "]" * 200_000
JSONS = sorted(
    (name, one["name"])
    for name, entry in LIMITED.items()
    if name != "_meta"
    for one in entry.get("params", ())
    if one.get("wire") == "JSON" or one["type"] == "json"
)


@pytest.mark.parametrize(("method", "name"), [*JSONS, ("taobao.tmc.message.produce", "content")])
def test_json_nested_deeper_than_any_is_refused(method: str, name: str) -> None:
    """Once it broke the check."""
    required = {one: PLAIN.get(one, "1") for one in catalogue()[method].required}
    body = urlencode(
        signed(SANDBOX, method, {**required, "topic": "taobao_item_ItemAdd", name: DEEP})
    ).encode()

    _, _, reply = asyncio.run(request(SANDBOX, "POST", "/router/rest", body))

    assert list(msgspec.json.decode(reply)) == ["error_response"]


def test_a_control_is_told_what_is_nested_too_deep() -> None:
    order = f'{{"banned_words":{DEEP}}}'.encode()

    status, _, reply = asyncio.run(request(SANDBOX, "POST", "/_sandbox/policy", order))

    assert (status, msgspec.json.decode(reply)["field"]) == (400, "body")


MULTIPART = "multipart/form-data; boundary=B"
PART = b"--B\r\nContent-Disposition: %b\r\n\r\nv\r\n--B--"
MANY_BYTES = 2_000_000


@pytest.mark.parametrize(
    ("kind", "unit", "around"),
    [
        ("", b"&", b"%b"),
        ("", b"%41", b"a=%b"),
        ("", b"%4", b"a=%b"),
        ("", b"+%", b"a=%b"),
        ("", b"k=v&", b"%b"),
        (MULTIPART, b"\r\n--B", b"%b"),
        (MULTIPART, b"\r\n--Bx", b"--B\r\n%b"),
        (MULTIPART, b"; a", PART),
        (MULTIPART, b'; a="', PART),
        (MULTIPART, b" ", PART),
        (MULTIPART, b"a", PART),
        (MULTIPART, b"\n", PART),
        (MULTIPART, b"\ncontent-disposition:", PART),
    ],
    ids=lambda one: repr(one)[:24],
)
def test_no_body_takes_longer_than_its_size(kind: str, unit: bytes, around: bytes) -> None:
    """Twice the bytes cost some twice the time, not four times: a reader that looks again and again would hang."""
    took = [_cpu_s(kind, around % (unit * (size // len(unit)))) for size in (MANY_BYTES // 4, MANY_BYTES)]

    assert took[1] < 1.0 + 8 * took[0]
    assert took[1] < 10


def _cpu_s(kind: str, body: bytes) -> float:
    start = time.process_time()
    with contextlib.suppress(Undecodable):
        decode_body(kind, body)
    return time.process_time() - start
