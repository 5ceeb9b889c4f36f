"""The page of the shelf, as a browser without script gets it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio
from service import Browser, Service
from shelf_items import item, keep, sold_out, unauthorise

from onshelf.catalog.item import Reason, State
from onshelf.guard.roles import Role
from onshelf.ids import ShopId
from onshelf.shops.shop import ShopState


@pytest_asyncio.fixture
async def lin(service: Service) -> AsyncIterator[Browser]:
    async with service.browser() as browser:
        yield browser


async def test_the_shelf_shows_its_tabs_with_counts_and_its_rows(service: Service, lin: Browser) -> None:
    await keep(service, item(1), item(2), item(3, title="<b>牛仔裤</b>"))
    await sold_out(service, item(2))

    page = (await lin.get("/shelf")).text
    gone = (await lin.get("/shelf?shop=shop-a&state=instock&cause=sold_out")).text

    assert "&lt;b&gt;牛仔裤&lt;/b&gt;" in page
    assert '在架 <span class="tab-count">2</span>' in page
    assert "A-2" in gone
    assert "A-1" not in gone
    assert "售罄" in gone


async def test_words_that_were_not_found_yet_are_looked_for_further(service: Service, lin: Browser) -> None:
    await keep(service, *(item(number) for number in range(1, 120)))

    page = (await lin.get("/shelf?shop=shop-a&words=%E6%98%A5")).text
    rows = (await lin.get("/shelf/rows?shop=shop-a&code=A-11")).text

    assert "显示更多" in page
    assert rows.count("<tr>") == 11
    assert "<html" not in rows


async def test_an_item_page_tells_its_life_and_leads_to_the_platform(service: Service, lin: Browser) -> None:
    await keep(service, item(1))
    await sold_out(service, item(1))

    page = (await lin.get("/shelf/shop-a/1")).text

    assert "在架 → 仓库中（售罄）" in page
    assert "用时 2.5 秒" in page
    assert 'href="http://127.0.0.1:9/item.htm?id=1"' in page
    assert (await lin.get("/shelf/shop-a/7")).status == 404


async def test_an_order_is_asked_before_it_is_given(service: Service, lin: Browser) -> None:
    await keep(service, item(1, state=State.INSTOCK, reason=Reason.TAKEN_OFF), item(2))
    form = {"do": "list", "items": "1"}

    asked = await lin.post("/shelf/shop-a/ask", {**form}, page="/shelf")
    before = await service.app.db.fetch("SELECT 1 FROM job")
    given = await lin.post("/shelf/shop-a/order", form, page="/shelf")

    assert "把 1 个宝贝上架？" in asked.text
    assert before == []
    ((job_id, by),) = await service.app.db.fetch("SELECT job_id, started_by FROM job")
    assert (given.status, given.headers["location"], by) == (303, f"/jobs/{job_id!s}", "person:lin")


async def test_all_that_match_are_ordered_once_their_number_is_confirmed(
    service: Service, lin: Browser
) -> None:
    await keep(service, *(item(number, state=State.INSTOCK) for number in range(1, 61)), item(61))
    await keep(service, item(62, outer_id="", state=State.INSTOCK))
    form = {"do": "list", "state": "instock"}

    asked = (await lin.post("/shelf/shop-a/ask-all", form, page="/shelf")).text
    late = await lin.post("/shelf/shop-a/order-all", {**form, "count": "59"}, page="/shelf")
    before = await service.app.db.fetch("SELECT 1 FROM job")
    given = await lin.post("/shelf/shop-a/order-all", {**form, "count": "60"}, page="/shelf")

    assert "把 60 个宝贝上架？" in asked
    assert "以及另外 40 个。" in asked
    assert "没有商家编码" in asked
    assert (late.status, before) == (409, [])
    assert "数量已经变了" in late.text
    ((job_id,),) = await service.app.db.fetch("SELECT job_id FROM job")
    assert (given.status, given.headers["location"]) == (303, f"/jobs/{job_id!s}")
    assert await service.app.db.fetch("SELECT COUNT(*) FROM job_line") == [(60,)]


async def test_an_item_that_cannot_be_is_told_with_a_remedy(service: Service, lin: Browser) -> None:
    await keep(service, item(1, outer_id="", state=State.INSTOCK))

    asked = await lin.post("/shelf/shop-a/ask", {"do": "list", "items": "1"}, page="/shelf")

    assert "没有可以操作的宝贝" in asked.text
    assert "请到千牛工作台填写商家编码" in asked.text


async def test_a_filter_is_kept_under_a_name_and_forgotten(service: Service, lin: Browser) -> None:
    fields = {"shop": "shop-a", "state": "instock", "cause": "sold_out", "name": "售罄的"}

    kept = await lin.post("/shelf/filters", fields, page="/shelf")
    shown = (await lin.get("/shelf")).text
    await lin.post("/shelf/filters/drop", {"name": "售罄的"}, page="/shelf")

    assert kept.headers["location"] == "/shelf?shop=shop-a&state=instock&cause=sold_out"
    assert "售罄的" in shown
    assert "售罄的" not in (await lin.get("/shelf")).text


@pytest.mark.parametrize("doing", ["list", "delist"])
async def test_an_order_without_a_tick_leads_back_to_the_shelf_as_it_was(
    service: Service, lin: Browser, doing: str
) -> None:
    await keep(service, item(1))
    form = {"do": doing, "shop": "shop-a", "state": "onsale", "words": "春"}

    back = await lin.post("/shelf/shop-a/ask", form, page="/shelf")
    shelf = (await lin.get(back.headers["location"])).text
    ordered = await lin.post("/shelf/shop-a/order", form, page="/shelf")

    assert back.status == 303
    assert "请先勾选宝贝" in shelf
    assert 'value="春"' in shelf
    assert (ordered.status, ordered.headers["location"]) == (
        303,
        "/shelf?shop=shop-a&state=onsale&words=%E6%98%A5",
    )
    assert "请先勾选宝贝" not in (await lin.get("/shelf?shop=shop-a")).text


async def test_whoever_does_not_go_on_finds_the_filter_and_the_ticks_again(
    service: Service, lin: Browser
) -> None:
    await keep(service, item(1), item(2), item(3))
    form = [("do", "delist"), ("shop", "shop-a"), ("words", "春"), ("items", "1"), ("items", "3")]

    page = aiohttp.FormData([*form, ("csrf", await lin.csrf("/shelf"))])
    asked = (await service.ask("POST", "/shelf/shop-a/ask", http=lin.http, data=page)).text
    back = re.search(r'class="button" href="(/shelf[^"]*)"', asked)
    assert back is not None
    shelf = (await lin.get(back[1].replace("&amp;", "&"))).text

    assert re.findall(r'value="(\d+)"[^>]* checked', shelf) == ["3", "1"]
    assert 'name="words" type="search" value="春"' in shelf
    assert '<input type="hidden" name="words" value="春">' in asked


async def test_a_filter_forgotten_leaves_the_page_as_it_was_asked_for(service: Service, lin: Browser) -> None:
    await service.add_shop("another")
    await lin.post("/shelf/filters", {"shop": "shop-a", "state": "instock", "name": "仓库"}, page="/shelf")

    page = (await lin.get("/shelf?shop=shop-a&words=x")).text
    form = page.partition('action="/shelf/filters/drop"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    gone = await lin.post("/shelf/filters/drop", fields, page="/shelf")

    assert gone.headers["location"] == "/shelf?shop=shop-a&words=x"


async def test_the_shelf_begins_with_a_shop_that_is_authorised(service: Service, lin: Browser) -> None:
    await service.add_shop("a-new-one")
    await unauthorise(service, "a-new-one")
    await keep(service, item(1))

    page = (await lin.get("/shelf")).text

    assert '<option value="shop-a" selected>' in page
    assert "A-1" in page


async def test_a_shop_without_consent_says_so_and_leads_to_it(service: Service, lin: Browser) -> None:
    await service.add_shop("new")
    await unauthorise(service, "new")
    await service.add_shop("ended")
    await service.app.db.commit([service.app.shops.set_state(ShopId("ended"), ShopState.EXPIRED)])

    new, ended = [(await lin.get(f"/shelf?shop={shop}")).text for shop in ("new", "ended")]
    await keep(service, replace(item(1), shop_id="ended"))
    seen_before = (await lin.get("/shelf?shop=ended")).text
    fine = (await lin.get("/shelf?shop=shop-a")).text

    for page, words, shop in [
        (new, "店铺还没有授权", "new"),
        (ended, "授权已失效", "ended"),
        (seen_before, "授权已失效", "ended"),
    ]:
        assert words in page
        assert f'<a class="button button-main" href="/shops/{shop}">去授权</a>' in page
        assert "onshelf up" not in page
    assert "A-1" in seen_before
    assert "onshelf up" in fine


async def test_a_viewer_sees_no_button_and_may_not_order(service: Service) -> None:
    await keep(service, item(1, state=State.INSTOCK))
    async with service.browser("wang", Role.VIEWER) as wang:
        page = (await wang.get("/shelf")).text
        refused = await wang.post("/shelf/shop-a/order", {"do": "list", "items": "1"}, page="/shelf")

    assert 'type="checkbox"' not in page
    assert refused.status == 403


async def test_somebody_elses_shop_is_not_there(service: Service) -> None:
    await service.add_shop("shop-b")
    async with service.browser("wang", shops=("shop-b",)) as wang:
        own = await wang.get("/shelf")
        foreign = await wang.get("/shelf?shop=shop-a")
        item_page = await wang.get("/shelf/shop-a/1")
        order = await wang.post("/shelf/shop-a/order", {"do": "list", "items": "1"}, page="/shelf")

    assert own.status == 200
    assert [foreign.status, item_page.status, order.status] == [404, 404, 404]
