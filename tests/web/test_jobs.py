"""Jobs over the API: what is listed to whom, and one act at a time."""

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
from jobs_made import job, run
from openpyxl import load_workbook
from service import Service

from onshelf.guard.roles import Role
from onshelf.ids import ShopId
from onshelf.shops import upkeep


async def test_jobs_are_listed_newest_first_page_by_page_with_what_may_be_done(service: Service) -> None:
    made = [await job(service) for _ in range(3)]

    first = (await service.api("GET", "/jobs?limit=2")).json
    rest = (await service.api("GET", f"/jobs?limit=2&cursor={first['next']}")).json

    found = [*first["items"], *rest["items"]]
    assert {one["job"] for one in found} == set(made)
    assert [one["created"] for one in found] == sorted((one["created"] for one in found), reverse=True)
    assert rest["next"] is None
    assert found[0]["lines"]["queued"] == found[0]["lines"]["total"] == 3
    assert found[0]["can"] == ["pause", "cancel"]
    assert found[0]["started_by"] == "key:erp"


async def test_only_jobs_of_ones_own_shops_are_there(service: Service) -> None:
    await service.add_shop("shop-b")
    mine, foreign = await job(service), await job(service, shop="shop-b")

    listed = await service.api("GET", "/jobs", shops=("shop-a",))
    asked = [
        await service.api(verb, f"/jobs/{foreign}{path}", shops=("shop-a",))
        for verb, path in [
            ("GET", ""), ("GET", "/lines"), ("GET", "/report.xlsx"), ("GET", "/failed-rows.xlsx"),
            ("POST", "/pause"), ("POST", "/resume"), ("POST", "/cancel"), ("POST", "/retry"),
        ]
    ]  # fmt: skip

    assert [one["job"] for one in listed.json["items"]] == [mine]
    assert {(one.status, one.json["code"]) for one in asked} == {(404, "no_job")}


async def test_jobs_are_filtered_by_state_kind_shop_and_time(service: Service) -> None:
    await service.add_shop("shop-b")
    ended = await job(service)
    await run(service, fail=3)
    call = await job(service, 1, kind="call", shop="shop-b")
    later = quote((datetime.now(UTC) + timedelta(hours=1)).isoformat())

    async def found(query: str) -> list[str]:
        return [one["job"] for one in (await service.api("GET", f"/jobs?{query}")).json["items"]]

    assert await found("state=failed") == [ended]
    assert await found("kind=call") == [call]
    assert await found("shop=shop-a") == [ended]
    assert await found(f"since={later}") == []
    zoneless = await service.api("GET", "/jobs?since=2026-01-01T00:00:00")
    assert [fault["field"] for fault in zoneless.json["faults"]] == ["query.since"]


async def test_lines_that_failed_are_told_by_cause_with_a_remedy(service: Service) -> None:
    one = await job(service, 5)
    await run(service, fail=2)

    shown = (await service.api("GET", f"/jobs/{one}", headers={"Accept-Language": "en"})).json
    lines = (await service.api("GET", f"/jobs/{one}/lines?state=failed&cause=isv.title&limit=1")).json
    more = (await service.api("GET", f"/jobs/{one}/lines?state=failed&limit=5&cursor={lines['next']}")).json

    assert shown["causes"] == [
        {"state": "failed", "cause": "isv.title", "lines": 2, "message": "The title is too long.", "remedy": "Mend the title."}
    ]  # fmt: skip
    assert (shown["state"], shown["can"]) == ("failed", ["retry"])
    assert [(row["key"], row["message"]) for row in lines["items"]] == [("A-1", "标题太长")]
    assert [row["key"] for row in more["items"]] == ["A-2"]


async def test_a_report_and_the_failed_rows_come_as_workbooks(service: Service) -> None:
    one = await job(service)
    await run(service, fail=1)

    report = await service.api("GET", f"/jobs/{one}/report.xlsx")
    failed = await service.api("GET", f"/jobs/{one}/failed-rows.xlsx")

    rows = list(load_workbook(BytesIO(report.body)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == ["A-1", "A-2", "A-3"]
    assert f'filename="report-{one}.xlsx"' in report.headers["Content-Disposition"]
    assert failed.status == 200


async def test_a_job_is_paused_resumed_and_cancelled_and_the_audit_log_names_it(service: Service) -> None:
    one = await job(service)

    states = [
        ((await service.api("POST", f"/jobs/{one}/{act}")).json["state"]) for act in ("pause", "resume", "cancel")
    ]  # fmt: skip
    await service.app.audit.flush()

    assert states == ["paused", "queued", "cancelled"]
    rows = await service.app.db.fetch("SELECT action FROM audit WHERE subject = ? ORDER BY number", (one,))
    assert [action for (action,) in rows] == ["jobs.pause", "jobs.resume", "jobs.cancel"]


async def test_of_two_who_press_pause_one_is_told_that_it_was_so_already(service: Service) -> None:
    one = await job(service)

    told = await asyncio.gather(*(service.api("POST", f"/jobs/{one}/pause") for _ in range(2)))

    assert sorted(answer.json["verdict"] for answer in told) == ["already", "done"]


@pytest.mark.parametrize(
    ("act", "code"), [("pause", "job_ended"), ("cancel", "job_ended"), ("retry", "job_none_failed")]
)
async def test_a_job_that_ended_meanwhile_is_left_alone_in_clear_words(
    service: Service, act: str, code: str
) -> None:
    one = await job(service)
    await run(service)

    refused = await service.api("POST", f"/jobs/{one}/{act}")

    assert (refused.status, refused.json["code"]) == (409, code)


async def test_a_job_whose_shop_is_on_hold_says_what_holds_it(service: Service) -> None:
    one = await job(service)
    await upkeep.pause(service.app.shops, service.app.queue, ShopId("shop-a"))

    refused = await service.api("POST", f"/jobs/{one}/resume")

    assert (refused.status, refused.json["code"]) == (409, "job_shop_held")


async def test_a_dry_run_of_a_cancel_leaves_the_job_and_the_audit_log_alone(service: Service) -> None:
    one = await job(service)

    told = await service.api("POST", f"/jobs/{one}/cancel?dry_run=true")
    await service.app.audit.flush()

    assert (told.status, told.json["verdict"]) == (200, "done")
    assert (await service.api("GET", f"/jobs/{one}")).json["state"] == "queued"
    assert await service.app.db.fetch("SELECT 1 FROM audit WHERE subject = ?", (one,)) == []


async def test_who_only_looks_changes_no_job(service: Service) -> None:
    one = await job(service)

    assert (await service.api("POST", f"/jobs/{one}/pause", role=Role.VIEWER)).status == 403
    assert (await service.api("GET", f"/jobs/{one}", role=Role.VIEWER)).status == 200
