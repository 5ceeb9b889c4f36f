// What a client must know, what has been counted, and the state as a whole.

import { get, post, snapshot } from "./api.js";
import { button, card, el, pairs, renew, table, tag } from "./dom.js";
import { t } from "./texts.js";

const COPIED = ["gateway", "batch", "oauth", "tmc", "app_key", "app_secret", "session", "seller_nick", "num_iid"];

function copied(value) {
  const copy = button(t("desk.copy"), async () => {
    await navigator.clipboard.writeText(String(value));
    copy.textContent = t("desk.copied");
  }, "link small");
  return [el("code", {}, String(value)), " ", copy];
}

function counts(title, rows, kind) {
  const sorted = Object.entries(rows).sort((one, other) => other[1] - one[1]);
  return [el("h3", {}, title), table([[t("stats.what"), ([name]) => tag(name, kind)], [t("stats.times"), ([, times]) => String(times), "num"]], sorted, t("desk.none"))];
}

async function download() {
  const link = el("a", { href: URL.createObjectURL(await snapshot()), download: "sandbox.snapshot" });
  link.click();
  URL.revokeObjectURL(link.href);
}

function stateCard(desk) {
  const file = el("input", { type: "file", id: "snapshot" });
  return card(t("state.title"),
    el("p", { class: "soft small" }, t("state.why")),
    el("div", { class: "row" }, button(t("state.download"), download), button(t("state.reset"), () => {
      if (confirm(t("state.sure"))) desk.act(() => post("reset"), t("state.done"));
    }, "bad")),
    el("h3", {}, t("state.restore")),
    el("div", { class: "row" }, file, button(t("state.load"), () => file.files[0] && desk.act(() => post("restore", file.files[0]), t("state.done")))));
}

export const overview = {
  open(node, desk) {
    const live = el("div");
    const known = COPIED.filter((name) => desk.info[name]);
    node.append(el("div", { class: "cards uneven" },
      card(t("connect.title"), el("p", { class: "soft small" }, t("connect.why")), pairs(known.map((name) => [name, copied(desk.info[name])]))),
      card(t("stats.title"), live),
      stateCard(desk)));
    return {
      async refresh() {
        const stats = await get("stats");
        renew(live, stats, () => [
          pairs([[t("stats.calls"), String(stats.calls)], [t("stats.writes"), String(stats.writes)],
            [t("stats.doubles"), stats.doubles.length ? stats.doubles.map((code) => tag(code, "bad")) : t("desk.none")]]),
          ...counts(t("stats.refusals"), stats.refusals, "bad"),
          ...counts(t("stats.faults"), stats.faults, "warn"),
          ...counts(t("stats.methods"), stats.by_method, ""),
        ]);
      },
    };
  },
};
