"""`/webhooks`: who may make one, whose events it hears, and what was told can be told again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from service import Service, served

from onshelf.clock import BEIJING, SECOND_US, from_us
from onshelf.events import EVENTS, ShopTrouble
from onshelf.guard.roles import Role
from onshelf.hooks.hook import Hook
from onshelf.hooks.told import TYPE_OF, TYPES
from onshelf.platforms.webhook import sign
from onshelf.store import log
from onshelf.store.db import Write
from onshelf.web.console.developer import version_of


@dataclass
class Erp:
    """Somebody's program that is told what happens."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def erp() -> AsyncIterator[Erp]:
    found = Erp()
    app = web.Application()
    app.router.add_post("/in", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}/in"
    try:
        yield found
    finally:
        await runner.cleanup()


async def trouble(service: Service, shop: str = "shop-a") -> None:
    now_us = service.app.clock.now_us()
    event = ShopTrouble(shop, "probe", "probe_failed", over=False, loud=True, what="x", at_us=now_us)
    await service.app.db.commit([log.append(event, now_us)])


async def made(service: Service, url: str = "https://erp.example.com/in", **more: Any) -> dict[str, Any]:
    answer = await service.api("POST", "/webhooks", json={"url": url, **more})
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def test_a_webhook_is_made_told_and_listed_with_its_deliveries(service: Service) -> None:
    async with erp() as program:
        hook = await made(service, program.url, types=["shop.trouble"], about="ERP")
        await trouble(service)
        await service.app.hooks.drain_once()
        listed = await service.api("GET", "/webhooks")
        told = await service.api("GET", f"/webhooks/{hook['webhook']}/deliveries")
        whole = await service.api(
            "GET", f"/webhooks/{hook['webhook']}/deliveries/{told.json['items'][0]['delivery']}"
        )

    ((headers, body),) = program.got
    assert headers["webhook-signature"] == sign(
        hook["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body
    )
    assert "secret" not in listed.json["items"][0]
    assert hook["secret"] not in listed.text
    assert [(one["state"], one["status"], one["attempts"]) for one in told.json["items"]] == [
        ("succeeded", 200, 1)
    ]
    assert whole.json["body"] == msgspec.json.decode(body)
    assert told.json["items"][0]["delivery"] == headers["webhook-id"]


async def test_a_test_tells_the_true_answer_and_a_dry_run_sends_nothing(service: Service) -> None:
    async with erp() as program:
        hook = await made(service, program.url)
        dry = await service.api("POST", f"/webhooks/{hook['webhook']}/test?dry_run=true")
        program.status = 500
        refused = await service.api("POST", f"/webhooks/{hook['webhook']}/test")

    assert (dry.json["sent"], len(program.got)) == (False, 1)
    assert refused.json == {"sent": True, "accepted": False, "status": 500, "note": "HTTP 500"}


async def test_messages_are_replayed_one_or_all_since_a_time(service: Service) -> None:
    async with erp() as program:
        since = from_us(service.app.clock.now_us() - SECOND_US).isoformat()
        await trouble(service)
        hook = await made(service, program.url)
        count = await service.api("POST", f"/webhooks/{hook['webhook']}/replay", params={"since": since})
        await service.app.hooks.drain_once()
        one = program.got[0][0]["webhook-id"]
        again = await service.api("POST", f"/webhooks/{hook['webhook']}/deliveries/{one}/replay")
        await service.app.hooks.drain_once()

    assert count.json == {"messages": 1}
    assert again.json["state"] == "queued"
    assert [headers["webhook-id"] for headers, _ in program.got] == [one, one]


async def test_a_replay_from_long_ago_is_refused(service: Service) -> None:
    hook = await made(service)

    refused = await service.api(
        "POST", f"/webhooks/{hook['webhook']}/replay", params={"since": "2020-01-01T00:00:00Z"}
    )

    assert (refused.status, refused.json["code"]) == (422, "too_long_ago")


async def test_a_webhook_is_paused_and_goes_on(service: Service) -> None:
    hook = await made(service)
    path = f"/webhooks/{hook['webhook']}"

    paused = await service.api("PATCH", path, json={"paused": True})
    active = await service.api("PATCH", path, json={"paused": False, "about": "new"})

    assert (paused.json["state"], active.json["state"], active.json["about"]) == ("paused", "active", "new")


async def test_a_rotated_secret_is_shown_once(service: Service) -> None:
    hook = await made(service)

    rotated = await service.api("POST", f"/webhooks/{hook['webhook']}/secret?overlap_s=60")

    signing = await service.app.webhooks.signing(hook["webhook"])
    assert signing.split() == [rotated.json["secret"], hook["secret"]]


async def test_a_removed_webhook_is_not_there(service: Service) -> None:
    hook = await made(service)
    removed = await service.api("DELETE", f"/webhooks/{hook['webhook']}")

    gone = await service.api("GET", f"/webhooks/{hook['webhook']}")

    assert removed.status == 204
    assert (gone.status, gone.json["code"]) == (404, "no_webhook")


async def test_a_key_of_one_shop_sees_webhooks_of_that_shop_alone(service: Service) -> None:
    await service.add_shop("shop-b")
    every = await made(service)
    mine = await service.api(
        "POST", "/webhooks", shops=("shop-a",), role=Role.DEVELOPER, json={"url": "https://erp.example.com/a"}
    )
    foreign = await service.api(
        "POST", "/webhooks", shops=("shop-a",), json={"url": "https://erp.example.com/b", "shops": ["shop-b"]}
    )
    listed = await service.api("GET", "/webhooks", shops=("shop-a",))
    other = await service.api("GET", f"/webhooks/{every['webhook']}", shops=("shop-a",))

    assert mine.json["shops"] == ["shop-a"]
    assert (foreign.status, foreign.json["code"]) == (404, "no_shop")
    assert [one["webhook"] for one in listed.json["items"]] == [mine.json["webhook"]]
    assert other.status == 404


async def test_a_key_of_one_shop_lets_no_webhook_hear_of_every_shop(service: Service) -> None:
    """It is told so: an answer of 200 would say that it was done."""
    given: dict[str, Any] = {"shops": ("shop-a",), "role": Role.DEVELOPER}
    mine = await service.api("POST", "/webhooks", json={"url": "https://erp.example.com/a"}, **given)
    path = f"/webhooks/{mine.json['webhook']}"
    wish = {"every_shop": True, "about": "all"}
    refused = [
        await service.api("PATCH", path + query, json=wish, **given) for query in ("", "?dry_run=true")
    ]
    kept = await service.api("GET", path, **given)
    whole = await service.api("PATCH", path, json=wish)

    assert [(one.status, one.json["code"]) for one in refused] == [(403, "others_shops")] * 2
    assert (kept.json["shops"], kept.json["about"]) == (["shop-a"], "")
    assert whole.json["shops"] is None


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "javascript:alert(1)", "https://user:pw@x.example/", "file:///etc/passwd"]
)
async def test_an_address_that_is_no_web_address_is_refused(service: Service, url: str) -> None:
    refused = await service.api("POST", "/webhooks", json={"url": url})

    assert refused.status == 422


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://0x7f.1/"],
)  # fmt: skip
async def test_in_production_no_webhook_leads_inside(tmp_path: Path, url: str) -> None:
    async with served(tmp_path / "home", inside_addresses="refuse") as service:
        refused = await service.api("POST", "/webhooks", json={"url": url})

    assert refused.status == 422
    assert "inside_addresses" in refused.text


