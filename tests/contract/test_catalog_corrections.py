"""Corrections of an import's faulty rows, in every database: where a value goes, and the same correction for all alike."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from onshelf.catalog.imports import imports as room
from onshelf.catalog.imports.corrections import corrections
from onshelf.catalog.imports.faulty import (
    How,
    Mended,
    count_mended,
    list_faulty,
    list_mended,
    restore_cell,
    restore_cells,
)
from onshelf.catalog.imports.imports import Imports
from onshelf.catalog.imports.orders import Order
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.imports.uploads import Uploads
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import understand
from onshelf.catalog.shop_pictures import ShopPictures
from onshelf.catalog.store import list_products, save_profile
from onshelf.clock import FakeClock
from onshelf.store.db import Database

PROFILE = Profile(
    category_id=9,
    province="浙江",
    city="杭州",
    pictures_optional=True,
    price_rule=PriceRule(markup=Decimal("0.5"), floor=Decimal(5)),
    forbidden_words=("全网最低价",),
)
ACCEPT = Order("accept")
LONG = "春夏新款宽松显瘦短款圆领纯棉短袖女夏季上衣印花半袖打底衫薄款"


async def parts(content: str) -> AsyncIterator[bytes]:
    yield content.encode()


class Desk:
    """Somebody who brings files into shop `s`."""

    def __init__(self, db: Database, home: Path) -> None:
        self.db = db
        self.imports = Imports(
            db,
            Uploads(home / "uploads"),
            ShopPictures(home / "pictures"),
            FakeClock(datetime(2026, 1, 1, tzinfo=UTC)),
            Random(1),
        )

    async def checked(self, content: str) -> Run:
        await self.db.commit([save_profile("s", PROFILE, 0)])
        kept = await self.imports.keep("s", "goods.csv", parts(content), made_by="person:lin")
        return await self.imports.check(kept.run)

    async def again(self, run: Run) -> Run:
        found = await self.imports.get("s", run.import_id)
        assert found
        return found

    async def left(self, run: Run) -> dict[int, list[str]]:
        """Returns which rows are stopped by which rules."""
        found = await list_faulty(self.db, run.import_id, stopped=True)
        return {
            one.finding.row: [fault.rule for fault in one.finding.faults if fault.severity == "fault"]
            for one in found
        }

    async def prices(self, run: Run) -> dict[str, Decimal]:
        again = await self.imports.get("s", run.import_id)
        assert again
        await self.imports.bring_in(again)
        return {one.product.outer_id: one.product.price for one in await list_products(self.db, "s")}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


async def test_every_suggestion_is_accepted_and_what_only_a_person_knows_is_left(desk: Desk) -> None:
    run = await desk.checked(
        "商家编码,标题,成本,价格,库存\n"
        "A,宽松T恤薄款,约20元,,5\n"
        f"B,全网最低价{LONG},30,,5\n"  # both faults are of one cell
        "C,宽松卫衣薄款,,,5\n"
        "D,宽松短裤薄款,40,0.50,5\n"
    )

    count = await desk.imports.mend_alike(run, ACCEPT)

    assert count == 3
    assert await desk.left(run) == {4: ["price_missing"]}
    assert await desk.prices(run) == {"A": Decimal("30.00"), "B": Decimal("45.00"), "D": Decimal("60.00")}


async def test_only_the_rule_that_was_chosen_is_mended(desk: Desk) -> None:
    run = await desk.checked("商家编码,标题,价格,库存\nA,宽松T恤薄款,约20元,5\nB,宽松卫衣薄款,30,约5件\n")

    assert await desk.imports.mend_alike(run, Order("accept", "stock_form")) == 1
    assert await desk.left(run) == {2: ["amount_form"]}


async def test_one_value_goes_to_all_that_say_the_same_wrong_thing(desk: Desk) -> None:
    run = await desk.checked(
        "商家编码,标题,价格,库存,成色\nA,宽松T恤薄款,20,5,九九新\nB,宽松卫衣薄款,30,5,九九新\nC,宽松短裤薄款,30,5,八成\n"
    )

    count = await desk.imports.mend_alike(
        run, Order("write", "condition_unknown", bad="九九新", value="二手")
    )

    assert count == 2
    assert await desk.left(run) == {4: ["condition_unknown"]}


async def test_many_are_mended_by_one_check_of_the_whole_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ONE_BY_ONE", 2)
    run = await desk.checked(
        "商家编码,标题,价格,库存\n" + "".join(f"A-{n},宽松T恤{n}号薄款,约{n + 10}元,5\n" for n in range(9))
    )

    assert await desk.imports.mend_alike(run, Order("accept", "amount_form")) is None
    assert await desk.left(run) == {}
    assert len(await desk.prices(run)) == 9


async def test_a_variants_fault_is_mended_in_its_own_row(desk: Desk) -> None:
    run = await desk.checked("商家编码,标题,价格,库存,颜色\nA,宽松T恤薄款,20,5,红\nA,,20,约7件,蓝\n")
    (faulty,) = await list_faulty(desk.db, run.import_id, stopped=True)

    found = {
        one.fault.rule: one
        for one in corrections(faulty, understand(run.header, run.chosen), PROFILE.price_rule)
    }

    assert found["stock_form"].changes == {3: {"stock": "7"}}
    assert found["stock_form"].value == "约7件"


MENDED = "商家编码,标题,价格,库存\nA,宽松T恤薄款,约20元,5\nB,宽松卫衣薄款,30,约5件\nC,宽松短裤薄款,贵,5\n"


async def test_what_was_changed_is_listed_beside_what_the_file_says(desk: Desk) -> None:
    run = await desk.checked(MENDED)
    await desk.imports.mend_alike(run, ACCEPT)
    await desk.imports.mend(await desk.again(run), 4, {4: {"price": "4o"}})
    await desk.imports.mend(await desk.again(run), 4, {4: {"price": "40"}})

    assert await list_mended(desk.db, run.import_id) == [
        Mended(2, "price", "约20元", "20", How.ACCEPTED),
        Mended(3, "stock", "约5件", "5", How.ACCEPTED),
        Mended(4, "price", "贵", "40", How.WRITTEN),
    ]
    assert await list_mended(desk.db, run.import_id, after=(3, "price"), limit=1) == [
        Mended(3, "stock", "约5件", "5", How.ACCEPTED)
    ]
    assert await count_mended(desk.db, run.import_id) == {How.WRITTEN: 1, How.ACCEPTED: 2}


async def test_all_accepted_suggestions_can_be_taken_back_and_what_a_person_wrote_stays(desk: Desk) -> None:
    run = await desk.checked(MENDED)
    await desk.imports.mend_alike(run, ACCEPT)
    await desk.imports.mend(await desk.again(run), 4, {4: {"price": "40"}})

    await desk.imports.restore(await desk.again(run), restore_cells(run.import_id, How.ACCEPTED), within_s=9)

    assert await desk.left(run) == {2: ["amount_form"], 3: ["stock_form"]}
    assert (await desk.again(run)).good == 1


async def test_one_cell_can_be_taken_back(desk: Desk) -> None:
    run = await desk.checked(MENDED)
    await desk.imports.mend_alike(run, ACCEPT)

    await desk.imports.restore(await desk.again(run), restore_cell(run.import_id, 3, "stock"), within_s=9)

    assert await desk.left(run) == {3: ["stock_form"], 4: ["amount_form"]}
