// The message service: what waits in which queue, who listens; any message published by hand.

import { get, post } from "./api.js";
import { button, card, el, field, filled, renew, table, tag } from "./dom.js";
import { plain } from "./plain.js";
import { moment, t } from "./texts.js";

const ROWS = 20;
const TOPICS = ["taobao_item_ItemUpdate", "taobao_item_ItemDownshelf", "taobao_trade_TradeBuyerPay", "taobao_refund_RefundCreated"];

function publishForm(desk) {
  const publish = async (event) => {
    event.preventDefault();
    await desk.act(() => {
      const order = filled(form);
      try {
        order.content = JSON.parse(order.content ?? "{}");
      } catch { /* a text is sent as it is */ }
      return post("messages", order);
    }, t("messages.published"));
  };
  const form = el("form", { onsubmit: publish },
    el("div", { class: "row" }, field("topic", el("input", { name: "topic", required: true, size: 32, list: "topics", value: TOPICS[0] })),
      field(t("messages.count"), el("input", { name: "count", type: "number", min: 1, placeholder: "1" })),
      el("datalist", { id: "topics" }, TOPICS.map((topic) => el("option", { value: topic })))),
    field("content (JSON)", el("textarea", { name: "content", value: `{"num_iid": ${desk.info.num_iid}}` })),
    el("button", { class: "main" }, t("messages.publish")));
  return form;
}

export const messages = {
  needs: "messages",
  open(node, desk) {
    const queues = el("div"), waiting = el("div"), rest = el("div");
    node.append(
      card(t("messages.queues"), el("p", { class: "soft small" }, t("messages.why")), queues,
        el("div", { class: "row" }, button(t("messages.hang_up"), () => desk.act(() => post("messages/service", { hang_up: true })), "bad"))),
      card(t("messages.waiting"), waiting), el("div", { class: "cards" }, card(t("messages.publish"), publishForm(desk)), card(t("messages.permits"), rest)));
    return {
      async refresh() {
        const shown = await get(`messages?rows=${ROWS}`);
        const held = shown.queues.flatMap((queue) => queue.messages.map((one) => ({ ...one, group: queue.group })));
        renew(queues, shown.queues, () => table([
          ["app_key", (one) => one.app_key], ["group", (one) => one.group], [t("messages.waits"), (one) => String(one.waiting), "num"], [t("messages.unconfirmed"), (one) => String(one.unconfirmed), "num"],
          [t("messages.connections"), (one) => tag(String(one.connections.length), one.connections.length ? "good" : "")],
        ], shown.queues, t("messages.none")));
        renew(waiting, held, () => table([
          ["topic", (one) => one.topic, "tight"], ["group", (one) => one.group, "tight"], ["content", (one) => el("code", {}, one.content)],
          [t("messages.pushes"), (one) => String(one.ids.length), "num tight"], [t("messages.due"), (one) => moment(one.due_at), "tight"],
        ], held, t("desk.none")));
        renew(rest, shown.permits, () => plain(shown.permits));
      },
    };
  },
};
