"""PyPI py-taobao-open: the platform's Python SDK, made fit for Python 3 by somebody else; files come out as no file's bytes."""

import sys
from typing import Any
from urllib.parse import urlsplit

import taobao_open
from lines import Order, Refused, serve
from taobao_open.api.base import RestApi, TopException

GATEWAY = urlsplit(sys.argv[1])


def call(order: Order) -> Any:
    request = type("Request", (RestApi,), {"getapiname": lambda _self: order.method})(
        GATEWAY.hostname, GATEWAY.port
    )
    request.set_app_info(taobao_open.appinfo(order.app_key, order.secret))
    for name, value in order.params.items():
        setattr(request, name, value)
    try:
        return request.getResponse(order.session or None)
    except TopException as refusal:
        raise Refused(refusal.errorcode, refusal.subcode or "") from refusal


serve(call)
