"""From the event log to the receivers, over every database: nothing is lost, nothing is told twice, order is kept."""

import asyncio

import pytest
from alerted import ROBOT_SECRET, SECRET, House

from onshelf.alerts import board, store
from onshelf.alerts.alerts import READER
from onshelf.alerts.board import Wanted
from onshelf.alerts.deliver import LEASE_S, Outcome
from onshelf.alerts.route import Route
from onshelf.alerts.rules import Severity
from onshelf.catalog.item import Reason
from onshelf.clock import SECOND_US
from onshelf.errors import DeliveryError, SettingsError
from onshelf.events import ShopRemoved
from onshelf.jobs.job import JobState
from onshelf.store import log
from onshelf.store.db import Database, Write


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_change_reaches_every_channel_once_and_is_then_over(house: House) -> None:
    await house.hook()
    await house.robot()
    await house.happen((1, Reason.VIOLATION))

    at_once = await house.alerts.drain_once()
    sent = await house.later(5)
    again = await house.later(3600)

    assert at_once.sent == {}
    assert sent == {Outcome.ACCEPTED: 2}
    assert again == {}
    assert [(item["item_id"], item["cause"], item["state"]) for item in house.web.hooked()] == [
        (1, "violation", "firing")
    ]
    ((_, robot),) = house.web.received["/robot"]
    assert robot["markdown"]["title"] == "【严重】违规下架：连衣裙 1（a）"


async def test_changes_of_a_group_gather_and_a_second_message_waits_its_interval(house: House) -> None:
    await house.robot()
    await house.happen((1, Reason.SOLD_OUT))
    await house.later(3)
    await house.happen((2, Reason.SOLD_OUT))
    await house.later(2)
    await house.happen((3, Reason.TAKEN_OFF))

    early = await house.later(29)
    await house.later(1)

    assert early == {}
    titles = [body["markdown"]["title"] for _, body in house.web.received["/robot"]]
    assert titles == ["【警告】2 件商品离开货架（a）", "【警告】卖家下架：连衣裙 3（a）"]


async def test_a_mass_delisting_is_one_message_for_people_and_every_change_for_programs(house: House) -> None:
    await house.hook()
    await house.robot()
    await house.happen(*((number, Reason.VIOLATION) for number in range(1200)))

    await house.later(5)

    assert len(house.web.received["/robot"]) == 1
    assert [item["item_id"] for item in house.web.hooked()] == list(range(1200))
    assert max(len(body["data"]["items"]) for _, body in house.web.received["/hook"]) <= 200


async def test_a_refused_message_is_tried_again_under_the_same_id_until_accepted(house: House) -> None:
    await house.hook()
    house.web.answers["/hook"] = [(500, {}, {}), (429, {"retry-after": "90"}, {})]
    await house.happen((1, Reason.SOLD_OUT))

    await house.later(5)
    await house.later(2)
    too_early = await house.later(89)
    await house.later(10)

    ((accepted_id, _),) = house.web.received["/hook"]
    assert too_early == {}
    assert house.web.refused == [accepted_id, accepted_id]


async def test_a_recovery_never_overtakes_the_trouble_it_ends(house: House) -> None:
    await house.hook()
    house.web.answers["/hook"] = [(503, {}, {})] * 3
    await house.happen((1, Reason.TAKEN_OFF))
    await house.later(5)
    await house.happen((1, Reason.LISTED))

    for _ in range(10):
        await house.later(30)

    assert [item["state"] for item in house.web.hooked()] == ["firing", "resolved"]


