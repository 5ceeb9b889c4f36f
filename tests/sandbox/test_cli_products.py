"""Import and check as a user does them: real formats, every fault told, nothing listed, nothing half done."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import openpyxl
import pytest
from command_line import HEADER, Cli, write_csv

GOOD = ("A-1", "测试短袖纯棉T恤男", "50000671", "39.90", "10", "")
MORE = ("A-2", "测试短袖纯棉T恤女", "50000671", "49.90", "10", "")
WIDE = ("A-3", "宽" * 31, "50000671", "-1", "", "")
ENGLISH = ("outer_id", "title", "category", "price", "stock", "picture")


def as_csv(encoding: str, header: tuple[str, ...] = HEADER) -> Callable[[Path], Path]:
    return lambda folder: write_csv(folder / "goods.csv", [GOOD, MORE], header=header, encoding=encoding)


def as_xlsx(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, GOOD, MORE):
        sheet.append(row)
    book.save(folder / "goods.xlsx")
    return folder / "goods.xlsx"


@pytest.mark.parametrize(
    "make",
    [as_csv("utf-8"), as_csv("utf-8-sig"), as_csv("gbk"), as_csv("utf-8", ENGLISH), as_xlsx],
    ids=["utf8", "bom", "gbk", "english", "xlsx"],
)
def test_a_file_is_read_whatever_its_encoding_format_and_language(
    common_shop: Cli, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    told = common_shop.good("import", make(tmp_path), "--shop", common_shop.name)

    assert (told["rows"], told["good"], told["faulty"]) == (2, 2, 0)


def test_a_check_tells_every_fault_at_once_makes_no_call_and_keeps_nothing(shop: Cli, tmp_path: Path) -> None:
    calls = shop.control("stats")["calls"]

    done = shop.run("check", write_csv(tmp_path / "goods.csv", [GOOD, WIDE]), "--shop", shop.name, "--json")

    assert done.code == 3
    (finding,) = (one for one in done.data["findings"] if one["stopped"])
    assert {fault["field"] for fault in finding["faults"]} >= {"title", "price", "stock"}
    assert all(fault["message"] and fault["remedy"] for fault in finding["faults"])
    assert shop.control("stats")["calls"] == calls
    assert shop.good("publish", "--shop", shop.name)["create"] == 0


def test_a_check_needs_no_shop(cli: Cli, tmp_path: Path) -> None:
    done = cli.run("check", write_csv(tmp_path / "goods.csv", [GOOD]), "--json")

    assert done.code == 3
    assert {fault["field"] for fault in done.data["findings"][0]["faults"]} == {
        "province",
        "city",
        "picture",
    }


def test_an_import_lists_nothing(shop: Cli, tmp_path: Path) -> None:
    before = shop.control("stats")

    shop.good("import", write_csv(tmp_path / "goods.csv", [GOOD]), "--shop", shop.name)

    assert shop.control("stats") == before


def test_the_workbook_of_faults_is_mended_and_imported_again(shop: Cli, tmp_path: Path) -> None:
    name, report = shop.name, tmp_path / "faults.xlsx"
    first = shop.run(
        "import",
        write_csv(tmp_path / "goods.csv", [GOOD, WIDE]),
        "--shop",
        name,
        "--report",
        report,
        "--json",
    )
    book = openpyxl.load_workbook(report)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for column, value in (("标题", "不再过宽的标题"), ("价格", "19.90"), ("库存", "3")):
        sheet.cell(2, columns[column] or 0).value = value
    book.save(report)

    again = shop.good("import", report, "--shop", name)

    assert first.code == 3
    assert (again["good"], again["faulty"]) == (1, 0)
    assert shop.good("publish", "--shop", name)["create"] == 2


def test_columns_are_said_once_and_pictures_lie_where_they_lie(
    shop: Cli, picture: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "图"
    (folder / "春").mkdir(parents=True)
    shutil.copy(picture, folder / "春" / "a.jpg")
    header = ("货品", "叫什么", "卖多少", "剩几件", "备注", "图样")
    file = write_csv(
        tmp_path / "odd.csv", [("O-1", "测试短袖纯棉T恤", "39.90", "5", "x", "春/a.jpg")], header=header
    )
    said = {
        "货品": "outer_id",
        "叫什么": "title",
        "卖多少": "price",
        "剩几件": "stock",
        "图样": "picture",
        "备注": "-",
    }
    options = [f"--column={name}={field}" for name, field in said.items()]

    wrong = shop.run("import", file, "--shop", shop.name, "--column=叫什么=name", "--json")
    first = shop.good("import", file, "--shop", shop.name, *options, "--pictures", folder)
    again = shop.good("import", file, "--shop", shop.name, "--pictures", folder)

    assert wrong.code == 2
    assert "outer_id" in wrong.data["remedy"]
    assert [(told["good"], told["faulty"]) for told in (first, again)] == [(1, 0), (1, 0)]
    assert again["saved"]["same"] == 1


def test_a_price_follows_from_the_cost_and_a_blank_one_is_a_fault(shop: Cli, tmp_path: Path) -> None:
    name = shop.name
    rule = ("price_rule.markup=0.4", "price_rule.floor=9.00", "price_rule.ending=.90")
    shop.good("shop", "profile", name, *(f"--set={one}" for one in rule))
    header = ("商家编码", "标题", "类目", "成本价", "库存")
    rows = [("P-1", "有成本的商品甲", 50000671, "20", 1), ("P-2", "有成本的商品乙", 50000671, "0.10", 1)]
    blank = ("P-3", "没有成本的商品", 50000671, "", 1)

    priced = shop.run(
        "import", write_csv(tmp_path / "p.csv", [*rows, blank], header=header), "--shop", name, "--json"
    )
    shop.good("publish", "--go", "--shop", name)

    assert priced.code == 3
    assert [one["outer_id"] for one in priced.data["findings"] if one["stopped"]] == ["P-3"]
    assert [shop.shelf(code)[0]["price"] for code in ("P-1", "P-2")] == ["28.90", "9.90"]


def bomb(path: Path) -> None:
    """An .xlsx whose sheet says it unpacks to gigabytes."""
    as_xlsx(path.parent).rename(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * 300_000_000)


BROKEN: dict[str, Callable[[Path], object]] = {
    "missing.csv": lambda path: None,
    "empty.csv": lambda path: path.write_bytes(b""),
    "binary.csv": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "folder.csv": lambda path: path.mkdir(),
    "header_only.xlsx": lambda path: path.write_bytes(b"PK\x03\x04 not a workbook"),
    "picture.pdf": lambda path: path.write_bytes(b"%PDF-1.4"),
    "no_title.csv": lambda path: path.write_text("颜色,大小\n红,大\n", "utf-8"),
    "big5.csv": lambda path: path.write_bytes("商品標題,價格\n".encode("big5") + b"\xff\xfe\xfa\n"),
    "broken.json": lambda path: path.write_text('{"products": [', "utf-8"),
    "bomb.xlsx": bomb,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    common_shop: Cli, name: str, tmp_path: Path
) -> None:
    BROKEN[name](tmp_path / name)

    done = common_shop.run("import", tmp_path / name, "--shop", common_shop.name)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert name in done.err


def test_a_picture_outside_the_files_folder_is_a_fault_and_is_not_opened(shop: Cli, tmp_path: Path) -> None:
    row = (*GOOD[:5], "../../../../etc/passwd")
    shop.good("shop", "profile", shop.name, "--set=pictures_optional=false")

    done = shop.run("import", write_csv(tmp_path / "goods.csv", [row]), "--shop", shop.name, "--json")

    assert done.code == 3
    assert "../../../../etc/passwd" in json.dumps(done.data["findings"][0]["faults"], ensure_ascii=False)
    assert shop.good("publish", "--shop", shop.name)["create"] == 0


def test_a_report_that_cannot_be_written_is_said_in_one_line(common_shop: Cli, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "goods.csv", [WIDE])

    done = common_shop.run(
        "check", file, "--shop", common_shop.name, "--report", tmp_path / "nowhere" / "faults.xlsx"
    )

    assert done.code in (1, 2)
    assert len(done.err.splitlines()) == 1
    assert "faults.xlsx" in done.err


@pytest.mark.data
@pytest.mark.parametrize(("name", "rows"), [("shopify-apparel.csv", 22), ("shopify-jewelery.csv", 41)])
def test_a_real_export_becomes_products_once_its_pictures_are_waived(
    shop: Cli, data_folder: Path, name: str, rows: int
) -> None:
    of = ("--shop", shop.name)
    shop.good("shop", "profile", shop.name, "--set=pictures_optional=false", "--set=stock=5")

    strict = shop.run("import", data_folder / name, *of, "--json")
    waived = shop.good("import", data_folder / name, *of, "--pictures-optional")
    again = shop.good("import", data_folder / name, *of, "--pictures-optional")

    assert strict.code == 3
    assert strict.data["faulty"] == 20
    assert (waived["rows"], waived["good"], waived["faulty"]) == (rows, 20, 0)
    assert (waived["saved"]["added"], again["saved"]) == (20, {"added": 0, "changed": 0, "same": 20})


@pytest.mark.data
def test_six_thousand_real_titles_are_sorted_and_the_good_ones_published_once(
    shop: Cli, data_folder: Path, tmp_path: Path, picture: Path
) -> None:
    """A publish of all of them would be half of this folder's time: the last 400 lines stand for them."""
    name, chance = shop.name, Random(6000)
    titles = (data_folder / "titles-real.txt").read_text("utf-8").split("\n")[:6000]
    rows = [
        (title.rstrip("\r"), f"{chance.randint(100, 9999) / 100:.2f}", chance.randint(1, 99), "shirt.jpg")
        for title in titles
    ]
    header = ("标题", "价格", "库存", "图片")
    shutil.copy(picture, tmp_path)

    whole = shop.run("check", write_csv(tmp_path / "all.csv", rows, header=header), "--shop", name, "--json")
    some = shop.run(
        "import", write_csv(tmp_path / "some.csv", rows[-400:], header=header), "--shop", name, "--json"
    )
    done = shop.good("publish", "--go", "--shop", name)

    assert whole.code == 3
    assert whole.data["by_rule"] == {"odd_characters": 64, "title_width": 42, "title_repeated": 1390}
    assert (whole.data["good"], whole.data["faulty"]) == (5897, 103)
    assert done["succeeded"] == done["total"] == some.data["good"]
    assert shop.control("stats")["doubles"] == []
