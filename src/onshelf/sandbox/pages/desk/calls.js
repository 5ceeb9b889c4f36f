// The last calls, and why a signature is wrong.

import { get, post, remove } from "./api.js";
import { button, card, choice, el, field, pairs, renew, table, tag } from "./dom.js";
import { clockTime, moment, t } from "./texts.js";

const KINDS = { ok: "good", refused: "bad", broken: "bad", cut: "bad", open: "warn" };
const outcome = (call) => tag(t(`calls.${call.outcome}`), KINDS[call.outcome]);
const code = (call) => [call.code || (call.status !== 200 ? `HTTP ${call.status}` : ""), call.told, call.sub_code].filter(Boolean).join(" · ");

// The two strings, with what differs marked from the first difference on.
function strings(signature) {
  const at = signature.first_difference?.at;
  const shown = (text) => (at === undefined ? text : [text.slice(0, at), el("mark", {}, text.slice(at, at + 1) || "∅"), text.slice(at + 1)]);
  return [
    el("h3", {}, t("sign.mine")), el("pre", {}, ...[shown(signature.my_string)].flat()),
    ...(signature.your_string === undefined ? [] : [el("h3", {}, t("sign.yours")), el("pre", {}, ...[shown(signature.your_string)].flat())]),
    ...(signature.first_difference ? [el("p", {}, t("sign.differ", { at: signature.first_difference.at + 1 }))] : []),
  ];
}

function explained(signature) {
  if (!signature) return el("p", { class: "soft" }, t("sign.unchecked"));
  const kind = { right: "good", missing: "warn", explained: "bad", unexplained: "bad" }[signature.verdict];
  return el("div", {},
    el("p", {}, tag(t(`sign.${signature.verdict}`), kind)),
    el("ul", {}, signature.mistakes.map((one) => el("li", {}, t(`mistake.${one.mistake}`, { detail: one.detail })))),
    signature.verdict === "unexplained" && el("p", {}, t("sign.unexplained.why")),
    pairs([["sign_method", signature.sign_method || "—"], [t("sign.sent"), el("code", {}, signature.sent || "—")], [t("sign.expected"), el("code", {}, signature.expected)]]),
    ...strings(signature));
}

function compare(call, desk) {
  const own = el("textarea", { "aria-label": t("sign.own") });
  const result = el("div");
  const look = async () => {
    const compared = await desk.act(() => post("calls/compare", { id: call.request_id, string: own.value }));
    if (!compared) return;
    result.replaceChildren(
      el("p", {}, tag(t(compared.gives_sent ? "sign.gives" : "sign.gives_not"), compared.gives_sent ? "good" : "warn")),
      compared.first_difference ? el("div", {}, ...strings(compared)) : el("p", {}, t("sign.equal")));
  };
  return el("div", {}, el("h3", {}, t("sign.own")), el("p", { class: "soft small" }, t("sign.own.why")), own, button(t("sign.compare"), look), result);
}

function details(call, desk) {
  const text = Object.entries(call.text).map(([name, value]) => [name, el("span", { class: "mono" }, value === "" ? "∅" : value)]);
  const files = Object.entries(call.files).map(([name, size]) => [name, `${size} B`]);
  return card("", el("div", { class: "head" }, el("h2", {}, `${call.method} · ${call.request_id}`), el("a", { href: "#calls" }, t("desk.close"))),
    el("p", {}, outcome(call), " ", code(call), " ", ...call.faults.map((kind) => tag(kind, "warn"))),
    el("p", { class: "soft small" }, [moment(call.at), call.verb, t("calls.request", { bytes: call.bytes }), call.reply_bytes && t("calls.reply", { bytes: call.reply_bytes })].filter(Boolean).join(" · ")),
    el("h3", {}, t("sign.title")), explained(call.signature),
    call.signature && call.signature.verdict !== "right" && compare(call, desk),
    el("h3", {}, t("calls.sent")), pairs([...text, ...files]),
    call.reply && el("h3", {}, t("calls.answer")), call.reply && el("pre", {}, call.reply));
}

export const calls = {
  open(node, desk) {
    let filter = "", last = "";
    const live = el("div"), one = el("div");
    const choose = choice([["", t("calls.all")], ...Object.keys(KINDS).map((kind) => [kind, t(`calls.${kind}`)])], "", () => { filter = choose.value; desk.act(async () => {}); });
    node.append(one, card(t("tab.calls"),
      el("div", { class: "row" }, field(t("calls.outcome"), choose), button(t("calls.clear"), () => desk.act(() => remove("calls")))), live));
    return {
      async refresh() {
        const [, chosen] = location.hash.split("/");
        const rows = await get(`calls?limit=100${filter && `&outcome=${filter}`}`);
        renew(live, [rows, chosen], () => table([
          [t("calls.when"), (row) => clockTime(row.at)],
          [t("calls.method"), (row) => el("a", { href: `#calls/${row.request_id}` }, row.method || "—")],
          [t("calls.outcome"), (row) => [outcome(row), ...row.faults.map((kind) => tag(kind, "warn"))]],
          [t("calls.code"), code],
          ["app_key", (row) => row.app_key],
          ["ms", (row) => (row.took_ms === null ? "" : row.took_ms.toFixed(1)), "num"],
        ], rows, t("calls.none"), (row) => row.request_id === chosen));
        if (chosen !== last) {
          last = chosen;
          one.replaceChildren(...(chosen ? [details(await get(`calls?id=${encodeURIComponent(chosen)}`), desk)] : []));
          if (chosen) one.scrollIntoView({ block: "nearest" });
        }
      },
    };
  },
};