async def test_an_error_inside_http_200_holds_the_robot_and_its_backlog_becomes_one_message(
    house: House,
) -> None:
    await house.robot()
    house.web.answers["/robot"] = [(200, {}, {"errcode": 130101, "errmsg": "send too fast"})]
    await house.happen((1, Reason.TAKEN_OFF))
    await house.later(5)
    for number in range(2, 8):
        await house.happen((number, Reason.SOLD_OUT), shop=f"shop-{number}")
        await house.later(40)

    held = len(house.web.received["/robot"])
    await house.later(600)
    await house.later(5)

    assert held == 0
    titles = [body["markdown"]["title"] for _, body in house.web.received["/robot"]]
    assert titles == ["【警告】卖家下架：连衣裙 1（a）", "【警告】6 件商品离开货架（6 个店铺）"]


async def test_a_robot_is_never_sent_more_than_twenty_messages_a_minute(house: House) -> None:
    await house.robot()
    stop = asyncio.Event()
    running = asyncio.create_task(house.alerts.run(stop))
    for number in range(40):
        await house.happen((number, Reason.SOLD_OUT), shop=f"shop-{number}")
        house.waker.wake()
        await house.clock.sleep(1)
    await house.clock.sleep(60)
    stop.set()
    await running

    tried = [d.tried_us for d in await store.deliveries(house.db)]
    assert all(sum(0 <= other - at < 60 * SECOND_US for other in tried) <= 20 for at in tried)
    told = "".join(body["markdown"]["text"] for _, body in house.web.received["/robot"])
    assert [number for number in range(40) if f"code-{number} " not in told] == []


async def test_a_channel_that_is_gone_stops_its_messages_are_kept_and_go_out_when_it_is_mended(
    house: House,
) -> None:
    await house.hook()
    house.web.answers["/hook"] = [(410, {}, {})]
    await house.happen((1, Reason.SOLD_OUT))
    await house.later(5)
    await house.happen((2, Reason.SOLD_OUT))

    stopped = await house.later(3600)
    (record,) = await house.directory.records()
    failed = await store.deliveries(house.db, state=JobState.FAILED)
    await house.directory.resume("hook")
    await house.later(1)

    assert stopped == {}
    assert record.stopped == "HTTP 410 {}"
    assert [delivery.note for delivery in failed] == ["HTTP 410 {}"]
    assert [item["item_id"] for item in house.web.hooked()] == [1, 2]
    assert house.web.received["/hook"][0][0] == failed[0].delivery_id


async def test_a_test_message_that_is_accepted_starts_a_stopped_channel(house: House) -> None:
    await house.hook()
    house.web.answers["/hook"] = [(410, {}, {})]
    await house.happen((1, Reason.SOLD_OUT))
    await house.later(5)

    await house.directory.send_test("hook")
    await house.later(1)

    assert [body["type"] for _, body in house.web.received["/hook"]] == ["alert.test", "alert.changed"]


async def test_a_test_message_that_is_refused_says_why(house: House) -> None:
    await house.robot()
    house.web.answers["/robot"] = [(200, {}, {"errcode": 310000, "errmsg": "sign not match"})]

    with pytest.raises(DeliveryError, match="sign not match") as caught:
        await house.directory.send_test("robot")

    assert caught.value.permanent


async def test_a_try_that_died_is_repeated_under_the_same_id_once_its_lease_has_lapsed(house: House) -> None:
    """What a kill leaves behind: claimed, perhaps accepted, never recorded."""
    await house.hook()
    await house.happen((1, Reason.SOLD_OUT))
    await house.alerts.read()
    house.clock.jump(5)
    await house.alerts.post()
    (head,) = await store.heads(house.db)
    until_us = house.clock.now_us() + round(LEASE_S * SECOND_US)
    await house.db.commit(
        store.claim(head.delivery, [], now_us=house.clock.now_us(), lease_until_us=until_us)
    )

    held = await house.later(LEASE_S - 1)
    repeated = await house.later(1)

    assert (held, repeated) == ({}, {Outcome.ACCEPTED: 1})
    assert [message_id for message_id, _ in house.web.received["/hook"]] == [head.delivery.delivery_id]


