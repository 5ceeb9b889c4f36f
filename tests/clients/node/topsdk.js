// npm topsdk: md5, local time, big numbers as text, multipart from a library, answers as a stream too.
"use strict";
const { PassThrough } = require("node:stream");
const { text } = require("node:stream/consumers");
const TopClient = require("topsdk");
const serve = require("./lines");

serve((order) => {
  const plain = order.params.format === "xml" || order.params.simplify;
  const client = new TopClient(order.app_key, order.secret, { endpoint: process.argv[2], useValidators: false });
  const files = Object.entries(order.files || {}).map(([name, content]) => [
    name,
    { value: Buffer.from(content, "base64"), options: { filename: "a.png" } },
  ]);
  const session = order.session ? { session: order.session } : {};
  const params = { ...order.params, ...session, ...Object.fromEntries(files) };
  const call = client.execute(order.method, params, files.length ? "FILE_UPLOAD" : order.verb || "POST");
  return plain ? streamed(call) : call;
});

// It takes answers apart by their root; those without one are had as a stream.
async function streamed(call) {
  const answer = await text(call.pipe(new PassThrough()));
  return answer.startsWith("{") ? JSON.parse(answer) : answer;
}
