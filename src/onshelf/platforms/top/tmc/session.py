"""One connection's talk with the message service, from CONNECT on: frames in, messages and frames out. Pure.

Source: top-protocol 6.3 (CONNECT), 6.4 (SEND), 6.6 (delivery).
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from onshelf.errors import Refused, Unanswered
from onshelf.platforms.port import NAMELESS, PushMessage
from onshelf.platforms.top.protocol import sign
from onshelf.platforms.top.tmc.frames import BadFrame, Byte, Frame, Int64, Kind, Type, Value, decode, encode

METHOD = "tmc connect"
"""What errors name as the method."""

KIND = "__kind"
SDK = "onshelf"
MOST_CONTENT_BYTES = 4 * 1024 * 1024  # of a compressed content, unpacked; more is kept as it came
_FLAG = 1


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who connects."""

    app_key: str
    group: str  # consumer group: its connections share one queue
    token: str = ""  # what tmc.auth.get gave; "" for none


def connect(subscriber: Subscriber, secret: str, now_us: int) -> bytes:
    """Returns the first frame of a connection, signed; md5 whatever calls are signed with."""
    signed = {
        "app_key": subscriber.app_key,
        "group_name": subscriber.group,
        "timestamp": str(now_us // 1000),
    }
    customs: dict[str, Value] = {**signed, "sign": sign(signed, secret, "md5"), "sdk": SDK}
    if subscriber.token:
        customs["token"] = subscriber.token
    return encode(Frame(Type.CONNECT, customs, flag=_FLAG))


def acknowledged(data: bytes) -> "Session":
    """Reads the answer to CONNECT. Raises Refused when it is a no, Unanswered when it is none at all."""
    try:
        frame = decode(data)
    except BadFrame as error:
        raise Unanswered(METHOD, str(error)) from error
    if frame.status or frame.phrase:
        raise Refused(METHOD, frame.phrase or "", platform_code=frame.status or 0)
    if frame.type != Type.CONNECTACK or not frame.token:
        raise Unanswered(METHOD, f"a frame of type {frame.type} without a token")
    return Session(frame.token)


class Session:
    """A connection the service has accepted: its token stands in every frame."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.pull = self._frame({KIND: Byte(Kind.PULL)})
        """Asks for what is stored; messages come without it, too."""

    def confirm(self, delivery_id: int) -> bytes:
        """Says that a delivery is kept and need not come again. It gets no answer."""
        return self._frame({KIND: Byte(Kind.CONFIRM), "id": Int64(delivery_id)})

    def read(self, data: bytes) -> PushMessage | None:
        """Reads what came; None for what is no message. Bytes that are no frame are a message without a delivery id."""
        try:
            frame = decode(data)
        except BadFrame:
            return PushMessage(None, _digest(data), "", data)
        customs = frame.customs
        if frame.type != Type.SEND or customs.get(KIND) != Kind.DATA:
            return None
        delivery_id = customs.get("id")
        number = int(delivery_id) if isinstance(delivery_id, int) else None
        return PushMessage(
            delivery_id=number,
            data_id=_data_id(customs, number, data),
            topic=_text(customs.get("topic")),
            content=_content(customs.get("content")),
            user_id=_text(customs.get("userid")),
            nick=_text(customs.get("nick")),
        )

    def _frame(self, customs: Mapping[str, Value]) -> bytes:
        return encode(Frame(Type.SEND, customs, token=self._token))


def _data_id(customs: Mapping[str, Value], delivery_id: int | None, data: bytes) -> str:
    """Names what a message tells, the same in every delivery; the service sends it under two spellings."""
    told = _text(customs.get("data_id")) or _text(customs.get("dataid"))
    if told:
        return told
    return _digest(data) if delivery_id is None else f"{NAMELESS}{delivery_id}"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _content(value: Value) -> bytes:
    """Unpacks a compressed content; one that cannot be unpacked stays as it came."""
    if not isinstance(value, bytes):
        return b"" if value is None else str(value).encode("utf-8", "surrogateescape")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(value, MOST_CONTENT_BYTES)
    except zlib.error:
        return value
    return content if unpacker.eof else value


def _text(value: Value) -> str:
    """Returns a value as a text any database keeps: no lone surrogate, no zero character."""
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
