"""Trades, refunds and parcels through the gateway: what buyers do, what sellers answer, what lists and messages tell of it."""

from typing import Any

import msgspec
import pytest

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.launch import ask, control, in_process
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.state import DAY_S
from onshelf.sandbox.wire import Json

ITEM = 11223344
FIELDS = "tid,status,payment,modified,created,orders,seller_memo,seller_flag,buyer_nick,receiver_name,oaid"


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


async def does(sandbox: Sandbox, action: str, **order: Any) -> Json:
    """Lets a buyer do something and returns the trade or refund."""
    row: Json = await control(sandbox, "buyer", {"action": action, **order})
    return row


async def bought(sandbox: Sandbox, *steps: str, **order: Any) -> int:
    """Lets a buyer buy and go through further steps; returns the trade's id."""
    tid = int((await does(sandbox, "buy", **{"num_iid": ITEM, **order}))["tid"])
    for step in steps:
        if step == "send":
            sent = await ask(
                sandbox, "taobao.logistics.offline.send", tid=tid, company_code="SF", out_sid="SF10000001"
            )
            assert sent["shipping"] == {"is_success": True}
        else:
            await does(sandbox, step, tid=tid)
    return tid


async def whole(sandbox: Sandbox, tid: int) -> Json:
    trade: Json = (await ask(sandbox, "taobao.trade.fullinfo.get", tid=tid, fields=FIELDS))["trade"]
    return trade


def told(sandbox: Sandbox) -> list[tuple[str, Json]]:
    """Returns the topics and contents pushed so far, trades and refunds only."""
    queue = sandbox.world.messages.queue(("12345678", "default"))
    messages = [kept.message for kept in queue.rows(100)]
    return [
        (one.topic.rpartition("_")[2], msgspec.json.decode(one.content))
        for one in messages
        if "_item_" not in one.topic
    ]


def permit(sandbox: Sandbox) -> None:
    record = sandbox.world.shops[sandbox.options.seller_nick].record
    sandbox.world.messages.permit("12345678", record.nick, record.user_id, (), sandbox.clock.now())


async def test_a_trade_runs_its_course_and_tells_of_every_step(sandbox: Sandbox) -> None:
    permit(sandbox)

    tid = await bought(sandbox, "pay", "send", "confirm", "rate")

    assert (await whole(sandbox, tid))["status"] == "TRADE_FINISHED"
    topics = [topic for topic, _ in told(sandbox)]
    assert topics == ["TradeCreate", "TradeBuyerPay", "TradeSellerShip", "TradeSuccess", "TradeRated"]
    assert {content["tid"] for _, content in told(sandbox)} == {tid}


async def test_an_eighteen_digit_tid_survives_as_a_text_and_is_taken_back_as_a_number(
    sandbox: Sandbox,
) -> None:
    tid = await bought(sandbox)

    row = (await ask(sandbox, "taobao.trades.sold.get", fields="tid,orders"))["trades"]["trade"][0]

    assert len(str(tid)) == 18
    assert row["tid"] == row["orders"]["order"][0]["oid"] == str(tid)
    assert (await whole(sandbox, tid))["tid"] == str(tid)


async def test_an_older_sixteen_digit_tid_is_a_number(sandbox: Sandbox) -> None:
    await control(sandbox, "market", {"tid_digits": 16})

    tid = await bought(sandbox)

    assert (await whole(sandbox, tid))["tid"] == tid < 2**53


async def test_the_last_piece_sold_puts_the_item_in_the_warehouse(sandbox: Sandbox) -> None:
    await bought(sandbox, num=100)

    item = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num,approve_status"))["item"]
    assert item == {"approve_status": "instock", "num": 0}
    reply = await ask(sandbox, "taobao.items.inventory.get", fields="num_iid", banner="sold_out")
    assert reply["items"]["item"] == [{"num_iid": ITEM}]


