// What every page does in the browser: theme, menu, toasts, questions before what cannot be undone, charts.
(() => {
  "use strict";
  const root = document.documentElement;

  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-switch]");
    if (theme) {
      root.dataset.theme = dark() ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
      drawAll();
    }
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) unfold(toggle, !unfolded(toggle));
    for (const other of document.querySelectorAll("[data-toggle]")) {
      if (other !== toggle && unfolded(other) && !document.getElementById(other.dataset.toggle).contains(event.target)) unfold(other, false);
    }
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  const unfolded = (toggle) => toggle.getAttribute("aria-expanded") === "true";

  // <button data-toggle="id">: what is folded away at phone width; the focus goes into it.
  function unfold(toggle, open) {
    const part = document.getElementById(toggle.dataset.toggle);
    part.toggleAttribute("data-open", open);
    toggle.setAttribute("aria-expanded", String(open));
    if (open) part.querySelector("a, button")?.focus();
  }

  // The Escape key closes what is open, and the focus goes back to what opened it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (open.contains(document.activeElement)) open.querySelector("summary").focus();
      open.open = false;
    }
    for (const toggle of document.querySelectorAll("[data-toggle]")) {
      if (unfolded(toggle)) { unfold(toggle, false); toggle.focus(); }
    }
  });

  // A part is replaced while the focus is in it: the focus goes to what stands in its place then.
  const reached = (part) => [...part.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => !one.disabled && one.checkVisibility());
  let left = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.target, at = part ? reached(part).indexOf(document.activeElement) : -1;
    if (at >= 0) left = { part, at };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!left || document.activeElement !== document.body) return;
    const part = left.part.isConnected ? left.part : document.getElementById(left.part.id);
    const there = part ? reached(part) : [];
    there[Math.min(left.at, there.length - 1)]?.focus({ preventScroll: true });
    left = null;
  });

  // <div data-says="…">: a part that replaces itself; those who do not see it hear when what it says has changed.
  let said = null;
  document.addEventListener("htmx:load", () => {
    const part = document.querySelector("[data-says]");
    if (!part) return;
    if (said !== null && said !== part.dataset.says) document.getElementById("said").textContent = part.dataset.says;
    said = part.dataset.says;
  });

  // Tabs that do not fit: the present one is in sight.
  document.addEventListener("DOMContentLoaded", () => {
    for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 40;
  });

  // <select data-send>: what is chosen is shown at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-send]")) event.target.form.submit();
  });

  // <form data-ask="…">: asked before it is sent.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.ask;
    if (question && !confirm(question)) event.preventDefault();
  });

  // <button data-copy="id">: what stands there goes to the clipboard; where a browser refuses, it is marked to copy by hand.
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    const source = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.innerText.trim());
      toast(copy.dataset.copied, "good");
    } catch {
      getSelection().selectAllChildren(source);
    }
  });

  // A part that asks by itself, again and again, keeps no session alive, and does not ask while nobody looks.
  const asksItself = (part) => (part.getAttribute("hx-trigger") || "").startsWith("every");
  document.addEventListener("htmx:configRequest", (event) => {
    if (asksItself(event.detail.elt)) event.detail.headers["X-Quiet"] = "1";
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && asksItself(event.detail.elt)) event.preventDefault();
  });

  function toast(text, kind) {
    const shown = document.createElement("p");
    shown.className = `toast toast-${kind}`;
    shown.textContent = text;
    document.getElementById("toasts").append(shown);
    setTimeout(() => shown.remove(), 6000);
  }

  // What went wrong in a part of the page is said, and the page stays as it was.
  document.addEventListener("htmx:responseError", (event) => {
    const told = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").body.textContent.trim();
    toast(told || String(event.detail.xhr.status), "bad");
  });
  document.addEventListener("htmx:sendError", (event) => {
    const { offline, unreached } = document.body.dataset, words = event.detail.requestConfig.verb === "get" ? unreached : offline;
    const told = [...document.querySelectorAll(".toast")].some((one) => one.textContent === words); // what asks by itself asks often
    if (!told) toast(words, "bad");
  });
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind || "good"));

  // <figure class="chart" data-chart='{…}'>: an ECharts option; colours come from the theme.
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const drawn = new Map();

  // A colour of the theme may be told by its name: "--bad".
  const themed = (_, value) => (typeof value === "string" && value.startsWith("--") ? colour(value) : value);

  function draw(place) {
    const option = JSON.parse(place.dataset.chart, themed);
    const text = colour("--muted"), line = colour("--line");
    const axis = { axisLine: { lineStyle: { color: line } }, axisLabel: { color: text }, splitLine: { lineStyle: { color: line } } };
    for (const name of ["xAxis", "yAxis"]) if (option[name]) option[name] = { ...axis, ...option[name] };
    drawn.get(place)?.dispose();
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      color: ["--main", "--amber", "--bad", "--blue", "--violet"].map(colour),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      animation: false,
      grid: { left: 8, right: 12, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: { textStyle: { color: text }, top: 0 },
      ...option,
    });
    drawn.set(place, chart);
  }

  function drawAll(within = document) {
    if (typeof echarts === "undefined") return;
    for (const place of within.querySelectorAll("[data-chart]")) draw(place);
  }

  document.addEventListener("DOMContentLoaded", () => drawAll());
  // <meta name="charts" content="…">: the library is large, so it is fetched once the page has been painted.
  addEventListener("load", () => {
    const named = document.querySelector('meta[name="charts"]');
    if (!named) return;
    const library = document.createElement("script");
    library.src = named.content;
    library.onload = () => drawAll();
    requestAnimationFrame(() => setTimeout(() => document.head.append(library)));
  });
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  document.addEventListener("drawn", (event) => drawAll(event.target));
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
})();
