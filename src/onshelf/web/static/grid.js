// The list of products as a sheet: Enter and the arrows go from row to row, Esc takes back, a column copied from a workbook is pasted down.
(() => {
  "use strict";
  const CELL = "td.cell input.cell-input";
  const isCell = (element) => element instanceof Element && element.matches(`table.grid ${CELL}`);

  // The cell so many rows and editable columns further; null: there is none.
  function cellFrom(cell, down, right) {
    const rows = [...cell.closest("tbody").rows], place = cell.closest("td").cellIndex;
    const row = rows[rows.indexOf(cell.closest("tr")) + down];
    const next = row && [...row.querySelectorAll(CELL)].filter((one) => one.closest("td").cellIndex >= place)[right];
    return next && (right || next.closest("td").cellIndex === place) ? next : null;
  }

  function go(cell, down) {
    for (let step = down, next; ; step += down) {
      if (Math.abs(step) > cell.closest("tbody").rows.length) return false;
      next = cellFrom(cell, step, 0);
      if (next) { next.focus(); next.select(); return true; }
    }
  }

  function write(cell, value) {
    if (cell.value === value) return;
    cell.value = value;
    cell.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!isCell(cell) || event.isComposing) return;
    const down = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") write(cell, cell.dataset.was);
    if (!down) return;
    event.preventDefault();
    if (!go(cell, down)) { cell.blur(); cell.focus(); } // left for a moment, so it is saved
  });

  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!isCell(event.target) || !/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
    let pasted = 0, left = 0;
    lines.forEach((line, down) => line.split("\t").forEach((value, right) => {
      const cell = cellFrom(event.target, down, right);
      if (!cell) { left += 1; return; }
      pasted += 1;
      write(cell, value.trim());
    }));
    const told = event.target.closest("table").dataset;
    const words = told.pasted.replace("#", String(pasted)) + (left ? told.pastedOver.replace("#", String(left)) : "");
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: words, kind: left ? "bad" : "good" } }));
  });

  // A cell whose value did not arrive says so and keeps it; leaving it once more sends it again.
  for (const failed of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failed, ({ target: cell }) => {
      if (!isCell(cell)) return;
      const words = document.createElement("p");
      words.className = "cell-fault";
      words.setAttribute("role", "alert");
      words.textContent = cell.closest("table").dataset.unsaved;
      for (const old of [...cell.parentElement.children].filter((one) => one !== cell)) old.remove();
      cell.after(words);
      cell.setAttribute("aria-invalid", "true");
      cell.dataset.unsaved = "";
    });
  }
  document.addEventListener("htmx:beforeRequest", ({ target: cell }) => { if (isCell(cell)) delete cell.dataset.unsaved; });
  document.addEventListener("focusout", ({ target: cell }) => {
    if (isCell(cell) && "unsaved" in cell.dataset) cell.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // A cell that was saved is drawn anew; who stands in it goes on standing there.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target;
    if (!(place instanceof Element) || !place.matches("td.cell") || !place.contains(document.activeElement)) return;
    place.addEventListener("htmx:afterSwap", () => place.querySelector(CELL.split(" ")[1])?.focus(), { once: true });
  });
})();
