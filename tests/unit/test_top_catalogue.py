"""The catalogue: 235 methods with limits, more than 5,000 with names and types, one shape, found fast."""

import pytest

from onshelf.platforms.top import catalogue
from onshelf.platforms.top.catalogue import Param, describe, example, find, names, typed

SCALARS = {"string", "integer", "number", "price", "boolean", "datetime", "bytes", "json"}


def test_every_name_of_both_files_is_described() -> None:
    assert len(typed()) == 235
    assert len(names()) > 5_190
    assert [name for name in names() if describe(name) is None] == []


def test_both_files_speak_of_types_in_the_same_words() -> None:
    written = {param.type for name in names() for param in (describe(name) or pytest.fail(name)).params}

    assert written >= SCALARS
    assert [word for word in written - SCALARS if not word[:1].isupper()] == []


def test_the_file_with_the_limits_wins() -> None:
    method = describe("taobao.items.inventory.get")

    assert method is not None
    assert {param.name: param.max for param in method.params}["page_no"] == 101


def test_a_method_of_the_whole_catalogue_keeps_its_parameters_and_its_reply() -> None:
    method = describe("taobao.wlb.item.get")

    assert method is not None
    assert method.session == "unknown"
    assert method.response.root_key.endswith("_response")
    assert method.params
    assert method.response.fields


def test_a_name_in_no_catalogue_is_not_described() -> None:
    assert describe("taobao.brand.new") is None
    assert describe('taobao.item.get"') is None


@pytest.mark.parametrize("words", ["库存 更新", "quantity update", "QUANTITY Update"])
def test_methods_are_found_by_name_and_by_chinese_words_typed_ones_first(words: str) -> None:
    found = find(words)

    assert "tmall.item.quantity.update" in [one.method for one in found]
    assert [one.typed for one in found] == sorted((one.typed for one in found), reverse=True)


def test_what_nothing_is_named_after_is_not_found() -> None:
    assert find("zzz no such") == ()


@pytest.mark.parametrize("name", sorted(SCALARS - {"bytes"}))
def test_there_is_an_example_of_every_type(name: str) -> None:
    assert example(Param(name="x", type=name)) is not None


def test_one_method_is_found_without_decoding_the_others() -> None:
    catalogue.describe.cache_clear()

    assert catalogue.describe("taobao.wlb.item.get") is not None
    assert catalogue.describe.cache_info().currsize == 1
