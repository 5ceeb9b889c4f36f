"""E-mail against servers the sandbox does not play: implicit TLS, refused recipients, rude good-byes."""

import asyncio
import email
import email.policy
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from onshelf.alerts import store
from onshelf.alerts.alerts import Alerts
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.decide import Timing
from onshelf.alerts.deliver import Outcome
from onshelf.alerts.directory import Directory
from onshelf.alerts.route import Route
from onshelf.catalog.item import Reason, State
from onshelf.clock import FakeClock
from onshelf.errors import DeliveryError
from onshelf.events import ItemChanged
from onshelf.guard.vault import Vault
from onshelf.jobs.job import JobState
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.http1 import SocketTransport
from onshelf.store import log
from onshelf.store.db import Database


class Server(SMTP):
    """Says good-bye as its mailbox wants."""

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        await self.push(self.event_handler.goodbye)
        if self.transport is not None:
            self.transport.close()


class Mailbox:
    """A mail server's handler: refuses the recipients it is told to, keeps the rest."""

    def __init__(self) -> None:
        self.goodbye = "221 Bye"
        self.refusals: dict[str, list[str]] = {}
        self.kept: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusals.get(address):
            return self.refusals[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.kept.append((list(envelope.rcpt_tos), message))
        return "250 kept"


class PostOffice:
    """A mail server with implicit TLS and the room that writes to it, in one loop."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.mailbox = Mailbox()
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.tools = Tools(SocketTransport(), self.clock, production=True)
        self.directory = Directory(db, Vault([bytes(32)]), self.tools, random.Random(1))
        self.alerts = Alerts(
            db, self.directory, self.clock, random.Random(2), LocalWaker(), timing=Timing(0, 0)
        )
        self.ca_file = folder / "ca.pem"
        self.authority = trustme.CA()
        self.authority.cert_pem.write_to_path(str(self.ca_file))

    @asynccontextmanager
    async def open(self, host: str = "127.0.0.1") -> AsyncIterator[int]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(host).configure_cert(context)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Server(self.mailbox, loop=loop, hostname="post"), "127.0.0.1", 0, ssl=context
        )
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def add(self, port: int) -> None:
        config = {
            "host": "127.0.0.1",
            "port": str(port),
            "sender": "onshelf@shop.example",
            "to": "a@shop.example,b@shop.example,c@shop.example",
            "ca_file": str(self.ca_file),
        }
        await self.directory.add(Route("mail"), "email", config)

    async def happen(self, title: str = "连衣裙") -> None:
        now_us = self.clock.now_us()
        event = ItemChanged(
            shop_id="a",
            item_id=1,
            version=2,
            outer_id="code",
            title=title,
            old=State.ONSALE,
            new=State.INSTOCK,
            reason=Reason.SOLD_OUT,
            happened_us=now_us,
            seen_us=now_us,
            ours=False,
            evidence="slice",
        )
        await self.db.commit([log.append(event, now_us)])

    async def later(self, seconds: float) -> dict[Outcome, int]:
        self.clock.jump(seconds)
        return (await self.alerts.drain_once()).sent


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> PostOffice:
    return PostOffice(database, tmp_path)


async def test_a_mail_goes_out_over_implicit_tls_as_text_and_html(office: PostOffice) -> None:
    async with office.open() as port:
        await office.add(port)
        await office.happen("连衣裙\r\nBcc: thief@x.example")
        await office.later(1)

    ((_, mail),) = office.mailbox.kept
    text, html = (part.get_content() for part in mail.iter_parts())
    assert mail["Subject"] == "【警告】售罄：连衣裙  Bcc: thief@x.examp…（a）"
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Thu, 01 Jan 2026 00:00:01 +0000"
    assert "补充库存" in text
    assert '<html lang="zh-CN">' in html


async def test_recipients_put_off_are_tried_alone_and_refused_ones_are_shown(office: PostOffice) -> None:
    office.mailbox.refusals = {
        "b@shop.example": ["452 mailbox full"],
        "c@shop.example": ["550 no such user"],
    }
    async with office.open() as port:
        await office.add(port)
        await office.happen()
        first = await office.later(1)
        (between,) = await store.deliveries(office.db)
        second = await office.later(60)

    (delivery,) = await store.deliveries(office.db)
    assert (first, second) == ({Outcome.PUT_OFF: 1}, {Outcome.ACCEPTED: 1})
    assert between.remaining == ("b@shop.example",)
    assert "c@shop.example: 550 no such user" in between.note
    assert [to for to, _ in office.mailbox.kept] == [["a@shop.example"], ["b@shop.example"]]
    assert office.mailbox.kept[0][1]["Message-ID"] == office.mailbox.kept[1][1]["Message-ID"]
    assert (delivery.state, delivery.note) == (JobState.SUCCEEDED, between.note)


async def test_recipients_put_off_stay_so_when_the_next_try_fails_whole(office: PostOffice) -> None:
    office.mailbox.refusals = {"b@shop.example": ["452 full", "452 full"]}
    async with office.open() as port:
        await office.add(port)
        await office.happen()
        for _ in range(3):
            await office.later(60)

    assert [to for to, _ in office.mailbox.kept] == [
        ["a@shop.example", "c@shop.example"],
        ["b@shop.example"],
    ]


async def test_when_every_recipient_is_refused_for_good_the_channel_stops(office: PostOffice) -> None:
    everybody = ("a@shop.example", "b@shop.example", "c@shop.example")
    office.mailbox.refusals = {address: ["550 no such user"] for address in everybody}
    async with office.open() as port:
        await office.add(port)
        await office.happen()
        sent = await office.later(1)

    (record,) = await office.directory.records()
    assert sent == {Outcome.REFUSED: 1}
    assert "550 no such user" in record.stopped


async def test_a_rude_goodbye_does_not_undo_an_accepted_mail(office: PostOffice) -> None:
    office.mailbox.goodbye = "421 go away"
    async with office.open() as port:
        await office.add(port)
        await office.happen()
        sent = await office.later(1)

    assert sent == {Outcome.ACCEPTED: 1}


async def test_a_certificate_for_another_host_is_not_taken(office: PostOffice) -> None:
    async with office.open("mail.example") as port:
        await office.add(port)
        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
            await office.directory.send_test("mail")

    assert office.mailbox.kept == []
