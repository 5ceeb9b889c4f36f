"""The sandbox as a process: cuts over real sockets, receivers, state kept over a restart."""

import asyncio
import smtplib
import ssl
import time
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from msgspec import json
from yarl import URL

from onshelf.sandbox.launch import running
from onshelf.sandbox.receivers.dingtalk import robot_sign
from onshelf.sandbox.receivers.webhook import webhook_sign
from onshelf.sandbox.wire import Json, sign

ADD: Json = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
}
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Desk:
    """A caller over a real socket with one connection, and the sandbox's controls."""

    def __init__(self, info: Json, http: aiohttp.ClientSession) -> None:
        self.info, self.http = info, http

    async def call(self, method: str, **arguments: Any) -> tuple[int, bytes]:
        fields = {"method": method, "app_key": "12345678", "session": "test", "v": "2.0", "format": "json"}
        fields |= {"sign_method": "md5", "timestamp": str(int(time.time() * 1000))}
        fields |= {name: str(value) for name, value in arguments.items()}
        fields["sign"] = sign(fields.items(), "helloworld", "md5")
        async with self.http.post(self.info["gateway"], data=fields) as reply:
            return reply.status, await reply.read()

    async def control(self, path: str, order: Json | None = None, verb: str = "") -> Any:
        verb = verb or ("GET" if order is None else "POST")
        async with self.http.request(verb, f"{self.info['control']}/{path}", json=order) as reply:
            return await reply.json()

    async def codes(self) -> list[str]:
        return [row["outer_id"] for row in await self.control("items") if row["outer_id"] != "SANDBOX-1"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def info() -> AsyncIterator[Json]:
    """One process for the whole file; each test begins with a reset."""
    async with running(app="87654321=other") as line:
        yield line


@pytest.fixture
async def desk(info: Json) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4)) as http:
        desk = Desk(info, http)
        await desk.control("reset", {})
        yield desk


async def test_the_first_line_names_everything_the_message_service_too(desk: Desk) -> None:
    named = {"gateway", "batch", "oauth", "tmc", "app_key", "app_secret", "session", "seller_nick", "num_iid"}

    assert named <= set(desk.info)
    assert desk.info["tmc"].startswith("ws://127.0.0.1:")
    assert (desk.info["app_key"], desk.info["app_secret"], desk.info["session"]) == (
        "12345678",
        "helloworld",
        "test",
    )
    assert {"87654321", "12345678"} == {one["app_key"] for one in await desk.control("apps")}


async def test_the_one_date_of_an_answer_follows_a_clock_that_was_set_and_paused(desk: Desk) -> None:
    await desk.control("clock", {"set": "2027-01-01 00:00:00", "pause": True})

    dates = []
    for address in (
        desk.info["gateway"],
        f"{desk.info['control']}/clock",
        desk.info["tmc"].replace("ws", "http"),
    ):
        async with desk.http.get(address, headers=WEBSOCKET) as reply:
            dates.append(reply.headers.getall("Date"))

    assert dates == [["Thu, 31 Dec 2026 16:00:00 GMT"]] * 3


async def fail(desk: Desk, kind: str, **details: Any) -> None:
    await desk.control("faults", {"kind": kind, "method": "taobao.item.add", "count": 1, **details})


async def test_a_cut_before_the_work_leaves_nothing_and_one_after_it_leaves_the_item(desk: Desk) -> None:
    for kind in ("cut_before", "cut_after"):
        await fail(desk, kind)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await desk.call("taobao.item.add", **ADD, outer_id=kind)

    assert await desk.codes() == ["cut_after"]


async def test_work_may_be_done_some_time_after_the_connection_was_cut(desk: Desk) -> None:
    await fail(desk, "cut_then_done", seconds=60)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.call("taobao.item.add", **ADD, outer_id="late")
    before = await desk.codes()

    await desk.control("clock", {"jump_s": 60})

    assert (before, await desk.codes()) == ([], ["late"])


