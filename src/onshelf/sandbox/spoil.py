"""Replies, and what a fault makes of one whose work is done. Pure."""

from dataclasses import dataclass

from onshelf.sandbox import errors, wire
from onshelf.sandbox.faults import Order


@dataclass(slots=True)
class Reply:
    """An HTTP reply before it is compressed and sent."""

    body: bytes
    content_type: bytes = wire.JSON_TYPE
    status: int = 200
    slow_s: float = 0.0  # the body trickles over so long


def strike_after(reply: Reply, fault: Order) -> Reply:
    """Spoils the answer of a call whose work is done."""
    match fault.kind:
        case "cut_after":
            raise errors.ConnectionCut(fault.kind)
        case "isp_after":
            raise errors.BusinessError(fault.sub_code or "isp.remote-service-timeout", "API调用服务超时")
        case "http_5xx_after":
            return http_error(fault)
        case "truncate":
            reply.body = reply.body[: len(reply.body) // 2]
        case "bad_json":
            reply.body = b"<html>" + reply.body[1:]
        case "wrong_type":
            reply.content_type = b"text/html;charset=UTF-8"
        case "slow_body":
            reply.slow_s = fault.seconds
    return reply


def http_error(fault: Order) -> Reply:
    """Returns the answer of a proxy that lost its gateway."""
    body = b"<html><body><h1>%d Bad Gateway</h1></body></html>" % fault.status
    return Reply(body, b"text/html", fault.status)
