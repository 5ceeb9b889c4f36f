"""CSV: encodings and delimiters found out strictly, broken bytes kept in their cell, broken files refused with the place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshelf.catalog.readers import Row, open_source
from onshelf.catalog.readers.csv import find_encoding
from onshelf.errors import Unreadable

TEXT = "商家编码,标题,价格\nA1,夏季新款短袖,19.90\nA2,加厚保温杯,29.90\n"


def written(folder: Path, content: bytes, name: str = "goods.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[Row]:
    return [row for group in open_source(path).groups for row in group]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encodings_people_export_are_told_apart(tmp_path: Path, encoding: str, name: str) -> None:
    path = written(tmp_path, TEXT.encode(encoding))

    assert find_encoding(path).name == name
    assert [row.cells["title"] for row in rows_of(path)] == ["夏季新款短袖", "加厚保温杯"]


def test_a_file_read_as_gbk_says_so(tmp_path: Path) -> None:
    notes = open_source(written(tmp_path, TEXT.encode("gbk"))).notes

    assert [note.code for note in notes] == ["encoding"]
    assert "gb18030" in notes[0].message("zh")


@pytest.mark.parametrize(("encoding", "broken"), [("utf-8", b"\xe5\x9f"), ("gbk", b"\xff")])
def test_a_broken_byte_stays_in_its_cell_and_every_other_cell_is_whole(
    tmp_path: Path, encoding: str, broken: bytes
) -> None:
    good = [f"A{number},春秋款外套{number},9.90".encode(encoding) for number in range(20)]
    content = b"\n".join(["商家编码,标题,价格".encode(encoding), *good, b"B1,x" + broken + b"y,1.10"])

    source = open_source(written(tmp_path, content))
    rows = [row for group in source.groups for row in group]

    assert [note.code for note in source.notes] == ["mixed_encoding"]
    assert rows[3].cells == {"outer_id": "A3", "title": "春秋款外套3", "price": "9.90"}
    assert rows[-1].cells["title"] == "x" + "".join(chr(0xDC00 + byte) for byte in broken) + "y"
    assert rows[-1].cells["price"] == "1.10"


def test_a_file_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    lines = b"\n".join(b"\xff\xfd\x80 title %d" % number for number in range(9))

    with pytest.raises(Unreadable, match="neither UTF-8 nor GB18030"):
        open_source(written(tmp_path, lines))


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, TEXT.replace(",", delimiter).encode())

    assert [row.cells["price"] for row in rows_of(path)] == ["19.90", "29.90"]


def test_an_unpaired_quote_is_refused_with_its_row_instead_of_swallowing_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, '标题,价格\n短袖,1\n"杯子,2\n帽子,3\n'.encode())

    with pytest.raises(Unreadable, match=r"goods\.csv:3.*quote"):
        rows_of(path)


def test_quoted_cells_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '标题,价格,描述\n"5"" 屏, 大",1,"一行\n两行"\n'.encode())

    (row,) = rows_of(path)

    assert (row.cells["title"], row.cells["description"]) == ('5" 屏, 大', "一行\n两行")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("goods.csv", b"", "is empty"),
        ("goods.csv", "编号,颜色\n1,红\n".encode(), r"required column is missing: title.*编号、颜色"),
        ("goods.csv", "标题,库存\n杯,1\n".encode(), "required column is missing: price"),
        ("goods.csv", b"just a line\n", "No header"),
        ("goods.doc", b"x", r"kind of file \.doc is unknown"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        open_source(written(tmp_path, content, name))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(Unreadable, match="does not exist"):
        open_source(tmp_path / "none.csv")
    with pytest.raises(Unreadable, match="folder, not a file"):
        open_source(tmp_path / "folder.csv")


def test_hints_above_the_header_are_skipped_and_told(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, ("商品导入模板\n请勿修改表头\n" + TEXT).encode()))

    assert next(source.groups)[0].number == 4
    assert [note.code for note in source.notes] == ["header_row"]


def test_unknown_and_repeated_columns_are_named(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "标题,宝贝标题,价格（元）,供应商\n杯,b,1,某厂\n".encode()))

    assert {note.code: note.facts["columns"] for note in source.notes} == {
        "unknown_columns": "供应商",
        "repeated_columns": "宝贝标题",
    }


@pytest.mark.parametrize(
    "header",
    [
        "商家编码,宝贝标题,一口价,数量",
        "outer_id,title,price,stock",
        "Outer ID,Title*,Price (CNY),Quantity",
        "货号,商品名称（必填）,售价,库存",
    ],
)
def test_headers_are_known_in_both_languages(tmp_path: Path, header: str) -> None:
    (row,) = rows_of(written(tmp_path, f"{header}\nA1,杯,1,2\n".encode()))

    assert row.cells == {"outer_id": "A1", "title": "杯", "price": "1", "stock": "2"}


@pytest.mark.parametrize(
    "lines",
    [
        "商家编码,标题,价格,规格1名称,规格1,规格2名称,规格2\nA,衫,1,颜色,红,尺码,S\nA,,2,颜色,红,尺码,M\n,,3,颜色,蓝,尺码,S\nB,杯,1,,,,\n",
        "商家编码,标题,价格,颜色,尺码\nA,衫,1,红,S\nA,衫,2,红,M\n,,3,蓝,S\nB,杯,1,,\n",
    ],
)
def test_neighbouring_rows_with_options_are_variants_of_one_product(tmp_path: Path, lines: str) -> None:
    groups = list(open_source(written(tmp_path, lines.encode())).groups)

    assert [len(group) for group in groups] == [3, 1]
    assert [row.options for row in groups[0]] == [
        (("颜色", "红"), ("尺码", "S")),
        (("颜色", "红"), ("尺码", "M")),
        (("颜色", "蓝"), ("尺码", "S")),
    ]


def test_rows_of_one_code_without_options_are_not_joined(tmp_path: Path) -> None:
    groups = list(open_source(written(tmp_path, "商家编码,标题,价格\nA,衫,1\nA,衫,2\n".encode())).groups)

    assert len(groups) == 2


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda cell: "\ufeff" not in cell
)


@settings(max_examples=50)
@given(titles=st.lists(cells, min_size=1, max_size=5))
def test_what_is_written_as_csv_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    quoted = "".join(f'"{title.replace(chr(34), chr(34) * 2)}",1\n' for title in titles)
    path = written(tmp_path_factory.mktemp("csv"), f"标题,价格\n{quoted}".encode())

    assert [row.cells["title"] for row in rows_of(path)] == titles
