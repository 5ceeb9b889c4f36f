"""What a look may ask for within the quota, and when the lists' totals call for a sweep."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.item import Item, Reason, State
from onshelf.clock import SECOND_US
from onshelf.ids import ItemId
from onshelf.platforms.port import Bucket, Free, SeenItem
from onshelf.watch.compare import Nomination
from onshelf.watch.nominate import agrees, merge, sift
from onshelf.watch.plan import (
    DAY_S,
    WAREHOUSE,
    Memory,
    Pace,
    begin_first,
    begin_sweep,
    blinded,
    detection_s,
    differs,
    end_sweep,
    looked,
    plan_look,
    tell_detection,
    walked,
    window,
)
from onshelf.watch.read import batches
from onshelf.watch.walk import Walk

NOW_US = 1_800_000_000 * SECOND_US
PACE = Pace(every_s=300, overlap_s=120, skew_s=600)
UNLIMITED = Free(now=10_000, per_second=inf, today=None)
SWEPT = Memory(swept={State.ONSALE: 1, State.INSTOCK: 1})


def test_without_a_limit_a_look_reads_every_list_and_counts_the_warehouse() -> None:
    found = plan_look(UNLIMITED, SWEPT, PACE, NOW_US)

    assert set(found.lists) == set(Bucket)
    assert found.count_warehouse


def test_a_day_of_looks_keeps_within_the_quota_of_the_day() -> None:
    left, memory = 5000, replace(SWEPT, counted_us=0)
    for look in range(int(DAY_S / PACE.every_s)):
        now_us = NOW_US + look * 300 * SECOND_US
        found = plan_look(Free(now=left, per_second=0, today=left), memory, PACE, now_us)
        spent = len(found.lists) + (5 if found.count_warehouse else 0)
        assert spent <= found.calls
        memory = replace(memory, counted_us=now_us) if found.count_warehouse else memory
        left -= spent
        assert set(found.lists) == set(Bucket)

    assert left > 2000


@given(now=st.integers(0, 50), per_second=st.floats(0, 100), today=st.integers(0, 5000) | st.none())
def test_a_plan_never_promises_more_calls_than_are_free(
    now: int, per_second: float, today: int | None
) -> None:
    free = Free(now=now, per_second=per_second, today=today)

    found = plan_look(free, Memory(), PACE, NOW_US)

    assert found.calls <= now + per_second * PACE.every_s
    assert today is None or found.calls <= today
    assert len(found.lists) <= found.calls


def test_when_few_calls_are_left_the_list_not_seen_for_longest_comes_first() -> None:
    memory = replace(SWEPT, looked={bucket: NOW_US - place for place, bucket in enumerate(Bucket)})

    found = plan_look(Free(now=2, per_second=0, today=None), memory, PACE, NOW_US)

    assert found.lists == (Bucket.VIOLATION, Bucket.SOLD_OUT)


def test_5000_calls_a_day_detect_within_173_seconds_by_polls() -> None:
    assert detection_s(Pace(every_s=60), 5000) == 173
    assert detection_s(Pace(every_s=300), 5000) == 300
    assert detection_s(Pace(every_s=60), None) == 60
    assert "173" in tell_detection(Pace(every_s=60), 5000, "zh")
    assert tell_detection(Pace(every_s=60), None, "en") == "detection by polls every 60 s"


def test_a_slice_reaches_back_over_the_lag_and_both_clocks() -> None:
    memory = looked(SWEPT, Bucket.SOLD_OUT, NOW_US - 300 * SECOND_US)

    found = window(memory, Bucket.SOLD_OUT, PACE, NOW_US)

    assert found.from_us == NOW_US - (300 + 120 + 600) * SECOND_US
    assert found.to_us == NOW_US + 600 * SECOND_US
    assert window(memory, Bucket.ONSALE, PACE, NOW_US).from_us is None


def test_a_new_shop_is_swept_whole_and_a_swept_one_is_not() -> None:
    assert set(begin_first(Memory(), PACE, NOW_US).sweeps) == set(State) - {State.DELETED}
    assert begin_first(SWEPT, PACE, NOW_US).sweeps == {}


def test_a_sweep_under_way_is_not_begun_again() -> None:
    memory = begin_sweep(SWEPT, State.ONSALE, "count", PACE, NOW_US)

    assert begin_sweep(memory, State.ONSALE, "sweep", PACE, NOW_US + 1) == memory


def test_a_difference_no_sweep_could_explain_orders_no_second_sweep() -> None:
    memory = swept_once_more(SWEPT, known=48)
    assert differs(memory, State.INSTOCK, 50, {State.INSTOCK: 48})

    memory = swept_once_more(memory, known=48)

    assert not differs(memory, State.INSTOCK, 50, {State.INSTOCK: 48})
    assert differs(memory, State.INSTOCK, 49, {State.INSTOCK: 48})


def test_a_difference_is_not_taken_as_given_while_items_are_undecided() -> None:
    memory = swept_once_more(SWEPT, known=48)
    memory = swept_once_more(memory, known=48, clean=False)
    memory = swept_once_more(memory, known=48)

    assert differs(memory, State.INSTOCK, 50, {State.INSTOCK: 48})


def test_counts_order_nothing_while_the_sweep_is_under_way() -> None:
    memory = begin_sweep(SWEPT, State.INSTOCK, "count", PACE, NOW_US)

    assert not differs(memory, State.INSTOCK, 99, {State.INSTOCK: 0})


def swept_once_more(memory: Memory, *, known: int, clean: bool = True) -> Memory:
    """Sweeps the warehouse, whose five lists hold ten rows each."""
    memory = begin_sweep(memory, State.INSTOCK, "count", PACE, NOW_US)
    for bucket in WAREHOUSE:
        memory = walked(memory, bucket, Walk((), counted=10))
    assert memory.sweeps[State.INSTOCK].walks == {}
    return end_sweep(memory, State.INSTOCK, known, clean=clean)


def test_blindness_dates_from_the_first_look_that_failed() -> None:
    memory = blinded(SWEPT, "session_expired", NOW_US)
    memory = blinded(memory, "unanswered", NOW_US + 1)
    assert (memory.blind_since_us, memory.blind_why) == (NOW_US, "unanswered")

    assert blinded(memory, "", NOW_US + 2).blind_since_us == 0


def record(state: State = State.ONSALE, reason: Reason = Reason.LISTED, doubt: int = 0) -> Item:
    return Item("shop", 7, 1, state, reason, "", "", None, None, 0, 0, 0, doubt=doubt)


@pytest.mark.parametrize(
    ("known", "bucket", "expected"),
    [
        (record(), Bucket.ONSALE, True),
        (record(), Bucket.TAKEN_OFF, False),
        (record(doubt=1), Bucket.ONSALE, False),
        (record(State.INSTOCK, Reason.TAKEN_OFF), Bucket.TAKEN_OFF, True),
        (record(State.INSTOCK, Reason.OURS), Bucket.TAKEN_OFF, True),
        (record(State.INSTOCK, Reason.TAKEN_OFF), Bucket.VIOLATION, False),
        (record(State.INSTOCK, Reason.VIOLATION), Bucket.VIOLATION, True),
        (record(State.INSTOCK, Reason.UNKNOWN), Bucket.SOLD_OUT, False),
        (record(State.DELETED, Reason.DELETED), Bucket.ONSALE, False),
    ],
)
def test_a_row_that_agrees_with_the_record_names_nothing(known: Item, bucket: Bucket, expected: bool) -> None:
    assert agrees(known, bucket) is expected


def test_unknown_rows_are_recorded_and_disagreeing_ones_named_each_once() -> None:
    rows = [SeenItem(ItemId(one), 0, 0) for one in (7, 8, 7, 8)]

    found = sift("shop", rows, {7: record()}, bucket=Bucket.SOLD_OUT, evidence="slice")

    assert [name.item_id for name in found.names] == [7]
    assert [name.item_id for name, _ in found.first_sights] == [8]


def test_items_whose_read_broke_go_alone_and_the_others_20_a_call() -> None:
    names = [Nomination(one, "slice", failures=int(one in (3, 30))) for one in range(45)]

    found = batches(names)

    assert [len(batch) for batch in found] == [20, 20, 3, 1, 1]
    assert [batch[0].item_id for batch in found[3:]] == [3, 30]


def test_of_two_lists_that_name_an_item_the_one_that_tells_the_reason_counts() -> None:
    warehouse, shelf = Nomination(7, "slice", Bucket.SOLD_OUT), Nomination(7, "slice", Bucket.ONSALE)

    assert merge([warehouse, shelf]) == [warehouse]
    assert merge([shelf, warehouse]) == [warehouse]
