"""What SQLite takes and PostgreSQL does not: a NUL in any text that comes in, from strangers too."""

import base64
from pathlib import Path

import msgspec
import pytest
from service import Service, served

POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
CURSOR = base64.urlsafe_b64encode(b'["\\u0000"]').rstrip(b"=").decode()
ROUTES = [
    "/shops/%00", "/shops/shop-a/products?q=%00", "/shops/shop-a/products/%00", "/shops/shop-a/items?outer_id=%00",
    "/shops/shop-a/imports/%00", "/jobs?shop=%00", "/jobs/%00", "/people/%00", "/keys/%00", "/alerts/%00", "/channels/%00",
    "/webhooks/%00", "/deliveries?channel=%00", f"/people?cursor={CURSOR}", f"/shops/shop-a/products?cursor={CURSOR}",
]  # fmt: skip
PAGES = [
    "/shops/shop-a/products?q=%00", "/shelf?shop=shop-a&code=%00", "/audit?who=%00", "/people/%00", "/alerts?cause=%00",
    "/shops/shop-a/product?code=%00", "/jobs?kind=%00",
]  # fmt: skip
ROWS = b'{"outer_id":"a\\u0000b","title":"x\\u0000","price":"1"}\n{"outer_id":"ok","title":"x","price":"1"}\n'


async def strangers(service: Service) -> list[int]:
    form = {"name": "\0", "password": "x", "again": "x"}
    answers = [
        await service.ask("POST", "/sign-in", data=form),
        await service.ask("POST", "/welcome/%00", data=form),
        await service.ask("GET", "/oauth/callback?state=%00&code=%00"),
    ]
    return [one.status for one in answers]


@POSTGRES
async def test_a_nul_is_no_more_than_a_character_that_nothing_has(tmp_path: Path, database_url: str) -> None:
    async with served(tmp_path / "home", database=database_url) as service:
        await service.add_shop()
        by_strangers = await strangers(service)
        routes = {route: (await service.api("GET", route)).status for route in ROUTES}
        async with service.browser("boss") as boss:
            pages = {page: (await boss.get(page)).status for page in PAGES}
            kept = await boss.post("/shelf/filters", {"name": "a\0", "q": "x\0"})
        headers = {"Content-Type": "application/x-ndjson"}
        lines = (
            await service.api("POST", "/shops/shop-a/imports", data=ROWS, headers=headers)
        ).body.splitlines()

    assert by_strangers == [401, 404, 400]
    assert {route: status for route, status in routes.items() if status >= 500} == {}
    assert {page: status for page, status in pages.items() if status >= 500} == {}
    assert kept.status == 303
    assert len(lines) == 3  # each row's answer and the tally: the first row has not ended the import
    assert msgspec.json.decode(lines[0])["status"] == "faulty"
