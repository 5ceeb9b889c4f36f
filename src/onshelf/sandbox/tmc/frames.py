"""Bytes of the message service's protocol, version 2: frame to bytes and back, little-endian. Pure; the client has its own.

Source: reference/top-protocol.md 6.2 to 6.5.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

Plain = str | int | bytes | None


class Kind(IntEnum):
    """What a frame is for."""

    CONNECT = 0
    CONNECTACK = 1
    SEND = 2
    SENDACK = 3


class Format(IntEnum):
    """How the value of a custom entry is written."""

    VOID = 0
    TEXT = 1
    BYTE = 2
    INT16 = 3
    INT32 = 4
    INT64 = 5
    DATE = 6  # milliseconds since the epoch
    BYTES = 7


class Value(NamedTuple):
    """A custom entry's value and how it is written."""

    format: Format
    plain: Plain


class Malformed(ValueError):
    """The bytes are no frame: cut short, of another version, or with an entry nobody knows."""


VERSIONS = (1, 2)
_END, _CUSTOM, _STATUS, _PHRASE, _FLAG, _TOKEN = range(6)
_INT16, _INT32 = struct.Struct("<h"), struct.Struct("<i")
_HEADS = tuple(_INT16.pack(entry) for entry in range(6))
_NUMBERS = {
    Format.BYTE: struct.Struct("<b"),
    Format.INT16: _INT16,
    Format.INT32: _INT32,
    Format.INT64: struct.Struct("<q"),
    Format.DATE: struct.Struct("<q"),
}


def text(value: str) -> Value:
    """Writes a counted string."""
    return Value(Format.TEXT, value)


def byte(value: int) -> Value:
    """Writes one byte."""
    return Value(Format.BYTE, value)


def int64(value: int) -> Value:
    """Writes eight bytes."""
    return Value(Format.INT64, value)


def date(at: float) -> Value:
    """Writes seconds since the epoch as the protocol's milliseconds."""
    return Value(Format.DATE, round(at * 1000))


def packed(value: bytes) -> Value:
    """Writes raw bytes, gzip for instance."""
    return Value(Format.BYTES, value)


@dataclass(slots=True)
class Frame:
    """One message of the protocol; what is absent on the wire has its default here."""

    kind: Kind
    version: int = 2
    status: int | None = None
    phrase: str = ""
    flag: int | None = None
    token: str = ""
    customs: Mapping[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Plain:
        """Returns a custom entry's value; None when it is absent or void."""
        value = self.customs.get(name)
        return value.plain if value else None

    def word(self, name: str) -> str:
        """Returns a custom entry as text; "" when it is absent or no text."""
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Returns a custom entry as a whole number, however wide it was written; None when it is none."""
        value = self.get(name)
        return value if isinstance(value, int) else None


def encode(frame: Frame) -> bytes:
    """Writes a frame, entries in the order of the official client. Raises: ValueError when a number does not fit."""
    parts = [bytes((frame.version, frame.kind))]
    if frame.status is not None:
        parts.append(_HEADS[_STATUS] + _int32(frame.status))
    if frame.phrase:
        parts.append(_HEADS[_PHRASE] + _counted(frame.phrase.encode()))
    if frame.flag is not None:
        parts.append(_HEADS[_FLAG] + _int32(frame.flag))
    if frame.token:
        parts.append(_HEADS[_TOKEN] + _counted(frame.token.encode()))
    for name, value in frame.customs.items():
        parts.append(_custom_head(name, value.format))
        parts.append(_write(value))
    parts.append(_HEADS[_END])
    return b"".join(parts)


@lru_cache(maxsize=256)
def _custom_head(name: str, form: Format) -> bytes:
    return _HEADS[_CUSTOM] + _counted(name.encode()) + bytes((form,))


def _write(value: Value) -> bytes:
    form, plain = value
    if isinstance(plain, str):
        return _counted(plain.encode())
    if isinstance(plain, bytes):
        return _counted(plain)
    if plain is None:
        return b""
    try:
        return _NUMBERS[form].pack(plain)
    except struct.error as error:
        raise ValueError(f"{plain} does not fit {form.name}") from error


def _counted(raw: bytes) -> bytes:
    return _int32(len(raw)) + raw


def _int32(number: int) -> bytes:
    try:
        return _INT32.pack(number)
    except struct.error as error:
        raise ValueError(f"{number} does not fit INT32") from error


def decode(raw: bytes) -> Frame:
    """Reads a frame; entries in any order, the last of equal ones wins, bytes after the end are ignored. Raises: Malformed."""
    if len(raw) < 2 or raw[0] not in VERSIONS or raw[1] > Kind.SENDACK:
        raise Malformed("no frame of version 1 or 2")
    try:
        return _read(raw)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed(f"cut short or not UTF-8: {error}") from error


def _read(raw: bytes) -> Frame:
    customs: dict[str, Value] = {}
    frame = Frame(Kind(raw[1]), raw[0], customs=customs)
    at = 2
    while True:
        (entry,) = _INT16.unpack_from(raw, at)
        at += 2
        if entry == _CUSTOM:
            name, at = _text(raw, at)
            customs[name], at = _value(raw, at)
        elif entry == _TOKEN:
            frame.token, at = _text(raw, at)
        elif entry == _FLAG:
            frame.flag, at = _number(raw, at, _INT32)
        elif entry == _STATUS:
            frame.status, at = _number(raw, at, _INT32)
        elif entry == _PHRASE:
            frame.phrase, at = _text(raw, at)
        elif entry == _END:
            return frame
        else:
            raise Malformed(f"unknown entry {entry}")


def _value(raw: bytes, at: int) -> tuple[Value, int]:
    try:
        form = Format(raw[at])
    except ValueError as error:
        raise Malformed(f"unknown format {raw[at]}") from error
    return _read_plain(raw, at + 1, form)


def _read_plain(raw: bytes, at: int, form: Format) -> tuple[Value, int]:
    if form == Format.TEXT:
        plain, at = _text(raw, at)
        return Value(form, plain), at
    if form == Format.BYTES:
        content, at = _slice(raw, at)
        return Value(form, content), at
    if form == Format.VOID:
        return Value(form, None), at
    number, at = _number(raw, at, _NUMBERS[form])
    return Value(form, number), at


def _number(raw: bytes, at: int, form: struct.Struct) -> tuple[int, int]:
    return form.unpack_from(raw, at)[0], at + form.size


def _text(raw: bytes, at: int) -> tuple[str, int]:
    content, at = _slice(raw, at)
    return content.decode(), at


def _slice(raw: bytes, at: int) -> tuple[bytes, int]:
    (size,) = _INT32.unpack_from(raw, at)
    start, end = at + 4, at + 4 + size
    if size < 0 or end > len(raw):
        raise Malformed(f"a string of {size} bytes where {len(raw) - start} are left")
    return raw[start:end], end
