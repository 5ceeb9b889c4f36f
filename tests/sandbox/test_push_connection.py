"""Connections over real sockets to message services that behave well, badly, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import msgspec
import pytest
from aiohttp import WSMsgType, web

from onshelf.clock import SystemClock
from onshelf.errors import NotSent, Refused, Unanswered
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.port import ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.protocol import wire_time
from onshelf.platforms.top.tmc.connection import MOST_AT_ONCE, Rhythm, TmcConnection, open_connection
from onshelf.platforms.top.tmc.frames import Byte, Frame, Int64, Kind, Type, Value, decode, encode
from onshelf.platforms.top.tmc.session import Subscriber
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.platforms.transport import Request, Response
from onshelf.shops.push.feeds import Feed, Way
from onshelf.shops.push.source import Manner, TmcSource

WAIT_S = 60.0
ACCEPTED = encode(Frame(Type.CONNECTACK, flag=1, token="token-1"))
Behaviour = Callable[["Service", web.WebSocketResponse], Awaitable[None]]


@dataclass
class Service:
    """A message service of one behaviour."""

    behaviour: Behaviour
    address: str = ""
    heard: list[Frame] = field(default_factory=list)
    pings: int = 0
    closed_with: int | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    transport: asyncio.Transport | None = None

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.transport = request.transport
        await self.behaviour(self, socket)
        self.closed_with = socket.close_code
        self.gone.set()
        return socket

    async def hear(self, socket: web.WebSocketResponse) -> Frame | None:
        """Waits for the next frame and answers no ping; None: the line has ended."""
        async for came in socket:
            if came.type is WSMsgType.BINARY:
                self.heard.append(decode(came.data))
                return self.heard[-1]
            self.pings += came.type is WSMsgType.PING
        return None

    async def accept(self, socket: web.WebSocketResponse) -> None:
        await self.hear(socket)
        await socket.send_bytes(ACCEPTED)

    async def listen(self, socket: web.WebSocketResponse) -> None:
        while await self.hear(socket):
            pass


@asynccontextmanager
async def served(behaviour: Behaviour) -> AsyncIterator[Service]:
    service = Service(behaviour)
    app = web.Application()
    app.router.add_get("/", service.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.address = f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with asyncio.timeout(WAIT_S):
            yield service
    finally:
        await runner.cleanup()


async def connect(service: Service, **rhythm: float) -> TmcConnection:
    return await open_connection(
        WebSocketDialler(WAIT_S),
        service.address,
        Subscriber("12345678", "default"),
        "helloworld",
        SystemClock(),
        rhythm=Rhythm(**rhythm),
    )


def message(number: int, **customs: Value) -> bytes:
    told: dict[str, Value] = {
        "__kind": Byte(Kind.DATA),
        "id": Int64(number),
        "topic": "taobao_item_ItemAdd",
        "data_id": Int64(number),
        "content": "{}",
        **customs,
    }
    return encode(Frame(Type.SEND, told, token="token-1"))


async def take(connection: TmcConnection, count: int) -> list[int]:
    taken: list[int] = []
    while len(taken) < count:
        taken += [one.delivery_id or 0 for one in await connection.receive()]
    return taken


async def test_it_signs_in_asks_takes_and_confirms() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        await service.hear(socket)
        for number in range(1, 4):
            await socket.send_bytes(message(number))
        await service.listen(socket)

    async with served(behave) as service:
        connection = await connect(service)
        taken = await take(connection, 3)
        await connection.confirm(taken)
        await connection.close()
        await service.gone.wait()

    asked, pulled, *confirmed = service.heard
    assert taken == [1, 2, 3]
    assert (asked.type, asked.customs["app_key"]) == (Type.CONNECT, "12345678")
    assert pulled.customs == {"__kind": Kind.PULL}
    assert [frame.customs for frame in confirmed] == [{"__kind": Kind.CONFIRM, "id": one} for one in taken]
    assert {frame.token for frame in (pulled, *confirmed)} == {"token-1"}
    assert service.closed_with == 1000


async def test_it_asks_and_pings_again_and_again_and_needs_no_pong() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        while len(service.heard) < 4 or service.pings < 3:
            assert await service.hear(socket)
        await socket.send_bytes(message(1))
        await service.listen(socket)

    async with served(behave) as service:
        connection = await connect(service, pull_s=0.02, ping_s=0.03)
        assert await take(connection, 1) == [1]
        await connection.close()


async def test_a_ping_of_the_service_is_answered() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        await socket.ping(b"are you there")
        async for came in socket:
            if came.type is WSMsgType.PONG:
                await socket.send_bytes(message(1, topic=came.data.decode()))

    async with served(behave) as service:
        connection = await connect(service)
        (one,) = await connection.receive()
        await connection.close()

    assert one.topic == "are you there"


async def test_what_came_before_the_line_ended_is_still_handed_out() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        for number in range(1, 6):
            await socket.send_bytes(message(number))
        await socket.close(code=1011, message=b"reach max idle time")

    async with served(behave) as service:
        connection = await connect(service)
        await service.gone.wait()

        assert await take(connection, 5) == [1, 2, 3, 4, 5]
        for _ in range(2):
            with pytest.raises(NotSent, match=r"1011.*reach max idle time"):
                await connection.receive()
        await connection.close()


async def test_a_confirm_on_a_dead_line_says_so() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        await socket.close()

    async with served(behave) as service:
        connection = await connect(service)
        with pytest.raises(NotSent):
            await connection.receive()
        with pytest.raises(NotSent):
            await connection.confirm([1])
        await connection.close()


async def test_a_line_cut_without_a_word_ends_the_connection() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.accept(socket)
        assert service.transport is not None
        service.transport.abort()

    async with served(behave) as service:
        connection = await connect(service)
        with pytest.raises(NotSent, match="ended"):
            await connection.receive()
        await connection.close()


async def test_a_service_that_refuses_is_heard() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.hear(socket)
        await socket.send_bytes(encode(Frame(Type.CONNECTACK, status=25, phrase="Invalid signature", flag=1)))

    async with served(behave) as service:
        with pytest.raises(Refused, match="Invalid signature"):
            await connect(service)
        await service.gone.wait()


async def test_a_service_that_does_not_answer_is_given_up() -> None:
    async with served(Service.listen) as service:
        with pytest.raises(NotSent, match="no answer to CONNECT"):
            await connect(service, answer_s=0.1)
        await service.gone.wait()


async def test_a_service_that_hangs_up_at_once_is_no_connection() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await socket.close()

    async with served(behave) as service:
        with pytest.raises(NotSent):
            await connect(service)


async def test_a_service_that_talks_nonsense_is_no_connection() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        await service.hear(socket)
        await socket.send_str("welcome")
        await socket.send_bytes(b"welcome")
        await service.listen(socket)

    async with served(behave) as service:
        with pytest.raises(Unanswered):
            await connect(service)


@pytest.mark.parametrize("address", ["ws://127.0.0.1:1/", "ws://host.invalid/", "ws://127.0.0.1:99999/"])
async def test_nobody_there_is_told_with_the_address(address: str) -> None:
    with pytest.raises(NotSent) as told:
        await WebSocketDialler(1.0).dial(address)
    assert address in told.value.why


async def test_a_gateway_instead_of_a_message_service_is_told() -> None:
    async with served(Service.listen) as service:
        with pytest.raises(NotSent, match=r"404|upgrade|status"):
            await WebSocketDialler(WAIT_S).dial(service.address + "router/rest")


async def test_while_nobody_takes_messages_most_of_them_stay_with_the_service() -> None:
    held_back = asyncio.Event()
    many, sent = MOST_AT_ONCE * 3, 0

    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        nonlocal sent
        await service.accept(socket)
        for sent in range(1, many):
            sending = asyncio.ensure_future(socket.send_bytes(message(sent, content="x" * 100_000)))
            _, waiting = await asyncio.wait({sending}, timeout=0.5)
            if waiting:
                held_back.set()
            await sending
        await service.listen(socket)

    async with served(behave) as service:
        connection = await connect(service)
        await held_back.wait()
        sent_by_then = sent

        taken = await take(connection, many - 1)
        await connection.close()

    assert sent_by_then < MOST_AT_ONCE * 2
    assert taken == list(range(1, many))


class HourAhead:
    """A gateway that tells the time, an hour ahead of ours."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(self, request: Request) -> Response:
        self.asked += 1
        told = wire_time(SystemClock().now() + timedelta(hours=1))
        return Response(200, {}, msgspec.json.encode({"time_get_response": {"time": told}}))

    async def close(self) -> None: ...

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


