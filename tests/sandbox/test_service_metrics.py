"""`/metrics` of a service whose shop is in the sandbox: what was done is what is told, in the form Prometheus reads."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from onshelf.clock import SECOND_US, SystemClock
from onshelf.errors import Refused
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.port import Lane
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.launch import in_process
from onshelf.settings import Secret, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.web.app import create_app
from onshelf.web.serve import listen, serving
from onshelf.wiring import App, open_app

SHOP = Shop(
    ShopId("店"),
    "taobao",
    AppKey("12345678"),
    "http://sandbox/router/rest",
    "",
    "",
    "",
    ShopState.AUTHORISED,
    0,
)
Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[tuple[App, str]]:
    clock = SystemClock()
    settings = read_settings({"home": str(tmp_path / "home")}, {})
    transport = AsgiTransport(in_process(clock), clock)
    async with (
        open_app(settings, clock=clock, random=Random(1), transport=transport) as app,
        serving(create_app(app), listen("127.0.0.1:0", "test")) as address,
    ):
        token = app.shops.put_token(SHOP.shop_id, session_only("test"), obtained_us=clock.now_us())
        await app.db.commit([*app.shops.add(SHOP, Secret("helloworld")), token])
        yield app, address


async def scrape(address: str, accept: str = "") -> tuple[str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/metrics", headers={"accept": accept}) as reply,
    ):
        assert reply.status == 200
        return reply.headers["content-type"], await reply.text()


async def told(address: str) -> Told:
    _, text = await scrape(address)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def at(found: Told, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


async def read(app: App, method: str, max_age_s: float | None = 0.0, **params: str) -> None:
    await app.client.call(
        method, params, dict[str, Any], shop=SHOP.ref(), kind=Kind.READ, lane=Lane.POLLS, max_age_s=max_age_s
    )


async def test_calls_are_told_by_method_outcome_and_code_with_their_times(service: tuple[App, str]) -> None:
    app, address = service

    await read(app, "taobao.shop.seller.get", fields="sid")
    await read(app, "taobao.shop.seller.get", fields="sid")
    with pytest.raises(Refused):
        await read(app, "taobao.no.such.get")
    found = await told(address)

    method = "taobao.shop.seller.get"
    assert at(found, "onshelf_calls_total", method=method, outcome="ok", code="0") == 2
    assert at(found, "onshelf_calls_total", method="taobao.no.such.get", outcome="refused", code="22") == 1
    assert at(found, "onshelf_call_seconds_count", method=method) == 2
    assert at(found, "onshelf_call_seconds_bucket", method=method, le="+Inf") == 2
    assert 0 < at(found, "onshelf_call_seconds_sum", method=method) < 10


async def test_the_cache_tells_what_it_saved(service: tuple[App, str]) -> None:
    app, address = service

    for _ in range(3):
        await read(app, "taobao.shop.seller.get", None, fields="sid")
    found = await told(address)

    assert at(found, "onshelf_cache_reads_total", outcome="miss") == 1
    assert at(found, "onshelf_cache_reads_total", outcome="hit") == 2
    assert at(found, "onshelf_cache_reads_total", outcome="joined") == 0


async def test_the_quota_tells_what_is_left(service: tuple[App, str]) -> None:
    app, address = service
    await read(app, "taobao.shop.seller.get", fields="sid")

    found = await told(address)

    app_and_lane = {"app": "12345678", "lane": "listing"}
    assert at(found, "onshelf_quota_left_today", **app_and_lane) < 5000
    assert 0 < at(found, "onshelf_quota_free_now", **app_and_lane) < 1000
    assert at(found, "onshelf_quota_wait_seconds_count", **app_and_lane) == 0
    assert at(found, "onshelf_quota_given_up_total", **app_and_lane) == 0


async def test_an_authorisation_is_told_by_what_is_left_of_it(service: tuple[App, str]) -> None:
    app, address = service
    unknown = await told(address)
    ends_us = app.clock.now_us() + 3600 * SECOND_US
    known = replace(session_only("test"), expires_us=ends_us)
    await app.db.commit([app.shops.put_token(SHOP.shop_id, known, obtained_us=app.clock.now_us())])

    found = await told(address)

    assert ("onshelf_token_seconds_left", frozenset({("shop", "店")})) not in unknown
    assert 3590 < at(found, "onshelf_token_seconds_left", shop="店") <= 3600


async def test_what_waits_is_told_even_at_nought(service: tuple[App, str]) -> None:
    found = await told(service[1])

    assert at(found, "onshelf_push_unhandled", state="waiting") == 0
    assert at(found, "onshelf_database_answers") == 1
    assert found["process_resident_memory_bytes", frozenset()] > 0


async def test_a_reader_of_openmetrics_gets_it(service: tuple[App, str]) -> None:
    content_type, text = await scrape(service[1], "application/openmetrics-text; version=1.0.0")

    assert content_type.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


async def test_without_its_database_it_tells_what_it_knows_itself(service: tuple[App, str]) -> None:
    app, address = service
    await read(app, "taobao.shop.seller.get", fields="sid")
    await app.audit.close()
    await app.db.close()

    found = await told(address)

    assert at(found, "onshelf_database_answers") == 0
    assert at(found, "onshelf_calls_total", method="taobao.shop.seller.get", outcome="ok", code="0") == 1
    assert not any(name.startswith("onshelf_job") for name, _ in found)
