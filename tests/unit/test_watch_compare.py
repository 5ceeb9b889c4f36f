"""One rule for what a change is: tables for the causes, properties for what must never happen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshelf.catalog.item import Expected, Item, Reason, State
from onshelf.clock import SECOND_US, to_us
from onshelf.ids import ItemId
from onshelf.platforms.port import Bucket, SeenItem, Shelf
from onshelf.watch.compare import Nomination, Rules, Sighting, Verdict, first_sight, judge, state_of

NOON = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
NOON_US = to_us(NOON)
RULES = Rules(absent_looks=2, absent_spacing_us=30 * SECOND_US, skew_us=10 * SECOND_US)
NAMED = Nomination(7, "slice")


def item(**changes: object) -> Item:
    """An item on sale, last read an hour before noon."""
    before = NOON_US - 3600 * SECOND_US
    base = Item("shop", 7, 3, State.ONSALE, Reason.LISTED, "A-7", "连衣裙", None, 5, before, before, before)
    return replace(base, **changes)  # type: ignore[arg-type]


def shown(shelf: Shelf = Shelf.INSTOCK, *, asked_us: int = NOON_US, **fields: object) -> Sighting:
    """An id read at noon that shows the item, changed a minute before; answered 50 ms after it was asked."""
    seen = SeenItem(
        item_id=ItemId(7),
        asked_us=asked_us,
        answered_us=asked_us + 50_000,
        shelf=shelf,
        **{"stock": 5, "modified": NOON - timedelta(minutes=1), **fields},  # type: ignore[arg-type]
    )
    return Sighting(7, asked_us, seen.answered_us, seen)


def missing(at_us: int = NOON_US, *, witnessed: bool = True) -> Sighting:
    return Sighting(7, at_us, at_us + 50_000, None, witnessed)


def verdict(known: Item | None, sighting: Sighting, named: Nomination = NAMED) -> Verdict:
    return judge(known, sighting, named, RULES, "shop")


@pytest.mark.parametrize(
    ("bucket", "fields", "reason"),
    [
        (Bucket.TAKEN_OFF, {}, Reason.TAKEN_OFF),
        (Bucket.SOLD_OUT, {}, Reason.SOLD_OUT),
        (Bucket.VIOLATION, {}, Reason.VIOLATION),
        (Bucket.SCHEDULED, {}, Reason.SCHEDULED),
        (Bucket.NEVER_LISTED, {}, Reason.NEVER_LISTED),
        (None, {"violation": True}, Reason.VIOLATION),
        (Bucket.TAKEN_OFF, {"violation": True}, Reason.VIOLATION),
        (None, {"scheduled": True}, Reason.SCHEDULED),
        (None, {"stock": 0}, Reason.SOLD_OUT),
        (None, {}, Reason.UNKNOWN),
        (Bucket.ONSALE, {}, Reason.UNKNOWN),
    ],
)
def test_the_cause_comes_from_the_list_the_violation_flag_and_the_stock(
    bucket: Bucket | None, fields: dict[str, object], reason: Reason
) -> None:
    found = verdict(item(), shown(**fields), replace(NAMED, bucket=bucket))  # type: ignore[arg-type]

    assert found.change is not None
    assert (found.change.old, found.change.new, found.change.reason) == ("onsale", "instock", reason)
    assert found.change.version == 4
    assert found.record is not None
    assert (found.record.state, found.record.reason, found.record.version) == (State.INSTOCK, reason, 4)


def test_a_change_happened_when_the_platform_says_it_was_modified() -> None:
    change = verdict(item(), shown()).change

    assert change is not None
    assert change.happened_us == NOON_US - 60 * SECOND_US
    assert change.seen_us == NOON_US + 50_000


def test_a_relisting_happened_at_its_list_time_though_modified_is_older() -> None:
    sighting = shown(Shelf.ONSALE, list_time=NOON - timedelta(seconds=5), modified=NOON - timedelta(days=3))

    change = verdict(item(state=State.INSTOCK, reason=Reason.TAKEN_OFF), sighting).change

    assert change is not None
    assert change.reason == Reason.LISTED
    assert change.happened_us == NOON_US - 5 * SECOND_US


def test_a_time_before_the_last_look_cannot_be_the_time_of_the_change() -> None:
    change = verdict(item(), shown(modified=NOON - timedelta(days=3))).change

    assert change is not None
    assert change.happened_us == change.seen_us


def test_a_list_row_older_than_the_id_read_tells_no_cause() -> None:
    stale = replace(NAMED, bucket=Bucket.TAKEN_OFF, modified_us=NOON_US - 3600 * SECOND_US)

    change = verdict(item(), shown(), stale).change

    assert change is not None
    assert change.reason == Reason.UNKNOWN


def test_what_our_own_job_intends_is_ours_and_its_expectation_is_spent() -> None:
    expected = Expected(State.INSTOCK, "job-1", NOON_US + SECOND_US)

    found = verdict(item(expected=expected), shown(), replace(NAMED, bucket=Bucket.TAKEN_OFF))

    assert found.change is not None
    assert (found.change.reason, found.change.ours) == (Reason.OURS, True)
    assert found.spent == expected


@pytest.mark.parametrize(
    "expected",
    [
        Expected(State.INSTOCK, "job-1", NOON_US - 120 * SECOND_US),
        Expected(State.ONSALE, "job-1", NOON_US + SECOND_US),
    ],
    ids=["its time is over", "another state"],
)
def test_an_expectation_that_does_not_fit_hides_nothing(expected: Expected) -> None:
    found = verdict(item(expected=expected), shown(), replace(NAMED, bucket=Bucket.TAKEN_OFF))

    assert found.change is not None
    assert (found.change.reason, found.change.ours, found.spent) == (Reason.TAKEN_OFF, False, None)


def test_a_violation_during_our_own_delisting_is_ours_only_until_the_platform_says_so() -> None:
    ours = item(state=State.INSTOCK, reason=Reason.OURS)

    found = verdict(ours, shown(), replace(NAMED, bucket=Bucket.VIOLATION))

    assert found.change is not None
    assert (found.change.old, found.change.new, found.change.reason) == ("instock", "instock", "violation")
    assert found.change.ours is False


def test_a_new_violation_is_told_though_a_delisting_was_expected() -> None:
    expected = Expected(State.INSTOCK, "job-1", NOON_US + SECOND_US)

    found = verdict(item(expected=expected), shown(violation=True))

    assert found.change is not None
    assert (found.change.reason, found.change.ours) == (Reason.VIOLATION, False)


def test_an_item_with_a_listing_time_to_come_is_off_the_shelf_whatever_its_status() -> None:
    waiting = shown(Shelf.ONSALE, scheduled=True, list_time=NOON + timedelta(hours=1))

    change = verdict(item(), waiting).change

    assert change is not None
    assert (change.new, change.reason) == ("instock", Reason.SCHEDULED)


def test_a_reply_without_the_shelf_decides_nothing() -> None:
    with pytest.raises(ValueError, match="approve_status"):
        state_of(SeenItem(ItemId(7), NOON_US, NOON_US))


def test_an_answer_asked_for_before_the_one_on_record_never_counts() -> None:
    newer = item(asked_us=NOON_US + 1)

    assert verdict(newer, shown()) == Verdict()
    assert verdict(newer, missing()) == Verdict()


def test_absence_is_asked_again_before_it_is_a_deletion() -> None:
    first = verdict(item(), missing())
    assert first.change is None
    assert first.record is not None
    assert first.record.doubt == 1
    assert first.again_us == NOON_US + 30 * SECOND_US

    second = verdict(first.record, missing(first.again_us))

    assert second.change is not None
    assert (second.change.new, second.change.reason) == ("deleted", Reason.DELETED)
    assert second.change.happened_us == NOON_US + 50_000
    assert second.again_us is None


def test_absences_too_close_together_count_once() -> None:
    doubted = verdict(item(), missing()).record

    again = verdict(doubted, missing(NOON_US + SECOND_US))

    assert again == Verdict(again_us=NOON_US + 30 * SECOND_US)


def test_an_empty_reply_is_doubted_longer_than_a_reply_that_shows_others() -> None:
    known: Item | None = item()
    for look in range(3):
        found = verdict(known, missing(NOON_US + look * 30 * SECOND_US, witnessed=False))
        assert found.change is None
        known = found.record

    last = verdict(known, missing(NOON_US + 90 * SECOND_US, witnessed=False))

    assert last.change is not None
    assert last.change.reason == Reason.DELETED


def test_an_item_that_shows_again_is_no_longer_in_doubt() -> None:
    doubted = item(doubt=1)

    found = verdict(doubted, shown(Shelf.ONSALE))

    assert found.change is None
    assert found.record is not None
    assert found.record.doubt == 0


def test_our_own_deletion_is_ours() -> None:
    known = item(expected=Expected(State.DELETED, "job-2", NOON_US + SECOND_US), doubt=1, seen_us=NOON_US)

    found = verdict(known, missing(NOON_US + 30 * SECOND_US))

    assert found.change is not None
    assert found.change.ours


@pytest.mark.parametrize("known", [None, item(state=State.DELETED, reason=Reason.DELETED)])
def test_the_absence_of_what_we_never_knew_or_know_as_deleted_is_no_news(known: Item | None) -> None:
    assert verdict(known, missing()) == Verdict()


def test_a_first_sight_has_no_state_before_and_keeps_the_reason_of_its_list() -> None:
    sighting = shown()
    assert sighting.item is not None

    found = first_sight("shop", sighting.item, replace(NAMED, bucket=Bucket.VIOLATION), State.INSTOCK)

    assert found.change is not None
    assert found.record is not None
    assert (found.change.old, found.change.reason, found.change.version) == ("", Reason.FIRST_SEEN, 1)
    assert found.record.reason is Reason.VIOLATION
    assert verdict(found.record, shown(violation=True)).change is None


def test_a_cause_that_was_unknown_is_learnt_later_without_a_second_change() -> None:
    known = item(state=State.INSTOCK, reason=Reason.UNKNOWN)

    found = verdict(known, shown(), replace(NAMED, bucket=Bucket.SOLD_OUT))

    assert found.change is None
    assert found.record is not None
    assert found.record.reason is Reason.SOLD_OUT


records = st.builds(
    item,
    state=st.sampled_from(State),
    reason=st.sampled_from(Reason),
    doubt=st.integers(0, 1),
    expected=st.none() | st.builds(Expected, st.sampled_from(State), st.just("job"), st.just(NOON_US)),
)
sightings = st.builds(
    shown,
    st.sampled_from(Shelf),
    violation=st.booleans() | st.none(),
    scheduled=st.booleans() | st.none(),
    stock=st.integers(0, 3) | st.none(),
) | st.builds(missing, witnessed=st.booleans())
names = st.builds(Nomination, st.just(7), st.just("slice"), st.sampled_from(Bucket) | st.none())


@settings(max_examples=1000)
@given(known=records | st.none(), sighting=sightings, named=names)
def test_comparing_the_same_state_twice_gives_no_second_change(
    known: Item | None, sighting: Sighting, named: Nomination
) -> None:
    first = verdict(known, sighting, named)

    again = verdict(first.record or known, sighting, named)

    assert again.change is None


@settings(max_examples=500)
@given(known=records, sighting=sightings, named=names)
def test_the_version_counts_changes_and_nothing_else(
    known: Item, sighting: Sighting, named: Nomination
) -> None:
    found = verdict(known, sighting, named)

    step = found.record.version - known.version if found.record else 0
    assert step == (1 if found.change else 0)