@pytest.mark.parametrize(
    "lines",
    [
        [{"num_iid": ITEM, "num": 101}],
        [{"num_iid": ITEM, "num": 60}, {"num_iid": ITEM, "num": 60}],
        [{"num_iid": ITEM, "num": 0}],
        [{"num_iid": ITEM, "num": -5}],
    ],
)
async def test_more_than_there_is_or_less_than_one_cannot_be_bought(
    sandbox: Sandbox, lines: list[Json]
) -> None:
    refusal = await does(sandbox, "buy", lines=lines)

    assert "ITEM_SOLD_OUT" in refusal["remedy"]
    item = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num"))["item"]
    assert item["num"] == 100


async def test_stock_comes_back_when_an_unpaid_trade_is_closed(sandbox: Sandbox) -> None:
    await bought(sandbox, "cancel", num=3)

    item = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num"))["item"]
    assert item["num"] == 100


async def test_stock_that_falls_on_payment_stays_until_then(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.item.update", num_iid=ITEM, sub_stock=2)

    tid = await bought(sandbox, num=3)
    before = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num"))["item"]["num"]
    await does(sandbox, "pay", tid=tid)
    after = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields="num"))["item"]["num"]

    assert (before, after) == (100, 97)


async def test_a_trade_nobody_pays_for_closes_after_three_days(sandbox: Sandbox) -> None:
    tid = await bought(sandbox)

    sandbox.clock.jump(3 * DAY_S - 1)
    assert (await whole(sandbox, tid))["status"] == "WAIT_BUYER_PAY"
    sandbox.clock.jump(1)
    assert (await whole(sandbox, tid))["status"] == "TRADE_CLOSED_BY_TAOBAO"


async def test_a_parcel_nobody_confirms_is_confirmed_after_ten_days_or_later_when_delayed(
    sandbox: Sandbox,
) -> None:
    tid = await bought(sandbox, "pay", "send")
    await ask(sandbox, "taobao.trade.receivetime.delay", tid=tid, days=3)

    sandbox.clock.jump(12 * DAY_S)
    assert (await whole(sandbox, tid))["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    sandbox.clock.jump(DAY_S)
    assert (await whole(sandbox, tid))["status"] == "TRADE_FINISHED"


async def test_increments_are_read_from_the_last_page_backwards_and_a_day_at_most(sandbox: Sandbox) -> None:
    start = wire_time(sandbox.clock.now())
    tids = []
    for _ in range(5):
        tids.append(str(await bought(sandbox)))
        sandbox.clock.jump(1)
    window = {"start_modified": start, "end_modified": wire_time(sandbox.clock.now())}

    pages = [
        await ask(
            sandbox, "taobao.trades.sold.increment.get", fields="tid", page_size=2, page_no=page, **window
        )
        for page in (3, 2, 1)
    ]

    assert [row["tid"] for page in pages for row in reversed(page["trades"]["trade"])] == tids
    assert pages[0]["total_results"] == 5
    too_wide = {**window, "end_modified": wire_time(sandbox.clock.now() + DAY_S)}
    refusal = await ask(sandbox, "taobao.trades.sold.increment.get", fields="tid", **too_wide)
    assert refusal["sub_code"] == "isv.parameters-mismatch:start_modified-and-end_modified"


async def test_a_reader_may_ask_for_has_next_instead_of_a_count(sandbox: Sandbox) -> None:
    for _ in range(3):
        await bought(sandbox)

    pages = [
        await ask(
            sandbox, "taobao.trades.sold.get", fields="tid", page_size=2, page_no=page, use_has_next="true"
        )
        for page in (1, 2)
    ]

    assert [page["has_next"] for page in pages] == [True, False]
    assert "total_results" not in pages[0]


async def test_an_empty_list_of_trades_has_no_key(sandbox: Sandbox) -> None:
    assert set(await ask(sandbox, "taobao.trades.sold.get", fields="tid")) == {"total_results", "request_id"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "WAIT_BUYER_PAY"}, 1),
        ({"status": "ALL_CLOSED"}, 1),
        ({"status": "WAIT_SELLER_SEND_GOODS"}, 0),
        ({"type": "cod"}, 0),
        ({"type": "guarantee_trade"}, 2),
        ({"buyer_nick": "nobody"}, 0),
    ],
)
async def test_trades_are_filtered(sandbox: Sandbox, asked: dict[str, str], found: int) -> None:
    await bought(sandbox)
    await bought(sandbox, "cancel")

    assert (await ask(sandbox, "taobao.trades.sold.get", fields="tid", **asked))["total_results"] == found


