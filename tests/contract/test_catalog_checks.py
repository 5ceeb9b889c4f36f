"""Checks of whole files in every database: they outlive who asked, a process that is gone, and are never done twice at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from onshelf.catalog.imports import runs
from onshelf.catalog.imports.checks import LEASE_US, Checks, problem_of
from onshelf.catalog.imports.faulty import list_faulty
from onshelf.catalog.imports.imports import Imports
from onshelf.catalog.imports.orders import Order
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.imports.uploads import Uploads
from onshelf.catalog.profile import Profile
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import save_profile
from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, Unreadable
from onshelf.store.db import Database

PROFILE = Profile(category_id=9, province="浙江", city="杭州", stock=5, pictures_optional=True)
FILE = "商家编码,标题,价格\nA,宽松T恤薄款,1\nB,,2\nC,宽松卫衣薄款,约3元\n"
SOON_S = 20.0


async def parts(content: str) -> AsyncIterator[bytes]:
    yield content.encode()


class Home:
    """A home whose processes come and go; each has its `Imports`."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))

    def process(self) -> Imports:
        uploads, pictures = Uploads(self.folder / "uploads"), ShopPictures(self.folder / "pictures")
        return Imports(self.db, uploads, pictures, self.clock, Random(1))

    async def upload(self, content: str = FILE) -> Run:
        await self.db.commit([save_profile("s", PROFILE, 0)])
        return (await self.process().keep("s", "goods.csv", parts(content), made_by="person:lin")).run

    async def again(self, run: Run) -> Run:
        found = await runs.get_run(self.db, run.import_id)
        assert found
        return found

    async def abandoned(self, run: Run) -> None:
        """Leaves a check as a killed process does: asked for, leased, and nobody at it."""
        now_us = self.clock.now_us()
        await self.db.commit([runs.begin_check(run.import_id, "", now_us + LEASE_US, now_us)])


@pytest.fixture
def home(database: Database, tmp_path: Path) -> Home:
    return Home(database, tmp_path)


async def ended(checks: Checks, run: Run) -> None:
    await checks.settled(run.import_id, SOON_S)


async def test_a_check_goes_on_when_nobody_waits_for_it(home: Home) -> None:
    run, imports = await home.upload(), home.process()

    await imports.begin_check(run, within_s=0)
    before = (await home.again(run)).state
    await ended(imports.checks, run)

    after = await home.again(run)
    assert before == "checking"
    assert (after.state, after.rows, after.good, after.faulty) == ("checked", 3, 1, 2)


async def test_a_check_that_was_broken_off_is_ended_by_the_next_process(home: Home) -> None:
    run, first, second = await home.upload(), home.process(), home.process()
    await first.checks.begin(run)
    await first.checks.close()
    assert (await home.again(run)).state == "checking"

    await second.checks.take_up()
    await ended(second.checks, run)

    assert (await home.again(run)).state == "checked"


async def test_a_check_whose_process_was_killed_is_taken_over_when_its_lease_ends(home: Home) -> None:
    run, imports = await home.upload(), home.process()
    await home.abandoned(run)

    await imports.checks.take_up()
    await ended(imports.checks, run)
    early = (await home.again(run)).state
    home.clock.jump(LEASE_US / SECOND_US + 1)
    await imports.checks.take_up()
    await ended(imports.checks, run)

    assert (early, (await home.again(run)).state) == ("checking", "checked")


async def test_whoever_knows_that_all_others_are_gone_goes_on_at_once(home: Home) -> None:
    run, imports = await home.upload(), home.process()
    await home.abandoned(run)

    await home.db.commit([runs.take_over()])
    await imports.checks.take_up()
    await ended(imports.checks, run)

    assert (await home.again(run)).state == "checked"


async def test_an_order_to_mend_goes_on_after_a_kill_too(home: Home) -> None:
    run, first, second = await home.upload(), home.process(), home.process()
    checked = await first.check(run)
    await first.checks.begin(checked, Order("accept"))
    await first.checks.close()

    await second.checks.take_up()
    await ended(second.checks, run)

    assert [one.finding.row for one in await list_faulty(home.db, run.import_id, stopped=True)] == [3]


async def test_two_checks_of_one_import_are_a_conflict(home: Home) -> None:
    run, imports = await home.upload(), home.process()
    await imports.checks.begin(run)

    with pytest.raises(Conflict):
        await imports.check(run)
    await ended(imports.checks, run)


async def test_why_a_file_could_not_be_checked_is_kept_for_who_comes_back(home: Home) -> None:
    run, imports = await home.upload("商家编码,标题,价格\n"), home.process()

    await imports.begin_check(run, within_s=SOON_S)

    after = await home.again(run)
    problem = problem_of(after)
    assert isinstance(problem, Unreadable)
    assert (after.state, problem.why) == ("uploaded", "no_rows")
    assert problem_of(run) is None


async def test_an_import_given_up_while_it_is_checked_leaves_nothing(home: Home) -> None:
    run, imports = await home.upload(), home.process()
    await imports.checks.begin(run)

    await imports.drop(await home.again(run))
    await ended(imports.checks, run)

    assert (await home.again(run)).state == "dropped"
    assert await home.db.fetch("SELECT COUNT(*) FROM staged") == [(0,)]
    assert await list_faulty(home.db, run.import_id) == []
