// Shows any JSON: a list of records as a table, everything else as text.

import { el, table } from "./dom.js";
import { t } from "./texts.js";

const text = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? ""));

export function plain(value) {
  if (Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && !Array.isArray(one))) {
    const names = [...new Set(value.flatMap(Object.keys))];
    return table(names.map((name) => [name, (row) => text(row[name])]), value, t("desk.none"));
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return el("div", {}, Object.entries(value).flatMap(([name, one]) => [el("h3", {}, name), plain(one)]));
  }
  return el("pre", {}, text(value));
}
