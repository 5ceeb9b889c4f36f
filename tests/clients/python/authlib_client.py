"""PyPI Authlib: a client of OAuth at large, told to name its app in the form.

An order is no method of the gateway: `link` takes `redirect_uri` and `state`, `code` takes `code`, `refresh` takes `refresh_token`.
"""

import sys
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from lines import Order, Refused, serve

OAUTH = sys.argv[1].removesuffix("/router/rest") + "/oauth"


def call(order: Order) -> Any:
    back = order.params.get("redirect_uri")
    session = OAuth2Session(
        order.app_key, order.secret, redirect_uri=back, token_endpoint_auth_method="client_secret_post"
    )
    try:
        if order.method == "link":
            return session.create_authorization_url(f"{OAUTH}/authorize", state=order.params["state"])[0]
        if order.method == "code":
            return session.fetch_token(f"{OAUTH}/token", code=order.params["code"])
        return session.refresh_token(f"{OAUTH}/token", refresh_token=order.params["refresh_token"])
    except OAuthError as refusal:
        raise Refused(refusal.error, refusal.description) from refusal


serve(call)
