"""Requests of programs in the audit log: every one by a good key, read or refused; none of strangers."""

import io
import json
from typing import Any

import pytest
from service import Service, served

from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role

KEY = "key:administrator-0"


async def requests(service: Service, query: str = "") -> list[dict[str, Any]]:
    """Returns the rows, oldest first, without those of reading them."""
    path = f"/audit?kind=request&limit=200{query}"
    rows: list[dict[str, Any]] = (await service.api("GET", path)).json["items"]
    return [one for one in reversed(rows) if one["action"] != "GET /audit"]


async def told(service: Service, query: str = "") -> list[tuple[str, str, str]]:
    return [(one["action"], one["subject"], one["outcome"]) for one in await requests(service, query)]


async def test_reads_writes_and_refusals_of_a_key_are_noted_with_their_route(service: Service) -> None:
    await service.api("GET", "/shops/shop-a/items?limit=3")
    await service.api("POST", "/shops/shop-a/pause?dry_run=true")
    await service.api("GET", "/jobs?shop=shop-a")
    await service.api("GET", "/jobs/01h000")
    await service.api("GET", "/shops/nobodys")
    await service.api("POST", "/shops/shop-a/pause", role=Role.VIEWER)

    found = await requests(service)
    assert await told(service) == [
        ("GET /shops/{shop}/items", "shop-a", "200"),
        ("POST /shops/{shop}/pause", "shop-a", "200"),
        ("GET /jobs", "shop-a", "200"),
        ("GET /jobs/{job}", "job:01h000", "404"),
        ("GET /shops/{shop}", "nobodys", "404"),
        ("POST /shops/{shop}/pause", "shop-a", "403"),
    ]
    assert {one["actor"] for one in found} == {KEY, "key:viewer-1"}
    assert all(one["took_ms"] > 0 and one["kind"] == "request" for one in found)


async def test_what_is_refused_before_its_route_is_noted_too(service: Service) -> None:
    await service.api("GET", "/no/such/path")
    await service.api("PUT", "/audit")
    broken = {"Content-Type": "application/json"}
    await service.api("POST", "/keys", data=b"{", headers=broken)
    await service.api("POST", "/keys", data=io.BytesIO(b"x" * (2 << 20)), headers=broken)

    assert await told(service) == [
        ("GET ?", "", "404"),
        ("PUT /audit", "", "405"),
        ("POST /keys", "", "422"),
        ("POST /keys", "", "413"),
    ]


async def test_who_shows_no_good_key_fills_nothing(service: Service) -> None:
    keys = Keys(service.app.db, service.app.clock, service.app.random)
    ended, shown = await keys.add("old", role=Role.VIEWER, shops=None, made_by="test")
    await keys.end(ended.key_id)
    for secret in ("", "onshelf_abc_def", shown):
        for path in ("/jobs", "/no/such/path", "/openapi.json"):
            await service.ask("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})
    async with service.browser("lin") as lin:
        await lin.get("/api/v1/jobs")

    assert await told(service) == []


async def test_a_key_that_calls_too_often_is_noted_once_until_it_calls_less(tmp_path: Any) -> None:
    async with served(tmp_path / "home", api_per_minute=3) as service:
        for _ in range(9):
            await service.api("GET", "/jobs", role=Role.VIEWER)
        await service.app.audit.flush()
        rows = await service.app.db.fetch(
            "SELECT action, outcome FROM audit WHERE kind = 'request' ORDER BY number"
        )

    assert [tuple(row) for row in rows] == [("GET /jobs", status) for status in ("200", "200", "200", "429")]


async def test_a_stream_is_one_row_from_its_first_moment_on(service: Service) -> None:
    lines = b"".join(
        json.dumps({"outer_id": f"A-{n}", "title": "连衣裙", "price": "9.00", "stock": 1}).encode() + b"\n"
        for n in range(300)
    )
    await service.api(
        "POST", "/shops/shop-a/imports", data=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    shown = {"Authorization": f"Bearer {await service.key()}"}
    async with service.http.get(f"{service.address}/api/v1/events", headers=shown) as events:
        assert events.status == 200
        during = await told(service)

    assert during == [("POST /shops/{shop}/imports", "shop-a", "200"), ("GET /events", "", "200")]
    assert await told(service) == during


async def test_a_request_that_breaks_is_noted_as_such(service: Service) -> None:
    async def broken() -> None:
        raise RuntimeError("broken")

    service.app.outlooks.of = broken  # type: ignore[method-assign, assignment]
    answer = await service.api("GET", "/shops/shop-a/quota")

    assert answer.status == 500
    assert await told(service) == [("GET /shops/{shop}/quota", "shop-a", "500")]


async def test_whoever_has_one_shop_sees_requests_about_it_and_its_own(service: Service) -> None:
    await service.add_shop("shop-b")
    for path in ("/shops/shop-a", "/shops/shop-b", "/jobs/shop-a", "/alerts"):
        await service.api("GET", path)
    mine = (await service.api("GET", "/audit?kind=request", role=Role.DEVELOPER, shops=("shop-a",))).json
    about = await told(service, "&about_shop=shop-b")

    assert [(one["action"], one["subject"]) for one in mine["items"]] == [("GET /shops/{shop}", "shop-a")]
    assert about == [("GET /shops/{shop}", "shop-b", "200")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("&action=GET+/jobs", 2),
        ("&subject=job:01h", 1),
        ("&actor=key:administrator-0", 3),
        ("&actor=key:viewer-1", 1),
        ("&before=2020-01-01T00:00:00Z", 0),
    ],
)
async def test_requests_are_found_by_every_filter(service: Service, query: str, count: int) -> None:
    await service.api("GET", "/jobs")
    await service.api("GET", "/jobs", role=Role.VIEWER)
    await service.api("GET", "/jobs/01h")
    await service.api("GET", "/shops")

    assert len(await told(service, query)) == count


async def test_the_page_shows_acts_first_and_requests_on_demand(service: Service) -> None:
    await service.api("GET", "/shops/shop-a")
    await service.api("GET", "/shops/none-such")
    await service.app.audit.flush()
    async with service.browser("boss") as boss:
        first = (await boss.get("/audit")).text
        page = (await boss.get("/audit?kind=request&actor=administrator-0")).text
        file = (await boss.get("/audit/export?kind=request")).text

    assert "GET /shops/{shop}" not in first
    assert "<code>GET /shops/{shop}</code>" in page
    assert "404" in page
    assert "key:administrator-0,GET /shops/{shop},shop-a,200" in file


async def test_the_chain_of_requests_is_whole(service: Service) -> None:
    for number in range(30):
        await service.api("GET", f"/jobs/{number}")
    whole = (await service.api("GET", "/audit/verification")).json

    assert whole["whole"]
