"""What is said about a call before it is made: every fault at once, and never a refusal of what is merely unknown."""

import re

import pytest

from onshelf.platforms.top.arguments import advise, needs_session, successors
from onshelf.platforms.top.catalogue import describe, typed
from onshelf.platforms.top.protocol import File
from onshelf.texts import LANGS

STORE = describe("alibaba.alihealth.lab.store.sync") or pytest.fail("not in the catalogue")
ORDER = describe("alibaba.aelophy.order.get") or pytest.fail("not in the catalogue")


def rules(method: str, params: dict[str, str]) -> set[tuple[str, str]]:
    return {(advice.rule, str(advice.facts.get("name"))) for advice in advise(method, params)}


def test_advice_names_what_the_platform_would_refuse() -> None:
    rules = {
        (advice.severity, advice.rule, str(advice.facts.get("name")))
        for advice in advise(
            "taobao.items.inventory.get",
            {"page_no": "102", "page_size": "x", "banner": "gone", "start_modified": "now", "zz": "1"},
        )
    }

    assert rules == {
        ("fault", "missing", "fields"),
        ("fault", "most", "page_no"),
        ("fault", "integer", "page_size"),
        ("fault", "one_of", "banner"),
        ("fault", "datetime", "start_modified"),
        ("warning", "unknown_param", "zz"),
    }


@pytest.mark.parametrize(
    "method",
    [
        "taobao.items.list",
        "taobao.data.item.get",
        "taobao.data.uv.get",
        "taobao.oauth.token.create",
        "taobao.webhook.register",
        "taobao.increment.items.list",
    ],
)
def test_names_that_articles_invented_are_explained_in_both_languages(method: str) -> None:
    (advice,) = advise(method, {})

    assert (advice.severity, advice.rule) == ("fault", "invented")
    assert method in advice.message("zh")
    assert method in advice.message("en")


def test_a_method_in_no_catalogue_is_only_a_warning() -> None:
    assert [advice.severity for advice in advise("taobao.brand.new", {"a": "1"})] == ["warning"]


@pytest.mark.parametrize(("memo", "fits"), [("a" * 1000, True), ("备" * 500, True), ("备" * 501, False)])
def test_bytes_are_counted_in_the_encoding_that_needs_fewest(memo: str, fits: bool) -> None:
    found = rules("taobao.trade.memo.add", {"tid": "1", "memo": memo})

    assert found == (set() if fits else {("too_many_bytes", "memo")})


def test_every_number_of_bytes_that_a_meaning_states_is_checked() -> None:
    stated = {
        (name, param.name)
        for name, method in typed().items()
        for param in method.params
        if not param.max_length and re.search(r"max \d+ (bytes|KB)|\d+ bytes in total", param.meaning)
    }
    checked = {
        (name, param.name) for name, method in typed().items() for param in method.params if param.max_bytes
    }

    assert stated == checked


def test_a_slip_in_a_methods_name_is_answered_with_the_name_that_was_meant() -> None:
    (advice,) = advise("taobao.trades.sold.incremnt.get", {})

    assert (advice.severity, advice.rule) == ("warning", "unlike_method")
    assert "is it taobao.trades.sold.increment.get?" in advice.message("en")


def test_a_method_without_a_typed_request_is_checked_against_the_whole_catalogue() -> None:
    found = rules(
        "taobao.promotionmisc.item.activity.add", {"participate_range": "many", "start_time": "1.1."}
    )

    assert {("number", "participate_range"), ("datetime", "start_time"), ("missing", "name")} <= found


def test_a_list_of_numbers_is_checked_value_by_value() -> None:
    listed = "allowed_tb_item_category_ids"
    rest = {param.name: "1" for param in STORE.params if param.required}

    assert ("number", listed) in rules("alibaba.alihealth.lab.store.sync", {**rest, listed: "1,b"})
    assert ("number", listed) not in rules("alibaba.alihealth.lab.store.sync", {**rest, listed: "1,2"})


def test_a_list_of_allowed_values_may_hold_several_of_them() -> None:
    given = {"fields": "tid", "type": "fixed,ec,"}

    assert not advise("taobao.trades.sold.get", given)
    assert rules("taobao.trades.sold.get", {**given, "type": "fixed,gift"}) == {("one_of", "type")}


def test_the_fields_an_object_must_have_are_asked_for() -> None:
    (param,) = ORDER.params

    assert rules("alibaba.aelophy.order.get", {param.name: '{"store_id":"1"}'}) == {
        ("missing_inside", param.name)
    }


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('[{"sku_id":1,"price":"9.90"}]', set()),
        ('{"sku_id":1}', {("json", "sku_prices")}),
        ("9.90,8.80", {("json", "sku_prices")}),
        ("[", {("json", "sku_prices")}),
    ],
)
def test_an_object_travels_as_json_of_its_shape(value: str, found: set[tuple[str, str]]) -> None:
    assert rules("tmall.item.price.update", {"item_id": "1", "sku_prices": value}) == found


def test_a_file_is_given_as_an_upload_and_not_too_large() -> None:
    method, params = "taobao.item.img.upload", {"num_iid": "1"}
    large = File("a.jpg", bytes(3 * 1024 * 1024 + 1))

    assert rules(method, {**params, "image": "a.jpg"}) == {("not_a_file", "image")}
    assert [one.rule for one in advise(method, params, {"image": large})] == ["too_large"]
    assert not advise(method, params, {"image": File("a.jpg", b"x")})


@pytest.mark.parametrize(("order_by", "wrong"), [("modified:desc", False), ("price:asc", True)])
def test_a_sort_names_a_column_the_list_knows(order_by: str, wrong: bool) -> None:
    found = rules("taobao.items.inventory.get", {"fields": "num_iid", "order_by": order_by})

    assert (("one_of", "order_by") in found) is wrong


@pytest.mark.parametrize("method", [name for name, row in typed().items() if row.status != "current"])
def test_a_method_that_left_warns_and_names_its_successor_or_says_there_is_none(method: str) -> None:
    left = [one for one in advise(method, {}) if one.rule in ("left", "left_alone")]

    assert [one.severity for one in left] == ["warning"]
    assert all(one.message(lang) for one in left for lang in LANGS)
    assert all(describe(name) is not None for name in successors(method) or ())


def test_a_legacy_method_is_not_taken_for_an_invented_one() -> None:
    assert "invented" not in {one.rule for one in advise("taobao.increment.items.get", {})}


def test_whether_a_session_is_needed_is_assumed_where_it_is_not_known() -> None:
    assert not needs_session("taobao.time.get")
    assert needs_session("taobao.promotionmisc.item.activity.add")
    assert needs_session("taobao.brand.new")
