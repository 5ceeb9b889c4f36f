"""The pages of jobs as a person's browser gets them: foreign ones are not there, and a stale page does no harm."""

import pytest
from jobs_made import job, run
from service import Service

from onshelf.guard.roles import Role
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


async def test_titles_of_products_cannot_bring_a_script_into_a_page(service: Service) -> None:
    hostile = "<script>alert(1)</script>"
    intent = Intent("shop-a", hostile, state=State.UNDECIDED, sent={"title": hostile}, sent_us=1)
    await service.app.db.commit([save(intent, None)[1]])

    async with service.browser() as browser:
        page = (await browser.get("/shops/shop-a/undecided")).text

    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
