// npm ali-topSdk: md5, local time, every field a part of its own even in plain reads, files under their parameter's name.
"use strict";
const { ApiClient } = require("ali-topSdk");
const serve = require("./lines");

serve((order) => {
  const client = new ApiClient({ appkey: order.app_key, appsecret: order.secret, url: process.argv[2] });
  const files = Object.entries(order.files || {}).map(([name, content]) => [name, Buffer.from(content, "base64")]);
  const session = order.session ? { session: order.session } : {};
  const params = { ...order.params, ...session, ...Object.fromEntries(files) };
  return new Promise((resolve, reject) => {
    client.invoke(order.method, params, [], (error, answer) => {
      if (!error) return resolve(answer);
      if (error.msg) error.name = "TOPClientError"; // it hands on the platform's own words; a line's end of its own has none
      reject(error);
    });
  });
});
