"""The message service over real sockets: handshake, checks, pushes, confirms, redelivery, publishing, forced disconnects."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from onshelf.sandbox.__main__ import main
from onshelf.sandbox.launch import ask, control, in_process, running
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.tmc import frames
from onshelf.sandbox.tmc.frames import Format, Frame, Kind, Value, byte, int64, packed, text
from onshelf.sandbox.tmc.server import Service
from onshelf.sandbox.tmc.talk import GZIP_ABOVE_BYTES
from onshelf.sandbox.wire import sign

ITEM = 11223344
TOPIC = "taobao_item_ItemUpdate"
WAIT_S = 60
AT_ONCE_S = 20  # a process that waited for its connections would be killed after 30


class Client:
    """A client of the service on one connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.token = ""

    async def send(self, frame: Frame) -> None:
        await self.socket.send_bytes(frames.encode(frame))

    async def say(self, kind: int, *, flag: int | None = None, **customs: Value) -> None:
        """Sends a SEND with the connection's token."""
        about = {"__kind": byte(kind), **customs}
        await self.send(Frame(Kind.SEND, flag=flag, token=self.token, customs=about))

    async def hear(self) -> Frame:
        return frames.decode(await asyncio.wait_for(self.socket.receive_bytes(), WAIT_S))

    async def silent(self, seconds: float = 0.1) -> bool:
        """Tells whether nothing is pushed for a while."""
        try:
            await asyncio.wait_for(self.socket.receive(), seconds)
        except TimeoutError:
            return True
        return False


def connect_frame(sandbox: Sandbox, group: str = "default", **changes: str) -> Frame:
    fields = {
        "app_key": "12345678",
        "group_name": group,
        "timestamp": str(int(sandbox.clock.now() * 1000)),
        **{name: value for name, value in changes.items() if name != "sign"},
    }
    fields["sign"] = changes.get("sign", sign(fields.items(), "helloworld", "md5"))
    return Frame(Kind.CONNECT, flag=7, customs={name: text(value) for name, value in fields.items()})


class Hall:
    """A sandbox whose message service listens, and its clients."""

    def __init__(self, sandbox: Sandbox, url: str, open_: AsyncExitStack) -> None:
        self.sandbox, self.url, self._open = sandbox, url, open_

    async def dial(self) -> Client:
        http = await self._open.enter_async_context(aiohttp.ClientSession())
        return Client(await self._open.enter_async_context(http.ws_connect(self.url, autoping=False)))

    async def client(self, group: str = "default") -> Client:
        client = await self.dial()
        await client.send(connect_frame(self.sandbox, group))
        client.token = (await client.hear()).token
        return client

    async def publish(self, count: int = 1, **order: Any) -> Any:
        order = {"topic": TOPIC, "content": {"num_iid": ITEM}, "count": count, **order}
        return await control(self.sandbox, "messages", order)

    async def queue(self, group: str = "default") -> dict[str, Any]:
        shown = await control(self.sandbox, "messages")
        return next(one for one in shown["queues"] if one["group"] == group)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """A shop whose seller permitted all topics; its service on a free port."""
    sandbox = in_process()
    await ask(sandbox, "taobao.tmc.user.permit")
    async with AsyncExitStack() as open_:
        url = await open_.enter_async_context(Service(sandbox).listening("127.0.0.1"))
        yield Hall(sandbox, url, open_)


async def test_the_handshake_is_one_the_official_client_takes_and_a_ping_is_never_answered(
    hall: Hall,
) -> None:
    address = urlsplit(hall.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(
        f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    reply = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)).decode().lower().split("\r\n")

    writer.write(b"\x89\x80\x00\x00\x00\x00")  # an empty ping, masked
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)

    writer.close()
    assert reply[0].startswith("http/1.1 101")
    assert "connection: upgrade" in reply
    assert "upgrade: websocket" in reply
    assert not any("extensions" in line or "sec-websocket-protocol" in line for line in reply)