async def test_a_cut_ends_its_own_connection_only(desk: Desk) -> None:
    barrier = await desk.control("barrier", {"method": "taobao.time.get", "at": "before_reply"})
    waiting = asyncio.create_task(desk.call("taobao.time.get"))
    await desk.control(f"barrier?wait=1&id={barrier['id']}")
    await fail(desk, "cut_before")

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.call("taobao.item.add", **ADD)
    await desk.control("barrier/release", {})

    assert (await waiting)[0] == 200


@pytest.mark.parametrize(
    ("kind", "status", "seen", "done"),
    [
        ("isp", 200, b"isp.remote-service-error", False),
        ("isp_after", 200, b"isp.remote-service-timeout", True),
        ("http_5xx", 502, b"<html>", False),
        ("http_5xx_after", 502, b"<html>", True),
        ("ban", 200, b'"code":7', False),
        ("expire_session", 200, b'"code":27', False),
        ("bad_json", 200, b"<html>", True),
        ("wrong_type", 200, b"item_add_response", True),
        ("truncate", 200, b'{"item_add', True),
        ("slow_body", 200, b"item_add_response", True),
        ("delay", 200, b"item_add_response", True),
    ],
)
async def test_each_fault_shows_as_itself(
    desk: Desk, kind: str, status: int, seen: bytes, done: bool
) -> None:
    await fail(desk, kind, seconds=0.2)

    got, body = await desk.call("taobao.item.add", **ADD, outer_id="x")

    assert got == status
    assert seen in body
    assert await desk.codes() == (["x"] if done else [])
    assert (await desk.control("stats"))["faults"] == {kind: 1}


@pytest.mark.parametrize(
    ("point", "done"), [("before_work", False), ("after_work", True), ("before_reply", True)]
)
async def test_a_barrier_holds_a_call_at_its_point(desk: Desk, point: str, done: bool) -> None:
    barrier = await desk.control("barrier", {"method": "taobao.item.add", "at": point})
    call = asyncio.create_task(desk.call("taobao.item.add", **ADD, outer_id="held"))

    (shown,) = await desk.control(f"barrier?wait=1&id={barrier['id']}")
    codes = await desk.codes()
    await desk.control("barrier/release", {"id": barrier["id"]})

    assert (shown["state"], codes) == ("held", ["held"] if done else [])
    assert (await call)[0] == 200
    assert await desk.codes() == ["held"]


async def test_a_held_call_may_be_cut_instead_of_released(desk: Desk) -> None:
    barrier = await desk.control("barrier", {"method": "taobao.item.add", "at": "before_work"})
    call = asyncio.create_task(desk.call("taobao.item.add", **ADD))
    await desk.control(f"barrier?wait=1&id={barrier['id']}")

    await desk.control("barrier/release", {"cut": True})

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call
    assert await desk.codes() == []


async def test_state_is_kept_over_a_restart_when_there_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "world"
    async with aiohttp.ClientSession() as http:
        async with running(state=file) as info:
            await Desk(info, http).call("taobao.item.add", **ADD, outer_id="kept")

        async with running(state=file) as info:
            assert await Desk(info, http).codes() == ["kept"]


async def test_a_snapshot_brings_everything_back(desk: Desk) -> None:
    await desk.call("taobao.item.add", **ADD, outer_id="before")
    async with desk.http.post(f"{desk.info['control']}/snapshot") as reply:
        saved = await reply.read()
    await desk.call("taobao.item.add", **ADD, outer_id="after")

    async with desk.http.post(f"{desk.info['control']}/restore", data=saved) as reply:
        assert reply.status == 200

    assert await desk.codes() == ["before"]


