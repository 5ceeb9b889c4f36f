// Trades and refunds, and the buyers' hand.

import { get, post } from "./api.js";
import { button, card, el, field, filled, renew, table, tag } from "./dom.js";
import { t } from "./texts.js";

const STEPS = { WAIT_BUYER_PAY: ["pay", "cancel"], WAIT_SELLER_SEND_GOODS: ["refund"], WAIT_BUYER_CONFIRM_GOODS: ["confirm", "refund"], TRADE_FINISHED: ["rate"] };

export const trades = {
  needs: "trades",
  open(node, desk) {
    const live = el("div"), claims = el("div"), running = el("p", { class: "soft" });
    const number = (name, more) => el("input", { name, type: "number", min: 0, ...more });
    const act = (order) => desk.act(() => post("buyer", order), t("trades.did"));
    const buy = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); act({ action: "buy", ...filled(buy) }); } },
      field("num_iid", number("num_iid", { required: true, value: desk.info.num_iid })), field(t("items.num"), number("num", { value: 1 })), el("button", { class: "main" }, t("buyer.buy")));
    const pace = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post("market", filled(pace))); } },
      field(t("trades.pace"), number("trades_per_minute", { required: true, value: 10, step: "any" })), el("button", {}, t("trades.run")), button(t("trades.stop"), () => desk.act(() => post("market", { trades_per_minute: 0 }))));
    node.append(el("div", { class: "cards" }, card(t("trades.buy"), buy), card(t("trades.market"), pace, running)), el("p"), card(t("tab.trades"), live), card(t("trades.refunds"), claims));
    return {
      async refresh() {
        const [rows, asked, market] = await Promise.all([get("trades?page_size=50"), get("refunds?page_size=50"), get("market")]);
        running.textContent = t("trades.running", { pace: market.trades_per_minute, count: market.trades });
        renew(live, rows, () => table([
          ["tid", (one) => el("span", { class: "mono" }, String(one.tid))], [t("trades.created"), (one) => one.created], [t("items.status"), (one) => tag(one.status)],
          [t("trades.payment"), (one) => one.payment, "num"], [t("trades.buyer"), (one) => one.buyer_nick ?? ""], [t("trades.items"), (one) => (one.orders?.order ?? []).map((each) => `${each.title} × ${each.num}`).join("；")],
          [t("trades.buyer_does"), (one) => [el("span", { class: "row" }, (STEPS[one.status] ?? []).map((action) => button(t(`buyer.${action}`), () => act({ action, tid: String(one.tid) }))))]],
        ], rows, t("desk.none")));
        renew(claims, asked, () => table([
          ["refund_id", (one) => el("span", { class: "mono" }, String(one.refund_id))], ["tid", (one) => String(one.tid)], [t("items.status"), (one) => tag(one.status)],
          [t("trades.fee"), (one) => one.refund_fee, "num"], [t("trades.reason"), (one) => one.reason ?? ""],
        ], asked, t("desk.none")));
      },
    };
  },
};
