"""Without a mouse: a file brought in, a cell edited, a job published, an alert taken up, an item relisted."""

import asyncio
from pathlib import Path

import pytest
from command_line import Cli, write_csv
from console import PATIENCE_MS, Desk, Sits, comes_true
from playwright.async_api import FileChooser, Locator, expect

from onshelf.texts import text

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
FOCUSED = "document.activeElement"
RING = f"(({FOCUSED}).matches(':focus-visible') && getComputedStyle({FOCUSED}).outlineStyle) || ''"
MOST_TABS = 80
LEAST_PX = 44  # what a finger hits: WCAG 2.2, 2.5.5
SMALL = f"""[...document.querySelectorAll("button, select, input, a.button, a.chip, .tabs a, .menu a, summary")]
  .filter((one) => one.checkVisibility() && !one.matches("[type=checkbox], [type=radio], .only-read"))
  .filter((one) => one.getBoundingClientRect().height < {LEAST_PX} - 0.5)
  .map((one) => one.outerHTML.slice(0, 120))"""


async def reach(sitting: Desk, wanted: Locator) -> None:
    """Presses Tab until the focus is where it is wanted, and sees the ring around it."""
    handle = await wanted.first.element_handle()
    for _ in range(MOST_TABS):
        if await sitting.page.evaluate(f"(one) => one === {FOCUSED}", handle):
            assert await sitting.page.evaluate(RING) not in ("", "none"), "the focus cannot be seen"
            return
        await sitting.page.keyboard.press("Tab")
    raise AssertionError(f"not within {MOST_TABS} tabs: {wanted}")


async def press(sitting: Desk, wanted: Locator) -> None:
    """Goes to a control by the keyboard and presses Enter."""
    await reach(sitting, wanted)
    await sitting.page.keyboard.press("Enter")


def button(sitting: Desk, key: str) -> Locator:
    return sitting.page.get_by_role("button", name=sitting.say(key), exact=True)


def product(sitting: Desk, name: str) -> str:
    return f"{name}-{sitting.lang}-{sitting.size}"


