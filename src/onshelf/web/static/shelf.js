// The shelf: the ticked items are counted, and what is done to them waits for the first tick.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-chosen]");
    if (!form) return;
    if (event.target.matches("[data-chosen-all]")) {
      for (const one of form.querySelectorAll("[name=items]:not(:disabled)")) one.checked = event.target.checked;
    }
    count(form);
  });
  // Enter on a tick would press the first button that is not disabled: the one for all that match.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("form[data-chosen] input[type=checkbox]")) event.preventDefault();
  });
  // Ticks are there from the start when the page comes back: by its address, or as the browser remembers it.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-chosen]").forEach(count));
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("form[data-chosen]").forEach(count));

  function count(form) {
    const place = form.querySelector("[data-chosen-count]");
    if (!place) return; // somebody who may only look
    const ticked = form.querySelectorAll("[name=items]:checked").length;
    place.dataset.none ||= place.textContent;
    const words = ticked ? place.dataset.chosenCount.replace("#", String(ticked)) : place.dataset.none;
    if (place.textContent !== words) place.textContent = words;
    for (const act of form.querySelectorAll("[data-chosen-act]")) act.disabled = !ticked;
  }
})();
