"""Items and changes over the API: lists, one item's life, orders."""

import pytest
from service import Service
from shelf_items import AT_US, item, keep, sold_out

from onshelf.catalog.item import State
from onshelf.clock import from_us
from onshelf.guard.roles import Role
from onshelf.ids import JobId
from onshelf.listing.intent import Doing, Intent
from onshelf.listing.intent import State as IntentState
from onshelf.listing.store import load_intents, save
from onshelf.web.api import matching as room


async def test_items_are_listed_by_page_filter_and_field(service: Service) -> None:
    await keep(service, *(item(number) for number in range(1, 6)))
    await sold_out(service, item(3))

    first = (await service.api("GET", "/shops/shop-a/items?limit=2&fields=item_id,state")).json
    second = (await service.api("GET", f"/shops/shop-a/items?limit=2&cursor={first['next']}")).json

    assert first["items"] == [{"item_id": 3, "state": "instock"}, {"item_id": 5, "state": "onsale"}]
    assert [one["item_id"] for one in second["items"]] == [4, 2]
    for query, ids in {
        "state=instock": [3],
        "reason=listed&sort=id": [1, 2, 4, 5],
        "outer_id=A-4": [4],
        "title=%E8%BF%9E%E8%A1%A3%20%E6%98%A5&limit=1": [3],
        "title=shoes": [],
        f"changed_since={from_us(AT_US + 5).isoformat().replace('+00:00', 'Z')}": [3, 5],
        "doubtful=true": [],
    }.items():
        found = (await service.api("GET", f"/shops/shop-a/items?{query}")).json["items"]
        assert [one["item_id"] for one in found] == ids, query


async def test_counts_of_a_shop_are_of_that_shop_alone(service: Service) -> None:
    await service.add_shop("shop-b")
    await keep(service, item(1), item(2), item(3, shop_id="shop-b"))
    await sold_out(service, item(2))

    counts = (await service.api("GET", "/shops/shop-a/items/counts")).json

    assert counts["total"] == {"onsale": 1, "instock": 1, "deleted": 0}
    assert {"state": "instock", "reason": "sold_out", "count": 1} in counts["by_cause"]


async def test_one_item_is_shown_with_its_life_newest_first(service: Service) -> None:
    await keep(service, item(1))
    intent = Intent(
        "shop-a",
        "A-1",
        item_id=1,
        state=IntentState.PUBLISHED,
        first_sent_us=AT_US - 9,
        sent_us=AT_US - 9,
        verified_us=AT_US - 5,
    )
    await service.app.db.commit([save(intent, None)[1]])
    await sold_out(service, item(1))

    shown = (await service.api("GET", "/shops/shop-a/items/1", headers={"Accept-Language": "en"})).json

    assert [moment["kind"] for moment in shown["life"]] == ["change", "verified", "sent"]
    assert shown["life"][0]["words"] == "on sale → in the warehouse (sold out)"
    assert shown["life"][0]["note"] == "noticed by a pushed message after 2.5 s"
    assert shown["page"] == "http://127.0.0.1:9/item.htm?id=1"
    missing = await service.api("GET", "/shops/shop-a/items/404")
    assert (missing.status, missing.json["code"]) == (404, "no_item")


async def test_an_order_becomes_a_durable_job_and_says_what_it_cannot_do(service: Service) -> None:
    await keep(service, item(1), item(2, state=State.INSTOCK), item(3, state=State.DELETED))

    told = (await service.api("POST", "/shops/shop-a/items/list", json={"items": [1, 2, 3, 9, 2]})).json

    assert told["accepted"] == [2]
    assert {one["item_id"]: one["code"] for one in told["refused"]} == {
        1: "already",
        3: "deleted",
        9: "unknown",
    }
    (line,) = await service.app.db.fetch("SELECT key, payload FROM job_line WHERE job_id = ?", (told["job"],))
    assert line == ("A-2", '{"do":"list"}')
    intent = (await load_intents(service.app.db, "shop-a", ["A-2"]))["A-2"]
    assert (intent.item_id, intent.doing) == (2, Doing.CHANGE)
    job = await service.app.queue.job(JobId(told["job"]))
    assert job is not None
    assert job.started_by.startswith("key:")