async def test_the_first_tab_leads_past_the_menu(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/shelf")
        await sitting.page.keyboard.press("Tab")
        await sitting.page.keyboard.press("Enter")

        assert await sitting.page.evaluate(f"{FOCUSED}.id") == "main"


async def test_a_file_is_brought_in_edited_published_taken_up_and_listed_again(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        page, code = sitting.page, product(sitting, "KEY")
        page.on("dialog", lambda dialog: dialog.accept())
        file = write_csv(tmp_path / "goods.csv", [(code, "键盘测试短袖T恤", 50000671, "39.90", 10, "")])

        chosen: asyncio.Queue[FileChooser] = asyncio.Queue()
        # Asked for before the page opens: the browser learns of it some time later.
        page.on("filechooser", chosen.put_nowait)

        await sitting.open("/shops/shop-a/imports")
        await reach(sitting, page.locator("#file"))
        await page.keyboard.press("Enter")
        await (await asyncio.wait_for(chosen.get(), PATIENCE_MS / 1000)).set_files(file)
        await page.wait_for_url("**/imports/*")
        if await page.locator("select[name=field]").count():  # asked once for each kind of file
            await press(sitting, button(sitting, "imports.columns.go"))
        await press(sitting, page.locator("button.button-main", has_text="1"))
        await press(sitting, page.get_by_role("link", name=sitting.say("imports.see_products")))

        await page.wait_for_url("**/products")
        cell = page.get_by_label(sitting.say("products.cell", field=sitting.say("products.price"), code=code))
        await reach(sitting, cell)
        await page.keyboard.type("41.90")
        async with page.expect_response("**/products/cell"):
            await page.keyboard.press("Enter")
        await page.locator(".cell-saved").wait_for()
        # Enter goes down the column, and stays where the list ends.
        await expect(page.locator("input.cell-input[inputmode=decimal]:focus")).to_have_count(1)

        await sitting.open("/shops/shop-a/publishing")
        await press(sitting, page.locator("form[action$='/publishing'] button.button-main"))
        await page.wait_for_url("**/jobs/*")
        await expect(page.locator(".job-head .tag").first).to_have_text(
            text("jobs.state.succeeded", sitting.lang), timeout=30_000
        )
        item = (await asyncio.to_thread(cli.shelf, code))[0]
        assert (item["approve_status"], item["price"]) == ("onsale", "41.90")

        await known_on_sale(sitting, code)
        await asyncio.to_thread(cli.control, "seller", {"action": "delist", "num_iid": item["num_iid"]})
        await comes_true(lambda: states(cli).get(code) == "firing", "its alert stands")
        await sitting.open("/alerts")
        row = page.locator("tr", has_text=code)
        await press(sitting, row.get_by_role("button").first)
        await row.wait_for(state="detached")
        await comes_true(lambda: states(cli)[code] == "acknowledged", "it is acknowledged")
        await expect(page.locator("#alert-list :focus")).to_have_count(1)

        await sitting.open(f"/shelf?shop=shop-a&code={code}")
        await reach(sitting, page.locator("input[name=items]"))
        await page.keyboard.press("Space")
        await page.keyboard.press("Shift+Tab")
        await press(sitting, page.locator("button[name=do][value=list]"))
        await page.wait_for_url("**/ask")
        await press(sitting, page.locator("main form button.button-main"))
        await page.wait_for_url("**/jobs/*")
        await comes_true(lambda: cli.shelf(code)[0]["approve_status"] == "onsale", "it is on sale again")

        assert sitting.complaints == []


async def test_who_does_not_see_the_page_hears_when_a_job_has_ended(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        code = product(sitting, "HEAR")
        rows = [(code, "听见进度短袖T恤", 50000671, "39.90", 10, "")]
        await asyncio.to_thread(
            cli.good, "import", write_csv(cli.home.parent / f"{code}.csv", rows), "--shop", "shop-a"
        )
        await asyncio.to_thread(cli.good, "shop", "pause", "shop-a")
        sitting.page.on("dialog", lambda dialog: dialog.accept())
        await sitting.open("/shops/shop-a/publishing")
        await sitting.page.locator("form[action$='/publishing'] button.button-main").click()
        await sitting.page.wait_for_url("**/jobs/*")
        said = sitting.page.locator("#said")
        await expect(said).to_be_empty()

        await asyncio.to_thread(cli.good, "shop", "resume", "shop-a")

        await expect(said).to_contain_text(text("jobs.state.succeeded", sitting.lang), timeout=30_000)


async def test_escape_closes_what_is_open_and_gives_the_focus_back(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/")
        account = sitting.page.locator("header details.drop summary")
        await press(sitting, account)
        await sitting.page.keyboard.press("Tab")
        await sitting.page.keyboard.press("Escape")

        await expect(account).to_be_focused()
        assert not await sitting.page.locator("details.drop[open]").count()


async def test_on_a_phone_the_menu_opens_takes_the_focus_and_closes_by_escape(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.page.set_viewport_size({"width": 390, "height": 844})
        await sitting.open("/")
        opener = sitting.page.locator("[data-toggle=menu]")
        await press(sitting, opener)

        await expect(sitting.page.locator("#menu a").first).to_be_focused()
        await sitting.page.keyboard.press("Escape")
        await expect(opener).to_be_focused()
        await expect(sitting.page.locator("#menu")).to_be_hidden()


@pytest.mark.parametrize(
    "path",
    ["/", "/shelf", "/alerts", "/alerts/silences", "/jobs", "/shops", "/people", "/shops/shop-a/products"],
)
async def test_on_a_phone_every_control_is_large_enough_for_a_finger(sits: Sits, path: str) -> None:
    async with sits() as sitting:
        await sitting.page.set_viewport_size({"width": 390, "height": 844})
        await sitting.open(path)

        assert await sitting.page.evaluate(SMALL) == []


async def known_on_sale(sitting: Desk, code: str) -> None:
    """Waits until the watch has met an item: only what it knows can be missed."""
    for _ in range(120):
        await sitting.open(f"/shelf?shop=shop-a&state=onsale&code={code}")
        if await sitting.page.get_by_text(code, exact=True).count():
            return
        await sitting.page.wait_for_timeout(250)
    raise AssertionError(f"the shelf does not show {code}")


def states(cli: Cli) -> dict[str, str]:
    """Returns how the alerts stand, by the item's code."""
    return {one["outer_id"]: one["state"] for one in cli.good("alerts", "list")}
