// Shops, apps and their authorisations.

import { get, post } from "./api.js";
import { button, card, choice, el, field, filled, renew, table, tag } from "./dom.js";
import { moment, t } from "./texts.js";

export const shops = {
  open(node, desk) {
    const input = (name, more = {}) => el("input", { name, ...more });
    const form = (path, ...fields) => {
      const made = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); desk.act(() => post(path, filled(made)), t("shops.added")); } }, ...fields, el("button", {}, t("shops.add")));
      return made;
    };
    const kind = choice([["C", t("shops.C")], ["B", t("shops.B")]], "C");
    kind.name = "kind";
    const list = el("div"), apps = el("div"), sessions = el("div");
    node.append(
      card(t("shops.title"), list, form("shops", field(t("shops.nick"), input("nick", { required: true })), field(t("shops.kind"), kind), field(t("shops.items"), input("items", { type: "number", min: 0 })))),
      card(t("shops.apps"), apps, form("apps", field("app_key", input("app_key", { required: true })), field("app_secret", input("app_secret", { required: true })))),
      card(t("shops.sessions"), el("p", { class: "soft small" }, t("shops.sessions.why")), sessions,
        form("sessions", field("session", input("session")), field("app_key", input("app_key", { placeholder: desk.info.app_key })), field(t("shops.nick"), input("nick", { placeholder: desk.info.seller_nick })),
          field(t("shops.expires_in"), input("expires_in", { type: "number", min: 0, placeholder: "31536000" })))));
    return {
      async refresh() {
        const [all, known, given, clock] = await Promise.all([get("shops"), get("apps"), get("sessions"), get("clock")]);
        renew(list, all, () => table([[t("shops.nick"), (one) => one.nick], ["user_id", (one) => String(one.user_id)], [t("shops.kind"), (one) => t(`shops.${one.kind}`)],
          [t("items.onsale"), (one) => String(one.onsale ?? ""), "num"], [t("items.instock"), (one) => String(one.instock ?? ""), "num"]], all, t("desk.none")));
        renew(apps, known, () => table([["app_key", (one) => one.app_key], ["app_secret", (one) => el("code", {}, one.app_secret)], [t("shops.denied"), (one) => one.denied.join(", ")]], known, t("desk.none")));
        renew(sessions, [given, given.map((one) => one.expires_at > clock.epoch)], () => table([
          ["session", (one) => el("code", {}, one.token)], ["app_key", (one) => one.app_key], [t("shops.nick"), (one) => one.nick],
          [t("shops.ends"), (one) => [one.expires_at > clock.epoch ? moment(one.expires_at) : tag(t("shops.ended"), "bad")]],
          ["", (one) => [el("span", { class: "row" }, button(t("shops.end"), () => desk.act(() => post("sessions", { session: one.token, expires_in: 0 })), "bad"),
            button(t("shops.renew"), () => desk.act(() => post("sessions", { session: one.token }))))]],
        ], given, t("desk.none")));
      },
    };
  },
};
