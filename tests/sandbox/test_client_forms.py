"""The client in every form the gateway speaks: JSON and XML, simplified, uploads, batches; and only over safe addresses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from multidict import CIMultiDict
from top_bench import PNG, SHOP, TopBench

from onshelf.errors import BusinessFault, NotSent, QuotaExceeded, SettingsError, SignatureRefused, Unanswered
from onshelf.platforms.port import Lane
from onshelf.platforms.quota import Limit, Quota, Quotas, Slot
from onshelf.platforms.top.batch import MOST_PARTS, SEPARATOR, Part
from onshelf.platforms.top.call import Answer
from onshelf.platforms.top.generated.items import ItemSellerGet, ItemSellerGetReply, ItemUpdate
from onshelf.platforms.top.generated.lists import ItemsOnsaleGet
from onshelf.platforms.top.generated.picture_space import PictureUpload
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import File
from onshelf.platforms.transport import Request, Response
from onshelf.sandbox.launch import control

ITEM = 11223344
READ = ItemSellerGet(fields="num_iid,title,price,sku", num_iid=ITEM)
FORMS: list[dict[str, Any]] = [
    {},
    {"reply_format": "xml"},
    {"simplify": True},
    {"sign_method": "hmac-sha256"},
]
pytestmark = pytest.mark.filterwarnings("ignore:.* has left the public catalogue")


@pytest.fixture
async def bench() -> AsyncIterator[TopBench]:
    made = TopBench()
    yield made
    await made.client.close()


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_every_form_gives_the_same_typed_reply(form: dict[str, Any], bench: TopBench) -> None:
    plain = await bench.top.ask(READ)

    other = await TopBench(**form).top.ask(READ)

    assert other.item == plain.item


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_every_form_lists_sends_files_and_reads_refusals(form: dict[str, Any]) -> None:
    top = TopBench(**form).top
    upload = PictureUpload(
        picture_category_id=0, img=File("a.png", PNG), image_input_title="a.png", title="红"
    )

    assert ITEM in [item.num_iid async for item in top.rows(ItemsOnsaleGet(fields="num_iid"))]
    assert (await top.ask(upload)).picture is not None
    with pytest.raises(BusinessFault) as refused:
        await top.ask(ItemSellerGet(fields="title", num_iid=1))
    assert refused.value.sub_code


async def test_one_call_may_ask_for_xml_by_itself(bench: TopBench) -> None:
    answer = await bench.client.call(
        "taobao.time.get", {}, dict[str, Any], shop=SHOP, kind=Kind.READ, lane=Lane.POLLS, reply_format="xml"
    )

    assert answer.value["time"] == "2026-11-10 20:00:00"
    assert bench.line.replies[0].startswith(b"<?xml")


@pytest.mark.parametrize(
    ("gateway", "safe"),
    [
        ("https://eco.taobao.com/router/rest", True),
        ("https://gw.api.tbsandbox.com/router/rest", True),
        ("http://127.0.0.1:8080/router/rest", True),
        ("http://[::1]/router/rest", True),
        ("http://localhost/router/rest", True),
        ("http://gw.api.taobao.com/router/rest", False),
        ("http://api.taobao.com/router/rest", False),
        ("http://127.0.0.1.example.com/router/rest", False),
        ("ftp://example.com/router/rest", False),
    ],
)
async def test_production_speaks_in_clear_to_this_machine_only(gateway: str, safe: bool) -> None:
    bench = TopBench(production=True)
    bench.line.down = True

    with pytest.raises(NotSent if safe else SettingsError):
        await bench.client.call(
            "taobao.time.get",
            {},
            dict[str, Any],
            shop=replace(SHOP, gateway=gateway),
            kind=Kind.READ,
            lane=Lane.POLLS,
        )


HOSTS = ("eco.taobao.com", "gw.api.taobao.com", "api.taobao.com", "gw.api.tbsandbox.com")
"""Every host a gateway has, each with both schemes. Source: top-protocol 1.1."""


@pytest.mark.parametrize(
    "address",
    [
        *(f"{scheme}://{host}/router" for scheme in ("http", "https") for host in HOSTS),
        "https://proxy.example.com:8443/top/router",
    ],
)
async def test_calls_uploads_and_batches_go_to_the_gateway_they_are_given(
    address: str, bench: TopBench
) -> None:
    bench.line.inner = Anything()
    shop = replace(SHOP, gateway=f"{address}/rest")
    part = Part("taobao.time.get", {}, Kind.READ)
    call = partial(bench.client.call, shop=shop, kind=Kind.READ, lane=Lane.POLLS, authorised=False)

    await call("taobao.time.get", {}, dict)
    await call("taobao.time.get", {}, dict, files={"img": File("a.png", PNG)})
    await bench.client.batch([part, part], shop=shop, lane=Lane.POLLS)

    assert [request.url.partition("?")[0] for request in bench.line.sent] == [
        f"{address}/rest",
        f"{address}/rest",
        f"{address}/batch",
    ]


class Anything:
    """A transport to a gateway that gives the time to whoever asks."""

    async def send(self, request: Request) -> Response:
        one = b'{"time_get_response":{"time":"2026-11-10 20:00:00"}}'
        body = SEPARATOR.encode().join([one, one]) if "/batch?" in request.url else one
        return Response(200, CIMultiDict(), body)

    async def close(self) -> None: ...


def reading(num_iid: int) -> Part:
    params = {"fields": "num_iid,title", "num_iid": str(num_iid)}
    return Part("taobao.item.seller.get", params, Kind.READ, ItemSellerGetReply)


async def test_a_batch_answers_each_part_in_its_place(bench: TopBench) -> None:
    found, missing, clock = await bench.client.batch(
        [reading(ITEM), reading(1), Part("taobao.time.get", {}, Kind.READ)], shop=SHOP, lane=Lane.STOCK
    )

    assert isinstance(found, Answer)
    assert found.value.item.num_iid == ITEM
    assert isinstance(missing, BusinessFault)
    assert isinstance(clock, Answer)
    assert clock.value["time"] == "2026-11-10 20:00:00"
    assert len(bench.line.sent) == 1
    assert [(record.method, record.outcome) for record in bench.calls] == [
        ("taobao.item.seller.get", "ok"),
        ("taobao.item.seller.get", "refused"),
        ("taobao.time.get", "ok"),
    ]


@pytest.mark.parametrize("form", FORMS[1:], ids=str)
async def test_a_batch_speaks_every_form_too(form: dict[str, Any]) -> None:
    bench = TopBench(**form)

    (found,) = await bench.client.batch([reading(ITEM)], shop=SHOP, lane=Lane.STOCK)

    assert isinstance(found, Answer)
    assert found.value.item.num_iid == ITEM


async def test_a_batch_refused_as_a_whole_refuses_every_part(bench: TopBench) -> None:
    bench.keys.secret_key = "wrong"

    results = await bench.client.batch([reading(ITEM)] * 3, shop=SHOP, lane=Lane.STOCK)

    assert [type(result) for result in results] == [SignatureRefused] * 3


async def test_a_batch_without_a_reply_leaves_every_part_unanswered(bench: TopBench) -> None:
    await control(
        bench.sandbox, "faults", {"method": "taobao.item.seller.get", "kind": "cut_before", "count": 1}
    )

    results = await bench.client.batch([reading(ITEM)] * 2, shop=SHOP, lane=Lane.STOCK)

    assert [type(result) for result in results] == [Unanswered, Unanswered]
    assert [record.outcome for record in bench.calls] == ["unanswered", "unanswered"]


async def test_a_batch_takes_quota_for_every_part_and_gives_it_back_unsent() -> None:
    bench = TopBench(limits=(Limit(3, 60.0),))
    quota = bench.client.quotas.of(SHOP.app_key)
    bench.line.down = True

    with pytest.raises(NotSent):
        await bench.client.batch([reading(ITEM)] * 2, shop=SHOP, lane=Lane.STOCK)
    after_nothing = quota.free(Lane.STOCK).now
    bench.line.down = False
    await bench.client.batch([reading(ITEM)] * 2, shop=SHOP, lane=Lane.STOCK)

    assert (after_nothing, quota.free(Lane.STOCK).now) == (3, 1)


async def test_a_batch_the_quota_cannot_hold_in_time_takes_no_slot() -> None:
    bench = TopBench(limits=(Limit(3, 3600.0),), patience_s=1.0)

    with pytest.raises(QuotaExceeded):
        await bench.client.batch([reading(ITEM)] * 4, shop=SHOP, lane=Lane.STOCK)

    assert bench.client.quotas.of(SHOP.app_key).free(Lane.STOCK).now == 3
    assert bench.line.sent == []


class FarQuota(Quota):
    """A quota that others have to be asked for, as one in Redis: no slot is taken without a turn of the loop."""

    async def take(
        self, method: str, *, lane: Lane, shop_id: str = "", not_after_us: int | None = None
    ) -> Slot:
        slot = await super().take(method, lane=lane, shop_id=shop_id, not_after_us=not_after_us)
        await asyncio.sleep(0)
        return slot


async def test_batches_that_need_the_same_slots_do_not_wait_for_each_other(bench: TopBench) -> None:
    limits = (Limit(20, 1.0),)
    bench.client.quotas = Quotas(limits, bench.clock, make=lambda _: FarQuota(limits, bench.clock))
    began = bench.clock.monotonic()

    whole = await asyncio.gather(
        *(bench.client.batch([reading(ITEM)] * 15, shop=SHOP, lane=Lane.STOCK) for _ in range(4))
    )

    assert all(isinstance(one, Answer) for results in whole for one in results)
    assert bench.clock.monotonic() - began < 5


async def test_a_batch_drops_the_kept_reads_its_writes_make_untrue(bench: TopBench) -> None:
    before = await bench.top.ask(READ, max_age_s=None)
    kept = await bench.top.ask(READ, max_age_s=None)
    calls_before = len(bench.calls)

    await bench.top.batch([ItemUpdate(num_iid=ITEM, title="连衣裙 新款")])
    after = await bench.top.ask(READ, max_age_s=None)

    assert before == kept
    assert calls_before == 1
    assert after.item is not None
    assert after.item.title == "连衣裙 新款"


@pytest.mark.parametrize("count", [0, MOST_PARTS + 1])
async def test_a_batch_has_one_to_twenty_parts(count: int, bench: TopBench) -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        await bench.client.batch([reading(ITEM)] * count, shop=SHOP, lane=Lane.STOCK)
