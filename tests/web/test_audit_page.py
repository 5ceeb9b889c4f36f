"""The page of the audit log: found by shop and by people's names, taken away as a file, and a broken chain as it shows."""

import csv
import io

import pytest
from service import Service

from onshelf.guard.roles import Role
from onshelf.store.db import Write


async def lived(service: Service) -> None:
    """Two shops at which something was done."""
    await service.add_shop("shop-b")
    await service.api("POST", "/shops/shop-a/pause")
    await service.api("POST", "/shops/shop-b/pause")
    await service.api("PATCH", "/shops/shop-a", json={"nick": "=cmd|calc", "tmc": "wss://mc.example.com/"})
    await service.app.audit.flush()


async def test_a_shops_acts_are_found_also_once_it_is_gone(service: Service) -> None:
    await lived(service)
    await service.api("DELETE", "/shops/shop-a?force=true")
    acts = (await service.api("GET", "/audit?about_shop=shop-a")).json["items"]
    async with service.browser("boss") as boss:
        page = (await boss.get("/audit?about_shop=shop-a")).text

    assert [one["action"] for one in acts] == ["shop.removed", "shop.changed", "shop.paused"]
    assert acts[1]["change"]["tmc"]["after"] == "wss://mc.example.com/"
    assert "移除店铺" in page
    assert "shop-b</a>" not in page


async def test_whoever_has_one_shop_finds_what_others_did_to_it_and_nothing_else(service: Service) -> None:
    await lived(service)
    mine = await service.api("GET", "/audit?about_shop=shop-a", shops=("shop-a",))
    others = await service.api("GET", "/audit?about_shop=shop-b", shops=("shop-a",))

    assert {one["action"] for one in mine.json["items"]} == {"shop.changed", "shop.paused"}
    assert others.json["items"] == []


async def test_a_person_is_found_by_the_name_people_know(service: Service) -> None:
    async with service.browser("boss") as boss:
        await boss.get("/shops")
        await service.app.audit.flush()
        page = (await boss.get("/audit?actor=boss")).text
        nobody = (await boss.get("/audit?actor=somebody")).text

    assert '<td data-label="操作人"' in page
    assert "没有符合筛选条件" in nobody


async def test_the_log_is_taken_away_as_a_file_no_spreadsheet_reckons_with(service: Service) -> None:
    await lived(service)
    async with service.browser("boss") as boss:
        answer = await boss.get("/audit/export?about_shop=shop-a")
        await service.app.audit.flush()
        noted = await boss.get("/audit?action=audit.exported")

    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["时间", "操作人", "操作", "对象", "结果", "改动（前 → 后）"]
    assert [row[2] for row in rows[1:]] == ["修改店铺", "暂停店铺"]
    assert "卖家昵称：shop-a → =cmd|calc" in rows[1][5]
    assert "消息服务地址：wss://mc.example.com/" in rows[1][5], (
        "what there was nothing of before is not told as a change"
    )
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "导出操作记录" in noted.text


@pytest.mark.parametrize("hx", [True, False])
async def test_a_broken_chain_shows_where_and_what_stands_there_now(service: Service, hx: bool) -> None:
    await lived(service)
    await service.app.db.commit(
        [
            Write(
                "UPDATE audit SET actor = 'person:somebody' WHERE action = 'shop.paused' AND subject = 'shop-a'"
            )
        ]
    )
    async with service.browser("boss") as boss:
        token = await boss.csrf("/audit")
        headers = {"X-CSRF": token} | ({"HX-Request": "true"} if hx else {})
        told = await service.ask("POST", "/audit/verify", http=boss.http, headers=headers)

    assert "被改动" in told.text
    assert "somebody · 暂停店铺 · shop-a" in told.text
    assert ("<html" in told.text) is not hx


async def test_whoever_has_one_shop_sees_no_others_rows_in_a_broken_chain(service: Service) -> None:
    await lived(service)
    await service.app.db.commit([Write("UPDATE audit SET outcome = 'x' WHERE subject = 'shop-b'")])
    async with service.browser("dev", Role.DEVELOPER, shops=("shop-a",)) as dev:
        token = await dev.csrf("/audit")
        told = await service.ask("POST", "/audit/verify", http=dev.http, headers={"X-CSRF": token})

    assert "被改动" in told.text
    assert "shop-b" not in told.text