async def test_a_name_that_leads_inside_is_found_out_when_it_is_reached(tmp_path: Path) -> None:
    async with served(tmp_path / "home", inside_addresses="refuse") as service, erp() as program:
        # A name of the network that stands for this machine, as an attacker's does.
        await service.app.webhooks.add("https://erp.example.com/in", made_by="test")
        hook, _ = await service.app.webhooks.add("https://erp.example.com/in", made_by="test")
        await service.app.db.commit(
            [Write("UPDATE hook SET url = ? WHERE hook_id = ?", (program.url, hook.hook_id))]
        )
        tried = await service.api("POST", f"/webhooks/{hook.hook_id}/test")

    assert tried.json["accepted"] is False
    assert "127.0.0.1" in tried.json["note"]
    assert program.got == []


async def test_deliveries_come_in_pages_and_by_state(service: Service) -> None:
    hook = await made(service)
    for _ in range(5):
        await trouble(service)
    await service.app.hooks.read()
    path = f"/webhooks/{hook['webhook']}/deliveries"

    first = await service.api("GET", f"{path}?limit=3&fields=type,delivery")
    second = await service.api("GET", f"{path}?limit=3&cursor={first.json['next']}")
    none = await service.api("GET", f"{path}?state=succeeded")

    assert [len(first.json["items"]), len(second.json["items"]), len(none.json["items"])] == [3, 2, 0]
    assert second.json["next"] is None


