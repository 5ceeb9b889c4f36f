"""The products' pages as a browser without script gets them: who may do what, and what is written there as it was given."""

import json
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image
from service import Answer, Browser, Service

from onshelf.catalog.imports.runs import list_runs
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import list_products, load_profile, save_profile
from onshelf.guard.roles import Role

PROFILE = Profile(category_id=50000671, province="浙江", city="杭州", pictures_optional=True, stock=5)
FILE = "商家编码,标题,价格\nA-1,宽松<b>T恤</b>薄款,39.9\nA-2,宽松卫衣薄款,约49元\n"


@pytest_asyncio.fixture
async def lin(service: Service) -> AsyncIterator[Browser]:
    await service.app.db.commit([save_profile("shop-a", PROFILE, 0)])
    async with service.browser() as browser:
        yield browser


async def upload(browser: Browser, content: str = FILE, name: str = "goods.csv") -> Answer:
    form = aiohttp.FormData()
    form.add_field("csrf", await browser.csrf("/shops/shop-a/imports"))
    form.add_field("file", content.encode(), filename=name)
    return await browser.service.ask("POST", "/shops/shop-a/imports", http=browser.http, data=form)


async def checked(browser: Browser) -> str:
    """Uploads a file and has it checked; returns where its page is."""
    place = (await upload(browser)).headers["Location"]
    assert (await browser.post(f"{place}/columns", page=place)).status == 303
    return place


async def test_a_file_goes_through_without_script(service: Service, lin: Browser) -> None:
    place = await checked(lin)
    page = (await lin.get(place)).text
    accepted = await lin.post(f"{place}/accept", page=place)
    done = await lin.post(f"{place}/bring-in", page=place)

    assert "第 3 行" in page
    assert "约49元" in page
    assert (accepted.status, done.status) == (303, 303)
    products = await list_products(service.app.db, "shop-a")
    assert {one.product.outer_id: str(one.product.price) for one in products} == {
        "A-1": "39.90",
        "A-2": "49.00",
    }
    assert "已导入 2 个商品" in (await lin.get(place)).text


async def test_what_a_file_says_is_shown_as_text(lin: Browser) -> None:
    place = await checked(lin)
    await lin.post(f"{place}/bring-in", page=place)

    for path in ("/shops/shop-a/products", "/shops/shop-a/product?code=A-1"):
        page = (await lin.get(path)).text
        assert "宽松&lt;b&gt;T恤&lt;/b&gt;薄款" in page
        assert "<b>T恤" not in page


async def test_a_file_of_an_unknown_kind_is_refused_with_what_to_do(service: Service, lin: Browser) -> None:
    answer = await upload(lin, "x", "goods.doc")

    assert answer.status == 422
    assert "notice-bad" in answer.text
    assert await list_runs(service.app.db, "shop-a") == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
async def test_who_only_looks_is_offered_nothing_and_may_do_nothing(
    service: Service, lin: Browser, role: Role
) -> None:
    place = await checked(lin)
    async with service.browser("wang", role) as looking:
        page = (await looking.get(place)).text
        tried = [
            await looking.post(path, form, page="/account")
            for path, form in (
                (f"{place}/accept", {}),
                (f"{place}/bring-in", {}),
                ("/shops/shop-a/products/cell", {"code": "A-1", "field": "title", "value": "x", "was": ""}),
                ("/shops/shop-a/profile", {}),
            )
        ]

    assert "/bring-in" not in page
    assert "/accept" not in page
    assert [answer.status for answer in tried] == [403] * 4


async def test_an_operator_may_not_change_the_profile(service: Service, lin: Browser) -> None:
    place = await checked(lin)
    async with service.browser("zhao", Role.OPERATOR) as operator:
        shown = (await operator.get("/shops/shop-a/profile")).text
        mapped = await operator.post(f"{place}/map", {"word": "T恤", "value": "50000671"}, page=place)
        saved = await operator.post("/shops/shop-a/profile", {"province": "江苏"}, page=place)

    assert '<fieldset class="bare" disabled>' in shown
    assert (mapped.status, saved.status) == (403, 403)
    assert await load_profile(service.app.db, "shop-a") == PROFILE


async def test_another_shops_pages_are_not_there(service: Service, lin: Browser) -> None:
    place = await checked(lin)
    await service.add_shop("shop-b")
    async with service.browser("qian", shops=("shop-b",)) as other:
        answers = [
            await other.get(path)
            for path in (place, f"{place}/failed-rows.xlsx", "/shops/shop-a/products", "/shops/shop-a/profile",
                         place.replace("shop-a", "shop-b"))
        ]  # fmt: skip

    assert [answer.status for answer in answers] == [404] * 5


async def test_a_profile_changed_meanwhile_is_not_written_over(service: Service, lin: Browser) -> None:
    stale = {"version": "0", "province": "江苏", "city": "南京"}

    answer = await lin.post("/shops/shop-a/profile", stale, page="/shops/shop-a/profile")

    assert answer.status == 422
    assert "别人刚刚改过这份设置" in answer.text
    assert await load_profile(service.app.db, "shop-a") == PROFILE


async def test_a_word_is_put_into_the_profile_from_a_faulty_row(service: Service, lin: Browser) -> None:
    place = await checked(lin)

    answer = await lin.post(f"{place}/map", {"word": "男T恤", "value": "50000436"}, page=place)

    assert answer.status == 303
    assert (await load_profile(service.app.db, "shop-a")).categories == {"男T恤": 50000436}
    await service.app.audit.flush()
    rows = await service.app.db.fetch("SELECT told FROM audit_change")
    assert json.loads(str(rows[-1][0])) == {"categories.男T恤": [None, "50000436"]}


