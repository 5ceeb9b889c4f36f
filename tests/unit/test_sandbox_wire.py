"""The sandbox's signing, decoding and encoding, against published vectors and recorded shapes."""

import re
from random import Random
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from onshelf.sandbox.wire import (
    Undecodable,
    base36,
    decode_body,
    decode_pairs,
    encode_error,
    encode_result,
    root_name,
    sign,
    signature_matches,
)

SORTING = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"}
UTF8 = {
    "method": "taobao.item.update",
    "app_key": "12345678",
    "session": "",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "num_iid": "11223344",
    "title": "连衣裙 春季&新款=+%",
    "desc": "  ",
}


@pytest.mark.parametrize(
    ("secret", "method", "expected"),
    [
        ("helloworld", "md5", "5AAF1C690262A24768F5478B084C2C8A"),
        ("helloworld", "hmac", "E687005F819D6F9E6ED085311C8ACC75"),
        ("helloworld", "hmac-sha256", "339676BF36C50A8BD3D8F6B4A81B2F9AA614B05BFCFEBEFC169CB830D6B77D3B"),
        ("helloworld", "", "BB36180104603266E48A1493F2D37D8F"),
        ("secret", "md5", "4B4AC0F2D69BA521FFDE55A2BBEE3025"),
        ("secret", "hmac", "26C775E5D0EB124C248184BFA79CA514"),
        ("secret", "hmac-sha256", "1C52CEB1EDD0E67254A35412A976973A383608B65620DDEB0D2469F8370F3ADE"),
        ("secret", "", "D8514397A7CCA0ACC37D31DE6506FB66"),
    ],
)
def test_signs_the_sorting_vectors(secret: str, method: str, expected: str) -> None:
    """Source: top-protocol.md 2.2."""
    assert sign(SORTING.items(), secret, method) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "58F12A8491D7EE697037A498AD8DA9BB"),
        ("hmac", "7A950CED2DC608CDF8C335A4E8D49ED7"),
        ("hmac-sha256", "FE167FAE21C3CCCD183D384C28384B331D68FF508877E2B5D85AE1D77260479F"),
    ],
)
def test_accepts_a_signature_that_leaves_out_blank_values(method: str, expected: str) -> None:
    fields = {**UTF8, "sign_method": method, "sign": expected}

    assert signature_matches(fields, "helloworld")


def test_accepts_a_signature_over_blank_values_too() -> None:
    fields = {**UTF8, "sign_method": "md5"}
    fields["sign"] = sign(fields.items(), "helloworld", "md5")

    assert signature_matches(fields, "helloworld")


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8), st.randoms())
def test_the_order_of_parameters_does_not_change_the_signature(fields: dict[str, str], dice: Random) -> None:
    shuffled = list(fields.items())
    dice.shuffle(shuffled)

    assert sign(shuffled, "s", "md5") == sign(fields.items(), "s", "md5")


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_decoding_undoes_form_encoding(fields: dict[str, str]) -> None:
    assert decode_pairs(urlencode(fields).encode()) == fields


def test_a_lone_percent_sign_stays() -> None:
    assert decode_pairs(b"a=100%&b=%zz&c=%E4%B8%AD+x") == {"a": "100%", "b": "%zz", "c": "中 x"}


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(Undecodable):
        decode_pairs(b"title=%C4%FA")


MULTIPART = (
    b"\r\n--XX\r\n"
    b'Content-Disposition:form-data;name="title"\r\nContent-Type:text/plain\r\n\r\n\xe8\xa3\x99\r\n--XX\r\n'
    b'Content-Disposition: file; name="img"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n\x00\r\n--XX--\r\n'
)


def test_reads_multipart_as_real_clients_send_it() -> None:
    """A leading CRLF, no space after the colon, the disposition `file`, charset before boundary (top-protocol.md 13)."""
    form = decode_body("multipart/form-data;charset=UTF-8;boundary=XX", MULTIPART)

    assert form.text == {"title": "裙"}
    assert bytes(form.files["img"]) == b"\xff\xd8\r\n\x00"


@pytest.mark.parametrize(
    ("head", "text", "files"),
    [
        (
            b'Content-Type: image/jpeg; name="x.jpg"\r\nContent-Disposition: form-data; name="a"',
            {"a": "v"},
            set(),
        ),
        (b'content-disposition:form-data; filename="b; name=c"; name="a"', {}, {"a"}),
        (b"Content-Disposition: form-data; name=a; filename*=UTF-8''x.jpg", {}, {"a"}),
        (b"Content-Type: text/plain", {}, set()),
    ],
)
def test_a_part_is_named_by_its_disposition(head: bytes, text: dict[str, str], files: set[str]) -> None:
    form = decode_body("multipart/form-data; boundary=XX", b"--XX\r\n" + head + b"\r\n\r\nv\r\n--XX--")

    assert (form.text, set(form.files)) == (text, files)