async def test_every_event_has_a_type_with_words_and_an_example(service: Service) -> None:
    listed = await service.api("GET", "/event-types", role=Role.VIEWER)

    assert set(TYPE_OF) == set(EVENTS.values())
    assert {one["type"] for one in listed.json["items"]} == set(TYPES)
    assert all(one["example"]["type"] == one["type"] and one["about"] for one in listed.json["items"])


async def test_what_is_done_to_webhooks_stands_in_the_audit_log_without_secret_or_address(
    service: Service,
) -> None:
    hook = await made(service, "https://erp.example.com/token-in-path")
    await service.api("PATCH", f"/webhooks/{hook['webhook']}", json={"paused": True})
    await service.app.audit.flush()

    rows = await service.app.db.fetch("SELECT * FROM audit")

    assert "webhook.added" in str(rows)
    assert "webhook.changed" in str(rows)
    assert hook["secret"] not in str(rows)
    assert "token-in-path" not in str(rows)


async def unheard(service: Service) -> Hook:
    """Makes a webhook with no shops, as an early version let anybody do."""
    hook, _ = await service.app.webhooks.add(
        "https://erp.example.com/token-in-path", shops=[], made_by="test"
    )
    return hook


@pytest.mark.parametrize(
    ("verb", "rest"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
    ],
)
async def test_a_webhook_with_no_shops_belongs_to_whoever_has_every_shop(
    service: Service, verb: str, rest: str
) -> None:
    hook = await unheard(service)
    path = f"/webhooks/{hook.hook_id}{rest}"
    body = {"json": {"about": "mine"}} if verb == "PATCH" else {}

    listed = await service.api("GET", "/webhooks", role=Role.DEVELOPER, shops=("shop-a",))
    refused = await service.api(verb, path, role=Role.DEVELOPER, shops=("shop-a",), **body)
    whole = await service.api("GET", "/webhooks", role=Role.DEVELOPER)

    assert "token-in-path" not in listed.text
    assert (refused.status, refused.json["code"]) == (404, "no_webhook")
    assert [(one["webhook"], one["shops"]) for one in whole.json["items"]] == [(hook.hook_id, [])]


async def test_no_webhook_is_made_or_left_with_no_shops(service: Service) -> None:
    hook = await made(service, shops=["shop-a"])

    new = await service.api("POST", "/webhooks", json={"url": "https://erp.example.com/a", "shops": []})
    changed = await service.api("PATCH", f"/webhooks/{hook['webhook']}", json={"shops": []})
    nobody = await service.api("POST", "/webhooks", shops=(), json={"url": "https://erp.example.com/a"})

    assert [(one.status, one.json["faults"][0]["field"]) for one in (new, changed)] == [
        (422, "body.shops")
    ] * 2
    assert (nobody.status, nobody.json["code"]) == (422, "no_shop_chosen")


async def test_shops_and_every_shop_at_once_are_refused(service: Service) -> None:
    hook = await made(service, shops=["shop-a"])

    both = await service.api(
        "PATCH", f"/webhooks/{hook['webhook']}", json={"shops": ["shop-a"], "every_shop": True}
    )
    after = await service.api("GET", f"/webhooks/{hook['webhook']}")

    assert (both.status, both.json["faults"][0]["rule"]) == (422, "shops_or_every")
    assert after.json["shops"] == ["shop-a"]