@pytest.mark.parametrize(
    ("path", "order", "field"),
    [
        ("faults", {"kind": "nonsense"}, "kind"),
        ("faults", {"kind": "isp", "share": 2}, "share"),
        ("faults", {"kind": "lag", "method": "taobao.items.onsale.get"}, "method"),
        ("faults", {"receiver": "pigeon", "kind": "refuse"}, "receiver"),
        ("barrier", {"method": "taobao.item.add", "at": "midnight"}, "at"),
        ("seller", {"action": "dance", "num_iid": 11223344}, "action"),
        ("seller", {"action": "delist", "num_iid": 5}, "num_iid"),
        ("clock", {"jump_s": -1}, "jump_s"),
        ("quota", {"app_key": "nobody"}, "app_key"),
        ("restore", {"file": "/nowhere"}, "file"),
    ],
)
async def test_a_control_used_wrongly_names_field_and_remedy(
    desk: Desk, path: str, order: Json, field: str
) -> None:
    async with desk.http.post(f"{desk.info['control']}/{path}", json=order) as reply:
        refused = await reply.json()

    assert (reply.status, refused["field"]) == (400, field)
    assert refused["remedy"]


async def test_the_authorise_page_leads_to_a_token_that_works_and_can_be_refreshed(desk: Desk) -> None:
    oauth, app = desk.info["oauth"], {"client_id": "12345678", "client_secret": "helloworld"}
    asked = {
        "response_type": "code",
        "client_id": "12345678",
        "redirect_uri": "http://127.0.0.1/back",
        "state": "s1",
    }
    async with desk.http.get(f"{oauth}/authorize", params=asked) as page:
        html = await page.text()
    chosen = {"nick": desk.info["seller_nick"]}
    async with desk.http.post(f"{oauth}/authorize", params=asked, data=chosen, allow_redirects=False) as back:
        code = URL(back.headers["location"]).query["code"]

    async with desk.http.post(
        f"{oauth}/token", data={**app, "grant_type": "authorization_code", "code": code}
    ) as reply:
        token = await reply.json(content_type=None)
    async with desk.http.post(
        f"{oauth}/token", data={**app, "grant_type": "authorization_code", "code": code}
    ) as again:
        refused = await again.json(content_type=None)
    _, refreshed = await desk.call("taobao.top.auth.token.refresh", refresh_token=token["refresh_token"])

    new = json.decode(json.decode(refreshed)["top_auth_token_refresh_response"]["token_result"])
    _, read = await desk.call("taobao.user.seller.get", fields="nick", session=new["access_token"])
    assert desk.info["seller_nick"] in html
    assert (again.status, refused["error_description"]) == (400, "authorize code expire")
    assert b"user_seller_get_response" in read


async def test_the_token_endpoint_can_fail_before_and_after_it_answers(desk: Desk) -> None:
    for kind in ("cut_before", "cut_after"):
        await desk.control("faults", {"kind": kind, "method": "oauth.token", "count": 1})
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await desk.http.post(f"{desk.info['oauth']}/token", data={"client_id": "12345678"})

    assert not await desk.control("received")


async def test_the_seller_changes_copies_and_restocks_by_hand(desk: Desk) -> None:
    for order in (
        {"action": "edit", "outer_id": "B"},
        {"action": "copy"},
        {"action": "sell_out"},
        {"action": "restock", "num": 3},
    ):
        await desk.control("seller", {**order, "num_iid": 11223344})

    first, copy = await desk.control("items?outer_id=B")
    assert (first["banner"], first["num"], copy["approve_status"]) == ("off_shelf", 3, "onsale")
    assert [event["what"] for event in first["events"]] == ["created", "changed", "sold_out", "changed"]
    assert {event["actor"] for event in first["events"]} == {"seller"}


async def ding(desk: Desk, text: str, secret: str = "") -> Json:
    robot, stamp = desk.info["dingtalk"], str(int(time.time() * 1000))
    signed = {"timestamp": stamp, "sign": robot_sign(stamp, secret or robot["secret"])}
    message = {"msgtype": "text", "text": {"content": text}}
    async with desk.http.post(URL(robot["url"]).update_query(signed), json=message) as reply:
        said: Json = await reply.json()
        return said


