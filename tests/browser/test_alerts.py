"""Alerts in the browser, from a seller's click on the platform to who has it; and a robot whose true answer is shown."""

import pytest
from command_line import Cli, write_csv
from console import Desk, Sits, comes_true, keep_screen
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def shown(sitting: Desk, path: str, words: str) -> None:
    """Opens a page again until it shows words: a look at the platform takes a moment."""
    for _ in range(80):
        await sitting.open(path)
        if await sitting.page.get_by_text(words).count():
            return
        await sitting.page.wait_for_timeout(250)
    raise AssertionError(f"{path} does not show {words}")


def states(cli: Cli) -> dict[str, str]:
    """Returns how the alerts stand, by the item's code."""
    return {one["outer_id"]: one["state"] for one in cli.good("alerts", "list")}


async def all_stand(cli: Cli, codes: list[str], state: str) -> None:
    """Looks until the alerts of all these codes stand so; a failure tells how they stand."""
    seen: dict[str, str] = {}

    def looked() -> bool:
        seen.update(states(cli))
        return {seen[code] for code in codes} == {state}

    try:
        await comes_true(looked, f"{codes} {state}")
    except AssertionError as error:
        raise AssertionError(f"{error}: {seen}") from None


async def left_the_shelf(sitting: Desk, cli: Cli, tag: str) -> list[str]:
    """Publishes items of this desk's own, lets the seller take them off, and returns their codes once all are alarmed."""
    codes = [f"{tag}-{sitting.lang}-{sitting.size}-{number}" for number in range(2)]
    rows = [[code, f"预警 短袖 {code}", "", "39.90", "5", ""] for code in codes]
    cli.good("import", write_csv(cli.home.parent / f"{codes[0]}.csv", rows))
    cli.good("publish", "--go")
    for code in codes:
        await shown(sitting, f"/shelf?shop=shop-a&state=onsale&code={code}", code)
        for item in cli.shelf(code):
            cli.control("seller", {"action": "delist", "num_iid": item["num_iid"]})
    for code in codes:
        await shown(sitting, "/alerts?shop=shop-a&cause=taken_off", code)
    return codes


