"""The shelf in the browser: from a seller's click on the platform to the item back on sale by a click of ours."""

import pytest
from command_line import Cli, write_csv
from console import Desk, Sits, comes_true, keep_screen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
CODE, ITEM = "SANDBOX-1", 11223344


def stands(cli: Cli, code: str) -> list[str]:
    """Returns how the items of a code stand on the platform."""
    return [item["approve_status"] for item in cli.shelf(code)]


async def shown(sitting: Desk, path: str, words: str) -> None:
    """Opens a page again until it shows words: a look at the platform takes a moment."""
    for _ in range(60):
        await sitting.open(path)
        if await sitting.page.get_by_text(words).count():
            return
        await sitting.page.wait_for_timeout(250)
    raise AssertionError(f"{path} does not show {words}")


async def test_an_item_the_seller_took_off_is_found_with_its_cause_and_listed_again(
    sits: Sits, cli: Cli
) -> None:
    cli.control("seller", {"action": "delist", "num_iid": ITEM})
    async with sits() as sitting:
        await shown(sitting, f"/shelf?shop=shop-a&state=instock&code={CODE}", CODE)
        await keep_screen(sitting, "shelf-warehouse")
        await sitting.page.locator("a.item-title").first.click()
        await sitting.page.locator(".life-instock").first.wait_for()
        await keep_screen(sitting, "shelf-item")
        assert await sitting.serious_faults() == []
        platform = await sitting.page.get_by_role("link", name=sitting.say("shelf.page")).get_attribute(
            "href"
        )

        await sitting.press("shelf.list")
        await sitting.sees(sitting.say("shelf.ask.list", count=1))
        await keep_screen(sitting, "shelf-order")
        await sitting.press("shelf.ask.yes.list")
        await sitting.page.wait_for_url("**/jobs/*")

        await comes_true(lambda: stands(cli, CODE) == ["onsale"], "the item is on sale again")
        await shown(sitting, f"/shelf/shop-a/{ITEM}", sitting.say("item.sent.list"))
        assert sitting.clicks == 2
        assert sitting.complaints == []
    assert platform == f"{cli.info['gateway'].removesuffix('/router/rest')}/item.htm?id={ITEM}"


async def test_several_items_are_ticked_and_taken_off_after_a_question(sits: Sits, cli: Cli) -> None:
    rows = [[f"M-{number}", f"浏览器 短袖 {number}", "", "39.90", "5", ""] for number in range(3)]
    cli.good("import", write_csv(cli.home.parent / "several.csv", rows))
    cli.good("publish", "--go")
    listed = [item["num_iid"] for number in range(3) for item in cli.shelf(f"M-{number}")]
    async with sits() as sitting:
        await shown(sitting, "/shelf?shop=shop-a&state=onsale&code=M-2", "M-2")
        await sitting.open("/shelf?shop=shop-a&state=onsale&code=M-")
        await sitting.page.locator("input[name=items]").first.check()
        await sitting.sees(sitting.say("shelf.chosen").replace("#", "1"))
        for box in await sitting.page.locator("input[name=items]").all():
            await box.check()
        await sitting.press("shelf.delist")
        await sitting.sees(sitting.say("shelf.ask.delist", count=3))
        await sitting.press("shelf.ask.yes.delist")
        await sitting.page.wait_for_url("**/jobs/*")

        await comes_true(
            lambda: [stands(cli, f"M-{number}") for number in range(3)] == [["instock"]] * 3,
            "three items are off the shelf",
        )
        assert sitting.complaints == []
    for item_id in listed:  # as it was, for the next desk
        cli.control("seller", {"action": "list", "num_iid": item_id})


async def test_what_is_done_to_ticked_items_waits_for_a_tick_and_a_no_brings_the_ticks_back(
    sits: Sits, cli: Cli
) -> None:
    async with sits() as sitting:
        await shown(sitting, f"/shelf?shop=shop-a&code={CODE}", CODE)
        acts = [
            sitting.page.get_by_role("button", name=sitting.say(f"shelf.{do}"), exact=True)
            for do in ("list", "delist")
        ]
        count = sitting.page.get_by_role("status").filter(has_text=sitting.say("shelf.choose"))
        assert [await act.is_disabled() for act in acts] == [True, True]
        assert await count.count() == 1
        box = sitting.page.locator("input[name=items]").first
        await box.focus()
        await sitting.page.keyboard.press("Enter")  # would press the button for all that match
        assert await sitting.page.locator("h1").inner_text() == sitting.say("menu.shelf")

        await sitting.page.keyboard.press("Space")
        await sitting.sees(sitting.say("shelf.chosen").replace("#", "1"))
        assert [await act.is_disabled() for act in acts] == [False, False]
        await sitting.press("shelf.delist")
        await sitting.press("shelf.ask.no")

        await sitting.sees(sitting.say("shelf.chosen").replace("#", "1"))
        assert await sitting.page.locator("#code").input_value() == CODE
        assert await box.is_checked()
        assert await acts[1].is_enabled()
        await box.uncheck()
        assert await acts[1].is_disabled()
        assert await sitting.serious_faults() == []
        assert sitting.complaints == []


async def test_all_that_match_are_taken_off_once_their_number_is_confirmed(sits: Sits, cli: Cli) -> None:
    count = 60  # more than a page shows
    rows = [[f"ALL-{number:02d}", f"全部下架短袖 {number}", "", "39.90", "5", ""] for number in range(count)]
    cli.good("import", write_csv(cli.home.parent / "all.csv", rows))
    cli.good("publish", "--go")
    async with sits() as sitting:
        await shown(sitting, "/shelf?shop=shop-a&state=onsale&code=ALL-59", "ALL-59")
        await sitting.open("/shelf?shop=shop-a&state=onsale&code=ALL-")
        await sitting.page.get_by_text(sitting.say("shelf.all"), exact=True).click()
        await sitting.press("shelf.all.delist")
        await sitting.sees(sitting.say("shelf.ask.delist", count=count))
        await keep_screen(sitting, "shelf-order-all")
        assert await sitting.serious_faults() == []
        await sitting.press("shelf.all.yes.delist", count=count)
        await sitting.page.wait_for_url("**/jobs/*")

        await comes_true(
            lambda: all(stands(cli, f"ALL-{number:02d}") == ["instock"] for number in range(count)),
            "all that matched are off the shelf",
        )
        assert sitting.complaints == []
    for number in range(count):  # as they were, for the next desk
        for item in cli.shelf(f"ALL-{number:02d}"):
            cli.control("seller", {"action": "list", "num_iid": item["num_iid"]})


async def test_a_filter_is_kept_under_a_name_and_leads_back(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open(f"/shelf?shop=shop-a&code={CODE}")
        await sitting.page.get_by_text(sitting.say("shelf.saved.keep"), exact=True).click()
        await sitting.page.fill("#filter-name", "沙箱的")
        await sitting.press("shelf.saved.save")
        await sitting.open("/shelf?shop=shop-a")
        await sitting.press_text("沙箱的")
        await sitting.page.wait_for_url(f"**code={CODE}**")

        assert await sitting.page.locator("a.item-title").count() == 1
        await sitting.press("shelf.saved.drop", name="沙箱的")
        await sitting.page.wait_for_load_state()
        assert await sitting.page.get_by_text("沙箱的", exact=True).count() == 0
        assert sitting.complaints == []
