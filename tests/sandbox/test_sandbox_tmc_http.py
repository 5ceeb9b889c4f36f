"""Messages over HTTP: consent, groups, consume and confirm from the socket's queues, publishing; and what each change tells."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from onshelf.clock import FakeClock
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

START = datetime(2026, 11, 10, 16, 0, 0, tzinfo=UTC)
ITEM = 11223344
SHOP = "沙箱小店"
ADD = {
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


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
async def sandbox(clock: FakeClock) -> Sandbox:
    """A shop whose seller permitted all topics."""
    made = in_process(clock)
    await ask(made, "taobao.tmc.user.permit")
    return made


async def consume(sandbox: Sandbox, **arguments: Any) -> list[Json]:
    reply = await ask(sandbox, "taobao.tmc.messages.consume", **arguments)
    rows: list[Json] = reply.get("messages", {}).get("tmc_message", [])
    return rows


async def told(sandbox: Sandbox) -> list[str]:
    return [row["topic"].removeprefix("taobao_item_") for row in await consume(sandbox, quantity=200)]


async def seller(sandbox: Sandbox, action: str, **order: Any) -> None:
    await control(sandbox, "seller", {"action": action, "num_iid": ITEM, **order})


async def test_a_consumed_message_has_the_recorded_fields_in_the_recorded_order(sandbox: Sandbox) -> None:
    await seller(sandbox, "restock", num=101)

    (row,) = await consume(sandbox)

    assert list(row) == ["user_id", "user_nick", "content", "id", "pub_time", "pub_app_key", "topic"]
    assert row["user_nick"] == SHOP
    assert msgspec.json.decode(row["content"]) == {
        "nick": SHOP,
        "num_iid": ITEM,
        "num": 101,
        "changed_fields": "num",
        "increment": 1,
    }


async def test_a_message_reads_the_same_in_xml(sandbox: Sandbox) -> None:
    await seller(sandbox, "delete")
    fields = signed(sandbox, "taobao.tmc.messages.consume", {"format": "xml"})
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()

    _status, _headers, reply = await request(sandbox, "POST", "/router/rest", body)

    assert (
        f"<messages><tmc_message><user_id>2200000000</user_id><user_nick>{SHOP}</user_nick>" in reply.decode()
    )
    assert "<topic>taobao_item_ItemDelete</topic></tmc_message></messages>" in reply.decode()


async def test_an_empty_queue_answers_without_the_key(sandbox: Sandbox) -> None:
    assert list(await ask(sandbox, "taobao.tmc.messages.consume")) == ["request_id"]


async def test_confirmed_messages_are_gone_and_the_others_come_again(
    sandbox: Sandbox, clock: FakeClock
) -> None:
    await control(sandbox, "messages", {"topic": "a_b_C", "count": 3})
    first, second, third = [row["id"] for row in await consume(sandbox)]

    reply = await ask(
        sandbox, "taobao.tmc.messages.confirm", s_message_ids=f"{first},{second},7", f_message_ids=third
    )

    assert reply["is_success"] is True
    assert await consume(sandbox) == []
    await clock.sleep(61)
    (again,) = await consume(sandbox)
    assert again["id"] not in (first, second, third)


async def test_a_record_tells_how_often_a_message_was_given_out(sandbox: Sandbox, clock: FakeClock) -> None:
    published = await control(sandbox, "messages", {"topic": "a_b_C"})
    (first,) = await consume(sandbox)
    await clock.sleep(120)
    (second,) = await consume(sandbox)
    asked = {"group_name": "default", "topic_name": "a_b_C", "data_id": published["first_data_id"]}

    open_now = await ask(sandbox, "taobao.tmc.msg.sendrecord", **asked)
    await ask(sandbox, "taobao.tmc.messages.confirm", s_message_ids=second["id"])
    gone = await ask(sandbox, "taobao.tmc.msg.sendrecord", **asked)

    assert (open_now["tmc_send_times"], open_now["tmc_send_list"]) == (2, f"{first['id']},{second['id']}")
    assert gone["tmc_send_times"] == 0


async def test_a_quantity_is_respected_and_checked(sandbox: Sandbox) -> None:
    await control(sandbox, "messages", {"topic": "a_b_C", "count": 250})

    assert len(await consume(sandbox, quantity=10)) == 10
    assert len(await consume(sandbox)) == 100
    assert (await ask(sandbox, "taobao.tmc.messages.consume", quantity=201))["code"] == 41


async def test_an_unknown_group_is_refused(sandbox: Sandbox) -> None:
    refused = await ask(sandbox, "taobao.tmc.messages.consume", group_name="vip")

    assert refused["sub_code"] == "isv.group-not-exist:invalid-group_name"


async def test_consent_is_shown_narrowed_and_cancelled(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.tmc.user.permit", topics="taobao_item_ItemDelete")
    fields = "user_nick,topics,user_id,is_valid,created,modified"
    shown = await ask(sandbox, "taobao.tmc.user.get", nick=SHOP, fields=fields)
    names = await ask(sandbox, "taobao.tmc.user.topics.get")
    await seller(sandbox, "delist")
    cancelled = [await ask(sandbox, "taobao.tmc.user.cancel", nick=SHOP) for _ in range(2)]
    await seller(sandbox, "delete")

    assert shown["tmc_user"]["topics"] == names["topics"] == {"string": ["taobao_item_ItemDelete"]}
    assert shown["tmc_user"]["is_valid"] is True
    assert [reply["is_success"] for reply in cancelled] == [True, False]
    assert await told(sandbox) == []


async def test_a_user_without_consent_is_unknown(sandbox: Sandbox) -> None:
    assert "tmc_user" not in await ask(sandbox, "taobao.tmc.user.get", nick="别人", fields="user_nick")
    assert (await ask(sandbox, "taobao.tmc.user.cancel", nick="别人"))["is_success"] is False


async def test_invented_topics_are_refused(sandbox: Sandbox) -> None:
    refused = await ask(sandbox, "taobao.tmc.user.permit", topics="taobao_trade_TradeCreated")

    assert refused["sub_code"].startswith("isv.")
    assert "TradeCreated" in refused["sub_msg"]


async def test_groups_are_made_listed_counted_and_deleted(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.tmc.group.add", group_name="vip", nicks=SHOP)
    await seller(sandbox, "delist")
    listed = await ask(sandbox, "taobao.tmc.groups.get")
    (row,) = await consume(sandbox, group_name="vip")
    counted = await ask(sandbox, "taobao.tmc.queue.get", group_name="vip")
    deleted = await ask(sandbox, "taobao.tmc.group.delete", group_name="vip")
    await seller(sandbox, "list")

    assert (listed["groups"], listed["total_results"]) == ({"tmc_group": [{"name": "vip"}]}, 1)
    assert row["topic"] == "taobao_item_ItemDownshelf"
    assert counted["datas"]["tmc_queue_info"][0] | {"broker_name": ""} == {
        "broker_name": "",
        "get_total": 1,
        "name": "vip",
        "put_toal": 1,
    }
    assert deleted["is_success"] is True
    assert await told(sandbox) == ["ItemUpshelf"]


@pytest.mark.parametrize("name", ["default", "default2", "g" * 33])
async def test_a_group_may_not_be_named_so(sandbox: Sandbox, name: str) -> None:
    assert "code" in await ask(sandbox, "taobao.tmc.group.add", group_name=name, nicks=SHOP)


async def test_a_topic_may_have_a_group_of_its_own(sandbox: Sandbox) -> None:
    topics = {"group_name": "stock", "topics": "taobao_item_ItemStockChanged"}
    await ask(sandbox, "taobao.tmc.topic.group.add", **topics)
    await seller(sandbox, "restock", num=7)
    await ask(sandbox, "taobao.tmc.topic.group.delete", **topics)
    await seller(sandbox, "restock", num=8)

    assert len(await consume(sandbox, group_name="stock")) == 1
    assert await told(sandbox) == ["ItemStockChanged"]


async def test_an_app_publishes_to_who_permitted_it(sandbox: Sandbox, clock: FakeClock) -> None:
    one = await ask(sandbox, "taobao.tmc.message.produce", topic="my_app_T", content='{"a":1}')
    await ask(sandbox, "taobao.tmc.message.produce", topic="my_app_T", content='{"a":2}', delay_millis=5000)

    (row,) = await consume(sandbox)
    await clock.sleep(5)
    (late,) = await consume(sandbox)

    assert (one["is_success"], one["total"], len(one["msg_ids"]["string"])) == (True, 1, 1)
    assert (row["content"], row["pub_app_key"]) == ('{"a":1}', "12345678")
    assert late["content"] == '{"a":2}'


async def test_of_several_published_messages_a_wrong_one_does_not_stop_the_others(sandbox: Sandbox) -> None:
    rows = [{"topic": "my_app_T", "content": "{}"}, {"topic": "taobao_trade_TradePayment", "content": "{}"}]

    reply = await ask(sandbox, "taobao.tmc.messages.produce", messages=msgspec.json.encode(rows).decode())

    good, bad = reply["results"]["tmc_produce_result"]
    assert reply["is_all_success"] is False
    assert (good, bad["error_code"]) == ({"is_success": True}, "isv.invalid-parameter:topic")
    assert len(await consume(sandbox)) == 1


async def test_every_change_by_calls_is_told(sandbox: Sandbox) -> None:
    made = (await ask(sandbox, "taobao.item.add", **ADD))["item"]["num_iid"]
    await ask(sandbox, "taobao.item.update", num_iid=made, title="长裙")
    await ask(sandbox, "taobao.item.quantity.update", num_iid=made, quantity=3)
    await ask(sandbox, "taobao.item.update.delisting", num_iid=made)
    await ask(sandbox, "taobao.item.update.listing", num_iid=made, num=3)
    await ask(sandbox, "taobao.item.delete", num_iid=made)

    assert await told(sandbox) == [
        "ItemAdd",
        "ItemUpdate",
        "ItemStockChanged",
        "ItemDownshelf",
        "ItemUpshelf",
        "ItemDelete",
    ]


async def test_every_change_by_hand_is_told(sandbox: Sandbox) -> None:
    for action, order in [("edit", {"title": "新"}), ("sell_out", {}), ("restock", {}), ("punish", {})]:
        await seller(sandbox, action, **order)

    assert await told(sandbox) == [
        "ItemUpdate",
        "ItemStockChanged",
        "ItemZeroStock",
        "ItemStockChanged",
        "ItemPunishDownshelf",
    ]


async def test_what_the_clock_brings_is_told_with_its_own_time(sandbox: Sandbox, clock: FakeClock) -> None:
    await clock.sleep(14 * 86400 + 3600)

    (row,) = await consume(sandbox)

    assert row["topic"] == "taobao_item_ItemDownshelf"
    assert row["pub_time"] < (await ask(sandbox, "taobao.time.get"))["time"]


async def test_a_cancelled_authorisation_is_told_and_ends_the_consent(sandbox: Sandbox) -> None:
    await control(sandbox, "sessions", {"session": "test", "cancel": True})
    await seller(sandbox, "delist")

    (row,) = await consume(sandbox)

    assert row["topic"] == "taobao_top_AuthCancel"
    assert set(msgspec.json.decode(row["content"])) == {"open_id", "user_id"}
    assert (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num"))["code"] == 27


async def test_an_app_is_told_only_of_the_topics_it_subscribes_to(sandbox: Sandbox) -> None:
    app = {"app_key": "12345678", "app_secret": "helloworld", "topics": ["taobao_item_ItemDelete"]}
    await control(sandbox, "apps", app)

    await seller(sandbox, "delist")
    await seller(sandbox, "delete")

    assert await told(sandbox) == ["ItemDelete"]


@pytest.mark.parametrize(
    ("kind", "heard"), [("lose_message", 0), ("double_message", 2), ("swap_messages", 0)]
)
async def test_a_fault_strikes_messages_of_its_topics_only_and_is_counted(
    sandbox: Sandbox, kind: str, heard: int
) -> None:
    await control(sandbox, "faults", {"kind": kind, "method": "taobao_item_ItemD*", "seconds": 5})

    await seller(sandbox, "edit", title="新")
    await seller(sandbox, "delist")

    assert (await told(sandbox)).count("ItemDownshelf") == heard
    assert (await control(sandbox, "stats"))["faults"] == {kind: 1}


async def test_a_share_of_lost_messages_is_the_same_for_the_same_seed() -> None:
    async def lost() -> list[str]:
        sandbox = in_process(FakeClock(START))
        await ask(sandbox, "taobao.tmc.user.permit")
        await control(sandbox, "faults", {"kind": "lose_message", "share": 0.3, "seed": 4})
        for number in range(40):
            await control(sandbox, "messages", {"topic": f"a_b_{number}"})
        return [row["topic"] for row in await consume(sandbox, quantity=200)]

    once = await lost()

    assert 15 < len(once) < 40
    assert once == await lost()


async def test_a_snapshot_keeps_consent_queues_and_deliveries_under_way(
    sandbox: Sandbox, clock: FakeClock
) -> None:
    await seller(sandbox, "delist")
    (out,) = await consume(sandbox)
    await seller(sandbox, "list")
    _status, _headers, saved = await request(sandbox, "POST", "/_sandbox/snapshot", b"{}")
    await control(sandbox, "reset", {})

    await request(sandbox, "POST", "/_sandbox/restore", saved)

    (waiting,) = await consume(sandbox)
    await ask(sandbox, "taobao.tmc.messages.confirm", s_message_ids=f"{out['id']},{waiting['id']}")
    await clock.sleep(120)
    assert waiting["topic"] == "taobao_item_ItemUpshelf"
    assert await consume(sandbox) == []


async def test_the_control_shows_queues_and_their_first_messages(sandbox: Sandbox) -> None:
    published = await control(sandbox, "messages", {"topic": "a_b_C", "content": "no JSON", "count": 3})
    await consume(sandbox, quantity=10)
    await control(sandbox, "messages", {"topic": "a_b_D"})

    (queue,) = (await control(sandbox, "messages?rows=2"))["queues"]

    assert published["last_data_id"] - published["first_data_id"] == 2
    assert published["queues"] == [{"app_key": "12345678", "group": "default"}]
    assert (queue["waiting"], queue["unconfirmed"], queue["put"], queue["delivered"]) == (1, 3, 4, 3)
    assert [row["content"] for row in queue["messages"]] == ["no JSON", "no JSON"]


@pytest.mark.parametrize(
    ("path", "order", "field"),
    [
        ("messages", {}, "topic"),
        ("messages", {"topic": "a", "colour": 1}, "colour"),
        ("messages", [], "body"),
        ("messages", {"topic": "a", "count": 0}, "count"),
        ("messages", {"topic": "a", "nick": "别人"}, "nick"),
        ("messages", {"topic": "a", "app_key": "1"}, "app_key"),
        ("messages/service", {"redeliver_s": 0}, "redeliver_s"),
        ("messages/service", {"disconnect_every": -1}, "disconnect_every"),
    ],
)
async def test_a_control_used_wrongly_is_told_which_field(
    sandbox: Sandbox, path: str, order: Any, field: str
) -> None:
    assert (await control(sandbox, path, order))["field"] == field


async def test_the_token_for_connecting_depends_on_the_group(sandbox: Sandbox) -> None:
    plain = await ask(sandbox, "taobao.tmc.auth.get")
    same = await ask(sandbox, "taobao.tmc.auth.get", group="default")
    other = await ask(sandbox, "taobao.tmc.auth.get", group="vip")

    assert plain["result"] == same["result"] != other["result"]