async def test_a_webhook_with_no_shops_is_given_some(service: Service) -> None:
    hook = await unheard(service)

    noted = await service.api("PATCH", f"/webhooks/{hook.hook_id}", json={"about": "ERP"})
    given = await service.api("PATCH", f"/webhooks/{hook.hook_id}", json={"shops": ["shop-a"]})

    assert (noted.status, noted.json["shops"], given.json["shops"]) == (200, [], ["shop-a"])


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有指定店铺"), ("en", "hears of nothing")])
async def test_the_console_tells_of_a_webhook_with_no_shops_and_makes_none(
    service: Service, lang: str, said: str
) -> None:
    hook = await unheard(service)
    async with service.browser() as lin:
        await lin.post("/language", {"lang": lang})
        page = await lin.get(f"/developer/webhooks/{hook.hook_id}")
        refused = await lin.post("/developer/webhooks", {"url": "https://erp.example.com/a"})
        form = {"url": hook.url, "version": version_of(hook)}
        kept = await lin.post(f"/developer/webhooks/{hook.hook_id}", form)

    assert said in page.text
    assert (refused.status, kept.status) == (422, 422)
    assert [one.hook_id for one in await service.app.webhooks.hooks()] == [hook.hook_id]


async def test_a_form_that_was_opened_before_a_change_undoes_nothing_of_it(service: Service) -> None:
    await service.add_shop("shop-b")
    opened = await service.app.webhooks.hook((await made(service, shops=["shop-a", "shop-b"]))["webhook"])
    path = f"/developer/webhooks/{opened.hook_id}"
    await service.api("PATCH", f"/webhooks/{opened.hook_id}", json={"shops": ["shop-a"]})
    form = {"url": opened.url, "about": "ERP", "shops": "shop-b"}

    async with service.browser() as lin:
        stale = await lin.post(path, {**form, "version": version_of(opened)})
        meanwhile = await service.app.webhooks.hook(opened.hook_id)
        again = await lin.post(path, {**form, "version": version_of(meanwhile)})

    assert (stale.status, meanwhile.shops, again.status) == (409, frozenset(["shop-a"]), 303)
    after = await service.app.webhooks.hook(opened.hook_id)
    assert (after.about, after.shops) == ("ERP", frozenset(["shop-b"]))


async def test_parallel_changes_over_the_api_lose_nothing(service: Service) -> None:
    path = f"/webhooks/{(await made(service))['webhook']}"
    wishes: list[dict[str, Any]] = [
        {"about": "new"},
        {"url": "https://erp.example.com/new"},
        {"types": ["job.ended"]},
    ]

    answers = await asyncio.gather(*(service.api("PATCH", path, json=one) for one in wishes))

    after = (await service.api("GET", path)).json
    assert [one.status for one in answers] == [200, 200, 200]
    assert {"about": after["about"], "url": after["url"], "types": after["types"]} == {
        name: value for one in wishes for name, value in one.items()
    }


async def test_a_dry_run_of_a_change_tells_what_would_be_and_keeps_nothing(service: Service) -> None:
    path = f"/webhooks/{(await made(service))['webhook']}"

    dry = await service.api("PATCH", f"{path}?dry_run=true", json={"about": "new", "shops": ["shop-a"]})

    assert (dry.json["about"], dry.json["shops"]) == ("new", ["shop-a"])
    assert (await service.api("GET", path)).json["about"] == ""


@asynccontextmanager
async def resting(service: Service) -> AsyncIterator[tuple[Erp, str]]:
    """A receiver that was away for long and is back, while its webhook rests; yields its path too. One message waits."""
    async with erp() as program:
        hook = await made(service, program.url)
        await trouble(service)
        program.status = 500
        await service.app.hooks.drain_once()
        long_us = service.app.clock.now_us() + 3000 * SECOND_US
        rest = Write("UPDATE hook SET misses = 20, rest_until_us = ?", (long_us,))
        wait = Write("UPDATE hook_delivery SET attempt = 20, run_at_us = ?", (long_us - 2000 * SECOND_US,))
        await service.app.db.commit([rest, wait])
        program.status, program.got = 200, []
        yield program, f"/webhooks/{hook['webhook']}"


