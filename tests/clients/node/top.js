// npm top, the platform's own people's: md5, local time, get unless told otherwise, answers through a callback.
"use strict";
const top = require("top");
const serve = require("./lines");

serve((order) => {
  const client = top.createClient({ appkey: order.app_key, appsecret: order.secret, REST_URL: process.argv[2] });
  const session = order.session ? { session: order.session } : {};
  const params = { ...order.params, ...session };
  return new Promise((resolve, reject) => {
    client.invoke(order.method, params, [], null, order.verb || "POST", (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
});