async def test_a_clock_an_hour_behind_is_set_after_the_first_refusal_and_asked_for_once() -> None:
    async def behave(service: Service, socket: web.WebSocketResponse) -> None:
        asked = await service.hear(socket)
        assert asked is not None
        ahead_ms = int(str(asked.customs["timestamp"])) - SystemClock().now_us() // 1000
        late = abs(ahead_ms - 3_600_000) > 600_000
        refusal = encode(Frame(Type.CONNECTACK, status=31, phrase="Invalid timestamp", flag=1))
        await socket.send_bytes(refusal if late else ACCEPTED)
        await service.listen(socket)

    platform, clock = HourAhead(), SystemClock()
    client = TopClient(
        platform, apps=platform, sessions=platform, quotas=Quotas((), clock), clock=clock, random=Random(1)
    )
    async with served(behave) as service:
        source = TmcSource(client, platform, WebSocketDialler(), clock, Manner("socket", 1.0))
        shop = ShopRef(ShopId("a"), "12345678", "http://gw/router/rest")
        feed = Feed(AppKey("12345678"), "default", service.address, shop)
        with pytest.raises(Refused, match="Invalid timestamp"):
            await source.open(feed, 0)
        opened, way = await source.open(feed, 1)
        await opened.close()

    assert way is Way.SOCKET
    assert platform.asked == 1
