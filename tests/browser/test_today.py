"""The first page in the browser: what the platform does to the shelf is there in the morning, and each matter leads to its page."""

import pytest
from command_line import Cli, write_csv
from console import Sits, keep_screen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
ITEM = 11223344


async def test_a_punished_item_is_the_first_thing_seen_and_leads_to_its_alert(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        await sitting.open("/")
        cli.control("seller", {"action": "list", "num_iid": ITEM})
        await sitting.page.wait_for_timeout(
            1500
        )  # a look in between, so that the item is known to be on sale
        cli.control("seller", {"action": "punish", "num_iid": ITEM})
        need = sitting.page.locator(".need-bad").first
        for _ in range(80):
            await sitting.open("/")
            if await need.count():
                break
            await sitting.page.wait_for_timeout(250)

        assert "violation" in await need.locator("a").get_attribute("href")  # type: ignore[operator]
        await sitting.page.locator("[data-chart] svg").wait_for()
        assert await sitting.page.locator("table.only-read tbody tr").count() >= 1
        await keep_screen(sitting, "today")
        assert await sitting.serious_faults() == []
        wider = await sitting.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0

        await need.locator("a").click()
        await sitting.page.wait_for_url("**/alerts**")
        assert sitting.complaints == []


async def test_work_under_way_is_followed_without_a_reload(sits: Sits, cli: Cli) -> None:
    """The shop is paused, so that its job stands long enough to be seen; resumed, it ends before our eyes."""
    async with sits() as sitting:
        code = f"U-{sitting.lang}-{sitting.size}"
        cli.good(
            "import", write_csv(cli.home.parent / f"{code}.csv", [[code, "短袖 进行中", "", "9.90", 5, ""]])
        )
        cli.good("shop", "pause", "shop-a")
        await sitting.open("/")
        await sitting.sees(sitting.say("today.jobs.none"))

        publishing = cli.start("publish", "--go")
        await sitting.page.locator(".under-way li").first.wait_for(timeout=40_000)
        await keep_screen(sitting, "today-jobs")
        cli.good("shop", "resume", "shop-a")
        await sitting.page.get_by_text(sitting.say("today.jobs.none")).wait_for(timeout=40_000)

        publishing.communicate(timeout=60)
        assert [item["approve_status"] for item in cli.shelf(code)] == ["onsale"]
        assert sitting.complaints == []
