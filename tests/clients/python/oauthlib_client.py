"""PyPI requests-oauthlib: the standard's own client, for whom the platform is one provider of many.

An order is no method of the gateway: `link` takes `redirect_uri` and `state`, `code` takes `code`, `refresh` takes `refresh_token`.
"""

import os
import sys
from typing import Any

from lines import Order, Refused, serve
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

OAUTH = sys.argv[1].removesuffix("/router/rest") + "/oauth"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # it refuses plain http, even on this machine


def call(order: Order) -> Any:
    session = OAuth2Session(order.app_key, redirect_uri=order.params.get("redirect_uri"))
    own = {"client_secret": order.secret, "include_client_id": True}
    try:
        if order.method == "link":
            return session.authorization_url(f"{OAUTH}/authorize", state=order.params["state"])[0]
        if order.method == "code":
            return session.fetch_token(f"{OAUTH}/token", code=order.params["code"], **own)
        again = {"client_id": order.app_key, "client_secret": order.secret}
        return session.refresh_token(f"{OAUTH}/token", refresh_token=order.params["refresh_token"], **again)
    except OAuth2Error as refusal:
        raise Refused(refusal.error, refusal.description) from refusal


serve(call)
