// What the built-in receivers of alerts got.

import { get, remove } from "./api.js";
import { button, card, el, table, tag } from "./dom.js";
import { moment, t } from "./texts.js";

const OWN = new Set(["receiver", "at", "accepted", "why"]);

export const received = {
  open(node, desk) {
    const live = el("div");
    node.append(card(t("tab.received"), el("p", { class: "soft small" }, t("received.why")), button(t("calls.clear"), () => desk.act(() => remove("received"))), live));
    return {
      async refresh() {
        const rows = (await get("received")).reverse().slice(0, 100);
        const content = (one) => el("pre", {}, JSON.stringify(Object.fromEntries(Object.entries(one).filter(([name]) => !OWN.has(name))), null, 1));
        live.replaceChildren(table([
          [t("calls.when"), (one) => moment(one.at)], [t("received.receiver"), (one) => one.receiver],
          [t("calls.outcome"), (one) => (one.accepted ? tag(t("received.accepted"), "good") : tag(one.why, "bad"))], [t("received.content"), content],
        ], rows, t("desk.none")));
      },
    };
  },
};
