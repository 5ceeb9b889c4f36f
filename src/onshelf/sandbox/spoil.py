"""Replies, and what a fault makes of one whose work is done. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onshelf.sandbox import errors, wire
from onshelf.sandbox.faults import Order
from onshelf.sandbox.wire import Json


@dataclass(slots=True)
class Reply:
    """An HTTP reply before it is compressed and sent."""

    body: bytes
    content_type: bytes = wire.JSON_TYPE
    status: int = 200
    slow_s: float = 0.0  # the body trickles over so long
    cut: bool = False  # the connection is closed in the middle of the body


def strike_after(reply: Reply, fault: Order) -> Reply:
    """Spoils the answer of a call whose work is done."""
    match fault.kind:
        case "cut_after":
            raise errors.ConnectionCut(fault.kind)
        case "cut_body":
            reply.cut = True
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


def degrade(value: Any, fields: frozenset[str]) -> Any:
    """Returns a result without these fields at any depth, as on promotion days; the result itself stays as it is."""
    if isinstance(value, list):
        return [degrade(one, fields) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: degrade(one, fields) for name, one in value.items() if name not in fields}


def shift_page(page: Json, rows: int, size: int, neighbour: Callable[[], Json]) -> Json:
    """Returns a page as it is when rows before it have gone (`rows` above 0: as many are missed) or come (below: seen twice).

    `neighbour` answers the next page, or for rows below 0 the page before. A reply without a list stays as it is.
    """
    other = neighbour()
    place = _list_place(page) or _list_place(other)
    if place is None:
        return page
    name, element = place
    here, there = _rows(page, name, element), _rows(other, name, element)
    shifted = here[rows:] + there[:rows] if rows > 0 else (there[size + rows :] + here)[:size]
    return {**{key: one for key, one in page.items() if key != name}, **wire.listed(name, element, shifted)}


def _list_place(result: Json) -> tuple[str, str] | None:
    for name, wrapped in result.items():
        if isinstance(wrapped, dict) and len(wrapped) == 1:
            ((element, rows),) = wrapped.items()
            if isinstance(rows, list):
                return name, element
    return None


def _rows(result: Json, name: str, element: str) -> list[Any]:
    found: list[Any] = result.get(name, {}).get(element, [])
    return found
