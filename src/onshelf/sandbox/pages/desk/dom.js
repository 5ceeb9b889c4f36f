// Makes elements; text only ever becomes text, never markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// columns: [label, row → node or text, class?]; on a phone each row folds into lines that carry the label.
export function table(columns, rows, empty, chosen = () => false) {
  if (!rows.length) return el("p", { class: "none" }, empty);
  const cell = ([label, of, kind], row) => {
    const content = of(row);
    return el("td", { "data-label": label, class: kind }, ...(Array.isArray(content) ? content : [content ?? ""]).filter((one) => one !== ""));
  };
  return el("table", { class: "folds" },
    el("thead", {}, el("tr", {}, columns.map(([label, , kind]) => el("th", { scope: "col", class: kind }, label)))),
    el("tbody", {}, rows.map((row) => el("tr", { class: chosen(row) ? "chosen" : null }, columns.map((column) => cell(column, row))))));
}

const drawn = new WeakMap();
// Draws a node anew only when what it shows has changed, so that focus and selection outlive a look at the same state.
export function renew(node, data, draw) {
  const now = JSON.stringify(data);
  if (drawn.get(node) === now) return;
  drawn.set(node, now);
  node.replaceChildren(...[draw()].flat());
}

export const button = (label, onclick, kind) => el("button", { type: "button", class: kind, onclick }, label);
export const tag = (text, kind = "") => el("span", { class: `tag ${kind}` }, text);
export const field = (label, control) => el("label", {}, label, control);
export const card = (title, ...children) => el("section", { class: "card" }, title && el("h2", {}, title), ...children);
export const pairs = (rows) => el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

export function choice(options, value, onchange) {
  return el("select", { onchange, value }, options.map(([key, label]) => el("option", { value: key, selected: key === value }, label)));
}

// The filled-in fields of a form: numbers as numbers, blank ones left out.
export function filled(form) {
  const order = {};
  for (const control of form.elements) {
    if (!control.name || control.value.trim() === "") continue;
    if (control.type === "checkbox") { if (control.checked) order[control.name] = true; continue; }
    order[control.name] = control.type === "number" ? Number(control.value) : control.value.trim();
  }
  return order;
}
