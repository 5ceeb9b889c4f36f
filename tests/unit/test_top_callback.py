"""Calls of the platform to us: genuine ones pass once, everything else is refused."""

import hashlib
from dataclasses import replace
from encodings.aliases import aliases
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US, to_us
from onshelf.platforms.top.callback import WINDOW_S, Call, Fault, Genuine, Replays, verify
from onshelf.platforms.top.protocol import read_time

SECRET = "helloworld"
MOMENT = read_time("2016-01-01 12:00:00")
assert MOMENT is not None
NOW_US = to_us(MOMENT)
# The vector of top-protocol 2.4.
QUERY = {
    "app_key": "12345678",
    "method": "qimen.demo.order.push",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
    "sign_method": "md5",
}
BODY = '{"orderId":"A1","title":"测试"}'.encode()
HEADERS = {"Top-Sign-List": "x-top-uid", "X-Top-Uid": "1001", "Content-Type": "application/json"}
SIGN = "67301453A79BF65AC70EA4C714DEA2FE"
CALL = Call(urlencode({**QUERY, "sign": SIGN}), HEADERS, BODY)


def check(call: Call, now_us: int = NOW_US, replays: Replays | None = None) -> Genuine | Fault:
    return verify(call, SECRET, now_us, replays or Replays())


def signed(
    query: dict[str, str], headers: dict[str, str], body: bytes, text: str, charset: str = "utf-8"
) -> Call:
    """Makes a call whose signature is over `text` and the body, put together by hand."""
    digest = hashlib.md5(f"{SECRET}{text}".encode(charset) + body + SECRET.encode()).hexdigest().upper()
    return Call(urlencode({**query, "sign": digest}), headers, body)


def test_the_published_call_is_genuine() -> None:
    assert check(CALL) == Genuine(QUERY, BODY, {"x-top-uid": "1001"})


def test_the_order_of_the_query_and_the_case_of_headers_do_not_matter() -> None:
    query = urlencode(dict(reversed([*QUERY.items(), ("sign", SIGN)])))

    found = check(Call(query, {name.upper(): value for name, value in HEADERS.items()}, BODY))

    assert found == Genuine(QUERY, BODY, {"x-top-uid": "1001"})


def test_only_signed_headers_are_handed_on() -> None:
    found = check(replace(CALL, headers={**HEADERS, "X-Top-Nick": "somebody"}))

    assert isinstance(found, Genuine)
    assert found.headers == {"x-top-uid": "1001"}


def test_a_header_hidden_behind_a_parameter_of_its_name_is_not_taken_for_signed() -> None:
    """Parameters go before headers, so the header's value is in no signature."""
    headers = {**HEADERS, "top-sign-list": "x-top-uid,app_key", "app_key": "87654321"}
    found = check(replace(CALL, headers={name.lower(): value for name, value in headers.items()}))

    assert isinstance(found, Genuine)
    assert found.params["app_key"] == "12345678"
    assert found.headers == {"x-top-uid": "1001"}


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, body=BODY + b" "),
        replace(CALL, query=CALL.query.replace("2.0", "2.1")),
        replace(CALL, query=CALL.query + "&extra=1"),
        replace(CALL, headers={**HEADERS, "X-Top-Uid": "1002"}),
        replace(CALL, headers={**HEADERS, "Top-Sign-List": ""}),
        replace(CALL, query=CALL.query.replace(SIGN, SIGN.lower())),
    ],
    ids=["body", "value", "parameter", "signed header", "list of headers", "case of the sign"],
)
def test_whatever_is_changed_makes_it_forged(call: Call) -> None:
    assert check(call) is Fault.FORGED


def test_the_wrong_secret_signs_nothing() -> None:
    assert verify(CALL, "other", NOW_US, Replays()) is Fault.FORGED


@pytest.mark.parametrize("query", ["", urlencode(QUERY), f"{CALL.query}&sign={SIGN}"])
def test_a_call_needs_exactly_one_sign(query: str) -> None:
    assert check(replace(CALL, query=query)) is Fault.UNSIGNED


def test_blank_values_are_signed() -> None:
    query = {"a": "", "timestamp": "2016-01-01 12:00:00"}
    call = signed(query, {}, b"<request/>", "atimestamp2016-01-01 12:00:00")

    assert check(call) == Genuine(query, b"<request/>")


def test_a_signed_header_that_is_missing_counts_as_blank() -> None:
    query = {"timestamp": "2016-01-01 12:00:00"}
    call = signed(query, {"top-sign-list": "x-b, x-a"}, b"", "timestamp2016-01-01 12:00:00x-ax-b")

    assert check(call) == Genuine(query, b"", {"x-b": "", "x-a": ""})


