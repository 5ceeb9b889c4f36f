"""What a person says of a file's columns counts before what we find out; the head shows both, with samples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.readers import Guide, open_source
from onshelf.catalog.readers.columns import CHOICES, OPTION, PICTURE, UNUSED, read_header, remap, roles
from onshelf.catalog.readers.head import SAMPLES, read_head
from onshelf.errors import Unreadable

HEADER = ("商家编码", "标题", "价格", "颜色", "规格1名称", "规格1", "主图", "备注", "库存", "数量")


def chosen(**said: str) -> tuple[str, ...]:
    return roles(remap(read_header(HEADER), said))


def test_without_a_choice_all_stays_as_it_was_found() -> None:
    found = read_header(HEADER)

    assert remap(found, {}) is found
    assert remap(found, dict(zip(HEADER, roles(found), strict=True))) is not None
    assert roles(found) == (
        *("outer_id", "title", "price", OPTION, "option_name", OPTION, PICTURE, UNUSED, "stock", UNUSED),
    )


def test_a_field_is_taken_from_the_column_that_was_guessed_to_hold_it() -> None:
    assert chosen(备注="title")[1] == UNUSED
    assert chosen(备注="title")[7] == "title"
    assert chosen(数量="stock", 库存="")[8:] == (UNUSED, "stock")


def test_a_column_can_be_said_to_be_an_option_a_picture_or_nothing() -> None:
    assert chosen(备注=OPTION)[7] == OPTION
    assert remap(read_header(HEADER), {"备注": OPTION}).options[-1].name == "备注"
    assert chosen(备注=PICTURE)[7] == PICTURE
    assert chosen(颜色=UNUSED)[3] == UNUSED


def test_of_two_columns_chosen_for_one_field_the_first_has_it() -> None:
    found = remap(read_header(HEADER), {"备注": "cost", "颜色": "cost"})

    assert found.fields["cost"] == 3
    assert "备注" in found.unknown


@given(st.dictionaries(st.sampled_from(HEADER), st.sampled_from(CHOICES)))
def test_every_choice_leaves_each_field_with_one_column_and_each_column_with_one_role(
    said: dict[str, str],
) -> None:
    found = remap(read_header(HEADER), said)

    taken = [*found.fields.values(), *found.pictures, *(one.value_column for one in found.options)]
    assert len(taken) == len(set(taken))
    assert all(column < len(HEADER) for column in taken)
    for name, field in said.items():
        assert roles(found)[HEADER.index(name)] in (field, UNUSED)


def written(folder: Path, text: str) -> Path:
    path = folder / "goods.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_head_finds_a_header_nobody_understands_below_a_title_line(tmp_path: Path) -> None:
    path = written(tmp_path, "春季目录,,\n品号,品名规格,拿货价\nA1,杯,3\nA2,,4\n")

    head = read_head(path, {})

    assert (head.row, head.header, head.missing) == (2, ("品号", "品名规格", "拿货价"), ("title", "price"))
    assert [column.samples for column in head.columns] == [("A1", "A2"), ("杯",), ("3", "4")]


def test_what_was_chosen_is_how_the_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "春季目录,,\n品号,品名规格,拿货价\nA1,杯,3\n")
    said = {"品号": "outer_id", "品名规格": "title", "拿货价": "cost"}

    assert read_head(path, said).missing == ()
    ((row,),) = open_source(path, Guide(said)).groups
    assert (row.number, row.cells) == (3, {"outer_id": "A1", "title": "杯", "cost": "3"})


def test_samples_are_few_and_short(tmp_path: Path) -> None:
    path = written(tmp_path, "标题,价格\n" + f"{'长' * 200},1\n" * 50)

    (title, _) = read_head(path, {}).columns
    assert len(title.samples) == SAMPLES
    assert max(map(len, title.samples)) == 80


def test_a_file_without_two_cells_in_a_row_has_no_head(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="header"):
        read_head(written(tmp_path, "只有一列\n1\n"), {})
