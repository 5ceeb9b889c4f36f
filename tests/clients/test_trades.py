"""Orders, as users of other people's clients have them: found, noted, shipped, and money given back."""

from strangers import SEEDED, Desk, Json, Running, clients


def paid(desk: Desk) -> Json:
    """Lets a buyer buy and pay, and returns the trade."""
    trade: Json = desk.control("buyer", {"action": "buy", "num_iid": SEEDED, "message": "请发顺丰 & 谢谢"})
    desk.control("buyer", {"action": "pay", "tid": int(trade["tid"])})
    return trade


@clients()
def test_reads_a_trade_by_the_18_digits_of_its_id_in_the_list(client: Running, desk: Desk) -> None:
    tid = str(paid(desk)["tid"])

    (listed,) = client.ask("taobao.trades.sold.get", fields="tid,status")["trades"]["trade"]
    read = client.ask("taobao.trade.fullinfo.get", fields="tid,buyer_message,orders", tid=listed["tid"])[
        "trade"
    ]

    assert (len(tid), listed) == (18, {"tid": tid, "status": "WAIT_SELLER_SEND_GOODS"})
    assert (read["tid"], read["buyer_message"]) == (tid, "请发顺丰 & 谢谢")
    assert [order["num_iid"] for order in read["orders"]["order"]] == [SEEDED]


@clients()
def test_notes_and_ships_a_trade_once(client: Running, desk: Desk) -> None:
    tid = paid(desk)["tid"]
    parcel = {"tid": tid, "company_code": "SF", "out_sid": "SF1234567890123"}
    client.ask("taobao.trade.memo.update", tid=tid, memo="加急 & 轻放", flag=1)
    client.ask("taobao.logistics.offline.send", **parcel)

    again = client.refusal("taobao.logistics.offline.send", **parcel)

    (trade,) = desk.control("trades")
    assert (trade["status"], trade["seller_memo"]) == ("WAIT_BUYER_CONFIRM_GOODS", "加急 & 轻放")
    assert again == (15, "isv.logistics-offline-service-error:B04")


@clients()
def test_reads_a_refund(client: Running, desk: Desk) -> None:
    tid = paid(desk)["tid"]
    desk.control("buyer", {"action": "refund", "tid": int(tid), "reason": "不想要了"})

    (refund,) = client.ask("taobao.refunds.receive.get", fields="refund_id,tid,status,reason")["refunds"][
        "refund"
    ]
    read = client.ask("taobao.refund.get", fields="refund_id,status", refund_id=refund["refund_id"])["refund"]

    assert str(refund["tid"]) == str(tid)
    assert (refund["reason"], read["status"]) == ("不想要了", "WAIT_SELLER_AGREE")