@pytest.mark.parametrize(("verb", "status"), [("POST", 403), ("GET", 401)])
async def test_what_is_no_handshake_is_refused(hall: Hall, verb: str, status: int) -> None:
    async with aiohttp.ClientSession() as http, http.request(verb, hall.url.replace("ws:", "http:")) as reply:
        assert reply.status == status


async def test_a_signed_connect_is_answered_with_its_flag_and_a_token(hall: Hall) -> None:
    client = await hall.dial()

    await client.send(connect_frame(hall.sandbox))
    answer = await client.hear()

    assert (answer.kind, answer.version, answer.flag, answer.status) == (Kind.CONNECTACK, 2, 7, None)
    assert len(answer.token) == 36


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sign": "0" * 32}, 25),
        ({"sign": ""}, 24),
        ({"app_key": "1"}, 29),
        ({"app_key": ""}, 28),
        ({"timestamp": ""}, 30),
        ({"timestamp": "1451620800000"}, 31),
        ({"timestamp": "yesterday"}, 31),
    ],
)
async def test_a_wrong_connect_is_refused_with_a_status_and_no_token(
    hall: Hall, changes: dict[str, str], status: int
) -> None:
    client = await hall.dial()

    await client.send(connect_frame(hall.sandbox, **changes))
    answer = await client.hear()

    assert (answer.kind, answer.flag, answer.status, answer.token) == (Kind.CONNECTACK, 7, status, "")
    assert answer.phrase
    assert (await client.socket.receive()).type == aiohttp.WSMsgType.CLOSE


async def test_the_published_signature_vector_is_accepted_at_its_time(hall: Hall) -> None:
    await control(hall.sandbox, "clock", {"set": "2016-01-01 12:00:00"})
    client = await hall.dial()

    await client.send(
        connect_frame(hall.sandbox, timestamp="1451620800000", sign="2E03D1348D7B65A366F8DB4BD1435983")
    )

    assert (await client.hear()).token


@pytest.mark.parametrize("junk", [b"", b"{}", b"\x02\x00\x05\x00\xff\xff\xff\x7f", bytes(300)])
async def test_a_malformed_frame_ends_the_connection_and_nothing_else(hall: Hall, junk: bytes) -> None:
    client = await hall.dial()

    await client.socket.send_bytes(junk)

    assert (await client.socket.receive()).data == aiohttp.WSCloseCode.PROTOCOL_ERROR
    assert (await hall.client()).token


async def test_a_text_message_ends_the_connection(hall: Hall) -> None:
    client = await hall.dial()

    await client.socket.send_str("{}")

    assert (await client.socket.receive()).data == aiohttp.WSCloseCode.UNSUPPORTED_DATA


async def test_a_change_is_pushed_without_being_asked_for_and_carries_the_token(hall: Hall) -> None:
    client = await hall.client()

    await control(hall.sandbox, "seller", {"action": "delist", "num_iid": ITEM})
    pushed = await client.hear()

    assert (pushed.kind, pushed.token, pushed.number("__kind")) == (Kind.SEND, client.token, 3)
    assert pushed.word("topic") == "taobao_item_ItemDownshelf"
    assert pushed.word("content") == f'{{"nick":"沙箱小店","num_iid":{ITEM}}}'
    assert pushed.word("nick") == "沙箱小店"
    assert pushed.number("data_id") == pushed.number("dataid") != pushed.number("id")
    assert pushed.number("retried") == 0
    assert {name: value.format for name, value in pushed.customs.items() if value.format != Format.TEXT} == {
        **dict.fromkeys(("__kind", "retried"), Format.BYTE),
        **dict.fromkeys(("id", "userid", "dataid", "data_id", "born_time"), Format.INT64),
        **dict.fromkeys(("time", "outtime"), Format.DATE),
    }
    assert pushed.number("born_time") == pushed.number("time")


