"""Bytes of the gateway: forms, uploads, replies and local time."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.top import protocol
from onshelf.platforms.top.methods.item import ItemReply, ItemsReply
from onshelf.platforms.top.protocol import Credentials, File, Refusal, Unparsable, parse_reply

NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="_."), min_size=1)
VALUES = st.text(st.characters(exclude_categories=["Cs"])) | st.text("\0%0&=+ ;中")
CALLER = Credentials("12345678", "helloworld", "6100secret", "md5")


@given(params=st.dictionaries(NAMES, VALUES))
def test_a_form_decodes_to_what_was_encoded(params: dict[str, str]) -> None:
    form = protocol.encode_form(params)

    assert dict(parse_qsl(form, keep_blank_values=True, strict_parsing=bool(params))) == params
    assert form.isascii()


@given(params=st.dictionaries(NAMES, VALUES), seed=st.randoms())
def test_a_signature_does_not_depend_on_the_order_of_parameters(params: dict[str, str], seed: Any) -> None:
    pairs = list(params.items())
    seed.shuffle(pairs)

    assert protocol.sign(dict(pairs), "s", "hmac-sha256") == protocol.sign(params, "s", "hmac-sha256")


@given(params=st.dictionaries(NAMES, VALUES), session=st.sampled_from(["", "6100a+b/c= 中"]))
def test_a_request_carries_exactly_what_it_signs(params: dict[str, str], session: str) -> None:
    caller = Credentials("12345678", "helloworld", session, "md5")

    query, body, _ = protocol.encode_request(protocol.prepare("m.n", params), caller, "2016-01-01 12:00:00")

    sent = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    own = {"app_key", "format", "method", "session", "sign", "sign_method", "timestamp", "v"}
    kept = {name: value for name, value in params.items() if value.strip() and name not in own}
    assert query == ""
    assert kept.items() <= sent.items()
    assert all(value.strip() for value in sent.values())
    if not own & set(params):
        assert sent["sign"] == protocol.sign(sent, "helloworld", "md5")


def test_attempts_of_one_call_have_one_digest_that_no_secret_enters() -> None:
    prepared = protocol.prepare("m", {"a": "1", "blank": " "})

    assert prepared.digest == protocol.prepare("m", {"a": "1"}).digest
    assert prepared.digest != protocol.prepare("n", {"a": "1"}).digest


def parts_of(body: bytes, content_type: str) -> dict[str, Message]:
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = cast("list[Message]", whole.get_payload())
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


@given(content=st.binary(max_size=200))
def test_an_upload_carries_any_bytes_and_its_signature_in_the_query(content: bytes) -> None:
    prepared = protocol.prepare(
        "taobao.picture.upload", {"title": "红裙"}, {"img": File("a.png", content, "image/png")}
    )

    query, body, content_type = protocol.encode_request(prepared, CALLER, "2016-01-01 12:00:00")

    parts, sent = parts_of(body, content_type), dict(parse_qsl(query))
    assert cast("bytes", parts["title"].get_payload(decode=True)).decode() == "红裙"
    assert body.count(content) >= 1
    assert parts["img"].get_filename() == "a.png"
    assert sent["sign"] == protocol.sign({**sent, "title": "红裙"}, "helloworld", "md5")


def test_a_boundary_that_occurs_in_a_file_grows() -> None:
    _, content_type = protocol.encode_multipart({}, {"f": File("f", b"..abc..abcx")}, "abc")

    assert content_type.endswith("boundary=abcxx")


def test_a_file_name_cannot_break_out_of_its_part() -> None:
    body, _ = protocol.encode_multipart({}, {"f": File('a"\r\nX: y', b"")}, "abc")

    assert b'filename="a%22%0D%0AX: y"' in body


@pytest.mark.parametrize(
    ("method", "root"),
    [
        ("taobao.item.seller.get", "item_seller_get_response"),
        ("alibaba.aliqin.fc.sms.num.send", "alibaba_aliqin_fc_sms_num_send_response"),
        ("tmall.item.schema.update", "tmall_item_schema_update_response"),
    ],
)
def test_only_a_leading_taobao_is_dropped_from_the_root(method: str, root: str) -> None:
    assert protocol.root_name(method) == root


def test_ids_are_read_from_numbers_and_texts_beyond_2_to_the_53() -> None:
    for written in (b"149180334653332324", b'"149180334653332324"'):
        body = b'{"item_add_response":{"item":{"num_iid":' + written + b'},"request_id":"r"}}'

        found = parse_reply(body, "taobao.item.add", ItemReply)

        assert isinstance(found, ItemReply)
        assert found.item.num_iid == 149180334653332324


@pytest.mark.parametrize("inner", [b"", b'"items":{},', b'"items":{"item":[]},'])
def test_an_empty_list_may_be_missing_or_empty(inner: bytes) -> None:
    body = b'{"items_custom_get_response":{' + inner + b'"request_id":"r"}}'

    found = parse_reply(body, "taobao.items.custom.get", ItemsReply)

    assert isinstance(found, ItemsReply)
    assert not (found.items and found.items.item)


def test_a_refusal_is_read_whole() -> None:
    body = '{"error_response":{"code":"27","msg":"Invalid session","sub_code":"invalid-sessionkey","request_id":"r"}}'

    assert parse_reply(body.encode(), "m", dict) == Refusal(
        27, "Invalid session", "invalid-sessionkey", request_id="r"
    )


WHOLE = b'{"item_add_response":{"item":{"num_iid":600000000005},"request_id":"r4lu3uaf87g2"}}'


@pytest.mark.parametrize(
    "body",
    [
        *[WHOLE[:cut] for cut in range(len(WHOLE))],
        b"<html>502</html>",
        b'{"item_get_response":{}}',
        b'{"item_add_response":{"request_id":"r"}}',
        b'{"item_add_response":{"item":{"num_iid":"x"}}}',
        b'{"item_add_response":{"item":{"num_iid":null}}}',
        b'\xff\xfe{"a":1}',
        b"[]",
    ],
)
def test_a_reply_that_is_cut_or_of_another_form_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_reply(body, "taobao.item.add", ItemReply)


@given(body=st.binary(max_size=60))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_reply(body, "taobao.item.add", ItemReply)
    with pytest.raises(Unparsable):
        parse_reply(body, "taobao.item.add", ItemReply, "xml")


def test_xml_tolerates_the_comment_after_its_root_and_marks_lists() -> None:
    body = (
        '<?xml version="1.0" encoding="utf-8" ?><items_custom_get_response><items list="true"><item><num_iid> 5 </num_iid>'
        "<title>裙</title></item></items><request_id>r</request_id></items_custom_get_response><!--top0110.na61-->"
    )

    found = parse_reply(body.encode(), "taobao.items.custom.get", ItemsReply, "xml")

    assert isinstance(found, ItemsReply)
    assert found.items is not None
    assert [(item.num_iid, item.title) for item in found.items.item] == [(5, "裙")]


def test_xml_that_declares_a_document_type_is_refused() -> None:
    with pytest.raises(Unparsable, match="document type"):
        protocol.read_xml(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def test_the_platforms_time_is_eight_hours_ahead() -> None:
    moment = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)

    assert protocol.wire_time(moment) == "2026-01-02 04:00:00"
    assert protocol.read_time("2026-01-02 04:00:00") == moment
    assert protocol.timestamp(1_451_620_800_999_999) == "2016-01-01 12:00:00"


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", "soon", None, "0001-01-01 00:00:00"])
def test_an_unreadable_time_is_none(text: str | None) -> None:
    assert protocol.read_time(text) is None


def test_credentials_print_neither_secret_nor_session() -> None:
    assert "helloworld" not in repr(CALLER)
    assert "6100" not in repr(CALLER)
