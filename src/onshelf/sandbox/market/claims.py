"""What can happen to a refund, whoever causes it: each verb makes its next version, notes it on its order, and tells of it.

Timeouts are the platform's usual ones: 5 days for a seller to answer, 7 for a buyer to send goods back or to ask anew.
"""

from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market import refund as refunds
from onshelf.sandbox.market import trade as trades
from onshelf.sandbox.market.crowd import plan
from onshelf.sandbox.market.refund import Message, Refund
from onshelf.sandbox.market.shown import refund_news, yuan
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.market.trade import FINISHED, WAIT_CONFIRM, Order, Trade
from onshelf.sandbox.state import DAY_S

ANSWER_S = 5 * DAY_S
BUYER_S = 7 * DAY_S


class Claims:
    """The verbs of one shop's refunds, in the cause of its till."""

    def __init__(self, till: Till) -> None:
        self._till = till

    def find(self, refund_id: int) -> Refund:
        """Returns a refund. Raises: BusinessError when the shop has no such refund."""
        found = self._till.ledger.refunds.get(refund_id)
        if found is None:
            raise BusinessError("isv.refund-not-exist:invalid-refund_id", f"退款单不存在：{refund_id}")
        return found

    def ask(
        self, trade: Trade, order: Order, fee_fen: int, reason: str, *, returns: bool = False, desc: str = ""
    ) -> Refund:
        """The buyer wants money back for an order.

        Raises: NotNow: unpaid, closed, or asked already. BusinessError: more than was paid.
        """
        open_now = order.refund_status in refunds.OPEN
        if order.status not in (trades.WAIT_SEND, WAIT_CONFIRM, FINISHED) or open_now:
            raise trades.NotNow(order.refund_status if open_now else order.status)
        _check_fee(trade, order, fee_fen)
        number = self._till.new_number(trade.buyer)
        asked = Refund(
            number,
            trade.tid,
            order.oid,
            fee_fen,
            reason,
            self._till.stamp,
            self._till.stamp,
            returns=returns and order.status != trades.WAIT_SEND,
            phase="aftersale" if order.status == FINISHED else "onsale",
            desc=desc,
            good_status="BUYER_NOT_RECEIVED" if order.status == trades.WAIT_SEND else "BUYER_RECEIVED",
            until=self._till.until("refund", ANSWER_S, number),
        )
        return self._keep(asked, "RefundCreated")

    def agree(self, refund: Refund) -> Refund:
        """The seller agrees. Raises: NotNow."""
        after = refunds.agreed(refund, self._till.stamp)
        if after.status == refunds.SUCCESS:
            return self._repaid(after)
        after = refunds.timed(after, self._till.until("refund", BUYER_S, refund.refund_id))
        self._remind(after, "send_back")
        return self._keep(after, "RefundSellerAgreeAgreement")

    def _remind(self, refund: Refund, action: str) -> None:
        trade = self._till.find(refund.tid)
        self._till.remind(trade, action, plan(self._till.world.seed, trade.serial).answer_s)

    def repay(self, refund: Refund) -> Refund:
        """The seller pays back. Raises: NotNow."""
        return self._repaid(refunds.repaid(refund, self._till.stamp))

    def _repaid(self, refund: Refund) -> Refund:
        kept = self._keep(refund, "RefundSuccess")
        before = self._till.find(refund.tid)
        trade = trades.refunded(before, self._till.stamp, refund.oid, refund.fee_fen)
        extra = {"refund_id": refund.refund_id, "refund_fee": yuan(refund.fee_fen)}
        for topic in _told_of_refund(before, trade, refund.oid):
            self._till.keep(trade, topic, oid=(refund.oid,), **extra)
        if trade.status == FINISHED != before.status:  # the other orders were: this one was the last
            self._till.keep(trade, "TradeSuccess")
        self._till.wait_again(trade)
        return kept

    def refuse(self, refund: Refund, why: str = "", picture: str = "") -> Refund:
        """The seller refuses. Raises: NotNow."""
        after = refunds.refused(refund, self._till.stamp)
        if why:
            after = refunds.said(after, self._message(refunds.SELLER, why, picture))
        after = refunds.timed(after, self._till.until("refund", BUYER_S, refund.refund_id))
        self._remind(after, "withdraw")
        return self._keep(after, "RefundSellerRefuseAgreement")

    def ask_anew(self, refund: Refund, fee_fen: int) -> Refund:
        """The buyer changes what they ask for. Raises: NotNow, BusinessError: more than was paid."""
        trade = self._till.find(refund.tid)
        if order := trade.order(refund.oid):
            _check_fee(trade, order, fee_fen)
        after = refunds.changed(refund, self._till.stamp, fee_fen)
        after = refunds.timed(after, self._till.until("refund", ANSWER_S, refund.refund_id))
        return self._keep(after, "RefundBuyerModifyAgreement")

    def send_back(self, refund: Refund, company: str, out_sid: str) -> Refund:
        """The buyer sends the goods back. Raises: NotNow."""
        after = refunds.sent_back(refund, self._till.stamp, company, out_sid)
        after = refunds.timed(after, self._till.until("refund", ANSWER_S, refund.refund_id))
        return self._keep(after, "RefundBuyerReturnGoods")

    def withdraw(self, refund: Refund) -> Refund:
        """The buyer takes the request back. Raises: NotNow."""
        closed = self._keep(refunds.withdrawn(refund, self._till.stamp), "RefundClosed")
        self._till.wait_again(self._till.find(refund.tid))
        return closed

    def say(self, refund: Refund, role: str, content: str, picture: str = "") -> Refund:
        """Somebody says something about a refund."""
        said = refunds.said(refund, self._message(role, content, picture))
        return self._keep(said, "RefundCreateMessage")

    def _message(self, role: str, content: str, picture: str) -> Message:
        return Message(self._till.world.new_id(), role, content, self._till.stamp, picture)

    def _keep(self, refund: Refund, topic: str) -> Refund:
        """Keeps a refund's next version, notes it on its order, and tells of it."""
        trade = self._till.find(refund.tid)
        noted = trades.disputed(trade, self._till.stamp, refund.oid, refund.refund_id, refund.status)
        self._till.ledger.keep(noted)
        content = refund_news(refund, self._till.person(trade), self._till.shop.nick)
        self._till.world.tell(self._till.shop.nick, f"taobao_refund_{topic}", content, self._till.cause.at)
        return self._till.ledger.refunds.put(refund)


def _told_of_refund(before: Trade, after: Trade, oid: int) -> tuple[str, ...]:
    """Returns the topics of a trade that money went back for: closed, else repaid in part, one order closed or none."""
    if after.status == trades.CLOSED:
        return ("TradeClose",)
    old, new = before.order(oid), after.order(oid)
    ends = old is not None and new is not None and old.status != new.status
    return ("TradePartlyRefund", "TradeCloseAndModifyDetailOrder") if ends else ("TradePartlyRefund",)


def _check_fee(trade: Trade, order: Order, fee_fen: int) -> None:
    most = order.total_fen + (trade.post_fen if len(trade.orders) == 1 else 0) - order.refunded_fen
    if not 0 < fee_fen <= most:
        raise BusinessError("isv.invalid-parameter:refund_fee", f"退款金额须大于0且不超过{yuan(most)}元")
