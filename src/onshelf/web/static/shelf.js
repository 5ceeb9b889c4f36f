// The shelf: the ticked items are counted.
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

  function count(form) {
    const place = form.querySelector("[data-chosen-count]");
    const ticked = form.querySelectorAll("[name=items]:checked").length;
    place.dataset.none ||= place.textContent;
    place.textContent = ticked ? place.dataset.chosenCount.replace("#", String(ticked)) : place.dataset.none;
  }
})();
