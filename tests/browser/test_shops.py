"""Shops, quota and promotion calendar at the console: from the first click to what the command line then tells."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from command_line import Cli
from console import Desk, Sits, desk, keep_screen
from playwright.async_api import Browser, Route, expect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
APP = "12345678"


def of(cli: Cli, name: str) -> dict[str, Any] | None:
    """Returns a shop as the command line lists it."""
    return next((one for one in cli.good("shop", "list") if one["shop"] == name), None)


async def visits_platform(sitting: Desk, cli: Cli) -> None:
    """Lets this page go to the platform's own, which is elsewhere."""

    async def through(route: Route) -> None:
        await route.continue_()

    await sitting.page.route(f"{str(cli.info['gateway']).removesuffix('/router/rest')}/**", through)


async def agree(sitting: Desk, nick: str) -> None:
    """Clicks as the seller on the platform's page; an empty nick refuses."""
    await sitting.page.locator(f'button[name="nick"][value="{nick}"]').click()


def answer_questions(sitting: Desk) -> list[str]:
    """Says yes to every question; returns what was asked."""
    asked: list[str] = []

    async def yes(dialog: Any) -> None:
        asked.append(dialog.message)
        await dialog.accept()

    sitting.page.on("dialog", yes)
    return asked


async def test_a_shop_is_added_and_authorised_by_two_forms_and_a_click_at_the_platform(
    sits: Sits, cli: Cli
) -> None:
    async with sits() as sitting:
        name = f"新店{sitting.lang}{sitting.size}"
        await visits_platform(sitting, cli)
        await sitting.open("/shops")
        await sitting.press("shops.add")
        await sitting.page.fill("#name", name)
        await sitting.page.fill("#app_key", APP)
        await sitting.page.get_by_text(sitting.say("shop_form.more")).click()
        await sitting.page.fill("#gateway", cli.info["gateway"])
        await sitting.page.fill("#oauth", cli.info["oauth"])
        await keep_screen(sitting, "shop-new")
        await sitting.press("shop_form.add")
        await sitting.press("shops.authorise")
        await agree(sitting, str(cli.info["seller_nick"]))
        await sitting.sees(sitting.say("shops.told.authorised", shop=name))
        await keep_screen(sitting, "shop")
        faults, complaints = await sitting.serious_faults(), sitting.complaints

    listed = of(cli, name)
    assert listed is not None
    assert (listed["state"], listed["nick"]) == ("authorised", cli.info["seller_nick"])
    assert listed["authorisation"]["ends"]
    assert (faults, complaints) == ([], [])


async def test_a_seller_elsewhere_agrees_by_a_link_without_signing_in_here(
    sits: Sits, cli: Cli, browser: Browser, service: tuple[str, str]
) -> None:
    async with sits() as sitting:
        name = f"寄出{sitting.lang}{sitting.size}"
        cli.add_shop(name)
        await sitting.open(f"/shops/{name}")
        await sitting.press("shops.link_for")
        link = await sitting.page.locator("#link-text").input_value()
        async with desk(browser, service[0], lang=sitting.lang) as seller:
            await visits_platform(seller, cli)
            await seller.page.goto(link)
            await agree(seller, str(cli.info["seller_nick"]))
            await seller.sees(seller.say("shop_consent.done.then"))
            again = await seller.page.goto(link)
            await agree(seller, str(cli.info["seller_nick"]))
            await seller.sees(seller.say("shop_consent.not_ours.then"))

    listed = of(cli, name)
    assert again is not None
    assert listed is not None
    assert listed["authorisation"]["ends"]


async def test_ones_own_link_is_of_no_use_to_another(
    sits: Sits, cli: Cli, browser: Browser, service: tuple[str, str]
) -> None:
    async with sits() as sitting:
        name = f"本人{sitting.lang}{sitting.size}"
        cli.add_shop(name)
        await sitting.open(f"/shops/{name}")
        async with sitting.page.expect_response(lambda reply: reply.url.endswith("/authorise")) as answered:
            await visits_platform(sitting, cli)
            await sitting.press("shops.authorise")
        link = (await (await answered.value).all_headers())["hx-redirect"]
        async with desk(browser, service[0], lang=sitting.lang) as stranger:
            await visits_platform(stranger, cli)
            await stranger.page.goto(link)
            await agree(stranger, str(cli.info["seller_nick"]))
            await stranger.sees(stranger.say("shop_consent.not_you.then"))

    listed = of(cli, name)
    assert listed is not None
    assert listed["authorisation"]["ends"] is None  # still the session of its file


