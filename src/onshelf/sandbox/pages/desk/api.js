// Talks to the sandbox's own controls.

export class Refused extends Error {}

async function ask(verb, path, body) {
  let reply;
  try {
    reply = await fetch(`/_sandbox/${path}`, { method: verb, body, headers: { accept: "application/json" } });
  } catch {
    throw new Refused("offline");
  }
  const content = await reply.json();
  if (!reply.ok) throw new Refused(content.error ?? `HTTP ${reply.status}`);
  return content;
}

export const get = (path) => ask("GET", path);
export const post = (path, order) => ask("POST", path, order instanceof Blob ? order : JSON.stringify(order ?? {}));
export const remove = (path) => ask("DELETE", path);

export async function snapshot() {
  const reply = await fetch("/_sandbox/snapshot", { method: "POST" });
  return reply.blob();
}
