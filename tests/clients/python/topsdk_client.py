"""The platform's own Python SDK (PyPI topsdk): parameters in the address and the body, md5, milliseconds, its own multipart."""

import sys
from typing import Any
from urllib.parse import urlsplit

import top
from lines import Order, Refused, serve
from top.api.base import FileItem, RestApi, TopException

GATEWAY = urlsplit(sys.argv[1])


def call(order: Order) -> Any:
    named = {
        "getapiname": lambda _self: order.method,
        "getMultipartParas": lambda _self: list(order.files),
    }
    request = type("Request", (RestApi,), named)(GATEWAY.hostname, GATEWAY.port)
    request.set_app_info(top.appinfo(order.app_key, order.secret))
    for name, value in order.params.items():
        setattr(request, name, value)
    for name, content in order.opened().items():
        setattr(request, name, FileItem("a.gif", content))
    try:
        return request.getResponse(order.session or None)
    except TopException as refusal:
        raise Refused(refusal.errorcode, refusal.subcode or "") from refusal


serve(call)
