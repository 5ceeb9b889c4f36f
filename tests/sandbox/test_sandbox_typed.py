"""What the sandbox answers is what the catalogue says, and no more: typed replies take in every field of it."""

import json
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import pytest_asyncio
from lossless import lost
from scene import DAY, DRESSES, FILES, ITEM, Scene, scene, send

from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.protocol import Refusal, parse_reply, root_name
from onshelf.sandbox.arguments import catalogue
from onshelf.sandbox.launch import request, signed
from onshelf.sandbox.methods import HANDLERS
from onshelf.sandbox.wire import Json

READS = sorted(
    name for name in HANDLERS if name in REQUESTS and name.endswith((".get", ".search", ".count", ".decrypt"))
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> Scene:
    """One world for all reads."""
    return await scene()


def asked(place: Scene, method: str) -> Json:
    """Returns the arguments of a read."""
    ids = place.ids
    trade, refund, item, leaf = (
        {"tid": ids["rated"]},
        {"refund_id": ids["refund"]},
        {"item_id": ITEM},
        {"category_id": DRESSES},
    )
    day = {"start_create": DAY, "end_create": "2026-11-12 00:00:00"}
    market = {"market": "taobao", "cat_id": DRESSES}
    known: dict[str, Json] = {
        **place.reads(),
        "taobao.item.seller.get": {"num_iid": ITEM},
        "taobao.items.seller.list.get": {"num_iids": ITEM},
        "taobao.item.skus.get": {"num_iids": ITEM},
        "taobao.trades.sold.incrementv.get": day,
        **dict.fromkeys(
            ("taobao.trade.get", "taobao.trade.amount.get", "taobao.trade.confirmfee.get"), trade
        ),
        **dict.fromkeys(("taobao.logistics.trace.get", "taobao.openuid.get.bytrade"), trade),
        **dict.fromkeys(("taobao.refund.detail.get",), refund),
        "taobao.refund.refusereason.get": {**refund, "refund_phase": "onsale"},
        "taobao.refund.status.get": {"query_param": json.dumps({"biz_order_id": int(ids["paid"])})},
        "taobao.top.oaid.decrypt": {"query_list": json.dumps([{"oaid": "x", "tid": ids["paid"]}])},
        "taobao.top.oaid.client.decrypt": {
            "query_list": json.dumps([{"oaid": "x", "tid": ids["paid"]}]),
            "sec_once_token": "t",
        },
        "taobao.kfc.keyword.search": {"content": "国家级"},
        "taobao.users.get": {"nicks": place.shop.nick},
        "taobao.openuid.get.bymixnick": {"mix_nick": "n"},
        "taobao.picture.isreferenced.get": {"picture_id": next(iter(place.shop.pictures.rows))},
        "taobao.tmc.queue.get": {"group_name": "default"},
        "alibaba.item.publish.schema.get": market,
        "alibaba.item.publish.props.get": {**market, "schema": "<itemParam/>", "prop_id": 20000},
        **dict.fromkeys(("alibaba.item.edit.schema.get", "tmall.item.update.schema.get"), item),
        "tmall.item.increment.update.schema.get": item,
        **dict.fromkeys(("taobao.item.update.schema.get", "taobao.item.increment.update.schema.get"), item),
        "taobao.item.add.schema.get": leaf,
        **dict.fromkeys(("tmall.product.match.schema.get", "tmall.product.add.schema.get"), leaf),
        "tmall.item.add.schema.get": {**leaf, "product_id": 1},
        "tmall.product.update.schema.get": {"product_id": ids["product"]},
    }
    return known.get(method, {})


def reply_type(method: str) -> Any:
    module, name = REQUESTS[method]
    return getattr(import_module(f"onshelf.platforms.top.generated.{module}"), name).REPLY


def unlike_the_platform(value: Any, path: str) -> list[str]:
    """Returns where a reply holds what no recorded one does: null, a bare number with a fraction, an empty list.

    Source: top-protocol.md 14: what is absent is left out, an empty list inside a structure is `{}`.
    """
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in unlike_the_platform(inner, f"{path}/{name}")]
    if isinstance(value, list) and value:
        return [one for row in value for one in unlike_the_platform(row, path)]
    return [path] if value is None or isinstance(value, float | list) else []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("method", READS)
async def test_a_typed_reply_takes_in_every_field(place: Scene, method: str) -> None:
    known = catalogue()[method]
    fields = {"fields": ",".join(sorted(known.fields)) or "name"} if "fields" in known.checks else {}

    given = await send(place.sandbox, method, {**fields, **asked(place, method)})

    found = parse_reply(json.dumps({root_name(method): given}).encode(), method, reply_type(method), "json")
    assert not isinstance(found, Refusal)
    del given["request_id"]
    assert list(lost(given, found, method)) == []
    assert unlike_the_platform(given, method) == []


def filled(value: Any) -> Any:
    """Returns a reply without its empty parts, of which XML cannot say whether they are there, and its request_id."""
    if isinstance(value, dict):
        parts = {name: filled(inner) for name, inner in value.items() if name != "request_id"}
        return {name: inner for name, inner in parts.items() if inner not in (None, "", [], {})}
    return [row for one in value if (row := filled(one)) != {}] if isinstance(value, list | tuple) else value


FORMS: list[tuple[Json, Json]] = [
    ({}, {}),
    ({"format": "xml"}, {"reply_format": "xml"}),
    ({"simplify": "true"}, {"simplified": True}),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("method", READS)
async def test_every_form_of_a_reply_says_the_same(place: Scene, method: str) -> None:
    known = catalogue()[method]
    place.sandbox.clock.pause()
    fields = {"fields": ",".join(sorted(known.fields)) or "name"} if "fields" in known.checks else {}

    said = []
    for form, manner in FORMS:
        body = urlencode(signed(place.sandbox, method, {**fields, **asked(place, method), **form})).encode()
        _, _, reply = await request(place.sandbox, "POST", "/router/rest", body)
        said.append(filled(msgspec.to_builtins(parse_reply(reply, method, reply_type(method), **manner))))

    assert said[0] == said[1] == said[2]


async def test_typed_replies_take_in_every_field_of_writes_too() -> None:
    """Each write has a world of its own."""
    missing: list[str] = []
    strange: list[str] = []
    for method in (await scene()).writes():
        here = await scene()
        given = await send(here.sandbox, method, here.writes()[method], FILES.get(method, ""))
        body = json.dumps({root_name(method): given}).encode()
        found = parse_reply(body, method, reply_type(method), "json")
        del given["request_id"]
        missing += [f"{method} refused"] if isinstance(found, Refusal) else lost(given, found, method)
        strange += unlike_the_platform(given, method)

    assert missing == []
    assert strange == []
