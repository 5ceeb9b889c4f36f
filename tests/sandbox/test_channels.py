"""The channels against the sandbox's receivers, over real sockets: what arrives, and what each kind of failure means."""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from onshelf.alerts.channels import KINDS
from onshelf.alerts.channels.kind import Channel, Tools, check_config
from onshelf.alerts.render import Letter
from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.catalog.item import Reason, State
from onshelf.clock import SystemClock
from onshelf.errors import DeliveryError
from onshelf.platforms.http1 import SocketTransport

KIND_NAMES = ["email", "dingtalk", "webhook"]
RECEIVER = {"email": "smtp", "dingtalk": "dingtalk", "webhook": "webhook"}
ALERT = Alert(
    rule="left_the_shelf",
    state=AlertState.FIRING,
    severity=Severity.CRITICAL,
    shop_id="旗舰店",
    item_id=673_000_000_001,
    version=2,
    outer_id="SKU-1",
    title="连衣裙 *夏季* <b>新款</b>",
    old=State.ONSALE,
    new=State.INSTOCK,
    cause=Reason.VIOLATION,
    happened_us=1_763_724_483_000_000,
    seen_us=1_763_724_495_000_000,
    since_us=1_763_724_483_000_000,
)
LETTER = Letter("01jd0000000abcdefghj", 1_763_724_500_000_000, (ALERT,), "zh")


@dataclass
class Post:
    """The sandbox as the channels and the test see it."""

    info: dict[str, Any]
    tools: Tools
    http: aiohttp.ClientSession

    def config(self, kind: str) -> dict[str, str]:
        if kind != "email":
            return dict(self.info[kind])
        mail = self.info["smtp"]
        return {
            "host": mail["host"],
            "port": str(mail["port"]),
            "security": "starttls",
            "username": mail["user"],
            "password": mail["password"],
            "ca_file": mail["ca_file"],
            "sender": "onshelf@shop.example",
            "to": "yunying@shop.example, boss@shop.example",
        }

    def channel(self, kind: str, **changed: str) -> Channel:
        config = check_config(kind, KINDS[kind], {**self.config(kind), **changed})
        return KINDS[kind].build(kind, config, self.tools)

    async def fail_next(self, kind: str, how: str, **more: object) -> None:
        await self.control("faults", {"receiver": RECEIVER[kind], "kind": how, **more})

    async def control(self, path: str, order: Mapping[str, object]) -> None:
        async with self.http.post(f"{self.info['control']}/{path}", json=order) as reply:
            assert reply.status == 200, await reply.text()

    async def received(self, kind: str) -> list[dict[str, Any]]:
        address = f"{self.info['control']}/received?receiver={RECEIVER[kind]}"
        async with self.http.get(address) as reply:
            messages: list[dict[str, Any]] = await reply.json()
            return messages


@pytest.fixture
async def post(sandbox_info: dict[str, Any]) -> AsyncIterator[Post]:
    """The sandbox of this file, in which nothing has happened yet."""
    transport = SocketTransport()
    async with aiohttp.ClientSession() as http:
        post = Post(sandbox_info, Tools(transport, SystemClock(), production=False), http)
        await post.control("reset", {})
        yield post
    await transport.close()


async def test_a_mail_arrives_over_tls_with_its_subject_its_id_and_all_its_facts(post: Post) -> None:
    receipt = await post.channel("email").send(LETTER)

    (mail,) = await post.received("email")
    assert receipt.remaining == ()
    assert (mail["tls"], mail["signed_in"]) == (True, True)
    assert mail["to"] == ["yunying@shop.example", "boss@shop.example"]
    assert mail["subject"] == "【严重】违规下架：连衣裙 *夏季* <b>新款</b>（旗舰店）"
    assert mail["message_id"] == "<01jd0000000abcdefghj@shop.example>"
    for fact in ("在架 → 仓库中（违规下架）", "SKU-1", "2025-11-21 19:28:03", "item.htm?id=673000000001"):
        assert fact in mail["text"]


