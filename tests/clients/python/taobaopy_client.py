"""PyPI taobaopy: everything in a posted form, hmac, local time, gzip, repeats on isp.* by itself."""

import sys
from typing import Any

from lines import Order, Refused, serve
from taobaopy.taobao import TaoBaoAPIClient, TaoBaoAPIError

DOMAIN = sys.argv[1].removesuffix("/router/rest")


def call(order: Order) -> Any:
    client = TaoBaoAPIClient(order.app_key, order.secret, domain=DOMAIN)
    if order.session:
        client.set_access_token(order.session)
    prefix, _, rest = order.method.partition(".")
    try:
        return getattr(client, f"{prefix}__{rest.replace('.', '_')}")(**order.params, **order.opened())
    except TaoBaoAPIError as refusal:
        raise Refused(refusal.code, refusal.sub_code) from refusal


serve(call)
