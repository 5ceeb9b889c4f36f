"""The workbooks of a job: its report says every line, and its failed rows make the same products when imported again."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from onshelf.catalog.imports.intake import import_file
from onshelf.catalog.profile import decode_profile
from onshelf.catalog.store import Stored, list_products
from onshelf.clock import FakeClock
from onshelf.ids import JobId
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.listing.mend import failed_rows, rows_of
from onshelf.listing.report import report
from onshelf.listing.work import PUBLISH
from onshelf.store.db import Database
from onshelf.texts import Lang

pytestmark = pytest.mark.parametrize("database_url", ["memory"], indirect=True)
EXAMPLE = Path(str(files("onshelf") / "reference" / "example"))
PROFILE = decode_profile((EXAMPLE / "profile.json").read_text("utf-8"), where="profile.json")
REFUSED = {
    "code": "errors.business_fault",
    "sub_code": "isv.title",
    "message": {"zh": "=cmd|'/c calc'!A0", "en": "=cmd|'/c calc'!A0"},
    "remedy": {"zh": "改标题", "en": "mend the title"},
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


async def imported(
    database: Database, file: Path, clock: FakeClock, name: str, pictures: Path
) -> dict[str, Stored]:
    """Imports a file as the shop's products, and returns them by code."""
    await import_file(
        database,
        file,
        PROFILE,
        shop_id="shop",
        import_id=name,
        clock=clock,
        pictures=pictures,
        open_pictures=False,
    )
    return {one.product.outer_id: one for one in await list_products(database, "shop", limit=2000)}


async def failing_job(database: Database, clock: FakeClock, codes: list[str]) -> Job:
    """A job of these codes whose every line was refused, but for the first."""
    queue = Queue(database, clock, 60.0)
    job = Job(JobId("j1"), PUBLISH, "shop", JobState.QUEUED, clock.now_us(), "{}")
    await database.commit(queue.enqueue(job, [NewLine(code) for code in codes]))
    lines = await queue.claim(PUBLISH, len(codes), shop_id="shop")
    done = queue.succeed(lines[0], {"code": "listing.created", "item_id": 680_000_000_001})
    await database.commit([done, *(queue.fail(line, REFUSED) for line in lines[1:])])
    return replace(job, state=JobState.FAILED)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_failed_rows_imported_again_make_the_same_products(
    database: Database, clock: FakeClock, tmp_path: Path, lang: Lang
) -> None:
    before = await imported(database, EXAMPLE / "products.csv", clock, "1", EXAMPLE / "pictures")
    job = await failing_job(database, clock, sorted(before))
    file = tmp_path / "failed-rows.xlsx"

    file.write_bytes(await failed_rows(database, job, lang))
    after = await imported(database, file, clock, "2", EXAMPLE / "pictures")

    mended = [after[code].product for code in after if after[code].product.source.startswith(file.name)]
    assert len(mended) == len(before) - 1
    assert any(product.skus for product in mended)
    assert {code: one.digest for code, one in after.items()} == {
        code: one.digest for code, one in before.items()
    }


async def test_failed_rows_carry_the_reason_and_nothing_is_computed_when_they_are_opened(
    database: Database, clock: FakeClock
) -> None:
    before = await imported(database, EXAMPLE / "products.csv", clock, "1", EXAMPLE)
    job = await failing_job(database, clock, sorted(before)[:2])

    sheet = load_workbook(BytesIO(await failed_rows(database, job, "zh"))).worksheets[0]

    header, row = list(sheet.iter_rows(max_row=2))
    assert (header[-1].value, row[-1].value) == ("错误原因(onshelf)", "=cmd|'/c calc'!A0\n改标题")
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} == {"s", "n"}


async def test_a_report_says_every_line_with_its_outcome(database: Database, clock: FakeClock) -> None:
    before = await imported(database, EXAMPLE / "products.csv", clock, "1", EXAMPLE)
    codes = sorted(before)
    job = await failing_job(database, clock, codes)

    sheet = load_workbook(BytesIO(await report(database, job, "en"))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]

    title = before[codes[0]].product.title
    assert [row[1] for row in rows] == codes
    assert rows[0][2:7] == [title, "succeeded", "Published and read back.", None, "680000000001"]
    assert rows[1][3:6] == ["failed", "=cmd|'/c calc'!A0", "mend the title"]
    assert rows[1][8] == "2026-01-01 08:00:00"


async def test_pictures_are_named_relative_to_the_folder_they_have_in_common(
    database: Database, clock: FakeClock
) -> None:
    product = (await imported(database, EXAMPLE / "products.csv", clock, "1", EXAMPLE)).popitem()[1].product
    named = replace(product, pictures=("/a/b/1.jpg", "/a/2.jpg", "https://p.example/3.jpg"), skus=())

    [row] = rows_of(named, "", Path("/a"))

    assert "b/1.jpg\n2.jpg\nhttps://p.example/3.jpg" in row