async def test_a_robot_accepts_the_signature_and_the_keyword(post: Post) -> None:
    await post.control("receivers", {"dingtalk_keyword": "上新喵"})

    await post.channel("dingtalk", keyword="上新喵", at="13800000000").send(LETTER)

    (message,) = await post.received("dingtalk")
    assert message["accepted"]
    assert message["body"]["msgtype"] == "markdown"
    assert message["body"]["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    assert "@13800000000" in message["body"]["markdown"]["text"]
    assert "＊夏季＊ ＜b＞新款" in message["body"]["markdown"]["text"]


async def test_a_webhook_is_verified_and_a_repeat_is_known_by_its_id(post: Post) -> None:
    channel = post.channel("webhook")

    await channel.send(LETTER)
    await channel.send(LETTER)

    first, second = await post.received("webhook")
    assert (first["accepted"], first["repeat"], second["repeat"]) == (True, False, True)
    assert first["body"] == second["body"]
    assert '"cause":"violation"' in first["body"]


@pytest.mark.parametrize("kind", KIND_NAMES)
async def test_a_passing_failure_may_be_tried_again(post: Post, kind: str) -> None:
    await post.fail_next(kind, "http_5xx")
    channel = post.channel(kind)

    with pytest.raises(DeliveryError) as caught:
        await channel.send(LETTER)
    await channel.send(LETTER)

    assert not caught.value.permanent


@pytest.mark.parametrize("kind", KIND_NAMES)
async def test_a_connection_cut_after_acceptance_counts_as_not_accepted(post: Post, kind: str) -> None:
    """At least once: the repeat carries the same id."""
    await post.fail_next(kind, "cut_after")
    channel = post.channel(kind)

    with pytest.raises(DeliveryError) as caught:
        await channel.send(LETTER)
    await channel.send(LETTER)

    assert not caught.value.permanent
    assert len(await post.received(kind)) == 2


async def test_an_error_inside_http_200_is_a_failure(post: Post) -> None:
    await post.fail_next("dingtalk", "error_in_200")

    with pytest.raises(DeliveryError):
        await post.channel("dingtalk").send(LETTER)


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("email", {"password": "wrong"}),
        ("dingtalk", {"secret": "SECwrong"}),
        ("dingtalk", {"url": "{url}x"}),
    ],
)
async def test_what_only_a_person_can_mend_is_permanent_and_shows_no_secret(
    post: Post, kind: str, changed: dict[str, str]
) -> None:
    wrong = {name: value.format(url=post.config(kind).get("url")) for name, value in changed.items()}

    with pytest.raises(DeliveryError) as caught:
        await post.channel(kind, **wrong).send(LETTER)

    assert caught.value.permanent
    assert not any(value in str(caught.value) for value in wrong.values())


async def test_a_wrong_webhook_secret_is_refused_but_may_pass(post: Post) -> None:
    """The receiver may be in the middle of rotating its own."""
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()

    with pytest.raises(DeliveryError, match="401") as caught:
        await post.channel("webhook", secret=secret).send(LETTER)

    assert not caught.value.permanent


async def test_a_mail_server_whose_certificate_does_not_verify_gets_no_password(post: Post) -> None:
    with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        await post.channel("email", ca_file="").send(LETTER)

    assert caught.value.permanent
    assert await post.received("email") == []


@pytest.mark.parametrize("kind", KIND_NAMES)
async def test_a_receiver_nobody_serves_may_come_back(post: Post, kind: str) -> None:
    dead = {"port": "1"} if kind == "email" else {"url": "http://127.0.0.1:1/?access_token=helloworld"}

    with pytest.raises(DeliveryError) as caught:
        await post.channel(kind, **dead).send(LETTER)

    assert not caught.value.permanent
    assert "helloworld" not in str(caught.value)


async def test_a_mass_delisting_stays_within_the_robots_limit_of_bytes(post: Post) -> None:
    """The look-alike refuses more than 20,000 bytes, as the real one does."""
    crowd = tuple(
        replace(ALERT, item_id=number, title="龘" * 60, outer_id="*" * 64, shop_id="店" * 40)
        for number in range(3000)
    )

    await post.channel("dingtalk").send(replace(LETTER, alerts=crowd))

    (message,) = await post.received("dingtalk")
    assert message["accepted"]
