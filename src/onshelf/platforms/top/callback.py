"""Calls the platform makes to us (SPI, Qimen): whether one is genuine, fresh, and not played again. Pure.

Source: top-protocol 2.4.
"""

import codecs
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from urllib.parse import parse_qsl, unquote_plus

from onshelf.clock import SECOND_US, to_us
from onshelf.platforms.top.protocol import read_time

SIGNED_HEADERS = "top-sign-list"
FORM = "application/x-www-form-urlencoded"
WINDOW_S = 600.0
"""How far the call's time may be from ours, either way: what the gateway itself grants."""
FAILURE = b'{"flag":"failure","sub_code":"sign-check-failure","sub_message":"Illegal request"}'
"""The answer to a call that is refused, whatever the reason: a forger learns nothing."""


class Fault(StrEnum):
    """Why a call is refused."""

    UNSIGNED = "unsigned"  # no sign, or more than one
    FORGED = "forged"  # the signature is not that of these contents
    UNDATED = "undated"  # no time that could be read
    STALE = "stale"  # too old, or from the future
    REPLAYED = "replayed"  # seen before


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in."""

    query: str  # as in the address, still encoded
    headers: Mapping[str, str]  # names in any case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Genuine:
    """A call the platform made."""

    params: Mapping[str, str]  # of query and form, `sign` left out
    body: bytes


class Replays:
    """Remembers the signatures of genuine calls for as long as their times are fresh; each is good once.

    One for all calls of a process; a new process knows none of the old one's.
    """

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._kept_us = round(
            2 * window_s * SECOND_US
        )  # from the call furthest ahead to the one furthest behind
        self._seen: OrderedDict[str, int] = OrderedDict()  # signature -> when to forget it, earliest first

    def is_new(self, sign: str, now_us: int) -> bool:
        """Tells whether a signature comes for the first time, and remembers it."""
        while self._seen and next(iter(self._seen.values())) < now_us:
            self._seen.popitem(last=False)
        if sign in self._seen:
            return False
        self._seen[sign] = now_us + self._kept_us
        return True


def verify(
    call: Call, secret: str, now_us: int, replays: Replays, *, window_s: float = WINDOW_S
) -> Genuine | Fault:
    """Decides whether the platform made this call, just now, for the first time.

    The signature is looked at first, so that only genuine calls are remembered.
    """
    headers = {name.lower(): value for name, value in call.headers.items()}
    query = parse_qsl(call.query, keep_blank_values=True)
    signs = [value for name, value in query if name == "sign"]
    if len(signs) != 1:
        return Fault.UNSIGNED
    charset, is_form = _form_of(headers.get("content-type", ""))
    params = {name: value for name, value in query if name != "sign"}
    if is_form:
        fields = call.body.decode("utf-8", "replace")
        params |= dict(parse_qsl(fields, keep_blank_values=True, encoding=charset, errors="replace"))
    body = b"" if is_form else call.body
    if not hmac.compare_digest(
        _sign({**_signed_headers(headers), **params}, body, secret, charset), signs[0].encode()
    ):
        return Fault.FORGED
    moment = read_time(params.get("timestamp"))
    if moment is None:
        return Fault.UNDATED
    if abs(to_us(moment) - now_us) > window_s * SECOND_US:
        return Fault.STALE
    return Genuine(params, body) if replays.is_new(signs[0], now_us) else Fault.REPLAYED


def _sign(params: Mapping[str, str], body: bytes, secret: str, charset: str) -> bytes:
    """Signs what a call holds; unlike in requests of ours, blank values count."""
    text = "".join(name + params[name] for name in sorted(params))
    key = secret.encode()
    return hashlib.md5(key + text.encode(charset, "replace") + body + key).hexdigest().upper().encode()


def _signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers that the call says are signed, by the names it gives them; one that is missing counts as blank."""
    names = [name.strip() for name in headers.get(SIGNED_HEADERS, "").split(",") if name.strip()]
    return {name: unquote_plus(headers.get(name.lower(), "")) for name in names}


def _form_of(content_type: str) -> tuple[str, bool]:
    """Reads a content type: its charset (UTF-8 unless told and known), and whether the body is a form."""
    told = Message()
    told["content-type"] = content_type
    charset = told.get_content_charset("utf-8")
    try:
        codecs.lookup(charset)
    except LookupError:
        charset = "utf-8"
    return charset, told.get_content_type() == FORM
