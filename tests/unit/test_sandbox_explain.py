"""A wrong signature is explained: each mistake callers make is named, alone or beside another."""

import hashlib
import hmac
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.explain import Recipe, Signed, _attempts, _digest, _string, compare, compare_own, explain
from onshelf.sandbox.wire import sign

SECRET = "helloworld"
TEXT = {
    "method": "taobao.item.update",
    "app_key": "12345678",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "num_iid": "11223344",
    "Title": "连衣裙 春季&新款=+%",
    "sku_properties": "1627207:28326",
}


def call(sent: str = "", sign_method: str = "md5", **changed: str) -> Signed:
    return Signed(
        {**TEXT, "sign_method": sign_method, **changed, "sign": sent}, SECRET, secrets={"87654321": "0ther"}
    )


def signed_by(sign_method: str = "md5", **mistakes: str) -> Signed:
    """A call that was signed by a recipe with these mistakes."""
    made = call(sign_method=sign_method)
    made.text["sign"] = _digest(made, Recipe(**{"hash": sign_method, **mistakes}))
    return made


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256", ""])
def test_a_right_signature_is_called_right(sign_method: str) -> None:
    made = call(sign_method=sign_method)
    pairs = [pair for pair in made.text.items() if pair[0] != "sign"]
    made.text["sign"] = sign(pairs, SECRET, sign_method)

    explained = explain(made)

    assert (explained["verdict"], explained["mistakes"]) == ("right", [])


@pytest.mark.parametrize(
    ("done", "mistake", "detail"),
    [
        ({"values": "encoded"}, "values.encoded", ""),
        ({"values": "encoded.plus"}, "values.encoded", ""),
        ({"values": "plus_lost"}, "values.plus_lost", ""),
        ({"order": "caseless"}, "order.caseless", ""),
        ({"order": "unsorted"}, "order.unsorted", ""),
        ({"join": "joined"}, "join.joined", ""),
        ({"join": "joined.equals"}, "join.joined", ""),
        ({"names": "without:session"}, "names.without", "session"),
        ({"names": "business"}, "names.business", ""),
        ({"secret": "of:87654321"}, "secret.of", "87654321"),
        ({"secret": "ampersand"}, "secret.ampersand", ""),
        ({"charset": "gbk"}, "charset.gbk", ""),
        ({"hash": "md5.bare"}, "hash.secret_place", "md5.bare"),
        ({"hash": "hmac-sha256"}, "hash.other", "hmac-sha256"),
    ],
)
def test_each_single_mistake_is_named(done: dict[str, str], mistake: str, detail: str) -> None:
    explained = explain(signed_by(**done))

    assert explained["verdict"] == "explained"
    assert explained["mistakes"] == [{"mistake": mistake, "detail": detail}]


@pytest.mark.parametrize(
    ("named", "hashed"), [("MD5", "md5"), ("HMAC-SHA256", "hmac-sha256"), ("sha256", "sha256")]
)
def test_a_sign_method_the_platform_does_not_know_is_named(named: str, hashed: str) -> None:
    made = call(sign_method=named)
    made.text["sign"] = _digest(made, Recipe(hash=hashed))

    explained = explain(made)

    assert explained["verdict"] == "explained"
    assert explained["mistakes"] == [{"mistake": "sign_method", "detail": named}]


def test_values_that_were_url_encoded_twice_on_the_way_are_seen() -> None:
    """The caller signs the plain title and sends it encoded once too often."""
    made = call(Title=quote("连衣裙 春季"))
    made.text["sign"] = sign(
        {**{k: v for k, v in made.text.items() if k != "sign"}, "Title": "连衣裙 春季"}.items(), SECRET, "md5"
    )

    explained = explain(made)

    assert [one["mistake"] for one in explained["mistakes"]] == ["values.encoded_twice"]
    assert explained["first_difference"]["yours"].startswith("helloworldTitle连衣裙 春季app_key")
    assert explained["first_difference"]["mine"].startswith("helloworldTitle%E8")


def test_two_mistakes_at_once_are_both_named() -> None:
    explained = explain(signed_by(values="encoded", join="joined"))

    assert {one["mistake"] for one in explained["mistakes"]} == {"values.encoded", "join.joined"}


def test_a_signature_in_lower_case_is_named_as_such() -> None:
    made = signed_by()
    made.text["sign"] = made.text["sign"].lower()

    assert explain(made)["mistakes"] == [{"mistake": "lower_case"}]


def test_the_first_difference_shows_both_strings_there() -> None:
    explained = explain(signed_by(join="joined"))

    place = explained["first_difference"]["at"]
    assert explained["my_string"][:place] == explained["your_string"][:place]
    assert explained["my_string"][place] == "连"
    assert explained["your_string"][place] == "="


def test_what_nobody_can_explain_is_left_open_with_the_gateways_own_string() -> None:
    explained = explain(call("0" * 32))

    assert (explained["verdict"], explained["mistakes"]) == ("unexplained", [])
    assert explained["my_string"].startswith("helloworldTitle连衣裙")
    assert "your_string" not in explained


def test_a_call_without_a_signature_is_told_the_string_to_sign() -> None:
    explained = explain(call())

    assert explained["verdict"] == "missing"
    assert explained["expected"] == hashlib.md5(explained["my_string"].encode()).hexdigest().upper()


def test_the_body_of_a_batch_is_part_of_the_string() -> None:
    made = call()
    made.body = "method=a&x=1"

    assert explain(made)["my_string"].endswith("v2.0method=a&x=1helloworld")


def test_a_callers_own_string_is_set_beside_the_gateways() -> None:
    made = call(sign_method="hmac")
    yours = "app_key12345678"
    made.text["sign"] = hmac.digest(SECRET.encode(), yours.encode(), "md5").hex().upper()

    compared = compare_own(made, yours)

    assert compared["gives_sent"]
    assert compared["first_difference"]["at"] == 0
    assert not compare_own(call("0" * 32), yours)["gives_sent"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_strings_agree_up_to_their_first_difference(mine: str, yours: str) -> None:
    difference = compare(mine, yours)["first_difference"]

    if mine == yours:
        assert difference is None
    else:
        at = difference["at"]
        assert mine[:at] == yours[:at]
        assert mine[at : at + 1] != yours[at : at + 1]


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    ),
    st.sampled_from(["md5", "hmac", "hmac-sha256"]),
)
def test_the_explanations_string_is_the_one_the_gateway_hashes(
    arguments: dict[str, str], sign_method: str
) -> None:
    made = Signed({**arguments, "sign_method": sign_method}, SECRET)

    assert explain(made)["expected"] == sign(made.text.items(), SECRET, sign_method)
    assert explain(made)["my_string"] == _string(made, Recipe(hash=sign_method))


@given(
    st.dictionaries(
        st.text(max_size=8), st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8
    ),
    st.binary(max_size=40),
    st.text(max_size=20),
)
def test_any_call_is_explained_without_a_crash(text: dict[str, str], query: bytes, body: str) -> None:
    verdicts = {"missing", "right", "explained", "unexplained"}

    assert explain(Signed({**text, "sign": "0" * 32}, SECRET, query, body))["verdict"] in verdicts


def test_a_very_large_call_is_given_up_soon() -> None:
    made = call("0" * 32, desc="x" * 30_000_000)

    assert _attempts(made) == 0
    assert explain(made)["verdict"] == "unexplained"