async def test_the_robot_judges_sign_keyword_and_pace_inside_http_200(desk: Desk) -> None:
    good, unsigned = await ding(desk, "下架 1 件"), await ding(desk, "x", secret="SECother")
    await desk.control("receivers", {"dingtalk_keyword": "onshelf"})
    unnamed = await ding(desk, "x")
    await desk.control("receivers", {"dingtalk_keyword": "", "dingtalk_limited": True})
    codes = [(await ding(desk, "x"))["errcode"] for _ in range(20)]

    kept = await desk.control("received?receiver=dingtalk")
    assert good == {"errcode": 0, "errmsg": "ok"}
    assert unsigned == {"errcode": 310000, "errmsg": "sign not match"}
    assert unnamed["errmsg"] == "keywords not in content"
    assert codes == [0] * 19 + [130101]
    assert [one["accepted"] for one in kept[:3]] == [True, False, False]


async def test_receivers_fail_as_told_and_then_work_again(desk: Desk) -> None:
    for kind in ("error_in_200", "cut_after"):
        await desk.control("faults", {"receiver": "dingtalk", "kind": kind})
    refused = await ding(desk, "one")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ding(desk, "two")

    assert refused["errcode"] == -1
    assert (await ding(desk, "three"))["errcode"] == 0
    texts = [one["body"]["text"]["content"] for one in await desk.control("received")]
    assert texts == ["two", "three"]


async def deliver(desk: Desk, message_id: str, body: bytes, sign_as: bytes | None = None) -> int:
    stamp = str(int(time.time()))
    signature = "v1," + webhook_sign(message_id, stamp, body if sign_as is None else sign_as)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,other {signature}",
    }
    async with desk.http.post(desk.info["webhook"]["url"], data=body, headers=headers) as reply:
        return reply.status


async def test_the_webhook_receiver_verifies_and_sees_repeats(desk: Desk) -> None:
    statuses = [
        await deliver(desk, "m1", b"{}"),
        await deliver(desk, "m1", b"{}"),
        await deliver(desk, "m2", b"{}", b"[]"),
    ]
    await desk.control("faults", {"receiver": "webhook", "kind": "http_5xx", "count": 2})
    failed = [await deliver(desk, "m3", b"{}") for _ in range(3)]

    kept = await desk.control("received")
    assert statuses == [200, 200, 401]
    assert failed == [503, 503, 200]
    assert [(one["id"], one["accepted"], one["repeat"]) for one in kept] == [
        ("m1", True, False),
        ("m1", True, True),
        ("m2", False, False),
        ("m3", True, False),
    ]


def test_published_vector_of_standard_webhooks() -> None:
    """Source: integrations.md 1.9."""
    signature = webhook_sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')

    assert signature == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_mail_is_kept_over_starttls_with_sign_in(desk: Desk) -> None:
    server = desk.info["smtp"]

    def post() -> None:
        trust = ssl.create_default_context(cafile=server["ca_file"])
        message = EmailMessage()
        message["Subject"], message["Message-ID"] = "下架提醒", "<1@onshelf>"
        message.set_content("商品已下架")
        with smtplib.SMTP(server["host"], server["port"]) as smtp:
            smtp.starttls(context=trust)
            smtp.login(server["user"], server["password"])
            smtp.sendmail("a@example.com", ["b@example.com"], message.as_bytes())

    await asyncio.to_thread(post)
    await desk.control("faults", {"receiver": "smtp", "kind": "http_5xx"})
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        await asyncio.to_thread(post)

    (kept,) = await desk.control("received")
    assert (kept["subject"], kept["text"].strip(), kept["tls"], kept["signed_in"]) == (
        "下架提醒",
        "商品已下架",
        True,
        True,
    )
