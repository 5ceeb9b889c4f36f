"""Imports in every database: whole or not at all, harmless to repeat, and a faulty row holds its product back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from onshelf.catalog.imports.faulty import list_faulty
from onshelf.catalog.imports.intake import Report, import_file
from onshelf.catalog.imports.runs import Run, get_run, open_run
from onshelf.catalog.imports.staging import stage
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import count_products, get_products, list_products
from onshelf.clock import FakeClock
from onshelf.errors import Unreadable
from onshelf.store.db import Database

PROFILE = Profile(category_id=9, province="浙江", city="杭州", stock=5, pictures_optional=True)
HEADER = "商家编码,标题,价格\n"


class Shop:
    """Imports files into one shop, one virtual second apart."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self._ids: Iterator[int] = count(1)

    async def take(self, content: str, name: str = "goods.csv") -> Report:
        path = self.folder / name
        path.write_text(content, "utf-8")
        self.clock.jump(1)
        return await import_file(
            self.db, path, PROFILE, shop_id="s", import_id=f"i{next(self._ids)}", clock=self.clock
        )

    async def held(self) -> dict[str, bool]:
        return {stored.product.outer_id: stored.held for stored in await list_products(self.db, "s")}


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


async def test_good_rows_become_products_and_faulty_ones_are_kept_with_their_faults(shop: Shop) -> None:
    report = await shop.take(f"{HEADER}A,杯,1\nB,,2\nC,碗,3\n")

    assert report.run
    assert (report.run.state, report.run.good, report.run.faulty, report.run.added) == ("done", 2, 1, 2)
    assert await shop.held() == {"A": False, "C": False}
    found = await list_faulty(shop.db, report.run.import_id)
    (faulty,) = await list_faulty(shop.db, report.run.import_id, stopped=True)
    assert tuple(one.finding for one in found) == report.findings
    assert faulty.lines == ((3, ("B", "", "2")),)


async def test_repeating_an_import_changes_nothing(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\nB,碗,2\n")
    before = await list_products(shop.db, "s")

    report = await shop.take(f"{HEADER}A,杯,1\nB,碗,2\n")

    assert report.run
    assert (report.run.added, report.run.changed) == (0, 0)
    assert await list_products(shop.db, "s") == before


async def test_only_changed_products_are_counted_and_dated_anew(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\nB,碗,2\n")
    before = await get_products(shop.db, "s", ["A", "B"])

    report = await shop.take(f"{HEADER}B,碗,2\nA,杯,9\n")

    after = await get_products(shop.db, "s", ["A", "B"])
    assert report.run
    assert (report.run.added, report.run.changed) == (0, 1)
    assert after["A"].changed_us > before["A"].changed_us
    assert after["B"].changed_us == before["B"].changed_us
    assert after["B"].product.source == "goods.csv:2"


async def test_a_product_whose_row_became_faulty_is_held_as_it_was_until_it_is_mended(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\n")

    await shop.take(f"{HEADER}A,杯,\n")
    held = (await get_products(shop.db, "s", ["A"]))["A"]
    await shop.take(f"{HEADER}A,杯,2\n")
    mended = (await get_products(shop.db, "s", ["A"]))["A"]

    assert (held.held, str(held.product.price)) == (True, "1.00")
    assert (mended.held, str(mended.product.price)) == (False, "2.00")


async def test_both_rows_of_a_code_used_twice_are_held(shop: Shop) -> None:
    report = await shop.take(f"{HEADER}A,杯,1\nB,碗,2\nA,盘,3\n")

    assert await shop.held() == {"A": True, "B": False}
    assert report.run
    assert (report.run.good, report.run.faulty) == (1, 2)
    assert (await count_products(shop.db, "s")).held == 1


async def test_products_that_a_file_does_not_name_stay(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\n")

    await shop.take(f"{HEADER}B,碗,1\n", name="more.csv")

    assert await shop.held() == {"A": False, "B": False}


async def test_a_file_that_breaks_off_changes_nothing(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\n")
    rows = "".join(f"N{number},新{number},1\n" for number in range(4500))

    with pytest.raises(Unreadable, match="quote"):
        await shop.take(f'{HEADER}A,盘,2\n{rows}B,"碗,2\n')

    assert await shop.held() == {"A": False}
    assert (await get_products(shop.db, "s", ["A"]))["A"].product.title == "杯"
    runs = await shop.db.fetch("SELECT state FROM import_run ORDER BY import_id")
    assert runs == [("done",), ("failed",)]
    assert await shop.db.fetch("SELECT COUNT(*) FROM staged") == [(0,)]
    assert await list_faulty(shop.db, "i2") == []


async def test_what_a_killed_import_left_aside_is_never_seen_and_cleared_later(shop: Shop) -> None:
    await shop.take(f"{HEADER}A,杯,1\n")
    (stored,) = await list_products(shop.db, "s")
    killed_run = Run("killed", "s", "goods.csv", "reading", shop.clock.now_us(), 0, 0, 0, 0, 0, 0)
    await shop.db.commit(open_run(killed_run))
    await stage(shop.db, "killed", [stored.product], [])

    shop.clock.jump(2 * 24 * 3600)
    await shop.take(f"{HEADER}A,杯,1\n")

    killed = await get_run(shop.db, "killed")
    assert killed
    assert killed.state == "failed"
    assert await shop.db.fetch("SELECT COUNT(*) FROM staged") == [(0,)]


async def test_repeated_titles_without_a_code_are_stored_apart_and_the_same_at_each_import(
    shop: Shop,
) -> None:
    content = "标题,价格\n杯,1\n杯,1\n碗,2\n"

    first = await shop.take(content)
    second = await shop.take(content)

    assert first.run
    assert second.run
    assert (first.run.added, second.run.added, second.run.changed) == (3, 0, 0)


async def test_a_file_larger_than_a_chunk_is_imported_whole(shop: Shop) -> None:
    seen: list[int] = []
    path = shop.folder / "large.csv"
    path.write_text(HEADER + "".join(f"A{number},杯{number},1\n" for number in range(4100)), "utf-8")

    await import_file(
        shop.db, path, PROFILE, shop_id="s", import_id="large", clock=shop.clock, progress=seen.append
    )

    assert seen[-1] == 4100
    assert (await count_products(shop.db, "s")).ready == 4100
