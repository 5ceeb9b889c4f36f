"""Alerts, silences, channels, deliveries and rules over the API, from the first event to what a receiver was told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from service import Answer, Service

from onshelf.alerts.channels import KINDS
from onshelf.alerts.rules import CAUSES, RULES
from onshelf.catalog.item import Reason, State
from onshelf.clock import from_us
from onshelf.events import ItemChanged
from onshelf.guard.roles import Role
from onshelf.store import log

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FIRST = "/alerts/shop-a:1:left_the_shelf"


class Receiver:
    """A program that is told of alerts, and answers as it is told to."""

    def __init__(self) -> None:
        self.address = ""
        self.status = 200
        self.told: list[dict[str, Any]] = []

    async def hear(self, request: web.Request) -> web.Response:
        self.told.append(await request.json())
        return web.Response(text='{"seen": "谢谢"}', status=self.status)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    hearing = Receiver()
    server = web.Application()
    server.router.add_post("/hook", hearing.hear)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hearing.address = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hearing
    await runner.cleanup()


async def happen(
    service: Service, item_id: int, reason: Reason, *, shop: str = "shop-a", version: int = 2
) -> None:
    """An item leaves the shelf, and the room has read of it."""
    now_us = service.app.clock.now_us()
    gone = State.DELETED if reason == Reason.DELETED else State.INSTOCK
    back = reason == Reason.LISTED
    event = ItemChanged(
        shop_id=shop,
        item_id=item_id,
        version=version,
        outer_id=f"SKU-{item_id}",
        title=f"连衣裙 {item_id}",
        old=State.INSTOCK if back else State.ONSALE,
        new=State.ONSALE if back else gone,
        reason=reason,
        happened_us=now_us,
        seen_us=now_us,
        ours=False,
        evidence="slice",
    )
    await service.app.db.commit([log.append(event, now_us)])
    await service.app.alerts.read()


async def add(service: Service, receiver: Receiver, **more: Any) -> Answer:
    new = {"channel": "erp", "kind": "webhook", "config": {"url": receiver.address, "secret": SECRET}}
    return await service.api("POST", "/channels", json={**new, **more})


def in_hours(service: Service, hours: float) -> str:
    return (from_us(service.app.clock.now_us()) + timedelta(hours=hours)).isoformat()


async def ids(service: Service, query: str = "", **how: Any) -> list[int]:
    return [one["item_id"] for one in (await service.api("GET", f"/alerts{query}", **how)).json["items"]]


async def test_alerts_are_listed_by_what_is_asked_for(service: Service) -> None:
    for number, reason in enumerate([Reason.SOLD_OUT, Reason.DELETED, Reason.SOLD_OUT], 1):
        await happen(service, number, reason)
    before = (await service.api("GET", "/alerts?limit=1")).json["items"][0]["changed"]
    await happen(service, 3, Reason.LISTED, version=3)

    assert await ids(service) == [3, 2, 1]
    assert await ids(service, "?state=firing") == [2, 1]
    assert await ids(service, "?state=resolved") == [3]
    assert await ids(service, "?severity=critical") == [2]
    assert await ids(service, "?cause=sold_out") == [1]
    assert await ids(service, "?shop=shop-a&limit=2") == [3, 2]
    assert await ids(service, f"?since={before.replace('+', '%2B')}") == [3]
    page = (await service.api("GET", "/alerts?limit=2&fields=item_id")).json
    assert await ids(service, f"?limit=2&cursor={page['next']}") == [1]


async def test_an_alert_of_a_foreign_shop_is_not_there(service: Service) -> None:
    await service.add_shop("shop-b")
    await happen(service, 1, Reason.SOLD_OUT)
    stranger: dict[str, Any] = {"shops": ("shop-b",)}

    shown = await service.api("GET", FIRST, **stranger)
    taken = await service.api("POST", f"{FIRST}/acknowledge", **stranger)
    given = await service.api("DELETE", f"{FIRST}/acknowledge", **stranger)
    quiet = {"alert": "shop-a:1:left_the_shelf", "until": in_hours(service, 1)}
    silenced = await service.api("POST", "/silences", json=quiet, **stranger)

    assert await ids(service, **stranger) == []
    assert {one.status for one in (shown, taken, given, silenced)} == {404}
    assert (await service.api("GET", FIRST)).json["state"] == "firing"


async def test_an_alert_is_acknowledged_with_a_note_and_given_back(service: Service) -> None:
    await happen(service, 1, Reason.SOLD_OUT)
    rehearsed = await service.api("POST", f"{FIRST}/acknowledge?dry_run=true", role=Role.OPERATOR)
    untouched = (await service.api("GET", FIRST)).json["state"]
    taken = await service.api("POST", f"{FIRST}/acknowledge", role=Role.OPERATOR, json={"note": "补货中"})
    listed = await ids(service, "?state=acknowledged")
    back = await service.api("DELETE", f"{FIRST}/acknowledge")

    assert (rehearsed.json["state"], untouched) == ("acknowledged", "firing")
    assert (taken.json["state"], taken.json["acknowledged"]["note"]) == ("acknowledged", "补货中")
    assert taken.json["acknowledged"]["who"].startswith("key:operator")
    assert listed == [1]
    assert (back.json["state"], back.json["acknowledged"]) == ("firing", None)


@pytest.mark.parametrize("word", ["true", "True", "1", "yes", "on"])
async def test_a_dry_run_is_one_in_whatever_word_it_is_asked_for(service: Service, word: str) -> None:
    await happen(service, 1, Reason.SOLD_OUT)

    rehearsed = await service.api("POST", f"{FIRST}/acknowledge?dry_run={word}")

    assert rehearsed.json["state"] == "acknowledged"
    assert (await service.api("GET", FIRST)).json["state"] == "firing"


async def test_what_is_over_cannot_be_acknowledged(service: Service) -> None:
    await happen(service, 1, Reason.SOLD_OUT)
    await happen(service, 1, Reason.LISTED, version=3)

    told = await service.api("POST", f"{FIRST}/acknowledge")

    assert (told.status, told.json["code"]) == (409, "alert_over")


async def test_a_silence_covers_shows_and_ends(service: Service) -> None:
    await happen(service, 1, Reason.SOLD_OUT)
    new = {"shop": "shop-a", "cause": "sold_out", "until": in_hours(service, 2), "why": "盘点"}
    rehearsed = await service.api("POST", "/silences?dry_run=true", json=new)
    begun = await service.api("POST", "/silences", json=new)
    shown = (await service.api("GET", FIRST)).json
    ended = await service.api("DELETE", f"/silences/{begun.json['silence']}")
    again = await service.api("DELETE", f"/silences/{begun.json['silence']}")
    in_force = (await service.api("GET", "/silences?in_force=true")).json["items"]
    over = (await service.api("GET", "/silences?in_force=false")).json["items"]

    assert (rehearsed.status, begun.status, begun.json["covers"]) == (201, 201, 1)
    assert (shown["state"], shown["silence"]) == ("silenced", begun.json["silence"])
    assert (ended.json["ended"] is not None, again.json == ended.json) == (True, True)
    assert (await service.api("GET", FIRST)).json["state"] == "firing"
    assert (in_force, [one["why"] for one in over]) == ([], ["盘点"])


@pytest.mark.parametrize(
    ("given", "code"),
    [({}, "silence_scope"), ({"shop": "nosuch"}, "no_shop"), ({"alert": "a:1:b"}, "no_alert")],
)
async def test_a_silence_that_makes_no_sense_is_refused(
    service: Service, given: dict[str, str], code: str
) -> None:
    told = await service.api("POST", "/silences", json={**given, "until": in_hours(service, 1)})
    late = await service.api("POST", "/silences", json={"shop": "shop-a", "until": in_hours(service, -1)})

    assert told.json["code"] == code
    assert (late.status, late.json["code"]) == (422, "silence_until")


async def test_whoever_has_some_shops_silences_those_alone(service: Service) -> None:
    await service.add_shop("shop-b")
    own: dict[str, Any] = {"shops": ("shop-b",)}
    until = in_hours(service, 1)
    every = await service.api("POST", "/silences", json={"cause": "sold_out", "until": until}, **own)
    foreign = await service.api("POST", "/silences", json={"shop": "shop-a", "until": until}, **own)
    of_all = await service.api("POST", "/silences", json={"cause": "sold_out", "until": until})
    of_a = await service.api("POST", "/silences", json={"shop": "shop-a", "until": until})
    seen = (await service.api("GET", "/silences", **own)).json["items"]
    ended = await service.api("DELETE", f"/silences/{of_all.json['silence']}", **own)

    assert (every.json["code"], foreign.json["code"]) == ("silence_shop", "no_shop")
    assert [one["silence"] for one in seen] == [of_all.json["silence"]]
    assert (ended.status, of_a.status) == (404, 201)


async def test_a_channels_secrets_go_in_and_never_come_out(service: Service, receiver: Receiver) -> None:
    rehearsed = await add(service, receiver, channel="try")
    await service.api("DELETE", "/channels/try")
    added = await add(service, receiver, least="critical")
    twice = await add(service, receiver)
    changed = await service.api("PATCH", "/channels/erp", json={"shops": ["shop-a"], "resolved": False})
    listed = await service.api("GET", "/channels")

    assert (rehearsed.status, added.status, twice.json["code"]) == (201, 201, "channel_taken")
    assert (added.json["secrets"], added.json["config"]) == ({"secret": True}, {"url": receiver.address})
    assert (changed.json["shops"], changed.json["least"], changed.json["secrets"]) == (
        ["shop-a"],
        "critical",
        {"secret": True},
    )
    assert [one["channel"] for one in listed.json["items"]] == ["erp"]
    assert all(SECRET not in one.text for one in (added, changed, listed))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "fax"}, "kind"),
        ({"channel": "a/b"}, "name"),
        ({"config": {"url": "http://a.example/"}}, "secret"),
        ({"config": {"url": "ftp://a.example/", "secret": SECRET}}, "url"),
        ({"config": {"colour": "red"}}, "colour"),
    ],
)
async def test_a_field_that_cannot_be_used_is_named(
    service: Service, receiver: Receiver, given: dict[str, Any], field: str
) -> None:
    told = await add(service, receiver, **given)

    assert (told.status, told.json["code"]) == (422, "alert_field")
    assert told.json["title"].startswith(field)


async def test_a_test_message_tells_what_the_receiver_said(service: Service, receiver: Receiver) -> None:
    await add(service, receiver)
    rehearsed = await service.api("POST", "/channels/erp/test?dry_run=true")
    good = await service.api("POST", "/channels/erp/test")
    receiver.status = 403
    bad = await service.api("POST", "/channels/erp/test")

    assert rehearsed.json == {"sent": False, "accepted": None, "answer": ""}
    assert (good.json["accepted"], good.json["answer"]) == (True, 'HTTP 200 {"seen": "谢谢"}')
    assert (bad.json["accepted"], bad.json["answer"]) == (False, 'HTTP 403 {"seen": "谢谢"}')
    assert [one["type"] for one in receiver.told] == ["alert.test"] * 2


async def test_what_was_refused_is_shown_with_its_reason_and_goes_out_when_the_channel_goes_on(
    service: Service, receiver: Receiver
) -> None:
    await add(service, receiver)
    receiver.status = 410
    await happen(service, 1, Reason.SOLD_OUT)
    while not (await service.app.alerts.drain_once()).sent:
        await service.app.clock.sleep(0.2)  # news gathers for some real seconds
    failed = (await service.api("GET", "/deliveries?state=failed")).json["items"]
    alert = (await service.api("GET", FIRST)).json
    stopped = (await service.api("GET", "/channels?stopped=true")).json["items"]
    receiver.status = 200
    resumed = await service.api("POST", "/channels/erp/resume")
    await service.app.alerts.drain_once()
    sent = (await service.api("GET", "/deliveries?channel=erp")).json["items"]

    assert [(one["channel"], one["changes"], one["why"][:8]) for one in failed] == [("erp", 1, "HTTP 410")]
    assert [(one["state"], one["why"][:8]) for one in alert["tellings"]] == [("failed", "HTTP 410")]
    assert [one["stopped"][:8] for one in stopped] == ["HTTP 410"]
    assert resumed.json["stopped"] == ""
    assert [(one["delivery"], one["state"]) for one in sent] == [(failed[0]["delivery"], "succeeded")]


async def test_a_channel_that_hears_of_other_shops_is_not_there(service: Service, receiver: Receiver) -> None:
    await service.add_shop("shop-b")
    await add(service, receiver)
    await add(service, receiver, channel="own", shops=["shop-b"])
    own: dict[str, Any] = {"shops": ("shop-b",)}
    seen = (await service.api("GET", "/channels", **own)).json["items"]
    answers = [
        await service.api(verb, f"/channels/erp{path}", **own)
        for verb, path in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/resume"))
    ]
    widened = await service.api("PATCH", "/channels/own", json={"shops": []}, **own)
    deliveries = await service.api("GET", "/deliveries?channel=erp", **own)

    assert [one["channel"] for one in seen] == ["own"]
    assert {one.status for one in [*answers, deliveries]} == {404}
    assert widened.json["code"] == "channel_shops"


async def test_the_rules_say_in_words_what_is_told_and_to_whom(service: Service, receiver: Receiver) -> None:
    await add(service, receiver, least="critical")
    rules = {one["rule"]: one for one in (await service.api("GET", "/rules?limit=200")).json["items"]}
    causes = {one["cause"]: one for one in rules["left_the_shelf"]["causes"]}

    assert set(rules) == set(RULES) == set(CAUSES)
    assert (causes["deleted"]["severities"], causes["deleted"]["channels"]) == (["critical"], ["erp"])
    assert (causes["sold_out"]["about"], causes["sold_out"]["channels"]) == ("售罄", [])
    assert all(one["about"] and one["over"] for one in rules.values())


async def test_the_kinds_of_channel_tell_their_fields(service: Service) -> None:
    kinds = {one["kind"]: one for one in (await service.api("GET", "/channel-kinds")).json["items"]}
    fields = {one["field"]: one for one in kinds["email"]["form"]}

    assert set(kinds) == set(KINDS)
    assert fields["security"]["choices"] == ["ssl", "starttls"]
    assert (fields["password"]["secret"], fields["host"]["required"]) == (True, True)
    assert all(one["help"] for kind in kinds.values() for one in kind["form"])
