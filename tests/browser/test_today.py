"""The first page in the browser: what the platform does to the shelf is there in the morning, and each matter leads to its page."""

import pytest
from command_line import Cli, write_csv
from console import Sits, keep_screen
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
ITEM = 11223344


async def test_a_punished_item_is_the_first_thing_seen_and_leads_to_its_alert(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        await sitting.open("/")
        cli.control("seller", {"action": "list", "num_iid": ITEM})
        # a look in between, so that the item is known to be on sale
        await sitting.page.wait_for_timeout(1500)
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


async def test_the_page_left_open_tells_of_trouble_by_itself_and_takes_nothing_out_of_hand(
    sits: Sits, cli: Cli
) -> None:
    async with sits() as sitting:
        shop = f"停{sitting.lang}{sitting.size}"
        cli.add_shop(shop)
        await sitting.open("/")
        link = sitting.page.locator("#shops-now a").first
        await link.focus()
        focused = await link.get_attribute("href")
        asked: list[str] = []
        sitting.page.on("request", lambda request: asked.append(request.url))

        cli.good("shop", "pause", shop)
        words = sitting.say("today.need.paused", shop=shop)
        need = sitting.page.locator("#needs-now .need-words", has_text=words)
        await need.wait_for(timeout=60_000)

        assert await sitting.page.evaluate("document.activeElement.getAttribute('href')") == focused
        assert await sitting.page.locator("#live").is_hidden()
        assert (await sitting.page.title()).startswith("(")
        assert any(url.endswith("/pulse") for url in asked)
        cli.good("shop", "remove", shop, "--confirm", shop)
        await need.wait_for(state="detached", timeout=60_000)
        assert await sitting.serious_faults() == []
        assert sitting.complaints == []


async def test_what_has_not_changed_is_left_as_it_is(sits: Sits) -> None:
    """A mark that only this page carries outlives the part that asks by itself and the page's own turns."""
    async with sits() as sitting:
        await sitting.open("/")
        first = "document.querySelector('#needs-now').firstElementChild"
        await sitting.page.evaluate(f"{first}.dataset.mark = 'kept'")
        async with sitting.page.expect_response("**/today/jobs", timeout=40_000):
            pass
        as_of = sitting.page.locator("#as-of")
        await expect(as_of).not_to_have_text(await as_of.inner_text(), timeout=40_000)

        assert await sitting.page.evaluate(f"{first}.dataset.mark") == "kept"


async def test_a_page_that_is_no_longer_kept_up_says_so(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/")
        await sitting.page.route("**/pulse", lambda route: route.abort())
        await sitting.page.locator("#live").wait_for(state="visible", timeout=20_000)

        assert await sitting.page.locator("#live").inner_text() == sitting.say("live.stale")
        await sitting.page.unroute("**/pulse")
        await sitting.page.locator("#live").wait_for(state="hidden", timeout=20_000)


async def test_a_hidden_tab_asks_for_nothing_but_the_pulse_of_a_minute(sits: Sits) -> None:
    """The browser's clock stands and is moved on by hand: the tab is opened hidden, a minute passes, then it is looked at."""
    async with sits() as sitting:
        await sitting.page.add_init_script(
            "Object.defineProperty(document, 'hidden', {get: () => !window.lookedAt})"
        )
        await sitting.page.clock.install(time="2026-11-10T12:00:00Z")
        await sitting.page.clock.pause_at("2026-11-10T12:00:01Z")
        await sitting.open("/")
        asked: list[str] = []
        sitting.page.on("request", lambda request: asked.append(request.url.removeprefix(sitting.address)))

        await sitting.page.clock.run_for(59_000)
        first = [address for address in asked if not address.startswith("/static/")]
        async with sitting.page.expect_request("**/pulse"):
            await sitting.page.clock.run_for(2_000)
        async with sitting.page.expect_request("**/pulse"):
            await sitting.page.evaluate(
                "window.lookedAt = true; document.dispatchEvent(new Event('visibilitychange'))"
            )

        assert first == []


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
