"""The platform's leaf categories: found by words, guessed from what a file says."""

import pytest

from onshelf.catalog.leaves import find_leaves, leaf_of, leaves, nearest_leaves


def test_a_leaf_is_told_with_its_parents() -> None:
    found = leaf_of(50000671)

    assert found is not None
    assert (found.name, found.path) == ("T恤", "女装/女士精品 > T恤")
    assert leaf_of(None) is None
    assert leaf_of(16) is None, "a category with others below it is no leaf"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("保温杯", "厨房/餐饮用具 > 杯子/水杯/水壶 > 保温杯"),
        ("女装 t恤", "女装/女士精品 > T恤"),
        ("50010850", "女装/女士精品 > 连衣裙"),
        ("蓝牙耳机", "3C数码配件 > 蓝牙耳机"),
    ],
)
def test_words_find_the_ordinary_leaf_first(words: str, first: str) -> None:
    assert find_leaves(words)[0].path == first


@pytest.mark.parametrize("words", ["", "  ", "没有这样的类目", "99999999999"])
def test_words_that_name_nothing_find_nothing(words: str) -> None:
    assert find_leaves(words) == []


def test_every_word_must_occur_and_the_limit_holds() -> None:
    found = find_leaves("鞋", limit=7)

    assert len(found) == 7
    assert all("鞋" in leaf.path for leaf in found)


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        (["手链"], "饰品/流行首饰/时尚饰品新 > 手链"),
        (["男T恤"], "男装 > T恤"),
        (["女士连衣裙"], "女装/女士精品 > 连衣裙"),
        (["", "新款蓝牙耳机入耳式运动"], "3C数码配件 > 蓝牙耳机"),
    ],
)
def test_a_leaf_is_guessed_by_the_longest_name_that_occurs(texts: list[str], path: str) -> None:
    assert nearest_leaves(texts)[0].path == path


@pytest.mark.parametrize("texts", [[], [""], ["手机壳"], ["补差价专用链接"]])
def test_nothing_is_guessed_where_only_a_part_of_the_word_is_a_category(texts: list[str]) -> None:
    assert nearest_leaves(texts) == []


def test_what_is_found_and_guessed_are_leaves_that_exist() -> None:
    assert all(
        leaves()[leaf.category_id] == leaf for leaf in [*find_leaves("杯"), *nearest_leaves(["保温杯"])]
    )
