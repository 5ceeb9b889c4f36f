"""Pushed messages, as users of other people's clients fetch them over HTTP."""

from msgspec import json
from strangers import SEEDED, Desk, Running, clients

NOBODY = ""  # no session
CONSUME, CONFIRM = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"


@clients()
def test_consumes_what_a_change_told_and_confirms_it(client: Running, desk: Desk) -> None:
    client.ask("taobao.tmc.user.permit", topics="taobao_item_ItemUpdate,taobao_item_ItemDownshelf")
    client.ask("taobao.item.update", num_iid=SEEDED, title="新款连衣裙")
    desk.control("seller", {"action": "delist", "num_iid": SEEDED})

    told = client.ask(CONSUME, session=NOBODY, quantity=10)["messages"]["tmc_message"]
    client.ask(CONFIRM, session=NOBODY, s_message_ids=",".join(str(one["id"]) for one in told))

    contents = {one["topic"]: json.decode(one["content"]) for one in told}
    (queue,) = desk.control("messages")["queues"]
    assert contents["taobao_item_ItemUpdate"]["title"] == "新款连衣裙"
    assert contents["taobao_item_ItemDownshelf"]["num_iid"] == SEEDED
    assert {one["user_nick"] for one in told} == {desk.info["seller_nick"]}
    assert (queue["confirmed"], queue["unconfirmed"], queue["waiting"]) == (2, 0, 0)


@clients()
def test_a_message_it_does_not_confirm_comes_again(client: Running, desk: Desk) -> None:
    client.ask("taobao.tmc.user.permit")
    client.ask("taobao.item.update", num_iid=SEEDED, title="新款连衣裙")

    first = client.ask(CONSUME, session=NOBODY)["messages"]["tmc_message"]
    none = client.ask(CONSUME, session=NOBODY)
    desk.control("clock", {"jump_s": 61})
    again = client.ask(CONSUME, session=NOBODY)["messages"]["tmc_message"]

    assert not none.get("messages")
    assert [one["content"] for one in again] == [one["content"] for one in first]
