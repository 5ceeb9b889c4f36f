"""A group's queue: at least once, deterministic on the time it is told, and whole again after a snapshot."""

from collections.abc import Callable
from itertools import count

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.tmc.queue import Message, Queue, SavedQueue

AGAIN_S = 60.0
DAY_S = 86400.0


def numbers() -> Callable[[], int]:
    counter = count(1001)
    return lambda: next(counter)


def message(data_id: int, at: float = 0.0) -> Message:
    return Message(data_id, "taobao_item_ItemUpdate", "{}", "12497914", 1, "小店", at)


def queue_of(*data_ids: int, at: float = 0.0) -> Queue:
    queue = Queue(numbers())
    for data_id in data_ids:
        queue.put(message(data_id, at), at, at + DAY_S)
    return queue


def taken(queue: Queue, now: float, most: int = 100) -> list[int]:
    return [one.message.data_id for one in queue.take(most, now, AGAIN_S)]


def test_messages_are_given_out_once_in_the_order_they_came() -> None:
    queue = queue_of(1, 2, 3)

    assert taken(queue, 0, most=2) == [1, 2]
    assert taken(queue, 0) == [3]
    assert taken(queue, AGAIN_S - 1) == []


def test_an_unconfirmed_message_comes_again_with_a_new_id_and_says_so() -> None:
    queue = queue_of(1)
    (first,) = queue.take(10, 0, AGAIN_S)

    (second,) = queue.take(10, AGAIN_S, AGAIN_S)

    assert (first.retried, second.retried) == (False, True)
    assert first.id != second.id
    assert first.message == second.message


def test_a_confirmed_message_never_comes_again() -> None:
    queue = queue_of(1, 2)
    first, _ = queue.take(10, 0, AGAIN_S)

    assert queue.confirm(first.id)

    assert taken(queue, AGAIN_S) == [2]
    assert queue.unconfirmed == 1


def test_a_late_confirm_of_an_earlier_delivery_counts() -> None:
    queue = queue_of(1)
    (first,) = queue.take(10, 0, AGAIN_S)
    queue.take(10, AGAIN_S, AGAIN_S)

    assert queue.confirm(first.id)

    assert taken(queue, 10 * AGAIN_S) == []


def test_confirming_twice_or_an_unknown_id_changes_nothing() -> None:
    queue = queue_of(1)
    (first,) = queue.take(10, 0, AGAIN_S)
    queue.confirm(first.id)

    assert not queue.confirm(first.id)
    assert not queue.confirm(7)
    assert queue.counts.confirmed == 1


def test_a_failed_delivery_comes_again_in_its_time_and_is_counted() -> None:
    queue = queue_of(1)
    (first,) = queue.take(10, 0, AGAIN_S)

    assert queue.fail(first.id)

    assert taken(queue, 1) == []
    assert taken(queue, AGAIN_S) == [1]
    assert queue.counts.failed == 1


def test_a_message_nobody_confirms_ends_with_its_retention() -> None:
    queue = queue_of(1, 2)
    queue.take(1, 0, AGAIN_S)

    assert taken(queue, DAY_S) == []
    assert queue.counts.expired == 2
    assert (queue.waiting, queue.unconfirmed) == (0, 0)


def test_a_delayed_message_is_overtaken() -> None:
    queue = Queue(numbers())
    queue.put(message(1), 5.0, DAY_S)
    queue.put(message(2), 0.0, DAY_S)

    assert taken(queue, 0) == [2]
    assert queue.next_due(AGAIN_S) == 5.0
    assert taken(queue, 5) == [1]


def test_a_shorter_wait_for_redelivery_holds_for_what_is_already_out() -> None:
    queue = queue_of(1)
    queue.take(1, 0, AGAIN_S)

    assert queue.next_due(1.0) == 1.0
    assert [one.retried for one in queue.take(1, 1.0, 1.0)] == [True]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.just(0)),
        st.tuples(st.just("take"), st.integers(1, 5)),
        st.tuples(st.just("confirm"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.integers(1, 100)),
        st.tuples(st.just("reload"), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_no_message_is_lost_and_no_confirmed_one_comes_again(
    steps: list[tuple[str, int]],
) -> None:
    new_id, now, put, ended = numbers(), 0.0, 0, set[int]()
    queue, deliveries = Queue(new_id), dict[int, int]()
    for what, amount in steps:
        if what == "put":
            put += 1
            queue.put(message(put, now), now, now + DAY_S)
        elif what == "take":
            for one in queue.take(amount, now, AGAIN_S):
                assert one.message.data_id not in ended
                deliveries[one.id] = one.message.data_id
        elif what == "confirm" and deliveries:
            number = sorted(deliveries)[amount % len(deliveries)]
            queue.confirm(number)
            ended.add(deliveries[number])
        elif what == "wait":
            now += amount
        else:
            saved = msgspec.msgpack.encode(queue.save())
            queue = Queue(new_id, msgspec.msgpack.decode(saved, type=SavedQueue))
        assert queue.waiting + queue.unconfirmed == put - len(ended)

    assert set(taken(queue, now + AGAIN_S, most=1000)) | ended == set(range(1, put + 1))