async def test_the_fields_of_a_push_stand_in_the_order_of_the_captured_frames(hall: Hall) -> None:
    client = await hall.client()

    await hall.publish()

    first = ["topic", "userid", "__kind", "publisher", "retried", "content", "id"]
    assert list((await client.hear()).customs) == [
        *first,
        *("data_id", "time", "nick", "dataid", "born_time", "outtime"),
    ]


async def test_a_library_that_hangs_up_without_pongs_can_have_them(hall: Hall) -> None:
    client = await hall.client()
    await client.socket.ping(b"unheard")
    unanswered = await client.silent()

    await control(hall.sandbox, "messages/service", {"pongs": True})
    client = await hall.client()
    await client.socket.ping(b"heard")
    answer = await asyncio.wait_for(client.socket.receive(), WAIT_S)

    assert unanswered
    assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"heard")


async def test_stored_messages_are_pushed_after_connecting_and_a_pull_needs_no_token(hall: Hall) -> None:
    await hall.publish(3)

    client = await hall.client()
    client.token = ""
    await client.say(1)

    assert len({(await client.hear()).number("id") for _ in range(3)}) == 3


@pytest.mark.parametrize("form", [Format.INT64, Format.DATE])
async def test_a_confirmed_message_is_done_with_whatever_the_width_of_its_id(
    hall: Hall, form: Format
) -> None:
    client = await hall.client()
    await hall.publish()
    number = (await client.hear()).number("id")

    await client.send(
        Frame(
            Kind.SEND,
            flag=1,
            token=client.token,
            customs={"__kind": Value(Format.INT32, 2), "id": Value(form, number)},
        )
    )
    answer = await client.hear()

    assert (answer.kind, answer.flag, answer.status) == (Kind.SENDACK, 1, None)
    assert (await hall.queue())["confirmed"] == 1
    assert (await hall.queue())["unconfirmed"] == 0


async def test_an_unconfirmed_message_comes_again_when_the_sandboxs_clock_says_so(hall: Hall) -> None:
    client = await hall.client()
    await hall.publish()
    first = await client.hear()
    assert await client.silent()

    await control(hall.sandbox, "clock", {"jump_s": 61})
    second = await client.hear()

    assert (first.number("retried"), second.number("retried")) == (0, 1)
    assert first.number("data_id") == second.number("data_id")
    assert first.number("id") != second.number("id")


@pytest.mark.parametrize("kind", [Kind.SEND, Kind.SENDACK])
async def test_a_failed_message_may_be_told_in_either_form_and_comes_again(hall: Hall, kind: Kind) -> None:
    client = await hall.client()
    await hall.publish()
    number = (await client.hear()).number("id") or 0
    failed = {"__kind": byte(20), "id": int64(number), "msg": text("retry")}

    await client.send(Frame(kind, token=client.token, customs=failed))
    await client.say(0, flag=1)
    await client.hear()

    assert (await hall.queue())["failed"] == 1
    await control(hall.sandbox, "clock", {"jump_s": 61})
    assert (await client.hear()).number("retried") == 1


async def test_two_connections_of_a_group_share_its_messages(hall: Hall) -> None:
    one, two = await hall.client(), await hall.client()

    await hall.publish(2000)
    heard: list[int | None] = []
    for client in (one, two):
        while not await client.silent(0.02):
            heard.append(1)
    queue = await hall.queue()

    assert queue["delivered"] == 2000
    assert len(queue["connections"]) == 2
    assert sum(one["pushed"] for one in queue["connections"]) == 2000


async def test_a_group_gets_only_the_messages_of_its_users(hall: Hall) -> None:
    plain, vip = await hall.client(), await hall.client("vip")
    await ask(hall.sandbox, "taobao.tmc.group.add", group_name="vip", nicks="沙箱小店")

    await hall.publish()

    assert (await vip.hear()).word("topic") == TOPIC
    assert await plain.silent()