async def test_a_message_once_tried_never_changes_what_it_tells(house: House) -> None:
    """Its receiver may have it already and would drop a fuller one under the same id."""
    await house.robot()
    house.web.answers["/robot"] = [(502, {}, {})]
    await house.happen((1, Reason.SOLD_OUT))
    await house.later(5)
    await house.happen((2, Reason.SOLD_OUT), shop="b")
    await house.later(60)
    await house.later(60)

    assert ["code-2" in body["markdown"]["text"] for _, body in house.web.received["/robot"]] == [False, True]


async def test_two_processes_that_read_and_post_at_once_tell_nothing_twice(house: House) -> None:
    await house.hook()
    await house.happen(*((number, Reason.TAKEN_OFF) for number in range(50)))
    other = house.room()

    await asyncio.gather(house.alerts.read(), other.read())
    await asyncio.gather(house.alerts.read(), other.read())
    house.clock.jump(5)
    await asyncio.gather(house.alerts.drain_once(), other.drain_once())
    await house.later(LEASE_S)

    assert sorted(item["item_id"] for item in house.web.hooked()) == list(range(50))
    assert await log.behind(house.db, READER) == 0


async def test_a_channel_hears_only_what_it_wants(house: House) -> None:
    await house.hook("loud", least=Severity.CRITICAL)
    await house.hook("shop-b", shops=frozenset({"b"}), resolved=False)
    await house.happen((1, Reason.SOLD_OUT), (2, Reason.DELETED))
    await house.happen((3, Reason.SOLD_OUT), (3, Reason.LISTED), shop="b")

    await house.later(5)

    by_receiver = {
        d.receiver: [a.item_id for a in await store.told_by(house.db, d.delivery_id)]
        for d in await store.deliveries(house.db)
    }
    assert by_receiver == {"loud": [2], "shop-b": [3]}


async def test_how_alerts_stand_is_kept_when_nobody_listens(house: House) -> None:
    await house.happen((1, Reason.SOLD_OUT), (2, Reason.SOLD_OUT), (2, Reason.LISTED))

    await house.later(60)

    assert [one.alert.item_id for one in await board.firing(house.db)] == [1]


async def test_a_slow_channel_holds_up_no_other(house: House) -> None:
    await house.hook()
    await house.robot()
    house.web.slow_s["/hook"] = 14
    stop = asyncio.Event()
    running = asyncio.create_task(house.alerts.run(stop))
    await house.happen((1, Reason.SOLD_OUT))
    house.waker.wake()

    await house.clock.sleep(8)
    robot, hook = len(house.web.received["/robot"]), len(house.web.received["/hook"])
    stop.set()
    await running

    assert (robot, hook) == (1, 0)
    assert len(house.web.received["/hook"]) == 1, "what was in flight is waited for"


async def test_the_loop_outlives_a_database_that_fails(house: House) -> None:
    await house.hook()
    await house.db.commit([Write("ALTER TABLE notice RENAME TO lost")])
    stop = asyncio.Event()
    running = asyncio.create_task(house.alerts.run(stop))
    await house.happen((1, Reason.SOLD_OUT))

    await house.clock.sleep(30)
    await house.db.commit([Write("ALTER TABLE lost RENAME TO notice")])
    await house.clock.sleep(30)
    stop.set()
    await running

    assert len(house.web.hooked()) == 1


async def test_an_event_of_a_newer_version_holds_up_no_message_that_was_read_before(house: House) -> None:
    await house.hook()
    await house.happen((1, Reason.SOLD_OUT))
    await house.alerts.read()
    await house.db.commit([Write("INSERT INTO event (at_us, name, payload) VALUES (1, 'Unheard', '{}')")])
    stop = asyncio.Event()
    running = asyncio.create_task(house.alerts.run(stop))

    await house.clock.sleep(30)
    stop.set()
    await running

    assert len(house.web.hooked()) == 1
    assert await log.behind(house.db, READER) == 1


