// The page's frame: clock, tabs, what went wrong; shows one view and keeps it fresh.

import { get, post, Refused } from "./api.js";
import { button, el } from "./dom.js";
import { lang, moment, switchLanguage, t } from "./texts.js";
import { overview } from "./overview.js";
import { items } from "./items.js";
import { calls } from "./calls.js";
import { faults } from "./faults.js";
import { trades } from "./trades.js";
import { messages } from "./messages.js";
import { shops } from "./shops.js";
import { received } from "./received.js";
import { conformance } from "./conformance.js";

const EVERY_MS = 2000;
const VIEWS = { overview, items, calls, faults, trades, messages, shops, received, conformance };
const place = (id) => document.getElementById(id);
const time = el("time");
const state = el("span");
let shown = null; // { name, node, refresh }

const desk = {
  info: await get("info"),
  tell(text, bad = false) {
    place("told").replaceChildren(...(text ? [el("p", { class: bad ? "bad" : "" }, text)] : []));
  },
  // Does something, says how it went, and shows what it changed.
  async act(work, said) {
    try {
      const result = await work();
      desk.tell(said ?? "");
      await refresh();
      return result;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      desk.tell(error.message === "offline" ? t("desk.offline") : error.message, true);
      return null;
    }
  },
};

const order = (change) => () => desk.act(() => post("clock", change));

function frame() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = t("desk.title");
  place("top").append(
    el("h1", {}, t("desk.title")),
    button(lang === "zh" ? "English" : "中文", switchLanguage),
    el("div", { class: "clock", role: "group", "aria-label": t("clock.label") },
      time, state,
      button("+1 min", order({ jump_s: 60 })), button("+1 h", order({ jump_s: 3600 })), button("+1 d", order({ jump_s: 86400 }))));
}

function tabs(current, paths) {
  const known = Object.entries(VIEWS).filter(([, view]) => !view.needs || paths.has(`/_sandbox/${view.needs}`));
  place("tabs").replaceChildren(...known.map(([name]) =>
    el("a", { href: `#${name}`, "aria-current": name === current ? "page" : null }, t(`tab.${name}`))));
  document.querySelector("nav a[aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
}

async function refresh() {
  const clock = await get("clock");
  time.textContent = moment(clock.epoch);
  time.title = t("clock.zone");
  const pause = clock.paused ? button(t("clock.resume"), order({ resume: true })) : button(t("clock.pause"), order({ pause: true }));
  state.replaceChildren(pause);
  await shown?.refresh();
}

async function show() {
  const [name] = location.hash.slice(1).split("/");
  const chosen = name in VIEWS ? name : "overview";
  tabs(chosen, paths);
  if (shown?.name !== chosen) {
    const node = el("div");
    shown = { name: chosen, ...VIEWS[chosen].open(node, desk) };
    place("view").replaceChildren(node);
    desk.tell("");
  }
  await desk.act(async () => {});
}

const paths = new Set((await get("")).map((one) => one.path));
frame();
addEventListener("hashchange", show);
await show();
setInterval(() => {
  if (document.hidden) return;
  refresh().catch((error) => { if (error instanceof Refused) desk.tell(t("desk.offline"), true); else throw error; });
}, EVERY_MS);
