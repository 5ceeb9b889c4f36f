"""Every change of state is pushed as its topic: one table of what was done before, what is done, and what an app hears of it.

Source of the names: reference/top-protocol.md 6.8.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from onshelf.clock import FakeClock
from onshelf.sandbox import topics
from onshelf.sandbox.launch import ask, control, in_process
from onshelf.sandbox.state import DAY_S
from onshelf.sandbox.wire import Json

START = datetime(2026, 11, 10, 16, 0, 0, tzinfo=UTC)
ITEM = 11223344
WHITE, RED = "1627207:28320", "1627207:28326"
OWN = {"num_iid": ITEM}
SKU = {**OWN, "properties": WHITE}
PARCEL = {"company_code": "SF", "out_sid": "SF10000001"}
SKUS = {
    "props": f"{WHITE};{RED}",
    "sku_properties": f"{WHITE},{RED}",
    "sku_quantities": "5,5",
    "sku_prices": "99,109",
    "sku_outer_ids": "W,R",
}
NEW = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
}

# name → who does it (a method of the gateway, or a control), and with what; `@` names what is known by then
ACTS: dict[str, tuple[str, Json]] = {
    "add": ("taobao.item.add", NEW),
    "retitle": ("taobao.item.update", {**OWN, "title": "新标题"}),
    "reprice": ("taobao.item.sku.price.update", {**SKU, "price": "98", "item_price": "98"}),
    "restock a sku": ("taobao.item.sku.update", {**SKU, "quantity": 7}),
    "empty a sku": ("taobao.item.sku.update", {**SKU, "quantity": 0}),
    "drop a sku": ("taobao.item.sku.delete", SKU),
    "add a sku": ("taobao.item.sku.add", {**SKU, "quantity": 2, "price": "99"}),
    "delist": ("taobao.item.update.delisting", OWN),
    "list": ("taobao.item.update.listing", {**OWN, "num": 10}),
    "delete": ("taobao.item.delete", OWN),
    "new delist": ("alibaba.item.operate.downshelf", {"item_id": ITEM}),
    "new list": ("alibaba.item.operate.upshelf", {"item_id": ITEM}),
    "new delete": ("alibaba.item.operate.delete", {"item_id": ITEM}),
    "show": ("taobao.item.recommend.add", OWN),
    "hide": ("taobao.item.recommend.delete", OWN),
    "recode": ("seller", {"action": "edit", **OWN, "outer_id": "X"}),
    "sell out": ("seller", {"action": "sell_out", **OWN}),
    "punish": ("seller", {"action": "punish", **OWN}),
    "buy": ("buyer", {"action": "buy", **OWN}),
    "buy twice": ("buyer", {"action": "buy", "lines": [OWN, OWN]}),
    "pay": ("buyer", {"action": "pay", "tid": "@tid"}),
    "cancel": ("buyer", {"action": "cancel", "tid": "@tid"}),
    "confirm": ("buyer", {"action": "confirm", "tid": "@tid"}),
    "rate": ("buyer", {"action": "rate", "tid": "@tid"}),
    "memo": ("taobao.trade.memo.add", {"tid": "@tid", "memo": "先发货", "flag": 1}),
    "close": ("taobao.trade.close", {"tid": "@tid", "close_reason": "缺货"}),
    "postage": ("taobao.trade.postage.update", {"tid": "@tid", "post_fee": "8.00"}),
    "wait longer": ("taobao.trade.receivetime.delay", {"tid": "@tid", "days": 3}),
    "readdress": ("taobao.trade.shippingaddress.update", {"tid": "@tid", "receiver_address": "学府路2号"}),
    "swap the sku": ("taobao.trade.ordersku.update", {"oid": "@tid", "sku_props": RED}),
    "send": ("taobao.logistics.offline.send", {"tid": "@tid", **PARCEL}),
    "send one": ("taobao.logistics.offline.send", {"tid": "@tid", **PARCEL, "is_split": 1, "sub_tid": "@oid"}),
    "send nothing": ("taobao.logistics.dummy.send", {"tid": "@tid"}),
    "call a carrier": ("taobao.logistics.online.send", {"tid": "@tid", "company_code": "SF"}),
    "name the waybill": ("taobao.logistics.online.confirm", {"tid": "@tid", "out_sid": "SF10000001"}),
    "send the carrier away": ("taobao.logistics.online.cancel", {"tid": "@tid"}),
    "mend the waybill": ("taobao.logistics.consign.resend", {"tid": "@tid", **PARCEL}),
    "ask back": ("buyer", {"action": "refund", "tid": "@tid"}),
    "ask to return": ("buyer", {"action": "refund", "tid": "@tid", "returns": True}),
    "ask less": ("buyer", {"action": "ask_anew", "tid": "@tid", "fee": "1"}),
    "withdraw": ("buyer", {"action": "withdraw", "tid": "@tid"}),
    "return": ("buyer", {"action": "send_back", "tid": "@tid"}),
    "ask why": ("buyer", {"action": "say", "tid": "@tid", "content": "？"}),
    "repay": ("taobao.rp.refunds.agree", {"refund_infos": "@refund_id"}),
    "let return": ("taobao.rp.returngoods.agree", {"refund_id": "@refund_id"}),
    "refuse": ("taobao.refund.refuse", {"refund_id": "@refund_id", "refuse_message": "已发货"}),
    "review": ("taobao.rp.refund.review", {"refund_id": "@refund_id", "operator": "a", "refund_phase": "onsale",
        "refund_version": 1, "message": "ok", "result": "true"}),
    "a minute": ("clock", {"jump_s": 60}),
    "four days": ("clock", {"jump_s": 4 * DAY_S}),
    "eleven days": ("clock", {"jump_s": 11 * DAY_S}),
    "two weeks": ("clock", {"jump_s": 15 * DAY_S}),
    "cancel the app": ("sessions", {"session": "test", "cancel": True}),
    "narrow the consent": ("taobao.tmc.user.permit", {"topics": "taobao_item_ItemDelete"}),
    "publish": ("taobao.tmc.message.produce", {"topic": "a_b_C", "content": "{}"}),
}  # fmt: skip

TABLE = [
    # before, what is done, what is heard
    ("", "add", "ItemAdd"),
    ("", "retitle", "ItemUpdate"),
    ("", "reprice", "ItemUpdate"),
    ("", "recode", "ItemUpdate"),
    ("", "restock a sku", "ItemStockChanged"),
    ("", "empty a sku", "ItemStockChanged ItemSkuZeroStock"),
    ("", "drop a sku", "ItemUpdate ItemStockChanged"),
    ("drop a sku", "add a sku", "ItemUpdate ItemStockChanged"),
    ("", "delist", "ItemDownshelf"),
    ("delist", "list", "ItemUpshelf"),
    ("", "delete", "ItemDelete"),
    ("", "new delist", "ItemDownshelf"),
    ("delist", "new list", "ItemUpshelf"),
    ("", "new delete", "ItemDelete"),
    ("", "show", "ItemRecommendAdd"),
    ("show", "hide", "ItemRecommendDelete"),
    ("", "sell out", "ItemStockChanged ItemSkuZeroStock ItemStockChanged ItemSkuZeroStock ItemZeroStock"),
    ("", "punish", "ItemPunishDownshelf"),
    ("", "two weeks", "ItemDownshelf"),
    ("", "buy", "ItemStockChanged TradeCreate"),
    ("buy", "pay", "TradeBuyerPay"),
    ("buy", "cancel", "ItemStockChanged TradeClose"),
    ("buy, a minute", "close", "ItemStockChanged TradeClose"),
    ("buy", "four days", "ItemStockChanged TradeClose"),
    ("buy", "memo", "TradeMemoModified"),
    ("buy", "postage", "TradeModifyFee"),
    ("buy", "readdress", "TradeLogisticsAddressChanged"),
    ("buy, pay", "swap the sku", "ItemStockChanged ItemStockChanged OrderSkuChanged"),
    ("buy, pay", "send", "TradeSellerShip"),
    ("buy, pay", "send nothing", "TradeSellerShip"),
    ("buy twice, pay", "send one", "TradePartlySellerShip"),
    ("buy twice, pay, send one", "confirm", "TradePartlyConfirmPay"),
    ("buy, pay", "call a carrier", "TradeChanged"),
    ("buy, pay, call a carrier", "name the waybill", "TradeSellerShip"),
    ("buy, pay, call a carrier", "send the carrier away", "TradeChanged"),
    ("buy, pay, send", "mend the waybill", "TradeChanged"),
    ("buy, pay, send", "wait longer", "TradeDelayConfirmPay"),
    ("buy, pay, send", "confirm", "TradeSuccess"),
    ("buy, pay, send", "eleven days", "TradeSuccess"),
    ("buy, pay, send, confirm", "rate", "TradeRated"),
    ("buy, pay", "ask back", "RefundCreated"),
    ("buy, pay, ask back", "ask less", "RefundBuyerModifyAgreement"),
    ("buy, pay, ask back", "ask why", "RefundCreateMessage"),
    ("buy, pay, ask back", "review", "RefundCreateMessage"),
    ("buy, pay, ask back", "withdraw", "RefundClosed"),
    ("buy, pay, ask back", "refuse", "RefundSellerRefuseAgreement"),
    ("buy, pay, ask back, refuse", "eleven days", "RefundClosed"),
    ("buy, pay, ask back", "repay", "RefundSuccess TradeClose"),
    ("buy, pay, ask back", "eleven days", "RefundSuccess TradeClose"),
    ("buy, pay, ask back, ask less", "repay", "RefundSuccess TradePartlyRefund"),
    ("buy twice, pay, ask back", "repay", "RefundSuccess TradePartlyRefund TradeCloseAndModifyDetailOrder"),
    ("buy, pay, send, ask to return", "let return", "RefundSellerAgreeAgreement"),
    ("buy, pay, send, ask to return, let return", "return", "RefundBuyerReturnGoods"),
    ("buy, pay, send, ask to return, let return, return", "repay", "RefundSuccess TradeClose"),
    ("", "publish", "a_b_C"),
    ("narrow the consent", "delete", "ItemDelete"),
    ("", "cancel the app", "AuthCancel"),
    ("", "a minute", ""),
    ("delist", "new delist", ""),
    ("narrow the consent", "delist", ""),
]
NEVER = {  # of states the sandbox does not have
    *("ItemPunishDelete", "ItemPunishCc", "ItemStockChangedOut"),
    *("TradeBuyerStepPay", "TradeTimeoutRemind", "TradeAlipayCreate"),
    *(
        "RefundBlockMessage",
        "RefundTimeoutRemind",
        "RefundableMarked",
        "RefundableCanceled",
        "TaobaoIntervened",
    ),
}


class Shop:
    """A shop with an item of two skus, whose seller permitted all topics."""

    def __init__(self) -> None:
        self.sandbox = in_process(FakeClock(START))
        self._known: Json = {}

    async def opened(self) -> "Shop":
        await ask(self.sandbox, "taobao.item.update", **OWN, **SKUS)
        await ask(self.sandbox, "taobao.tmc.user.permit")
        await control(self.sandbox, "messages/service", {"retain_s": 30 * DAY_S})
        return self

    async def do(self, name: str) -> None:
        who, details = ACTS[name]
        given = {
            key: self._known.get(value, value) if isinstance(value, str) else value
            for key, value in details.items()
        }
        reply = await (ask(self.sandbox, who, **given) if "." in who else control(self.sandbox, who, given))
        assert isinstance(reply, list) or not {"sub_code", "error"} & reply.keys(), (name, reply)
        if who == "buyer":
            self._note(reply)
        await control(self.sandbox, "stats")  # lets happen what has become due

    def _note(self, row: Json) -> None:
        self._known |= {f"@{key}": row[key] for key in ("tid", "refund_id") if key in row}
        orders = row.get("orders", {}).get("order", ())
        for one in orders[:1]:
            self._known["@oid"] = one["oid"]

    def hears(self) -> list[str]:
        """Returns the names of the messages that came since it was last asked."""
        queue = self.sandbox.world.messages.queue(("12345678", "default"))
        taken = queue.take(200, self.sandbox.clock.now(), float("inf"))
        assert all(isinstance(msgspec.json.decode(one.message.content), dict) for one in taken)
        return [_name(one.message.topic) for one in taken]


def _name(topic: str) -> str:
    return topic.rpartition("_")[2] if topic in topics.KNOWN else topic


@pytest.mark.parametrize(
    ("before", "act", "heard"), TABLE, ids=[f"{one}, then {two}" for one, two, _ in TABLE]
)
async def test_every_change_is_told_as_its_topic(before: str, act: str, heard: str) -> None:
    shop = await Shop().opened()
    for name in filter(None, before.split(", ")):
        await shop.do(name)
    shop.hears()

    await shop.do(act)

    assert shop.hears() == heard.split()


def test_the_table_has_every_topic_whose_state_the_sandbox_has() -> None:
    heard: set[str] = {name for _, _, names in TABLE for name in names.split()}

    assert {_name(topic) for topic in topics.KNOWN} - heard == NEVER


def test_every_act_is_of_use() -> None:
    used: set[Any] = {name for before, act, _ in TABLE for name in [*before.split(", "), act]}

    assert set(ACTS) == used - {""}
