// npm node-taobao-topclient: everything in one form or address, md5, local time; knows no files.
"use strict";
const TopClient = require("node-taobao-topclient").default;
const serve = require("./lines");

serve((order) => {
  const client = new TopClient({ appkey: order.app_key, appsecret: order.secret, REST_URL: process.argv[2] });
  const session = order.session ? { session: order.session } : {};
  return client.invoke(order.method, { ...order.params, ...session }, [], null, order.verb || "POST");
});
