// Switches: faults of calls and receivers, limits, barriers.

import { get, post, Refused, remove } from "./api.js";
import { button, card, choice, el, field, filled, renew, table, tag } from "./dom.js";
import { t } from "./texts.js";

const KINDS = ["cut_after", "cut_before", "cut_then_done", "cut_body", "isp", "isp_after", "http_5xx", "http_5xx_after", "delay", "slow_body", "truncate", "bad_json",
  "wrong_type", "ban", "day_quota_gone", "expire_session", "lag", "shift_page", "degrade", "second_item", "edit_code", "lose_message", "double_message", "swap_messages"];
const TIMED = new Set(["delay", "slow_body", "cut_then_done", "lag", "ban", "swap_messages"]); // kinds that `seconds` means something to
const READY = {
  lost_answer: { kind: "cut_after", method: "taobao.item.add", share: 0.05 },
  night: { kind: "expire_session", at_time: "03:00" },
  shaky: { kind: "isp", share: 0.05 },
  late_lists: { kind: "lag", seconds: 30 },
  promotion: { kind: "degrade" },
};
const input = (name, type = "text", more = {}) => el("input", { name, type, step: type === "number" ? "any" : null, ...more });

function said(rule) {
  const often = [
    TIMED.has(rule.kind) && t("faults.said.seconds", { seconds: rule.seconds }),
    rule.share !== null && rule.share !== undefined && `${rule.share * 100} %`,
    rule.at && t("faults.said.at", { at: [rule.at].flat().join(", ") }),
    rule.count && t("faults.said.count", { count: rule.count }),
    rule.at_time && t("faults.said.at_time", { at_time: rule.at_time }),
    rule.every && t("faults.said.every", { every: rule.every }),
    rule.lasts && t("faults.said.lasts", { lasts: rule.lasts }),
    rule.next_at && t("faults.said.next", { next: rule.next_at }),
  ].filter(Boolean);
  return often.join(" · ") || t("faults.said.always");
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(t("faults.more.bad"));
  }
}

function faultForm(desk) {
  const why = el("p", { class: "soft small" });
  const kind = choice(KINDS.map((name) => [name, name]), KINDS[0], () => explain());
  kind.name = "kind";
  const explain = () => { why.textContent = t(`fault.${kind.value}`); };
  explain();
  const form = el("form", { onsubmit: (event) => {
    event.preventDefault();
    desk.act(() => {
      const { more, ...order } = filled(form);
      return post("faults", { ...order, ...read(more ?? "{}") });
    }, t("faults.added"));
  } },
  el("div", { class: "row" }, field(t("faults.kind"), kind), field(t("faults.method"), input("method", "text", { placeholder: "taobao.item.* / reads / writes", size: 28 })),
    field(t("faults.seconds"), input("seconds", "number", { min: 0, placeholder: "1" }))),
  why,
  el("div", { class: "row" }, field(t("faults.share"), input("share", "number", { min: 0, max: 1, placeholder: "0.05" })), field(t("faults.count"), input("count", "number", { min: 1 })),
    field(t("faults.at"), input("at", "number", { min: 1 })), field(t("faults.seed"), input("seed", "number"))),
  el("div", { class: "row" }, field(t("faults.at_time"), input("at_time", "text", { placeholder: "03:00" })), field(t("faults.every"), input("every", "number", { min: 0 })),
    field(t("faults.lasts"), input("lasts", "number", { min: 0 })), field(t("faults.more"), input("more", "text", { size: 34, placeholder: '{"rows": -1, "sub_code": "isp.…"}' })), el("button", { class: "main" }, t("faults.add"))));
  return form;
}

function limitForm(desk) {
  const form = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post("quota", filled(form)), t("faults.added")); } },
    field("app_key", input("app_key", "text", { placeholder: desk.info.app_key })),
    ...["per_second", "per_minute", "per_day"].map((name) => field(t(`quota.${name}`), input(name, "number", { min: 0 }))),
    el("button", {}, t("quota.set")), button(t("quota.lift"), () => desk.act(() => remove("quota"))));
  return form;
}

function barrierForm(desk) {
  const at = choice(["before_work", "after_work", "before_reply"].map((name) => [name, t(`barrier.${name}`)]), "after_work");
  at.name = "at";
  const form = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post("barrier", filled(form))); } },
    field(t("faults.method"), input("method", "text", { required: true, value: "taobao.item.add" })), field(t("barrier.at"), at), el("button", {}, t("barrier.arm")));
  return form;
}

export const faults = {
  open(node, desk) {
    const rules = el("div"), limits = el("div"), barriers = el("div"), house = el("div");
    const value = (one) => (typeof one === "boolean" ? tag(t(one ? "desk.on" : "desk.off"), one ? "warn" : "") : [one].flat().join("、"));
    node.append(
      card(t("faults.title"),
        el("div", { class: "row" }, Object.entries(READY).map(([name, order]) => button(t(`ready.${name}`), () => desk.act(() => post("faults", order), t("faults.added")))),
          button(t("faults.clear"), () => desk.act(() => remove("faults")), "bad")),
        rules),
      card(t("faults.new"), faultForm(desk)),
      el("div", { class: "cards" }, card(t("quota.title"), el("p", { class: "soft small" }, t("quota.why")), limitForm(desk), limits),
        card(t("barrier.title"), el("p", { class: "soft small" }, t("barrier.why")), barrierForm(desk), barriers)),
      el("p"), card(t("policy.title"), el("p", { class: "soft small" }, t("policy.why")), house));
    return {
      async refresh() {
        const [given, gates, held, policy] = await Promise.all([get("faults"), get("quota"), get("barrier"), get("policy")]);
        renew(house, policy, () => table([
          [t("policy.rule"), ([name]) => name], [t("policy.value"), ([, one]) => value(one)],
          ["", ([name, one]) => (typeof one === "boolean" ? button(t(one ? "desk.turn_off" : "desk.turn_on"), () => desk.act(() => post("policy", { [name]: !one }))) : "")],
        ], Object.entries(policy), t("desk.none")));
        renew(rules, given, () => table([
          [t("faults.kind"), (one) => tag(one.kind, "warn")],
          [t("faults.method"), (one) => one.receiver ?? (one.method || t("faults.any"))],
          [t("faults.often"), said],
          [t("faults.struck"), (one) => (one.fired === undefined ? "" : `${one.fired} / ${one.covered}`), "num"],
          ["", (one) => (one.id === undefined ? "" : button(t("faults.remove"), () => desk.act(() => remove(`faults?id=${one.id}`)), "small"))],
        ], given, t("faults.none")));
        renew(limits, gates, () => table([
          ["app_key", (one) => one.app_key], [t("quota.used"), (one) => Object.entries(one.used).map(([name, used]) => `${t(`quota.${name}`)} ${used}/${one[name]}`).join(", ")],
          [t("quota.banned"), (one) => (one.banned_s ? tag(`${one.banned_s} s`, "bad") : "")],
        ], gates, t("quota.none")));
        renew(barriers, held, () => table([
          [t("faults.method"), (one) => one.method], [t("barrier.at"), (one) => t(`barrier.${one.at}`)], [t("barrier.state"), (one) => tag(t(`barrier.${one.state}`), one.state === "held" ? "warn" : "")],
          ["", (one) => (one.state === "spent" ? "" : [el("span", { class: "row" }, button(t("barrier.release"), () => desk.act(() => post("barrier/release", { id: one.id }))),
            button(t("barrier.cut"), () => desk.act(() => post("barrier/release", { id: one.id, cut: true })), "bad"))])],
        ], held, t("barrier.none")));
      },
    };
  },
};
