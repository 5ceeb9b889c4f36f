"""A probe of a shop against the sandbox: who it is, how far the clocks are apart, and what the app may call."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import SessionExpired
from onshelf.ids import ShopId
from onshelf.platforms.port import ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.launch import in_process
from onshelf.sandbox.server import Sandbox
from onshelf.shops.probe import READS, SELLER, probe

SHOP = ShopRef(ShopId("a"), "12345678", "http://sandbox/router/rest")


class OneApp:
    """The sandbox's app and a session of it."""

    def __init__(self, session: str) -> None:
        self._session = session

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return self._session

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def sandbox(clock: FakeClock) -> Sandbox:
    return in_process(clock)


@pytest.fixture
async def transport(sandbox: Sandbox, clock: FakeClock) -> AsyncIterator[AsgiTransport]:
    transport = AsgiTransport(sandbox, clock)
    yield transport
    await transport.close()


def client(transport: AsgiTransport, clock: FakeClock, session: str) -> TopClient:
    app = OneApp(session)
    return TopClient(
        transport, apps=app, sessions=app, quotas=Quotas((), clock), clock=clock, random=Random(1)
    )


async def test_a_sound_shop_is_named_and_may_call_what_listing_and_watch_need(
    transport: AsgiTransport, sandbox: Sandbox, clock: FakeClock
) -> None:
    health = await probe(client(transport, clock, "test"), SHOP)

    assert health.is_well
    assert health.nick == sandbox.info("http://sandbox")["seller_nick"]
    assert health.seller_id > 0
    assert set(health.allowed) == {SELLER, *(method for method, _ in READS)}
    assert health.offset_us is not None
    assert abs(health.offset_us) <= SECOND_US


async def test_a_dead_session_is_told_for_each_call_it_stops(
    transport: AsgiTransport, clock: FakeClock
) -> None:
    health = await probe(client(transport, clock, "dead"), SHOP)

    assert not health.is_well
    assert health.offset_us is not None  # the time needs no session
    assert [method for method, _ in health.faults] == [SELLER, *(method for method, _ in READS)]
    assert all(isinstance(error, SessionExpired) for _, error in health.faults)
