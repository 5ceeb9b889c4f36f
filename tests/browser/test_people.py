"""People, keys, one's own account, the audit log and the settings in a browser; and that nothing people wrote ever runs there."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pyotp
import pytest
from command_line import Cli, write_csv
from console import PASSWORD, Desk, Sits, desk, keep_screen
from playwright.async_api import Browser

from onshelf.web.console.view import MENU

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

EVIL = (
    '<img src=x onerror="window.evil=1;alert(1)"><script>window.evil=1</script>\'"><b onmouseover=alert(1)>'
)


def rows_of(cli: Cli, sql: str, *args: object) -> list[tuple[Any, ...]]:
    """Reads the database of the service's home."""
    with sqlite3.connect(f"file:{cli.home / 'onshelf.db'}?mode=ro", uri=True) as db:
        return db.execute(sql, args).fetchall()


async def well(sitting: Desk) -> None:
    """Checks that a page can be heard, fits the screen, and complained of nothing."""
    assert await sitting.serious_faults() == []
    assert sitting.complaints == []
    assert await sitting.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_somebody_is_invited_comes_in_and_is_ended(
    sits: Sits, browser: Browser, service: tuple[str, str], cli: Cli
) -> None:
    async with sits() as sitting:
        name = f"王芳-{sitting.lang}-{sitting.size}"
        await sitting.open("/people")
        await sitting.page.locator("summary.opens-title").click()
        await sitting.page.fill("#name", name)
        await sitting.press("people.invite.go")
        link = await sitting.page.locator("#link").inner_text()
        await keep_screen(sitting, "people-link")
        await well(sitting)
        async with desk(browser, service[0], lang=sitting.lang, size=sitting.size) as theirs:
            await theirs.page.goto(link)
            await theirs.page.fill("#password", PASSWORD)
            await theirs.page.fill("#again", PASSWORD)
            await theirs.press("welcome.go")
            await theirs.page.wait_for_url(lambda url: "/welcome/" not in url)
            await theirs.open("/people")
            await theirs.sees("403")
            await sitting.open("/people")
            row = sitting.page.locator("tr", has_text=name)
            await row.get_by_role("link").click()
            sitting.page.on("dialog", lambda dialog: dialog.accept())
            await keep_screen(sitting, "people-one")
            await well(sitting)
            await sitting.press("common.end")
            await sitting.sees(sitting.say("people.ended"))
            await theirs.open("/account")
            await theirs.page.wait_for_url(lambda url: "/sign-in" in url)

    assert rows_of(cli, "SELECT role, ended FROM person WHERE name = ?", name) == [("operator", 1)]


async def test_a_key_is_made_copied_and_ended(sits: Sits, cli: Cli) -> None:
    async with sits() as sitting:
        name = f"ERP-{sitting.lang}-{sitting.size}"
        await sitting.open("/people/keys")
        await sitting.page.locator("summary.opens-title").click()
        await sitting.page.fill("#name", name)
        await sitting.press("keys.new.go")
        secret = await sitting.page.locator("#secret").inner_text()
        await sitting.press("copy")
        await keep_screen(sitting, "people-keys-made")
        await well(sitting)
        sitting.page.on("dialog", lambda dialog: dialog.accept())
        row = sitting.page.locator("tr", has_text=name)
        await row.get_by_role("button").click()
        await row.get_by_text(sitting.say("keys.state.ended")).first.wait_for()

    assert re.fullmatch(r"onshelf_[0-9a-f]{12}_[0-9a-f]{64}", secret)
    assert rows_of(cli, "SELECT role, ended FROM api_key WHERE name = ?", name) == [("viewer", 1)]


