"""Checking a whole file, and the workbook of faulty rows that can be mended and imported again."""

import re
from pathlib import Path

import openpyxl
import pytest

from onshelf.catalog.imports.intake import Report, check_file
from onshelf.catalog.imports.report import write_faults
from onshelf.catalog.profile import Profile
from onshelf.catalog.sheets import fit
from onshelf.errors import Unreadable
from onshelf.texts import LANGS, catalogue

PROFILE = Profile(category_id=9, province="浙江", city="杭州", stock=5, pictures_optional=True)
SOURCE = Path(__file__).parents[2] / "src" / "onshelf"


def checked(path: Path, content: str | bytes) -> Report:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return check_file(path, PROFILE)


def cells_of(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path)
    rows: list[list[object]] = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    assert kinds <= {"s", "inlineStr", "n"}, "a formula was written"
    book.close()
    return rows


def test_a_check_counts_rows_faults_and_warnings(tmp_path: Path) -> None:
    report = checked(tmp_path / "a.csv", "商家编码,标题,价格\nA,杯,1\nB,,2\nC,杯,x\n")

    assert (report.tally.rows, report.tally.good, report.tally.faulty) == (3, 1, 2)
    assert report.tally.by_rule == {
        "picture_missing": 3,
        "title_blank": 1,
        "amount_form": 1,
        "title_repeated": 1,
    }
    assert [(finding.row, finding.stopped) for finding in report.findings] == [
        (2, False),
        (3, True),
        (4, True),
    ]


def test_two_rows_with_one_code_are_both_stopped(tmp_path: Path) -> None:
    report = checked(tmp_path / "a.csv", "商家编码,标题,价格\nA,杯,1\nB,帽,1\nA,碗,2\n")

    twice = {
        finding.row: fault.facts["row"]
        for finding in report.findings
        for fault in finding.faults
        if fault.rule == "outer_id_twice"
    }
    assert twice == {2: 4, 4: 2}
    assert (report.tally.good, report.tally.faulty) == (1, 2)


def test_repeated_titles_without_codes_are_products_of_their_own_with_a_warning(tmp_path: Path) -> None:
    report = checked(tmp_path / "a.csv", "标题,价格\n杯,1\n杯,1\n杯,2\n")

    assert (report.tally.good, report.tally.derived) == (3, 3)
    assert report.tally.by_rule["title_repeated"] == 2
    assert len({finding.outer_id for finding in report.findings}) == 3


def test_a_file_with_a_header_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no product"):
        checked(tmp_path / "a.csv", "标题,价格\n")


def test_the_faulty_rows_come_back_with_a_reason_and_can_be_imported_when_mended(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    report = checked(source, "商家编码,标题,价格,供应商\nA,杯,1,甲\nB,,2,乙\nC,碗,十元,丙\n")
    out = tmp_path / "faults.xlsx"

    written = write_faults(source, report.findings, out, lang="zh")

    header, *rows = cells_of(out)
    assert written == 2
    assert header == ["商家编码", "标题", "价格", "供应商", "错误原因（onshelf）"]
    assert [row[:4] for row in rows] == [["B", None, "2", "乙"], ["C", "碗", "十元", "丙"]]
    assert "标题为空" in str(rows[0][4])

    book = openpyxl.load_workbook(out)
    book.worksheets[0]["B2"], book.worksheets[0]["C3"] = "勺", 10
    book.save(out)
    again = check_file(out, PROFILE)
    assert (again.tally.good, again.tally.faulty) == (2, 0)
    assert not any(note.code == "unknown_columns" and "onshelf" in str(note.facts) for note in again.notes)


def test_a_derived_code_is_written_out_so_that_a_mended_row_is_not_taken_for_another(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "faults.xlsx"
    report = checked(source, "标题,价格\n杯,1\n杯,x\n")
    faulty = next(finding for finding in report.findings if finding.stopped)

    write_faults(source, report.findings, out, lang="en")

    header, row = cells_of(out)
    assert header == ["标题", "价格", "outer_id", "Reason (onshelf)"]
    assert row[2] == faulty.outer_id
    assert faulty.outer_id.endswith("-2")


def test_all_rows_of_a_faulty_product_come_back_together(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "faults.xlsx"
    report = checked(source, "商家编码,标题,价格,颜色\nA,衫,1,红\nA,,x,蓝\nB,杯,1,\n")

    assert write_faults(source, report.findings, out, lang="zh") == 2


def test_an_old_reason_column_is_replaced(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "faults.xlsx"
    report = checked(source, "商家编码,标题,价格,错误原因（onshelf）\nA,,1,旧原因\n")

    write_faults(source, report.findings, out, lang="zh")

    header, row = cells_of(out)
    assert header.count("错误原因（onshelf）") == 1
    assert "旧原因" not in row


def test_nothing_in_a_cell_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "faults.xlsx"
    report = checked(source, "商家编码,标题,价格\nA,=1+1,x\nB,@SUM(A1),x\nC,http://x.example,x\n")

    write_faults(source, report.findings, out, lang="zh")

    assert [row[1] for row in cells_of(out)[1:]] == ["=1+1", "@SUM(A1)", "http://x.example"]


def test_a_byte_that_could_not_be_decoded_is_found_again_in_the_workbook(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "faults.xlsx"
    lines = [f"A{number},好杯子{number},1".encode() for number in range(9)]
    report = checked(source, b"\n".join(["商家编码,标题,价格".encode(), *lines, b"B,x\x9fy,1"]))

    write_faults(source, report.findings, out, lang="zh")

    assert check_file(out, PROFILE).tally.by_rule["odd_characters"] == 1


def test_a_report_is_a_workbook(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"\.xlsx"):
        write_faults(tmp_path / "a.csv", [], tmp_path / "faults.pdf", lang="zh")


def test_a_report_never_replaces_the_file_it_reports_on(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"mine")

    with pytest.raises(Unreadable, match="replace the product file"):
        write_faults(path, [], tmp_path / "." / "a.xlsx", lang="zh")

    assert path.read_bytes() == b"mine"


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    report = checked(source, "标题,价格\n杯,x\n")

    with pytest.raises(Unreadable, match="cannot be written"):
        write_faults(source, report.findings, tmp_path / "none" / "faults.xlsx", lang="zh")


def test_a_text_is_fitted_into_a_cell() -> None:
    assert fit("\x01a\udc9f\n") == "\ufffda\ufffd\n"
    assert len(fit("长" * 40_000)) == 32_000


def test_every_way_a_file_can_be_unreadable_has_its_texts() -> None:
    named = {
        key
        for file in (SOURCE / "catalog").rglob("*.py")
        for key in re.findall(r'Unreadable\(\s*[^,]+(?:\([^)]*\))?, "(\w+)"', file.read_text("utf-8"))
    }

    assert len(named) > 12
    for key in named:
        for text in (f"unreadable.{key}", f"unreadable.{key}.remedy"):
            assert set(catalogue("unreadable")[text]) == set(LANGS)
