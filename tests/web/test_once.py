"""Writes with an Idempotency-Key, dry runs, tags, the pace and the bounds of requests."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from service import Answer, Service, served
from starlette.types import Scope

from onshelf.clock import SystemClock
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.web.api import API, LARGE_BODIES, routers
from onshelf.web.bounds import SMALL_BYTES, Bounds
from onshelf.web.console import pages
from onshelf.web.entrance import parameters_of
from onshelf.web.paging import check_fields, cursor_text
from onshelf.web.problem import Problem

PAUSE, IMPORTS = "/shops/shop-a/pause", "/shops/shop-a/imports"


async def test_the_first_answer_is_given_again(service: Service) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await service.api("POST", PAUSE, headers=key)
    await service.api("POST", "/shops/shop-a/resume")
    again = await service.api("POST", PAUSE, headers=key)
    shop = await service.app.shops.get("shop-a")

    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shop is not None
    assert shop.state == "authorised"  # the second did nothing


async def test_a_key_belongs_to_one_request_and_one_caller(service: Service) -> None:
    key = {"Idempotency-Key": "k-1"}
    await service.api("POST", PAUSE, headers=key)
    other = await service.api("POST", "/shops/shop-a/resume", headers=key)
    stranger = await service.api("POST", "/shops/shop-a/resume", headers=key, shops=("shop-a",))

    assert (other.status, other.json["code"]) == (422, "key_reused")
    assert stranger.status == 200


LINES = [
    f'{{"outer_id": "A-{number}", "title": "连衣裙", "price": "59.00", "stock": 5}}\n'
    for number in range(900)
]
NDJSON = {"Idempotency-Key": "night", "Content-Type": "application/x-ndjson"}


async def test_a_stream_of_other_lines_is_another_request(service: Service) -> None:
    """Nobody who takes the same key for the next file must believe that it came in."""
    first = await service.api("POST", IMPORTS, headers=NDJSON, data="".join(LINES))
    again = await service.api("POST", IMPORTS, headers=NDJSON, data="".join(LINES))
    other = await service.api("POST", IMPORTS, headers=NDJSON, data="".join(reversed(LINES)))

    assert (again.status, again.headers["Idempotency-Replayed"], again.body) == (200, "true", first.body)
    assert (other.status, other.json["code"]) == (422, "key_reused")


async def test_a_body_of_other_fields_is_another_request(service: Service) -> None:
    key, path = {"Idempotency-Key": "k-1"}, "/shops/shop-a/price-preview"
    rule = {"price_rule": {"markup": "0.4"}}
    first = await service.api("POST", path, headers=key, json={"costs": ["10"], **rule})
    again = await service.api("POST", path, headers=key, json={"costs": ["10"], **rule})
    other = await service.api("POST", path, headers=key, json={"costs": ["11"], **rule})

    assert (first.status, again.body) == (200, first.body)
    assert (other.status, other.json["code"]) == (422, "key_reused")


async def test_an_upload_is_known_again_though_its_mark_is_new_and_one_of_another_length_is_another(
    service: Service,
) -> None:
    key = {"Idempotency-Key": "k-1"}

    async def upload(content: str) -> Answer:
        form = aiohttp.FormData()  # with a new mark each time
        form.add_field("file", content.encode(), filename="a.csv")
        return await service.api("POST", IMPORTS, headers=key, data=form)

    first = await upload("商家编码,标题,价格,库存\nA,连衣裙,59.00,5\n")
    again = await upload("商家编码,标题,价格,库存\nA,连衣裙,59.00,5\n")
    other = await upload("商家编码,标题,价格,库存\nA,连衣裙,59.00,50\n")

    assert (first.status, again.body) == (200, first.body)
    assert (other.status, other.json["code"]) == (422, "key_reused")


async def test_a_key_that_was_ended_hears_nothing_of_its_earlier_answers(service: Service) -> None:
    keys = Keys(service.app.db, service.app.clock, service.app.random)
    key, shown = await keys.add("erp", role=Role.OPERATOR, shops=None, made_by="test")
    headers = {"Idempotency-Key": "k-1", "Authorization": f"Bearer {shown}"}
    first = await service.ask("POST", f"/api/v1{PAUSE}", headers=headers)
    await keys.end(key.key_id)
    again = await service.ask("POST", f"/api/v1{PAUSE}", headers=headers)

    assert (first.status, again.status) == (200, 401)


async def test_of_many_at_once_one_is_done(service: Service) -> None:
    key = {"Idempotency-Key": "k-1"}
    await service.key()
    answers = await asyncio.gather(*(service.api("POST", PAUSE, headers=key) for _ in range(20)))

    assert {one.status for one in answers} <= {200, 409}
    assert sum(one.status == 200 and "Idempotency-Replayed" not in one.headers for one in answers) == 1


async def test_a_refusal_for_want_of_a_role_is_not_kept(service: Service) -> None:
    key = {"Idempotency-Key": "k-1"}
    refused = await service.ask(
        "POST", f"/api/v1{PAUSE}", headers={**key, "Authorization": "Bearer onshelf_0_0"}
    )
    rows = await service.app.db.fetch("SELECT count(*) FROM kept_answer")

    assert refused.status == 401
    assert rows == [(0,)]


async def test_a_dry_run_answers_as_in_earnest_and_keeps_nothing(service: Service) -> None:
    rehearsed = await service.api("POST", f"{PAUSE}?dry_run=true")
    shop = await service.app.shops.get("shop-a")

    assert (rehearsed.status, rehearsed.json["state"]) == (200, "paused")
    assert shop is not None
    assert shop.state == "authorised"


async def test_who_has_the_answer_already_is_told_so(service: Service) -> None:
    first = await service.api("GET", "/shops")
    again = await service.api("GET", "/shops", headers={"If-None-Match": first.headers["ETag"]})
    packed = await service.api("GET", "/shops", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
    anything = await service.api("GET", "/shops", headers={"If-None-Match": "*"})
    await service.add_shop("shop-b")
    changed = await service.api("GET", "/shops", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.body) == (304, b"")
    assert (packed.status, anything.status) == (304, 304)
    assert changed.status == 200


async def test_too_many_calls_a_minute_are_told_when_to_come_again(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=3) as service:
        answers = [await service.api("GET", "/shops") for _ in range(4)]

    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert [one.headers["RateLimit-Remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 61


async def test_a_body_too_large_is_refused_before_it_is_read(service: Service) -> None:
    told = await service.api("POST", PAUSE, data=io.BytesIO(b"x" * (2 << 20)))

    assert (told.status, told.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["/shops/shop-a/products/x/imports", "/shops/shop-a/products/pictures"])
async def test_no_other_route_takes_a_large_body_for_how_its_path_ends(service: Service, path: str) -> None:
    """A product may have the code `x/imports`; its body would be held in memory whole."""
    body = b'{"title": "' + b"x" * (2 << 20) + b'"}'
    told = await service.api("PUT", path, data=io.BytesIO(body), headers={"Content-Type": "application/json"})

    assert (told.status, told.json["code"]) == (413, "too_large")


async def test_the_routes_that_take_large_bodies_are_four() -> None:
    async def nobody_asks(_: Scope) -> None:
        return None

    bounds = Bounds(FastAPI(), "zh", LARGE_BODIES, SystemClock(), nobody_asks)
    routes = [
        (verb, route.path)
        for router in (*((API, one) for one in routers()), *(("", one) for one in pages()))
        for route in router[1].routes
        if isinstance(route, APIRoute)
        for verb in route.methods or ()
        if bounds.size_of(verb, router[0] + re.sub(r"\{[^}]+\}", "x", route.path)) > SMALL_BYTES
    ]

    assert sorted(routes) == [
        ("POST", "/shops/{shop}/imports"),
        ("POST", "/shops/{shop}/imports"),
        ("POST", "/shops/{shop}/imports/pictures"),
        ("POST", "/shops/{shop}/pictures"),
    ]


@pytest.mark.parametrize("length", [{}, {"Content-Length": str(4 << 20)}], ids=["in parts", "with a length"])
async def test_who_may_not_bring_products_hears_so_before_a_large_body_is_read(
    service: Service, length: dict[str, str]
) -> None:
    told = await service.api(
        "POST",
        IMPORTS,
        role=Role.VIEWER,
        data=io.BytesIO(b"x" * (4 << 20)) if length else _parts(),
        headers={**length, "Content-Type": "application/x-ndjson"},
    )

    assert (told.status, told.json["code"]) == (403, "not_permitted")


async def test_whose_role_only_reads_cannot_lay_a_large_file_at_the_console_either(service: Service) -> None:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(b"x" * (4 << 20)), filename="a.csv")
    async with service.browser(role=Role.VIEWER) as browser:
        told = await service.ask("POST", "/shops/shop-a/imports", http=browser.http, data=form)

    assert (told.status, told.json["code"]) == (403, "not_permitted")


async def _parts() -> AsyncIterator[bytes]:
    for _ in range(4):
        yield b"x" * (1 << 20)


async def test_pages_go_on_where_the_last_one_ended_and_leave_out_what_nobody_asked_for(
    service: Service,
) -> None:
    for name in ("shop-b", "shop-c", "shop-d"):
        await service.add_shop(name)
    seen: list[Any] = []
    cursor = ""
    while True:
        page = (await service.api("GET", f"/shops?limit=3&fields=shop{cursor}")).json
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == [{"shop": f"shop-{letter}"} for letter in "abcd"]


async def test_a_wrong_cursor_or_field_is_named(service: Service) -> None:
    cursor = await service.api("GET", "/shops?cursor=%%%")
    field = await service.api("GET", "/shops?fields=shop,nonsense")
    limit = await service.api("GET", "/shops?limit=9999")

    assert (cursor.status, cursor.json["code"]) == (422, "bad_cursor")
    assert (field.status, field.json["code"]) == (422, "no_field")
    assert limit.json["faults"][0]["field"] == "query.limit"


@pytest.mark.parametrize(
    ("fields", "code"), [("nonsense", "no_field"), ("", "no_fields"), (",", "no_fields")]
)
async def test_fields_are_checked_though_a_list_is_empty(service: Service, fields: str, code: str) -> None:
    told = await service.api("GET", f"/shops/shop-a/products?fields={fields}")

    assert (told.status, told.json["code"]) == (422, code)
    assert "outer_id" in told.json["remedy"]


async def test_every_list_that_takes_fields_says_which_there_are() -> None:
    taking = [
        route
        for router in routers()
        for route in router.routes
        if isinstance(route, APIRoute) and "fields" in parameters_of(route)
    ]

    assert len(taking) > 20
    for route in taking:
        with pytest.raises(Problem):
            check_fields("nonsense", route.response_model)


async def test_a_cursor_of_no_setting_is_refused(service: Service) -> None:
    told = await service.api("GET", f"/settings?cursor={cursor_text(['nonsense'])}")

    assert (told.status, told.json["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("DELETE", "/keys", "GET, POST"),
        ("POST", "/shops/shop-a", "DELETE, GET, PATCH"),
        ("POST", "/shops/shop-a/products/A", "DELETE, GET, PATCH, PUT"),
    ],
)
async def test_an_address_names_every_method_it_takes(
    service: Service, verb: str, path: str, allowed: str
) -> None:
    told = await service.api(verb, path)

    assert (told.status, told.json["code"], told.headers["Allow"]) == (405, "no_method", allowed)


async def test_an_address_with_a_slash_too_many_is_none(service: Service) -> None:
    told = await service.api("GET", "/shops/")

    assert (told.status, told.json["code"]) == (404, "no_route")


async def test_a_body_nested_too_deep_is_named(service: Service) -> None:
    told = await service.api(
        "PUT",
        "/shops/shop-a/profile",
        data=b"[" * 200_000,
        headers={"Content-Type": "application/json"},
    )

    assert (told.status, told.json["code"]) == (400, "bad_body")
