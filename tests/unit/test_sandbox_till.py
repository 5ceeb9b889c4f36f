"""Whatever buyers and sellers do, in whatever order: stock is never lost or made, money never exceeds what was paid."""

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market import passing
from onshelf.sandbox.market import refund as refunds
from onshelf.sandbox.market import trade as trades
from onshelf.sandbox.market.claims import Claims
from onshelf.sandbox.market.refund import Refund
from onshelf.sandbox.market.till import Line, Till
from onshelf.sandbox.market.trade import CANCELLED, ENDED, NotNow, Parcel, Trade
from onshelf.sandbox.seed import FIRST_ITEM, FIRST_SHOP, fill
from onshelf.sandbox.selling import Cause
from onshelf.sandbox.state import DAY_S, World

STOCK, NOON = 100, 1_795_000_000.0
STATES = {
    trades.WAIT_PAY,
    trades.WAIT_SEND,
    trades.PART_SENT,
    trades.WAIT_CONFIRM,
    trades.FINISHED,
    trades.CLOSED,
    CANCELLED,
}


def world(sub_stock: int) -> World:
    made = World()
    fill(made, NOON, app_key="1", app_secret="s", session="t", nick=FIRST_SHOP)
    made.shops[FIRST_SHOP].shelf.items[FIRST_ITEM].wire["sub_stock"] = sub_stock
    made.messages.settings.retain_s = 365 * DAY_S
    made.messages.permit("1", FIRST_SHOP, 1, (), NOON)
    return made


def stock(made: World) -> int:
    left: int = made.shops[FIRST_SHOP].shelf.items[FIRST_ITEM].wire["num"]
    return left


def parcel(oids: tuple[int, ...] = ()) -> Parcel:
    return Parcel("LP1", "SF", "顺丰速运", "SF1", "2026-11-11 00:00:00", oids)


def last_refund(till: Till, trade: Trade) -> Refund:
    return Claims(till).find(max(one.refund_id for one in trade.orders))


Act = Callable[[Till, Trade], object]
ACTS: dict[str, Act] = {
    "pay": lambda till, trade: till.pay(trade),
    "close": lambda till, trade: till.close(trade, "缺货"),
    "send": lambda till, trade: till.send(trade, parcel()),
    "send one": lambda till, trade: till.send(trade, parcel((trade.orders[0].oid,))),
    "confirm": lambda till, trade: till.confirm(trade),
    "rate": lambda till, trade: till.rate(trade, "good", ""),
    "delay": lambda till, trade: till.delay(trade, 3),
    "ask": lambda till, trade: Claims(till).ask(
        trade, trade.orders[0], trade.orders[0].total_fen, "不想要了"
    ),
    "ask goods": lambda till, trade: Claims(till).ask(trade, trade.orders[-1], 500, "质量问题", returns=True),
    "agree": lambda till, trade: Claims(till).agree(last_refund(till, trade)),
    "refuse": lambda till, trade: Claims(till).refuse(last_refund(till, trade), "不同意"),
    "anew": lambda till, trade: Claims(till).ask_anew(last_refund(till, trade), 700),
    "send back": lambda till, trade: Claims(till).send_back(last_refund(till, trade), "圆通速递", "YT1"),
    "withdraw": lambda till, trade: Claims(till).withdraw(last_refund(till, trade)),
}
steps = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.floats(0, 4 * DAY_S)), max_size=14)


def pass_time(made: World, now: float) -> None:
    for due in made.take_due(now):
        if due.kind in passing.KINDS:
            passing.settle(made, due)


def live(made: World, history: list[tuple[str, float]], lines: list[Line]) -> Trade:
    """Lets a trade be placed and things happen to it; what its state does not allow changes nothing."""
    now, shop = NOON, made.shops[FIRST_SHOP]
    tid = Till(made, shop, Cause(now, "buyer")).buy(1, lines).tid
    for name, later in history:
        now += later
        pass_time(made, now)
        till = Till(made, shop, Cause(now, "buyer"))
        before = (till.find(tid), stock(made), len(shop.ledger.refunds))
        try:
            ACTS[name](till, till.find(tid))
        except (NotNow, BusinessError):
            assert (till.find(tid), stock(made), len(shop.ledger.refunds)) == before
    return Till(made, shop, Cause(now, "buyer")).find(tid)


