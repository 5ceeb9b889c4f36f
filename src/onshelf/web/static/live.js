// A page that follows what happens. `#live` tells what it was made from, and `/pulse` whether that still holds. When it does not, and now
// and then in any case, the page is asked for again, and those of its parts ([data-live]) that differ are put in their place: never one
// in which somebody types, has something open or has marked words. A hidden tab asks for one word a minute, so that its title stays true.
(() => {
  "use strict";
  const SEEN_MS = 3000, HIDDEN_MS = 60000, WHOLE_MS = 15000;
  const quiet = { headers: { "X-Quiet": "1" } };
  const live = document.getElementById("live");
  if (!live) return;
  let pulse = live.dataset.pulse, whole = performance.now(), timer = 0;

  const parts = (within) => [...within.querySelectorAll("[data-live]")];
  const made = new WeakMap(); // part -> as the server sent it: what a chart adds to the page is no difference
  const sent = (part) => made.get(part) ?? part.innerHTML; // one that a form's answer put in is as it was sent
  for (const part of parts(document)) made.set(part, part.innerHTML);

  const marked = (part) => { const words = getSelection(); return !words.isCollapsed && part.contains(words.anchorNode); };
  const busy = (part) => marked(part) || part.querySelector("details.drop[open], .htmx-request, input:focus, select:focus, textarea:focus");

  const name = (one) => [one.tagName, one.id, one.getAttribute("href"), one.getAttribute("aria-label"), one.textContent].join("|");

  function put(part, fresh) {
    const focused = part.contains(document.activeElement) ? name(document.activeElement) : "";
    const unfolded = [...part.querySelectorAll("details[id][open]")].map((one) => one.id);
    part.innerHTML = fresh.innerHTML;
    for (const id of unfolded) if (document.getElementById(id)) document.getElementById(id).open = true;
    made.set(part, fresh.innerHTML);
    htmx.process(part);
    part.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    if (!focused) return;
    const same = [...part.querySelectorAll("a, button, summary")].find((one) => name(one) === focused);
    (same || part).focus({ preventScroll: true });
  }

  async function refresh() {
    const answer = await fetch(location.href, quiet);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = page.getElementById("live");
    if (!answer.ok || !told) throw new Error("another page"); // signed out, or no longer permitted
    let left = false;
    for (const part of parts(document)) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === sent(part)) continue;
      if (busy(part)) left = true;
      else put(part, fresh);
    }
    const said = document.getElementById("live-said"), says = page.getElementById("live-said");
    if (said && says && said.textContent !== says.textContent) said.textContent = says.textContent;
    document.title = page.title;
    if (!left) pulse = told.dataset.pulse;
    whole = performance.now();
  }

  async function look() {
    timer = 0;
    try {
      const answer = await fetch("/pulse", quiet);
      const now = (await answer.text()).trim();
      if (!answer.ok || answer.redirected) throw new Error("no pulse");
      if (now !== pulse || (!document.hidden && performance.now() - whole > WHOLE_MS)) await refresh();
      live.hidden = true;
    } catch {
      live.hidden = false; // says that what is shown is no longer kept up
    }
    if (!timer) wait(); // hidden or looked at meanwhile, the next look is set already
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(look, document.hidden ? HIDDEN_MS : SEEN_MS);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) wait();
    else look();
  });
  wait();
})();