@pytest.mark.parametrize(
    ("state", "found"),
    [("RATE_UNBUYER", 1), ("RATE_UNSELLER", 2), ("RATE_BUYER_UNSELLER", 1), ("RATE_BUYER_SELLER", 0)],
)
async def test_finished_trades_are_filtered_by_who_has_rated(
    sandbox: Sandbox, state: str, found: int
) -> None:
    await bought(sandbox, "pay", "send", "confirm", "rate")
    await bought(sandbox, "pay", "send", "confirm")
    await bought(sandbox)

    reply = await ask(sandbox, "taobao.trades.sold.get", fields="tid", rate_status=state)

    assert reply["total_results"] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["bad", "good"]),
        ({"result": "bad"}, ["bad"]),
        ({"num_iid": 5}, []),
        ({"start_date": "2099-01-01 00:00:00"}, []),
        ({"end_date": "2099-01-01 00:00:00"}, ["bad", "good"]),
        ({"page_size": 1, "page_no": 2}, ["good"]),
        ({"rate_type": "give"}, []),
        ({"role": "seller"}, []),
    ],
)
async def test_rates_are_listed_newest_first_and_filtered(
    sandbox: Sandbox, asked: dict[str, object], found: list[str]
) -> None:
    for result in ("good", "bad"):
        tid = await bought(sandbox, "pay", "send", "confirm")
        await does(sandbox, "rate", tid=tid, result=result)
        sandbox.clock.jump(1)

    order = {"rate_type": "get", "role": "buyer", "fields": "result", **asked}
    reply = await ask(sandbox, "taobao.traderates.get", **order)

    assert [row["result"] for row in reply.get("trade_rates", {}).get("trade_rate", ())] == found


