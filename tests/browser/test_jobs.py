"""Publishing from the console, from the first click to the shelf of the sandbox: plan, start, progress, failures, decisions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, write_csv
from console import Desk, Sits, keep_screen
from playwright.async_api import expect

from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.store import load_intents, save
from onshelf.store.db import Database
from onshelf.store.open import open_database
from onshelf.texts import text

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
ADD = "taobao.item.add"
SETTLED_MS = 30_000
STALE = "for (const part of document.querySelectorAll('[hx-trigger]')) part.replaceWith(part.cloneNode(true))"
"""Makes a page one that does not look again: what stands there grows old."""


async def stock(cli: Cli, folder: Path, codes: list[str]) -> None:
    """Imports a product for each code."""
    rows = [(code, f"夏季纯棉短袖T恤 {code}", 50000671, "39.90", 10, "") for code in codes]
    file = write_csv(folder / "goods.csv", rows)
    imported = await asyncio.to_thread(cli.good, "import", file, "--shop", "shop-a")
    assert imported["good"] == len(codes)


async def on_shelf(cli: Cli, codes: list[str]) -> list[int]:
    """Counts the items of each code on sale in the sandbox."""
    found = [await asyncio.to_thread(cli.shelf, code) for code in codes]
    return [sum(item["approve_status"] == "onsale" for item in items) for items in found]


async def control(cli: Cli, path: str, order: dict[str, Any] | None = None, verb: str | None = None) -> Any:
    return await asyncio.to_thread(cli.control, path, order, verb)


def codes_of(sitting: Desk, name: str, count: int) -> list[str]:
    return [f"{name}-{sitting.lang}-{sitting.size}-{number}" for number in range(count)]


def agree(sitting: Desk) -> list[str]:
    """Answers yes to every question from now on; returns the list that will hold them."""
    asked: list[str] = []

    async def answer(dialog: Any) -> None:
        asked.append(dialog.message)
        await dialog.accept()

    sitting.page.on("dialog", answer)
    return asked


async def publish(sitting: Desk, count: int) -> None:
    """Goes from the list of jobs through the plan to the page of the job that was started."""
    await sitting.open("/jobs")
    await sitting.page.locator('.heading form[action="/publishing"] button').click()
    await sitting.page.wait_for_url("**/publishing")  # and until its scripts are there: they ask the question
    await sitting.press("plan.go", count=count)
    await sitting.page.wait_for_url("**/jobs/*")


async def shows_state(sitting: Desk, state: str) -> None:
    """Waits until the job's page shows a state by itself, without being loaded again."""
    word = sitting.say("jobs.partly") if state == "partly" else text(f"jobs.state.{state}", sitting.lang)
    tag = sitting.page.locator(".job-head .tag").first
    await expect(tag).to_have_text(word, timeout=SETTLED_MS)


@asynccontextmanager
async def records(cli: Cli) -> AsyncIterator[Database]:
    """The database of the service, beside it."""
    database = await open_database(str(cli.home / "onshelf.db"))
    try:
        yield database
    finally:
        await database.close()


