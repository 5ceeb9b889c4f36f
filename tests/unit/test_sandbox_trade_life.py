"""A trade's and a refund's life, step by step: what each state allows, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.market import refund as refunds
from onshelf.sandbox.market import trade as trades
from onshelf.sandbox.market.buyers import buyer
from onshelf.sandbox.market.crowd import plan
from onshelf.sandbox.market.ledger import Book, Ledger
from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.shown import order_row, trade_row, wire_id, yuan
from onshelf.sandbox.market.trade import (
    CANCELLED,
    CLOSED,
    FINISHED,
    PART_SENT,
    WAIT_CONFIRM,
    WAIT_PAY,
    WAIT_SEND,
    NotNow,
    Order,
    Parcel,
    Trade,
)

NOW, LATER = "2026-11-11 00:00:00", "2026-11-12 00:00:00"


def placed(orders: int = 1, **fields: object) -> Trade:
    rows = tuple(Order(oid, 100 + oid, "连衣裙", 14_000, 1) for oid in range(1, orders + 1))
    return Trade(1, 7, NOW, NOW, rows, **fields)  # type: ignore[arg-type]


def parcel(*oids: int) -> Parcel:
    return Parcel("LP1", "SF", "顺丰速运", "SF1000000000001", LATER, oids)


def asked(**fields: object) -> Refund:
    return Refund(9, 1, 1, 14_000, "不想要了", NOW, NOW, **fields)  # type: ignore[arg-type]


def test_a_trade_goes_from_order_to_rating() -> None:
    trade = placed()
    seen = [trade.status]
    trade = trades.paid(trade, LATER)
    seen.append(trade.status)
    trade = trades.shipped(trade, LATER, parcel())
    seen.append(trade.status)
    trade = trades.confirmed(trade, LATER)
    seen.append(trade.status)

    assert seen == [WAIT_PAY, WAIT_SEND, WAIT_CONFIRM, FINISHED]
    assert trade.orders[0].end_time == LATER
    assert trades.rated(trade, LATER, "good", "好").rates[0].oid == 1


def test_a_trade_of_which_one_order_was_sent_is_partly_shipped() -> None:
    trade = trades.shipped(trades.paid(placed(2), NOW), LATER, parcel(2))

    assert trade.status == PART_SENT
    assert [one.status for one in trade.orders] == [WAIT_SEND, WAIT_CONFIRM]


def test_an_unpaid_trade_closes_before_and_a_refunded_one_after_payment() -> None:
    assert trades.cancelled(placed(), LATER, "缺货").status == CANCELLED
    assert trades.refunded(trades.paid(placed(), NOW), LATER, 1, 14_000).status == CLOSED


def test_part_of_the_money_back_leaves_the_trade_running() -> None:
    assert trades.refunded(trades.paid(placed(), NOW), LATER, 1, 5_000).status == WAIT_SEND


def test_a_confirmation_leaves_out_an_order_about_which_a_refund_is_open() -> None:
    sent = trades.shipped(trades.paid(placed(2), NOW), NOW, parcel())
    disputed = trades.disputed(sent, NOW, 2, 9, refunds.WAIT_AGREE)

    done = trades.confirmed(disputed, LATER)

    assert [one.status for one in done.orders] == [FINISHED, WAIT_CONFIRM]


@pytest.mark.parametrize(
    "step",
    [
        lambda one: trades.shipped(one, NOW, parcel()),
        lambda one: trades.confirmed(one, NOW),
        lambda one: trades.rated(one, NOW, "good", ""),
        lambda one: trades.called(one, NOW, parcel()),
        lambda one: trades.resent(one, NOW, parcel()),
    ],
)
def test_an_unpaid_trade_can_only_be_paid_or_closed(step: object) -> None:
    with pytest.raises(NotNow, match=WAIT_PAY):
        step(placed())  # type: ignore[operator]


def test_an_order_of_another_trade_is_not_shipped() -> None:
    with pytest.raises(NotNow):
        trades.shipped(trades.paid(placed(), NOW), NOW, parcel(99))


def test_a_refund_with_goods_goes_there_and_back() -> None:
    refund = refunds.agreed(asked(returns=True), LATER)
    assert refund.status == refunds.WAIT_RETURN

    refund = refunds.sent_back(refund, LATER, "圆通速递", "YT1")
    assert refund.status == refunds.WAIT_GOODS

    assert refunds.repaid(refund, LATER).status == refunds.SUCCESS


def test_a_refused_refund_may_be_asked_for_anew_and_each_step_is_a_new_version() -> None:
    refund = refunds.changed(refunds.refused(asked(), NOW), LATER, 500)

    assert (refund.status, refund.fee_fen, refund.version) == (refunds.WAIT_AGREE, 500, 3)


@pytest.mark.parametrize("ended", [refunds.withdrawn(asked(), NOW), refunds.agreed(asked(), NOW)])
def test_an_ended_refund_stays_ended(ended: Refund) -> None:
    for step in (refunds.agreed, refunds.refused, refunds.withdrawn):
        with pytest.raises(NotNow):
            step(ended, LATER)


def test_an_id_above_what_doubles_hold_is_written_as_a_text() -> None:
    assert (wire_id(2**53), wire_id(2**53 + 1)) == (9007199254740992, "9007199254740993")


def test_the_first_order_pays_the_postage_as_recorded() -> None:
    """148 = 140 + 8: trades.sold.get__3.json."""
    trade = placed(post_fen=800)

    row = order_row(trade.orders[0], trade, seller_type="C")

    assert (row["payment"], row["total_fee"], row["divide_order_fee"]) == ("148.00", "140.00", "140.00")


def test_a_seller_sees_no_whole_name_number_or_address() -> None:
    person = buyer(0, 7)

    row = trade_row(placed(), person, seller_nick="店", seller_type="C")

    assert not {person.name, person.mobile, person.nick, person.address} & set(map(str, row.values()))
    assert row["receiver_city"] == person.city


def test_the_same_seed_gives_the_same_buyers_and_plans() -> None:
    assert (buyer(3, 5), plan(3, 5)) == (buyer(3, 5), plan(3, 5))
    assert (buyer(4, 5), plan(4, 5)) != (buyer(3, 5), plan(3, 5))


@given(st.integers(0, 10**9))
def test_money_is_written_with_two_decimals(fen: int) -> None:
    whole, _, cents = yuan(fen).partition(".")

    assert int(whole) * 100 + int(cents) == fen
    assert len(cents) == 2


STATES = ("", "WAIT_SELLER_SEND_GOODS", "TRADE_FINISHED")
history = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 59), st.sampled_from(STATES[1:])), max_size=40)


@given(history, st.integers(0, 59), st.integers(0, 59), st.sampled_from(STATES), st.integers(1, 5))
def test_the_pages_of_a_book_are_what_a_scan_would_find(
    writes: list[tuple[int, int, str]], first: int, last: int, status: str, size: int
) -> None:
    book: Book[Trade] = Book(lambda one: one.tid)
    for tid, second, state in writes:
        stamp = f"2026-11-11 00:00:{second:02}"
        order = Order(tid, 1, "裙子", 1, 1, status=state)
        book.put(Trade(tid, 0, f"2026-11-11 00:01:{tid:02}", stamp, (order,)))
    start, end = f"2026-11-11 00:00:{first:02}", f"2026-11-11 00:00:{last:02}"

    found = book.newest("modified", status=status, start=start, end=end)
    pages = [one for number in range(1, len(found) + 2) for one in found.page(number, size)]

    expected = sorted(
        (one for one in book if start <= one.modified <= end and status in ("", one.status)),
        key=lambda one: (one.modified, one.tid),
        reverse=True,
    )
    assert pages == expected


def test_a_trade_is_found_by_any_of_its_orders() -> None:
    ledger = Ledger()
    ledger.keep(placed(2))

    assert ledger.by_oid(2) == ledger.trades.get(1)
    assert ledger.by_oid(3) is None
