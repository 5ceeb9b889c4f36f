"""The first page, for people and for programs."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from service import Service
from shelf_items import item, keep, unauthorise

from onshelf.catalog.item import Reason, State
from onshelf.clock import DAY_US, SECOND_US
from onshelf.events import ItemChanged
from onshelf.guard.roles import Role
from onshelf.ids import JobId
from onshelf.jobs import acts
from onshelf.listing.intent import Doing, Intent
from onshelf.listing.intent import State as IntentState
from onshelf.listing.start import act
from onshelf.listing.store import save
from onshelf.platforms.top.auth import Token
from onshelf.watch import store
from onshelf.watch.compare import Nomination, Verdict
from onshelf.watch.plan import Memory
from onshelf.watch.store import Decision


async def left_now(service: Service, item_id: int, reason: str, *, shop: str = "shop-a") -> None:
    """Lets an item leave the shelf a moment ago, and whoever is alarmed be alarmed."""
    now_us = service.app.clock.now_us()
    change = ItemChanged(
        shop,
        item_id,
        2,
        "A",
        "裙",
        "onsale",
        "instock",
        reason,
        now_us - 3 * SECOND_US,
        now_us,
        False,
        "push",
    )
    gone = Decision(Nomination(item_id, "push"), Verdict(None, change), None)
    await store.settle(service.app.db, shop, [gone])


async def goes(service: Service, item_id: int, *states: str, shop: str = "shop-a", days_ago: int = 0) -> None:
    """Lets an item of a shop that was on sale go from state to state, each change seen a moment after the other."""
    at_us = service.app.clock.now_us() - days_ago * DAY_US
    at = replace(item(item_id), shop_id=shop)
    for version, (old, new) in enumerate(pairwise(("onsale", *states)), 2):
        at_us += SECOND_US
        reason = Reason.LISTED if new == "onsale" else Reason.TAKEN_OFF
        changed_us = at_us - SECOND_US
        after = replace(at, version=version, state=State(new), reason=reason, changed_us=changed_us)
        change = ItemChanged(
            shop, item_id, version, at.outer_id, at.title, old, new, reason, changed_us, at_us, False, "push"
        )
        gone = Decision(Nomination(item_id, "push"), Verdict(after, change), version - 1)
        await store.settle(service.app.db, shop, [gone])


async def today(service: Service, **given: Any) -> Any:
    return (await service.api("GET", "/today", **given)).json


def kinds(told: Any) -> list[str]:
    return [need["kind"] for need in told["needs"]]


async def test_a_day_of_the_shelf_is_told_by_cause_with_how_fast_it_was_noticed(service: Service) -> None:
    await keep(service, item(1), item(2), item(3, state=State.INSTOCK))
    await left_now(service, 8, "violation")
    await left_now(service, 9, "sold_out")

    told = await today(service)

    assert told["on_sale"] == 2
    assert told["left"] == {"violation": 1, "sold_out": 1}
    assert (told["detection_median_s"], told["detection_worst_s"]) == (3.0, 3.0)


async def test_what_needs_a_person_comes_gravest_first_with_a_link(service: Service) -> None:
    app = service.app
    await left_now(service, 8, "sold_out")
    await left_now(service, 9, "violation")
    await app.alerts.drain_once()
    asked = Intent("shop-a", "A-1", state=IntentState.UNDECIDED, problem='{"code":"listing.undecided"}')
    await app.db.commit([save(asked, None)[1]])

    told = await today(service, headers={"Accept-Language": "en"})

    assert set(kinds(told)) == {"alerts", "undecided", "no_channel"}
    assert [need["grave"] for need in told["needs"]] == sorted(
        (need["grave"] for need in told["needs"]), reverse=True
    )
    assert told["alerts"] == 2
    assert {"violation: 1 to answer (shop-a)", "shop-a: products that wait for a person to decide: 1"} <= {
        need["words"] for need in told["needs"]
    }
    assert all(need["link"].startswith("/") for need in told["needs"])


@pytest.mark.parametrize(
    ("days", "grave"), [(20, False), (-1, True), (200, None)], ids=["soon", "ended", "far off"]
)
async def test_an_authorisation_that_ends_is_told_in_time(
    service: Service, days: int, grave: bool | None
) -> None:
    app, now_us = service.app, service.app.clock.now_us()
    stored = await app.shops.token((await app.shops.list())[0].shop_id)
    assert stored is not None
    ends: Token = replace(stored.token, expires_us=now_us + days * DAY_US)
    await app.db.commit([app.shops.put_token((await app.shops.list())[0].shop_id, ends, obtained_us=now_us)])

    told = await today(service)

    found = [need["grave"] for need in told["needs"] if need["kind"] == "authorisation"]
    assert found == ([] if grave is None else [grave])


async def test_jobs_under_way_and_those_that_failed_are_told(service: Service) -> None:
    app = service.app
    job_id = await act(
        app.db, app.queue, "shop-a", ["A-1", "A-2"], Doing.LIST, clock=app.clock, random=app.random
    )
    failed, done = await app.queue.claim("publish", 2)
    await app.db.commit([app.queue.fail(failed, {"code": "listing.plan.no_item"})])
    under_way = await today(service)
    await app.db.commit([app.queue.succeed(done, {"code": "listing.listed"})])

    ended = await today(service)

    assert [(job["job"], job["ended"], job["failed"], job["total"]) for job in under_way["jobs"]] == [
        (job_id, 1, 1, 2)
    ]
    assert ended["jobs"] == []
    assert "failed" in kinds(ended)


async def end_lines(service: Service, keys: list[str], *, failing: int) -> str:
    """Runs a job about these keys; the first `failing` of them fail. Returns its id."""
    app = service.app
    job_id = await act(app.db, app.queue, "shop-a", keys, Doing.LIST, clock=app.clock, random=app.random)
    lines = await app.queue.claim("publish", len(keys))
    await app.db.commit([
        app.queue.fail(line, {"code": "listing.held"}) if number < failing else app.queue.succeed(line, {"code": "x"})
        for number, line in enumerate(lines)
    ])  # fmt: skip
    return job_id


async def failed_needs(service: Service) -> list[tuple[int, str]]:
    told = await today(service)
    return [(need["count"], need["link"]) for need in told["needs"] if need["kind"] == "failed"]


async def test_what_has_succeeded_since_it_failed_is_told_no_more(service: Service) -> None:
    first = await end_lines(service, ["A-1", "A-2", "A-3"], failing=2)
    before = await failed_needs(service)
    await end_lines(service, ["A-1"], failing=0)
    one_left = await failed_needs(service)
    await end_lines(service, ["A-2", "A-4"], failing=0)

    assert before == [(2, f"/jobs/{first}")]
    assert one_left == [(1, f"/jobs/{first}")]
    assert await failed_needs(service) == []


async def test_a_product_that_fails_again_counts_once_and_leads_to_its_last_job(service: Service) -> None:
    await end_lines(service, ["A-1", "A-2"], failing=1)
    again = await end_lines(service, ["A-1"], failing=1)

    assert await failed_needs(service) == [(1, f"/jobs/{again}")]


async def test_a_retry_of_an_earlier_job_mends_a_later_failure(service: Service) -> None:
    app = service.app
    first = await end_lines(service, ["A-1"], failing=1)
    await end_lines(service, ["A-1"], failing=1)
    await acts.act(app.queue, JobId(first), acts.Act.RETRY)
    (line,) = await app.queue.claim("publish", 1)
    await app.db.commit([app.queue.succeed(line, {"code": "x"})])

    assert await failed_needs(service) == []


async def test_the_page_shows_what_the_api_tells(service: Service) -> None:
    await keep(service, item(1))
    await left_now(service, 9, "violation")
    async with service.browser() as lin:
        page = (await lin.get("/")).text
        part = (await lin.get("/today/jobs")).text

    assert "违规下架" in page
    assert 'data-chart="{' in page
    assert "还没有通知渠道" in page
    assert "<html" not in part
    assert 'hx-trigger="every 15s"' in part


async def test_nothing_of_another_shop_is_told(service: Service) -> None:
    await service.add_shop("shop-b")
    await left_now(service, 9, "violation")
    await service.app.alerts.drain_once()

    told = await today(service, role=Role.VIEWER, shops=("shop-b",))

    assert [shop["shop"] for shop in told["shops"]] == ["shop-b"]
    assert (told["left"], told["alerts"]) == ({}, 0)
    assert "alerts" not in kinds(told)


async def test_without_a_shop_the_page_says_what_to_do_first(service: Service) -> None:
    async with service.browser("wang", shops=()) as wang:
        page = (await wang.get("/")).text

    assert "从添加一个店铺开始" in page


async def test_what_left_today_is_led_to_shop_by_shop_and_the_numbers_agree(service: Service) -> None:
    """Deleted ones are among them; what left yesterday and what came back is not."""
    await service.add_shop("an-empty-shop")
    await service.add_shop("shop-b")
    await keep(service, *(item(number) for number in range(1, 6)), replace(item(6), shop_id="shop-b"))
    await goes(service, 1, "instock")
    await goes(service, 2, "instock", "deleted")
    await goes(service, 3, "deleted")
    await goes(service, 4, "instock", "onsale")
    await goes(service, 5, "instock", days_ago=1)
    await goes(service, 6, "instock", shop="shop-b")

    told = await today(service)
    async with service.browser() as lin:
        page = (await lin.get("/")).text
        leads = re.findall(r'<a href="(/shelf[^"]*)">([^<]+)</a></li>', page)
        led_to = [(await lin.get(href.replace("&amp;", "&"))).text for href, _ in leads]

    assert told["left"] == {"taken_off": 5}
    assert [words for _, words in leads] == ["shop-a：在货架里查看这 3 个", "shop-b：在货架里查看这 1 个"]
    assert "其中 1 次离开后已重新上架" in page
    assert [sorted(re.findall(r'name="items" value="(\d+)"', shelf)) for shelf in led_to] == [
        ["1", "2", "3"],
        ["6"],
    ]
    assert '今天离开 <span class="tab-count">3</span>' in led_to[0]
    assert '<option value="taken_off">卖家下架（3）</option>' in led_to[0]


async def test_of_a_shop_never_authorised_nothing_is_said_to_have_ended(service: Service) -> None:
    """Its look failed for want of a session."""
    app = service.app
    await service.add_shop("shop-new")
    await unauthorise(service, "shop-new")
    blind = Memory(blind_since_us=app.clock.now_us(), blind_why="session_expired")
    await store.remember(app.db, "shop-new", blind)

    async with service.browser() as lin:
        page = (await lin.get("/")).text

    row = page.rpartition('href="/shops/shop-new"')[2].partition("</tr>")[0]
    assert "还没有巡检" in row
    assert "授权已失效" not in row
    assert '<span class="tag tag-info">未授权</span>' in row
