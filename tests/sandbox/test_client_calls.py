"""The client against the sandbox in one process, on one clock that jumps: what it repeats, what it gives back, what it learns."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from multidict import CIMultiDict

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import (
    BusinessFault,
    Conflict,
    NotSent,
    QuotaExceeded,
    Refused,
    SessionExpired,
    SettingsError,
    SignatureRefused,
    Unanswered,
)
from onshelf.ids import ItemId, ShopId
from onshelf.platforms.port import Bucket, CallRecord, Draft, Lane, Send, Shelf, ShopRef, Slice
from onshelf.platforms.quota import Limit, Quotas
from onshelf.platforms.top import auth
from onshelf.platforms.top.client import ClientOptions, TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.platform import TopPlatform, TopShop
from onshelf.platforms.transport import AsgiTransport, ConnectFailed, Request, Response
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process
from onshelf.sandbox.server import Sandbox

START = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
SHOP = ShopRef(ShopId("衣品"), "12345678", "http://sandbox.test/router/rest")
DRAFT = Draft(
    outer_id="A-1",
    title="连衣裙 春季&新款=+%",
    price=Decimal("96.00"),
    stock=5,
    category_id=50010850,
    description="<p>纯棉面料，亲肤透气</p>",
    condition="new",
    province="浙江",
    city="杭州",
)


class Keys:
    """The secrets of one app, and sessions of which the first may be dead."""

    def __init__(self, sessions: list[str]) -> None:
        self.sessions = sessions
        self.key = "helloworld"

    async def secret(self, app_key: str) -> str:
        return self.key

    async def session(self, shop_id: ShopId) -> str:
        return self.sessions[0]

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        if session == self.sessions[0] and len(self.sessions) > 1:
            self.sessions.pop(0)
        return self.sessions[0] != session


class Unreachable:
    """A transport whose first connections fail."""

    def __init__(self, inner: AsgiTransport, failures: int) -> None:
        self.inner = inner
        self.failures = failures

    async def send(self, request: Request) -> Response:
        if self.failures:
            self.failures -= 1
            raise ConnectFailed("connection refused")
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


class Undated:
    """A transport to a platform whose replies tell no date."""

    def __init__(self, inner: Unreachable) -> None:
        self.inner = inner

    async def send(self, request: Request) -> Response:
        reply = await self.inner.send(request)
        told = {name: value for name, value in reply.headers.items() if name.lower() != "date"}
        return Response(reply.status, CIMultiDict(told), reply.body)

    async def close(self) -> None:
        await self.inner.close()


class Bench:
    """One client, one sandbox, one clock."""

    def __init__(
        self,
        *,
        limits: tuple[Limit, ...] = (),
        sessions: tuple[str, ...] = ("test",),
        failures: int = 0,
        **options: Any,
    ) -> None:
        self.clock = FakeClock(START)
        self.sandbox: Sandbox = in_process(self.clock)
        self.keys = Keys(list(sessions))
        self.records: list[CallRecord] = []
        self.transport = Unreachable(AsgiTransport(self.sandbox, self.clock, cuts=(ConnectionCut,)), failures)
        self.client = TopClient(
            self.transport,
            apps=self.keys,
            sessions=self.keys,
            quotas=Quotas(limits, self.clock),
            clock=self.clock,
            random=Random(1),
            observer=self,
            options=ClientOptions(**options),
        )
        self.shop: TopShop = TopPlatform(self.client).for_shop(SHOP, Lane.LISTING)

    def called(self, record: CallRecord) -> None:
        self.records.append(record)

    @property
    def outcomes(self) -> list[str]:
        return [record.outcome for record in self.records]

    async def fault(self, **order: Any) -> None:
        await control(self.sandbox, "faults", order)

    async def items(self) -> int:
        """Counts what carries our code, on the platform itself."""
        return len(await control(self.sandbox, "items?outer_id=A-1"))

    async def create(self, send: Send | None = None) -> ItemId:
        return await self.shop.create(DRAFT, shelf=Shelf.ONSALE, send=send or Send())

    async def __aenter__(self) -> "Bench":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with Bench() as made:
        yield made


async def test_an_item_is_made_read_found_and_listed(bench: Bench) -> None:
    item_id = await bench.create()

    (seen,) = await bench.shop.get_items([item_id, ItemId(99)])
    (found,) = await bench.shop.find_by_codes(["A-1", "B-2"])
    page = await bench.shop.get_slice(Slice(Bucket.ONSALE))

    assert (seen.title, seen.price, seen.stock, seen.shelf) == (DRAFT.title, DRAFT.price, 5, Shelf.ONSALE)
    assert seen.asked_us <= seen.answered_us
    assert found.item_id == item_id
    assert item_id in {item.item_id for item in page.items}
    assert page.total == len(page.items)


async def test_an_item_goes_through_all_that_a_shop_does_with_it(bench: Bench) -> None:
    item_id = await bench.create()

    await bench.shop.update(item_id, DRAFT, fields=frozenset({"stock"}))
    await bench.shop.delist(item_id)
    taken_off = await bench.shop.get_slice(Slice(Bucket.TAKEN_OFF))
    await bench.shop.list_item(item_id, stock=5)
    await bench.shop.delete(item_id)

    assert [item.item_id for item in taken_off.items] == [item_id]
    assert await bench.shop.get_items([item_id]) == ()
    with pytest.raises(BusinessFault, match="item-is-delete"):
        await bench.shop.delete(item_id)


@pytest.mark.parametrize(
    "kind", ["cut_before", "cut_after", "cut_then_done", "isp_after", "http_5xx", "truncate", "bad_json"]
)
async def test_a_create_without_a_clear_answer_is_made_once_and_given_back(bench: Bench, kind: str) -> None:
    await bench.fault(kind=kind, method="taobao.item.add", seconds=3)

    with pytest.raises(Unanswered):
        await bench.create()
    await bench.clock.sleep(10)

    assert len(bench.records) == 1
    assert await bench.items() <= 1


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "isp", "http_5xx", "truncate", "bad_json"])
async def test_a_read_passes_over_two_faults(bench: Bench, kind: str) -> None:
    await bench.fault(kind=kind, method="reads", count=2)

    await bench.shop.get_slice(Slice(Bucket.ONSALE))

    assert len(bench.records) == 3


async def test_a_third_fault_in_a_row_is_told(bench: Bench) -> None:
    await bench.fault(kind="cut_before", method="reads")

    with pytest.raises(Unanswered):
        await bench.shop.get_slice(Slice(Bucket.ONSALE))

    assert bench.outcomes == ["unanswered"] * 3


async def test_a_late_reply_is_no_reply(bench: Bench) -> None:
    await bench.fault(kind="delay", method="taobao.item.add", seconds=3600)
    began = bench.clock.monotonic()

    with pytest.raises(Unanswered):
        await bench.create()

    assert bench.clock.monotonic() - began == pytest.approx(30, abs=1)


async def test_a_connection_that_fails_is_tried_again_even_for_a_create() -> None:
    async with Bench(failures=2) as bench:
        await bench.create()

        assert bench.outcomes == ["not_sent", "not_sent", "ok"]
        assert await bench.items() == 1


async def test_a_connection_that_never_comes_was_not_sent() -> None:
    async with Bench(failures=9) as bench:
        with pytest.raises(NotSent):
            await bench.create()


async def test_a_ban_is_sat_out_for_its_seconds_and_nobody_storms() -> None:
    async with Bench() as bench:
        await bench.fault(kind="ban", count=1, seconds=5, method="taobao.items.onsale.get")
        began = bench.clock.monotonic()
        await asyncio.gather(*(bench.shop.get_slice(Slice(Bucket.ONSALE)) for _ in range(8)))

        refused = bench.outcomes.count("refused")
        assert 1 <= refused <= 8
        assert bench.clock.monotonic() - began == pytest.approx(5, abs=1)


async def test_a_ban_longer_than_our_patience_is_told_with_its_end() -> None:
    async with Bench(patience_s=60.0) as bench:
        await bench.fault(kind="ban", count=1, seconds=3000, method="taobao.item.add")
        began_us = bench.clock.now_us()

        with pytest.raises(QuotaExceeded) as caught:
            await bench.create()

        assert caught.value.retry_at_us - began_us == pytest.approx(3000 * SECOND_US, abs=2 * SECOND_US)
        assert len(bench.records) == 1


async def test_a_dead_session_is_replaced_once_even_for_a_create() -> None:
    async with Bench(sessions=("dead", "test")) as bench:
        await bench.create()

        assert bench.outcomes == ["refused", "ok"]


async def test_a_session_nobody_can_replace_is_told() -> None:
    async with Bench(sessions=("dead",)) as bench:
        with pytest.raises(SessionExpired):
            await bench.create()

        assert len(bench.records) == 1


async def test_a_wrong_secret_is_told_and_not_repeated(bench: Bench) -> None:
    bench.keys.key = "wrong"

    with pytest.raises(SignatureRefused):
        await bench.create()

    assert len(bench.records) == 1


async def test_the_fence_is_passed_before_each_attempt_and_may_stop_the_call() -> None:
    async with Bench(failures=1) as bench:
        passed: list[int] = []

        async def fence() -> None:
            passed.append(bench.clock.now_us())

        async def lost() -> None:
            raise Conflict("another worker has it")

        await bench.create(Send(before_send=fence))
        with pytest.raises(Conflict):
            await bench.create(Send(before_send=lost))

        assert len(passed) == 2
        assert await bench.items() == 1


async def test_a_fence_that_stops_a_call_gives_its_slot_back() -> None:
    async with Bench(limits=(Limit(1, 60.0),)) as bench:

        async def lost() -> None:
            raise Conflict("another worker has it")

        with pytest.raises(Conflict):
            await bench.create(Send(before_send=lost))

        assert bench.client.quotas.of(SHOP.app_key).free(Lane.LISTING).now == 1
        assert bench.records == []


async def test_a_slot_that_comes_too_late_is_not_used() -> None:
    async with Bench(limits=(Limit(1, 60.0),)) as bench:
        await bench.shop.get_slice(Slice(Bucket.ONSALE))
        soon = Send(not_after_us=bench.clock.now_us() + 5 * SECOND_US)

        with pytest.raises(QuotaExceeded):
            await bench.create(soon)

        assert await bench.items() == 0


async def test_a_cancelled_call_is_recorded_as_unanswered_and_keeps_its_slot() -> None:
    async with Bench(limits=(Limit(1, 60.0),)) as bench:
        await bench.fault(kind="delay", seconds=20)
        call = asyncio.create_task(bench.create())
        await bench.clock.sleep(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert bench.outcomes == ["unanswered"]
        assert bench.client.quotas.of(SHOP.app_key).free(Lane.LISTING).now == 0


async def test_a_quota_of_the_gateway_is_never_exceeded_and_nearly_used() -> None:
    async with Bench(limits=(Limit(20, 1.0),), concurrency=64) as bench:
        await control(bench.sandbox, "quota", {"per_second": 20})
        began = bench.clock.monotonic()

        await asyncio.gather(*(bench.shop.get_slice(Slice(Bucket.ONSALE)) for _ in range(200)))

        assert set(bench.outcomes) == {"ok"}
        assert bench.clock.monotonic() - began == pytest.approx(9, abs=0.5)


async def test_a_clock_that_is_wrong_is_learned_from_the_refusal_even_of_a_create() -> None:
    async with Bench() as bench:
        bench.sandbox.clock.jump(1200)

        await bench.create()
        await bench.create()

        assert [record.platform_code for record in bench.records] == [31, 0, 0]


async def test_a_wrong_clock_that_nobody_can_correct_is_told_after_one_attempt() -> None:
    async with Bench() as bench:
        bench.sandbox.clock.jump(1200)
        bench.client._transport = Undated(bench.transport)

        with pytest.raises(Refused) as caught:
            await bench.create()

        assert (caught.value.platform_code, len(bench.records)) == (31, 1)


async def test_the_platforms_time_is_learned_by_asking_for_it() -> None:
    async with Bench() as bench:
        bench.sandbox.clock.jump(300)

        offset_us = await bench.client.learn_clock(SHOP)

        assert offset_us == pytest.approx(300 * SECOND_US, abs=SECOND_US)


async def test_pictures_are_stored_found_and_joined_once(bench: Bench) -> None:
    content = PIXEL
    first = await bench.shop.upload(content, title="abc123 主图", file_name="a.gif")
    second = await bench.shop.upload(content, title="abc123 主图", file_name="a.gif")
    item_id = await bench.create()
    both = Draft(**{**_fields(DRAFT), "pictures": (first.path, second.path)})

    for _ in range(2):
        await bench.shop.update(item_id, both, fields=frozenset({"pictures"}))

    (seen,) = await bench.shop.get_items([item_id])
    assert {picture.picture_id for picture in await bench.shop.find_pictures("abc123")} == {
        first.picture_id,
        second.picture_id,
    }
    assert seen.pictures == (first.path, second.path)


async def test_any_method_can_be_called_for_its_raw_reply(bench: Bench) -> None:
    answer = await bench.client.call(
        "taobao.user.seller.get",
        {"fields": "nick,user_id"},
        dict,
        shop=SHOP,
        kind=Kind.READ,
        lane=Lane.POLLS,
    )

    assert answer.value["user"]["nick"] == "沙箱小店"


async def test_an_unknown_method_is_refused_by_the_platform(bench: Bench) -> None:
    with pytest.raises(Refused) as caught:
        await bench.client.call("taobao.no.such", {}, dict, shop=SHOP, kind=Kind.CREATE, lane=Lane.POLLS)

    assert caught.value.platform_code == 22


async def test_a_record_tells_neither_parameters_nor_secrets(bench: Bench) -> None:
    await bench.create()

    (record,) = bench.records
    assert record.request_id
    assert len(record.request_digest) == 32
    assert not {"helloworld", "test", "A-1"} & {
        str(getattr(record, name)) for name in record.__struct_fields__
    }


async def test_production_refuses_a_plain_gateway() -> None:
    async with Bench(production=True) as bench:
        with pytest.raises(SettingsError, match="https"):
            await bench.create()

        assert bench.records == []


@pytest.mark.parametrize("codes", [["a,b"], [" "], [f"c{number}" for number in range(41)]])
async def test_codes_that_would_break_a_look_up_are_refused(bench: Bench, codes: list[str]) -> None:
    with pytest.raises(ValueError, match="code"):
        await bench.shop.find_by_codes(codes)


async def test_a_token_is_refreshed_by_the_gateway_and_by_the_token_address(bench: Bench) -> None:
    oauth = "http://sandbox.test/oauth"
    first = await _authorise(bench, oauth)

    by_address = await auth.exchange(
        auth.refresh_flow(oauth, "12345678", "helloworld", first.refresh_token, bench.clock.now_us()),
        bench.transport,
    )
    by_gateway = await auth.refresh_by_gateway(bench.client, SHOP, first.refresh_token, bench.clock.now_us())

    assert first.nick == by_address.nick == by_gateway.nick == "沙箱小店"
    assert by_address.session != first.session
    assert first.expires_us is not None
    assert first.expires_us > bench.clock.now_us()


async def test_a_code_is_good_once(bench: Bench) -> None:
    oauth = "http://sandbox.test/oauth"
    flow = auth.code_flow(oauth, "12345678", "helloworld", "no-such-code", "http://x.test", 0)

    with pytest.raises(SessionExpired, match="authorize code expire"):
        await auth.exchange(flow, bench.transport)


async def _authorise(bench: Bench, oauth: str) -> auth.Token:
    from onshelf.sandbox.tokens import issue_code

    world, now_us = bench.sandbox.world, bench.clock.now_us()
    code = issue_code(world, "12345678", "沙箱小店", now_us / SECOND_US, "http://x.test")
    flow = auth.code_flow(oauth, "12345678", "helloworld", code, "http://x.test", now_us)
    return await auth.exchange(flow, bench.transport)


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__slots__}


PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
