// npm simple-oauth2: the standard's own client, told to name its app in the form.
// An order is no method of the gateway: `link` takes `redirect_uri` and `state`, `code` takes `code`, `refresh` takes `refresh_token`.
"use strict";
const { AuthorizationCode } = require("simple-oauth2");
const serve = require("./lines");

const tokenHost = new URL(process.argv[2]).origin;

serve((order) => {
  const client = new AuthorizationCode({
    client: { id: order.app_key, secret: order.secret },
    auth: { tokenHost, tokenPath: "/oauth/token", authorizePath: "/oauth/authorize" },
    options: { authorizationMethod: "body" },
  });
  if (order.method === "link") return client.authorizeURL(order.params);
  const token =
    order.method === "code" ? client.getToken(order.params) : client.createToken(order.params).refresh();
  return token.then((one) => one.token).catch(refuse);
});

function refuse(error) {
  const said = error.data && error.data.payload;
  if (!said) throw error;
  throw Object.assign(new Error(), { name: "TOPClientError", code: said.error, sub_code: said.error_description });
}