async def test_a_rate_is_good_neutral_or_bad(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay", "send", "confirm")

    refused = await control(sandbox, "buyer", {"action": "rate", "tid": tid, "result": "great"})

    assert refused["field"] == "result"


@pytest.mark.parametrize("asked", [{"page_no": 0}, {"page_no": -1}, {"page_size": -5}])
@pytest.mark.parametrize(
    "method", ["trades.sold.get", "refunds.receive.get", "refunds.apply.get", "logistics.orders.get"]
)
async def test_a_page_before_the_first_is_an_invalid_argument(
    sandbox: Sandbox, method: str, asked: dict[str, int]
) -> None:
    await bought(sandbox, "pay", "send")

    refusal = await ask(sandbox, f"taobao.{method}", fields="tid", **asked)

    assert (refusal["code"], refusal["msg"]) == (41, f"Invalid arguments:{next(iter(asked))}")


async def test_a_memo_is_written_changed_and_emptied(sandbox: Sandbox) -> None:
    tid = await bought(sandbox)

    await ask(sandbox, "taobao.trade.memo.add", tid=tid, memo="先发货", flag=1)
    first = await whole(sandbox, tid)
    await ask(sandbox, "taobao.trade.memo.update", tid=tid, reset="true", flag=3)
    second = await whole(sandbox, tid)

    assert (first["seller_memo"], first["seller_flag"]) == ("先发货", 1)
    assert ("seller_memo" in second, second["seller_flag"]) == (False, 3)


async def test_a_memo_of_more_than_a_thousand_bytes_is_refused(sandbox: Sandbox) -> None:
    tid = await bought(sandbox)

    refusal = await ask(sandbox, "taobao.trade.memo.add", tid=tid, memo="备" * 334)

    assert refusal["sub_code"] == "isv.invalid-parameter:memo"


async def test_a_trade_is_closed_for_a_known_reason_and_not_in_its_first_ten_seconds(
    sandbox: Sandbox,
) -> None:
    tid = await bought(sandbox)

    fast = await ask(sandbox, "taobao.trade.close", tid=tid, close_reason="缺货")
    sandbox.clock.jump(10)
    odd = await ask(sandbox, "taobao.trade.close", tid=tid, close_reason="随便")
    done = await ask(sandbox, "taobao.trade.close", tid=tid, close_reason="缺货")
    again = await ask(sandbox, "taobao.trade.close", tid=tid, close_reason="缺货")

    assert fast["sub_code"].endswith("CLOSE_TRADE_TOO_FAST")
    assert odd["sub_code"] == "isv.invalid-parameter:close_reason"
    assert done["trade"]["tid"] == str(tid)
    assert again["sub_code"] == "isv.trade-service-error:INVALID_TRADE_STATUS"


async def test_an_unknown_trade_is_refused_as_such(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "taobao.trade.fullinfo.get", tid=1, fields="tid")

    assert refusal["sub_code"] == "isv.trade-not-exist"


async def test_an_address_is_changed_before_it_is_sent_and_shown_masked(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")

    await ask(sandbox, "taobao.trade.shippingaddress.update", tid=tid, receiver_name="诸葛亮")
    assert (await whole(sandbox, tid))["receiver_name"] == "诸**"
    await send(sandbox, tid)
    refusal = await ask(sandbox, "taobao.trade.shippingaddress.update", tid=tid, receiver_name="司马懿")

    assert refusal["sub_code"] == "isv.trade-service-error:INVALID_TRADE_STATUS"


async def send(sandbox: Sandbox, number: int, **change: Any) -> Json:
    asked = {"tid": number, "company_code": "SF", "out_sid": "SF10000001", **change}
    reply: Json = await ask(sandbox, "taobao.logistics.offline.send", **asked)
    return reply


async def test_a_trade_is_sent_in_parts(sandbox: Sandbox) -> None:
    permit(sandbox)
    tid = int((await does(sandbox, "buy", lines=[{"num_iid": ITEM}, {"num_iid": ITEM, "num": 2}]))["tid"])
    await does(sandbox, "pay", tid=tid)
    oids = [order["oid"] for order in (await whole(sandbox, tid))["orders"]["order"]]

    await send(sandbox, tid, is_split=1, sub_tid=oids[1])
    first = (await whole(sandbox, tid))["status"]
    await send(sandbox, tid, is_split=1, sub_tid=oids[0])
    second = (await whole(sandbox, tid))["status"]

    assert (first, second) == ("SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS")
    assert [topic for topic, _ in told(sandbox)][2:] == ["TradePartlySellerShip", "TradeSellerShip"]


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"company_code": "NOBODY"}, "isv.invalid-parameter:company_code"),
        ({"out_sid": "?"}, "isv.logistics-offline-service-error:B150"),
        ({"tid": 4711}, "isv.logistics-offline-service-error:ORDER_NOT_FOUND_ERROR"),
        ({"sub_tid": 4711}, "isv.logistics-offline-service-error:ORDER_NOT_FOUND_ERROR"),
        ({"is_split": 1}, "isv.missing-parameter:sub_tid"),
    ],
)
async def test_a_wrong_parcel_is_refused(sandbox: Sandbox, change: dict[str, Any], sub_code: str) -> None:
    tid = await bought(sandbox, "pay")

    assert (await send(sandbox, tid, **change))["sub_code"] == sub_code


async def test_what_is_not_paid_or_was_sent_already_is_not_sent(sandbox: Sandbox) -> None:
    unpaid, sent = await bought(sandbox), await bought(sandbox, "pay", "send")

    for tid in (unpaid, sent):
        assert (await send(sandbox, tid))["sub_code"] == "isv.logistics-offline-service-error:B04"