async def test_long_content_is_gzipped_bytes(hall: Hall) -> None:
    client = await hall.client()

    await hall.publish(content={"desc": "长" * GZIP_ABOVE_BYTES})
    content = (await client.hear()).get("content")

    assert isinstance(content, bytes)
    assert gzip.decompress(content).decode() == f'{{"desc":"{"长" * GZIP_ABOVE_BYTES}"}}'


@pytest.mark.parametrize("content", [text('{"a":1}'), packed(gzip.compress(b'{"a":1}'))])
async def test_a_client_may_publish_and_is_answered(hall: Hall, content: Value) -> None:
    client = await hall.client()

    await client.say(3, flag=9, topic=text("my_app_Topic"), content=content, session=text("test"))
    heard = [await client.hear(), await client.hear()]
    answer, pushed = sorted(heard, key=lambda frame: frame.kind, reverse=True)

    assert (answer.kind, answer.flag, answer.status) == (Kind.SENDACK, 9, None)
    assert (pushed.word("topic"), pushed.get("content")) == ("my_app_Topic", '{"a":1}')
    assert pushed.word("publisher") == "12345678"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"topic": text("taobao_trade_TradeCreated")}, 15),
        ({"content": text("no JSON")}, 15),
        ({"content": packed(b"no gzip")}, 41),
        ({"session": text("nobody")}, 27),
    ],
)
async def test_a_wrong_message_is_refused_with_its_flag(
    hall: Hall, wrong: dict[str, Value], status: int
) -> None:
    client = await hall.client()
    right = {"topic": text("my_app_Topic"), "content": text("{}")}

    await client.say(3, flag=9, **{**right, **wrong})
    answer = await client.hear()

    assert (answer.kind, answer.flag, answer.status) == (Kind.SENDACK, 9, status)
    assert answer.token == client.token


async def test_another_connections_token_is_refused(hall: Hall) -> None:
    client = await hall.client()
    client.token = "54e78da8-d636-44bb-b0fe-819ad2284793"

    await client.say(1, flag=3)

    assert (await client.hear()).status == 27


async def test_connections_are_cut_every_so_many_messages_and_none_is_lost(hall: Hall) -> None:
    await control(hall.sandbox, "messages/service", {"disconnect_every": 7, "redeliver_s": 0.05})
    await hall.publish(20)
    seen: set[int | None] = set()

    for _ in range(100):
        client = await hall.client()
        try:
            while len(seen) < 20:
                pushed = await client.hear()
                seen.add(pushed.number("data_id"))
                await client.say(2, id=int64(pushed.number("id") or 0))
        except (TypeError, ConnectionError):  # aiohttp's word for a message that is a close
            continue
        break

    assert len(seen) == 20


async def test_a_shop_reset_keeps_connections_and_they_get_the_new_worlds_messages(hall: Hall) -> None:
    client = await hall.client()

    await control(hall.sandbox, "reset", {})
    await ask(hall.sandbox, "taobao.tmc.user.permit")
    await hall.publish()

    assert (await client.hear()).word("topic") == TOPIC


async def test_a_process_says_where_its_messages_are_and_ends_at_once_with_connections_open() -> None:
    async with running(tmc_redeliver_s=0.3) as info, aiohttp.ClientSession() as http:
        await http.post(f"{info['control']}/messages", json={"topic": TOPIC, "group": "default"})
        client = Client(await http.ws_connect(info["tmc"], autoping=False))
        await client.send(connect_frame(in_process()))
        client.token = (await client.hear()).token
        first, second = await client.hear(), await client.hear()
        begun = time.monotonic()

    assert (first.number("retried"), second.number("retried")) == (0, 1)
    assert time.monotonic() - begun < AT_ONCE_S


@pytest.mark.parametrize("given", ["0", "-1", "nan", "inf", "soon"])
def test_a_wait_that_is_none_is_refused_at_the_start(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--tmc-redeliver-s={given}"])

    assert ended.value.code == 2
    assert "--tmc-redeliver-s" in capsys.readouterr().err