def near(boundary: bytes) -> st.SearchStrategy[bytes]:
    """Bytes that look like the ends of parts."""
    pieces = st.sampled_from(
        [b"\r\n", b"--", boundary, b"x", b"\r\n--" + boundary[:-1], b"\r\n--" + boundary + b"x"]
    )
    return st.lists(pieces, max_size=8).map(b"".join)


@given(
    st.dictionaries(st.sampled_from("abc"), near(b"XX")), st.dictionaries(st.sampled_from("fgh"), near(b"XX"))
)
@example({}, {"f": b"\r\n--XXx"})
def test_multipart_is_read_back_whatever_the_parts_hold(
    texts: dict[str, bytes], files: dict[str, bytes]
) -> None:
    """Only what a writer must avoid, the boundary as a line of its own, is avoided."""
    ends = (b"\r\n--XX\r\n", b"\r\n--XX--")
    assume(
        not any(end in b"\r\n" + one + b"\r\n" for one in [*texts.values(), *files.values()] for end in ends)
    )
    parts = [(b'name="%b"' % name.encode(), one) for name, one in texts.items()]
    parts += [(b'name="%b"; filename="x"' % name.encode(), one) for name, one in files.items()]
    body = b"".join(b"--XX\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % part for part in parts)

    form = decode_body("multipart/form-data; boundary=XX", body + b"--XX--\r\n")

    assert {name: one.encode() for name, one in form.text.items()} == texts
    assert {name: bytes(one) for name, one in form.files.items()} == files


@given(st.binary(max_size=300))
def test_no_body_breaks_the_multipart_reader(body: bytes) -> None:
    try:
        decode_body("multipart/form-data; boundary=XX", body + b"--XX\r\n\r\n\r\n" + body + b"\r\n--XX--")
    except Undecodable:
        return


RESULT = {"total_results": 1, "items": {"item": [{"num_iid": 2**53 + 1, "title": "a<b", "ok": True}]}}


def test_writes_keys_alphabetically_and_the_request_id_last() -> None:
    body = encode_result("x_response", RESULT, "r1", xml=False, simplify=False)

    assert body == (
        b'{"x_response":{"items":{"item":[{"num_iid":9007199254740993,"ok":true,"title":"a<b"}]},'
        b'"total_results":1,"request_id":"r1"}}'
    )


def test_an_empty_result_holds_only_the_request_id() -> None:
    assert (
        encode_result("x_response", {}, "r1", xml=False, simplify=False)
        == b'{"x_response":{"request_id":"r1"}}'
    )


def test_simplify_drops_root_and_list_wrappers() -> None:
    body = encode_result("x_response", RESULT, "r1", xml=False, simplify=True)

    assert body.startswith(b'{"items":[{"num_iid"')
    assert body.endswith(b'"total_results":1,"request_id":"r1"}')


def test_xml_repeats_elements_and_ends_with_the_serving_host() -> None:
    body = encode_result("x_response", RESULT, "r1", xml=True, simplify=False, host="h1").decode()

    assert body == (
        '<?xml version="1.0" encoding="utf-8" ?><x_response><items><item><num_iid>9007199254740993</num_iid><ok>true</ok>'
        "<title>a&lt;b</title></item></items><total_results>1</total_results><request_id>r1</request_id></x_response><!--h1-->"
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_makes_a_document_that_can_be_read(text: str) -> None:
    """What XML cannot hold is left out; all else is read back, line ends too."""
    body = encode_result("x_response", {"title": text}, "r1", xml=True, simplify=False)

    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    assert (ET.fromstring(body).findtext("title") or "") == kept


def test_an_error_begins_with_error_response_and_a_numeric_code() -> None:
    assert encode_error({"code": 25, "msg": "Invalid signature"}, "r1", xml=False).startswith(
        b'{"error_response":{"code":25,'
    )


@pytest.mark.parametrize(
    ("method", "root"),
    [
        ("taobao.item.seller.get", "item_seller_get_response"),
        ("tmall.item.schema.update", "tmall_item_schema_update_response"),
        ("alibaba.aliqin.fc.sms.num.send", "alibaba_aliqin_fc_sms_num_send_response"),
    ],
)
def test_only_the_taobao_prefix_leaves_the_root_name(method: str, root: str) -> None:
    assert root_name(method) == root


@given(st.integers(min_value=0, max_value=2**64))
def test_base36_is_read_back(number: int) -> None:
    assert int(base36(number), 36) == number