async def test_the_next_try_that_is_told_is_not_before_the_end_of_the_rest(service: Service) -> None:
    async with resting(service) as (_, path):
        (listed,) = (await service.api("GET", f"{path}/deliveries")).json["items"]
        one = await service.api("GET", f"{path}/deliveries/{listed['delivery']}")
        await service.api("PATCH", path, json={"paused": True})
        paused = await service.api("GET", f"{path}/deliveries/{listed['delivery']}")
    (hook,) = await service.app.webhooks.hooks()

    assert listed["next_try"] == one.json["next_try"]
    assert datetime.fromisoformat(listed["next_try"]) == from_us(hook.rest_until_us)
    assert paused.json["next_try"] is None


async def test_after_an_outage_a_replay_tells_what_waits(service: Service) -> None:
    since = {"since": from_us(service.app.clock.now_us() - 3600 * SECOND_US).isoformat()}
    async with resting(service) as (program, path):
        dry = await service.api("POST", f"{path}/replay?dry_run=true", params=since)
        idle = await service.app.hooks.drain_once()
        count = await service.api("POST", f"{path}/replay", params=since)
        again = await service.api("POST", f"{path}/replay", params=since)
        await service.app.hooks.drain_once()

    assert idle is not None
    assert (dry.json, count.json, again.json) == ({"messages": 1}, {"messages": 1}, {"messages": 0})
    assert len(program.got) == 1


async def test_one_message_that_waits_is_sent_again_at_once(service: Service) -> None:
    async with resting(service) as (program, path):
        (listed,) = (await service.api("GET", f"{path}/deliveries")).json["items"]
        again = await service.api("POST", f"{path}/deliveries/{listed['delivery']}/replay")
        now = from_us(service.app.clock.now_us())
        await service.app.hooks.drain_once()

    assert (again.json["state"], again.json["attempts"]) == ("queued", 20)
    assert datetime.fromisoformat(again.json["next_try"]) <= now
    assert len(program.got) == 1


async def test_a_test_that_is_accepted_ends_the_rest(service: Service) -> None:
    async with resting(service) as (program, path):
        await service.api("POST", f"{path}/test")
        left = await service.app.hooks.drain_once()
        hook = await service.api("GET", path)

    assert (left, len(program.got)) == (None, 2)
    assert hook.json["failing_since"] is None


@pytest.mark.parametrize(
    ("lang", "one", "none"),
    [
        ("zh", "1 条消息已排队重发", "没有需要重发的消息"),
        ("en", "To be sent again: 1.", "nothing to send again"),
    ],
)
async def test_the_console_says_what_a_replay_does(service: Service, lang: str, one: str, none: str) -> None:
    since = {"since": f"{service.app.clock.now().astimezone(BEIJING) - timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    async with resting(service) as (_, path), service.browser() as lin:
        await lin.post("/language", {"lang": lang})
        page = await lin.get(f"/developer{path}")
        told = await lin.post(f"/developer{path}/replay", since)
        said = await lin.get(told.headers["Location"])
        told = await lin.post(f"/developer{path}/replay", since)
        again = await lin.get(told.headers["Location"])
    (hook,) = await service.app.webhooks.hooks()
    (waiting,) = await service.app.webhooks.deliveries(hook.hook_id, limit=9)

    assert f"/deliveries/{waiting.delivery_id}/replay" in page.text  # it has a button while it waits
    assert one in said.text
    assert none in again.text


async def test_a_dry_run_shows_no_secret_for_there_is_none(service: Service) -> None:
    """What looks like a secret is kept by a program, and then signs nothing."""
    hook = await made(service)

    new = await service.api("POST", "/webhooks?dry_run=true", json={"url": "https://erp.example.com/in"})
    rotated = await service.api("POST", f"/webhooks/{hook['webhook']}/secret?dry_run=true")

    assert (new.status, new.json["secret"]) == (201, "")
    assert (rotated.status, rotated.json["secret"]) == (200, "")
    assert await service.app.webhooks.signing(hook["webhook"]) == hook["secret"]
