"""The pages of jobs as a person's browser gets them: foreign ones are not there, and a stale page does no harm."""

from decimal import Decimal

import pytest
from jobs_made import job, run
from service import Service

from onshelf.catalog.item import Item, Reason
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.product import Product
from onshelf.catalog.store import PRODUCT_COLUMNS, add_item, product_values
from onshelf.guard.roles import Role
from onshelf.jobs.lists import Wanted, jobs
from onshelf.listing.choose import undecided
from onshelf.listing.intent import Intent, State
from onshelf.listing.store import save

QUESTION = Intent("shop-a", "A/1", state=State.UNDECIDED, sent={"title": "标题"}, sent_us=1, attempt=1)


async def test_a_job_of_another_shop_is_not_there_in_any_form(service: Service) -> None:
    await service.add_shop("shop-b")
    foreign = await job(service, shop="shop-b")

    async with service.browser(role=Role.OPERATOR, shops=("shop-a",)) as browser:
        pages = ["", "/live", "/lines", "/report.xlsx", "/failed-rows.xlsx"]
        found = [(await browser.get(f"/jobs/{foreign}{path}")).status for path in pages]
        paused = await browser.post(f"/jobs/{foreign}/pause", page="/jobs")
        listed = await browser.get("/jobs")

    assert [*found, paused.status] == [404] * 6
    assert foreign not in listed.text


async def test_a_stale_page_that_pauses_an_ended_job_is_told_so(service: Service) -> None:
    one = await job(service)

    async with service.browser() as browser:
        csrf = await browser.csrf(f"/jobs/{one}")
        await run(service)
        pressed = await service.ask("POST", f"/jobs/{one}/pause", http=browser.http, data={"csrf": csrf})
        told = await browser.get(pressed.headers["Location"])

    assert "任务已经结束（成功），没有可做的。" in told.text
    assert "queued" not in told.text


async def test_a_page_stops_looking_when_the_job_has_ended(service: Service) -> None:
    one = await job(service)

    async with service.browser() as browser:
        moving = (await browser.get(f"/jobs/{one}/live")).text
        await run(service)
        ended = (await browser.get(f"/jobs/{one}/live")).text

    assert 'hx-trigger="every 2s"' in moving
    assert "hx-trigger" not in ended


async def test_who_only_looks_is_offered_no_button(service: Service) -> None:
    one = await job(service)

    async with service.browser(role=Role.VIEWER) as browser:
        page = (await browser.get(f"/jobs/{one}")).text
        plan = (await browser.get("/shops/shop-a/publishing")).text
        refused = await browser.post(f"/jobs/{one}/pause", page=f"/jobs/{one}")

    assert "/pause" not in page
    assert 'action="/shops/shop-a/publishing"' not in plan
    assert refused.status == 403


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("adopt:7", "settled"),
        ("absent", "settled"),
        ("give_up", "settled"),
        ("adopt", "adopt_which"),
        ("", "adopt_which"),
    ],
)
async def test_a_decision_is_kept_or_its_lack_is_said(service: Service, choice: str, told: str) -> None:
    await service.app.db.commit([save(QUESTION, None)[1]])

    async with service.browser() as browser:
        form = {"outer_id": "A/1", "choice": choice}
        answer = await browser.post("/shops/shop-a/undecided", form, page="/jobs")

    left = await undecided(service.app.db, "shop-a")
    assert answer.headers["Location"] == f"/shops/shop-a/undecided?told={told}&code=A%2F1"
    assert len(left) == (told != "settled")


LOST = Intent(
    "shop-a",
    "A/1",
    state=State.PUBLISHED,
    item_id=8,
    attempt=1,
    sent={"title": "标题", "price": "#" + "1" * 24, "stock": "66 #" + "2" * 24},
    published={"title": "标题"},
    sent_us=1,
    verified_us=2,
)
DELETED = Item("shop-a", 8, 1, ItemState.DELETED, Reason.DELETED, "A/1", "标题", None, None, 1, 1, 1)


async def lose(service: Service) -> None:
    """A product whose item was deleted on the platform."""
    product = Product("A/1", "标题", Decimal(1), 1, 1, "", "new", "浙江", "杭州")
    row = ("shop-a", *product_values(product), 0, 0)
    await service.app.db.upsert_many(
        "product",
        key=("shop_id", "outer_id"),
        columns=("shop_id", *PRODUCT_COLUMNS, "held", "changed_us"),
        rows=[row],
    )
    await service.app.db.commit([save(LOST, None)[1], add_item(DELETED)])


async def test_every_page_tells_of_a_deleted_item_and_leads_to_its_one_button(service: Service) -> None:
    await lose(service)
    way = 'href="/shops/shop-a/undecided?product=A%2F1"'

    async with service.browser() as browser:
        plan = (await browser.get("/shops/shop-a/publishing")).text
        grid = (await browser.get("/shops/shop-a/products")).text
        product = (await browser.get("/shops/shop-a/product?code=A%2F1")).text
        item = (await browser.get("/shelf/shop-a/8")).text
        asked = (await browser.get("/shops/shop-a/undecided?product=A%2F1")).text
        every = (await browser.get("/shops/shop-a/undecided")).text

    assert "平台上的宝贝已删除或查不到" in plan
    assert 'action="/shops/shop-a/publishing"' not in plan
    assert [("已删除" in page, "未发布" in page) for page in (grid, product)] == [(True, False)] * 2
    assert "还没有发布" not in product
    assert way in product
    assert way in item
    assert 'value="again"' in asked
    assert 'value="again"' in every
    assert "adopt:8" not in asked
    assert "已删除" in asked
    assert "#111" not in asked
    assert "共 66" in asked


async def test_the_one_button_settles_and_starts_the_job(service: Service) -> None:
    await lose(service)

    async with service.browser() as browser:
        form = {"outer_id": "A/1", "choice": "again"}
        answer = await browser.post("/shops/shop-a/undecided", form, page="/jobs")
        again = await browser.post("/shops/shop-a/undecided", form, page="/jobs")

    (started,) = await jobs(service.app.db, Wanted())
    assert answer.headers["Location"] == f"/jobs/{started.job.job_id}"
    assert sum(started.counts.values()) == 1
    assert "told=no_question" in again.headers["Location"]


async def test_what_was_left_alone_can_be_published_again_from_its_page(service: Service) -> None:
    await lose(service)

    async with service.browser() as browser:
        form = {"outer_id": "A/1", "choice": "give_up"}
        await browser.post("/shops/shop-a/undecided", form, page="/jobs")
        every = (await browser.get("/shops/shop-a/undecided")).text
        asked = (await browser.get("/shops/shop-a/undecided?product=A%2F1")).text

    assert 'value="again"' not in every
    assert 'value="again"' in asked
    assert "已放着不管" in asked


async def test_titles_of_products_cannot_bring_a_script_into_a_page(service: Service) -> None:
    hostile = "<script>alert(1)</script>"
    intent = Intent("shop-a", hostile, state=State.UNDECIDED, sent={"title": hostile}, sent_us=1)
    await service.app.db.commit([save(intent, None)[1]])

    async with service.browser() as browser:
        page = (await browser.get("/shops/shop-a/undecided")).text

    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
