"""Who gets which message: consent, subscriptions, groups of users and of topics, and faults on the way."""

import msgspec

from onshelf.sandbox.faults import Order
from onshelf.sandbox.tmc.exchange import DEFAULT_GROUP, Exchange, SavedExchange

APP, OTHER = "12345678", "87654321"
NICK, USER = "小店", 2_200_000_000
TOPIC = "taobao_item_ItemUpdate"


def permitted(*topics: str) -> Exchange:
    exchange = Exchange()
    exchange.permit(APP, NICK, USER, topics, 0.0)
    return exchange


def tell(exchange: Exchange, topic: str = TOPIC, nick: str = NICK) -> int:
    return exchange.tell(nick, USER, topic, {"num_iid": 1}, 0.0)


def put(exchange: Exchange, group: str = DEFAULT_GROUP, app_key: str = APP) -> int:
    return exchange.queue((app_key, group)).counts.put


def test_nobody_is_told_without_the_sellers_consent() -> None:
    exchange = permitted()

    assert tell(exchange, nick="别人") == 0
    assert tell(exchange) == 1


def test_consent_without_topics_is_for_all_and_with_topics_for_these() -> None:
    assert tell(permitted()) == 1
    assert tell(permitted(TOPIC)) == 1
    assert tell(permitted("taobao_item_ItemAdd")) == 0


def test_a_new_consent_replaces_the_topics_of_the_old_one() -> None:
    exchange = permitted(TOPIC)

    exchange.permit(APP, NICK, USER, ["taobao_item_ItemAdd"], 1.0)

    assert tell(exchange) == 0


def test_a_cancelled_consent_ends_messages() -> None:
    exchange = permitted()

    assert exchange.cancel(APP, NICK, 1.0)

    assert tell(exchange) == 0
    assert not exchange.cancel(APP, NICK, 2.0)


def test_an_app_gets_no_topic_it_does_not_subscribe_to() -> None:
    exchange = permitted()
    exchange.subscribe(APP, ["taobao_item_ItemAdd"])

    assert tell(exchange) == 0
    assert tell(exchange, "taobao_item_ItemAdd") == 1


def test_every_permitted_app_gets_its_own_copy() -> None:
    exchange = permitted()
    exchange.permit(OTHER, NICK, USER, [], 0.0)

    assert tell(exchange) == 2
    assert (put(exchange), put(exchange, app_key=OTHER)) == (1, 1)


def test_a_user_in_a_group_is_told_there_and_in_one_group_only() -> None:
    exchange = permitted()
    exchange.join(APP, "vip", [NICK], 0.0)
    exchange.join(APP, "gold", [NICK], 0.0)

    tell(exchange)

    assert (put(exchange), put(exchange, "vip"), put(exchange, "gold")) == (0, 0, 1)


def test_a_topic_with_a_group_goes_there_whoever_the_user_is() -> None:
    exchange = permitted()
    exchange.join(APP, "vip", [NICK], 0.0)
    exchange.join(APP, "stock", [], 0.0).topics.append(TOPIC)

    tell(exchange)

    assert (put(exchange, "vip"), put(exchange, "stock")) == (0, 1)


def test_a_deleted_group_goes_with_its_queue_and_its_users_fall_back() -> None:
    exchange = permitted()
    exchange.join(APP, "vip", [NICK], 0.0)
    tell(exchange)

    assert exchange.leave(APP, "vip", [])
    tell(exchange)

    assert (put(exchange, "vip"), put(exchange)) == (0, 1)
    assert not exchange.leave(APP, "vip", [])


def test_faults_lose_double_or_delay_a_message() -> None:
    exchange = permitted()
    queue = exchange.queue((APP, DEFAULT_GROUP))
    orders = iter([Order("lose_message"), Order("double_message"), Order("swap_messages", seconds=5), None])
    exchange.fate = lambda _topic, _now: next(orders)

    for _ in range(4):
        tell(exchange)

    first, twice, last = queue.take(10, 0.0, 60.0)
    (swapped,) = queue.take(10, 5.0, 60.0)
    assert first.message == twice.message
    assert first.id != twice.id
    assert last.message.data_id > swapped.message.data_id > first.message.data_id


def test_ids_stay_below_two_to_the_53rd() -> None:
    exchange = permitted()
    tell(exchange)

    (one,) = exchange.queue((APP, DEFAULT_GROUP)).take(1, 0.0, 60.0)

    assert max(one.id, one.message.data_id) < 2**53
    assert one.id != one.message.data_id


def test_a_saved_exchange_goes_on_where_it_was() -> None:
    exchange = permitted(TOPIC)
    exchange.join(APP, "vip", [NICK], 0.0)
    tell(exchange)
    (before,) = exchange.queue((APP, "vip")).take(1, 0.0, 60.0)

    saved = msgspec.msgpack.encode(exchange.save())
    loaded = Exchange(msgspec.msgpack.decode(saved, type=SavedExchange))

    assert tell(loaded) == 1
    assert loaded.queue((APP, "vip")).confirm(before.id)
    assert loaded.queue((APP, "vip")).waiting == 1
