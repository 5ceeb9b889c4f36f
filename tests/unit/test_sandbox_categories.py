"""The shipped tree and properties: whole, consistent, small, and honest about what is invented."""

from importlib.resources import files

import pytest

from onshelf.sandbox.categories import categories, children, properties, root

DRESSES, BOOKS, SHOES = 50010850, 33, 50012027
LEAVES = [one for one in categories().values() if not one.is_parent]


def test_every_category_hangs_on_a_root() -> None:
    assert len(categories()) == 19_246
    assert {root(cid) for cid in categories()} == {one.cid for one in children(0)}


def test_a_parent_has_children_and_a_leaf_has_none() -> None:
    assert all(bool(children(one.cid)) is one.is_parent for one in categories().values())


def test_sales_properties_are_the_recorded_ones() -> None:
    """itemprops.get__1.json, of 2018."""
    sales = [(one.pid, one.name, one.is_color_prop) for one in properties(DRESSES) if one.is_sale_prop]

    assert sales == [(1627207, "颜色分类", True), (20509, "尺码", False)]
    assert properties(DRESSES)[-2].value(28321) == "乳白色"


def test_forty_leaves_and_more_ask_for_item_properties() -> None:
    asking = [
        one for one in LEAVES if any(prop.must and not prop.is_sale_prop for prop in properties(one.cid))
    ]

    assert len(asking) == 4_700


def test_only_what_was_recorded_is_not_marked_as_invented() -> None:
    told = [prop for one in LEAVES for prop in properties(one.cid)]
    plain = {prop.pid for prop in told if not prop.invented and not prop.is_sale_prop}

    assert plain == {1636953, 46602357, 46398806, 2043189, 122216620, 18821503}  # of a recorded book rule


@pytest.mark.parametrize("cid", [16, 0, 1])
def test_a_parent_or_unknown_category_has_no_properties(cid: int) -> None:
    assert properties(cid) == ()


def test_categories_differ_in_what_they_ask_for() -> None:
    assert {one.name for one in properties(SHOES)} != {one.name for one in properties(DRESSES)}


def test_tree_and_properties_are_small() -> None:
    folder = files("onshelf.reference")
    names = ("categories.json.gz", "properties.json.gz", "item-properties.json")

    assert sum(len(folder.joinpath(name).read_bytes()) for name in names) < 500_000
