"""The quota and the promotion calendar by the API."""

import pytest
from service import Service

from onshelf.guard.roles import Role
from onshelf.platforms.port import CallRecord
from onshelf.platforms.window import Limit
from onshelf.shops.quota.permits import Permit, Source, permits, put

APP = "12345678"
CLOSURE = {
    "name": "双11零点",
    "begins": "2099-11-11T00:00:00+08:00",
    "ends": "2099-11-11T02:00:00+08:00",
    "methods": ["taobao.item.*"],
}


async def called(service: Service, times: int, method: str = "taobao.item.add") -> None:
    now_us = service.app.clock.now_us()
    for _ in range(times):
        service.app.audit.called(CallRecord(now_us, 0, "shop-a", APP, method, "ok", 0, "", "", b""))
    await service.app.audit.flush()


async def test_the_quota_tells_what_is_used_left_and_who_said_so(service: Service) -> None:
    await called(service, 7)
    await service.app.db.commit([put(Permit(APP, Limit(10, 60.0, "class:trade"), Source.LEARNED, 5_000_000))])
    told = (await service.api("GET", "/shops/shop-a/quota", role=Role.VIEWER)).json
    day, basic = told["limits"][0], next(one for one in told["limits"] if one["scope"] == "class:basic")
    trade = next(one for one in told["limits"] if one["scope"] == "class:trade")

    assert (day["calls"], day["used"], day["left"], day["origin"]) == (5000, 7, 4993, "default")
    assert (basic["used"], basic["left"]) == (7, 993)
    assert (trade["calls"], trade["origin"], trade["at"]) == (10, "learned", "1970-01-01T00:00:05Z")
    assert (told["used_1h"], told["hours"][-1], told["products_per_day"]) == (7, 7, 2380)
    assert [lane["sure_per_day"] for lane in told["lanes"]] == [250, 250, 500, 500]


async def test_shops_of_one_app_tell_the_same_quota_and_a_foreign_app_is_not_there(service: Service) -> None:
    await service.add_shop("shop-b")
    of_app = await service.api("GET", f"/apps/{APP}/quota")
    mine = await service.api("GET", f"/apps/{APP}/quota", shops=("shop-b",))
    foreign = await service.api("GET", f"/apps/{APP}/quota", shops=("elsewhere",))

    assert of_app.json["shops"] == ["shop-a", "shop-b"]
    assert mine.json["shops"] == ["shop-b"]
    assert (foreign.status, foreign.json["code"]) == (404, "no_app")


async def test_what_is_told_holds_and_what_is_left_out_is_forgotten(service: Service) -> None:
    await service.app.db.commit([put(Permit(APP, Limit(3000, 86400.0), Source.LEARNED, 5))])
    path = f"/apps/{APP}/permits"
    first = await service.api(
        "PUT", path, json={"permits": [{"scope": "method:taobao.item.add", "window_s": 60, "calls": 100}]}
    )
    second = await service.api("PUT", path, json={"permits": [{"calls": 1_000_000}]}, role=Role.APPROVER)
    kept = await permits(service.app.db, APP)
    none = await service.api("PUT", path, json={"permits": []})

    assert [one["origin"] for one in first.json["limits"] if one["scope"].startswith("method")] == ["told"]
    assert first.json["per_day"] == 3000
    assert second.json["per_day"] == 1_000_000
    assert [(one.limit.limit, one.source) for one in kept] == [(1_000_000, Source.TOLD)]
    assert none.json["per_day"] == 5000


async def test_what_was_learned_can_be_forgotten_too(service: Service) -> None:
    await service.app.db.commit([put(Permit(APP, Limit(3000, 86400.0), Source.LEARNED, 5))])
    told = await service.api("PUT", f"/apps/{APP}/permits", json={"permits": [], "learned": "forget"})

    assert told.json["per_day"] == 5000


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "all", "calls": 1},
        {"calls": -1},
        {"calls": 1, "window_s": 0},
        {"calls": 1, "window_s": 90_000},
    ],
)
async def test_a_limit_that_is_none_is_refused(service: Service, wrong: dict[str, object]) -> None:
    refused = await service.api("PUT", f"/apps/{APP}/permits", json={"permits": [wrong]})

    assert refused.status == 422
    assert await permits(service.app.db, APP) == ()


