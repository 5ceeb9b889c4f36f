// What the pages of products do in the browser: choose a leaf category, add and take out rows, files dropped on the page.
(() => {
  "use strict";

  function pick(button) {
    const picker = button.closest("[data-picker]");
    const value = picker.querySelector("[data-picked]");
    value.value = button.dataset.leaf;
    picker.querySelector("[data-picked-name]").replaceChildren(...[...button.childNodes].map((node) => node.cloneNode(true)));
    picker.querySelector(".picker-found").replaceChildren();
    const search = picker.querySelector("input[type=search]");
    search.value = "";
    picker.querySelector("details")?.removeAttribute("open");
    (picker.querySelector("summary") || search).focus();
    value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function addRow(button) {
    const place = document.getElementById(button.dataset.to);
    const row = document.getElementById(button.dataset.addRow).content.cloneNode(true);
    const found = row.querySelector("input[type=search]");
    if (found) found.id = `leaf-new-${place.children.length}`;
    place.append(row);
    htmx.process(place.lastElementChild);
    place.lastElementChild.querySelector("input").focus();
  }

  function fill(button) {
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  // <form data-stay>: its fields ask by themselves; the Enter key leads nowhere.
  document.addEventListener("submit", (event) => {
    if ("stay" in event.target.dataset) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const acts = { "[data-leaf]": pick, "[data-add-row]": addRow, "[data-fill]": fill };
    for (const [name, act] of Object.entries(acts)) {
      const button = event.target.closest(name);
      if (button) act(button);
    }
    event.target.closest("[data-remove-row]")?.closest("[data-row]").remove();
  });

  // <form data-upload>: sent as soon as a file is chosen or dropped, with its progress; the answer leads on.
  function send(form) {
    const state = form.querySelector(".upload-state"), bar = state.querySelector("progress");
    const say = (words) => { state.querySelector("[data-upload-words]").textContent = words; };
    const request = new XMLHttpRequest();
    state.hidden = false;
    form.dataset.busy = "";
    say(form.dataset.sending);
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; };
    request.upload.onload = () => { bar.removeAttribute("value"); say(form.dataset.reading); };
    request.onerror = () => { delete form.dataset.busy; say(form.dataset.lost); };
    request.onload = () => {
      const next = request.getResponseHeader("HX-Redirect");
      if (next) { location.assign(next); return; }
      delete form.dataset.busy;
      state.hidden = true;
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      document.getElementById("told").replaceChildren(...answer.querySelectorAll("#told > *, .notice-bad"));
      form.reset();
    };
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRF", form.elements.csrf.value);
    request.send(new FormData(form));
  }

  // <form data-pictures>: pictures are sent a few at a time; what became of them is told above.
  const AT_ONCE = 20;
  const isPicture = (file) => /\.(jpe?g|png|gif)$/i.test(file.name);

  function lost(told, words) {
    const notice = document.createElement("p");
    notice.className = "notice notice-bad";
    notice.setAttribute("role", "alert");
    notice.textContent = words;
    told.append(notice);
  }

  async function sendPictures(form, files) {
    const bar = form.querySelector("progress"), told = document.getElementById("told");
    let kept = 0;
    told.replaceChildren();
    bar.hidden = false;
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const data = new FormData();
      for (const file of files.slice(at, at + AT_ONCE)) data.append("file", file);
      const headers = { "HX-Request": "true", "X-CSRF": form.elements.csrf.value };
      const answer = await fetch(form.action, { method: "POST", body: data, headers }).catch(() => null);
      const next = answer?.headers.get("HX-Redirect");
      if (next) { location.assign(next); return; }
      if (!answer) { lost(told, form.dataset.lost); break; }
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      const good = parts.querySelector("[data-kept]"), before = told.querySelector("[data-kept]");
      kept += Number(good?.dataset.kept || 0);
      if (good) good.querySelector("p").textContent = form.dataset.kept.replace("#", String(kept));
      if (good && before) before.replaceWith(good);
      told.append(...parts.children);
      bar.value = (100 * (at + AT_ONCE)) / files.length;
    }
    bar.hidden = true;
    form.reset();
  }

  document.addEventListener("change", (event) => {
    if (event.target.type !== "file" || !event.target.files.length) return;
    const form = event.target.closest("form[data-upload]"), pictures = event.target.closest("form[data-pictures]");
    if (form) send(form);
    if (pictures) sendPictures(pictures, [...event.target.files]);
  });
  const early = document.querySelector("form[data-upload]");
  if (early?.elements.file.files.length) send(early); // chosen before this script was there
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = document.querySelector("form[data-upload]"), album = document.querySelector("form[data-pictures]");
      if (!(form || album) || ![...(event.dataTransfer?.types || [])].includes("Files")) return;
      event.preventDefault();
      (form || album).toggleAttribute("data-over", name === "dragenter" || name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      const files = [...event.dataTransfer.files], pictures = files.filter(isPicture);
      const table = files.find((file) => !isPicture(file));
      const first = pictures.length ? sendPictures(album, pictures) : Promise.resolve();
      if (!table || !form) return;
      first.then(() => {
        const only = new DataTransfer();
        only.items.add(table);
        form.elements.file.files = only.files;
        send(form);
      });
    });
  }

  // <form data-busy="…">: pressed once; its button says what goes on until the next page is there.
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset.busy;
    if (!words || event.defaultPrevented) return;
    const button = event.submitter;
    setTimeout(() => { button.disabled = true; button.textContent = words; }, 0);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
