// Trades and refunds, and the hands of buyers and seller.

import { get, post } from "./api.js";
import { button, card, choice, el, field, filled, renew, table, tag } from "./dom.js";
import { t } from "./texts.js";

// What each state lets whom do.
const STEPS = {
  WAIT_BUYER_PAY: { buyer: ["pay", "cancel"] },
  WAIT_SELLER_SEND_GOODS: { buyer: ["refund"], seller: ["ship"] },
  SELLER_CONSIGNED_PART: { seller: ["ship"] },
  WAIT_BUYER_CONFIRM_GOODS: { buyer: ["confirm", "refund"] },
  TRADE_FINISHED: { buyer: ["rate", "refund"] },
};
const CLAIM_STEPS = {
  WAIT_SELLER_AGREE: { buyer: ["withdraw"], seller: ["agree", "refuse"] },
  WAIT_BUYER_RETURN_GOODS: { buyer: ["send_back", "withdraw"] },
  WAIT_SELLER_CONFIRM_GOODS: { seller: ["agree", "refuse"] },
  SELLER_REFUSE_BUYER: { buyer: ["ask_anew", "withdraw"] },
};
const LABELS = { buyer: (action) => t(`buyer.${action}`), seller: (action) => t(`seller.${action}`) };
const KINDS = { TRADE_FINISHED: "good", SUCCESS: "good", WAIT_SELLER_SEND_GOODS: "warn", SELLER_CONSIGNED_PART: "warn", WAIT_SELLER_AGREE: "warn", WAIT_SELLER_CONFIRM_GOODS: "warn" };
const state = (status) => tag(status, KINDS[status] ?? "");

export const trades = {
  needs: "trades",
  open(node, desk) {
    let nick = desk.info.seller_nick;
    const live = el("div"), claims = el("div"), running = el("p", { class: "soft" }), which = el("div");
    const number = (name, more) => el("input", { name, type: "number", min: 0, ...more });
    const act = (who, order) => desk.act(() => post(who, { nick, ...order }), t("trades.did"));
    const buy = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); act("buyer", { action: "buy", ...filled(buy) }); } },
      field("num_iid", number("num_iid", { required: true, value: desk.info.num_iid })), field(t("trades.num"), number("num", { value: 1 })), el("button", { class: "main" }, t("buyer.buy")));
    const pace = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post("market", filled(pace))); } },
      field(t("trades.pace"), number("trades_per_minute", { required: true, value: 10, step: "any" })), el("button", {}, t("trades.run")), button(t("trades.stop"), () => desk.act(() => post("market", { trades_per_minute: 0 }))));
    node.append(which, el("div", { class: "cards" }, card(t("trades.buy"), buy), card(t("trades.market"), pace, running)), el("p"), card(t("tab.trades"), live), card(t("trades.refunds"), claims));

    const shown = (shops) => shops.length > 1 && el("div", { class: "row" }, field(t("shops.nick"), choice(shops.map((one) => [one.nick, one.nick]), nick, (event) => { nick = event.target.value; desk.act(async () => {}); })));
    // Ids go back as the texts they came as: no number of a browser holds 18 digits.
    const isAsked = (trade) => (trade.orders?.order ?? []).some((one) => one.refund_status in CLAIM_STEPS);
    const steps = (trade) => (isAsked(trade) ? { ...STEPS[trade.status], buyer: STEPS[trade.status]?.buyer?.filter((action) => action !== "refund") } : STEPS[trade.status]);
    const hands = (steps = {}, known) => ["buyer", "seller"].flatMap((who) => (steps[who] ?? []).map((action) => button(LABELS[who](action), () => act(who, { action, ...known }))));
    return {
      async refresh() {
        const of = `page_size=50&nick=${encodeURIComponent(nick)}`;
        const [rows, asked, market, shops] = await Promise.all([get(`trades?${of}`), get(`refunds?${of}`), get("market"), get("shops")]);
        running.textContent = t("trades.running", { pace: market.trades_per_minute, count: market.trades });
        renew(which, shops.map((one) => one.nick), () => shown(shops) || []);
        renew(live, rows, () => table([
          ["tid", (one) => el("span", { class: "mono" }, String(one.tid))], [t("trades.created"), (one) => one.created, "tight"], [t("items.status"), (one) => state(one.status)],
          [t("trades.payment"), (one) => one.payment, "num"], [t("trades.buyer"), (one) => one.buyer_nick ?? ""], [t("trades.items"), (one) => (one.orders?.order ?? []).map((each) => `${each.title} × ${each.num}`).join("；")],
          [t("trades.next"), (one) => [el("span", { class: "row" }, hands(steps(one), { tid: String(one.tid) }))]],
        ], rows, t("desk.none")));
        renew(claims, asked, () => table([
          ["refund_id", (one) => el("span", { class: "mono" }, one.refund_id)], ["tid", (one) => el("span", { class: "mono" }, String(one.tid))], [t("items.status"), (one) => state(one.status)],
          [t("trades.fee"), (one) => one.refund_fee, "num"], [t("trades.reason"), (one) => one.reason ?? ""],
          [t("trades.next"), (one) => [el("span", { class: "row" }, hands(CLAIM_STEPS[one.status], { refund_id: one.refund_id }))]],
        ], asked, t("desk.none")));
      },
    };
  },
};
