"""Publishing over the API: the plan, the start, what only a person decides, and calls by name."""

from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest_asyncio
from service import Service

from onshelf.catalog.imports.intake import import_file
from onshelf.catalog.profile import decode_profile
from onshelf.guard.roles import Role
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.store import save
from onshelf.platforms.port import CallRecord
from onshelf.sandbox.launch import running
from onshelf.shops.calls import shown_reply
from onshelf.working import WATCH

EXAMPLE = Path(str(files("onshelf") / "reference" / "example"))
QUESTION = Intent(
    "shop-a",
    "编码/1",
    state=State.UNDECIDED,
    doing=Doing.CREATE,
    attempt=1,
    first_sent_us=1_000_000,
    sent_us=2_000_000,
    prior_ids=(5,),
    looks=(Look(6, True, (Sighting(7, "编码/1", "标题", False, None, None, 8),)),),
    sent={"title": "标题"},
    problem='{"code": "listing.undecided.strangers", "item_ids": [7]}',
)


@pytest_asyncio.fixture
async def stocked(service: Service) -> int:
    """Imports the example's products; returns how many are good."""
    report = await import_file(
        service.app.db,
        EXAMPLE / "products.csv",
        decode_profile((EXAMPLE / "profile.json").read_text("utf-8"), where="profile.json"),
        shop_id="shop-a",
        import_id="1",
        clock=service.app.clock,
        open_pictures=False,
    )
    return report.tally.good


async def test_the_plan_tells_counts_samples_calls_and_what_the_quota_allows(
    service: Service, stocked: int
) -> None:
    plan = (await service.api("GET", "/shops/shop-a/publishing")).json

    assert plan["unreadable"] == stocked  # the pictures are drawn by the demo, and lie nowhere here
    assert [one["counted_as"] for one in plan["samples"]] == ["unreadable"] * 5
    assert plan["samples"][0]["why"] == "图片文件无法读取。"
    assert plan["calls_total"] == sum(plan["calls"].values())
    assert (plan["closures"], plan["fits_today"]) == ([], True)


async def test_every_page_tells_the_same_calls_left_and_the_plan_those_publishing_may_use(
    service: Service, stocked: int
) -> None:
    app = service.app
    await app.db.commit([app.schedules.ensure("watch:shop-a", kind=WATCH, every_s=3600)])
    for _ in range(7):
        call = CallRecord(
            app.clock.now_us(), 0, "shop-a", "12345678", "taobao.item.add", "ok", 0, "", "", b""
        )
        app.audit.called(call)
    await app.audit.flush()

    async with service.browser() as lin:
        paths = ("/", "/shops", "/shops/shop-a", "/quota/12345678", "/shops/shop-a/publishing")
        pages = [(await lin.get(path)).text for path in paths]

    assert stocked
    assert ["4,993" in page and "今日剩余调用" in page for page in pages] == [True] * 5
    assert "上架还可用 4,493 次（共剩 4,993，其余留给交易、库存与巡检）" in pages[-1]


async def test_a_canary_starts_the_first_few_and_the_rest_is_told_for_later(
    service: Service, stocked: int
) -> None:
    plan = (await service.api("GET", "/shops/shop-a/publishing?canary=3")).json

    started = (await service.api("POST", "/shops/shop-a/publishing", json={"canary": 3})).json["job"]

    assert plan["later"] == stocked - 3
    assert started["lines"]["total"] == 3
    assert started["started_by"].startswith("key:administrator")


async def test_what_a_job_has_already_is_left_to_it(service: Service, stocked: int) -> None:
    codes = ["TX-1001"]
    first = (await service.api("POST", "/shops/shop-a/publishing", json={"outer_ids": codes})).json["job"]

    plan = (await service.api("GET", "/shops/shop-a/publishing?outer_id=TX-1001")).json
    second = (await service.api("POST", "/shops/shop-a/publishing", json={"outer_ids": codes})).json["job"]

    assert plan["under_way"] == 1
    assert second["job"] == first["job"]


async def test_codes_the_shop_has_not_are_named_and_nothing_is_started(
    service: Service, stocked: int
) -> None:
    asked = {"outer_ids": ["TX-1001", "NOBODY"]}

    refused = await service.api("POST", "/shops/shop-a/publishing", json=asked)

    assert (refused.status, refused.json["code"]) == (422, "no_products")
    assert "NOBODY" in refused.json["title"]
    assert (await service.api("GET", "/jobs")).json["items"] == []


async def test_a_dry_run_tells_the_plan_and_starts_nothing(service: Service, stocked: int) -> None:
    told = (await service.api("POST", "/shops/shop-a/publishing?dry_run=true")).json

    assert told["job"] is None
    assert told["plan"]["unreadable"] == stocked
    assert (await service.api("GET", "/jobs")).json["items"] == []