async def test_the_second_factor_is_turned_on_by_the_picture_and_asked_for(
    sits: Sits, browser: Browser, service: tuple[str, str], cli: Cli
) -> None:
    async with sits() as sitting:
        name = f"两步-{sitting.lang}-{sitting.size}"
        await sitting.open("/people")
        await sitting.page.locator("summary.opens-title").click()
        await sitting.page.fill("#name", name)
        await sitting.press("people.invite.go")
        link = await sitting.page.locator("#link").inner_text()
        lang, size = sitting.lang, sitting.size
    async with desk(browser, service[0], lang=lang, size=size) as theirs:
        await theirs.page.goto(link)
        await theirs.page.fill("#password", PASSWORD)
        await theirs.page.fill("#again", PASSWORD)
        await theirs.press("welcome.go")
        await theirs.page.wait_for_url(lambda url: "/welcome/" not in url)
        await theirs.open("/account")
        await well(theirs)
        await theirs.press("account.second.add")
        secret = (await theirs.page.locator("main code").inner_text()).replace(" ", "")
        await theirs.page.locator("svg.qr").wait_for()
        await keep_screen(theirs, "account-totp")
        await well(theirs)
        await theirs.page.fill("#code", pyotp.TOTP(secret).now())
        await theirs.press("account.code.go")
        await theirs.sees(theirs.say("account.codes.done"))
        paper = await theirs.page.locator("#codes code").all_inner_texts()
        await well(theirs)
        await theirs.press("account.codes.kept")
        await theirs.page.locator("summary", has_text=name).click()
        await theirs.press("sign_out")
        await theirs.page.wait_for_url(lambda url: "/sign-in" in url)
        await theirs.page.fill("#name", name)
        await theirs.page.fill("#password", PASSWORD)
        await theirs.press("sign_in")
        await theirs.page.fill("#code", paper[0])
        await keep_screen(theirs, "sign-in-code")
        await well(theirs)
        await theirs.press("sign_in")
        await theirs.page.wait_for_url(lambda url: "/sign-in" not in url)
        await theirs.open("/account")
        await theirs.sees("9")

    assert len(paper) == 10
    assert rows_of(cli, "SELECT length(totp) > 40 FROM person WHERE name = ?", name) == [(1,)]


async def test_the_log_says_that_it_is_whole_and_is_filtered(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/audit")
        await sitting.press("audit.verify")
        await sitting.sees(sitting.say("audit.verify.whole"))
        await sitting.page.select_option("#action", label=sitting.say("act.person.signed_in"))
        await sitting.press("filter")
        await sitting.page.locator("tbody tr").first.wait_for()
        await keep_screen(sitting, "audit-filtered")
        await well(sitting)
        words = await sitting.page.locator("tbody tr td:nth-child(3)").all_inner_texts()

    assert {word.strip() for word in words} == {sitting.say("act.person.signed_in")}


async def test_a_row_changed_behind_our_back_is_shown_with_what_it_says_now(sits: Sits, cli: Cli) -> None:
    def forge(old: str, new: str) -> None:
        with sqlite3.connect(cli.home / "onshelf.db", timeout=20) as db:
            db.execute(
                "UPDATE audit SET subject = ? WHERE action = 'person.joined' AND subject = ?", (new, old)
            )

    async with sits() as sitting:
        await sitting.open("/audit?action=person.joined")
        joined = (await sitting.page.locator("tbody tr td:nth-child(4)").last.inner_text()).strip()
        forge(joined, "somebody else")
        try:
            await sitting.press("audit.verify")
            await sitting.page.locator("#verified", has_text=sitting.say("audit.flaw.changed")).wait_for()
            told = await sitting.page.locator("#verified tbody tr").first.inner_text()
            await keep_screen(sitting, "audit-broken")
            await well(sitting)
        finally:
            forge("somebody else", joined)

    assert "somebody else" in told
    assert sitting.say("act.person.joined") in told


async def test_nothing_people_wrote_runs_on_any_page(
    sits: Sits, browser: Browser, service: tuple[str, str], cli: Cli, tmp_path: Path
) -> None:
    """Titles, descriptions and names that are scripts: no dialog, no breach of the policy, nothing set by them."""
    file = write_csv(
        tmp_path / "evil.csv",
        [("EV-1", "杯<img src=x onerror=alert(1)>", "", "9.90", 5, EVIL), ("EV-2", EVIL, EVIL, EVIL, 5, "")],
        header=("商家编码", "标题", "类目", "价格", "库存", "描述"),
    )
    cli.run("import", file, "--shop", "shop-a")
    async with sits() as sitting:
        sitting.page.on("dialog", lambda dialog: sitting.complaints.append(f"dialog {dialog.message}"))
        await sitting.open("/people/keys")
        await sitting.page.locator("summary.opens-title").click()
        await sitting.page.fill("#name", f"{EVIL[:50]} {sitting.lang}-{sitting.size}")
        await sitting.press("keys.new.go")
        await sitting.page.locator("#secret").wait_for()
        paths = [entry.path for entry in MENU]
        paths += ["/people/keys", "/shops/shop-a/products", "/shops/shop-a/product?code=EV-1"]
        paths += ["/shops/shop-a/imports", "/account"]
        for path in paths:
            await sitting.open(path)
            await sitting.page.locator("h1").first.wait_for()
            assert await sitting.page.evaluate("window.evil") is None, path
            assert sitting.complaints == [], path