async def test_alerts_are_acknowledged_by_a_click_and_silenced_until_tomorrow(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        mine, other = await left_the_shelf(sitting, cli, "ONE")
        await shown(sitting, "/alerts", mine)
        await keep_screen(sitting, "alerts-standing")
        assert await sitting.serious_faults() == []

        row = sitting.page.locator("tr", has_text=mine)
        await row.get_by_role("button", name=sitting.say("alerts.ack")).click()
        await row.wait_for(state="detached")
        await all_stand(cli, [mine], "acknowledged")

        await sitting.page.get_by_role("link", name=other).click()
        await sitting.page.get_by_label(sitting.say("alerts.until.tomorrow")).check()
        await sitting.page.get_by_label(sitting.say("alerts.why")).fill("盘点")
        await sitting.press("alerts.silence.go")
        await sitting.page.get_by_role("button", name=sitting.say("alerts.silence.end")).wait_for()
        await keep_screen(sitting, "alerts-one")
        assert await sitting.serious_faults() == []
        (quiet, *_) = cli.good("alerts", "silences")
        assert (quiet["why"], quiet["who"], states(cli)[other]) == ("盘点", "person:林", "silenced")

        await sitting.press("alerts.silence.end")
        await sitting.page.get_by_role("button", name=sitting.say("alerts.silence.go")).wait_for()
        assert states(cli)[other] == "firing"
        assert sitting.complaints == []


async def test_what_a_colleague_answers_goes_by_itself_but_never_from_under_a_half_typed_reason(
    sits: Sits, cli: Cli
) -> None:
    async with sits() as sitting:
        mine, other = await left_the_shelf(sitting, cli, "LIVE")
        await sitting.open("/alerts")
        row = sitting.page.locator("tr", has_text=mine)
        await row.wait_for()
        menu = sitting.page.locator("details.drop", has=sitting.page.locator('input[name="why"]')).first
        await menu.locator("summary").click()
        await menu.locator('input[name="why"]').fill("盘点中")
        firing = sitting.page.locator("#alert-states a").first
        before = await firing.inner_text()

        cli.good("alerts", "ack", f"shop-a:{cli.shelf(mine)[0]['num_iid']}:left_the_shelf")
        await expect(firing).not_to_have_text(before, timeout=20_000)
        kept = await menu.locator('input[name="why"]').input_value()
        still = await row.count()
        await sitting.page.keyboard.press("Escape")
        await sitting.page.locator("h1").click()
        await row.wait_for(state="detached", timeout=20_000)

        assert (kept, still) == ("盘点中", 1)
        assert await sitting.page.locator("tr", has_text=other).count() == 1
        assert sitting.complaints == []


async def test_a_whole_group_is_acknowledged_or_silenced_at_once(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        codes = await left_the_shelf(sitting, cli, "ALL")
        await sitting.open("/alerts")
        await sitting.page.locator(
            "details.drop summary", has_text=sitting.say("alerts.silence")
        ).first.click()
        await sitting.press("alerts.silence.go")
        await all_stand(cli, codes, "silenced")

        await sitting.open("/alerts/silences")
        await keep_screen(sitting, "alerts-silences")
        assert await sitting.serious_faults() == []
        await sitting.press("alerts.silence.end")
        await all_stand(cli, codes, "firing")

        await sitting.open("/alerts")
        await sitting.page.get_by_role(
            "button", name=sitting.say("alerts.ack_all", count="").split("（")[0].strip()
        ).first.click()
        await all_stand(cli, codes, "acknowledged")
        assert sitting.complaints == []


async def test_a_robot_is_added_and_its_true_answer_is_shown(sits: Sits, cli: Cli) -> None:
    robot = cli.info["dingtalk"]
    async with sits() as sitting:
        name = f"robot-{sitting.lang}-{sitting.size}"
        await sitting.open("/alerts/channels")
        if not cli.good("alerts", "channels"):
            await sitting.sees(sitting.say("channels.two_minutes"))
            await keep_screen(sitting, "alerts-channels-none")
            await sitting.press("channels.add_robot")
        else:
            await sitting.open("/alerts/channels/new?kind=dingtalk")
        await sitting.page.fill("#name", name)
        await sitting.page.fill("#field-url", robot["url"].partition("?")[0])
        await sitting.page.locator("form.sheet button").click()
        await sitting.page.locator("[aria-invalid]").wait_for()
        await sitting.page.fill("#field-url", robot["url"])
        await sitting.page.fill("#field-secret", robot["secret"])
        await sitting.page.locator("form.sheet button").click()
        await sitting.page.wait_for_url(f"**/alerts/channels/{name}")

        await sitting.press("channels.test")
        await sitting.sees(sitting.say("channels.tested.good"))
        await keep_screen(sitting, "alerts-channel")
        assert await sitting.serious_faults() == []
        assert robot["secret"] not in await sitting.page.content()
        assert cli.control("received?receiver=dingtalk")[-1]["accepted"]

        await sitting.page.locator("summary", has_text=sitting.say("channels.change")).click()
        await sitting.page.fill("#field-secret", "SECwrong")
        await sitting.press("common.save")
        await sitting.page.locator("summary", has_text=sitting.say("channels.change")).wait_for()
        await sitting.press("channels.test")
        await sitting.sees(sitting.say("channels.tested.bad"))
        await sitting.sees("310000")

        sitting.page.on("dialog", lambda question: question.accept())
        await sitting.press("channels.remove")
        await sitting.page.wait_for_url("**/alerts/channels")
        assert name not in {one["name"] for one in cli.good("alerts", "channels")}
        assert [one for one in sitting.complaints if "422" not in one] == []


@pytest.mark.parametrize("path", ["silences", "rules", "channels", "channels/new?kind=email", "deliveries"])
async def test_the_other_pages_of_alerts_open_well(sits: Sits, path: str) -> None:
    async with sits() as sitting:
        await sitting.open(f"/alerts/{path}")
        await sitting.page.locator("h1").first.wait_for()

        assert await sitting.serious_faults() == []
        assert sitting.complaints == []
        assert await sitting.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
