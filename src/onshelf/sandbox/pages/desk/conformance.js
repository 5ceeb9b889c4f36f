// Which checks other people's clients passed against this sandbox, in which version and when.

import { get } from "./api.js";
import { card, el, table, tag } from "./dom.js";
import { t } from "./texts.js";

export const conformance = {
  needs: "conformance",
  open(node) {
    let drawn = false;
    return {
      async refresh() {
        if (drawn) return;
        drawn = true;
        const run = await get("conformance");
        const verdict = (client) => (check) => (check.passed?.includes(client.name) ? tag("✓", "good") : "—");
        const took = (section) => run.clients.filter((client) => section.checks.some((check) => check.passed?.includes(client.name)));
        const columns = (section) => [[t("conformance.check"), (check) => check.check], ...took(section).map((client) => [`${client.name} ${client.version}`, verdict(client)])];
        node.replaceChildren(card(t("tab.conformance"), el("p", { class: "soft" }, t("conformance.why", { date: run.date })),
          ...run.sections.flatMap((section) => [el("h3", {}, section.title), table(columns(section), section.checks, t("desk.none"))])));
      },
    };
  },
};
