"""The products' pages in a browser: from the first click to what stands in the database afterwards."""

import sqlite3
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, write_csv
from console import Desk, Sits, comes_true, keep_screen
from PIL import Image
from playwright.async_api import FilePayload

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

SHOP = "/shops/shop-a"
HEADER = ("货号", "品名", "供货价", "可用数量", "成色")


def rows_of(cli: Cli, sql: str, *args: object) -> list[tuple[Any, ...]]:
    """Reads the database of the service's home."""
    with sqlite3.connect(f"file:{cli.home / 'onshelf.db'}?mode=ro", uri=True) as db:
        return db.execute(sql, args).fetchall()


def product(cli: Cli, code: str) -> dict[str, Any]:
    """Returns a product as it is kept; empty when there is none."""
    names = ("title", "price", "stock", "category_id", "held")
    found = rows_of(cli, f"SELECT {', '.join(names)} FROM product WHERE outer_id = ?", code)
    return dict(zip(names, found[0], strict=True)) if found else {}


def prefix_of(desk: Desk, name: str) -> str:
    return f"{name}-{desk.lang}-{desk.size}"


def brought_in(cli: Cli, tmp_path: Path, prefix: str, count: int = 3) -> None:
    """Brings products in by the command line."""
    rows = [(f"{prefix}-{n}", f"{prefix}号宽松T恤薄款", "", f"{39 + n}.90", 10 + n, "") for n in range(count)]
    assert cli.run("import", write_csv(tmp_path / "own.csv", rows), "--shop", "shop-a").code == 0


async def upload(
    desk: Desk,
    tmp_path: Path,
    rows: Sequence[Sequence[object]],
    name: str = "supplier.csv",
    header: Sequence[str] = HEADER,
) -> None:
    """Chooses a file on the page of imports, and waits for the next thing to do: to say what its columns are, or to mend."""
    await desk.open(f"{SHOP}/imports")
    await desk.page.set_input_files("#file", write_csv(tmp_path / name, rows, header=header))
    await desk.page.locator("select[name=field], #import-figures").first.wait_for()