async def test_an_operator_tells_no_limits_and_a_dry_run_keeps_none(service: Service) -> None:
    body = {"permits": [{"calls": 9}]}
    refused = await service.api("PUT", f"/apps/{APP}/permits", json=body, role=Role.OPERATOR)
    rehearsed = await service.api("PUT", f"/apps/{APP}/permits?dry_run=true", json=body)

    assert (refused.status, rehearsed.status) == (403, 200)
    assert await permits(service.app.db, APP) == ()


async def test_a_closure_is_put_on_the_calendar_told_in_the_quota_and_taken_off(service: Service) -> None:
    added = await service.api("POST", "/closures", json=CLOSURE, role=Role.APPROVER)
    listed = await service.api("GET", "/closures", role=Role.VIEWER)
    quota = await service.api("GET", "/shops/shop-a/quota")
    gone = await service.api("DELETE", "/closures/双11零点")
    again = await service.api("DELETE", "/closures/双11零点")

    assert added.status == 201, added.text
    assert added.json["begins"] == "2099-11-10T16:00:00Z"
    assert listed.json["items"] == quota.json["closures"] == [added.json]
    assert (gone.status, again.status, again.json["code"]) == (204, 404, "no_closure")


async def test_closures_come_page_by_page_and_those_that_are_over_only_when_asked(service: Service) -> None:
    for year in (2001, 2098, 2099):
        await service.api(
            "POST", "/closures", json={**CLOSURE, "name": f"n{year}", "begins": f"{year}-01-01T00:00:00Z",
                                       "ends": f"{year}-01-02T00:00:00Z"},
        )  # fmt: skip
    first = (await service.api("GET", "/closures?limit=1")).json
    second = (await service.api("GET", f"/closures?limit=1&cursor={first['next']}")).json
    every = (await service.api("GET", "/closures?ended=true")).json

    assert [one["name"] for page in (first, second) for one in page["items"]] == ["n2098", "n2099"]
    assert second["next"] is None
    assert len(every["items"]) == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ends": "2099-11-11T00:00:00+08:00"}, "ends"),
        ({"ends": "2099-11-11T02:00:00"}, "ends"),
        ({"methods": []}, "methods"),
        ({"methods": ["two words"]}, "methods"),
        ({"name": "a/b"}, "name"),
        ({"begins": "2999-01-01T00:00:00Z"}, "begins"),
    ],
)
async def test_a_closure_that_is_none_is_named(
    service: Service, wrong: dict[str, object], named: str
) -> None:
    refused = await service.api("POST", "/closures", json={**CLOSURE, **wrong})

    assert refused.status == 422
    assert named in refused.text
    assert (await service.api("GET", "/closures?ended=true")).json["items"] == []


async def test_what_touches_other_shops_is_told_by_whoever_has_them_all(service: Service) -> None:
    await service.add_shop("shop-b")
    half, path = ("shop-a",), f"/apps/{APP}/permits"
    permit = await service.api("PUT", path, json={"permits": [{"calls": 9}]}, role=Role.APPROVER, shops=half)
    closure = await service.api("POST", "/closures", json=CLOSURE, role=Role.APPROVER, shops=half)
    taken = await service.api("DELETE", "/closures/x", role=Role.APPROVER, shops=half)
    both = ("shop-a", "shop-b")
    allowed = await service.api("PUT", path, json={"permits": [{"calls": 9}]}, role=Role.APPROVER, shops=both)
    async with service.browser(role=Role.APPROVER, shops=half) as browser:
        page = await browser.get("/calendar")
        form = await browser.post("/calendar/remove", {"name": "x"}, page="/shops")

    assert [(one.status, one.json["code"]) for one in (permit, closure, taken)] == [(403, "others_shops")] * 3
    assert (allowed.status, form.status) == (200, 403)
    assert "/calendar/remove" not in page.text
