"""Products taken in line by line, and lists of products and imports, in every database."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from onshelf.catalog.imports.faulty import list_faulty
from onshelf.catalog.imports.runs import list_runs
from onshelf.catalog.imports.stream import BATCH, MOST_FAULTS, MOST_LINES, Fate, Stream
from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.product_list import ProductFilter, count_wanted, page_products, why_held
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import add_item, count_products
from onshelf.clock import FakeClock
from onshelf.errors import Unreadable
from onshelf.store.db import Database

PROFILE = Profile(category_id=9, province="浙江", city="杭州", stock=5, pictures_optional=True)


class Sender:
    """A program that sends products to shop `s`."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self._folder = folder
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self._sent = 0

    async def send(
        self,
        products: Iterable[object],
        *,
        stop_after: int | None = None,
        most_lines: int = MOST_LINES,
        most_faults: int = MOST_FAULTS,
    ) -> list[Fate]:
        """Sends all of them; stops reading the answer after so many batches."""
        self._sent += 1
        self.clock.jump(1)
        stream = Stream(
            self.db,
            PROFILE,
            shop_id="s",
            import_id=f"i{self._sent}",
            folder=self._folder,
            clock=self.clock,
            made_by="key:erp",
            most_lines=most_lines,
            most_faults=most_faults,
        )
        fates: list[Fate] = []
        told = stream.take(self._parts(products))
        async for batch in told:
            fates += [one.fate for one in batch]
            if stop_after is not None and len(fates) >= stop_after * BATCH:
                await told.aclose()  # type: ignore[attr-defined]
                break
        return fates

    async def _parts(self, products: Iterable[object]) -> AsyncIterator[bytes]:
        body = b"".join(msgspec.json.encode(one) + b"\n" for one in products)
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    async def codes(self, wanted: ProductFilter, **page: object) -> list[str]:
        found = await page_products(self.db, "s", wanted, **page)  # type: ignore[arg-type]
        assert page or await count_wanted(self.db, "s", wanted) == len(found)
        return [one.stored.product.outer_id for one in found]


def cup(code: str, **more: object) -> dict[str, object]:
    return {"outer_id": code, "title": f"杯 {code}", "price": "1", **more}


@pytest.fixture
def sender(database: Database, tmp_path: Path) -> Sender:
    return Sender(database, tmp_path)


async def test_a_stream_of_several_batches_is_kept_whole_and_harmless_to_repeat(sender: Sender) -> None:
    products = [cup(f"C{number:04}") for number in range(2 * BATCH + 3)]

    first = await sender.send(products)
    second = await sender.send([*products[1:], cup("C0000", price="2")])

    assert set(first) == {Fate.ADDED}
    assert (second.count(Fate.SAME), second.count(Fate.CHANGED)) == (2 * BATCH + 2, 1)
    assert (await count_products(sender.db, "s")).ready == 2 * BATCH + 3


async def test_what_was_settled_before_the_sender_was_left_stays_and_the_import_says_so(
    sender: Sender,
) -> None:
    await sender.send([cup(f"C{number:04}") for number in range(3 * BATCH)], stop_after=1)

    (run,) = await list_runs(sender.db, "s")
    assert (run.state, run.rows, run.added) == ("failed", BATCH, BATCH)
    assert (await count_products(sender.db, "s")).ready == BATCH


async def test_a_stream_of_too_many_lines_is_taken_up_to_there_and_has_failed(sender: Sender) -> None:
    with pytest.raises(Unreadable, match="12 lines"):
        await sender.send([cup(f"C{number:02}") for number in range(13)], most_lines=12)
    await sender.send([cup(f"C{number:02}") for number in range(12)], most_lines=12)

    whole, broken = await list_runs(sender.db, "s")
    assert (broken.state, broken.rows, broken.added) == ("failed", 12, 12)
    assert (whole.state, whole.rows) == ("done", 12)


async def test_a_stream_with_too_many_faults_is_given_up(sender: Sender) -> None:
    """What is told of them waits on disk: a line of a kilobyte may have a hundred."""
    with pytest.raises(Unreadable):
        await sender.send(
            [cup("A", title=""), *(cup(f"C{number}") for number in range(BATCH))], most_faults=0
        )

    (run,) = await list_runs(sender.db, "s")
    assert (run.state, run.rows, run.faulty) == ("failed", BATCH, 1)


async def test_a_faulty_line_holds_its_product_and_is_told_why(sender: Sender) -> None:
    await sender.send([cup("A"), cup("B")])

    fates = await sender.send([cup("A", title=""), "x", cup("B")])

    assert fates == [Fate.FAULTY, Fate.FAULTY, Fate.SAME]
    assert await sender.codes(ProductFilter(held=True)) == ["A"]
    why = await why_held(sender.db, "s", "A")
    assert why
    assert [fault.rule for fault in why.faults if fault.severity == "fault"] == ["title_blank"]
    assert [one.finding.row for one in await list_faulty(sender.db, "i2")] == [1, 2]


async def test_every_filter_and_page_answers_alike(sender: Sender) -> None:
    await sender.send([cup("AB-1"), cup("ab-2", title="Cup 50%"), cup("C_3", category_id=7), cup("C-4")])
    item = Item("s", 7, 1, State.ONSALE, Reason.OURS, "C-4", "杯", None, None, 1, 1, 1)
    await sender.db.commit([add_item(item)])
    since = sender.clock.now_us() + 1
    sender.clock.jump(1)
    await sender.send([cup("C-4", price="3")])

    assert sorted(await sender.codes(ProductFilter(q="AB"))) == ["AB-1", "ab-2"]
    assert await sender.codes(ProductFilter(q="0%")) == ["ab-2"]
    assert await sender.codes(ProductFilter(q="c_")) == ["C_3"]
    assert await sender.codes(ProductFilter(category_id=7)) == ["C_3"]
    assert await sender.codes(ProductFilter(since_us=since)) == ["C-4"]
    assert await sender.codes(ProductFilter(listed=True)) == ["C-4"]
    assert len(await sender.codes(ProductFilter(listed=False))) == 3
    every = await sender.codes(ProductFilter())
    assert await sender.codes(ProductFilter(), after=every[0], limit=2) == every[1:3]


async def test_imports_are_paged_newest_first(sender: Sender) -> None:
    for _ in range(3):
        await sender.send([cup("A")])
    newest, *_ = await list_runs(sender.db, "s", limit=1)

    rest = await list_runs(sender.db, "s", before=(newest.started_us, newest.import_id))

    assert [newest.import_id, *(run.import_id for run in rest)] == ["i3", "i2", "i1"]
