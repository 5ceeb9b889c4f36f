"""Lists in every form the platform writes them, and values of another type than the catalogue's."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.top.generated.lists import ItemsOnsaleGetReply
from onshelf.platforms.top.generated.push import TmcUserGetReply
from onshelf.platforms.top.generated.types.shared import Item
from onshelf.platforms.top.mend import mend
from onshelf.platforms.top.methods.item import ItemsReply
from onshelf.platforms.top.protocol import Refusal, Unparsable, parse_reply
from onshelf.platforms.top.rows import Rows

METHOD = "taobao.items.onsale.get"


def read(inside: str, **how: Any) -> ItemsOnsaleGetReply:
    body = f'{{"items_onsale_get_response":{{{inside}"request_id":"r"}}}}'
    found = parse_reply(body.encode(), METHOD, ItemsOnsaleGetReply, **how)
    assert isinstance(found, ItemsOnsaleGetReply)
    return found


def read_xml(inside: str) -> ItemsOnsaleGetReply:
    body = f'<?xml version="1.0" encoding="utf-8" ?><items_onsale_get_response>{inside}</items_onsale_get_response>'
    found = parse_reply(body.encode(), METHOD, ItemsOnsaleGetReply, "xml")
    assert isinstance(found, ItemsOnsaleGetReply)
    return found


@pytest.mark.parametrize(
    "inside", ["", '"items":{},', '"items":{"item":[]},', '"items":[],', '"items":null,', '"items":"",']
)
def test_every_form_of_an_empty_list_is_empty(inside: str) -> None:
    assert read(inside).items == ()


@pytest.mark.parametrize(
    "inside",
    ['"items":{"item":[{"num_iid":5}]},', '"items":{"item":{"num_iid":"5"}},', '"items":[{"num_iid":5}],'],
)
def test_every_form_of_a_list_gives_its_rows(inside: str) -> None:
    assert [item.num_iid for item in read(inside).items] == [5]


def test_xml_gives_the_same_rows_marked_or_not() -> None:
    one = "<num_iid>5</num_iid><title>裙</title><skus/><price>9.90</price>"

    for inside in (
        f"<items><item>{one}</item></items>",
        f'<items list="true"><item>{one}</item></items>',
        f"<items><item>{one}</item><item>{one}</item></items>",
    ):
        item = read_xml(inside).items[0]
        assert (item.num_iid, item.title, item.skus, item.price) == (5, "裙", (), Decimal("9.90"))


def test_an_empty_row_of_xml_is_a_row_and_an_empty_object_is_none() -> None:
    found = read_xml("<items><item/><item><location/></item></items>")

    assert found.items == (Item(), Item())


def test_lists_of_texts_are_rows_too() -> None:
    body = b'{"tmc_user_get_response":{"tmc_user":{"topics":{"string":["a","b"]}}}}'

    found = parse_reply(body, "taobao.tmc.user.get", TmcUserGetReply)

    assert isinstance(found, TmcUserGetReply)
    assert found.tmc_user is not None
    assert found.tmc_user.topics == ("a", "b")


def test_a_text_that_came_as_a_number_keeps_its_decimals() -> None:
    assert read('"items":{"item":[{"post_fee":12.50,"outer_id":7,"cid":"16"}]},').items[0] == Item(
        post_fee=Decimal("12.50"), outer_id="7", cid=16
    )


def test_an_empty_text_is_kept_where_texts_are_wanted_and_absent_elsewhere() -> None:
    item = read('"items":{"item":[{"outer_id":"","num":"","num_iid":5}]},').items[0]

    assert (item.outer_id, item.num, item.num_iid) == ("", None, 5)


def test_one_value_that_cannot_be_read_does_not_cost_the_reply() -> None:
    item = read('"items":{"item":[{"num_iid":5,"num":"null","price":"free","has_discount":"maybe"}]},').items[
        0
    ]

    assert item == Item(num_iid=5)


@pytest.mark.parametrize(
    "inside", ['"items":"abc",', '"items":5,', '"items":{"item":["abc"]},', '"items":{"item":[[]]},']
)
def test_a_list_of_something_else_is_no_answer_and_not_an_empty_list(inside: str) -> None:
    with pytest.raises(Unparsable):
        read(inside)


def test_a_value_that_has_no_way_to_be_absent_must_be_readable() -> None:
    body = b'{"items_onsale_get_response":{"total_results":"null"}}'

    with pytest.raises(Unparsable):
        parse_reply(body, METHOD, ItemsReply)


def test_an_xml_root_without_anything_in_it_is_an_answer() -> None:
    assert read_xml("").items == ()


def test_unknown_fields_are_ignored() -> None:
    assert read('"items":{"item":[{"num_iid":5,"brand_new":{"a":[1]}}]},"more":1,').items[0].num_iid == 5


def test_a_simplified_reply_has_no_root_but_a_refusal_keeps_its_own() -> None:
    rows = b'{"items":[{"num_iid":5}],"total_results":1,"request_id":"r"}'
    no = b'{"error_response":{"code":27,"msg":"Invalid session"}}'

    found = parse_reply(rows, METHOD, ItemsOnsaleGetReply, simplified=True)

    assert isinstance(found, ItemsOnsaleGetReply)
    assert [item.num_iid for item in found.items] == [5]
    assert parse_reply(no, METHOD, ItemsOnsaleGetReply, simplified=True) == Refusal(27, "Invalid session")


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["items", "item", "num_iid", "skus", "title"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(inside=JSON)
def test_any_json_is_a_reply_or_unparsable(inside: Any) -> None:
    body = msgspec.json.encode({"items_onsale_get_response": inside})
    for simplified in (False, True):
        try:
            found = parse_reply(body, METHOD, ItemsOnsaleGetReply, simplified=simplified)
        except Unparsable:
            continue
        assert isinstance(found, ItemsOnsaleGetReply | Refusal)


@given(inside=JSON)
def test_mending_never_raises(inside: Any) -> None:
    mend(inside, ItemsOnsaleGetReply)
    mend(inside, Rows[Item])


def test_a_row_without_its_element_is_a_list_of_one() -> None:
    item = read_xml(
        "<items><item><skus><sku_id>1</sku_id><quantity>3</quantity></skus></item></items>"
    ).items[0]

    assert [(sku.sku_id, sku.quantity) for sku in item.skus] == [(1, 3)]


@pytest.mark.parametrize("deep", [2_000, 100_000])
def test_a_reply_nested_beyond_reason_is_unparsable(deep: int) -> None:
    json_body = b'{"items_onsale_get_response":{"more":' + b"[" * deep + b"]" * deep + b"}}"
    xml_body = (
        b"<items_onsale_get_response>" + b"<a>" * deep + b"</a>" * deep + b"</items_onsale_get_response>"
    )

    with pytest.raises(Unparsable):
        parse_reply(json_body, METHOD, ItemsOnsaleGetReply)
    with pytest.raises(Unparsable):
        parse_reply(xml_body, METHOD, ItemsOnsaleGetReply, "xml")


NAMES = st.sampled_from(["items", "item", "num_iid", "skus", "sku", "title", "error_response", "code"])
XML = st.recursive(
    st.text(
        st.characters(codec="utf-8", exclude_characters="<&", exclude_categories=["Cc", "Cs"]), max_size=5
    ),
    lambda inner: st.lists(
        st.builds("<{0}>{1}</{0}>".format, NAMES, inner) | st.builds("<{0}/>".format, NAMES), max_size=4
    ).map("".join),
    max_leaves=12,
)


@given(inside=XML)
def test_any_xml_is_a_reply_or_unparsable(inside: str) -> None:
    body = f"<items_onsale_get_response>{inside}</items_onsale_get_response><!--host-->"
    try:
        found = parse_reply(body.encode(), METHOD, ItemsOnsaleGetReply, "xml")
    except Unparsable:
        return
    assert isinstance(found, ItemsOnsaleGetReply | Refusal)