@given(steps, st.sampled_from((0, 1, 2)), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_stock_is_never_lost_or_made(
    history: list[tuple[str, float]], sub_stock: int, pieces: list[int]
) -> None:
    made = world(sub_stock)

    trade = live(made, history, [Line(FIRST_ITEM, num) for num in pieces])

    on_payment = sub_stock == 2
    held = trade.status != CANCELLED if not on_payment else bool(trade.pay_time)
    assert stock(made) == STOCK - (sum(pieces) if held else 0)


@given(steps, st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_no_more_goes_back_than_was_paid(history: list[tuple[str, float]], pieces: list[int]) -> None:
    made = world(0)

    trade = live(made, history, [Line(FIRST_ITEM, num) for num in pieces])

    paid_back = sum(
        one.fee_fen for one in made.shops[FIRST_SHOP].ledger.refunds if one.status == refunds.SUCCESS
    )
    assert paid_back <= trade.payment_fen
    assert trade.status in STATES


def test_what_went_back_once_cannot_be_asked_for_again() -> None:
    course = ["pay", "send", "confirm", "ask", "agree", "ask", "agree"]
    made = world(0)

    trade = live(made, [(name, 0.0) for name in course], [Line(FIRST_ITEM)])

    assert [one.status for one in made.shops[FIRST_SHOP].ledger.refunds] == [refunds.SUCCESS]
    assert trade.orders[0].refunded_fen == trade.payment_fen


@given(steps, st.integers(1, 2))
@example([("pay", 0.0), ("send", 0.0), ("ask", 0.0), ("refuse", 0.0)], 1)
@example([("pay", 0.0), ("send", 0.0), ("ask", 9 * DAY_S), ("agree", 0.0), ("withdraw", 2 * DAY_S)], 1)
@example([("pay", 0.0), ("send", 0.0), ("ask goods", 9 * DAY_S), ("agree", 2 * DAY_S)], 2)
def test_every_trade_that_is_shipped_ends_by_itself(history: list[tuple[str, float]], orders: int) -> None:
    made = world(0)
    trade = live(made, [*history, ("send", 0.0)], [Line(FIRST_ITEM)] * orders)

    pass_time(made, NOON + 365 * DAY_S)

    shop = made.shops[FIRST_SHOP]
    assert Till(made, shop, Cause(NOON, "buyer")).find(trade.tid).status in ENDED
    assert not any(one.status in refunds.OPEN for one in shop.ledger.refunds)


def test_a_trade_whose_last_order_is_refunded_while_the_others_are_finished_tells_of_its_success() -> None:
    made = world(0)
    course = ["pay", "send", "ask", "confirm", "agree"]

    trade = live(made, [(name, 0.0) for name in course], [Line(FIRST_ITEM), Line(FIRST_ITEM)])

    told = [kept.message.topic.rpartition("_")[2] for kept in made.messages.queue(("1", "default")).rows(500)]
    assert trade.status == trades.FINISHED
    assert told[-5:-2] == ["TradePartlyConfirmPay", "RefundSuccess", "TradePartlyRefund"]
    assert told[-2:] == ["TradeCloseAndModifyDetailOrder", "TradeSuccess"]


@given(steps)
def test_every_state_of_a_trade_was_told(history: list[tuple[str, float]]) -> None:
    made = world(0)

    trade = live(made, history, [Line(FIRST_ITEM), Line(FIRST_ITEM)])

    told = [kept.message for kept in made.messages.queue(("1", "default")).rows(500)]
    last = [one.content for one in told if "_trade_" in one.topic][-1]
    assert f'"status":"{trade.status}"' in last
    assert f'"tid":{trade.tid}' in last