async def checked(desk: Desk, tmp_path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Uploads a file and has it checked, its columns as they are proposed or were chosen before."""
    await upload(desk, tmp_path, rows)
    if await desk.page.locator("select[name=field]").count():
        await desk.press("imports.columns.go")
    await desk.page.locator("#import-figures").wait_for()


async def well(desk: Desk) -> None:
    """Checks that a page can be heard, fits the screen, and complained of nothing."""
    assert await desk.serious_faults() == []
    assert desk.complaints == []
    assert await desk.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_a_price_changed_in_the_grid_is_kept(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    async with sits() as sitting:
        code = f"{prefix_of(sitting, 'GP')}-0"
        brought_in(cli, tmp_path, prefix_of(sitting, "GP"))
        await sitting.open(f"{SHOP}/products?q={code}")
        cell = sitting.page.locator("td.cell input[inputmode=decimal]")
        await cell.fill("45.5")
        await cell.press("Tab")
        await sitting.sees(sitting.say("products.saved"))
        await keep_screen(sitting, "products-grid")

        await well(sitting)
        assert await cell.input_value() == "45.50"
    assert product(cli, code)["price"] == "45.50"


async def test_the_grid_is_worked_without_a_mouse(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    async with sits() as sitting:
        prefix = prefix_of(sitting, "GK")
        brought_in(cli, tmp_path, prefix)
        await sitting.open(f"{SHOP}/products?q={prefix}")
        prices = sitting.page.locator("td.cell input[inputmode=decimal]")
        await prices.nth(0).focus()
        await prices.nth(0).fill("51")
        await sitting.page.keyboard.press("Enter")
        await sitting.page.keyboard.type("52")
        await sitting.page.keyboard.press("Enter")
        await sitting.page.keyboard.type("99")
        await sitting.page.keyboard.press("Escape")
        given_back = await prices.nth(2).input_value()
        await sitting.page.locator(".cell-saved").nth(1).wait_for()
        await sitting.page.keyboard.press("ArrowUp")
        focused = await prices.nth(1).evaluate("one => one === document.activeElement")
        await well(sitting)

    assert (given_back, focused) == ("41.90", True)
    assert [product(cli, f"{prefix}-{n}")["price"] for n in range(3)] == ["51.00", "52.00", "41.90"]


async def test_a_column_copied_from_a_workbook_is_pasted_down(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    async with sits() as sitting:
        prefix = prefix_of(sitting, "GW")
        brought_in(cli, tmp_path, prefix)
        await sitting.open(f"{SHOP}/products?q={prefix}")
        await (
            sitting.page.locator("td.cell input[inputmode=decimal]")
            .nth(1)
            .evaluate(
                """cell => {
                cell.focus();
                const copied = new DataTransfer();
                copied.setData("text/plain", "61\\t7\\r\\n62\\t很多\\r\\n63\\t9\\r\\n");
                cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: copied, bubbles: true, cancelable: true}));
            }"""
            )
        )
        await sitting.page.locator(".cell-saved").nth(2).wait_for()
        await sitting.page.locator(".cell-fault").wait_for()
        told = await sitting.page.locator(".toast").inner_text()
        kept = (
            await sitting.page.locator("td.cell input[inputmode=decimal]")
            .nth(1)
            .evaluate("one => one === document.activeElement")
        )

    assert told == sitting.say("products.pasted").replace("#", "4") + sitting.say(
        "products.pasted.over"
    ).replace("#", "2")
    assert kept
    found = [(product(cli, f"{prefix}-{n}")["price"], product(cli, f"{prefix}-{n}")["stock"]) for n in (1, 2)]
    assert found == [("61.00", 7), ("62.00", 12)]


async def test_what_breaks_a_rule_is_told_in_the_cell_and_a_click_mends_it(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code = f"{prefix_of(sitting, 'GF')}-1"
        brought_in(cli, tmp_path, prefix_of(sitting, "GF"))
        await sitting.open(f"{SHOP}/products?q={code}")
        cell = sitting.page.locator("td.cell input[inputmode=numeric]")
        await cell.fill("约20件")
        await cell.press("Tab")
        await sitting.page.locator(".cell-fault").wait_for()
        await well(sitting)
        kept = product(cli, code)["stock"]
        await sitting.press("imports.change_to", value="20")
        await sitting.sees(sitting.say("products.saved"))
        await comes_true(lambda: product(cli, code)["stock"] == 20, "the suggestion is kept")

    assert kept == 11


async def test_a_cell_somebody_else_changed_meanwhile_is_not_written_over(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting, sits() as other:
        code = f"{prefix_of(sitting, 'GC')}-2"
        brought_in(cli, tmp_path, prefix_of(sitting, "GC"))
        for desk in (sitting, other):
            await desk.open(f"{SHOP}/products?q={code}")
        for desk, price, seen in ((other, "50", ".cell-saved"), (sitting, "60", ".cell-fault")):
            cell = desk.page.locator("td.cell input[inputmode=decimal]")
            await cell.fill(price)
            await cell.press("Tab")
            await desk.page.locator(seen).wait_for()

    assert product(cli, code)["price"] == "50.00"


async def test_a_cell_that_did_not_arrive_says_so_and_is_sent_again_when_it_is_left(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        prefix, page = prefix_of(sitting, "GU"), sitting.page
        brought_in(cli, tmp_path, prefix, 2)
        await sitting.open(f"{SHOP}/products?q={prefix}")
        cells = page.locator("td.cell input[inputmode=decimal]")
        await page.context.set_offline(True)
        await cells.nth(0).fill("77")
        await cells.nth(0).press("Enter")
        await page.locator(".toast", has_text=sitting.say("offline")).wait_for()
        await page.locator(".cell-fault", has_text=sitting.say("products.unsaved")).wait_for()
        await keep_screen(sitting, "products-unsaved")
        marked = await cells.nth(0).get_attribute("aria-invalid")
        faults = await sitting.serious_faults()
        kept = product(cli, f"{prefix}-0")["price"]
        await page.context.set_offline(False)
        await cells.nth(0).focus()
        await page.keyboard.press("Tab")
        await page.locator(".cell-saved").wait_for()
        left = await page.locator(".cell-fault").count()

    assert (marked, kept, left, faults) == ("true", "39.90", 0, [])
    assert product(cli, f"{prefix}-0")["price"] == "77.00"


async def test_columns_are_proposed_chosen_and_not_asked_for_again(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code = prefix_of(sitting, "CM")
        header = (*HEADER, f"备注{code}")
        await upload(sitting, tmp_path, [(code, "宽松T恤薄款透气", "39.9", 5, "全新", "")], header=header)
        await keep_screen(sitting, "products-import-columns")
        proposed = await sitting.page.locator("select[name=field]").evaluate_all(
            "all => all.map(one => one.value)"
        )
        await well(sitting)
        await sitting.press("imports.columns.go")
        await sitting.press("imports.bring_in", good="1")
        await sitting.sees(sitting.say("imports.publish"))
        await well(sitting)
        await upload(sitting, tmp_path, [(code, "宽松T恤薄款透气", "49.9", 6, "全新", "")], header=header)
        await sitting.sees(sitting.say("imports.did.known"))
        await sitting.press("imports.remap")
        await sitting.sees(sitting.say("imports.column.how.chosen"))
        kept = product(cli, code)
        await sitting.press("imports.columns.go")
        await sitting.press("imports.bring_in", good="1")
        await sitting.sees(sitting.say("imports.publish"))

    assert proposed == ["outer_id", "title", "price", "stock", "condition", ""]
    assert (kept["price"], kept["stock"]) == ("39.90", 5)
    assert (product(cli, code)["price"], product(cli, code)["stock"]) == ("49.90", 6)


async def test_missing_pictures_are_sent_from_the_page_that_misses_them(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code, page = prefix_of(sitting, "PM"), sitting.page
        names = [f"{code}-{n}.jpg" for n in range(45)]
        drawn = BytesIO()
        Image.new("RGB", (800, 800), "teal").save(drawn, "JPEG")
        header = ("商家编码", "标题", "价格", "库存", "图片")
        rows = [(f"{code}-{n}", f"宽松T恤薄款{n}号", "39.9", 5, name) for n, name in enumerate(names)]
        await upload(sitting, tmp_path, rows, header=header)
        if await page.locator("select[name=field]").count():
            await sitting.press("imports.columns.go")
        await page.locator("form[data-pictures]").wait_for()
        await keep_screen(sitting, "import-pictures")
        await well(sitting)
        sent: list[FilePayload] = [
            {"name": name, "mimeType": "image/jpeg", "buffer": drawn.getvalue()} for name in names
        ]
        await page.set_input_files("#pictures", sent)
        await sitting.sees(sitting.say("imports.pictures.kept", count=45))
        lines = await page.locator("#told .notice").count()
        await sitting.press("imports.check_again")
        await sitting.sees(sitting.say("imports.did.checked"))
        await sitting.press("imports.bring_in", good="45")
        await sitting.sees(sitting.say("imports.done", good="45"))

    assert lines == 1
    assert product(cli, f"{code}-44")["held"] == 0


async def test_what_was_accepted_is_listed_and_taken_back(sits: Sits, tmp_path: Path) -> None:
    async with sits() as sitting:
        code = prefix_of(sitting, "UD")
        sitting.page.on("dialog", lambda dialog: dialog.accept())
        rows = [
            (f"{code}-0", "宽松T恤薄款透气一", "约39元", 5, "全新"),
            (f"{code}-1", "宽松T恤薄款透气二", "39.9", "约5件", "全新"),
        ]
        await checked(sitting, tmp_path, rows)
        await sitting.press("imports.accept_every")
        await sitting.sees(sitting.say("imports.did.accepted", count=2))
        await sitting.press("imports.changes.see")
        await sitting.sees("约39元")
        await keep_screen(sitting, "products-import-changes")
        await well(sitting)
        await sitting.page.get_by_role("button", name=sitting.say("imports.restore.one", row=2)).click()
        await sitting.sees(sitting.say("imports.did.restored"))
        after_one = await sitting.page.locator("article").all_inner_texts()
        await sitting.press("imports.changes.see")
        await sitting.press("imports.restore_all")
        await sitting.sees(sitting.say("imports.did.restored"))
        after_all = await sitting.page.locator("article").count()

    assert len(after_one) == 1
    assert f"{code}-0" in after_one[0]
    assert after_all == 2


async def test_a_file_dropped_on_the_page_is_taken(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open(f"{SHOP}/imports")
        await sitting.page.locator("form[data-upload]").wait_for()
        await sitting.page.evaluate(
            """() => {
                const given = new DataTransfer();
                given.items.add(new File(["商家编码,标题,价格,库存\\nDROP-1,宽松T恤薄款透气,39.9,5\\n"], "dropped.csv"));
                const drop = (name) => document.querySelector("form[data-upload]").dispatchEvent(
                    new DragEvent(name, {dataTransfer: given, bubbles: true, cancelable: true}));
                drop("dragover");
                drop("drop");
            }"""
        )
        await sitting.sees("dropped.csv")
        await sitting.page.locator("select[name=field]").first.wait_for()

        assert sitting.complaints == []


async def test_a_file_nobody_can_read_is_refused_with_what_to_do(sits: Sits, tmp_path: Path) -> None:
    async with sits() as sitting:
        await sitting.open(f"{SHOP}/imports")
        broken = tmp_path / "old.xls"
        broken.write_bytes(b"\xd0\xcf\x11\xe0")
        await sitting.page.set_input_files("#file", broken)
        await sitting.page.locator("#told .notice-bad").wait_for()

        assert ".xlsx" in await sitting.page.locator("#told").inner_text()


async def test_a_fault_is_mended_where_it_stands_and_the_same_one_everywhere(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code = prefix_of(sitting, "MF")
        rows = [
            (f"{code}-0", "宽松T恤薄款透气一", "面议", 5, "全新"),
            *((f"{code}-{n}", f"宽松T恤薄款透气{n}号", "39.9", 5, "九九新") for n in (1, 2, 3)),
            (f"{code}-4", "宽松T恤薄款透气四", "约49元", 5, "全新"),
        ]
        await checked(sitting, tmp_path, rows)
        await well(sitting)
        await sitting.press("imports.change_to", value="49")
        await sitting.page.locator(".mended").wait_for()
        first = sitting.page.locator("article", has_text=f"{code}-0")
        await first.locator("input[name=value]").fill("0")
        await first.locator("input[name=value]").press("Enter")
        await first.get_by_text("100000000").first.wait_for()
        await first.locator("input[name=value]").fill("59")
        await first.locator("input[name=value]").press("Enter")
        await sitting.page.locator("#row-2.mended").wait_for()
        odd = sitting.page.locator("article", has_text=f"{code}-1")
        await odd.locator("input[name=value]").fill("二手")
        await odd.get_by_role("button", name=sitting.say("imports.mend.all")).click()
        await sitting.sees(sitting.say("imports.did.written", count=3))
        await keep_screen(sitting, "products-import-mended")
        await sitting.press("imports.bring_in", good="5")
        await sitting.sees(sitting.say("imports.publish"))

    assert [product(cli, f"{code}-{n}")["price"] for n in range(5)] == [
        "59.00",
        "39.90",
        "39.90",
        "39.90",
        "49.00",
    ]


async def test_faulty_rows_come_back_as_a_workbook_and_in_again(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    async with sits() as sitting:
        code = prefix_of(sitting, "WB")
        await checked(sitting, tmp_path, [(code, "宽松T恤薄款透气", "面议", 5, "全新")])
        async with sitting.page.expect_download() as coming:
            await sitting.press("imports.workbook")
        workbook = tmp_path / "again.xlsx"
        await (await coming.value).save_as(workbook)
        await sitting.open(f"{SHOP}/imports")
        # its columns are known: it is of the kind of its file
        await sitting.page.set_input_files("#file", workbook)
        await sitting.page.locator("article").first.wait_for()

        assert sitting.complaints == []
        assert code in await sitting.page.locator("article").first.inner_text()


async def test_a_profile_shows_its_prices_at_once_and_is_saved_with_before_and_after(
    sits: Sits, cli: Cli
) -> None:
    async with sits() as sitting:
        await sitting.open(f"{SHOP}/profile")
        await sitting.page.select_option("#rule", "markup")
        await sitting.page.fill("#share", "50")
        await sitting.page.fill("#cost", "80")
        await sitting.page.locator("#prices").get_by_text("¥120.00").first.wait_for()
        await keep_screen(sitting, "products-profile")
        await well(sitting)
        await sitting.page.fill("#forbidden_words", f"国家级\n{prefix_of(sitting, '禁')}")
        await sitting.press("profile.add_word")
        await sitting.page.locator("#mapping [name=word]").last.fill(prefix_of(sitting, "词"))
        await sitting.page.locator("#mapping input[type=search]").last.press_sequentially("保温杯")
        await sitting.page.locator("#mapping .picker-leaf").first.click()
        await sitting.press("profile.sales.add")
        await sitting.page.locator("#sales [name=sales_option]").last.fill(prefix_of(sitting, "色"))
        await sitting.page.locator("#sales [name=sales_property]").last.fill("1627207")
        await sitting.page.locator("#sales [name=sales_values]").last.fill("红=28326\n天蓝=3232484")
        await sitting.press("profile.save")
        await sitting.sees(sitting.say("common.saved"))
        await well(sitting)
        words = prefix_of(sitting, "词")
        prices = prefix_of(sitting, "禁")

    ((body,),) = rows_of(cli, "SELECT body FROM profile WHERE shop_id = 'shop-a'")
    told = rows_of(cli, "SELECT told FROM audit_change")
    assert f'"{words}":50006889' in body
    assert prices in body
    assert '"property_id":1627207,"values":{"红":28326,"天蓝":3232484}' in body
    assert any(prices in one for (one,) in told), "the audit log keeps what was changed"
    assert cli.run("shop", "profile", "shop-a", "--set=price_rule=", "--set=forbidden_words=").code == 0


async def test_a_product_page_changes_a_product_and_says_what_is_wrong(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code = f"{prefix_of(sitting, 'PP')}-0"
        brought_in(cli, tmp_path, prefix_of(sitting, "PP"))
        await sitting.open(f"{SHOP}/products?q={code}")
        await sitting.press_text(code)
        await sitting.page.locator("#title").fill("宽" * 40)
        await sitting.press("common.save")
        await sitting.sees(sitting.say("products.one.refused"))
        kept = product(cli, code)["title"]
        await sitting.page.locator("#title").fill("改过标题的宽松T恤")
        await sitting.press("common.save")
        await sitting.sees(sitting.say("common.saved"))
        await keep_screen(sitting, "products-one")
        assert await sitting.serious_faults() == []

    assert kept.endswith("号宽松T恤薄款")
    assert product(cli, code)["title"] == "改过标题的宽松T恤"


async def test_the_only_product_can_be_brought_in_once_it_is_mended(
    sits: Sits, cli: Cli, tmp_path: Path
) -> None:
    async with sits() as sitting:
        code = prefix_of(sitting, "OP")
        await checked(sitting, tmp_path, [(code, "宽松T恤薄款透气", "约39元", 5, "全新")])
        assert await sitting.page.locator("#outlook button").is_disabled()
        await sitting.press("imports.change_to", value="39")
        await sitting.press("imports.bring_in", good="1")
        await sitting.sees(sitting.say("imports.publish"))

    assert product(cli, code)["price"] == "39.00"
