"""One call over all its attempts, and what its reply says: values only. Pure."""

from typing import Any, Generic, TypeVar

import msgspec

from onshelf.errors import PlatformError, Refused
from onshelf.platforms.port import Lane, Send, ShopRef
from onshelf.platforms.top.outcomes import BAD_TIMESTAMP, Kind, ban_scope
from onshelf.platforms.top.protocol import Format, Prepared, Refusal, Unparsable, parse_reply
from onshelf.platforms.transport import Response

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """What the gateway answered, and when by our clock."""

    value: T
    asked_us: int  # just before the send
    answered_us: int  # just after the reply


class Call(msgspec.Struct, Generic[T], frozen=True):
    """What is sent, how, and what is expected of it."""

    prepared: Prepared
    reply: type[T]
    shop: ShopRef
    kind: Kind
    lane: Lane
    send: Send
    authorised: bool
    not_after_us: int  # the send's own, or the end of the client's patience
    method: str
    reply_format: Format
    simplified: bool


def read_response(response: Response, call: Call[T]) -> T | Refusal:
    """Decodes a reply; an HTTP status other than 200 is no answer unless it carries the platform's own refusal.

    Raises Unparsable.
    """
    if response.status < 500:
        found = parse_reply(
            response.body, call.method, call.reply, call.reply_format, simplified=call.simplified
        )
        if response.status == 200 or isinstance(found, Refusal):
            return found
    raise Unparsable(f"HTTP {response.status}")


def banned_scope(refusal: Refusal, call: Call[Any]) -> str:
    """Names what a ban holds up, as the quota knows it."""
    match ban_scope(refusal):
        case "method":
            return f"method:{call.method}"
        case "shop":
            return f"shop:{call.shop.shop_id}"
    return "app"


def is_wrong_clock(error: PlatformError) -> bool:
    """Tells whether the gateway refused our time."""
    return isinstance(error, Refused) and error.platform_code == BAD_TIMESTAMP


def request_id_of(found: object) -> str:
    """Returns the platform's own id of a call; "" when the reply does not tell."""
    if isinstance(found, dict):
        return str(found.get("request_id", ""))
    return getattr(found, "request_id", "")