async def test_a_plan_is_looked_at_started_and_followed_until_all_is_on_the_shelf(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        codes = codes_of(sitting, "P", 4)
        await stock(cli, tmp_path, codes)
        asked = agree(sitting)

        await sitting.open("/shops/shop-a/publishing")
        await expect(sitting.page.get_by_role("link", name=codes[0])).to_be_visible()
        await keep_screen(sitting, "publishing-plan")
        faults = await sitting.serious_faults()
        await publish(sitting, 4)
        await shows_state(sitting, "succeeded")
        await expect(sitting.page.locator("#live[hx-trigger], #line-rows[hx-trigger]")).to_have_count(0)
        await keep_screen(sitting, "publishing-job")

        assert asked == [sitting.say("plan.ask", shop="shop-a", create=4, change=0)]
        assert [*faults, *await sitting.serious_faults(), *sitting.complaints] == []
        assert await on_shelf(cli, codes) == [1] * 4


async def test_a_canary_publishes_the_first_only(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    async with sits() as sitting:
        codes = codes_of(sitting, "C", 3)
        await stock(cli, tmp_path, codes)
        agree(sitting)

        await sitting.open("/shops/shop-a/publishing")
        await sitting.page.get_by_label(sitting.say("plan.canary")).fill("1")
        await sitting.press("plan.canary.go")
        await sitting.press("plan.go.canary", count=1)
        await sitting.page.wait_for_url("**/jobs/*")
        await shows_state(sitting, "succeeded")
        first = await on_shelf(cli, codes)
        await publish(sitting, 2)
        await shows_state(sitting, "succeeded")

        assert first == [1, 0, 0]
        assert await on_shelf(cli, codes) == [1, 1, 1]


async def test_lines_that_failed_are_told_by_cause_and_retried_to_the_shelf(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        codes = codes_of(sitting, "F", 3)
        await stock(cli, tmp_path, codes)
        await control(
            cli, "faults", {"kind": "isp", "method": ADD, "sub_code": "isv.item-is-odd:T", "count": 2}
        )
        agree(sitting)

        await publish(sitting, 3)
        await shows_state(sitting, "partly")
        await keep_screen(sitting, "publishing-failed")
        await sitting.press("jobs.show_lines")
        await expect(sitting.page.locator("#line-rows tbody tr")).to_have_count(2)
        async with sitting.page.expect_download() as download:
            await sitting.press("jobs.failed_rows")
        await (await download.value).save_as(tmp_path / "failed.xlsx")
        await control(cli, "faults", verb="DELETE")
        await sitting.press("jobs.act.retry")
        await shows_state(sitting, "succeeded")
        again = await asyncio.to_thread(cli.good, "check", tmp_path / "failed.xlsx", "--shop", "shop-a")

        assert await on_shelf(cli, codes) == [1] * 3
        assert again["good"] == 2
        assert sitting.complaints == []


async def test_a_job_is_paused_by_one_and_a_stale_page_of_another_says_so(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as one, sits() as other:
        codes = codes_of(one, "S", 3)
        await stock(cli, tmp_path, codes)
        await control(cli, "barrier", {"method": ADD, "at": "before_work", "count": 3})
        agree(one)
        await publish(one, 3)
        await other.page.goto(one.page.url)
        await other.page.locator("#act-pause").wait_for()
        await other.page.evaluate(STALE)

        await one.press("jobs.act.pause")
        await one.sees(one.say("jobs.told.pause"))
        await other.press("jobs.act.pause")
        said = await other.page.locator(".notice-warn .notice-title").first.inner_text()
        await control(cli, "barrier/release", {})
        await one.press("jobs.act.resume")
        await shows_state(one, "succeeded")

        assert said.startswith(text("jobs.verdict.already", one.lang, state="…").partition("…")[0])
        assert await on_shelf(cli, codes) == [1] * 3


async def test_an_undecided_product_is_settled_by_its_evidence(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting, records(cli) as database:
        code = f"U/{sitting.lang}-{sitting.size}"
        seen = Sighting(
            700_000_000_007, "", "短袖T恤", False, True, 1_700_000_000_000_000, 1_700_000_002_000_000
        )
        question = Intent(
            "shop-a",
            code,
            state=State.UNDECIDED,
            doing=Doing.CREATE,
            attempt=1,
            first_sent_us=1_700_000_000_000_000,
            sent_us=1_700_000_000_000_000,
            looks=(Look(1_700_000_001_000_000, True, (seen,)),),
            sent={"title": "短袖T恤", "price": "39.90", "stock": "10"},
            problem='{"code": "listing.undecided.strangers", "item_ids": [700000000007]}',
        )
        await database.commit([save(question, None)[1]])
        asked = agree(sitting)

        await sitting.open("/jobs")
        await sitting.press("jobs.asking.go")
        await sitting.page.wait_for_url("**/undecided")
        await keep_screen(sitting, "undecided")
        faults = await sitting.serious_faults()
        await sitting.page.get_by_label(sitting.say("undecided.adopt", item=700_000_000_007)).check()
        await sitting.press("undecided.settle.of", code=code)
        await sitting.sees(sitting.say("undecided.settled", code=code))

        settled = (await load_intents(database, "shop-a", [code]))[code]
        assert (settled.item_id, settled.state) == (700_000_000_007, State.ADOPTED)
        assert asked == [sitting.say("undecided.ask", code=code)]
        assert [*faults, *sitting.complaints] == []
