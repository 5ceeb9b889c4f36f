// What the built-in receivers of alerts got.

import { get, post, remove } from "./api.js";
import { button, card, choice, el, field, filled, renew, table, tag } from "./dom.js";
import { moment, t } from "./texts.js";

const OWN = new Set(["receiver", "at", "accepted", "why"]);

const named = (name, options) => Object.assign(choice(options.map((one) => [one, one]), options[0]), { name });

function strikeForm(desk) {
  const form = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post("faults", filled(form)), t("faults.added")); } },
    field(t("received.receiver"), named("receiver", ["dingtalk", "webhook", "smtp"])), field(t("faults.kind"), named("kind", ["refuse", "error_in_200", "http_5xx", "slow", "cut_after"])),
    field(t("faults.count"), el("input", { name: "count", type: "number", min: 1, placeholder: "1" })), el("button", {}, t("received.fail")));
  return form;
}

export const received = {
  open(node, desk) {
    const live = el("div");
    node.append(card(t("tab.received"), el("p", { class: "soft small" }, t("received.why")), strikeForm(desk),
      el("div", { class: "row" }, button(t("calls.clear"), () => desk.act(() => remove("received")))), live));
    return {
      async refresh() {
        const rows = (await get("received")).reverse().slice(0, 100);
        const content = (one) => el("pre", {}, JSON.stringify(Object.fromEntries(Object.entries(one).filter(([name]) => !OWN.has(name))), null, 1));
        renew(live, rows, () => table([
          [t("calls.when"), (one) => moment(one.at)], [t("received.receiver"), (one) => one.receiver],
          [t("calls.outcome"), (one) => (one.accepted ? tag(t("received.accepted"), "good") : tag(one.why, "bad"))], [t("received.content"), content],
        ], rows, t("desk.none")));
      },
    };
  },
};