async def test_a_seller_who_refuses_changes_nothing_and_is_told(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        before = of(cli, "shop-a")
        await visits_platform(sitting, cli)
        await sitting.open("/shops/shop-a")
        await sitting.press("shops.authorise")
        await agree(sitting, "")
        await sitting.sees(sitting.say("shop_consent.declined.then"))

    after = of(cli, "shop-a")
    assert before is not None
    assert after is not None
    assert after["authorisation"] == before["authorisation"]


async def test_a_probe_tells_at_once_what_it_found(sits: Sits, cli: Cli) -> None:
    app = {"app_key": APP, "app_secret": cli.info["app_secret"]}
    async with sits() as sitting:
        await sitting.open("/shops/shop-a")
        cli.control("apps", {**app, "denied": ["taobao.picture.get"]})
        try:
            await sitting.press("shops.probe.now")
            await sitting.page.locator("#probe .notice-bad").wait_for()
            told = await sitting.page.locator("#probe").inner_text()
        finally:
            cli.control("apps", {**app, "denied": []})
        await sitting.press("shops.probe.now")
        await expect(sitting.page.locator("#probe .notice-bad")).to_have_count(0)
        await expect(sitting.page.locator("#probe .tag-good")).to_have_count(1)

    listed = of(cli, "shop-a")
    assert "taobao.picture.get" in told
    assert listed is not None
    assert listed["probe"]["well"] is True


async def test_a_pause_is_asked_for_and_ends_the_same_way(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        name = f"停{sitting.lang}{sitting.size}"
        cli.add_shop(name)
        asked = answer_questions(sitting)
        await sitting.open(f"/shops/{name}")
        await sitting.press("shops.pause")
        await sitting.sees(sitting.say("shop_state.paused"))
        paused = of(cli, name)
        await sitting.press("shops.resume")
        await sitting.page.get_by_role("button", name=sitting.say("shops.pause"), exact=True).wait_for()

    resumed = of(cli, name)
    assert paused is not None
    assert resumed is not None
    assert (paused["state"], resumed["state"]) == ("paused", "authorised")
    assert [name in one for one in asked] == [True, True]


async def test_a_shop_is_removed_by_typing_its_name(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        name = f"旧{sitting.lang}{sitting.size}"
        cli.add_shop(name)
        await sitting.open(f"/shops/{name}/remove")
        await sitting.page.fill("#name", "别的")
        await sitting.press("shop_remove")
        await sitting.sees(sitting.say("shop_remove.wrong"))
        await keep_screen(sitting, "shop-remove")
        still = of(cli, name)
        await sitting.page.fill("#name", name)
        await sitting.press("shop_remove")
        await sitting.page.wait_for_url("**/shops")

    assert still is not None
    assert of(cli, name) is None


async def test_what_cannot_be_is_said_beside_its_field_and_no_secret_comes_back(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/shop-new")
        await sitting.page.fill("#name", "-x")
        await sitting.page.fill("#app_key", APP)
        await sitting.page.fill("#app_secret", "never-shown-again")
        await sitting.press("shop_form.add")
        await sitting.sees(sitting.say("shop_form.wrong.name"))
        content = await sitting.page.content()
        secret = await sitting.page.locator("#app_secret").input_value()

    assert "never-shown-again" not in content
    assert secret == ""


async def test_a_closure_put_on_the_calendar_stands_there_and_holds(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        name = f"大促{sitting.lang}{sitting.size}"
        day = (datetime.now() + timedelta(days=40)).strftime("%Y-%m-%d")  # noqa: DTZ005 - any day to come
        asked = answer_questions(sitting)
        await sitting.open("/calendar")
        await sitting.page.fill("#name", name)
        await sitting.page.fill("#begins", f"{day}T00:00")
        await sitting.page.fill("#ends", f"{day}T02:00")
        await sitting.page.get_by_label(sitting.say("calendar.group.2"), exact=True).check()
        await sitting.press("calendar.add.go")
        await sitting.page.locator(".month .mark-bad", has_text=name).wait_for()
        await keep_screen(sitting, "calendar")
        faults = await sitting.serious_faults()
        put = next(one for one in cli.good("quota", "calendar") if one["name"] == name)
        row = sitting.page.get_by_role("row").filter(has_text=name).last
        await row.get_by_role("button", name=sitting.say("calendar.remove")).click()
        await expect(sitting.page.get_by_text(name)).to_have_count(0)
        complaints = sitting.complaints

    assert put["methods"] == ["taobao.item.*"]
    assert (datetime.fromisoformat(put["to"]) - datetime.fromisoformat(put["from"])) == timedelta(hours=2)
    assert all(one["name"] != name for one in cli.good("quota", "calendar"))
    assert len(asked) == 1
    assert (faults, complaints) == ([], [])


async def test_a_limit_told_at_the_quota_holds_and_is_forgotten_again(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        answer_questions(sitting)
        await sitting.open(f"/quota/{APP}")
        await sitting.page.fill("#calls", "20,000")
        await sitting.press("quota.tell.go")
        tag = sitting.page.locator(".tag", has_text=sitting.say("quota.origin.told"))
        await tag.wait_for()
        told = cli.good("quota")
        await keep_screen(sitting, "quota")
        faults = await sitting.serious_faults()
        await sitting.press("quota.forget")
        await expect(tag).to_have_count(0)
        complaints = sitting.complaints

    assert {one["per_day"] for one in told} == {20_000}
    assert {one["per_day"] for one in cli.good("quota")} == {None}  # this environment's setting
    assert (faults, complaints) == ([], [])
