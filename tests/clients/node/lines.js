// The line protocol of the adapters; ../python/lines.py tells it.
"use strict";
const readline = require("node:readline");

async function outcome(call, line) {
  try {
    return { answer: await call(JSON.parse(line)) };
  } catch (error) {
    if (error && error.name === "TOPClientError") return { refused: [error.code, error.sub_code || ""] };
    return { failed: String(error) };
  }
}

module.exports = async function serve(call) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await outcome(call, line)) + "\n");
  }
};
