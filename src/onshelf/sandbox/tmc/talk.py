"""What client and service say to each other: who may connect, and the frames of each answer and push. Pure.

Refusals have the gateway's codes and texts: the service's own are not documented.
Source: reference/top-protocol.md 6.3, 6.4 and 13.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from onshelf.sandbox import errors, wire
from onshelf.sandbox.state import App
from onshelf.sandbox.tmc.exchange import DEFAULT_GROUP, Key
from onshelf.sandbox.tmc.frames import Format, Frame, Kind, Value, byte, date, int64, packed, text
from onshelf.sandbox.tmc.queue import Delivery

SKEW_MS = 600_000
GZIP_ABOVE_BYTES = 2048  # content beyond it goes as a byte array
GZIP_OR_ZLIB = 47  # zlib's wbits: either header
MOST_CONTENT_BYTES = 122_880


class What(IntEnum):
    """What a SEND is about: its `__kind`."""

    NONE = 0
    PULL = 1
    CONFIRM = 2
    DATA = 3
    FAILED = 20


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is connected, and for which group."""

    app_key: str
    group: str

    @property
    def key(self) -> Key:
        """Returns the queue it consumes."""
        return self.app_key, self.group


def admit(frame: Frame, apps: Mapping[str, App], now: float) -> Caller:
    """Checks a CONNECT: app, timestamp, signature, and the token of tmc.auth.get when one came. Raises: ApiError.

    A group nobody was added to may connect; it gets nothing.
    """
    app_key, timestamp = frame.word("app_key"), frame.word("timestamp")
    if not app_key:
        raise errors.MissingAppKey
    app = apps.get(app_key)
    if app is None:
        raise errors.InvalidAppKey
    _check_timestamp(timestamp, now)
    group = frame.word("group_name")
    _check_sign(frame.word("sign"), app, group, timestamp)
    group = group or DEFAULT_GROUP
    if frame.word("token") not in ("", auth_token(app, group)):
        raise errors.InvalidSession
    return Caller(app_key, group)


def _check_timestamp(timestamp: str, now: float) -> None:
    if not timestamp:
        raise errors.MissingTimestamp
    digits = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 15
    if not digits or abs(int(timestamp) - now * 1000) > SKEW_MS:
        raise errors.InvalidTimestamp


def _check_sign(given: str, app: App, group: str, timestamp: str) -> None:
    if not given:
        raise errors.MissingSignature
    signed = {"app_key": app.app_key, "group_name": group, "timestamp": timestamp}
    if wire.sign(signed.items(), app.app_secret, "md5") != given:
        raise errors.InvalidSignature


def auth_token(app: App, group: str) -> str:
    """Returns what tmc.auth.get answers: the same for an app and group until its secret changes."""
    return hashlib.sha256(f"{app.app_secret}/{app.app_key}/{group}".encode()).hexdigest()


def welcome(frame: Frame, token: str) -> Frame:
    """Answers a CONNECT that was admitted, with its version and flag."""
    return Frame(Kind.CONNECTACK, frame.version, flag=frame.flag, token=token)


def refuse(frame: Frame, refusal: errors.ApiError, token: str = "") -> Frame:
    """Answers a CONNECT or a SEND that was refused; any status means failure to a client.

    The official client takes no answer to a SEND without the connection's token.
    """
    kind = Kind.CONNECTACK if frame.kind == Kind.CONNECT else Kind.SENDACK
    phrase = refusal.sub_msg or refusal.sub_code or refusal.text
    return Frame(kind, frame.version, status=refusal.code, phrase=phrase, flag=frame.flag, token=token)


def accept(frame: Frame, token: str) -> Frame:
    """Answers a SEND that asked for an answer by its flag."""
    return Frame(Kind.SENDACK, frame.version, flag=frame.flag, token=token)


def push(delivery: Delivery, token: str, version: int) -> Frame:
    """Writes a message as it is pushed: both spellings of its data id, content beyond a size gzipped.

    The order is the one of every captured frame: some clients read no further than what they do not know.
    """
    message = delivery.message
    data_id, born = int64(message.data_id), date(message.born_at)
    customs = {
        "topic": text(message.topic),
        "userid": int64(message.user_id),
        "__kind": byte(What.DATA),
        "publisher": text(message.publisher),
        "retried": byte(delivery.retried),
        "content": _content(message.content, version),
        "id": int64(delivery.id),
        "data_id": data_id,
        "time": born,
        "nick": text(message.nick),
        "dataid": data_id,
        "born_time": born._replace(format=Format.INT64),  # no date in the captured frames
        "outtime": date(delivery.at),
    }
    return Frame(Kind.SEND, version, token=token, customs=customs)


def _content(content: str, version: int) -> Value:
    if version == 1 or len(content) <= GZIP_ABOVE_BYTES:
        return text(content)
    return packed(wire.gzip(content.encode()))


def content_of(frame: Frame) -> str:
    """Reads the content of a message that a client publishes, gzipped or not. Raises: InvalidArguments, MissingArguments."""
    content = frame.get("content")
    if isinstance(content, bytes):
        content = _unpacked(content)
    if not isinstance(content, str) or not content:
        raise errors.MissingArguments("content")
    return content


def _unpacked(content: bytes) -> str:
    unpacker = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        raw = unpacker.decompress(content, MOST_CONTENT_BYTES)
        if unpacker.eof:
            return raw.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise errors.InvalidArguments("content") from error
    raise errors.InvalidArguments("content")
