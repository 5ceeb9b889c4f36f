"""JSON products: an array or one object a line, variants as rows of one product."""

from pathlib import Path

import pytest

from onshelf.catalog.readers import Group, open_source
from onshelf.errors import Unreadable


def groups_of(folder: Path, content: str, name: str = "goods.json") -> list[Group]:
    path = folder / name
    path.write_text(content, "utf-8")
    return list(open_source(path).groups)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("goods.json", '[{"title": "杯", "price": 19.9}, {"title": "帽", "price": "5"}]'),
        ("goods.jsonl", '{"title": "杯", "price": 19.9}\n\n{"title": "帽", "price": "5"}\n'),
    ],
)
def test_an_array_and_lines_are_the_same(tmp_path: Path, name: str, content: str) -> None:
    groups = groups_of(tmp_path, content, name)

    assert [group[0].cells for group in groups] == [
        {"title": "杯", "price": "19.9"},
        {"title": "帽", "price": "5"},
    ]


def test_variants_become_rows_and_lists_become_lines_of_a_cell(tmp_path: Path) -> None:
    content = """[{"outer_id": "A", "title": "衫", "price": 9, "images": ["a.jpg", "b.jpg"], "skus": [
        {"outer_id": "A-1", "stock": 1, "options": {"颜色": "红"}},
        {"outer_id": "A-2", "stock": 2, "price": 8, "options": {"颜色": "蓝"}}]}]"""

    (group,) = groups_of(tmp_path, content)

    assert [row.options for row in group] == [(("颜色", "红"),), (("颜色", "蓝"),)]
    assert [row.cells["sku_outer_id"] for row in group] == ["A-1", "A-2"]
    assert [row.cells["price"] for row in group] == ["9", "8"]
    assert group[0].pictures == ("a.jpg\nb.jpg",)


@pytest.mark.parametrize("content", ["[{", '["杯"]', '{"title": "杯"} x', '"杯"', "[]x"])
def test_what_is_no_list_of_objects_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unreadable, match="JSON is malformed"):
        groups_of(tmp_path, content)


def test_an_empty_array_has_no_header(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No header"):
        groups_of(tmp_path, "[]")
