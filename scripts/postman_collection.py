"""The Postman collection: every typed method as a request that signs itself, made from the catalogue.

A person imports `docs/reference/postman.json` and fills in five variables; `newman run` makes all the calls.
"""

import json
import sys
from typing import Any

from method_names import FAMILIES, family_of

from onshelf.platforms.top import catalogue
from onshelf.platforms.top.arguments import needs_session
from onshelf.platforms.top.catalogue import Method, Param, example, some_fields, typed

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
PICTURE = "postman-picture.png"
VARIABLES = {
    "gateway": "http://127.0.0.1:8080/router/rest",
    "app_key": "12345678",
    "app_secret": "helloworld",
    "session": "test",
    "sign_method": "hmac",
    "num_iid": "11223344",
    "tid": "1234567890123456",
    "refund_id": "12345678",
    "nick": "seller",
}
"""Name -> default: those of the sandbox's first shop."""

FROM_VARIABLES = {
    "num_iid": "num_iid",
    "num_iids": "num_iid",
    "item_id": "num_iid",
    "tid": "tid",
    "tids": "tid",
    "trade_id": "tid",
    "refund_id": "refund_id",
    "nick": "nick",
    "nicks": "nick",
}
"""Parameter -> the variable its example is."""

EXAMPLES = {
    "image_urls": "i1/1/T1.jpg",
    "props": "20000:29534",
    "skuid_quantities": "1:1",
    "images": "https://img.alicdn.com/imgextra/i1/1/T1.jpg",
}

PRE_REQUEST = """
const digest = require('crypto-js');
const now = new Date(Date.now() + 8 * 3600 * 1000);  // the platform's clock is GMT+8
const timestamp = now.toISOString().slice(0, 19).replace('T', ' ');
const secret = pm.variables.get('app_secret');
const signMethod = pm.variables.get('sign_method');

const upload = pm.request.body.mode === 'formdata';
const own = upload ? pm.request.url.query : pm.request.body.urlencoded;
own.upsert({ key: 'timestamp', value: timestamp });
own.remove('sign');

// What is signed: every parameter that is sent and not blank, but no file.
const sent = own.all().concat(upload ? pm.request.body.formdata.all() : []);
const text = sent
  .filter((pair) => !pair.disabled && pair.type !== 'file')
  .map((pair) => [pair.key, pm.variables.replaceIn(String(pair.value ?? ''))])
  .filter(([, value]) => value.trim() !== '')
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([key, value]) => key + value)
  .join('');

const digests = {
  md5: () => digest.MD5(secret + text + secret),
  hmac: () => digest.HmacMD5(text, secret),
  'hmac-sha256': () => digest.HmacSHA256(text, secret),
};
own.upsert({ key: 'sign', value: digests[signMethod]().toString().toUpperCase() });
"""

TEST = """
const upload = pm.request.body.mode === 'formdata';
const own = upload ? pm.request.url.query : pm.request.body.urlencoded;
const root = own.get('method').replace(/^taobao\\\\./, '').replace(/\\\\./g, '_') + '_response';
const body = pm.response.json();

pm.test('HTTP 200', () => pm.response.to.have.status(200));
pm.test('an answer of this method, or a refusal by the platform', () => {
  pm.expect(Object.keys(body)).to.have.members([body.error_response ? 'error_response' : root]);
});
pm.test('nothing is wrong with the form of the request', () => {
  const code = body.error_response ? body.error_response.code : 0;
  pm.expect(code).not.to.be.oneOf([21, 22, 23, 24, 25, 28, 29, 30, 31, 32, 33, 34, 40, 41]);
});
""".replace("\\\\", "\\")


def collection() -> str:
    """Returns the collection of the typed methods as JSON text."""
    return written(
        "The 235 methods onshelf knows with all their limits. Set gateway, app_key, app_secret and "
        "session; each request signs itself. Made by `make methods`.",
        [folder(family) for family in FAMILIES],
    )


def whole() -> str:
    """Returns a collection of every method of both catalogues; too large to ship, made when all are to be tried."""
    known = ((name, catalogue.describe(name)) for name in catalogue.names())
    return written("Every known method.", [item(name, method) for name, method in known if method])


def written(description: str, items: list[dict[str, Any]]) -> str:
    made = {
        "info": {"name": "Taobao Open Platform", "description": description, "schema": SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in VARIABLES.items()],
        "event": [script("prerequest", PRE_REQUEST), script("test", TEST)],
        "item": items,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def script(when: str, code: str) -> dict[str, Any]:
    return {"listen": when, "script": {"type": "text/javascript", "exec": code.strip().splitlines()}}


def folder(family: str) -> dict[str, Any]:
    chosen = [(name, method) for name, method in typed().items() if family_of(name) == family]
    return {"name": FAMILIES[family][0], "item": [item(name, method) for name, method in chosen]}


def item(name: str, method: Method) -> dict[str, Any]:
    """Makes one request: required parameters filled in, the others there to be switched on."""
    upload = any(param.type == "bytes" for param in method.params)
    own, given = protocol(name), [parameter(param, method) for param in method.params]
    url: dict[str, Any] = {"raw": "{{gateway}}", "host": ["{{gateway}}"]}
    if upload:
        url |= {"raw": "{{gateway}}?" + "&".join(f"{one['key']}={one['value']}" for one in own), "query": own}
    body: dict[str, Any] = (
        {"mode": "formdata", "formdata": given}
        if upload
        else {"mode": "urlencoded", "urlencoded": [*own, *given]}
    )
    return {
        "name": name,
        "request": {"method": "POST", "url": url, "body": body, "description": describe(method)},
    }


def describe(method: Method) -> str:
    return "\n\n".join(part for part in (f"{method.title} ({method.status})", method.notes) if part)


def protocol(name: str) -> list[dict[str, Any]]:
    values = {
        "method": name,
        "app_key": "{{app_key}}",
        "v": "2.0",
        "format": "json",
        "sign_method": "{{sign_method}}",
    }
    if needs_session(name):
        values["session"] = "{{session}}"
    return [{"key": key, "value": value} for key, value in values.items()]


def parameter(param: Param, method: Method) -> dict[str, Any]:
    row: dict[str, Any] = {"key": param.name, "description": param.meaning}
    if param.type == "bytes":
        row |= {"type": "file", "src": PICTURE}
    else:
        row |= {"type": "text", "value": value_of(param, method)}
    return row if param.required else {**row, "disabled": True}


def value_of(param: Param, method: Method) -> str:
    if param.name == "fields":
        return ",".join(some_fields(method))
    value = filled(param)
    if param.is_json:
        return json.dumps([value] if param.list else value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def filled(param: Param) -> Any:
    """Returns an example: a variable where it names something of the shop, an object with its required fields."""
    if param.name in FROM_VARIABLES:
        return "{{" + FROM_VARIABLES[param.name] + "}}"
    if param.fields:
        return {field.name: filled(field) for field in param.fields if field.required}
    return EXAMPLES.get(param.name) or example(param)


if __name__ == "__main__":
    sys.stdout.write(whole())