async def test_an_online_order_without_a_waybill_ships_when_it_is_confirmed(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")

    await ask(sandbox, "taobao.logistics.online.send", tid=tid, company_code="YTO")
    called = (await whole(sandbox, tid))["status"]
    await ask(sandbox, "taobao.logistics.online.confirm", tid=tid, out_sid="YT123456")
    reply = await ask(sandbox, "taobao.logistics.orders.get", fields="out_sid,company_name,seller_confirm")

    assert called == "WAIT_SELLER_SEND_GOODS"
    assert (await whole(sandbox, tid))["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert reply["shippings"]["shipping"] == [
        {"company_name": "圆通速递", "out_sid": "YT123456", "seller_confirm": "yes"}
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"status": "SENT"}, 1),
        ({"seller_confirm": "no"}, 1),
        ({"freight_payer": "buyer"}, 0),
        ({"type": "ems"}, 0),
        ({"buyer_nick": "nobody"}, 0),
        ({"receiver_name": "nobody"}, 0),
    ],
)
async def test_parcels_are_filtered(sandbox: Sandbox, asked: dict[str, str], found: int) -> None:
    await bought(sandbox, "pay", "send")
    tid = await bought(sandbox, "pay")
    await ask(sandbox, "taobao.logistics.online.send", tid=tid, company_code="SF")

    reply = await ask(sandbox, "taobao.logistics.orders.get", fields="tid", **asked)

    assert (reply["total_results"], len(reply.get("shippings", {}).get("shipping", ()))) == (found, found)


