// Texts in two languages: Chinese unless the address says `?lang=en` or the reader chose otherwise.

const asked = new URLSearchParams(location.search).get("lang");
export const lang = (asked ?? localStorage.getItem("lang")) === "en" ? "en" : "zh";
const all = await (await fetch("/_sandbox/desk/texts.json")).json();

export function t(key, values = {}) {
  const text = all[`sandbox.${key}`]?.[lang] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
export const known = (key) => `sandbox.${key}` in all;

export function switchLanguage() {
  localStorage.setItem("lang", lang === "zh" ? "en" : "zh");
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  if (address.href === location.href) location.reload();
  else location.replace(address);
}

const zone = { timeZone: "Asia/Shanghai", hour12: false };
// Times as the platform writes them: GMT+8.
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString("sv-SE", zone).replace(",", "");
}
export const clockTime = (seconds) => moment(seconds).slice(11);
export const instant = (iso) => moment(Date.parse(iso) / 1000);