async def test_secrets_are_sealed_and_never_shown(house: House) -> None:
    await house.hook()
    await house.robot()

    records = await house.directory.records()
    stored = await house.db.fetch("SELECT * FROM channel")

    assert [record.secrets for record in records] == [("secret",), ("secret", "url")]
    for secret in (SECRET, ROBOT_SECRET, "t0ken"):
        assert secret not in repr(records)
        assert secret.encode() not in b"".join(v for row in stored for v in row if isinstance(v, bytes))
        assert not any(secret in str(v) for row in stored for v in row if not isinstance(v, bytes))


async def test_a_replaced_channel_keeps_its_secrets_and_a_taken_name_is_refused(house: House) -> None:
    await house.hook()

    with pytest.raises(SettingsError, match="name"):
        await house.hook()
    changed = await house.directory.add(
        Route("hook", least=Severity.CRITICAL), "webhook", {"url": "http://web.test/hook"}, replace=True
    )
    await house.directory.send_test("hook")

    assert changed.secrets == ("secret",)
    assert len(house.web.received["/hook"]) == 1


@pytest.mark.parametrize(
    ("name", "kind"), [("", "webhook"), ("a/b", "webhook"), ("x" * 41, "webhook"), ("hook", "fax")]
)
async def test_a_bad_name_or_kind_is_refused(house: House, name: str, kind: str) -> None:
    with pytest.raises(SettingsError):
        await house.directory.add(Route(name), kind, {})


async def test_a_removed_channel_is_told_nothing_more(house: House) -> None:
    await house.hook()
    house.web.answers["/hook"] = [(500, {}, {})]
    await house.happen((1, Reason.SOLD_OUT))
    await house.later(5)
    await house.happen((2, Reason.SOLD_OUT))
    await house.alerts.read()

    await house.directory.remove("hook")
    after = await house.later(3600)

    assert after == {}
    assert [d.state for d in await store.deliveries(house.db)] == [JobState.CANCELLED]
    with pytest.raises(SettingsError, match="hook"):
        await house.directory.send_test("hook")


async def test_news_read_while_its_channel_was_removed_is_dropped_not_stuck(house: House) -> None:
    await house.hook()
    await house.happen((1, Reason.SOLD_OUT))
    await house.alerts.read()
    await house.db.commit([Write("DELETE FROM channel")])

    sent = await house.later(5)

    assert sent == {Outcome.GONE: 1}


async def test_the_alerts_of_a_removed_shop_are_over_and_nobody_is_told(house: House) -> None:
    await house.hook()
    await house.happen((1, Reason.VIOLATION), (2, Reason.DELETED))
    await house.happen((3, Reason.VIOLATION), shop="b")
    await house.later(5)
    told = len(house.web.hooked())

    await house.happen((4, Reason.TAKEN_OFF))
    now_us = house.clock.now_us()
    await house.db.commit([log.append(ShopRemoved("a", now_us), now_us)])
    await house.later(60)

    found = {one.alert.fingerprint: str(one.state) for one in await board.alerts(house.db, Wanted(), None, 9)}
    assert found == {
        "a:1:left_the_shelf": "resolved",
        "a:2:left_the_shelf": "resolved",
        "a:4:left_the_shelf": "resolved",
        "b:3:left_the_shelf": "firing",
    }
    assert [one.shop_id for one in await board.counts(house.db)] == ["b"]
    assert house.web.hooked()[told:] == []


async def test_a_shop_added_again_is_alerted_of_again(house: House) -> None:
    await house.hook()
    await house.happen((1, Reason.TAKEN_OFF))
    now_us = house.clock.now_us()
    await house.db.commit([log.append(ShopRemoved("a", now_us), now_us)])
    await house.later(5)
    await house.happen((1, Reason.DELETED))
    await house.later(30)

    (one,) = await board.alerts(house.db, Wanted(), None, 9)
    assert (str(one.state), one.alert.cause) == ("firing", "deleted")
