// The items of all shops, what happened to each, and the seller's hand.

import { get, post } from "./api.js";
import { button, card, choice, el, field, renew, table, tag } from "./dom.js";
import { instant, t } from "./texts.js";

const SIZE = 50;
const ACTIONS = ["list", "delist", "sell_out", "restock", "copy", "edit", "punish", "delete"];

function shelf(item) {
  if (item.deleted) return tag(t("items.deleted"), "bad");
  return item.approve_status === "onsale" ? tag(t("items.onsale"), "good") : tag(t(`items.${item.banner}`), "warn");
}

function history(item) {
  return table([
    [t("items.when"), (one) => instant(one.at)],
    [t("items.what"), (one) => one.what],
    [t("items.who"), (one) => [one.actor, one.method].filter(Boolean).join(" · ")],
    [t("items.call"), (one) => (one.request_id ? el("a", { href: `#calls/${one.request_id}` }, one.request_id) : "")],
  ], item.events, t("desk.none"));
}

export const items = {
  open(node, desk) {
    const asked = { page: 1, approve_status: "", outer_id: "", deleted: "" };
    let open = 0;
    const live = el("div"), one = el("div");
    const again = (change) => { Object.assign(asked, { page: 1 }, change); desk.act(async () => {}); };
    const code = el("input", { type: "search", onchange: () => again({ outer_id: code.value.trim() }) });
    const status = choice([["", t("items.all")], ["onsale", t("items.onsale")], ["instock", t("items.instock")]], "", () => again({ approve_status: status.value }));
    const deleted = choice([["", t("items.living")], ["1", t("items.with_deleted")]], "", () => again({ deleted: deleted.value }));

    function act(item, action) {
      const order = { action, num_iid: item.num_iid, nick: item.nick };
      if (action === "edit") {
        const edited = prompt(t("items.new_code"), item.outer_id);
        if (edited === null) return;
        order.outer_id = edited;
      }
      desk.act(() => post("seller", order), t("items.did", { what: t(`seller.${action}`), id: item.num_iid }));
    }

    const close = () => { open = 0; desk.act(async () => {}); };
    const details = (item) => card("",
      el("div", { class: "head" }, el("h2", {}, `${item.num_iid} · ${item.title}`), button(t("desk.close"), close, "link")),
      el("div", { class: "row" }, ACTIONS.map((action) => button(t(`seller.${action}`), () => act(item, action), ["delete", "punish"].includes(action) ? "bad" : ""))),
      el("h3", {}, t("items.history")), history(item));

    node.append(one, card(t("tab.items"),
      el("div", { class: "row" }, field(t("items.code"), code), field(t("items.status"), status), field(t("items.which"), deleted)), live));

    return {
      async refresh() {
        const query = new URLSearchParams(Object.entries({ ...asked, page_size: SIZE }).filter(([, value]) => value !== ""));
        const rows = await get(`items?${query}`);
        const chosen = rows.find((one) => one.num_iid === open);
        renew(live, [rows, open, asked.page], () => [
          table([
            ["num_iid", (each) => button(String(each.num_iid), () => { open = each.num_iid; desk.act(async () => {}).then(() => one.scrollIntoView({ block: "nearest" })); }, "link mono")],
            [t("items.code"), (one) => one.outer_id],
            [t("items.title"), (one) => one.title],
            [t("items.status"), shelf],
            [t("items.price"), (one) => one.price, "num"],
            [t("items.num"), (one) => String(one.num), "num"],
            ["SKU", (one) => (one.skus.length ? String(one.skus.length) : ""), "num"],
            [t("items.shop"), (one) => one.nick],
          ], rows, t("desk.none"), (one) => one.num_iid === open),
          el("div", { class: "row" },
            asked.page > 1 && button(t("desk.before"), () => { asked.page -= 1; desk.act(async () => {}); }),
            el("span", { class: "soft" }, t("desk.page", { page: asked.page })),
            rows.length === SIZE && button(t("desk.after"), () => { asked.page += 1; desk.act(async () => {}); })),
        ]);
        renew(one, [chosen], () => (chosen ? details(chosen) : []));
      },
    };
  },
};
