"""Frames of the message service: one binary WebSocket message each, little-endian, protocol version 2. Bytes ⇄ values, pure.

Source: top-protocol 6.2 (layout), 6.5 (worked frames), 13 (seen when real clients were run).
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

VERSION = 2


class BadFrame(ValueError):
    """Bytes are no frame of protocol version 2: cut, of another version, or with an entry nobody knows."""


class Byte(int):
    """An integer of one byte."""


class Int16(int):
    """An integer of two bytes."""


class Int32(int):
    """An integer of four bytes."""


class Int64(int):
    """An integer of eight bytes; a plain `int` is written so, too."""


class Date(int):
    """Milliseconds since the epoch."""


Value = str | bytes | int | None


class Type(IntEnum):
    """What a frame is."""

    CONNECT = 0
    CONNECTACK = 1
    SEND = 2
    SENDACK = 3


class Kind(IntEnum):
    """What a SEND is about: its custom value `__kind`."""

    NONE = 0
    PULL = 1
    CONFIRM = 2
    DATA = 3
    FAILED = 20


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. Texts hold bytes that are no UTF-8 as lone surrogates (`surrogateescape`), so that nothing is lost."""

    type: int
    customs: Mapping[str, Value] = field(default_factory=dict)
    status: int | None = None  # StatusCode; None: the frame carries none
    phrase: str | None = None  # StatusPhrase
    flag: int | None = None  # ties an acknowledgement to what it answers
    token: str | None = None  # names the connection once it is acknowledged


_END, _CUSTOM, _STATUS, _PHRASE, _FLAG, _TOKEN = range(6)
_VOID, _STRING, _BYTE, _INT16, _INT32, _INT64, _DATE, _BYTES = range(8)
_ENTRY = struct.Struct("<h")
_LENGTH = struct.Struct("<i")
_NUMBERS: dict[int, tuple[struct.Struct, type[int]]] = {
    _BYTE: (struct.Struct("<b"), Byte),
    _INT16: (struct.Struct("<h"), Int16),
    _INT32: (struct.Struct("<i"), Int32),
    _INT64: (struct.Struct("<q"), Int64),
    _DATE: (struct.Struct("<q"), Date),
}
_FORMATS = {kind: number for number, (_, kind) in _NUMBERS.items()} | {int: _INT64}


def encode(frame: Frame) -> bytes:
    """Writes a frame, entries in the order of the official client; None is left out.

    Raises struct.error for a number its width cannot hold.
    """
    parts = [bytes((VERSION, frame.type))]
    if frame.status is not None:
        parts.append(_ENTRY.pack(_STATUS) + _LENGTH.pack(frame.status))
    if frame.phrase is not None:
        parts.append(_ENTRY.pack(_PHRASE) + _counted(_raw(frame.phrase)))
    if frame.flag is not None:
        parts.append(_ENTRY.pack(_FLAG) + _LENGTH.pack(frame.flag))
    if frame.token is not None:
        parts.append(_ENTRY.pack(_TOKEN) + _counted(_raw(frame.token)))
    for name, value in frame.customs.items():
        parts.append(_ENTRY.pack(_CUSTOM) + _counted(_raw(name)) + _typed(value))
    return b"".join(parts) + _ENTRY.pack(_END)


def _typed(value: Value) -> bytes:
    if value is None:
        return bytes((_VOID,))
    if isinstance(value, str):
        return bytes((_STRING,)) + _counted(_raw(value))
    if isinstance(value, bytes):
        return bytes((_BYTES,)) + _counted(value)
    number = _FORMATS[type(value)]
    return bytes((number,)) + _NUMBERS[number][0].pack(value)


def _counted(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> Frame:
    """Reads a frame: entries in any order, integers of any width; what follows its end is ignored. Raises BadFrame."""
    if len(data) < 4 or data[0] != VERSION:
        raise BadFrame(f"no frame of version {VERSION}: {data[:8].hex()}")
    try:
        return _read(data)
    except (struct.error, IndexError) as error:
        raise BadFrame(f"cut short: {error}") from error


def _read(data: bytes) -> Frame:
    customs: dict[str, Value] = {}
    others: dict[int, Any] = {}
    place = 2
    while entry := _ENTRY.unpack_from(data, place)[0]:
        place += 2
        if entry == _CUSTOM:
            name, place = _take_text(data, place)
            customs[name], place = _take_value(data, place)
        elif entry in _OTHERS:
            others[entry], place = _OTHERS[entry](data, place)
        else:
            raise BadFrame(f"unknown entry {entry}")
    return Frame(
        data[1], customs, others.get(_STATUS), others.get(_PHRASE), others.get(_FLAG), others.get(_TOKEN)
    )


def _take_value(data: bytes, place: int) -> tuple[Value, int]:
    number = data[place]
    place += 1
    if number == _STRING:
        return _take_text(data, place)
    if number in _NUMBERS:
        layout, kind = _NUMBERS[number]
        return kind(layout.unpack_from(data, place)[0]), place + layout.size
    if number == _BYTES:
        return _take_bytes(data, place)
    if number == _VOID:
        return None, place
    raise BadFrame(f"unknown format {number}")


def _take_int(data: bytes, place: int) -> tuple[int, int]:
    return _LENGTH.unpack_from(data, place)[0], place + 4


def _take_text(data: bytes, place: int) -> tuple[str, int]:
    content, place = _take_bytes(data, place)
    return content.decode("utf-8", "surrogateescape"), place


def _take_bytes(data: bytes, place: int) -> tuple[bytes, int]:
    length, place = _take_int(data, place)
    if not 0 <= length <= len(data) - place:
        raise BadFrame(f"a length of {length} with {len(data) - place} bytes left")
    return data[place : place + length], place + length


_OTHERS: dict[int, Callable[[bytes, int], tuple[Any, int]]] = {
    _STATUS: _take_int,
    _PHRASE: _take_text,
    _FLAG: _take_int,
    _TOKEN: _take_text,
}