async def test_a_waybill_the_called_carrier_does_not_write_is_refused(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    await ask(sandbox, "taobao.logistics.online.send", tid=tid, company_code="SF")

    refusal = await ask(sandbox, "taobao.logistics.online.confirm", tid=tid, out_sid="?")

    assert refusal["sub_code"] == "isv.logistics-online-service-error:B150"


async def test_a_carrier_that_was_called_can_be_sent_away(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    await ask(sandbox, "taobao.logistics.online.send", tid=tid, company_code="YTO")

    reply = await ask(sandbox, "taobao.logistics.online.cancel", tid=tid)
    refusal = await ask(sandbox, "taobao.logistics.online.confirm", tid=tid, out_sid="YT123456")

    assert reply["is_success"] is True
    assert refusal["sub_code"] == "isv.logistics-online-service-error:B04"


async def test_a_wrong_waybill_is_mended(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay", "send")

    await ask(sandbox, "taobao.logistics.consign.resend", tid=tid, company_code="YTO", out_sid="YT123456")

    order = (await whole(sandbox, tid))["orders"]["order"][0]
    assert (order["logistics_company"], order["invoice_no"]) == ("圆通速递", "YT123456")


async def test_goods_that_need_no_carrier_ship_at_once(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")

    await ask(sandbox, "taobao.logistics.dummy.send", tid=tid)

    assert (await whole(sandbox, tid))["status"] == "WAIT_BUYER_CONFIRM_GOODS"


async def test_a_parcel_moves_as_time_passes(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay", "send")

    first = await ask(sandbox, "taobao.logistics.trace.search", tid=tid)
    sandbox.clock.jump(3 * DAY_S)
    last = await ask(sandbox, "taobao.logistics.trace.search", tid=tid)

    assert len(first["trace_list"]["transit_step_info"]) == 1
    assert (last["status"], len(last["trace_list"]["transit_step_info"])) == ("对方已签收", 5)


async def test_a_carrier_is_in_the_list_of_companies(sandbox: Sandbox) -> None:
    reply = await ask(sandbox, "taobao.logistics.companies.get", fields="code,name")

    assert {"code": "SF", "name": "顺丰速运"} in reply["logistics_companies"]["logistics_company"]


# Refunds


async def test_money_goes_back_when_the_seller_agrees(sandbox: Sandbox) -> None:
    permit(sandbox)
    tid = await bought(sandbox, "pay")
    refund = await does(sandbox, "refund", tid=tid)

    reply = await ask(sandbox, "taobao.rp.refunds.agree", refund_infos=f"{refund['refund_id']}|9900|1|onsale")

    assert reply["succ"] is True
    trade = await whole(sandbox, tid)
    assert trade["status"] == "TRADE_CLOSED"
    assert trade["orders"]["order"][0]["refund_status"] == "SUCCESS"
    topics = [topic for topic, _ in told(sandbox)]
    assert topics[2:] == ["RefundCreated", "RefundSuccess", "TradeClose"]


async def test_goods_come_back_before_the_money_does(sandbox: Sandbox) -> None:
    permit(sandbox)
    tid = await bought(sandbox, "pay", "send")
    number = (await does(sandbox, "refund", tid=tid, returns=True))["refund_id"]

    await ask(sandbox, "taobao.rp.returngoods.agree", refund_id=number)
    back = await does(sandbox, "send_back", refund_id=int(number))
    await ask(
        sandbox, "taobao.rp.refunds.agree", refund_infos=f"{number}|9900|{back['refund_version']}|onsale"
    )

    read = await ask(sandbox, "taobao.refund.get", refund_id=number, fields="status,good_status,sid")
    assert read["refund"] == {
        "good_status": "BUYER_RETURNED_GOODS",
        "sid": "SF1000000000001",
        "status": "SUCCESS",
    }
    assert [topic for topic, _ in told(sandbox)][3:] == [
        "RefundCreated",
        "RefundSellerAgreeAgreement",
        "RefundBuyerReturnGoods",
        "RefundSuccess",
        "TradeClose",
    ]


async def test_a_refused_buyer_asks_anew_and_takes_it_back(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    number = (await does(sandbox, "refund", tid=tid))["refund_id"]

    refused = await ask(sandbox, "taobao.refund.refuse", refund_id=number, refuse_message="已经发货")
    anew = await does(sandbox, "ask_anew", refund_id=int(number), fee="10")
    gone = await does(sandbox, "withdraw", tid=tid)

    assert refused["refund"]["status"] == "SELLER_REFUSE_BUYER"
    assert (anew["status"], anew["refund_fee"]) == ("WAIT_SELLER_AGREE", "10.00")
    assert gone["status"] == "CLOSED"
    assert (await whole(sandbox, tid))["status"] == "WAIT_SELLER_SEND_GOODS"


async def test_an_answer_to_an_older_version_of_a_refund_is_refused(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    number = (await does(sandbox, "refund", tid=tid))["refund_id"]
    await does(sandbox, "ask_anew", tid=tid, fee="10")

    refusal = await ask(
        sandbox, "taobao.refund.refuse", refund_id=number, refuse_message="不同意", refund_version=1
    )
    reply = await ask(sandbox, "taobao.rp.refunds.agree", refund_infos=f"{number}|9900|1|onsale")

    assert refusal["sub_code"] == "isv.refund-service-error:REFUND_VERSION_CHANGED"
    assert (reply["succ"], reply["results"]["refund_mapping_result"][0]["succ"]) == (False, False)


async def test_a_seller_who_does_not_answer_agrees_after_five_days(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    await does(sandbox, "refund", tid=tid)

    sandbox.clock.jump(5 * DAY_S)

    assert (await whole(sandbox, tid))["status"] == "TRADE_CLOSED"


async def test_buyer_and_seller_talk_about_a_refund(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    number = (await does(sandbox, "refund", tid=tid))["refund_id"]
    await does(sandbox, "say", tid=tid, content="麻烦快一点")
    await ask(sandbox, "taobao.refund.refuse", refund_id=number, refuse_message="已经发货")

    reply = await ask(sandbox, "taobao.refund.messages.get", refund_id=number, fields="content,owner_role")

    assert reply["refund_messages"]["refund_message"] == [
        {"content": "已经发货", "owner_role": "2"},
        {"content": "麻烦快一点", "owner_role": "1"},
    ]


async def test_who_owns_a_shop_buys_in_another_and_sees_the_refunds_asked_for(sandbox: Sandbox) -> None:
    await control(sandbox, "shops", {"nick": "邻店"})
    mine, theirs = await control(sandbox, "shops")
    await control(sandbox, "sessions", {"nick": "邻店", "session": "other"})
    own = await bought(sandbox, "pay", buyer=theirs["user_id"])
    await bought(sandbox, "pay", "refund", buyer=2)
    asked = await does(sandbox, "refund", tid=own)

    as_buyer = await ask(
        sandbox, "taobao.refunds.apply.get", session="other", fields="refund_id,tid,seller_nick,buyer_nick"
    )
    as_seller = await ask(sandbox, "taobao.refunds.apply.get", fields="refund_id")
    closed = await ask(
        sandbox, "taobao.refunds.apply.get", session="other", fields="refund_id", status="CLOSED"
    )

    assert as_buyer["refunds"]["refund"] == [
        {
            "buyer_nick": "邻**店",
            "refund_id": asked["refund_id"],
            "seller_nick": mine["nick"],
            "tid": str(own),
        }
    ]
    assert (as_seller["total_results"], closed["total_results"]) == (0, 0)


async def test_refunds_are_listed_by_state(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    await does(sandbox, "refund", tid=tid)

    found = await ask(sandbox, "taobao.refunds.receive.get", fields="tid,status", status="WAIT_SELLER_AGREE")
    none = await ask(sandbox, "taobao.refunds.receive.get", fields="tid,status", status="CLOSED")

    assert found["refunds"]["refund"] == [{"status": "WAIT_SELLER_AGREE", "tid": str(tid)}]
    assert none["total_results"] == 0


# The market


async def run_market(seed_of: Sandbox, minutes: int) -> list[Json]:
    await control(seed_of, "market", {"trades_per_minute": 6})
    seed_of.clock.jump(minutes * 60)
    rows: list[Json] = await control(seed_of, "trades?page_size=1000")
    return rows


async def test_a_market_runs_by_itself_and_alike_for_the_same_seed() -> None:
    worlds = [in_process() for _ in range(2)]
    for world in worlds:
        world.clock.pause()
    worlds[1].clock.jump(worlds[0].clock.now() - worlds[1].clock.now())

    first, second = [await run_market(world, 10) for world in worlds]

    assert first == second
    assert 40 <= len(first) <= 80
    assert {"WAIT_BUYER_PAY", "WAIT_SELLER_SEND_GOODS"} <= {row["status"] for row in first}


async def test_with_sellers_who_ship_by_themselves_trades_come_to_their_end(sandbox: Sandbox) -> None:
    await control(sandbox, "seller", {"action": "restock", "num_iid": ITEM, "num": 10_000})
    await control(sandbox, "market", {"ship_after_s": 3600})
    await run_market(sandbox, 60)
    await control(sandbox, "market", {"trades_per_minute": 0})

    sandbox.clock.jump(20 * DAY_S)
    rows = await control(sandbox, "trades?page_size=1000")

    ended = {row["status"] for row in rows}
    assert ended == {"TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"}
    assert any(row["buyer_rate"] for row in rows)


async def test_a_buyer_of_the_market_sends_back_what_the_seller_agreed_to_and_gives_in_to_a_no(
    sandbox: Sandbox,
) -> None:
    await control(sandbox, "seller", {"action": "restock", "num_iid": ITEM, "num": 10_000})
    await control(sandbox, "market", {"ship_after_s": 5})
    await run_market(sandbox, 240)
    await control(sandbox, "market", {"trades_per_minute": 0})
    sandbox.clock.jump(DAY_S)
    rows = await control(sandbox, "refunds?page_size=1000")
    agreed, refused, *_ = [row["refund_id"] for row in rows if row["has_good_return"]]
    await ask(sandbox, "taobao.rp.returngoods.agree", refund_id=agreed)
    await ask(sandbox, "taobao.refund.refuse", refund_id=refused, refuse_message="不同意")

    sandbox.clock.jump(2 * DAY_S)

    rows = {row["refund_id"]: row["status"] for row in await control(sandbox, "refunds?page_size=1000")}
    assert (rows[agreed], rows[refused]) == ("WAIT_SELLER_CONFIRM_GOODS", "CLOSED")


async def test_a_market_at_rate_zero_stands_still(sandbox: Sandbox) -> None:
    await run_market(sandbox, 2)
    await control(sandbox, "market", {"trades_per_minute": 0})
    before = (await control(sandbox, "market"))["trades"]

    sandbox.clock.jump(600)
    await control(sandbox, "trades")

    assert (await control(sandbox, "market"))["trades"] == before


async def test_a_snapshot_holds_trades_refunds_and_the_running_market(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")
    await does(sandbox, "refund", tid=tid)
    await control(sandbox, "market", {"trades_per_minute": 6})
    saved = sandbox.snapshot()
    sandbox.clock.jump(600)
    expected = await control(sandbox, "trades")

    sandbox.restore(saved)
    sandbox.clock.jump(600)
    again = await control(sandbox, "trades")

    assert again == expected
    assert (await control(sandbox, "market"))["refunds"] == 1


async def test_the_seller_ships_and_answers_by_hand(sandbox: Sandbox) -> None:
    tid = await bought(sandbox, "pay")

    shipped = await control(sandbox, "seller", {"action": "ship", "tid": tid})
    asked = await does(sandbox, "refund", tid=tid, returns=True)
    agreed = await control(sandbox, "seller", {"action": "agree", "refund_id": asked["refund_id"]})
    await does(sandbox, "send_back", tid=tid)
    refused = await control(sandbox, "seller", {"action": "refuse", "refund_id": asked["refund_id"]})

    assert shipped["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert shipped["orders"]["order"][0]["invoice_no"].startswith("SF")
    assert (agreed["status"], refused["status"]) == ("WAIT_BUYER_RETURN_GOODS", "SELLER_REFUSE_BUYER")


async def test_the_seller_closes_an_unpaid_trade_by_hand(sandbox: Sandbox) -> None:
    tid = await bought(sandbox)

    closed = await control(sandbox, "seller", {"action": "close", "tid": tid})
    again = await control(sandbox, "seller", {"action": "ship", "tid": tid})

    assert closed["status"] == "TRADE_CLOSED_BY_TAOBAO"
    assert again["error"] == "action: not while it is TRADE_CLOSED_BY_TAOBAO"


@pytest.mark.parametrize("form", [int, str])
async def test_controls_take_every_id_as_a_number_and_as_a_text(sandbox: Sandbox, form: type) -> None:
    trade = await does(sandbox, "buy", lines=[{"num_iid": form(ITEM), "sku_id": form(0)}])
    await does(sandbox, "pay", tid=form(trade["tid"]))

    asked = await does(
        sandbox, "refund", tid=form(trade["tid"]), oid=form(trade["orders"]["order"][0]["oid"])
    )
    closed = await does(sandbox, "withdraw", refund_id=form(asked["refund_id"]))
    taken_off = await control(sandbox, "seller", {"action": "delist", "num_iid": form(ITEM)})

    assert (closed["tid"], closed["status"]) == (trade["tid"], "CLOSED")
    assert taken_off["approve_status"] == "instock"


@pytest.mark.parametrize(
    ("path", "order", "field"),
    [
        ("buyer", {"action": "steal"}, "action"),
        ("buyer", {"action": "buy", "num_iid": 1}, "action"),
        ("buyer", {"action": "pay", "tid": 1}, "action"),
        ("buyer", {"action": "pay", "tid": "22766x"}, "tid"),
        ("buyer", {"action": "pay", "tid": True}, "tid"),
        ("buyer", {"action": "buy", "lines": [{"num_iid": ITEM}, {"num_iid": "-1"}]}, "lines[1].num_iid"),
        ("seller", {"action": "delist", "num_iid": ""}, "num_iid"),
        ("seller", {"action": "steal", "num_iid": ITEM}, "action"),
        ("seller", {"action": "ship"}, "action"),
        ("buyer", {"action": "buy", "nick": "nobody"}, "nick"),
        ("market", {"trades_per_minute": -1}, "trades_per_minute"),
        ("clock", {"jump_s": 1e300}, "jump_s"),
        ("clock", {"set": "9999-12-31 23:59:59"}, "set"),
        ("clock", {"set": "0001-01-01 00:00:00"}, "set"),
        ("snapshot", {"file": "/nowhere/at/all"}, "file"),
        ("market", {"tid_digits": 5}, "tid_digits"),
    ],
)
async def test_a_control_used_wrongly_says_which_field(
    sandbox: Sandbox, path: str, order: Json, field: str
) -> None:
    assert (await control(sandbox, path, order))["field"] == field
