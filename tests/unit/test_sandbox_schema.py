"""Schemas and filled-in documents: written, read, checked rule by rule, and made items and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.schema.category import schema
from onshelf.sandbox.schema.check import faults
from onshelf.sandbox.schema.document import Unreadable, fill, read, write
from onshelf.sandbox.schema.fields import (
    COMPLEX,
    INPUT,
    MULTI,
    MULTI_COMPLEX,
    REQUIRED,
    SINGLE,
    Field,
    Rule,
    Values,
    kind,
    longest,
    unless,
)
from onshelf.sandbox.schema.item import defaults, to_document, to_item
from onshelf.sandbox.wire import Json

DRESSES, BOOKS = 50010850, 3332  # 3332: a leaf below 书籍/杂志/报纸

words = st.text(st.characters(categories=("L", "N", "P"), exclude_characters="\r\n"), min_size=1, max_size=8)
names = st.sampled_from(("title", "prop_20000", "sku", "a.b"))
rows = st.dictionaries(names, words, min_size=1, max_size=3)
documents = st.dictionaries(
    names,
    st.one_of(words, st.lists(words, min_size=1, max_size=3), rows, st.lists(rows, min_size=1, max_size=3)),
    max_size=4,
)


@given(documents)
def test_a_document_reads_as_it_was_written(values: Values) -> None:
    assert read(fill(values)) == values


def test_a_recorded_form_of_document_is_read() -> None:
    """tmall.item.schema.add.xml_data__1.xml, shortened: blank values and empty groups are no values."""
    text = (
        '<itemParam><field id="infos" name="信息" type="label"/><field id="title" type="input"><value>测试\n</value></field>'
        '<field id="delivery_way" type="multiCheck"><values><value>2</value></values></field>'
        '<field id="lang" type="singleCheck"><value/></field><field id="sell_points" type="complex"><complex-values/></field>'
        '<field id="location" type="complex"><complex-values><field id="prov" type="input"><value>北京</value></field>'
        "</complex-values></field></itemParam>"
    )

    assert read(text) == {"title": "测试", "delivery_way": ["2"], "location": {"prov": "北京"}}


@pytest.mark.parametrize(
    "text",
    ["", "<a>", "no xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<f>" * 9, "x" * 1_000_001],
)
def test_what_is_no_document_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_a_document_nested_without_end_is_unreadable() -> None:
    inner = "".join('<field id="a"><complex-values>' for _ in range(50))

    with pytest.raises(Unreadable, match="nested"):
        read(f"<p>{inner}{'</complex-values></field>' * 50}</p>")


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        (Field("a", "A", INPUT, (REQUIRED,)), "", "requiredRule"),
        (Field("a", "A", INPUT, (kind("integer"),)), "1.5", "valueTypeRule"),
        (Field("a", "A", INPUT, (kind("decimal"),)), "1e5", "valueTypeRule"),
        (Field("a", "A", INPUT, (kind("time"),)), "2026-13-01 00:00:00", "valueTypeRule"),
        (Field("a", "A", INPUT, (kind("date"),)), "tomorrow", "valueTypeRule"),
        (Field("a", "A", INPUT, (kind("url"),)), "picture", "valueTypeRule"),
        (Field("a", "A", INPUT, (longest(3, "byte"),)), "汉字", "maxLengthRule"),
        (Field("a", "A", INPUT, (longest(1, "character"),)), "汉字", "maxLengthRule"),
        (Field("a", "A", INPUT, (Rule("minValueRule", "0", include=False),)), "0", "minValueRule"),
        (Field("a", "A", INPUT, (Rule("maxValueRule", "9", include=True),)), "10", "maxValueRule"),
        (Field("a", "A", INPUT, (Rule("regexRule", "^[0-9]*$"),)), "x", "regexRule"),
        (Field("a", "A", SINGLE, options=(("1", "一"),)), "2", "options"),
        (Field("a", "A", MULTI, options=(("1", "一"),)), ["1", "2"], "options"),
        (
            Field("a", "A", MULTI, (Rule("maxInputNumRule", "1", include=True),)),
            ["1", "2"],
            "maxInputNumRule",
        ),
        (Field("a", "A", INPUT, (Rule("readOnlyRule", "true"),), default="1"), "2", "readOnlyRule"),
        (Field("a", "A", COMPLEX), "text", "type"),
        (Field("a", "A", MULTI_COMPLEX), ["text"], "type"),
    ],
)
def test_a_broken_rule_is_named(field: Field, value: Any, rule: str) -> None:
    assert [one.rule for one in faults((field,), {"a": value})] == [rule]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field("a", "A", INPUT, (longest(4, "byte"),)), "汉字"),
        (Field("a", "A", INPUT, (Rule("minValueRule", "0", include=True),)), "0"),
        (Field("a", "A", SINGLE, options=(("1", "一"),), custom=True), "-1001"),
        (Field("a", "A", INPUT, (REQUIRED, unless("b", "1"))), ""),
    ],
)
def test_what_keeps_the_rules_has_no_fault(field: Field, value: Any) -> None:
    assert faults((field,), {"a": value}) == []


def test_all_faults_are_told_at_once_with_their_place() -> None:
    inner = Field("price", "价格", INPUT, (REQUIRED, kind("decimal")))
    field = Field("sku", "SKU", MULTI_COMPLEX, fields=(inner,))

    found = faults((field,), {"sku": [{"price": "x"}, {"price": "1"}, {}]})

    assert [(one.field, one.rule) for one in found] == [
        ("sku[0].price", "valueTypeRule"),
        ("sku[2].price", "requiredRule"),
    ]


def test_the_fields_of_an_item_depend_on_its_category() -> None:
    dresses = {one.id for one in schema(DRESSES, tmall=False)}
    none = {one.id for one in schema(0, tmall=False)}

    assert {"prop_20000", "in_prop_20000", "prop_122216347", "sku"} <= dresses - none


def test_a_tmall_item_is_new() -> None:
    stuff = next(one for one in schema(DRESSES, tmall=True) if one.id == "stuff_status")

    assert stuff.options == (("5", "全新"),)


def test_a_schema_is_written_as_recorded() -> None:
    """A field of tmall.item.add.schema.get__1.xml."""
    field = Field(
        "start_time",
        "开始时间",
        INPUT,
        (kind("time"), unless("item_status", "1")),
        default="2016-12-23 18:06:48",
    )

    assert write((field,)) == (
        '<itemRule><field id="start_time" name="开始时间" type="input"><rules><rule name="valueTypeRule" value="time"/>'
        '<rule name="disableRule" value="true"><depend-group operator="and"><depend-express fieldId="item_status" value="1" '
        'symbol="!="/></depend-group></rule></rules><default-value>2016-12-23 18:06:48</default-value></field></itemRule>'
    )


def dress() -> Values:
    """A document that makes a dress in two colours."""
    return {
        "title": "连衣裙",
        "description": "一条很好的裙子",
        "outer_id": "A-1",
        "prop_20000": "-1",
        "in_prop_20000": "自有品牌",
        "prop_20021": "28396",
        "prop_122216347": first_option("prop_122216347"),
        "price": "12.5",
        "quantity": "5",
        "location": {"prov": "浙江", "city": "杭州"},
        "sku": [
            {"prop_1627207": "28320", "sku_price": "12.5", "sku_quantity": "2", "sku_outerId": "A-1-W"},
            {"prop_1627207": "-1001", "sku_price": "13", "sku_quantity": "3"},
        ],
    }


def first_option(name: str) -> str:
    return next(one for one in schema(DRESSES, tmall=False) if one.id == name).options[0][0]


def test_a_document_becomes_an_item() -> None:
    fields = schema(DRESSES, tmall=False)
    values = defaults(fields, dress())

    parts = to_item(fields, values)

    assert faults(fields, values) == []
    assert parts.fields["props"].split(";")[-2:] == ["1627207:28320", "1627207:-1001"]
    assert (parts.fields["input_pids"], parts.fields["input_str"]) == ("20000", "自有品牌")
    assert (parts.fields["price"], parts.fields["num"]) == ("12.50", 5)
    assert parts.fields["location"] == {"city": "杭州", "state": "浙江"}
    assert [sku["outer_id"] for sku in parts.skus or []] == ["A-1-W", ""]


def test_an_item_gives_back_the_document_that_made_it() -> None:
    fields = schema(DRESSES, tmall=False)
    values = defaults(fields, dress())
    parts = to_item(fields, values)
    wire: Json = {"cid": DRESSES, "seller_cids": "", **parts.fields, "skus": {"sku": parts.skus}}

    again = defaults(fields, to_document(wire))

    assert to_item(fields, again) == parts


def test_a_field_that_another_takes_away_is_not_read() -> None:
    fields = schema(DRESSES, tmall=False)
    values = defaults(fields, dress()) | {"start_time": "2030-01-01 00:00:00"}

    assert "list_time" not in to_item(fields, values).fields
    timed = values | {"item_status": "1"}
    assert to_item(fields, timed).fields["list_time"] == "2030-01-01 00:00:00"