async def test_a_dry_run_tells_what_would_be_and_orders_nothing(service: Service) -> None:
    await keep(service, item(1), item(2, state=State.INSTOCK))

    told = (await service.api("POST", "/shops/shop-a/items/delist?dry_run=true", json={"items": [1, 2]})).json

    assert (told["job"], told["accepted"], told["refused"][0]["code"]) == (None, [1], "already")
    assert await service.app.db.fetch("SELECT 1 FROM job") == []
    assert await load_intents(service.app.db, "shop-a", ["A-1"]) == {}


async def test_all_that_match_are_counted_first_and_ordered_by_that_count(service: Service) -> None:
    warehouse = [item(number, state=State.INSTOCK) for number in range(1, 6)]
    await keep(service, *warehouse, item(6), item(7, outer_id="", state=State.INSTOCK))
    path, wanted = "/shops/shop-a/items/matching/list", {"state": "instock", "title": "连衣裙"}

    told = (await service.api("POST", f"{path}?dry_run=true", json=wanted)).json
    unconfirmed = await service.api("POST", path, json=wanted)
    other_number = await service.api("POST", path, json={**wanted, "count": 4})
    before = await service.app.db.fetch("SELECT 1 FROM job")
    done = (await service.api("POST", path, json={**wanted, "count": len(told["accepted"])})).json

    assert sorted(told["accepted"]) == [1, 2, 3, 4, 5]
    assert ([one["code"] for one in told["refused"]], told["job"], told["more"]) == (["no_code"], None, False)
    assert [one.json["code"] for one in (unconfirmed, other_number)] == ["items_count"] * 2
    assert "5" in other_number.json["title"]
    assert before == []
    lines = await service.app.db.fetch(
        "SELECT key FROM job_line WHERE job_id = ? ORDER BY key", (done["job"],)
    )
    assert lines == [(f"A-{number}",) for number in range(1, 6)]


async def test_one_order_takes_so_many_and_says_that_others_match_too(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 2)
    await keep(service, *(item(number) for number in range(1, 4)))

    told = (await service.api("POST", "/shops/shop-a/items/matching/delist?dry_run=true", json={})).json

    assert (told["accepted"], told["more"]) == ([3, 2], True)


async def test_an_order_for_one_item_that_cannot_be_is_a_problem(service: Service) -> None:
    await keep(service, item(1), item(2, outer_id="", state=State.INSTOCK))

    done = await service.api("POST", "/shops/shop-a/items/1/delist")
    already = await service.api("POST", "/shops/shop-a/items/1/list")
    nameless = await service.api("POST", "/shops/shop-a/items/2/list")
    unknown = await service.api("POST", "/shops/shop-a/items/9/list")

    assert (done.status, done.json["accepted"]) == (200, [1])
    assert (already.status, already.json["code"]) == (409, "item_already")
    assert (nameless.status, nameless.json["code"]) == (409, "item_no_code")
    assert nameless.json["remedy"]
    assert (unknown.status, unknown.json["code"]) == (404, "item_unknown")
    viewer = await service.api("POST", "/shops/shop-a/items/1/list", role=Role.VIEWER)
    assert viewer.status == 403


async def test_changes_of_all_shops_are_one_list_that_shows_nobody_elses(service: Service) -> None:
    await service.add_shop("shop-b")
    await keep(service, item(1), item(2, shop_id="shop-b"))
    await sold_out(service, item(1))
    await sold_out(service, item(2, shop_id="shop-b"))

    every = (await service.api("GET", "/changes?limit=1")).json
    rest = (await service.api("GET", f"/changes?limit=1&cursor={every['next']}")).json
    own = (await service.api("GET", "/changes", shops=("shop-b",))).json
    ours = (await service.api("GET", "/shops/shop-a/changes?ours=true")).json
    oldest = (await service.api("GET", "/changes?order=oldest&since=2026-01-01T00:00:00Z")).json

    assert [(one["shop"], one["detected_s"]) for one in every["items"] + rest["items"]] == [
        ("shop-b", 2.5),
        ("shop-a", 2.5),
    ]
    assert [one["shop"] for one in own["items"]] == ["shop-b"]
    assert ours["items"] == []
    assert [one["item_id"] for one in oldest["items"]] == [1, 2]


@pytest.mark.parametrize("query", ["changed_since=2026-01-01T00:00:00", "cursor=AAAA", "sort=price"])
async def test_what_cannot_be_read_is_named(service: Service, query: str) -> None:
    answer = await service.api("GET", f"/shops/shop-a/items?{query}")

    assert answer.status == 422
    assert answer.json["remedy"]