async def test_a_shop_with_nothing_to_do_starts_no_job(service: Service) -> None:
    assert (await service.api("POST", "/shops/shop-a/publishing")).json == {"job": None, "plan": None}


async def ask_question(service: Service) -> None:
    await service.app.db.commit([save(QUESTION, None)[1]])


async def test_a_question_shows_what_was_sent_beside_what_is_there(service: Service) -> None:
    await ask_question(service)

    (one,) = (await service.api("GET", "/shops/shop-a/undecided")).json["items"]

    assert (one["outer_id"], one["sent"], one["attempts"]) == ("编码/1", {"title": "标题"}, 1)
    assert (one["sent_at"], one["first_sent"]) == ("1970-01-01T00:00:02Z", "1970-01-01T00:00:01Z")
    assert [(seen["item_id"], seen["title"], seen["on_shelf"]) for seen in one["shown"]] == [
        (7, "标题", False)
    ]
    assert (one["item_ids"], one["prior_ids"]) == ([5, 7], [5])


async def test_a_question_is_settled_once_by_who_may(service: Service) -> None:
    await ask_question(service)
    path, adopt = "/shops/shop-a/undecided/编码/1", {"choice": "adopt", "item_id": 7}

    operator = await service.api("POST", path, json=adopt, role=Role.OPERATOR)
    without = await service.api("POST", path, json={"choice": "adopt"})
    rehearsed = await service.api("POST", f"{path}?dry_run=true", json=adopt)
    settled = await service.api("POST", path, json=adopt, role=Role.APPROVER)
    again = await service.api("POST", path, json={"choice": "absent"})

    assert (operator.status, without.json["code"], rehearsed.status) == (403, "adopt_which", 200)
    assert settled.json == {"outer_id": "编码/1", "choice": "adopt", "item_id": 7}
    assert (again.status, again.json["code"]) == (409, "no_question")


@pytest_asyncio.fixture
async def sandbox(service: Service) -> AsyncIterator[dict[str, Any]]:
    """A sandbox with the shop `live` in it."""
    async with running(seed=7) as info:
        await service.add_shop("live", gateway=info["gateway"])
        yield info


async def test_a_method_is_called_by_name(service: Service, sandbox: dict[str, Any]) -> None:
    asked = {"method": "taobao.items.onsale.get", "params": {"fields": "num_iid", "page_size": 5}}

    told = (await service.api("POST", "/shops/live/calls", json=asked)).json

    assert (told["sent"], told["job"], told["warnings"]) == (True, None, [])
    assert "total_results" in told["reply"]


async def test_what_the_platform_refuses_is_told_with_its_code(
    service: Service, sandbox: dict[str, Any]
) -> None:
    asked = {"method": "taobao.item.seller.get", "params": {"fields": "num_iid", "num_iid": 1}}

    refused = await service.api("POST", "/shops/live/calls", json=asked)

    assert (refused.status, refused.json["code"]) == (422, "business_fault")


def test_a_reply_keeps_its_shape_and_hides_who_the_buyer_is() -> None:
    trade = {"tid": 1, "buyer_nick": "wang", "orders": [{"receiver_mobile": "13800138000", "num": 2}]}

    shown = shown_reply("taobao.trade.fullinfo.get", {"trade": trade})["trade"]

    assert (shown["tid"], shown["orders"][0]["num"]) == (1, 2)
    assert "wang" not in str(shown)
    assert "138" not in str(shown)
    assert "abc" not in str(shown_reply("taobao.top.auth.token.create", {"token_result": "abc"}))


async def test_wrong_arguments_are_told_all_at_once_and_not_sent(service: Service) -> None:
    asked = {"method": "taobao.item.add", "params": {"num": "many"}}

    refused = await service.api("POST", "/shops/shop-a/calls", json=asked)
    faults = {one["field"]: one["rule"] for one in refused.json["faults"]}

    assert (refused.status, refused.json["code"]) == (422, "arguments")
    assert (faults["params.num"], faults["params.title"]) == ("integer", "missing")


async def test_a_dry_run_checks_the_arguments_and_sends_nothing(service: Service) -> None:
    asked = {"method": "taobao.time.get", "params": {"odd": 1}}

    told = (await service.api("POST", "/shops/shop-a/calls?dry_run=true", json=asked)).json

    assert (told["sent"], told["reply"]) == (False, None)
    assert "odd" in told["warnings"][0]


async def test_a_role_calls_only_what_it_needs(service: Service) -> None:
    asked = {"method": "taobao.item.delete", "params": {"num_iid": 1}}

    refused = await service.api("POST", "/shops/shop-a/calls", json=asked, role=Role.OPERATOR)

    assert (refused.status, refused.json["code"]) == (403, "no_call")
