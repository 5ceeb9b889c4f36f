"""An import as a person goes through it, in every database: upload, columns, check, cells mended in place, brought in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from onshelf.catalog.file_names import safe_name
from onshelf.catalog.imports.faulty import Faulty, count_rules, list_faulty
from onshelf.catalog.imports.imports import Imports
from onshelf.catalog.imports.report import failed_rows
from onshelf.catalog.imports.runs import Run, list_runs
from onshelf.catalog.imports.uploads import LARGEST_BYTES, Uploads
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import open_table
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import get_products, list_products, save_profile
from onshelf.clock import FakeClock
from onshelf.errors import Conflict, Unreadable
from onshelf.store.db import Database

PROFILE = Profile(category_id=9, province="浙江", city="杭州", stock=5, pictures_optional=True)
ODD = "货品,叫什么,卖多少,备注\nA,杯,1,x\nB,,2,y\nA,盘,3,\n"
ODD_COLUMNS = {"货品": "outer_id", "叫什么": "title", "卖多少": "price"}
TWICE = "商家编码,标题,价格\nA,杯,1\nB,碗,2\nA,盘,3\n"


async def parts(content: str | bytes) -> AsyncIterator[bytes]:
    whole = content.encode() if isinstance(content, str) else content
    for start in range(0, len(whole), 7):
        yield whole[start : start + 7]


def stops(faulty: Faulty) -> list[str]:
    """Names the rules that keep a product from being brought in; warnings do not."""
    return [fault.rule for fault in faulty.finding.faults if fault.severity == "fault"]


class Desk:
    """Somebody who brings files into shop `s`."""

    def __init__(self, db: Database, home: Path) -> None:
        self.db = db
        self.home = home
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.imports = Imports(
            db, Uploads(home / "uploads"), ShopPictures(home / "pictures"), self.clock, Random(1)
        )

    async def upload(self, content: str, name: str = "goods.csv") -> Run:
        await self.db.commit([save_profile("s", PROFILE, 0)])
        self.clock.jump(1)
        return (await self.imports.keep("s", name, parts(content), made_by="person:lin")).run

    async def checked(self, content: str) -> Run:
        return await self.imports.check(await self.upload(content))

    async def again(self, run: Run) -> Run:
        found = await self.imports.get("s", run.import_id)
        assert found
        return found

    async def faulty(self, run: Run) -> dict[int, list[str]]:
        found = await list_faulty(self.db, run.import_id, stopped=True)
        return {one.finding.row: stops(one) for one in found}

    async def held(self) -> dict[str, bool]:
        return {stored.product.outer_id: stored.held for stored in await list_products(self.db, "s")}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


async def test_the_head_shows_samples_guesses_and_what_is_missing(desk: Desk) -> None:
    await desk.db.commit([save_profile("s", PROFILE, 0)])

    kept = await desk.imports.keep("s", "odd.csv", parts(ODD), made_by="person:lin")

    assert kept.head.missing == ("title", "price")
    assert [(one.header, one.samples, one.guess) for one in kept.head.columns][:2] == [
        ("货品", ("A", "B", "A"), ""),
        ("叫什么", ("杯", "盘"), ""),
    ]
    assert (kept.run.state, kept.run.made_by, kept.is_known) == ("uploaded", "person:lin", False)


async def test_chosen_columns_are_used_and_remembered_for_the_next_file_with_these_headers(
    desk: Desk,
) -> None:
    run = await desk.upload(ODD)
    run, head = await desk.imports.choose(run, ODD_COLUMNS)
    assert head.missing == ()
    checked = await desk.imports.check(run)
    assert (checked.good, checked.faulty) == (0, 3)

    following = await desk.imports.keep("s", "next.csv", parts(ODD), made_by="person:lin")
    others = await desk.imports.keep("other", "next.csv", parts(ODD), made_by="person:lin")

    assert [column.field for column in following.head.columns] == ["outer_id", "title", "price", ""]
    assert (following.is_known, others.is_known) == (True, False)
    assert others.head.missing == ("title", "price")


async def test_the_workbook_of_failed_rows_is_read_as_its_file_was(desk: Desk) -> None:
    run, _ = await desk.imports.choose(await desk.upload(ODD), ODD_COLUMNS)
    book = await failed_rows(desk.db, await desk.imports.check(run), lang="zh")

    kept = await desk.imports.keep("s", "failed.xlsx", parts(book), made_by="person:lin")

    assert kept.is_known
    assert kept.head.missing == ()


async def test_a_mended_cell_makes_its_row_good_at_once_and_is_brought_in(desk: Desk) -> None:
    run = await desk.checked("商家编码,标题,价格\nA,杯,1\nB,,2\nC,碗,贵\n")
    assert await desk.faulty(run) == {3: ["title_blank"], 4: ["amount_form"]}

    still = await desk.imports.mend(run, 4, {4: {"title": "大碗"}})
    mended = await desk.imports.mend(run, 3, {3: {"title": "盘"}})

    assert mended
    assert stops(mended) == []
    assert still
    assert stops(still) == ["amount_form"]
    run = await desk.again(run)
    assert (run.good, run.faulty, (await count_rules(desk.db, run.import_id))["amount_form"]) == (2, 1, 1)
    done = await desk.imports.bring_in(run)
    assert (done.state, done.added, done.good, done.faulty) == ("done", 2, 2, 1)
    assert (await get_products(desk.db, "s", ["B"]))["B"].product.title == "盘"


async def test_a_field_the_file_has_no_column_for_can_be_mended_too(desk: Desk) -> None:
    run = await desk.upload("商家编码,标题,价格\nA,杯,1\n")
    await desk.db.commit(
        [save_profile("s", Profile(province="浙江", city="杭州", pictures_optional=True), 1)]
    )
    run = await desk.imports.check(run)
    assert await desk.faulty(run) == {2: ["category_missing", "stock_missing"]}

    await desk.imports.mend(run, 2, {2: {"category": "50010850", "stock": "3"}})

    assert await desk.faulty(run) == {}


async def test_mended_cells_outlast_another_choice_of_columns(desk: Desk) -> None:
    run = await desk.upload(ODD)
    run, _ = await desk.imports.choose(run, ODD_COLUMNS)
    run = await desk.imports.check(run)
    await desk.imports.mend(run, 3, {3: {"title": "盘子"}})

    run, _ = await desk.imports.choose(run, {**ODD_COLUMNS, "备注": "type"})
    run = await desk.imports.check(run)

    assert set(await desk.faulty(run)) == {2, 4}


async def test_giving_the_second_of_two_rows_another_code_mends_the_first_as_well(desk: Desk) -> None:
    run = await desk.checked(TWICE)
    assert await desk.faulty(run) == {2: ["outer_id_twice"], 4: ["outer_id_twice"]}

    await desk.imports.mend(run, 4, {4: {"outer_id": "C"}})

    assert await desk.faulty(run) == {}
    run = await desk.again(run)
    assert (run.good, run.faulty) == (3, 0)
    await desk.imports.bring_in(run)
    assert await desk.held() == {"A": False, "B": False, "C": False}


async def test_a_new_code_that_another_row_has_is_a_fault(desk: Desk) -> None:
    run = await desk.checked(TWICE)

    left = await desk.imports.mend(run, 4, {4: {"outer_id": "B"}})

    assert left
    assert [fault.facts["row"] for fault in left.finding.faults if fault.rule == "outer_id_twice"] == [3]
    assert set(await desk.faulty(run)) == {4}


async def test_the_outlook_tells_what_bringing_in_will_do(desk: Desk) -> None:
    await desk.imports.bring_in(await desk.upload("商家编码,标题,价格\nA,杯,1\nB,碗,2\nC,盘,3\n"))
    run = await desk.checked("商家编码,标题,价格\nA,杯,1\nB,碗,9\nC,,3\nD,壶,4\n")

    outlook = await desk.imports.outlook(run)
    done = await desk.imports.bring_in(run)

    assert (outlook.added, outlook.changed, outlook.same, outlook.held) == (1, 1, 1, 1)
    assert (done.added, done.changed, done.same) == (1, 1, 1)
    assert await desk.held() == {"A": False, "B": False, "C": True, "D": False}


async def test_a_profile_changed_after_the_check_has_its_say(desk: Desk) -> None:
    run = await desk.checked("商家编码,标题,成本\nA,杯,1\n")
    assert run.faulty == 1

    desk.clock.jump(1)
    profile = replace(PROFILE, price_rule=PriceRule(markup=Decimal("0.5")))
    await desk.db.commit([save_profile("s", profile, desk.clock.now_us())])
    done = await desk.imports.bring_in(run)

    assert (done.good, done.faulty) == (1, 0)


async def test_a_day_later_an_open_import_is_gone_and_its_file_too(desk: Desk) -> None:
    run = await desk.checked(TWICE)
    desk.clock.jump(25 * 3600)

    with pytest.raises(Conflict):
        await desk.imports.bring_in(run)
    await desk.upload(TWICE)

    assert [one.state for one in await list_runs(desk.db, "s")] == ["uploaded", "dropped"]
    assert len(list((desk.home / "uploads").iterdir())) == 1
    assert await desk.db.fetch("SELECT COUNT(*) FROM staged") == [(0,)]


async def test_an_import_given_up_leaves_nothing_but_its_record(desk: Desk) -> None:
    run = await desk.checked(TWICE)

    await desk.imports.drop(run)

    assert list((desk.home / "uploads").iterdir()) == []
    assert await list_faulty(desk.db, run.import_id) == []
    assert (await desk.again(run)).state == "dropped"


async def test_what_is_done_cannot_be_brought_in_or_mended_again(desk: Desk) -> None:
    run = await desk.imports.bring_in(await desk.upload(TWICE))

    with pytest.raises(Conflict):
        await desk.imports.bring_in(run)
    with pytest.raises(Conflict):
        await desk.imports.mend(run, 2, {2: {"title": "x"}})


async def test_a_file_of_an_unknown_kind_or_empty_leaves_nothing_behind(desk: Desk) -> None:
    for name, content in (("goods.exe", "x"), ("goods.csv", "")):
        with pytest.raises(Unreadable):
            await desk.upload(content, name)

    assert not (desk.home / "uploads").exists() or list((desk.home / "uploads").iterdir()) == []


async def test_a_file_that_grows_too_large_is_refused_while_it_comes(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * (LARGEST_BYTES // 4)

    with pytest.raises(Unreadable, match="bytes"):
        await desk.imports.keep("s", "goods.csv", endless(), made_by="person:lin")

    assert list((desk.home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\goods\\春款 2026.xlsx", "春款 2026.xlsx"),
        ("..csv", "csv"),
        ("a\0b\n.csv", "a_b_.csv"),
        (".htaccess", "htaccess"),
    ],
)
def test_a_name_cannot_lead_out_of_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert len(safe_name("长" * 500 + ".csv").encode()) <= 200


async def sheet(desk: Desk, run: Run) -> list[list[str]]:
    """Returns the workbook of failed rows as its cells, the reasons left out."""
    path = desk.home / "failed.xlsx"
    path.write_bytes(await failed_rows(desk.db, await desk.again(run), lang="zh"))
    return [values[:-1] for _, values in open_table(path).rows]


async def test_the_workbook_of_failed_rows_outlasts_the_upload(desk: Desk) -> None:
    run = await desk.imports.bring_in(await desk.upload("商家编码,标题,价格\nA,杯,1\nB,,2\nC,=1+1,贵\n"))

    assert await sheet(desk, run) == [
        ["商家编码", "标题", "价格"],
        ["B", "", "2"],
        ["C", "=1+1", "贵"],
    ]


async def test_the_workbook_holds_what_was_mended_so_far_in_columns_of_its_own_where_needed(
    desk: Desk,
) -> None:
    run = await desk.checked("商家编码,标题,价格\nA,杯,1\nB,,贵\n")
    await desk.imports.mend(run, 3, {3: {"title": "碗", "city": "宁波"}})

    assert await sheet(desk, run) == [["商家编码", "标题", "价格", "市"], ["B", "碗", "贵", "宁波"]]


async def test_both_rows_of_a_code_used_twice_are_in_the_workbook(desk: Desk) -> None:
    run = await desk.imports.bring_in(await desk.upload(TWICE))

    assert [row[0] for row in await sheet(desk, run)] == ["商家编码", "A", "A"]
