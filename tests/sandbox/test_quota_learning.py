"""What the client learns from the gateway's flow control, against the sandbox in one process, on one clock that jumps."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import QuotaExceeded
from onshelf.ids import ShopId
from onshelf.platforms.port import AT_ONCE, Lane, Send, ShopRef
from onshelf.platforms.quota import DAY_S, DayEnded, Limit, Quotas
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process

START = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
APP = "12345678"
READ, OTHER = "taobao.items.onsale.get", "taobao.item.seller.get"


class World:
    """A client whose quota starts with the settings' default, and a gateway with limits of its own."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.sandbox = in_process(self.clock)
        self.quotas = Quotas([Limit(5000, DAY_S)], self.clock)
        self.client = TopClient(
            AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,)),
            apps=self,
            sessions=self,
            quotas=self.quotas,
            clock=self.clock,
            random=Random(1),
        )

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False

    async def limited(self, **limits: object) -> None:
        await control(self.sandbox, "quota", {"app_key": APP, **limits})

    async def read(self, method: str = READ, shop: str = "shop", *, soon: bool = False) -> None:
        """Makes a call; `soon`: it is of no use a second from now."""
        at = ShopRef(ShopId(shop), APP, "http://sandbox.test/router/rest")
        send = Send(not_after_us=self.clock.now_us() + SECOND_US) if soon else AT_ONCE
        given = {"num_iid": "1"} if method == OTHER else {}
        await self.client.call(
            method,
            {"fields": "num_iid", **given},
            dict[str, Any],
            shop=at,
            kind=Kind.READ,
            lane=Lane.POLLS,
            send=send,
        )


@pytest.fixture
def world() -> World:
    return World()


async def test_a_day_that_is_used_up_is_told_and_holds_the_app_for_the_seconds_named(world: World) -> None:
    await world.limited(per_day=3)
    for _ in range(3):
        await world.read()

    with pytest.raises(QuotaExceeded) as refusal:
        await world.read(soon=True)

    assert world.quotas.ended() == [DayEnded(APP, "app", world.clock.now_us())]
    wait_s = (refusal.value.retry_at_us - world.clock.now_us()) / SECOND_US
    assert wait_s == pytest.approx(DAY_S, rel=0.001)


async def test_a_limit_of_one_method_that_lasts_the_day_holds_and_teaches_that_method_alone(
    world: World,
) -> None:
    await world.limited(method=READ, per_day=2)
    for _ in range(2):
        await world.read()
    with pytest.raises(QuotaExceeded):
        await world.read(soon=True)

    began = world.clock.monotonic()
    await world.quotas.of(APP).take(OTHER, lane=Lane.POLLS)

    assert world.clock.monotonic() == began
    assert [one.scope for one in world.quotas.ended()] == [f"method:{READ}"]


async def test_a_ban_of_a_second_is_sat_out_and_teaches_nothing(world: World) -> None:
    await world.limited(per_second=2)
    began = world.clock.monotonic()
    for _ in range(3):
        await world.read()

    assert world.clock.monotonic() - began == pytest.approx(1, abs=0.2)
    assert world.quotas.ended() == []


@pytest.mark.parametrize(
    ("sub_code", "held", "free"),
    [
        ("accesscontrol.limited-by-app-access-count", (OTHER, "other"), None),
        ("accesscontrol.limited-by-dynamic-access-count", (OTHER, "other"), None),
        ("accesscontrol.limited-by-api-access-count", (READ, "other"), (OTHER, "shop")),
        ("accesscontrol.limited-by-app-api-access-count", (READ, "other"), (OTHER, "shop")),
        ("accesscontrol.limited-by-nick-access-count", (OTHER, "shop"), (READ, "other")),
    ],
)
async def test_a_ban_holds_up_what_its_sub_code_names_and_nothing_else(
    world: World, sub_code: str, held: tuple[str, str], free: tuple[str, str] | None
) -> None:
    order = {"kind": "ban", "seconds": 30, "count": 1, "sub_code": sub_code}
    await control(world.sandbox, "faults", order)
    with pytest.raises(QuotaExceeded):
        await world.read(soon=True)
    quota = world.quotas.of(APP)

    async def waits(method: str, shop: str) -> float:
        began = world.clock.monotonic()
        quota.answered(await quota.take(method, lane=Lane.POLLS, shop_id=shop))
        return world.clock.monotonic() - began

    assert free is None or await waits(*free) == 0
    assert await waits(*held) == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize(
    ("sub_code", "seconds", "taught"),
    [
        ("accesscontrol.limited-by-app-access-count", 2, "app"),
        ("accesscontrol.limited-by-app-api-access-count", 30_000, f"method:{READ}"),
        ("accesscontrol.limited-by-app-api-access-count", 2, None),
        ("accesscontrol.limited-by-dynamic-access-count", 30_000, None),
        ("accesscontrol.limited-by-nick-access-count", 30_000, None),
    ],
)
async def test_only_the_end_of_a_day_teaches_a_limit(
    world: World, sub_code: str, seconds: int, taught: str | None
) -> None:
    order = {"kind": "ban", "seconds": seconds, "count": 1, "sub_code": sub_code}
    await control(world.sandbox, "faults", order)

    with pytest.raises(QuotaExceeded):
        await world.read(soon=True)

    assert [one.scope for one in world.quotas.ended()] == ([] if taught is None else [taught])