def test_a_signed_header_is_decoded() -> None:
    query = {"timestamp": "2016-01-01 12:00:00"}
    headers = {"top-sign-list": "x-nick", "x-nick": quote("小店")}

    found = check(signed(query, headers, b"", "timestamp2016-01-01 12:00:00x-nick小店"))

    assert found == Genuine(query, b"", {"x-nick": "小店"})


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("charset", sorted({*aliases.values(), "undefined", "idna", "punycode", "x" * 99}))
def test_no_charset_makes_another_text_of_a_signed_one(charset: str) -> None:
    """In some every character outside is a question mark, or case is lost; the content type is not signed."""
    query = {"timestamp": "2016-01-01 12:00:00", "title": "a?B"}
    genuine = signed(query, {}, b"", "timestamp2016-01-01 12:00:00titlea?B")
    for title in ("a测B", "a?b", "A?B", "a\udce6B"):
        other = urlencode({"title": title}, errors="surrogatepass").encode()
        forged = genuine.query.replace(urlencode({"title": "a?B"}), other.decode())
        headers = {"content-type": f"text/plain; charset={charset}"}
        assert check(Call(forged, headers)) is Fault.FORGED
        assert (
            check(Call(genuine.query, {"content-type": f"{FORM};charset={charset}"}, other)) is Fault.FORGED
        )


def test_what_holds_no_character_is_forged_and_breaks_nothing() -> None:
    assert check(replace(CALL, headers={**HEADERS, "X-Top-Uid": "\udc80"})) is Fault.FORGED
    assert check(replace(CALL, query=CALL.query.replace(SIGN, "\udc80"))) is Fault.FORGED


@pytest.mark.parametrize("charset", ["utf-8", "GBK"])
def test_the_fields_of_a_form_are_signed_instead_of_its_body(charset: str) -> None:
    query = {"timestamp": "2016-01-01 12:00:00"}
    text = "nick小店notetimestamp2016-01-01 12:00:00"
    made = signed(
        query, {"Content-Type": f"application/x-www-form-urlencoded;charset={charset}"}, b"", text, charset
    )
    form = urlencode({"nick": "小店", "note": ""}, encoding=charset).encode()

    assert check(replace(made, body=form)) == Genuine({**query, "nick": "小店", "note": ""}, b"")


@pytest.mark.parametrize("time", [None, "", "yesterday", "1451620800"])
def test_a_call_without_a_readable_time_is_refused(time: str | None) -> None:
    query = {} if time is None else {"timestamp": time}

    assert check(signed(query, {}, b"", "" if time is None else f"timestamp{time}")) is Fault.UNDATED


@pytest.mark.parametrize("sign", [-1, 1], ids=["late", "early"])
def test_a_call_is_good_within_ten_minutes_of_its_time(sign: int) -> None:
    edge = sign * round(WINDOW_S * SECOND_US)

    assert isinstance(check(CALL, NOW_US + edge), Genuine)
    assert check(CALL, NOW_US + edge + sign) is Fault.STALE


def test_a_call_played_again_is_refused_as_long_as_its_time_is_fresh() -> None:
    replays = Replays()
    edge_us = round(WINDOW_S * SECOND_US)

    first, *later = [
        check(CALL, now_us, replays)
        for now_us in (NOW_US - edge_us, NOW_US, NOW_US + edge_us, NOW_US + edge_us + 1)
    ]

    assert isinstance(first, Genuine)
    assert later == [Fault.REPLAYED, Fault.REPLAYED, Fault.STALE]


def test_forgeries_are_not_remembered() -> None:
    replays = Replays()

    assert check(replace(CALL, body=b"x"), replays=replays) is Fault.FORGED
    assert isinstance(check(CALL, replays=replays), Genuine)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(-120, 120), st.integers(0, 90)), max_size=60),
    st.sampled_from([30.0, 100.0]),
)
def test_no_call_passes_twice_however_late_it_is_played_again(
    calls: list[tuple[int, int, int]], window_s: float
) -> None:
    replays, passed, now_us = Replays(), set[str](), NOW_US
    for number, ahead_s, later_s in calls:
        now_us += later_s * SECOND_US
        query = {"n": str(number), "timestamp": f"2016-01-01 12:{20 + ahead_s // 60:02}:{ahead_s % 60:02}"}
        call = signed(query, {}, b"", f"n{number}timestamp{query['timestamp']}")
        if isinstance(verify(call, SECRET, now_us, replays, window_s=window_s), Genuine):
            assert call.query not in passed
            passed.add(call.query)


def test_signatures_of_stale_calls_are_forgotten() -> None:
    replays = Replays()
    for number in range(1000):
        assert replays.is_new(str(number), NOW_US + number, NOW_US)

    assert replays.is_new("later", NOW_US + 2000, NOW_US + 500)
    assert replays.remembered == 501


@given(st.text(), st.dictionaries(st.text(), st.text()), st.binary())
def test_nothing_anybody_sends_breaks_the_verifier(query: str, headers: dict[str, str], body: bytes) -> None:
    for given_headers in (headers, {**headers, "content-type": "application/x-www-form-urlencoded"}):
        assert isinstance(check(Call(f"{query}&sign=X", given_headers, body)), Fault)
