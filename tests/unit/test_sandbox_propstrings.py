"""Property strings against their category: form, known values, typed-in values, aliases, what must not be missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.categories import categories, properties
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.policy import Policy
from onshelf.sandbox.propstrings import check_strings, read_pairs
from onshelf.sandbox.spoken import spoken

DRESSES = 50010850
BOOK = next(one.cid for one in categories().values() if one.parent_cid == 33 and not one.is_parent)
ISBN = "1636953,46602357,46398806,2043189"
NO_OWN_VALUES = next(
    (cid, prop)
    for cid, prop in ((cid, prop) for cid in categories() for prop in properties(cid))
    if prop.is_sale_prop and prop.values and not prop.is_input_prop
)


def check(*, verb: str = "add", invented_too: bool = False, **wire: Any) -> None:
    check_strings({"cid": DRESSES, **wire}, verb, invented_too=invented_too)


@pytest.mark.parametrize(
    ("wire", "sub_code"),
    [
        ({"props": "1627207"}, "isv.invalid-parameter:props"),
        ({"props": "1627207:红"}, "isv.invalid-parameter:props"),
        ({"props": "1627207:28320;;1:2"}, "isv.invalid-parameter:props"),
        ({"input_pids": "20000", "input_str": ""}, "isv.parameters-mismatch:input_pids-and-input_str"),
        ({"input_pids": "x", "input_str": "自有"}, "isv.invalid-parameter:input_pids"),
        ({"input_pids": "1", "input_str": "字" * 1334}, "isv.invalid-parameter:input_str"),
        ({"property_alias": "1627207:28320"}, "isv.invalid-parameter:property_alias"),
        ({"property_alias": "1:1:" + "x" * 800}, "isv.invalid-parameter:property_alias"),
    ],
)
def test_a_malformed_string_is_refused(wire: dict[str, Any], sub_code: str) -> None:
    with pytest.raises(BusinessError) as refusal:
        check(**wire)

    assert refusal.value.sub_code == sub_code


@pytest.mark.parametrize("verb", ["add", "update"])
def test_a_value_the_category_does_not_have_is_refused(verb: str) -> None:
    cid, prop = NO_OWN_VALUES

    with pytest.raises(BusinessError) as refusal:
        check(verb=verb, cid=cid, props=f"{prop.pid}:7")

    assert refusal.value.sub_code == f"isv.item-{verb}-service-error:ITEM_PROPERTIES_ERROR"


def test_a_value_of_the_sellers_own_and_an_unrecorded_property_pass() -> None:
    cid, prop = NO_OWN_VALUES

    check(cid=cid, props=f"{prop.pid}:-1001;999999:1")


def test_a_book_without_isbn_is_refused_for_that_is_recorded() -> None:
    with pytest.raises(BusinessError, match="ITEM_PROPERTIES_ERROR"):
        check(cid=BOOK)

    check(cid=BOOK, input_pids=ISBN, input_str="9787117214972,书,10,作者")


def test_invented_properties_are_asked_for_only_when_told_so() -> None:
    check()

    with pytest.raises(BusinessError, match="ITEM_PROPERTIES_ERROR"):
        check(invented_too=True)


@given(st.lists(st.tuples(st.integers(1, 10**12), st.integers(-(10**6), 10**12)), max_size=35))
def test_pairs_are_read_as_they_were_written(pairs: list[tuple[int, int]]) -> None:
    assert read_pairs(";".join(f"{pid}:{vid}" for pid, vid in pairs)) == pairs


def test_a_closed_category_closes_all_below_it() -> None:
    policy = Policy(closed_categories=(16,))

    assert policy.closed(DRESSES)
    assert not policy.closed(50000436)
    assert not policy.closed(4711)


def test_the_first_banned_word_is_named() -> None:
    assert Policy().banned("第一品牌 国家级 连衣裙") == "国家级"
    assert Policy(banned_words=()).banned("国家级") == ""


@pytest.mark.parametrize(
    ("pairs", "aliases", "words"),
    [
        ("", "", ""),
        ("1627207:28320;20509:28314", "", "1627207:28320:颜色分类:白色;20509:28314:尺码:S"),
        ("1627207:28320", "1627207:28320:米白", "1627207:28320:颜色分类:米白"),
        ("1627207:-1001", "", "1627207:-1001:颜色分类:-1001"),
        ("999:7", "", "999:7:999:7"),
    ],
)
def test_pairs_are_said_in_words(pairs: str, aliases: str, words: str) -> None:
    """Of the form of item.get__1.json: 1627207:28320:颜色:白色;…"""
    assert spoken(DRESSES, pairs, aliases) == words