async def test_an_empty_console_says_what_to_do_first(lin: Browser) -> None:
    found = await lin.get("/products")
    page = await lin.get("/shops/shop-a/products")

    assert found.headers["Location"] == "/shops/shop-a/products"
    assert "这个店铺还没有商品" in page.text


async def test_pictures_are_kept_and_shown_on_the_page_of_the_product_that_names_them(
    service: Service, lin: Browser
) -> None:
    drawn = BytesIO()
    Image.new("RGB", (800, 800), "red").save(drawn, "JPEG")
    form = aiohttp.FormData()
    form.add_field("file", drawn.getvalue(), filename="A-1.jpg", content_type="image/jpeg")
    form.add_field("file", b"no picture", filename="A-2.jpg", content_type="image/jpeg")
    headers = {"X-CSRF": await lin.csrf("/shops/shop-a/imports"), "HX-Request": "true"}

    told = await service.ask(
        "POST", "/shops/shop-a/imports/pictures", http=lin.http, data=form, headers=headers
    )
    place = (await upload(lin, "商家编码,标题,价格,图片\nA-1,宽松T恤薄款,39.9,pictures/A-1.jpg\n")).headers[
        "Location"
    ]
    for step in ("columns", "bring-in"):
        await lin.post(f"{place}/{step}", page=place)
    shown = await lin.get("/shops/shop-a/product/picture?code=A-1&n=0")

    assert "已收下 1 张图片" in told.text
    assert "A-2.jpg" in told.text
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.body == drawn.getvalue()


async def test_a_missing_picture_is_sent_from_the_page_that_misses_it_without_a_script(
    service: Service, lin: Browser
) -> None:
    place = (await upload(lin, "商家编码,标题,价格,图片\nA-1,宽松T恤薄款,39.9,A-1.jpg\n")).headers["Location"]
    await lin.post(f"{place}/columns", page=place)
    before = (await lin.get(place)).text
    drawn = BytesIO()
    Image.new("RGB", (800, 800), "red").save(drawn, "JPEG")
    form = aiohttp.FormData()
    form.add_field("csrf", await lin.csrf(place))
    form.add_field("import_id", place.rpartition("/")[2])
    form.add_field("file", drawn.getvalue(), filename="A-1.jpg", content_type="image/jpeg")

    sent = await service.ask("POST", "/shops/shop-a/imports/pictures", http=lin.http, data=form)
    after = (await lin.get(sent.headers["Location"])).text

    assert "data-pictures" in before
    assert f'action="{place}/check"' in before
    assert "上传图片后重新检查" in before
    assert "只能由你填写" not in before
    assert "已重新检查整个文件" in after
    assert "data-pictures" not in after


async def test_a_warning_of_what_the_platform_refuses_says_so(lin: Browser) -> None:
    shoes = "商家编码,标题,价格,类目\nA-1,透气跑步鞋男款,39.9,50012906\nA-2,透气跑步鞋女款,面议,50012906\n"
    place = (await upload(lin, shoes)).headers["Location"]
    await lin.post(f"{place}/columns", page=place)

    page = (await lin.get(place)).text

    assert "可以导入，平台很可能拒绝发布" in page
    assert "可以导入，其中 1 个有提醒" in page


async def test_a_picture_is_given_only_as_what_a_product_names(service: Service, lin: Browser) -> None:
    place = await checked(lin)
    await lin.post(f"{place}/bring-in", page=place)

    for query in ("code=A-1&n=0", "code=A-9&n=0", "code=../../key&n=0"):
        assert (await lin.get(f"/shops/shop-a/product/picture?{query}")).status == 404


async def test_a_cell_sent_again_since_its_answer_was_lost_is_no_conflict(
    service: Service, lin: Browser
) -> None:
    place = await checked(lin)
    await lin.post(f"{place}/bring-in", page=place)
    sent = {"code": "A-1", "field": "title", "was": "宽松<b>T恤</b>薄款", "value": "宽松长袖薄款"}

    answers = [await lin.post("/shops/shop-a/products/cell", sent) for _ in range(2)]

    assert [("cell-saved" in one.text, "cell-fault" in one.text) for one in answers] == [(True, False)] * 2


async def test_a_held_product_is_published_again_when_a_person_says_so(
    service: Service, lin: Browser
) -> None:
    for content in (FILE, FILE.replace("39.9", "面议")):
        place = (await upload(lin, content)).headers["Location"].partition("?")[0]
        if "/columns" in (await lin.get(place)).text:
            await lin.post(f"{place}/columns", page=place)
        await lin.post(f"{place}/bring-in", page=place)
    page = "/shops/shop-a/product?code=A-1"

    shown = (await lin.get(page)).text
    await lin.post("/shops/shop-a/products/cell", {"code": "A-1", "field": "title", "value": "宽松T恤新款",
                                                   "was": "宽松<b>T恤</b>薄款"}, page=page)  # fmt: skip
    retitled = (await list_products(service.app.db, "shop-a"))[0]
    await lin.post("/shops/shop-a/product/release", {"code": "A-1"}, page=page)
    released = (await list_products(service.app.db, "shop-a"))[0]

    assert "就按现在的内容发布" in shown
    assert (retitled.held, retitled.product.title) == (True, "宽松T恤新款")
    assert (released.held, released.digest) == (False, retitled.digest)
    assert "就按现在的内容发布" not in (await lin.get(page)).text
