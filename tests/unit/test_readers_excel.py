"""Workbooks: read as their sheet shows them; bombs, encrypted and broken ones are refused before they are opened."""

import time
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from onshelf.catalog.readers import open_source
from onshelf.catalog.readers.archive import Extent, check_archive
from onshelf.catalog.readers.excel import as_text
from onshelf.errors import Unreadable


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def test_numbers_codes_and_texts_come_as_the_sheet_shows_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "goods.xlsx",
        [["商家编码", "标题", "价格", "库存"], [10086, "杯", 19.9, 12], ["007", "帽", 0.1 + 0.2, 3.0]],
    )

    rows = [row.cells for group in open_source(path).groups for row in group]

    assert rows[0] == {"outer_id": "10086", "title": "杯", "price": "19.9", "stock": "12"}
    assert rows[1] == {"outer_id": "007", "title": "帽", "price": "0.3", "stock": "3"}


def test_row_numbers_are_those_of_the_sheet_even_below_blank_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "goods.xlsx", [[], [], ["标题", "价格"], ["杯", 1], [], ["帽", 2]])

    assert [group[0].number for group in open_source(path).groups] == [4, 6]


def test_a_sheet_may_begin_right_of_the_first_column(tmp_path: Path) -> None:
    path = workbook(tmp_path / "goods.xlsx", [["", "", "标题", "价格"], ["", "", "杯", 1]])

    assert next(open_source(path).groups)[0].cells == {"title": "杯", "price": "1"}


def test_a_second_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "goods.xlsx", [["标题", "价格"], ["杯", 1]], [["标题", "价格"], ["帽", 1]])

    source = open_source(path)

    assert [note.code for note in source.notes] == ["sheet"]
    assert len(list(source.groups)) == 1


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1"),
        (1e21, "1e+21"),
        (19.900000000000002, "19.9"),
        (True, "TRUE"),
        ("x", "x"),
        (12345678901234.0, "12345678901234"),
    ],
)
def test_a_cell_becomes_the_text_people_see(cell: float | bool | str, text: str) -> None:
    assert as_text(cell) == text


def bomb(path: Path, entries: int, size: int) -> Path:
    """Packs zeros whose directory truly states that they unfold to entries × size bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(entries):
            archive.writestr(f"xl/{number}.xml", bytes(size))
    return path


def test_a_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = bomb(tmp_path / "goods.xlsx", entries=1, size=100 << 20)
    began = time.perf_counter()

    with pytest.raises(Unreadable, match="unfolds to 104857600 bytes"):
        open_source(path)

    assert time.perf_counter() - began < 0.5


def test_a_directory_that_states_ten_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = bomb(tmp_path / "goods.xlsx", entries=3, size=1000)
    content = bytearray(path.read_bytes())
    entry = -1
    while (entry := content.find(b"PK\x01\x02", entry + 1)) >= 0:
        content[entry + 24 : entry + 28] = (0xF0000000).to_bytes(4, "little")
    path.write_bytes(content)

    with pytest.raises(Unreadable, match="unfolds to 12079595520 bytes"):
        check_archive(path)


def test_a_directory_that_understates_a_size_is_found_out_before_the_entry_is_kept(tmp_path: Path) -> None:
    path = bomb(tmp_path / "goods.xlsx", entries=1, size=100 << 20)
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)

    with pytest.raises(Unreadable, match="unfolds to"):
        check_archive(path)


def test_one_stray_cell_far_away_is_named_instead_of_laying_out_the_whole_sheet(tmp_path: Path) -> None:
    path = tmp_path / "goods.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["标题", "价格"])
        sheet.write(1_048_575, 16_383, "x")

    with pytest.raises(Unreadable, match="reaches to row 1048576 and column 16384"):
        open_source(path)


def test_the_extent_of_a_sheet_does_not_depend_on_how_it_is_cut() -> None:
    sheet = b"".join(b'<row r="%d"><c r="A%d"/><c r="AB%d"/></row>' % (n, n, n) for n in range(1, 200))
    for size in (1, 7, 64, 10_000):
        extent = Extent()
        for start in range(0, len(sheet), size):
            extent.add(sheet[start : start + size])

        assert (extent.height, extent.width) == (199, 28), size


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="entries"):
        check_archive(bomb(tmp_path / "goods.xlsx", entries=2_001, size=1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls file or an encrypted workbook"),
        ("标题,价格".encode(), "no valid .xlsx"),
        (b"PK\x03\x04" + bytes(50), "no valid .xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "goods.xlsx"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=said):
        open_source(path)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no valid"):
        open_source(bomb(tmp_path / "goods.xlsx", entries=1, size=10))


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "goods.xlsx", [["标题", "价格"], *([f"杯{n}", n] for n in range(2000))])
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    middle = entry.header_offset + 60 + entry.compress_size // 2
    content[middle : middle + 40] = zlib.compress(b"something else altogether, of forty bytes")[:40]
    path.write_bytes(content)

    with pytest.raises(Unreadable, match="no valid"):
        list(open_source(path).groups)
